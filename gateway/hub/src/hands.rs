//! Who of those who serve a queue, were it only after a wait, is signed in: worked out from presence as it changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ws::{
    agent::{Channel, Presence},
    id::{AgentId, QueueId},
};

use crate::ids::ByName;

/// The agents on hand, by queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hands {
    queues: ByName<QueueId, Hand>,
    known: ByName<AgentId, Presence>,
}

#[derive(Clone, Debug, Default)]
struct Hand {
    signed_in: BTreeSet<AgentId>,
    /// Who is ready, with their chat slots.
    ready: ByName<AgentId, u32>,
    chat_slots: u32,
    /// How many of them serve the queue after how long a wait.
    after: BTreeMap<Duration, usize>,
}

impl Hands {
    /// Notes an agent's presence for the queues they serve, each after so long a wait. Returns the queues that lost the
    /// last who was signed in.
    pub(crate) fn note(
        &mut self,
        agent: &AgentId,
        presence: &Presence,
        chat_slots: u32,
        queues: &[(QueueId, Duration)],
    ) -> Vec<QueueId> {
        if self.known.get(agent) == Some(presence) {
            return Vec::new();
        }
        self.known.insert(agent.clone(), presence.clone());
        let signed_in = match presence {
            Presence::Ready | Presence::Away { .. } => true,
            Presence::Gone => false,
        };
        let mut lost = Vec::new();
        for (queue, after) in queues {
            let hand = self.queues.entry(queue.clone()).or_default();
            let ready = (*presence == Presence::Ready).then_some(chat_slots);
            hand.be_ready(agent, ready, *after);
            if put(&mut hand.signed_in, agent, signed_in) && hand.signed_in.is_empty() {
                lost.push(queue.clone());
            }
        }
        lost
    }

    /// Returns how many slots those have who serve a queue and are ready, taken ones included.
    pub(crate) fn slots(&self, queue: &QueueId, channel: Channel) -> u32 {
        self.queues.get(queue).map_or(0, |hand| match channel {
            Channel::Voice => u32::try_from(hand.ready.len()).unwrap_or(u32::MAX),
            Channel::Chat => hand.chat_slots,
        })
    }

    /// Returns how long an entry must have waited at least before one of those who are ready can serve it.
    pub(crate) fn soonest(&self, queue: &QueueId) -> Duration {
        let first = self
            .queues
            .get(queue)
            .and_then(|hand| hand.after.first_key_value());
        first.map_or(Duration::ZERO, |(after, _)| *after)
    }

    /// Returns how many who serve a queue are signed in.
    pub(crate) fn signed_in(&self, queue: &QueueId) -> usize {
        self.queues
            .get(queue)
            .map_or(0, |hand| hand.signed_in.len())
    }
}

impl Hand {
    // One agent's wait stays the same until the setup is another, and all is counted anew.
    fn be_ready(&mut self, agent: &AgentId, slots: Option<u32>, after: Duration) {
        let before = match slots {
            Some(slots) => self.ready.insert(agent.clone(), slots),
            None => self.ready.remove(agent),
        };
        self.chat_slots = self.chat_slots + slots.unwrap_or(0) - before.unwrap_or(0);
        let count = self.after.entry(after).or_default();
        *count = *count + usize::from(slots.is_some()) - usize::from(before.is_some());
        if *count == 0 {
            self.after.remove(&after);
        }
    }
}

// Tells whether that changed anything.
fn put(agents: &mut BTreeSet<AgentId>, agent: &AgentId, within: bool) -> bool {
    match within {
        true => agents.insert(agent.clone()),
        false => agents.remove(agent),
    }
}
