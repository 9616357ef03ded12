//! Outbound work in quiet times: a promised call without a time of its own is put before agents only while those who come
//! are served at once, as the queue's `blend` says. A promise with a window waits so until the end of that comes near,
//! or of the hours in it, and one for a time is called at its time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ws::{
    agent::Channel,
    id::{CallbackId, InteractionId, QueueId, Timestamp},
};

use crate::{hub::Hub, interaction::Interaction, line::Key};

/// When a queue hands out promised calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blend {
    /// So many of those who have all skills for it are idle: ready, with a phone, and with nothing on their desk.
    pub idle_agents: usize,
    /// Nobody who came waits as long as this.
    pub below_wait: Duration,
}

/// Who is held back, by queue, in the order of the line.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldBack {
    queues: BTreeMap<QueueId, BTreeSet<Key>>,
}

impl HeldBack {
    fn note(&mut self, queue: &QueueId, key: Key, held: bool) {
        if held {
            self.queues.entry(queue.clone()).or_default().insert(key);
        } else if let Some(keys) = self.queues.get_mut(queue)
            && keys.remove(&key)
            && keys.is_empty()
        {
            self.queues.remove(queue);
        }
    }
}

impl Hub {
    /// Tells whether an entry is a promised call that waits for a quiet time.
    pub(crate) fn holds_back(&self, found: &Interaction) -> bool {
        let entry = found.entry.as_ref();
        entry.is_some_and(|entry| entry.key.waits_for_quiet() && !self.is_quiet(&entry.queue))
    }

    /// Tells whether one of its promises is one for quiet times, as it stands now.
    pub(crate) fn is_for_quiet(&self, found: &Interaction, callback: Option<CallbackId>) -> bool {
        let promise = callback.and_then(|callback| found.callback(callback));
        let blends = self.setup.queues.get(&found.queue);
        let blends = blends.is_some_and(|queue| queue.blend.is_some());
        let promise = promise.filter(|promise| blends && promise.plan.place.is_none());
        promise.is_some_and(
            |promise| match self.setup.latest_start(&found.queue, promise) {
                Some(last) => self.now < last,
                None => !promise.plan.timed,
            },
        )
    }

    /// Returns until when an entry waits for a quiet time at most, where it does and that is bounded.
    pub(crate) fn waits_for_quiet_until(&self, found: &Interaction) -> Option<Timestamp> {
        let entry = found.entry.as_ref()?;
        let promise = found.callback(entry.callback?)?;
        let waits = entry.key.waits_for_quiet();
        waits
            .then(|| self.setup.latest_start(&found.queue, promise))
            .flatten()
    }

    fn is_quiet(&self, queue: &QueueId) -> bool {
        let Some(blend) = self.setup.queues.get(queue).and_then(|setup| setup.blend) else {
            return true;
        };
        self.are_idle(queue, blend.idle_agents) && !self.is_waited_in(queue, blend.below_wait)
    }

    fn are_idle(&self, queue: &QueueId, agents: usize) -> bool {
        let Some(team) = self.roster.team_of_queue(queue) else {
            return false;
        };
        let free = self.board.free(team, Channel::Voice);
        let idle = free.filter(|(_, load, _, _)| *load == 0);
        idle.take(agents).count() == agents
    }

    // Whether somebody who came waits so long. With agents idle only those wait whom none of them can serve. Who left a message
    // waits for nothing.
    fn is_waited_in(&self, queue: &QueueId, long: Duration) -> bool {
        let line = self.state.queues().get(queue).map(|queue| queue.line());
        let mut keys = line.into_iter().flat_map(|line| line.iter());
        keys.any(|key| {
            let found = self.state.interaction(key.interaction);
            let entry = found.and_then(|found| found.entry.as_ref());
            let came = entry.is_some_and(|entry| entry.callback.is_none());
            let stays = found.is_some_and(|found| !found.is_message());
            came && stays && self.now.since(key.since) >= long
        })
    }

    /// Remembers whether an entry is held back, and forgets one that is gone.
    pub(crate) fn note_held_back(&mut self, id: InteractionId) {
        let old = self
            .asides
            .get_mut(&id)
            .and_then(|aside| aside.held_back.take());
        if let Some((queue, key)) = old {
            self.held_back.note(&queue, key, false);
        }
        let found = self
            .state
            .interaction(id)
            .filter(|found| found.is_waiting());
        let Some(found) = found.filter(|found| self.holds_back(found)) else {
            return;
        };
        if let Some(entry) = &found.entry {
            let place = (entry.queue.clone(), entry.key);
            self.held_back.note(&place.0, place.1, true);
            self.asides.entry(id).or_default().held_back = Some(place);
        }
    }

    /// Returns a promised call for which it is quiet enough now.
    pub(crate) fn next_held_back(&self) -> Option<InteractionId> {
        let queues = self.held_back.queues.iter();
        let mut quiet = queues.filter(|(queue, _)| self.is_quiet(queue));
        let (_, keys) = quiet.next()?;
        keys.first().map(|key| key.interaction)
    }
}
