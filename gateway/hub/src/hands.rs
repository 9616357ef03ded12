//! Who of those who serve a queue is signed in: worked out from presence as it changes.

use std::collections::BTreeSet;

use ws::{
    agent::Presence,
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
}

impl Hands {
    /// Notes an agent's presence for the queues they serve. Returns the queues that lost the last who was signed in.
    pub(crate) fn note(
        &mut self,
        agent: &AgentId,
        presence: &Presence,
        queues: &[QueueId],
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
        for queue in queues {
            let hand = self.queues.entry(queue.clone()).or_default();
            if put(&mut hand.signed_in, agent, signed_in) && hand.signed_in.is_empty() {
                lost.push(queue.clone());
            }
        }
        lost
    }

    /// Returns how many who serve a queue are signed in.
    pub(crate) fn signed_in(&self, queue: &QueueId) -> usize {
        self.queues
            .get(queue)
            .map_or(0, |hand| hand.signed_in.len())
    }
}

// Tells whether that changed anything.
fn put(agents: &mut BTreeSet<AgentId>, agent: &AgentId, within: bool) -> bool {
    match within {
        true => agents.insert(agent.clone()),
        false => agents.remove(agent),
    }
}
