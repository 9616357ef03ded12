//! What phones say their parties would like of recordings (RFC 7866 §6.3). All of it is in the record; what the phone of a
//! call's customer says is done where customers may refuse.

use serde::{Deserialize, Serialize};
use ws::{id::LegId, timeline::Author};

use super::Recordings;
use crate::{
    event::{Event, Recorded},
    hub::Hub,
    interaction::Interaction,
};

/// More changes of a leg's mind are not taken.
const MOST: u8 = 32;

/// What a party would like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    /// That the call is recorded, and goes on to be where it is paused.
    On,
    /// That it is not recorded.
    Off,
    /// That its recording is paused.
    Pause,
    /// Nothing.
    Nothing,
}

/// What a leg said last, and how often it said something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wished {
    /// What it was.
    pub wish: Preference,
    /// How often.
    pub times: u8,
}

impl Recordings {
    /// Takes what a leg would like.
    pub(crate) fn wished(&mut self, leg: LegId, wish: Preference) {
        let said = self.wishes.entry(leg).or_insert(Wished { wish, times: 0 });
        said.wish = wish;
        said.times = said.times.saturating_add(1);
    }
}

impl Hub {
    /// Takes what a leg would like.
    pub(crate) fn leg_wished(&mut self, leg: LegId, wish: Preference) {
        let id = leg.interaction;
        let found = self
            .state
            .interaction(id)
            .filter(|it| it.leg(leg).is_some());
        let Some(found) = found else { return };
        let said = found.recordings.wishes.get(&leg);
        if said.is_some_and(|said| said.wish == wish || said.times >= MOST) {
            return;
        }
        let step = Recorded::Wished { leg, wish };
        self.tell(Some(id), Event::Recording(step));
        self.follow_wish(leg, wish);
    }

    // What is not recorded yet is looked at when it would be.
    fn follow_wish(&mut self, leg: LegId, wish: Preference) {
        let id = leg.interaction;
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        if self.customers_wish(found) != Some(wish) {
            return;
        }
        let tapes = &found.recordings;
        let announced = tapes.announced.as_ref().is_some_and(|it| it.leg == leg);
        let running = tapes.running.clone();
        let running = running.filter(|it| it.leg == leg && it.stopped.is_none());
        let by = Author::Customer;
        match (wish, running) {
            (Preference::Off, running) if announced || running.is_some() => {
                self.refuse_recording(id, by);
            }
            (Preference::Pause, Some(running)) => self.pause_recording(id, &running, by, true),
            // What an agent paused is the agent's to resume.
            (Preference::On, Some(running)) if tapes.rests.as_ref() == Some(&by) => {
                self.pause_recording(id, &running, by, false);
            }
            (Preference::Off, _)
            | (Preference::Pause, None)
            | (Preference::On | Preference::Nothing, _) => {}
        }
    }

    /// Pauses what has just begun, where the customer wants that.
    pub(super) fn begin_as_wished(&mut self, leg: LegId) {
        self.follow_wish(leg, Preference::Pause);
    }

    /// What the customer of a call would like, where that is followed.
    pub(super) fn customers_wish(&self, found: &Interaction) -> Option<Preference> {
        let call = found
            .call
            .as_ref()
            .filter(|_| self.setup.recording.refusal)?;
        // Whoever leaves a message wants it to be heard.
        let message = found.voicemail.as_ref();
        if message.is_some_and(|message| message.leg == call.customer) {
            return None;
        }
        let said = found.recordings.wishes.get(&call.customer)?;
        Some(said.wish)
    }

    /// Whether the customer of a call does not want it to be recorded.
    pub(super) fn is_unwanted(&self, found: &Interaction) -> bool {
        found.recordings.refused || self.customers_wish(found) == Some(Preference::Off)
    }
}
