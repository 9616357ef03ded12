//! What customers are told before they are recorded: said while they hear it, from its beginning, and taken for heard once it was.

use ws::id::{InteractionId, LegId};

use crate::{command::Command, hub::Hub};

impl Hub {
    /// Says it, and again if a hold of either side, a consultation or the customer's network cut it short.
    pub(super) fn announce(&mut self, id: InteractionId, leg: LegId, talks: bool) {
        let now = self.now;
        let say = self.setup.recording.announcement.clone();
        let aside = self.asides.entry(id).or_default();
        if !talks {
            aside.notice = None;
        } else if aside.notice.is_none() {
            aside.notice = Some(now);
            self.ask(Command::Notice { leg, say });
        }
    }

    /// Takes that the customer heard the announcement.
    pub(crate) fn recording_heard(&mut self, leg: LegId) {
        let id = leg.interaction;
        let heard = self.asides.get(&id).is_some_and(|a| a.notice.is_some());
        let found = self.state.interaction(id).filter(|_| heard);
        let announced = found.and_then(|found| found.recordings.announced.clone());
        if let Some(announced) = announced.filter(|announced| announced.leg == leg) {
            self.roll(id, leg, announced.by, None);
        }
    }

    /// Takes that the customer was gone for some of the announcement: it is said again.
    pub(crate) fn recording_missed(&mut self, leg: LegId, turn: u32) {
        let id = leg.interaction;
        let found = self.state.interaction(id);
        let announced = found.and_then(|found| found.recordings.announced.as_ref());
        let is_last = self.turns.get(&leg) == Some(&turn);
        if announced.is_some_and(|it| it.leg == leg && is_last) {
            self.asides.entry(id).or_default().notice = None;
            self.touch(id);
        }
    }
}
