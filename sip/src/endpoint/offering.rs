//! Changes of a call that the peer asks for: re-INVITE and UPDATE (RFC 3261 §14.2, RFC 3311), and ACKs.

use bytes::Bytes;
use rand::RngExt;

use crate::Instant;
use crate::message::{Header, Message, Method};
use crate::transaction::{Repeat, ServerId};

use super::call::{AwaitedAck, Call, Exchange, State};
use super::incoming::with_sdp;
use super::reply::{ALLOW, Refusal, SUPPORTED};
use super::{CallKey, Cause, EndedBy, Endpoint, Event, Flow, Fork};

impl Endpoint {
    pub(super) fn receive_offer(
        &mut self,
        mut call: Box<Call>,
        server: ServerId,
        flow: &Flow,
        now: Instant,
    ) {
        let State::Up(up) = &mut call.state else {
            return self.receive_early(call, server, flow, now);
        };
        let later = self.later();
        let request = self
            .servers
            .request(server)
            .expect("it was opened just now");
        let update = *request.method() == Method::Update;
        let sdp = request.description();
        let changes = !update || sdp.is_some();
        let too_short = self
            .servers
            .request(server)
            .and_then(|r| self.check_session(r).err());
        let refusal = match &up.exchange {
            Exchange::Ours { .. } if changes => Some(Refusal::new(491)),
            // RFC 3311 §5.2: so is any UPDATE that comes before the last is answered.
            Exchange::Theirs { update, .. } if changes || *update => Some(later),
            // The answer to our offer in the 2xx has yet to come with the ACK.
            Exchange::Idle | Exchange::OursLater { .. }
                if changes && up.ack.as_ref().is_some_and(|ack| ack.offers) =>
            {
                Some(Refusal::new(491))
            }
            Exchange::Idle
            | Exchange::OursLater { .. }
            | Exchange::Ours { .. }
            | Exchange::Theirs { .. } => None,
        };
        if let Some(refusal) = refusal.or(too_short) {
            self.respond_plainly(server, &refusal, &call.side, now);
            return self.keep(call);
        }
        up.dialog.refresh(request, flow);
        if !changes {
            return self.accept_refresh(call, server, flow, now);
        }
        self.put_to_owner(call, server, sdp, update, now);
    }

    /// Refuses what may be asked again in a moment.
    pub(super) fn later(&mut self) -> Refusal {
        let seconds: u32 = self.rng.random_range(0..10);
        Refusal::new(500).with(Header::RetryAfter, seconds)
    }

    fn put_to_owner(
        &mut self,
        mut call: Box<Call>,
        server: ServerId,
        sdp: Option<Bytes>,
        update: bool,
        now: Instant,
    ) {
        let State::Up(up) = &mut call.state else {
            return self.keep(call);
        };
        // A re-INVITE proves that our 200 arrived, even if its ACK is lost.
        let confirms = !update && up.ack.take().is_some_and(|ack| ack.first);
        // RFC 3311 §5.2: an UPDATE is answered at once or not at all; an INVITE has time.
        let patience = if update {
            self.config.timing.t1 * 8
        } else {
            self.config.timing.give_up()
        };
        // What was offered meanwhile is newer.
        if let Exchange::OursLater { offer, .. } = &up.exchange {
            up.wanted.get_or_insert_with(|| offer.clone());
        }
        up.exchange = Exchange::Theirs {
            server,
            offered: sdp.is_some(),
            update,
            until: now + patience,
        };
        if confirms {
            self.tell(Event::Confirmed {
                call: call.side.key,
                sdp: None,
            });
        }
        self.tell(Event::Offered {
            call: call.side.key,
            fork: None,
            sdp,
        });
        self.keep(call);
    }

    pub(super) fn accept_offer(
        &mut self,
        key: CallKey,
        fork: Option<Fork>,
        sdp: Bytes,
        now: Instant,
    ) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        let State::Up(up) = &mut call.state else {
            return self.decide_early(call, fork, Ok(sdp), now);
        };
        let Exchange::Theirs {
            server,
            offered,
            update,
            ..
        } = up.exchange
        else {
            return self.keep(call);
        };
        up.exchange = Exchange::Idle;
        let hop = up.dialog.hop();
        if let Some(request) = self.servers.request(server) {
            let tag = call.side.tag.to_string();
            let cseq = request.cseq().number;
            let builder = self
                .reply(request, 200, None, &tag, &call.side.marks)
                .header(Header::Contact, self.contact_of(&call.side, hop))
                .header(Header::Allow, ALLOW)
                .header(Header::Supported, SUPPORTED);
            let agreed = self.agree_session(request);
            up.upkeep.answered(request, &agreed, now);
            up.upkeep.described = sdp.clone();
            let response = with_sdp(agreed.write(builder), Some(sdp)).build();
            let sent = self.respond(server, 200, response.clone(), now);
            if let (Some(hop), false) = (sent, update) {
                let timing = &self.config.timing;
                let again = Repeat::new(timing.t1, timing.t2, now);
                let until = now + timing.give_up();
                up.ack = Some(AwaitedAck {
                    cseq,
                    response,
                    hop,
                    again,
                    until,
                    offers: !offered,
                    first: false,
                });
            }
        }
        self.offer_wanted(&mut call, now);
        self.keep(call);
    }

    pub(super) fn refuse_offer(
        &mut self,
        key: CallKey,
        fork: Option<Fork>,
        refusal: Refusal,
        now: Instant,
    ) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        let refusal = refusal.or(488);
        let State::Up(up) = &mut call.state else {
            return self.decide_early(call, fork, Err(refusal), now);
        };
        let Exchange::Theirs { server, .. } = up.exchange else {
            return self.keep(call);
        };
        up.exchange = Exchange::Idle;
        self.respond_plainly(server, &refusal, &call.side, now);
        self.offer_wanted(&mut call, now);
        self.keep(call);
    }

    /// Takes the CANCEL of a re-INVITE: the call goes on as it was (§14.2).
    pub(super) fn offer_cancelled(&mut self, mut call: Box<Call>, server: ServerId, now: Instant) {
        if let State::Up(up) = &mut call.state
            && matches!(up.exchange, Exchange::Theirs { server: theirs, .. } if theirs == server)
        {
            up.exchange = Exchange::Idle;
            self.respond_plainly(server, &Refusal::new(487), &call.side, now);
            self.offer_wanted(&mut call, now);
        }
        self.keep(call);
    }

    /// Takes an ACK within a dialog.
    pub(super) fn acknowledged(&mut self, mut call: Box<Call>, request: &Message, now: Instant) {
        if request.call_id() != call.side.call_id
            || call.dialog().is_some_and(|dialog| !dialog.owns(request))
        {
            self.counters.strays += 1;
            return self.keep(call);
        }
        call.side.marks.learn(request);
        if matches!(&call.state, State::Leaving(_)) {
            return self.acknowledged_leaving(call, request, now);
        }
        let State::Up(up) = &mut call.state else {
            return self.keep(call);
        };
        let Some(ack) = up.ack.take_if(|ack| ack.cseq == request.cseq().number) else {
            return self.keep(call);
        };
        let sdp = request.description();
        if ack.offers && sdp.is_none() {
            let cause = Cause::text("no session description in the ACK");
            return self.end(call, EndedBy::Broken, cause, now);
        }
        let answer = sdp.filter(|_| ack.offers);
        match (ack.first, answer) {
            (true, sdp) => self.tell(Event::Confirmed {
                call: call.side.key,
                sdp,
            }),
            (false, Some(sdp)) => self.tell(Event::OfferAnswered {
                call: call.side.key,
                sdp,
            }),
            (false, None) => {}
        }
        self.offer_wanted(&mut call, now);
        self.keep(call);
    }

    /// Does what is due for an answered call.
    pub(super) fn up_timeout(&mut self, mut call: Box<Call>, now: Instant) {
        let State::Up(up) = &mut call.state else {
            return self.keep(call);
        };
        if let Some(ack) = &mut up.ack {
            if ack.until <= now {
                return self.end(
                    call,
                    EndedBy::NoAck,
                    Cause::text("the answer was never acknowledged"),
                    now,
                );
            }
            if ack.again.fires(now) {
                let (hop, bytes) = (ack.hop, ack.response.clone());
                self.counters.retransmissions += 1;
                self.transmit(hop, bytes);
            }
        }
        self.exchange_timeout(&mut call, now);
        self.referring_timeout(&mut call, now);
        if let Some(call) = self.session_timeout(call, now) {
            self.keep(call);
        }
    }

    fn exchange_timeout(&mut self, call: &mut Call, now: Instant) {
        let State::Up(up) = &mut call.state else {
            return;
        };
        match &mut up.exchange {
            Exchange::OursLater { at, offer } if *at <= now => {
                let offer = offer.clone();
                up.exchange = Exchange::Idle;
                self.reinvite(call, offer, now);
            }
            Exchange::Theirs { server, until, .. } if *until <= now => {
                let server = *server;
                up.exchange = Exchange::Idle;
                self.respond_plainly(server, &Refusal::new(504), &call.side, now);
                self.offer_wanted(call, now);
            }
            Exchange::Idle
            | Exchange::Ours { .. }
            | Exchange::OursLater { .. }
            | Exchange::Theirs { .. } => {}
        }
    }
}
