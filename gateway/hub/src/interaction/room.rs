//! Who is in the chat of an interaction beside customer and agent: supervisors, with what they whispered, and colleagues.

use ws::{
    agent::Note,
    id::{AgentId, LegId, Timestamp},
    supervision::Supervision,
};

use super::{Interaction, Watcher};

/// Who is in the chat of an interaction beside customer and agent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    /// The supervisors who take part.
    pub watchers: Vec<Watcher>,
    /// What they whispered.
    pub whispers: Vec<Whisper>,
    /// The colleagues who take part, in the order in which they came.
    pub members: Vec<Member>,
    /// The colleagues who are asked in and did not answer yet.
    pub invited: Vec<Invited>,
}

/// What a supervisor wrote to an agent alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Whisper {
    /// Whose it was to read.
    pub to: AgentId,
    /// Who wrote it, when, and what.
    pub note: Note,
}

/// A colleague in a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Who.
    pub agent: AgentId,
    /// The name customers are shown.
    pub name: String,
    /// Their leg.
    pub leg: LegId,
    /// Since when.
    pub since: Timestamp,
}

/// A colleague who is asked into a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Invited {
    /// Who.
    pub agent: AgentId,
    /// Who asks.
    pub by: AgentId,
    /// When they were asked.
    pub made: Timestamp,
    /// Until when they can come.
    pub deadline: Timestamp,
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

    /// Returns how a colleague takes part, if they do.
    pub fn member(&self, agent: &AgentId) -> Option<&Member> {
        self.members.iter().find(|one| one.agent == *agent)
    }

    /// Returns how a colleague is asked in, if they are.
    pub fn invitation(&self, agent: &AgentId) -> Option<&Invited> {
        self.invited.iter().find(|one| one.agent == *agent)
    }

    /// Returns the colleagues who take a slot for it: those who take part, and those who are asked.
    pub fn company(&self) -> impl Iterator<Item = &AgentId> {
        let members = self.members.iter().map(|one| &one.agent);
        members.chain(self.invited.iter().map(|one| &one.agent))
    }

    /// Tells whether a supervisor barged in.
    pub fn is_barged_by(&self, agent: &AgentId) -> bool {
        let watcher = self.watcher(agent);
        watcher.is_some_and(|watcher| watcher.how == Supervision::Barge)
    }
}

impl Interaction {
    /// Tells whether an agent writes in its chat beside the one who has it: a colleague, or a supervisor who barged in.
    pub fn is_joined_by(&self, agent: &AgentId) -> bool {
        self.room.member(agent).is_some() || self.room.is_barged_by(agent)
    }

    /// Tells whether colleagues can take part: somebody has the chat, and it is not parked.
    pub fn takes_members(&self) -> bool {
        let stay = self.assignment.as_ref();
        self.writes() && stay.is_some_and(|stay| stay.holds_chat_slot() && stay.wrap_up.is_none())
    }
}
