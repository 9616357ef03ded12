//! A jump of the time: what is due at a time of day is due by the new time; who waits has waited, and what runs for seconds or
//! minutes has the time left, as before. What an interaction's facts told has the state, by a fact ([`Event::ClockStepped`]), so that it
//! holds after a restart. What is of legs and edges, which a restart ends (rings, menus, messages that are spoken), stands beside the state.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ws::id::Timestamp;

use crate::{
    event::Event,
    hub::{Hub, Sockets},
    sweep::Act,
};

/// By how much the time went on more, or less, than passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jump {
    /// In milliseconds; below zero where it fell behind.
    by_ms: i64,
}

impl Jump {
    /// It went on by so many milliseconds more, or less.
    pub fn of(by_ms: i64) -> Self {
        Self { by_ms }
    }

    /// It went on by so much more: the machine's clock was set forward, or the machine slept.
    pub fn ahead(by: Duration) -> Self {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        Self { by_ms }
    }

    /// It went on by so much less: it goes slower until the machine's clock, which was set back, has caught up.
    pub fn behind(by: Duration) -> Self {
        let Self { by_ms } = Self::ahead(by);
        Self { by_ms: -by_ms }
    }

    /// Returns what a time before the jump is by the time after it, for who counts what passed since, or is left until then.
    pub fn shift(self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.saturating_add_signed(self.by_ms))
    }

    /// Returns both jumps as one.
    pub(crate) fn and(self, other: Self) -> Self {
        let by_ms = self.by_ms.saturating_add(other.by_ms);
        Self { by_ms }
    }

    /// Tells whether the time went on by more than passed.
    pub fn is_ahead(self) -> bool {
        self.by_ms > 0
    }

    pub(crate) fn move_on(self, at: &mut Timestamp) {
        *at = self.shift(*at);
    }
}

/// Deadlines of an interaction that a step moved: which, as it was set, and when it is due.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moved(Vec<(Act, Timestamp, Timestamp)>);

impl Moved {
    /// Tells whether none was.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns when something is due that was set for `at`. What was set anew since is another deadline.
    pub(crate) fn due(&self, act: Act, at: Timestamp) -> Timestamp {
        let moved = self.0.iter().find(|one| (one.0, one.1) == (act, at));
        moved.map_or(at, |one| one.2)
    }
}

impl Act {
    /// Tells whether it ends something that runs and whose times the state does not move with a jump.
    fn ends_what_runs(self) -> bool {
        match self {
            Self::RangOut(_)
            | Self::LostRelease(_)
            | Self::Silent(_)
            | Self::Unheard(_)
            | Self::FarewellOver(_)
            | Self::MenuOver(_)
            | Self::VoicemailOver(_)
            | Self::Recording
            | Self::StopKey(_) => true,
            // That of a visitor goes with the time of the loss, which is moved.
            Self::VisitorGone
            | Self::PageGone(_)
            | Self::OfferOver
            | Self::InvitationOver
            | Self::Cobrowse
            | Self::WrapUpOver
            | Self::Idle
            | Self::Park
            | Self::RatingOver(_)
            | Self::TooOld
            | Self::Look
            | Self::Tell => false,
        }
    }
}

impl Hub {
    /// Takes in that the time jumps, and is `now` after it. What follows is done by [`Self::handle_timeout`].
    pub fn handle_step(&mut self, jump: Jump, now: Timestamp) {
        let lost = |sockets: &mut Sockets| {
            let leaving = sockets.leaving.values_mut();
            let all = sockets.lost.iter_mut().chain(leaving);
            all.for_each(|since| jump.move_on(since));
        };
        self.desks.values_mut().for_each(lost);
        self.widgets.values_mut().for_each(lost);
        self.move_what_runs(jump);
        self.pace.step(jump);
        self.watch.times.step(jump);
        self.step_tolls(jump);
        jump.move_on(&mut self.configured_at);
        self.now = self.now.max(now);
        if self.state.interactions().next().is_some() {
            self.tell(None, Event::ClockStepped(jump));
        }
        let mut agents: Vec<_> = self.desks.keys().cloned().collect();
        agents.sort_unstable();
        self.touched_agents.extend(agents);
        self.touched.extend(self.state.in_order());
    }

    // Beside the state, since facts keep the times they were told with.
    fn move_what_runs(&mut self, jump: Jump) {
        for id in self.state.in_order() {
            let Some(found) = self.state.interaction(id) else {
                continue;
            };
            let before = self.asides.get(&id).map(|aside| aside.moved.clone());
            let before = before.unwrap_or_default();
            let mut moved = Moved::default();
            self.set_deadlines(found, &mut |at, act| {
                let due = before.due(act, at);
                if act.ends_what_runs() && due > self.now {
                    moved.0.push((act, at, jump.shift(due)));
                }
            });
            if !moved.is_empty() || !before.is_empty() {
                self.asides.entry(id).or_default().moved = moved;
            }
            if let Some(aside) = self.asides.get_mut(&id) {
                aside.early.step(jump);
            }
        }
    }
}
