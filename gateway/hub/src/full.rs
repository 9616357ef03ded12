//! A way out without room: while the trunks take no call, promised ones wait until one that goes by a trunk is over, a place of
//! a trunk answers again, or enough time has passed. Nobody is asked for a call that could not be made, and no attempt is used up.

use std::time::Duration;

use ws::id::{LegId, Timestamp};

use crate::{
    hub::{Due, Hub},
    input::Cause,
};

/// That a promised call found no room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Full {
    /// When it is asked anew, whatever happens.
    until: Timestamp,
    /// For how many calls there is room again.
    freed: u32,
}

impl Hub {
    /// Tells whether a promised call would find no room: no agent is asked for one meanwhile.
    pub fn is_full(&self) -> bool {
        self.full
            .is_some_and(|full| full.freed == 0 && self.now < full.until)
    }

    // For `span` no promised call is made, unless there is room before.
    fn note_full(&mut self, span: Duration) {
        let until = self.now + span;
        self.full = Some(Full { until, freed: 0 });
        self.timers.insert((until, Due::Tolls));
    }

    /// A promised call goes out, into what room there is.
    pub(crate) fn take_room(&mut self) {
        if let Some(full) = &mut self.full {
            full.freed = full.freed.saturating_sub(1);
        }
    }

    /// An attempt is over. Where it found no room none is made for `span`; what it took and did not use is there for another.
    pub(crate) fn settle_room(&mut self, cause: &Cause, dialled: bool, span: Duration) {
        if cause.is_for_room() {
            self.note_full(span);
        } else if !dialled {
            self.free_room();
        }
    }

    /// A place of a trunk answers again: whoever waits is called.
    pub(crate) fn trunk_answers(&mut self) {
        if self.full.take().is_some() {
            self.tolls_free();
        }
    }

    /// A leg is over: one that a trunk had taken leaves room.
    pub(crate) fn leave_room(&mut self, leg: LegId, cause: &Cause) {
        let found = self.state.interaction(leg.interaction);
        let ended = found.and_then(|found| found.leg(leg));
        let by_trunk = ended.is_some_and(|leg| leg.party.trunk().is_some());
        if by_trunk && !cause.is_for_room() {
            self.free_room();
        }
    }

    // There may be room for one call more.
    fn free_room(&mut self) {
        if let Some(full) = &mut self.full
            && self.now < full.until
        {
            full.freed = full.freed.saturating_add(1);
            self.tolls_free();
        }
    }
}
