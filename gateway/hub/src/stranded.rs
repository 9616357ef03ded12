//! Queues that the configuration does not name any more while somebody still waits in them or a call is promised there, and
//! what becomes of callers there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ws::id::{QueueId, Timestamp};

use crate::{hub::Hub, interaction::Interaction};

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
        for (queue, promised) in self.promised() {
            if !self.is_configured(queue) {
                held.entry(queue).or_default().1 = promised;
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

    /// Returns how many calls are promised in each queue where any is, those that are due and wait included.
    pub fn promised(&self) -> BTreeMap<&QueueId, usize> {
        let mut promised = BTreeMap::new();
        for callback in self.state.open_callbacks() {
            if let Some(found) = self.state.interaction(callback.interaction) {
                *promised.entry(&found.queue).or_default() += 1;
            }
        }
        promised
    }

    /// Returns the queues that are configured, and those in which somebody waits or a call is promised all the same.
    pub fn queues_in_use(&self) -> BTreeSet<&QueueId> {
        let forsaken = self.forsaken_lines().map(|(queue, _)| queue);
        let promised = self.promised().into_keys();
        let all = forsaken.chain(promised);
        all.chain(self.setup.queues.keys()).collect()
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

    /// Tells whether somebody waits in a queue that is not configured, and for nobody by name.
    pub(crate) fn is_forsaken(&self, found: &Interaction) -> bool {
        let entry = found.entry.as_ref();
        let entry = entry.filter(|entry| !self.is_configured(&entry.queue));
        let kept = |entry| self.view().kept(found, entry)?.seat;
        entry.is_some_and(|entry| kept(entry).is_none())
    }

    /// Returns when a caller who waits since a time in a queue that is not configured is turned away.
    pub(crate) fn given_up_at(&self, since: Timestamp) -> Timestamp {
        since.max(self.configured_at) + GRACE
    }
}
