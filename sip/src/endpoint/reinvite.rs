//! Changes of a call that our owner asks for: our re-INVITE (RFC 3261 §14.1).

use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;

use crate::Instant;
use crate::message::{Header, Message, Method};

use super::call::{Call, Exchange, Ours, State};
use super::recorder::described;
use super::reply::{ALLOW, SUPPORTED, retry_after};
use super::{CallKey, Cause, EndedBy, Endpoint, Event, Flow};

/// How often our re-INVITE is tried again after it met theirs, or was overtaken.
const MOST_TRIES: u8 = 5;
/// How long it waits for that at most: who is told to wait longer is refused (RFC 3261 §14.2 has up to 10 s).
const LONGEST_WAIT: Duration = Duration::from_secs(10);

impl Endpoint {
    pub(super) fn offer(&mut self, key: CallKey, sdp: Bytes, now: Instant) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        if let State::Up(up) = &mut call.state {
            up.wanted = Some(Ours::new(sdp));
            self.offer_wanted(&mut call, now);
        }
        self.keep(call);
    }

    /// Sends our offer when nothing else is under way.
    pub(super) fn offer_wanted(&mut self, call: &mut Call, now: Instant) {
        let State::Up(up) = &mut call.state else {
            return;
        };
        if !matches!(up.exchange, Exchange::Idle) || up.ack.is_some() {
            return;
        }
        if let Some(offer) = up.wanted.take() {
            self.reinvite(call, offer, now);
        }
    }

    pub(super) fn reinvite(&mut self, call: &mut Call, offer: Ours, now: Instant) {
        let Call { side, state, .. } = call;
        let State::Up(up) = state else { return };
        let cseq = up.dialog.next_cseq();
        let (branch, hop, builder) = self.compose(side, &up.dialog, &Method::Invite, cseq);
        let builder = up
            .upkeep
            .ask(builder)
            .header(Header::Contact, self.contact_of(side, hop))
            .header(Header::Allow, ALLOW)
            .header(Header::Supported, SUPPORTED);
        side.note_told(&offer.sdp);
        let bytes = described(side.required(builder), offer.sdp.clone()).build();
        let client = self.send(Method::Invite, branch, hop, bytes, Some(side.key), now);
        up.exchange = Exchange::Ours { client, offer };
    }

    /// Takes a response to our re-INVITE.
    pub(super) fn offer_answered(
        &mut self,
        call: Box<Call>,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) {
        match response.status().map_or(0, |status| status.code()) {
            100..200 => self.keep(call),
            200..300 => self.offer_accepted(call, response, flow, now),
            code => self.offer_refused(call, response, code, now),
        }
    }

    fn offer_accepted(
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
        let Exchange::Ours { client, offer } = &up.exchange else {
            return self.keep(call);
        };
        let (client, again) = (*client, offer.again);
        side.unchallenged();
        up.dialog.refresh(response, flow);
        up.upkeep.described = offer.sdp.clone();
        let asked = up.upkeep.interval;
        up.upkeep.accepted(response, asked, now);
        up.exchange = Exchange::Idle;
        self.acknowledge(side, &up.dialog, client, response);
        let Some(sdp) = response.description() else {
            let cause = Cause::text("no session description in the answer");
            return self.end(call, EndedBy::Broken, cause, now);
        };
        let call_key = side.key;
        self.tell(match again {
            true => Event::Refreshed {
                call: call_key,
                sdp,
            },
            false => Event::OfferAnswered {
                call: call_key,
                sdp,
            },
        });
        self.offer_wanted(&mut call, now);
        self.keep(call);
    }

    fn offer_refused(&mut self, mut call: Box<Call>, response: &Message, code: u16, now: Instant) {
        let Call { side, state, .. } = &mut *call;
        let State::Up(up) = state else {
            return self.keep(call);
        };
        let Exchange::Ours { offer, .. } = &up.exchange else {
            return self.keep(call);
        };
        let mut offer = offer.clone();
        let wait = match code {
            // RFC 3261 §14.1: whoever made the Call-ID waits longer.
            491 => Some(Duration::from_millis(match side.key {
                CallKey::Out(_) => self.rng.random_range(210..=400) * 10,
                CallKey::In(_) => self.rng.random_range(0..=200) * 10,
            })),
            // §14.2: another offer has yet to be answered there; §12.2.2: a later request of ours came before it.
            500 => retry_after(response).or_else(|| {
                let overtaken = up.dialog.was_overtaken(response);
                overtaken.then_some(Duration::ZERO)
            }),
            _ => None,
        };
        let wait = wait.filter(|wait| offer.tries < MOST_TRIES && *wait <= LONGEST_WAIT);
        if let Some(wait) = wait {
            let at = now + wait;
            offer.tries += 1;
            up.exchange = Exchange::OursLater { at, offer };
            return self.keep(call);
        }
        match code {
            // RFC 3261 §12.2.1.2: the dialog is gone, or nobody is there.
            408 | 481 => {
                let cause = Cause {
                    sip: Some(code),
                    ..Cause::default()
                };
                return self.lose(call, cause, now);
            }
            422 if up.upkeep.raise(response) => self.reinvite(&mut call, offer, now),
            401 | 407 if self.challenged(side, response) => self.reinvite(&mut call, offer, now),
            _ => {
                up.exchange = Exchange::Idle;
                if !offer.again {
                    self.tell(Event::OfferRefused {
                        call: side.key,
                        code,
                    });
                }
                self.offer_wanted(&mut call, now);
            }
        }
        self.keep(call);
    }
}
