//! The choice of an agent for an entry, or of an entry for an agent, with the reasons. Nothing is changed here.

use ws::{
    agent::{Channel, Presence},
    id::{AgentId, InteractionId, Timestamp},
};

use crate::{
    agent::Agent,
    board::{Board, Stand},
    event::Route,
    interaction::{Entry, Interaction},
    line::Key,
    roster::Roster,
    setup::{AgentSetup, PhoneSetup, Setup},
    state::State,
};

/// What a choice rests on.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) setup: &'a Setup,
    pub(crate) roster: &'a Roster,
    pub(crate) state: &'a State,
    pub(crate) board: &'a Board,
    pub(crate) now: Timestamp,
}

/// How many agents a route names as passed over.
const NAMED: usize = 4;

/// Tells why an agent cannot take more work of a channel now.
pub(crate) fn unavailable(
    setup: &AgentSetup,
    agent: Option<&Agent>,
    channel: Channel,
    now: Timestamp,
) -> Option<&'static str> {
    let Some(agent) = agent else {
        return Some("is not signed in");
    };
    match &agent.presence {
        Presence::Ready => {}
        Presence::Away { .. } => return Some("is away"),
        Presence::Gone => return Some("is not signed in"),
    }
    match channel {
        Channel::Voice if !agent.calls.is_empty() => Some("is in a call"),
        Channel::Voice if !reachable(setup, agent, now) => Some("has no phone that can be reached"),
        Channel::Voice => None,
        Channel::Chat if agent.chats.len() >= setup.chat_slots.count() => Some("has no chat slot"),
        Channel::Chat if !setup.chats_beside_call && !agent.calls.is_empty() => {
            Some("takes no chats beside a call")
        }
        Channel::Chat => None,
    }
}

/// Tells whether an agent's phone can be reached.
pub(crate) fn reachable(setup: &AgentSetup, agent: &Agent, now: Timestamp) -> bool {
    match setup.phone {
        PhoneSetup::Extension { .. } => true,
        PhoneSetup::Registered => agent.phone.as_ref().is_some_and(|phone| phone.until > now),
    }
}

impl View<'_> {
    /// Tells to whom a waiting entry may be offered, and until when that lasts.
    pub(crate) fn stand(&self, found: &Interaction, entry: &Entry) -> (Stand, Option<Timestamp>) {
        if let Some(stay) = &found.assignment {
            return (Stand::Reserved(stay.agent.clone()), None);
        }
        let until = entry.entered + self.setup.spans.familiar;
        if let Some(agent) = &entry.familiar
            && self.now < until
            && !found.tried.contains_key(agent)
            && self.roster.fits(agent, &entry.queue)
            && self.is_ready(agent)
        {
            return (Stand::Reserved(agent.clone()), Some(until));
        }
        (Stand::Open, None)
    }

    fn is_ready(&self, agent: &AgentId) -> bool {
        let agent = self.state.agents().get(agent);
        agent.is_some_and(|agent| agent.presence == Presence::Ready)
    }

    /// Returns until when an agent who refused is left in peace with an entry.
    pub(crate) fn in_peace(&self, found: &Interaction, agent: &AgentId) -> Option<Timestamp> {
        let tried = found.tried.get(agent).filter(|tried| tried.refused)?;
        Some(tried.at + self.setup.spans.offer).filter(|until| *until > self.now)
    }

    /// Chooses an agent for a waiting interaction.
    pub(crate) fn agent_for(&self, found: &Interaction) -> Option<Route> {
        let entry = found.entry.as_ref()?;
        if let (Stand::Reserved(agent), until) = self.stand(found, entry) {
            let free = self.board.is_free(&agent, entry.channel);
            let peace = self.in_peace(found, &agent).is_some();
            let why = match until {
                Some(_) => "served this customer before, or was asked for by name",
                None => "has the customer's chat",
            };
            return (free && !peace).then(|| self.route(entry, found, agent, why));
        }
        // Those asked already come last; among them the one asked longest ago.
        let mut again: Option<(Timestamp, &AgentId)> = None;
        for (_, _, agent) in self.board.free(&entry.queue, entry.channel) {
            match found.tried.get(agent) {
                None => {
                    let why = "is the least busy and longest idle of those who are free";
                    return Some(self.route(entry, found, agent.clone(), why));
                }
                Some(tried) if self.in_peace(found, agent).is_none() => {
                    if again.is_none_or(|(at, _)| tried.at < at) {
                        again = Some((tried.at, agent));
                    }
                }
                Some(_) => {}
            }
        }
        let (_, agent) = again?;
        let why = "was asked before, and nobody else is free";
        Some(self.route(entry, found, agent.clone(), why))
    }

    /// Chooses the entry that is next for a free agent.
    pub(crate) fn entry_for(&self, agent: &AgentId) -> Option<(InteractionId, Route)> {
        [Channel::Voice, Channel::Chat]
            .into_iter()
            .filter(|channel| self.board.is_free(agent, *channel))
            .find_map(|channel| self.entry_in(agent, channel))
    }

    fn entry_in(&self, agent: &AgentId, channel: Channel) -> Option<(InteractionId, Route)> {
        let suits = |key: &&Key| {
            let found = self.state.interaction(key.interaction);
            found.is_some_and(|found| self.in_peace(found, agent).is_none())
        };
        let kept = self.board.reserved(agent, channel).find(suits);
        let queues = self.roster.serves(agent).iter();
        let open = queues.filter_map(|queue| self.board.open(queue, channel).find(suits));
        let key = kept.into_iter().chain(open).min()?;
        let found = self.state.interaction(key.interaction)?;
        let why = "became free, and this is next in line";
        let route = self.route(found.entry.as_ref()?, found, agent.clone(), why);
        Some((key.interaction, route))
    }

    fn route(&self, entry: &Entry, found: &Interaction, agent: AgentId, why: &str) -> Route {
        let staff = self.roster.staff(&entry.queue).iter();
        let passed_over = staff
            .filter(|other| **other != agent)
            .take(NAMED)
            .map(|other| (other.clone(), self.why_not(other, entry, found).to_owned()))
            .collect();
        Route {
            agent,
            why: why.to_owned(),
            passed_over,
        }
    }

    fn why_not(&self, other: &AgentId, entry: &Entry, found: &Interaction) -> &'static str {
        let Some(setup) = self.setup.agents.get(other) else {
            return "is not configured";
        };
        if found.tried.contains_key(other) {
            return "was asked before";
        }
        let agent = self.state.agents().get(other);
        unavailable(setup, agent, entry.channel, self.now).unwrap_or(
            match self.board.is_free(other, entry.channel) {
                true => "is busier, or idle for less time",
                false => "has lost the console",
            },
        )
    }
}
