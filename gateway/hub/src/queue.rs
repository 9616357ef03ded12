//! Where interactions wait: the lines of all queues.

use ws::{agent::Channel, id::QueueId};

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
    /// The same by what is waited for, voice and chat.
    lanes: [Line; 2],
    /// Of those in the line the ones who left a message, and are not there to wait.
    messages: Line,
    /// Promised calls that wait for a quiet time; they are in nobody's way.
    quiet: Line,
}

impl Queues {
    /// Returns a queue, if it ever had an entry.
    pub fn get(&self, queue: &QueueId) -> Option<&Queue> {
        self.queues.get(queue)
    }

    /// Returns how many wait in a queue, those before an agent included and promised calls that wait for a quiet time not.
    pub fn length(&self, queue: &QueueId) -> usize {
        self.get(queue).map_or(0, |queue| queue.line.len())
    }

    /// Walks all queues in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&QueueId, &Queue)> {
        let mut all: Vec<_> = self.queues.iter().collect();
        all.sort_unstable_by_key(|(queue, _)| *queue);
        all.into_iter()
    }

    /// Puts somebody in a line, who left a `message` or is there to wait.
    pub(crate) fn enter(&mut self, queue: &QueueId, key: Key, channel: Channel, message: bool) {
        match self.queues.get_mut(queue) {
            Some(queue) => queue.insert(key, channel, message),
            None => self
                .queues
                .entry(queue.clone())
                .or_default()
                .insert(key, channel, message),
        }
    }

    pub(crate) fn leave(&mut self, queue: &QueueId, key: &Key, channel: Channel) {
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.remove(key, channel);
        }
    }

    // Empty queues are forgotten at a restart, as those of a reduced journal were never known.
    pub(crate) fn restart(&mut self) {
        self.queues
            .retain(|_, queue| !queue.line.is_empty() || !queue.quiet.is_empty());
    }
}

impl Queue {
    /// Returns the line of those who wait, promised calls that wait for a quiet time not included.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Returns those in the line who left a message, and are not there to wait.
    pub fn messages(&self) -> &Line {
        &self.messages
    }

    /// Returns how many wait for a channel, those before an agent included.
    pub fn length_in(&self, channel: Channel) -> u32 {
        u32::try_from(self.lanes[of(channel)].len()).unwrap_or(u32::MAX)
    }

    /// Returns the place of `key` among all who wait, from 1, and how many wait for the same channel in front of it.
    pub fn place(&self, key: &Key, channel: Channel) -> Option<(u32, u32)> {
        let position = self.line.position(key)?;
        let lane = &self.lanes[of(channel)];
        let among = match lane.len() == self.line.len() {
            true => position,
            false => lane.position(key)?,
        };
        Some((position, among.saturating_sub(1)))
    }

    /// Returns the promised calls that wait for a quiet time, those before an agent included.
    pub fn quiet(&self) -> &Line {
        &self.quiet
    }

    fn insert(&mut self, key: Key, channel: Channel, message: bool) {
        if key.waits_for_quiet() {
            return self.quiet.insert(key);
        }
        self.line.insert(key);
        self.lanes[of(channel)].insert(key);
        if message {
            self.messages.insert(key);
        }
    }

    fn remove(&mut self, key: &Key, channel: Channel) {
        if key.waits_for_quiet() {
            return self.quiet.remove(key);
        }
        self.line.remove(key);
        self.lanes[of(channel)].remove(key);
        self.messages.remove(key);
    }
}

fn of(channel: Channel) -> usize {
    match channel {
        Channel::Voice => 0,
        Channel::Chat => 1,
    }
}
