//! Reliable provisional responses in both roles (RFC 3262).

use std::collections::VecDeque;

use bytes::Bytes;
use rand::RngExt;

use crate::Instant;
use crate::message::{Builder, Header, Message, Method};
use crate::transaction::{Hop, Repeat, ServerId};

use super::call::{Call, State, Up};
use super::reply::Refusal;
use super::{Endpoint, Event, Flow};

/// The option tag of reliable provisional responses.
pub(super) const RELIABLE: &str = "100rel";
/// Provisional responses that may wait for the PRACK of the one before them; further ones are left out.
const WAITING: usize = 8;
/// How many ends that ring reliably are followed in one call.
const MOST_EARLY: usize = 16;

/// Provisional responses of ours to one INVITE.
#[derive(Debug)]
pub(super) struct Provisionals {
    wish: Wish,
    /// The RSeq of the last one.
    rseq: u32,
    /// The one that has no PRACK yet; there is one at a time (§3).
    pub open: Option<Open>,
    waiting: VecDeque<Provisional>,
    /// Whether our answer to their offer left with one that is reliable.
    pub answered: bool,
    /// Our answer, which waits for the PRACK.
    pub answer: Option<Bytes>,
}

/// What the caller said of reliability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    None,
    Supported,
    Required,
}

/// A provisional response that is repeated until its PRACK comes.
#[derive(Debug)]
pub(super) struct Open {
    bytes: Bytes,
    hop: Hop,
    again: Repeat,
    until: Instant,
    /// Whether it carried a session description, before whose PRACK there is no 2xx.
    described: bool,
}

impl Open {
    pub fn due(&self) -> Instant {
        self.again.due().min(self.until)
    }
}

/// One that is to be sent.
#[derive(Clone, Debug)]
pub(super) struct Provisional {
    pub code: u16,
    pub reason: Option<String>,
    pub sdp: Option<Bytes>,
}

/// How one is sent.
pub(super) enum Way {
    Plain,
    Reliable(u32),
}

impl Way {
    pub fn write(&self, builder: Builder) -> Builder {
        match self {
            Self::Plain => builder,
            Self::Reliable(rseq) => builder
                .header(Header::Require, RELIABLE)
                .header(Header::RSeq, rseq),
        }
    }
}

impl Provisionals {
    pub fn new(invite: &Message, first: u32) -> Self {
        let is = |tag: &str| tag.eq_ignore_ascii_case(RELIABLE);
        let wish = if invite.require().any(is) {
            Wish::Required
        } else if invite.supported().any(is) {
            Wish::Supported
        } else {
            Wish::None
        };
        Self {
            wish,
            rseq: first,
            open: None,
            waiting: VecDeque::new(),
            answered: false,
            answer: None,
        }
    }

    /// Tells how one is sent now; none when it waits, or is left out.
    pub fn way(&mut self, next: &Provisional, offered: bool) -> Option<Way> {
        if self.open.is_some() {
            if self.waiting.len() < WAITING {
                self.waiting.push_back(next.clone());
            }
            return None;
        }
        match self.wish {
            // §5: a reliable response to an INVITE without an offer would have to carry ours; the 2xx does.
            Wish::Required if !offered => None,
            Wish::Required => Some(self.reliable()),
            // Early media is lost with the response that describes it; ringing is not worth another round trip.
            Wish::Supported if offered && next.sdp.is_some() => Some(self.reliable()),
            Wish::Supported | Wish::None => Some(Way::Plain),
        }
    }

    fn reliable(&mut self) -> Way {
        // §3: it begins between 1 and 2^31 - 1, so a call never comes round.
        self.rseq = self.rseq.saturating_add(1);
        Way::Reliable(self.rseq)
    }

    /// Returns the next that may be sent.
    pub fn next(&mut self) -> Option<Provisional> {
        match &self.open {
            Some(_) => None,
            None => self.waiting.pop_front(),
        }
    }

    /// Returns the RSeq of the one that has no PRACK yet, and the INVITE's CSeq that names it with that.
    pub fn unacknowledged(&self, cseq: u32) -> Option<(u32, u32)> {
        self.open.is_some().then_some((self.rseq, cseq))
    }

    /// Tells whether a 2xx must wait (§3).
    pub fn holds_answer(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.described)
    }
}

impl Up {
    // §3: a 2xx ends the repetitions, and what is on its way is taken all the same.
    fn takes_late(&mut self, rack: Option<&(u32, u32, Method)>) -> bool {
        let is_named =
            |&mut (rseq, cseq): &mut (u32, u32)| rack == Some(&(rseq, cseq, Method::Invite));
        self.unacknowledged.take_if(is_named).is_some()
    }
}

impl Endpoint {
    /// Remembers a reliable response that has just left.
    pub(super) fn await_prack(
        &self,
        way: &Way,
        hop: Hop,
        bytes: Bytes,
        described: bool,
        now: Instant,
    ) -> Option<Open> {
        let timing = &self.config.timing;
        matches!(way, Way::Reliable(_)).then(|| Open {
            bytes,
            hop,
            // §3: the pauses double without a bound.
            again: Repeat::new(timing.t1, timing.give_up(), now),
            until: now + timing.give_up(),
            described,
        })
    }

    /// Takes a PRACK; what waited for it goes out.
    pub(super) fn receive_prack(&mut self, mut call: Box<Call>, server: ServerId, now: Instant) {
        let key = call.side.key;
        let request = self.servers.request(server);
        let (rack, offer) = match request {
            Some(request) => (request.rack(), request.description()),
            None => return self.keep(call),
        };
        let State::Incoming(incoming) = &mut call.state else {
            let late = match &mut call.state {
                State::Up(up) => up.takes_late(rack.as_ref()),
                State::Incoming(_) | State::Dialing(_) | State::Leaving(_) => false,
            };
            let code = match (late, offer) {
                (false, _) => 481,
                (true, Some(_)) => 488,
                (true, None) => 200,
            };
            self.respond_plainly(server, &Refusal::new(code), &call.side, now);
            return self.keep(call);
        };
        let invite = self.servers.request(incoming.server);
        let number = invite.map(|invite| invite.cseq().number);
        let matches = rack.is_some_and(|(rseq, cseq, method)| {
            method == Method::Invite && rseq == incoming.provisionals.rseq && Some(cseq) == number
        });
        if !matches || incoming.provisionals.open.is_none() {
            self.respond_plainly(server, &Refusal::new(481), &call.side, now);
            return self.keep(call);
        }
        incoming.provisionals.open = None;
        // §5: a further offer may come once the first has its answer.
        let may_offer = incoming.provisionals.answered && !incoming.offers.is_open();
        match offer {
            Some(sdp) if may_offer => self.put_early(&mut call, server, (None, sdp), now),
            Some(_) => self.respond_plainly(server, &Refusal::new(488), &call.side, now),
            None => self.respond_plainly(server, &Refusal::new(200), &call.side, now),
        }
        self.keep(call);
        self.go_on(key, now);
    }

    /// Repeats what has no PRACK; after 64 times T1 the call is refused (§3). Gives the call back unless it ended.
    pub(super) fn prack_timeout(&mut self, mut call: Box<Call>, now: Instant) -> Option<Box<Call>> {
        let State::Incoming(incoming) = &mut call.state else {
            return Some(call);
        };
        let server = incoming.server;
        let Some(open) = &mut incoming.provisionals.open else {
            return Some(call);
        };
        if open.until <= now {
            let refusal = Refusal::because(504, "No PRACK");
            self.settle_early(&mut call, now);
            self.respond_plainly(server, &refusal, &call.side, now);
            let cause = Some(super::Cause::text("no PRACK"));
            let call_key = call.side.key;
            self.tell(Event::Cancelled {
                call: call_key,
                cause,
            });
            self.release(call);
            return None;
        }
        if open.again.fires(now) {
            let (hop, bytes) = (open.hop, open.bytes.clone());
            self.counters.retransmissions += 1;
            self.transmit(hop, bytes);
        }
        Some(call)
    }

    /// Takes a provisional response to our INVITE: one that is reliable gets its PRACK. Tells whether it is news (§4).
    pub(super) fn progressed(
        &mut self,
        call: &mut Call,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) -> bool {
        let is_reliable = response
            .require()
            .any(|tag| tag.eq_ignore_ascii_case(RELIABLE));
        let (true, Some(rseq)) = (is_reliable, response.rseq()) else {
            return true;
        };
        let Call { side, state, .. } = call;
        let State::Dialing(dialing) = state else {
            return true;
        };
        let tag = response.to().tag().unwrap_or_default();
        let early = match dialing.with(tag).map(|early| early.rseq) {
            // A repetition, or one that overtook the one before it.
            Some(last) if rseq != last.wrapping_add(1) => return false,
            None if dialing.early.len() >= MOST_EARLY => return false,
            Some(_) | None => dialing.early_with(response, flow),
        };
        early.rseq = rseq;
        early.described |= response.description().is_some();
        let cseq = early.dialog.next_cseq();
        let (branch, hop, builder) = self.compose(side, &early.dialog, &Method::Prack, cseq);
        let bytes = builder
            .header(
                Header::RAck,
                format_args!("{rseq} {} INVITE", response.cseq().number),
            )
            .build();
        self.send(Method::Prack, branch, hop, bytes, Some(side.key), now);
        true
    }

    /// Returns where RSeq begins.
    pub(super) fn first_rseq(&mut self) -> u32 {
        self.rng.random_range(0..0x7fff_0000)
    }
}
