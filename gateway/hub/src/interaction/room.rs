//! Supervisors in the chat of an interaction, and what they whispered.

use ws::{agent::Note, id::AgentId, supervision::Supervision};

use super::{Interaction, Watcher};

/// Who is in the chat of an interaction beside customer and agent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    /// The supervisors who take part.
    pub watchers: Vec<Watcher>,
    /// What they whispered.
    pub whispers: Vec<Whisper>,
}

/// What a supervisor wrote to an agent alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Whisper {
    /// Whose it was to read.
    pub to: AgentId,
    /// Who wrote it, when, and what.
    pub note: Note,
}

impl Room {
    /// Returns how a supervisor takes part, if they do.
    pub fn watcher(&self, agent: &AgentId) -> Option<&Watcher> {
        self.watchers.iter().find(|one| one.agent == *agent)
    }

    /// Returns what was whispered to an agent.
    pub fn whispers_to(&self, agent: &AgentId) -> Vec<Note> {
        let theirs = self.whispers.iter().filter(|one| one.to == *agent);
        theirs.map(|one| one.note.clone()).collect()
    }
}

impl Interaction {
    /// Tells whether a supervisor barged into its chat.
    pub fn is_joined_by(&self, agent: &AgentId) -> bool {
        let watcher = self.room.watcher(agent);
        watcher.is_some_and(|watcher| watcher.how == Supervision::Barge)
    }
}
