//! One agent's desk as a numbered stream that can be taken up again.

use std::collections::VecDeque;

use ws::{
    agent::{Desk, DeskResume, Push},
    id::{InteractionId, Seq},
    supervision::{Supervised, Supervision},
};

use super::desk;

/// Changes kept for consoles that come back, over a kilobyte each and most of what a call leaves in memory. Who missed more is told
/// the whole desk, which is about as much.
const RING: usize = 64;

/// The desk of an agent who was here since the start, and the way it came to be as it is.
#[derive(Debug)]
pub(super) struct Stream {
    desk: Desk,
    seq: Seq,
    ring: VecDeque<(Seq, Push)>,
}

impl Stream {
    pub(super) fn new(desk: Desk) -> Self {
        Self {
            desk,
            seq: Seq(1),
            ring: VecDeque::new(),
        }
    }

    /// Returns the desk as it was last told.
    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Tells whether a contact is on the desk.
    pub(super) fn holds(&self, interaction: InteractionId) -> bool {
        let mut contacts = self.desk.contacts.iter();
        contacts.any(|contact| contact.interaction == interaction)
    }

    /// Tells whether its agent may be read in an interaction's chat: it is on the desk, or they barged in.
    pub(super) fn speaks_in(&self, interaction: InteractionId) -> bool {
        let mut supervised = self.desk.supervised.iter();
        let barges = |one: &Supervised| one.how == Supervision::Barge;
        self.holds(interaction)
            || supervised.any(|one| one.interaction == interaction && barges(one))
    }

    /// Returns the chats that its agent reads along.
    pub(super) fn overseen(&self) -> Vec<InteractionId> {
        let supervised = self.desk.supervised.iter();
        supervised.map(|one| one.interaction).collect()
    }

    /// Returns the interactions whose timelines belong to the desk.
    pub(super) fn followed(&self) -> Vec<InteractionId> {
        let contacts = self.desk.contacts.iter();
        let contacts = contacts.map(|contact| contact.interaction);
        contacts.chain(self.overseen()).collect()
    }

    /// Brings the desk up to date and returns what is to be told about it.
    pub(super) fn change(
        &mut self,
        mut after: Desk,
        why: impl Fn(InteractionId) -> desk::Why,
    ) -> Vec<Push> {
        let changes = desk::changes(&self.desk, &after, why);
        if changes.is_some() {
            // Queue lengths have a push of their own, told by `set_queues`.
            after.queues.clone_from(&self.desk.queues);
        }
        self.desk = after;
        let Some(changes) = changes else {
            self.seq = Seq(self.seq.0 + 1);
            self.ring.clear();
            return vec![self.snapshot()];
        };
        let mut told = Vec::new();
        for (interaction, change) in changes {
            self.seq = Seq(self.seq.0 + 1);
            let push = Push::Change {
                seq: self.seq,
                interaction,
                change: Box::new(change),
            };
            self.ring.push_back((self.seq, push.clone()));
            told.push(push);
        }
        let excess = self.ring.len().saturating_sub(RING);
        self.ring.drain(..excess);
        told
    }

    /// Returns what brings a console up to date: the changes it missed, or the whole desk.
    pub(super) fn resume(&self, from: Option<&DeskResume>, epoch: &str) -> Vec<Push> {
        let known = from.filter(|from| from.epoch == epoch && self.reaches(from.seq));
        let Some(from) = known else {
            return vec![self.snapshot()];
        };
        let missed = self.ring.iter().filter(|(seq, _)| *seq > from.seq);
        let mut told: Vec<_> = missed.map(|(_, push)| push.clone()).collect();
        // Queue lengths are no part of the ring: the latest wins.
        told.push(Push::Queues {
            queues: self.desk.queues.clone(),
        });
        told
    }

    /// Sets the queue lengths; returns the push if they changed.
    pub(super) fn set_queues(&mut self, queues: Vec<ws::agent::QueueLength>) -> Option<Push> {
        if self.desk.queues == queues {
            return None;
        }
        self.desk.queues.clone_from(&queues);
        Some(Push::Queues { queues })
    }

    /// Forgets the way the desk came to be as it is: who missed a part of it is told the whole.
    pub(super) fn forget(&mut self) {
        self.ring.clear();
    }

    fn snapshot(&self) -> Push {
        Push::Desk {
            seq: self.seq,
            desk: self.desk.clone(),
        }
    }

    fn reaches(&self, seq: Seq) -> bool {
        let oldest = self.ring.front().map_or(self.seq.0 + 1, |(seq, _)| seq.0);
        seq <= self.seq && seq.0 + 1 >= oldest
    }
}
