//! Queues that moved, and who is to be told of it: the agents their lengths, who waits their place. A long line is told a
//! few at a time, so that nothing else waits for it.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use ws::id::{AgentId, InteractionId, QueueId, Timestamp};

/// How often places and lengths are told at most.
const TICK: Duration = Duration::from_secs(1);
/// How many are told at a time, and how long after those the next.
const SLICE: usize = 64;
const PAUSE: Duration = Duration::from_millis(5);

/// Who is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// An agent, how many wait in their queues.
    Agent(AgentId),
    /// Who waits, their place.
    Waiting(InteractionId),
}

/// What moved since it was last told, and who has not been told yet.
#[derive(Debug, Default)]
pub(super) struct Moves {
    moved: BTreeSet<QueueId>,
    left: VecDeque<Who>,
    begun: Timestamp,
    told: Timestamp,
}

impl Moves {
    /// Takes in that these queues moved.
    pub(super) fn note(&mut self, queues: impl IntoIterator<Item = QueueId>) {
        self.moved.extend(queues);
    }

    /// Returns when somebody is to be told.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        match (self.left.is_empty(), self.moved.is_empty()) {
            (false, _) => Some(self.told + PAUSE),
            (true, false) => Some(self.begun + TICK),
            (true, true) => None,
        }
    }

    /// Takes those who are told now; `of` says who has to do with the queues that moved.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        of: impl FnOnce(&BTreeSet<QueueId>) -> VecDeque<Who>,
    ) -> VecDeque<Who> {
        if self.poll_timeout().is_none_or(|due| due > now) {
            return VecDeque::new();
        }
        if self.left.is_empty() {
            self.left = of(&std::mem::take(&mut self.moved));
            self.begun = now;
        }
        self.told = now;
        let rest = self.left.split_off(SLICE.min(self.left.len()));
        std::mem::replace(&mut self.left, rest)
    }
}
