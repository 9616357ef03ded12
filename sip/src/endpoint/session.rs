//! Session timers in both roles (RFC 4028): a call whose peer has vanished ends, and proxies between may forget it safely.

use std::{fmt, time::Duration};

use bytes::Bytes;

use crate::Instant;
use crate::message::{Builder, Header, Message, Method, Refresher, SessionExpires};
use crate::siprec;
use crate::transaction::{ClientId, Hop, ServerId};

use super::call::{Call, Exchange, Ours, State};
use super::reply::{ALLOW, Refusal, SUPPORTED};
use super::{Cause, Endpoint, Event, Flow};

/// The option tag of session timers.
pub(super) const TIMER: &str = "timer";
/// Below this nobody may ask, unless our own settings allow it (§4).
const LEAST: u32 = 90;
/// Before the end of a session, BYE is sent this long (§10), or a third of it where that is less.
const MARGIN: Duration = Duration::from_secs(32);
/// A refresh that was refused for the moment is tried again after this.
const AGAIN: Duration = Duration::from_secs(10);
/// How often proxies on the way may each ask for a longer session.
const MOST_RAISES: u8 = 5;

/// What keeps an answered call alive.
#[derive(Debug)]
pub(super) struct Upkeep {
    /// The session's interval in seconds.
    pub interval: u32,
    /// The least that the peer said it takes, in seconds; 0 while it did not.
    pub least: u32,
    /// When our refresh is due; none while one is under way, or when refreshing is the peer's.
    pub refresh_at: Option<Instant>,
    /// Whether we refresh.
    pub ours: bool,
    /// When the session is over without a refresh.
    pub over_at: Instant,
    /// Our UPDATE that refreshes.
    pub client: Option<ClientId>,
    /// Whether the peer takes UPDATE.
    pub updates: bool,
    /// Our session description that is in force.
    pub described: Bytes,
}

/// What an answer to a refresh says of the session.
pub(super) struct Agreed {
    header: SessionExpires,
    require: bool,
}

impl Agreed {
    /// Writes it into a 2xx (§9).
    pub fn write(&self, builder: Builder) -> Builder {
        builder
            .header(Header::SessionExpires, self.header)
            .maybe(Header::Require, self.require.then_some(TIMER))
    }

    fn is_ours(&self) -> bool {
        self.header.refresher == Some(Refresher::Uas)
    }
}

impl Upkeep {
    /// Begins it: `message` is the peer's INVITE or its 2xx, `described` our side of what was agreed.
    pub fn new(message: &Message, described: Bytes) -> Self {
        let mut upkeep = Self {
            interval: 0,
            least: 0,
            refresh_at: None,
            ours: false,
            over_at: Instant::START,
            client: None,
            updates: false,
            described,
        };
        upkeep.learn(message);
        upkeep
    }

    fn learn(&mut self, message: &Message) {
        if message.header(Header::Allow).is_some() {
            self.updates = message.allow().any(|method| method == Method::Update);
        }
    }

    fn renew(&mut self, interval: u32, ours: bool, now: Instant) {
        let span = Duration::from_secs(u64::from(interval));
        self.interval = interval;
        self.ours = ours;
        self.refresh_at = ours.then(|| now + span / 2);
        self.over_at = now + span.saturating_sub(MARGIN.min(span / 3));
    }

    /// Takes what we answered to a refresh of the peer.
    pub fn answered(&mut self, request: &Message, agreed: &Agreed, now: Instant) {
        self.learn(request);
        self.renew(agreed.header.seconds, agreed.is_ours(), now);
    }

    /// Takes the peer's 2xx to a refresh of ours. A peer without timers is refreshed by us all the same: it answers, or
    /// it is gone.
    pub fn accepted(&mut self, response: &Message, asked: u32, now: Instant) {
        self.learn(response);
        let told = response.session_expires();
        let interval = told.map_or(asked, |told| told.seconds.max(1));
        let theirs = told.is_some_and(|told| told.refresher == Some(Refresher::Uas));
        self.renew(interval, !theirs, now);
    }

    /// Returns when something is due.
    pub fn due(&self) -> Instant {
        self.refresh_at
            .map_or(self.over_at, |at| at.min(self.over_at))
    }

    /// Writes what a refresh of ours asks for.
    pub fn ask(&self, builder: Builder) -> Builder {
        let refresher = match self.ours {
            true => Refresher::Uac,
            false => Refresher::Uas,
        };
        let session = SessionExpires {
            seconds: self.interval,
            refresher: Some(refresher),
        };
        ask_for(builder, session, self.least)
    }

    /// Takes a 422: a longer session is asked for, if that is what was meant (§7.3).
    pub fn raise(&mut self, response: &Message) -> bool {
        let Some(longer) = response.min_se().filter(|least| *least > self.interval) else {
            return false;
        };
        (self.interval, self.least) = (longer, longer);
        true
    }
}

/// Writes how long a session is asked for, and the least that the peer said it takes: whoever was told 422 repeats it
/// (RFC 4028 §7.3).
pub(super) fn ask_for(builder: Builder, session: impl fmt::Display, least: u32) -> Builder {
    let builder = builder.header(Header::SessionExpires, session);
    match least {
        0 => builder,
        least => builder.header(Header::MinSe, least),
    }
}

impl Endpoint {
    /// Returns the interval that our INVITEs ask for, in seconds.
    pub(super) fn session_interval(&self) -> u32 {
        let seconds = self.config.timing.session.as_secs();
        u32::try_from(seconds)
            .unwrap_or(u32::MAX)
            .max(self.least_session())
    }

    fn least_session(&self) -> u32 {
        u32::try_from(self.config.timing.least_session.as_secs()).unwrap_or(LEAST)
    }

    /// Refuses a session that is too short (§6, §9).
    pub(super) fn check_session(&self, request: &Message) -> Result<(), Refusal> {
        let least = self.least_session();
        match request.session_expires() {
            Some(asked) if asked.seconds < least => {
                Err(Refusal::new(422).with(Header::MinSe, least))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Works out what we answer to a request that refreshes a session (§9).
    pub(super) fn agree_session(&self, request: &Message) -> Agreed {
        let asked = request.session_expires();
        let ours = self.session_interval();
        let least = request.min_se().unwrap_or(0).max(self.least_session());
        let seconds = asked
            .map_or(ours, |asked| asked.seconds.min(ours))
            .max(least);
        let supports = request.supports(TIMER);
        let refresher = match asked.and_then(|asked| asked.refresher) {
            Some(refresher) if supports => refresher,
            None if supports => Refresher::Uac,
            Some(_) | None => Refresher::Uas,
        };
        Agreed {
            header: SessionExpires {
                seconds,
                refresher: Some(refresher),
            },
            require: refresher == Refresher::Uac,
        }
    }

    /// Takes a 422 to an INVITE of ours that is being dialled; tells whether it is to be sent again.
    pub(super) fn session_raised(call: &mut Call, response: &Message) -> bool {
        let State::Dialing(dialing) = &mut call.state else {
            return false;
        };
        let asked = dialing.invite.session;
        match response.min_se() {
            Some(longer) if longer > asked && dialing.raises < MOST_RAISES => {
                dialing.raises += 1;
                dialing.invite.session = longer;
                dialing.invite.least = longer;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Does what is due for the session of an answered call; gives the call back unless it ended.
    pub(super) fn session_timeout(
        &mut self,
        mut call: Box<Call>,
        now: Instant,
    ) -> Option<Box<Call>> {
        let State::Up(up) = &mut call.state else {
            return Some(call);
        };
        if up.upkeep.over_at <= now {
            self.lose(call, Cause::text("the session was not refreshed"), now);
            return None;
        }
        if up.upkeep.refresh_at.is_some_and(|at| at <= now) {
            up.upkeep.refresh_at = None;
            self.refresh(&mut call, now);
        }
        Some(call)
    }

    // RFC 4028 §7.4: by UPDATE where the peer takes it, as that says nothing of the media.
    fn refresh(&mut self, call: &mut Call, now: Instant) {
        let Call { side, state, .. } = call;
        let State::Up(up) = state else { return };
        if !up.upkeep.updates {
            let described = up.upkeep.described.clone();
            // An offer that waits, or is under way, refreshes too.
            if matches!(up.exchange, Exchange::Idle) {
                up.wanted.get_or_insert(Ours::again(described));
            }
            up.upkeep.refresh_at = Some(now + AGAIN);
            return self.offer_wanted(call, now);
        }
        let cseq = up.dialog.next_cseq();
        let (branch, hop, builder) = self.compose(side, &up.dialog, &Method::Update, cseq);
        let bytes = up
            .upkeep
            .ask(builder)
            .header(Header::Contact, self.contact_of(side, hop))
            .header(Header::Allow, ALLOW)
            .header(Header::Supported, SUPPORTED)
            .build();
        let client = self.send(Method::Update, branch, hop, bytes, Some(side.key), now);
        up.upkeep.client = Some(client);
    }

    /// Takes a response to our UPDATE that refreshes.
    pub(super) fn refresh_answered(
        &mut self,
        mut call: Box<Call>,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) {
        let Call { side, state, .. } = &mut *call;
        let State::Up(up) = state else {
            return self.keep(call);
        };
        let code = response.status().map_or(0, |status| status.code());
        if code < 200 {
            return self.keep(call);
        }
        up.upkeep.client = None;
        match code {
            200..300 => {
                side.unchallenged();
                up.dialog.refresh(response, flow);
                let asked = up.upkeep.interval;
                up.upkeep.accepted(response, asked, now);
            }
            401 | 407 if self.challenged(side, response) => self.refresh(&mut call, now),
            422 if up.upkeep.raise(response) => self.refresh(&mut call, now),
            // RFC 3261 §12.2.1.2: the dialog is gone, or nobody is there.
            408 | 481 => {
                let cause = Cause {
                    sip: Some(code),
                    ..Cause::default()
                };
                return self.lose(call, cause, now);
            }
            405 | 501 => {
                up.upkeep.updates = false;
                up.upkeep.refresh_at = Some(now);
            }
            // The peer is there, but not in the mood.
            _ => up.upkeep.refresh_at = Some(now + AGAIN),
        }
        self.keep(call);
    }

    /// Takes in that a request of ours within a call could not be sent: what refreshes is tried again for as long as the session
    /// lasts (RFC 4028 §10), and an offer of the owner's is refused.
    pub(super) fn unsent_within(&mut self, mut call: Box<Call>, client: ClientId, now: Instant) {
        let Call { side, state, .. } = &mut *call;
        let State::Up(up) = state else {
            return self.keep(call);
        };
        let again = match &up.exchange {
            Exchange::Ours {
                client: ours,
                offer,
            } if *ours == client => Some(offer.again),
            _ => None,
        };
        if up.upkeep.client == Some(client) || again == Some(true) {
            up.upkeep.refresh_at = Some(now + AGAIN);
        }
        if up.upkeep.client == Some(client) {
            up.upkeep.client = None;
        }
        if let Some(again) = again {
            up.exchange = Exchange::Idle;
            if !again {
                let call = side.key;
                self.tell(Event::OfferRefused { call, code: 503 });
            }
            self.offer_wanted(&mut call, now);
        }
        self.keep(call);
    }

    /// Answers an UPDATE without an offer: it refreshes target and session, and changes nothing else.
    pub(super) fn accept_refresh(
        &mut self,
        mut call: Box<Call>,
        server: ServerId,
        flow: &Flow,
        now: Instant,
    ) {
        let Some(request) = self.servers.request(server) else {
            return self.keep(call);
        };
        let agreed = self.agree_session(request);
        let asks = request.has_content(siprec::REQUEST);
        let tag = call.side.tag.to_string();
        let builder = self.reply(request, 200, None, &tag, &call.side.marks);
        let builder = builder
            .header(
                Header::Contact,
                self.contact_of(&call.side, Hop::back(flow)),
            )
            .header(Header::Allow, ALLOW)
            .header(Header::Supported, SUPPORTED);
        if let State::Up(up) = &mut call.state {
            up.upkeep.answered(request, &agreed, now);
        }
        self.respond(server, 200, agreed.write(builder).build(), now);
        if asks {
            self.tell_again(&mut call, now);
        }
        self.keep(call);
    }
}
