//! Who is in a call beside customer and agent, as the journal tells it: whom the agent asks, whom they took in, who
//! supervises.

use std::collections::{BTreeMap, BTreeSet};

use hub::{Fact, event::InCall};
use ws::{
    id::{AgentId, LegId},
    supervision::Supervision,
};

/// A supervisor.
#[derive(Debug)]
pub struct Watcher {
    agent: AgentId,
    pub how: Supervision,
    /// Whether they are on the line.
    pub joined: bool,
}

impl Watcher {
    fn new(agent: &AgentId, how: Supervision) -> Self {
        Self {
            agent: agent.clone(),
            how,
            joined: false,
        }
    }
}

/// Who is in a call beside customer and agent.
#[derive(Debug, Default)]
pub struct Company {
    /// Whom the agent asks while the customer hears music.
    consult: Option<LegId>,
    /// Who was taken into the conversation.
    guests: BTreeSet<LegId>,
    pub watchers: BTreeMap<LegId, Watcher>,
    /// Legs of supervisors and of who was taken in whose part is over.
    pub left: BTreeSet<LegId>,
    /// Whether the agent took somebody out again.
    pub dismissed: bool,
    /// Whether nothing is to be heard of the agent, by whatever phone.
    pub muted: bool,
}

impl Company {
    /// Tells whether nobody is in it any more.
    pub fn is_over(&self) -> bool {
        self.consult.is_none() && self.guests.is_empty() && self.watchers.is_empty()
    }

    /// Takes in a step; `legs` are those that are live.
    pub fn handle_step(&mut self, step: &InCall, fact: &Fact, legs: &BTreeMap<LegId, bool>) {
        match step {
            InCall::ConsultStarted { leg, .. } => {
                assert_eq!(self.consult, None, "one is asked at a time: {fact:?}");
                self.consult = Some(*leg);
            }
            InCall::ConsultJoined { leg } => {
                assert_eq!(self.consult, Some(*leg), "nobody was asked: {fact:?}");
                assert!(legs.contains_key(leg), "it is over: {fact:?}");
            }
            InCall::ConsultEnded { leg, .. } => {
                let asked = self.consult.take();
                assert_eq!(asked, Some(*leg), "nobody was asked: {fact:?}");
            }
            // Only who was asked, and is on the line, is taken into the conversation.
            InCall::ConferenceJoined { leg } => {
                let asked = self.consult.take();
                assert_eq!(asked, Some(*leg), "nobody was asked: {fact:?}");
                assert!(legs.contains_key(leg), "it is over: {fact:?}");
                self.guests.insert(*leg);
            }
            InCall::ConferenceLeft { leg, cause, .. } => {
                let was = self.guests.remove(leg);
                assert!(was, "who leaves was taken in: {fact:?}");
                self.left.insert(*leg);
                self.dismissed |= cause.text == "the agent took them out of the call";
            }
            InCall::Muted { on } => self.muted = *on,
            InCall::Transferred { leg, .. } => {
                (self.consult, self.muted) = (None, false);
                if let Some(leg) = leg {
                    self.guests.remove(leg);
                    self.watchers.remove(leg);
                }
            }
            InCall::SupervisionStarted { .. }
            | InCall::Supervised { .. }
            | InCall::SupervisionEnded { .. } => self.handle_watcher(step, fact, legs),
            InCall::Held { .. }
            | InCall::TransferFailed { .. }
            | InCall::HandedOut { .. }
            | InCall::HandOutFailed { .. }
            | InCall::MenuEntered { .. }
            | InCall::MenuKeyed { .. }
            | InCall::MenuLeft { .. }
            | InCall::HoldRefused { .. }
            | InCall::Hears { .. }
            | InCall::CallerShown { .. }
            | InCall::Rerouted { .. }
            | InCall::Redirected { .. }
            | InCall::ReplacementStarted { .. }
            | InCall::ReplacementFailed { .. }
            | InCall::Replaced { .. } => {}
        }
    }

    fn handle_watcher(&mut self, step: &InCall, fact: &Fact, legs: &BTreeMap<LegId, bool>) {
        if let InCall::SupervisionStarted { agent, leg, how } = step {
            let twice = self.watchers.values().any(|one| one.agent == *agent);
            assert!(!twice, "a supervisor takes part once: {fact:?}");
            let watcher = Watcher::new(agent, *how);
            self.watchers.insert(*leg, watcher);
        }
        if let InCall::Supervised { leg, how } = step {
            assert!(legs.contains_key(leg), "it is over: {fact:?}");
            let watcher = self.watchers.get_mut(leg);
            let watcher = watcher.unwrap_or_else(|| panic!("nobody supervises: {fact:?}"));
            (watcher.how, watcher.joined) = (*how, true);
        }
        if let InCall::SupervisionEnded { agent, leg, .. } = step {
            let was = self.watchers.remove(leg).map(|watcher| watcher.agent);
            assert_eq!(was.as_ref(), Some(agent), "nobody supervises: {fact:?}");
            self.left.insert(*leg);
        }
    }
}
