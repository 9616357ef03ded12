//! The table of calls: every call is in it exactly once, with its tag, its timer and its trunk's count.

use crate::Instant;

use super::call::{Call, State};
use super::{CallKey, Endpoint};

impl Endpoint {
    /// Takes a call out to work on it; [`Self::keep`] or [`Self::release`] must follow.
    pub(super) fn take(&mut self, key: CallKey) -> Option<Box<Call>> {
        self.calls.get_mut(&key)?.take()
    }

    pub(super) fn call_mut(&mut self, key: CallKey) -> Option<&mut Call> {
        self.calls.get_mut(&key)?.as_deref_mut()
    }

    /// Puts a call back, its timer set to what it now waits for.
    pub(super) fn keep(&mut self, mut call: Box<Call>) {
        let due = call.due();
        let key = call.side.key;
        if call.scheduled != due {
            if let Some(old) = call.scheduled {
                self.call_due.remove(&(old, key));
            }
            if let Some(due) = due {
                self.call_due.insert((due, key));
            }
            call.scheduled = due;
        }
        self.calls.insert(key, Some(call));
    }

    /// Puts a new call in.
    pub(super) fn insert(&mut self, call: Call) {
        self.tags.insert(call.side.tag, call.side.key);
        if let Some(trunk) = &call.side.trunk {
            self.loads.begin(trunk, call.side.key);
        }
        if call.side.recorder.is_some() {
            self.recorders.insert(call.side.key);
        }
        if call.side.phone.is_some() && matches!(call.side.key, CallKey::Out(_)) {
            self.phones.insert(call.side.key);
        }
        self.keep(Box::new(call));
    }

    /// Puts back a call that is over for both, and counts for nothing any more: its peer is told on how a transfer goes.
    pub(super) fn tell_on(&mut self, call: Box<Call>) {
        if self.told.insert(call.side.key) {
            self.uncount(&call);
        }
        self.keep(call);
    }

    fn uncount(&mut self, call: &Call) {
        let key = call.side.key;
        if let Some(trunk) = &call.side.trunk {
            self.loads.end(trunk, key);
        }
        self.recorders.remove(&key);
        self.phones.remove(&key);
    }

    /// Drops a call that was taken out.
    pub(super) fn release(&mut self, call: Box<Call>) {
        let key = call.side.key;
        if let Some(due) = call.scheduled {
            self.call_due.remove(&(due, key));
        }
        if !self.told.remove(&key) {
            self.uncount(&call);
        }
        self.tags.remove(&call.side.tag);
        self.calls.remove(&key);
    }

    /// Does what is due for the calls, and returns whether there was anything.
    pub(super) fn calls_timeout(&mut self, now: Instant) -> bool {
        let Some(&(due, key)) = self.call_due.first() else {
            return false;
        };
        if due > now {
            return false;
        }
        let mut call = self.take(key).expect("every timer has its call");
        self.refer_timeout(&mut call, now);
        match &call.state {
            State::Incoming(_) => self.incoming_timeout(call, now),
            State::Dialing(_) => self.dialing_timeout(call, now),
            State::Up(_) => self.up_timeout(call, now),
            State::Leaving(_) => self.leaving_timeout(call, now),
        }
        true
    }
}
