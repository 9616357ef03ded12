//! What the guard is asked and told: only of sources that no trunk names.

use crate::Instant;
use crate::guard::{Guard, Offence};
use crate::message::{Header, Message};

use super::{Endpoint, Event, Flow};

impl Endpoint {
    /// Tells whether a message is dropped before anything of it is read.
    pub(super) fn is_barred(&self, flow: &Flow, now: Instant) -> bool {
        self.guard.bars(flow.peer.ip(), now) && self.trunk_of(flow).is_none()
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
        let admitted = self.guard.admits(rules, flow.peer.ip(), now);
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
