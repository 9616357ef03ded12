//! What the guard is asked and told: only of sources that no trunk names.

use std::net::SocketAddr;

use crate::Instant;
use crate::guard::{Guard, Offence, Strangers};
use crate::message::{Header, Message, Method};
use crate::transaction::Hop;

use super::call::LocalTag;
use super::{Endpoint, Event, Flow, Transport};

impl Endpoint {
    /// Tells whether a message is dropped before anything of it is read.
    pub(super) fn is_barred(&self, flow: &Flow, now: Instant) -> bool {
        self.guard.bars(flow.peer.ip(), now) && self.trunk_of(flow).is_none()
    }

    /// Tells whether whoever sends datagrams from `peer` is a stranger who gets no answer: keep-alives are answered by
    /// whoever reads the socket.
    pub fn is_silent_to(&self, peer: SocketAddr) -> bool {
        let hop = Hop::to(Transport::Udp, peer);
        self.is_unknown(&Flow {
            transport: Transport::Udp,
            local: self.address(hop),
            peer,
            connection: 0,
        })
    }

    /// Tells whether a message is a stranger's, and strangers are to find nobody here.
    pub(super) fn is_unknown(&self, flow: &Flow) -> bool {
        let rules = &self.config.guard;
        match rules.strangers {
            Strangers::Challenge => false,
            Strangers::Drop => !rules.exempts(flow.peer.ip()) && self.trunk_of(flow).is_none(),
        }
    }

    /// Tells whether a request belongs to a call that runs: a proxy may send it by another way than the first.
    pub(super) fn is_of_a_call(&self, request: &Message) -> bool {
        let tag = request.to().tag().and_then(LocalTag::read);
        let within = tag.is_some_and(|tag| self.tags.contains_key(&tag));
        let cancels = *request.method() == Method::Cancel;
        within || cancels && self.servers.find_cancelled(request).is_some()
    }

    /// Tells whether a request is looked at: a scanner's is not, nor one that comes faster than it may. No answer tells a
    /// scanner that somebody is there.
    pub(super) fn is_heard(&mut self, request: &Message, flow: &Flow, now: Instant) -> bool {
        if self.trunk_of(flow).is_some() {
            return true;
        }
        let rules = &self.config.guard;
        let agent = request.header(Header::UserAgent);
        if rules.strikes > 0 && agent.is_some_and(|agent| Guard::is_scanner(rules, agent)) {
            self.offended(flow, Offence::Scanner, now);
            return false;
        }
        let gives = request.header(Header::Authorization).is_some();
        let admitted = self.guard.admits(rules, flow.peer.ip(), gives, now);
        if !admitted {
            self.offended(flow, Offence::Hasty, now);
        }
        admitted
    }

    /// Notes what a source did wrong.
    pub(super) fn offended(&mut self, flow: &Flow, offence: Offence, now: Instant) {
        let source = flow.peer.ip();
        if self.trunk_of(flow).is_some() {
            return;
        }
        if self.guard.note(&self.config.guard, source, offence, now) {
            self.tell(Event::Banned { source, offence });
        }
    }
}
