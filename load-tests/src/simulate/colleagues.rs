//! The colleagues in a chat beside its agent, as the journal tells it: who was asked, who came, who left.

use std::collections::BTreeMap;

use hub::{
    Event, Fact,
    event::{InChat, Party},
};
use ws::{
    id::{AgentId, LegId},
    timeline::Author,
};

/// The colleagues in a chat.
#[derive(Debug, Default)]
pub struct Colleagues {
    /// Who is asked, and how often the daemon had started then.
    asked: BTreeMap<AgentId, u64>,
    there: BTreeMap<LegId, AgentId>,
    /// Supervisors who barged in.
    barged: BTreeMap<LegId, AgentId>,
    /// The last leg of a chat that began.
    began: Option<(LegId, AgentId)>,
}

impl Colleagues {
    /// Tells whether nobody is in it any more, and nobody asked.
    pub fn is_over(&self) -> bool {
        self.asked.is_empty() && self.there.is_empty()
    }

    /// Tells whether an agent takes part.
    pub fn has(&self, agent: &AgentId) -> bool {
        self.there.values().any(|one| one == agent)
    }

    /// Returns whom the daemon asked before its last start.
    pub fn asked_before(&self, starts: u64) -> Option<&AgentId> {
        let mut asked = self.asked.iter();
        asked.find(|(_, then)| **then < starts).map(|(who, _)| who)
    }

    /// Takes in what happened; `agent` is who has the chat, and the daemon had started so often.
    pub fn handle_fact(&mut self, fact: &Fact, agent: Option<&AgentId>, starts: u64) {
        match &fact.event {
            Event::LegStarted {
                leg,
                party: Party::AgentChat { agent },
                ..
            } => self.began = Some((*leg, agent.clone())),
            // Who writes has the chat or takes part in it.
            Event::Said {
                from: Author::Agent { agent: writer, .. },
                ..
            } => {
                let barged = self.barged.values().any(|one| one == writer);
                let may = agent == Some(writer) || self.has(writer) || barged;
                assert!(may, "who writes is in the chat: {fact:?}");
            }
            Event::InChat(step) => self.handle_step(step, fact, agent, starts),
            _ => {}
        }
    }

    fn handle_step(&mut self, step: &InChat, fact: &Fact, agent: Option<&AgentId>, starts: u64) {
        match step {
            InChat::Invited { agent: asked, .. } => {
                let twice = self.asked.insert(asked.clone(), starts).is_some();
                assert!(!twice && !self.has(asked), "asked twice: {fact:?}");
                assert!(agent.is_some_and(|one| one != asked), "by whom: {fact:?}");
                let crowd = self.asked.len() + self.there.len();
                assert!(crowd <= 3, "three are enough: {fact:?}");
            }
            InChat::InvitationEnded { agent, .. } => {
                let was = self.asked.remove(agent);
                assert!(was.is_some(), "nobody was asked: {fact:?}");
            }
            InChat::MemberStarted { agent, leg, .. } => {
                let was = self.asked.remove(agent);
                assert!(was.is_some(), "who comes was asked: {fact:?}");
                let own = (*leg, agent.clone());
                assert_eq!(self.began.as_ref(), Some(&own), "by their leg: {fact:?}");
                self.there.insert(*leg, agent.clone());
            }
            InChat::MemberEnded { agent, leg, .. } => {
                let was = self.there.remove(leg);
                assert_eq!(was.as_ref(), Some(agent), "who leaves was there: {fact:?}");
            }
            InChat::SupervisionStarted { agent, leg, .. } => {
                self.barged.insert(*leg, agent.clone());
            }
            InChat::SupervisionEnded { leg, .. } => {
                self.barged.remove(leg);
            }
            InChat::Supervised { .. }
            | InChat::Joined { .. }
            | InChat::Left { .. }
            | InChat::Whispered { .. }
            | InChat::TakenOver { .. } => {}
        }
    }
}
