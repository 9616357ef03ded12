//! What comes in from the network, up to the question whose it is.

use bytes::Bytes;

use crate::Instant;
use crate::guard::Offence;
use crate::message::{Header, Message, Method, ParseError, SessionId};
use crate::transaction::{Hop, ServerId};

use super::call::{LocalTag, Marks, State};
use super::reply::{self, Refusal, hop_by_via, response_hop};
use super::{Direction, Endpoint, Flow};

impl Endpoint {
    pub(super) fn receive(&mut self, flow: &Flow, bytes: Bytes, now: Instant) {
        if self.is_barred(flow, now) {
            self.counters.barred += 1;
            return;
        }
        let length = bytes.len();
        match Message::parse(bytes) {
            Ok(message) if message.is_request() => {
                self.receive_request(message.received_from(flow.peer), length, flow, now)
            }
            Ok(message) => self.receive_response(&message, flow, now),
            Err(error) => {
                self.offended(flow, Offence::Malformed, now);
                self.receive_malformed(&error, flow);
            }
        }
    }

    // Junk is dropped, a request that can be answered is told what is wrong with it.
    fn receive_malformed(&mut self, error: &ParseError, flow: &Flow) {
        self.counters.malformed += 1;
        if self.is_unknown(flow) {
            self.counters.barred += 1;
            return;
        }
        let Some(rejection) = error.rejection() else {
            return;
        };
        let stamped = rejection.via().map(|via| via.received_from(flow.peer));
        let hop = match &stamped {
            Some(via) => hop_by_via(via, flow),
            None => Hop::back(flow),
        };
        let source = flow.peer.to_string();
        let tag = format!("{:024x}", self.keyed.of(&["malformed", &source]).0 >> 32);
        let marks = Marks {
            local: self.session_of(&source),
            remote: SessionId::NIL,
            headers: Vec::new(),
            trusted: false,
            sends: crate::trunk::MarkSet::SESSION,
        };
        let builder = marks.write(rejection.response(&tag, stamped.as_ref()));
        let builder = builder.header(Header::Server, &self.config.server);
        self.count_response(
            Direction::Sent,
            &Method::Other("other".into()),
            rejection.status().code(),
        );
        self.transmit(hop, builder.build());
    }

    fn receive_request(&mut self, request: Message, length: usize, flow: &Flow, now: Instant) {
        if let Some(server) = self.servers.find(&request) {
            return self.receive_again(server, request, now);
        }
        let stranger = self.is_unknown(flow) && !self.is_of_a_call(&request);
        if stranger || !self.is_heard(&request, flow, now) {
            self.counters.barred += 1;
            return;
        }
        self.count_request(Direction::Received, request.method());
        if let Some(refusal) = self.too_much(&request, length) {
            return self.refuse(&request, flow, &refusal);
        }
        match request.method() {
            Method::Ack => self.receive_ack(&request, now),
            Method::Cancel => self.receive_cancel(&request, flow, now),
            _ if request.to().tag().is_some() => self.receive_within(request, flow, now),
            _ => self.receive_outside(request, flow, now),
        }
    }

    fn receive_again(&mut self, server: ServerId, request: Message, now: Instant) {
        if *request.method() == Method::Ack {
            if !self.servers.handle_ack(server, &self.config.timing, now) {
                self.receive_ack(&request, now);
            }
            return;
        }
        if let Some((hop, bytes)) = self.servers.repeat(server) {
            self.counters.retransmissions += 1;
            self.transmit(hop, bytes);
        }
    }

    fn too_much(&mut self, request: &Message, length: usize) -> Option<Refusal> {
        let limits = self.config.limits;
        if length > limits.message {
            return Some(Refusal::new(513));
        }
        if request.body().len() > limits.body {
            return Some(Refusal::new(413));
        }
        let counted = !matches!(request.method(), Method::Ack | Method::Cancel | Method::Bye);
        if counted && self.servers.len() >= limits.transactions {
            return Some(self.overload());
        }
        None
    }

    // RFC 3261 §21.5.4.
    pub(super) fn overload(&mut self) -> Refusal {
        self.counters.overloaded += 1;
        Refusal::new(503).with(Header::RetryAfter, self.config.limits.retry_after)
    }

    // RFC 3261 §9.2: 200 whenever the INVITE is known, and 487 for it when it is still open.
    fn receive_cancel(&mut self, request: &Message, flow: &Flow, now: Instant) {
        let Some(server) = self.servers.find_cancelled(request) else {
            return self.refuse(request, flow, &Refusal::new(481));
        };
        let call = self.servers.call(server).and_then(|key| self.take(key));
        let Some(call) = call else {
            return self.refuse(request, flow, &Refusal::new(200));
        };
        let tag = call.side.tag.to_string();
        let bytes = self
            .reply(request, 200, None, &tag, &call.side.marks)
            .build();
        self.count_response(Direction::Sent, &Method::Cancel, 200);
        self.transmit(response_hop(request, flow), bytes);
        match &call.state {
            State::Incoming(one) if one.server == server => {
                self.cancelled(call, server, reply::cause(request), now);
            }
            State::Up(_) => self.offer_cancelled(call, server, now),
            State::Incoming(_) | State::Dialing(_) | State::Leaving(_) => self.keep(call),
        }
    }

    fn receive_ack(&mut self, request: &Message, now: Instant) {
        let found = request
            .to()
            .tag()
            .and_then(LocalTag::read)
            .and_then(|tag| self.tags.get(&tag).copied());
        match found.and_then(|key| self.take(key)) {
            Some(call) => self.acknowledged(call, request, now),
            // ACK is never answered (§17): for a stateless refusal of ours, or a call that is gone.
            None => self.counters.strays += 1,
        }
    }

    fn receive_response(&mut self, response: &Message, flow: &Flow, now: Instant) {
        // RFC 3261 §8.1.3.3: a second Via means that it was meant for somebody else.
        let strayed = response.headers(Header::Via).nth(1).is_some();
        let Some(client) = self.clients.find(response).filter(|_| !strayed) else {
            self.counters.strays += 1;
            return;
        };
        let (send, owner) =
            self.clients
                .handle_response(client, response, &self.config.timing, now);
        if let Some((hop, bytes)) = send {
            self.transmit(hop, bytes);
        }
        let Some(owner) = owner else { return };
        let code = response.status().map_or(0, |status| status.code());
        self.count_response(Direction::Received, response.method(), code);
        match owner.and_then(|key| self.take(key)) {
            Some(call) => self.answered(call, client, response, flow, now),
            None if owner.is_none() && self.reached(client, response, flow, now) => {}
            None if *response.method() == Method::Invite && (200..300).contains(&code) => {
                self.shed((client, None), response, flow, owner.is_some(), now);
            }
            None => {}
        }
    }
}
