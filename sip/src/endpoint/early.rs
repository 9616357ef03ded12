//! What the peer asks before a call is answered: offers by PRACK (RFC 3262 §5) and UPDATE (RFC 3311 §5.2). The owner
//! answers them as it does those of an answered call; one is open at a time in a dialog, and our 2xx waits for it. A call of
//! ours has such a dialog with each end that rings reliably.

use bytes::Bytes;

use crate::Instant;
use crate::dialog::Dialog;
use crate::message::{Header, Message, Method};
use crate::transaction::{Hop, ServerId};

use super::call::{Call, Dialing, Exchange, Side, State};
use super::incoming::with_sdp;
use super::reply::{ALLOW, Refusal, SUPPORTED};
use super::{CallKey, Endpoint, Event, Flow, Fork};

/// The peer's offers in an early dialog.
#[derive(Debug, Default)]
pub(super) struct EarlyOffers {
    /// The one that waits for the owner.
    open: Option<Asked>,
    /// Our description in what was agreed on last after one: what answers the INVITE describes nothing any more.
    pub taken: Option<Bytes>,
}

/// Their PRACK or UPDATE, which is answered at the latest then.
#[derive(Debug)]
struct Asked {
    server: ServerId,
    update: bool,
    until: Instant,
}

/// An end that rings reliably, as the caller sees it.
#[derive(Debug)]
pub(super) struct Ringing {
    pub fork: Fork,
    pub dialog: Dialog,
    /// The last RSeq.
    pub rseq: u32,
    /// Whether it answered our offer.
    pub described: bool,
    pub offers: EarlyOffers,
}

/// What an UPDATE in an early dialog is.
enum Early {
    /// It says where the peer is.
    Refresh,
    /// It offers something.
    Offer(Bytes),
}

impl EarlyOffers {
    /// Whether one waits for the owner.
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether what answered the INVITE's offer holds no more, or may soon not.
    pub const fn went_on(&self) -> bool {
        self.open.is_some() || self.taken.is_some()
    }

    /// Returns when the owner has had time enough.
    pub fn due(&self) -> Option<Instant> {
        self.open.as_ref().map(|open| open.until)
    }

    // RFC 3311 §5.2: an UPDATE before it, or an offer, has no answer of ours.
    fn admit(&self, sdp: Option<Bytes>) -> Option<Early> {
        let again = self.open.as_ref().is_some_and(|open| open.update);
        match sdp {
            None if !again => Some(Early::Refresh),
            Some(sdp) if !self.is_open() => Some(Early::Offer(sdp)),
            None | Some(_) => None,
        }
    }

    // Gives what the answered call goes on with.
    fn into_exchange(self) -> Exchange {
        match self.open {
            Some(open) => Exchange::Theirs {
                server: open.server,
                offered: true,
                update: open.update,
                until: open.until,
            },
            None => Exchange::Idle,
        }
    }
}

impl Dialing {
    /// Returns the early dialog with the end of that tag.
    pub fn with(&mut self, tag: &str) -> Option<&mut Ringing> {
        self.early.iter_mut().find(|early| early.tag() == tag)
    }

    /// Returns the one that a reliable response is of, begun by it or before.
    pub fn early_with(&mut self, response: &Message, flow: &Flow) -> &mut Ringing {
        let tag = response.to().tag().unwrap_or_default();
        let known = self.early.iter().position(|early| early.tag() == tag);
        let at = known.unwrap_or_else(|| {
            self.early.push(Ringing {
                fork: Fork(self.forks),
                dialog: Dialog::from_response(response, flow),
                rseq: 0,
                described: false,
                offers: EarlyOffers::default(),
            });
            self.forks += 1;
            self.early.len() - 1
        });
        &mut self.early[at]
    }

    /// Takes out the one that a 2xx answers.
    pub fn take_answered(&mut self, response: &Message) -> Option<Ringing> {
        let tag = response.to().tag().unwrap_or_default();
        let at = self.early.iter().position(|early| early.tag() == tag)?;
        Some(self.early.swap_remove(at))
    }
}

impl Ringing {
    fn tag(&self) -> &str {
        self.dialog.remote_tag().unwrap_or_default()
    }

    /// Goes on in the answered call where its early dialog stopped; returns what is under way, and our description where it is
    /// another than the INVITE's.
    pub fn go_on_in(self, dialog: &mut Dialog) -> (Exchange, Option<Bytes>) {
        dialog.continue_from(&self.dialog);
        let taken = self.offers.taken.clone();
        (self.offers.into_exchange(), taken)
    }
}

impl State {
    // The offers of an early dialog.
    fn early_offers(&mut self, fork: Option<Fork>) -> Option<&mut EarlyOffers> {
        match self {
            Self::Incoming(incoming) => Some(&mut incoming.offers),
            Self::Dialing(dialing) => {
                let mut early = dialing.early.iter_mut();
                let early = early.find(|early| Some(early.fork) == fork)?;
                Some(&mut early.offers)
            }
            Self::Up(_) | Self::Leaving(_) => None,
        }
    }

    // Where a response in an early dialog goes.
    fn early_hop(&self, fork: Option<Fork>) -> Option<Hop> {
        match self {
            Self::Incoming(incoming) => Some(Hop::back(&incoming.flow)),
            Self::Dialing(dialing) => {
                let mut early = dialing.early.iter();
                let early = early.find(|early| Some(early.fork) == fork)?;
                Some(early.dialog.hop())
            }
            Self::Up(_) | Self::Leaving(_) => None,
        }
    }

    // Takes out what is open and picked.
    fn take_asked(&mut self, picked: impl Fn(&Asked) -> bool) -> Vec<Asked> {
        match self {
            Self::Incoming(incoming) => {
                let open = incoming.offers.open.take_if(|open| picked(open));
                open.into_iter().collect()
            }
            Self::Dialing(dialing) => {
                let early = dialing.early.iter_mut();
                let open = early.filter_map(|early| early.offers.open.take_if(|open| picked(open)));
                open.collect()
            }
            Self::Up(_) | Self::Leaving(_) => Vec::new(),
        }
    }
}

impl Endpoint {
    /// Begins the dialog of a call that came in, as the first thing is asked in it.
    pub(super) fn begin_dialog(&self, call: &mut Call) {
        let Call { side, state, .. } = call;
        if let State::Incoming(incoming) = state
            && incoming.dialog.is_none()
            && let Some(invite) = self.servers.request(incoming.server)
        {
            let tag = side.tag.to_string();
            let dialog = Dialog::from_request(invite, &incoming.flow, &tag, 0);
            incoming.dialog = Some(Box::new(dialog));
        }
    }

    /// Takes a re-INVITE or UPDATE of a call that has no final response.
    pub(super) fn receive_early(
        &mut self,
        mut call: Box<Call>,
        server: ServerId,
        flow: &Flow,
        now: Instant,
    ) {
        match self.judge_early(&mut call, server) {
            Err(refusal) => self.respond_plainly(server, &refusal, &call.side, now),
            Ok((early, fork)) => {
                if let Some(request) = self.servers.request(server)
                    && let Some(dialog) = call.dialog_of(request)
                {
                    dialog.refresh(request, flow);
                }
                match early {
                    Early::Refresh => self.affirm(server, None, &call.side, Hop::back(flow), now),
                    Early::Offer(sdp) => self.put_early(&mut call, server, (fork, sdp), now),
                }
            }
        }
        self.keep(call);
    }

    fn judge_early(
        &mut self,
        call: &mut Call,
        server: ServerId,
    ) -> Result<(Early, Option<Fork>), Refusal> {
        let later = self.later();
        let request = self
            .servers
            .request(server)
            .expect("it was opened just now");
        let update = *request.method() == Method::Update;
        let sdp = request.description();
        match &mut call.state {
            // RFC 3261 §14.2: the first INVITE goes before.
            State::Incoming(_) if !update => Err(later),
            // Our answer is due.
            State::Incoming(incoming) if sdp.is_some() && !incoming.provisionals.answered => {
                Err(later)
            }
            State::Incoming(incoming) => {
                let early = incoming.offers.admit(sdp).ok_or(later)?;
                Ok((early, None))
            }
            // RFC 3261 §14.2: our INVITE is under way.
            State::Dialing(_) if !update => Err(Refusal::new(491)),
            State::Dialing(dialing) => {
                let tag = request.from().tag().unwrap_or_default();
                let Some(ringing) = dialing.with(tag) else {
                    return match sdp {
                        Some(_) => Err(Refusal::new(491)),
                        None => Ok((Early::Refresh, None)),
                    };
                };
                // RFC 3311 §5.2: our offer has no answer.
                if sdp.is_some() && !ringing.described {
                    return Err(Refusal::new(491));
                }
                let early = ringing.offers.admit(sdp).ok_or(later)?;
                Ok((early, Some(ringing.fork)))
            }
            State::Up(_) | State::Leaving(_) => Err(Refusal::new(481)),
        }
    }

    /// Puts an offer to the owner before the call is answered.
    pub(super) fn put_early(
        &mut self,
        call: &mut Call,
        server: ServerId,
        (fork, sdp): (Option<Fork>, Bytes),
        now: Instant,
    ) {
        let request = self.servers.request(server);
        let update = request.is_some_and(|request| *request.method() == Method::Update);
        let Some(offers) = call.state.early_offers(fork) else {
            return;
        };
        offers.open = Some(Asked {
            server,
            update,
            until: now + self.config.timing.t1 * 8,
        });
        self.tell(Event::Offered {
            call: call.side.key,
            fork,
            sdp: Some(sdp),
        });
    }

    /// Takes the owner's answer to an offer before the call is answered; without one it is refused.
    pub(super) fn decide_early(
        &mut self,
        mut call: Box<Call>,
        fork: Option<Fork>,
        decision: Result<Bytes, Refusal>,
        now: Instant,
    ) {
        let hop = call.state.early_hop(fork);
        let offers = call.state.early_offers(fork);
        let Some((offers, hop)) = offers.zip(hop) else {
            return self.keep(call);
        };
        let Some(open) = offers.open.take() else {
            return self.keep(call);
        };
        match decision {
            Ok(sdp) => {
                offers.taken = Some(sdp.clone());
                self.affirm(open.server, Some(sdp), &call.side, hop, now);
            }
            Err(refusal) => self.respond_plainly(open.server, &refusal, &call.side, now),
        }
        let key = call.side.key;
        self.keep(call);
        self.go_on(key, now);
    }

    // The 200 to a PRACK or UPDATE; an UPDATE refreshes the target.
    fn affirm(
        &mut self,
        server: ServerId,
        sdp: Option<Bytes>,
        side: &Side,
        hop: Hop,
        now: Instant,
    ) {
        let Some(request) = self.servers.request(server) else {
            return;
        };
        let refreshes = *request.method() == Method::Update;
        let contact = refreshes.then(|| self.contact_of(side, hop));
        let builder = self
            .reply(request, 200, None, &side.tag.to_string(), &side.marks)
            .maybe(Header::Contact, contact)
            .header(Header::Allow, ALLOW)
            .header(Header::Supported, SUPPORTED);
        self.respond(server, 200, with_sdp(builder, sdp).build(), now);
    }

    /// Sends what waited for a PRACK or for the owner, once neither is awaited.
    pub(super) fn go_on(&mut self, key: CallKey, now: Instant) {
        let Some(call) = self.call_mut(key) else {
            return;
        };
        let State::Incoming(incoming) = &mut call.state else {
            return;
        };
        if incoming.holds_answer() {
            return;
        }
        if let Some(sdp) = incoming.provisionals.answer.take() {
            return self.answer(key, sdp, now);
        }
        if let Some(next) = incoming.provisionals.next() {
            self.provide(key, next, now);
        }
    }

    /// Refuses what the owner had time enough for; tells whether there was anything.
    pub(super) fn early_timeout(&mut self, call: &mut Call, now: Instant) -> bool {
        let late = call.state.take_asked(|open| open.until <= now);
        for open in &late {
            self.respond_plainly(open.server, &Refusal::new(504), &call.side, now);
        }
        !late.is_empty()
    }

    /// Answers what is open in early dialogs that end (RFC 3261 §15.1.2).
    pub(super) fn settle_early(&mut self, call: &mut Call, now: Instant) {
        for open in call.state.take_asked(|_| true) {
            self.respond_plainly(open.server, &Refusal::new(487), &call.side, now);
        }
    }
}
