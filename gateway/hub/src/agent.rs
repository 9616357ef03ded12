//! Agents as the facts know them: presence, phone, and what they hold, which is never counted but derived.

use std::collections::BTreeSet;

use ws::{
    agent::{Channel, Presence},
    id::{AgentId, InteractionId, Timestamp},
};

use crate::{event::SetBy, ids::ByName, lease::Leases};

/// All agents that were ever seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agents {
    agents: ByName<AgentId, Agent>,
}

/// One agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// Whether they take work.
    pub presence: Presence,
    /// Since when it is as it is.
    pub since: Timestamp,
    /// The code of the configured reason they are away for.
    pub code: Option<String>,
    /// Who set it.
    pub by: SetBy,
    /// Where their registered phone is, if it is there.
    pub phone: Option<Phone>,
    /// Offers missed in a row.
    pub misses: u8,
    /// When their last contact ended, or they became ready.
    pub idle_since: Timestamp,
    /// Interactions that hold a chat slot: offers, chats and their wrap-ups, chats of colleagues
    /// in which they take part or are asked to.
    pub chats: BTreeSet<InteractionId>,
    /// Interactions that hold the voice slot: an offer, a call or its wrap-up.
    pub calls: BTreeSet<InteractionId>,
    /// Silent chats that are theirs and hold no slot.
    pub parked: BTreeSet<InteractionId>,
    /// Chats of others in which they take part as a supervisor.
    pub oversees: BTreeSet<InteractionId>,
}

/// A registered phone.
#[derive(Clone, Debug, PartialEq)]
pub struct Phone {
    /// What the SIP side finds it again by.
    pub binding: String,
    /// Until when it is registered.
    pub until: Timestamp,
}

impl Default for Agent {
    fn default() -> Self {
        Self {
            presence: Presence::Gone,
            since: Timestamp::default(),
            code: None,
            by: SetBy::default(),
            phone: None,
            misses: 0,
            idle_since: Timestamp::default(),
            chats: BTreeSet::new(),
            calls: BTreeSet::new(),
            parked: BTreeSet::new(),
            oversees: BTreeSet::new(),
        }
    }
}

impl Agent {
    /// Returns every interaction before them: offers, contacts, parked ones too, wrap-ups, chats they oversee.
    pub fn holds(&self) -> BTreeSet<InteractionId> {
        let all = self.chats.iter().chain(&self.calls).chain(&self.parked);
        let all = all.chain(&self.oversees);
        all.copied().collect()
    }

    pub(crate) fn be(
        &mut self,
        presence: &Presence,
        code: Option<&String>,
        by: &SetBy,
        at: Timestamp,
    ) {
        self.since = at;
        self.code = code.cloned();
        self.by = by.clone();
        if *presence == Presence::Ready && self.presence != *presence {
            self.misses = 0;
            self.idle_since = at;
        }
        self.presence = presence.clone();
    }

    fn slots(&mut self, channel: Channel) -> &mut BTreeSet<InteractionId> {
        match channel {
            Channel::Voice => &mut self.calls,
            Channel::Chat => &mut self.chats,
        }
    }
}

impl Agents {
    /// Returns an agent, if ever seen.
    pub fn get(&self, agent: &AgentId) -> Option<&Agent> {
        self.agents.get(agent)
    }

    /// Walks all agents in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&AgentId, &Agent)> {
        let mut all: Vec<_> = self.agents.iter().collect();
        all.sort_unstable_by_key(|(agent, _)| *agent);
        all.into_iter()
    }

    pub(crate) fn change(&mut self, agent: &AgentId) -> &mut Agent {
        if !self.agents.contains_key(agent) {
            self.agents.insert(agent.clone(), Agent::default());
        }
        self.agents.get_mut(agent).expect("inserted above")
    }

    // The only place slots are taken and given back.
    pub(crate) fn shift(&mut self, interaction: InteractionId, before: &Leases, after: &Leases) {
        if before == after {
            return;
        }
        for (agent, channel) in before.iter() {
            self.change(agent).slots(channel).remove(&interaction);
        }
        for (agent, channel) in after.iter() {
            self.change(agent).slots(channel).insert(interaction);
        }
        if let Some(agent) = before.parked() {
            self.change(agent).parked.remove(&interaction);
        }
        if let Some(agent) = after.parked() {
            self.change(agent).parked.insert(interaction);
        }
        for agent in before.overseers() {
            self.change(agent).oversees.remove(&interaction);
        }
        for agent in after.overseers() {
            self.change(agent).oversees.insert(interaction);
        }
    }

    // What is remembered of the time before a restart is what a reduced journal still tells: of everybody the last presence
    // and the last of the phone, of those too who are signed out.
    pub(crate) fn restart(&mut self, at: Timestamp) {
        for agent in self.agents.values_mut() {
            agent.misses = 0;
            agent.idle_since = at;
        }
    }
}
