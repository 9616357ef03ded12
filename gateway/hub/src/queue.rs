//! Where interactions wait: the lines of all queues, and how fast they move.

use std::{collections::VecDeque, time::Duration};

use ws::id::{InteractionId, QueueId, Timestamp};

use crate::{
    ids::ByName,
    line::{Key, Line},
};

/// All queues that ever had an entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queues {
    queues: ByName<QueueId, Queue>,
}

/// One queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    line: Line,
    served: VecDeque<Timestamp>,
}

/// How many services the expected wait looks back on.
const LOOK_BACK: usize = 20;

impl Queues {
    /// Returns a queue, if it ever had an entry.
    pub fn get(&self, queue: &QueueId) -> Option<&Queue> {
        self.queues.get(queue)
    }

    /// Returns how many wait in a queue, those before an agent included.
    pub fn length(&self, queue: &QueueId) -> usize {
        self.get(queue).map_or(0, |queue| queue.line.len())
    }

    /// Walks all queues in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&QueueId, &Queue)> {
        let mut all: Vec<_> = self.queues.iter().collect();
        all.sort_unstable_by_key(|(queue, _)| *queue);
        all.into_iter()
    }

    pub(crate) fn enter(&mut self, queue: &QueueId, key: Key) {
        match self.queues.get_mut(queue) {
            Some(queue) => queue.line.insert(key),
            None => self
                .queues
                .entry(queue.clone())
                .or_default()
                .line
                .insert(key),
        }
    }

    pub(crate) fn leave(&mut self, queue: &QueueId, key: &Key) {
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.line.remove(key);
        }
    }

    pub(crate) fn serve(&mut self, queue: &QueueId, at: Timestamp) {
        if let Some(queue) = self.queues.get_mut(queue) {
            if queue.served.len() == LOOK_BACK {
                queue.served.pop_front();
            }
            queue.served.push_back(at);
        }
    }

    // Before a restart and after it are not one stretch of service. Empty queues are forgotten, as those of a reduced
    // journal were never known.
    pub(crate) fn restart(&mut self) {
        self.queues.retain(|_, queue| {
            queue.served.clear();
            !queue.line.is_empty()
        });
    }
}

impl Queue {
    /// Returns the line.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Returns how long the one at `position` (from 1) is expected to wait, as far as recent services tell.
    pub fn expected_wait(&self, position: u32, now: Timestamp) -> Option<Duration> {
        let first = self.served.front()?;
        let services = u32::try_from(self.served.len()).ok()?;
        (services > 1).then(|| now.since(*first) / services * position)
    }

    /// Returns since when the one who is next waits.
    pub fn oldest(&self) -> Option<(Timestamp, InteractionId)> {
        self.line
            .iter()
            .next()
            .map(|key| (key.since, key.interaction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_wait_follows_the_recent_rate_of_service() {
        let queue: QueueId = "support".parse().unwrap();
        let mut queues = Queues::default();
        let id = InteractionId::new(1).unwrap();
        queues.enter(&queue, Key::new(&Default::default(), Timestamp(0), id));

        assert_eq!(
            queues.get(&queue).unwrap().expected_wait(1, Timestamp(5)),
            None
        );
        for at in [0, 10_000, 20_000, 30_000] {
            queues.serve(&queue, Timestamp(at));
        }

        let wait = queues
            .get(&queue)
            .unwrap()
            .expected_wait(3, Timestamp(40_000));
        assert_eq!(wait, Some(Duration::from_secs(30)));
    }
}
