//! An agent's own queue: who asked for one agent waits for them first, as long as the house has it, and keeps the place in
//! the queue that serves them otherwise. It is no line of its own: its entries are those that are kept for the agent.

use std::{collections::BTreeMap, time::Duration};

use ws::{
    agent::{Channel, Presence},
    id::{AgentId, InteractionId, QueueId, Timestamp},
};

use crate::{
    board::Stand,
    event::Why,
    hub::Hub,
    interaction::{Entry, Interaction},
    line::Key,
    roster::Seat,
    routing::{Kept, View},
};

/// How agents are reached directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSetup {
    /// How long one waits for the agent they asked for; zero for as long as for any familiar agent.
    pub wait: Duration,
    /// How many wait for one agent at most; who comes then goes to the other agents at once.
    pub limit: usize,
    /// Which queue serves those who waited long enough; else the first that the agent serves.
    pub fallback: BTreeMap<AgentId, QueueId>,
    /// Called numbers that are an agent's.
    pub numbers: BTreeMap<String, AgentId>,
}

impl Default for OwnSetup {
    fn default() -> Self {
        Self {
            wait: Duration::ZERO,
            limit: 5,
            fallback: BTreeMap::new(),
            numbers: BTreeMap::new(),
        }
    }
}

/// For whom an interaction is or was kept, because they were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Whom.
    pub agent: AgentId,
    /// Until when.
    pub until: Timestamp,
}

impl View<'_> {
    /// Tells for whom an entry is kept because they were asked for. What its queue asks of agents is not asked of them.
    pub(crate) fn own(&self, found: &Interaction, entry: &Entry) -> Option<Kept> {
        let (agent, until) = (entry.familiar.as_ref()?, entry.kept_until?);
        self.waits_for(found, agent, until).then(|| Kept {
            seat: self.roster.seat(agent),
            until: Some(until),
            why: Why::Own,
        })
    }

    /// Tells whether it is worth to wait on for an agent: neither too late, nor in vain.
    fn waits_for(&self, found: &Interaction, agent: &AgentId, until: Timestamp) -> bool {
        self.now < until && !found.tried.contains_key(agent) && self.is_signed_in(agent)
    }

    fn is_signed_in(&self, agent: &AgentId) -> bool {
        let known = self.state.agents().get(agent);
        self.setup.agents.contains_key(agent)
            && known.is_some_and(|known| known.presence != Presence::Gone)
    }
}

impl Hub {
    /// Returns the agent of a called number or name.
    pub(crate) fn called_agent(&self, name: &str) -> Option<AgentId> {
        let number = self.setup.own.numbers.get(name).cloned();
        let agent = number.or_else(|| name.parse().ok());
        agent.filter(|agent| self.setup.agents.contains_key(agent))
    }

    /// Returns the queue that serves those whom an agent cannot serve in time.
    pub(crate) fn fallback_of(&self, agent: &AgentId) -> Option<QueueId> {
        let named = self.setup.own.fallback.get(agent);
        let named = named.filter(|queue| self.setup.queues.contains_key(*queue));
        named.or(self.roster.serves(agent).first()).cloned()
    }

    /// Returns who waits for an agent and nobody else, the first in front, and until when if not for good.
    pub(crate) fn own_queue(&self, agent: &AgentId) -> Vec<(&Interaction, Option<Timestamp>)> {
        let Some(seat) = self.roster.seat(agent) else {
            return Vec::new();
        };
        let mut keys: Vec<_> = self.reserved(seat).collect();
        keys.sort_unstable();
        let waits = keys.into_iter().filter_map(|key| {
            let found = self.state.interaction(key.interaction)?;
            let kept = self.view().kept(found, found.entry.as_ref()?)?;
            found.assignment.is_none().then_some((found, kept.until))
        });
        waits.collect()
    }

    // What is listed for an agent alone.
    fn reserved(&self, seat: Seat) -> impl Iterator<Item = &Key> {
        let channels = [Channel::Voice, Channel::Chat].into_iter();
        channels.flat_map(move |channel| self.board.reserved(seat, channel))
    }

    /// Returns for whom somebody waits, if for one agent only.
    pub(crate) fn kept_for(&self, found: &Interaction) -> Option<&AgentId> {
        let listed = self.board.listed(found.id)?;
        match listed.stand {
            Stand::Reserved(seat) => Some(self.roster.name(seat)),
            Stand::Open(_) => None,
        }
    }

    /// Tells whether somebody may wait for an agent.
    pub(crate) fn may_wait_for(&self, agent: &AgentId) -> bool {
        let own = &self.setup.own;
        !own.wait.is_zero()
            && self.view().is_signed_in(agent)
            && self.own_queue(agent).len() < own.limit
    }

    /// Returns whom an interaction that comes to its queue waits for first, and until when if they were asked for.
    pub(crate) fn first_choice(&self, found: &Interaction) -> (Option<AgentId>, Option<Timestamp>) {
        // Whoever has the chat takes its call, whom the customer asked for before them or not.
        if found.assignment.is_some() {
            return (self.familiar(found), None);
        }
        if let Some(own) = &found.own {
            let waits = self.view().waits_for(found, &own.agent, own.until);
            return match waits {
                true => (Some(own.agent.clone()), Some(own.until)),
                // They waited for one agent long enough.
                false => (None, None),
            };
        }
        let aside = self.asides.get(&found.id);
        let asked = aside.and_then(|aside| aside.wanted.as_ref());
        match asked.filter(|agent| !found.tried.contains_key(*agent) && self.may_wait_for(agent)) {
            Some(agent) => (Some(agent.clone()), Some(self.now + self.setup.own.wait)),
            None => (self.familiar(found), None),
        }
    }

    /// Returns whom the customer asked for, or another system names, or else who served them before.
    pub(crate) fn familiar(&self, found: &Interaction) -> Option<AgentId> {
        let wanted = self.asides.get(&found.id).and_then(|a| a.wanted.clone());
        let named = found.found.as_ref().and_then(|found| found.agent.clone());
        let customer = self.state.customers().get(found.customer);
        let known = found.served.clone().or_else(|| customer?.familiar.clone());
        let agent = wanted.or(named).or(known)?;
        let asked = found.tried.contains_key(&agent);
        (!asked && self.roster.is_at(&agent, &found.queue)).then_some(agent)
    }

    /// Lets others serve who waited for one agent long enough, or in vain; tells whether it did.
    pub(crate) fn settle_own(&mut self, id: InteractionId) -> bool {
        let found = self.state.interaction(id).filter(|f| f.is_waiting());
        let Some((found, entry)) = found.and_then(|found| Some((found, found.entry.as_ref()?)))
        else {
            return false;
        };
        let (Some(agent), Some(until)) = (&entry.familiar, entry.kept_until) else {
            return false;
        };
        if self.view().waits_for(found, agent, until) {
            return false;
        }
        let why = match () {
            () if found.tried.contains_key(agent) => "did not take it",
            () if self.now >= until => "was not free in time",
            () => "is not signed in",
        };
        let reason = format!("{agent} was asked for and {why}");
        self.queue_anew(id, &reason);
        true
    }

    /// Looks again at who waits for an agent, whose presence changed.
    pub(crate) fn touch_own(&mut self, agent: &AgentId) {
        let Some(seat) = self.roster.seat(agent) else {
            return;
        };
        // As they are listed: who went is waited for no more, and their queue counts nobody.
        let ids: Vec<_> = self.reserved(seat).map(|key| key.interaction).collect();
        self.touched.extend(ids);
    }
}
