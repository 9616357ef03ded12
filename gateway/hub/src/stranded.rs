//! Queues that the configuration does not name any more while somebody still waits in them, and what becomes of callers there.

use std::{collections::BTreeMap, time::Duration};

use ws::id::{QueueId, Timestamp};

use crate::hub::Hub;

/// How long a caller waits in such a queue, from the last reload or since they came, before the call ends: time to read a
/// configuration again that was wrong.
const GRACE: Duration = Duration::from_secs(120);

/// What a queue holds that is not configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranded {
    /// Which.
    pub queue: QueueId,
    /// How many wait, promised calls that wait for a quiet time included.
    pub waiting: usize,
    /// How many calls are promised, those that are due and wait included.
    pub promised: usize,
}

impl Hub {
    /// Returns what waits or is promised in queues that are not configured, by queue.
    pub fn stranded(&self) -> Vec<Stranded> {
        let mut held: BTreeMap<&QueueId, (usize, usize)> = BTreeMap::new();
        for (queue, waiting) in self.forsaken_lines() {
            held.entry(queue).or_default().0 = waiting;
        }
        for callback in self.state.open_callbacks() {
            let found = self.state.interaction(callback.interaction);
            if let Some(found) = found.filter(|found| !self.is_configured(&found.queue)) {
                held.entry(&found.queue).or_default().1 += 1;
            }
        }
        let held = held.into_iter();
        held.map(|(queue, (waiting, promised))| Stranded {
            queue: queue.clone(),
            waiting,
            promised,
        })
        .collect()
    }

    /// Returns the queues that are configured and those in which somebody waits all the same, in the order of their names.
    pub fn queues_in_use(&self) -> Vec<QueueId> {
        let forsaken = self.forsaken_lines().map(|(queue, _)| queue);
        let all = forsaken.chain(self.setup.queues.keys());
        let mut all: Vec<_> = all.cloned().collect();
        all.sort_unstable();
        all
    }

    fn forsaken_lines(&self) -> impl Iterator<Item = (&QueueId, usize)> {
        let lines = self.state.queues().iter();
        let lines = lines.map(|(queue, line)| (queue, line.line().len() + line.quiet().len()));
        lines.filter(|(queue, waiting)| *waiting > 0 && !self.is_configured(queue))
    }

    /// Tells whether the configuration names a queue.
    pub fn is_configured(&self, queue: &QueueId) -> bool {
        self.setup.queues.contains_key(queue)
    }

    /// Returns when a caller who waits since a time in a queue that is not configured is turned away.
    pub(crate) fn given_up_at(&self, since: Timestamp) -> Timestamp {
        since.max(self.configured_at) + GRACE
    }
}
