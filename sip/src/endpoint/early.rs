//! What the peer asks before a call is answered: offers by PRACK (RFC 3262 §5) and UPDATE (RFC 3311 §5.2). The owner
//! answers them as it does those of an answered call; one is open at a time, and our 2xx waits for it.

use bytes::Bytes;

use crate::Instant;
use crate::dialog::Dialog;
use crate::message::{Header, Method};
use crate::transaction::{Hop, ServerId};

use super::call::{Call, Side, State};
use super::incoming::with_sdp;
use super::reply::{self, ALLOW, Refusal, SUPPORTED};
use super::{CallKey, Endpoint, Event, Flow};

/// The peer's offers in an early dialog.
#[derive(Debug, Default)]
pub(super) struct EarlyOffers {
    /// The one that waits for the owner.
    open: Option<Asked>,
    /// Our answer to the last that was taken: responses to the INVITE describe nothing any more.
    pub taken: Option<Bytes>,
}

/// Their PRACK or UPDATE, which is answered at the latest then.
#[derive(Debug)]
struct Asked {
    server: ServerId,
    update: bool,
    until: Instant,
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
}

/// What an UPDATE in an early dialog is.
enum Early {
    /// It says where the peer is.
    Refresh,
    /// It offers something.
    Offer(Bytes),
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
        match self.judge_early(&call, server) {
            Err(refusal) => self.respond_plainly(server, &refusal, &call.side, now),
            Ok(early) => {
                if let Some(request) = self.servers.request(server)
                    && let Some(dialog) = call.dialog()
                {
                    dialog.refresh(request, flow);
                }
                match early {
                    Early::Refresh => self.affirm(server, None, &call.side, Hop::back(flow), now),
                    Early::Offer(sdp) => self.put_early(&mut call, server, sdp, now),
                }
            }
        }
        self.keep(call);
    }

    fn judge_early(&mut self, call: &Call, server: ServerId) -> Result<Early, Refusal> {
        let request = self
            .servers
            .request(server)
            .expect("it was opened just now");
        let update = *request.method() == Method::Update;
        let sdp = reply::sdp(request);
        match &call.state {
            // RFC 3261 §14.2: the first INVITE goes before.
            State::Incoming(_) if !update => Err(self.later()),
            State::Incoming(incoming) => {
                let (offers, agreed) = (&incoming.offers, incoming.provisionals.answered);
                let again = offers.open.as_ref().is_some_and(|open| open.update);
                match sdp {
                    None if !again => Ok(Early::Refresh),
                    Some(sdp) if agreed && !offers.is_open() => Ok(Early::Offer(sdp)),
                    // RFC 3311 §5.2: an UPDATE before it, or an offer, has no answer of ours.
                    None | Some(_) => Err(self.later()),
                }
            }
            // Our INVITE is under way.
            State::Dialing(_) if !update => Err(Refusal::new(491)),
            // Our offer has no answer.
            State::Dialing(_) if sdp.is_some() => Err(Refusal::new(491)),
            State::Dialing(_) => Ok(Early::Refresh),
            State::Up(_) | State::Leaving(_) => Err(Refusal::new(481)),
        }
    }

    /// Puts an offer to the owner before the call is answered.
    pub(super) fn put_early(
        &mut self,
        call: &mut Call,
        server: ServerId,
        sdp: Bytes,
        now: Instant,
    ) {
        let State::Incoming(incoming) = &mut call.state else {
            return;
        };
        let request = self.servers.request(server);
        incoming.offers.open = Some(Asked {
            server,
            update: request.is_some_and(|request| *request.method() == Method::Update),
            until: now + self.config.timing.t1 * 8,
        });
        self.tell(Event::Offered {
            call: call.side.key,
            sdp: Some(sdp),
        });
    }

    /// Takes the owner's answer to an offer before the call is answered; without one it is refused.
    pub(super) fn decide_early(
        &mut self,
        mut call: Box<Call>,
        decision: Result<Bytes, Refusal>,
        now: Instant,
    ) {
        let State::Incoming(incoming) = &mut call.state else {
            return self.keep(call);
        };
        let Some(open) = incoming.offers.open.take() else {
            return self.keep(call);
        };
        match decision {
            Ok(sdp) => {
                incoming.offers.taken = Some(sdp.clone());
                let hop = Hop::back(&incoming.flow);
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

    /// Refuses an offer that the owner had time enough for.
    pub(super) fn early_timeout(&mut self, call: &mut Call, now: Instant) -> bool {
        let State::Incoming(incoming) = &mut call.state else {
            return false;
        };
        let Some(open) = incoming.offers.open.take_if(|open| open.until <= now) else {
            return false;
        };
        self.respond_plainly(open.server, &Refusal::new(504), &call.side, now);
        true
    }

    /// Answers what is open in a call that ends (RFC 3261 §15.1.2).
    pub(super) fn settle_early(&mut self, call: &mut Call, now: Instant) {
        if let State::Incoming(incoming) = &mut call.state
            && let Some(open) = incoming.offers.open.take()
        {
            self.respond_plainly(open.server, &Refusal::new(487), &call.side, now);
        }
    }
}
