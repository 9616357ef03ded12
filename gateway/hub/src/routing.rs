//! The choice of an agent for an entry, or of an entry for an agent. Nothing is changed here.

use ws::{
    agent::{Channel, Presence},
    id::{AgentId, InteractionId, Timestamp},
};

use crate::{
    agent::Agent,
    board::{Board, Stand},
    demand::lack,
    event::{Verdict, Why},
    interaction::{Entry, Interaction, Tried, Vain},
    line::Key,
    roster::{Roster, Seat},
    setup::{AgentSetup, ChatsDuringCall, PhoneSetup, Setup},
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

/// For whom a waiting entry is kept, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) seat: Option<Seat>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) why: Why,
}

/// Tells why an agent cannot take more work of a channel now; `headset` says that calls ring at a console.
pub(crate) fn unavailable(
    setup: &AgentSetup,
    agent: Option<&Agent>,
    channel: Channel,
    (headset, now): (bool, Timestamp),
) -> Option<Verdict> {
    let Some(agent) = agent else {
        return Some(Verdict::SignedOut);
    };
    match &agent.presence {
        Presence::Ready => {}
        Presence::Away { .. } => return Some(Verdict::Away),
        Presence::Gone => return Some(Verdict::SignedOut),
    }
    match channel {
        Channel::Voice if !agent.calls.is_empty() => Some(Verdict::InCall),
        Channel::Voice if !headset && !reachable(setup, agent, now) => Some(Verdict::NoPhone),
        Channel::Voice => None,
        Channel::Chat if agent.chats.len() >= setup.chat_slots.count() => Some(Verdict::NoSlot),
        Channel::Chat
            if setup.chats_during_call != ChatsDuringCall::Run && !agent.calls.is_empty() =>
        {
            Some(Verdict::BesideCall)
        }
        Channel::Chat => None,
    }
}

/// Tells whether an agent's phone can be reached, leaving headsets aside.
pub(crate) fn reachable(setup: &AgentSetup, agent: &Agent, now: Timestamp) -> bool {
    match setup.phone {
        PhoneSetup::Extension { .. } => true,
        PhoneSetup::Registered => agent.phone.as_ref().is_some_and(|phone| phone.until > now),
    }
}

impl View<'_> {
    /// Tells for whom a waiting entry is kept, if for one agent only.
    pub(crate) fn kept(&self, found: &Interaction, entry: &Entry) -> Option<Kept> {
        if let Some(stay) = &found.assignment {
            return Some(Kept {
                seat: self.roster.seat(&stay.agent),
                until: None,
                why: Why::HasChat,
            });
        }
        if let Some((owner, until)) = self.owner(found, entry) {
            return Some(Kept {
                seat: self.roster.seat(&owner),
                until,
                why: Why::Owner,
            });
        }
        if let Some(kept) = self.handed(found, entry) {
            return Some(kept);
        }
        if entry.kept_until.is_some() {
            return self.own(found, entry);
        }
        let agent = entry.familiar.as_ref()?;
        let queue = self.setup.queues.get(&entry.queue)?;
        let until = entry.entered + queue.familiar.unwrap_or(self.setup.spans.familiar);
        let waits = self.now < until
            && !found.tried.contains_key(agent)
            && self.roster.is_at(agent, &entry.queue)
            && self.is_ready(agent)
            && self.is_able(agent, entry);
        waits.then(|| Kept {
            seat: self.roster.seat(agent),
            until: Some(until),
            why: Why::Familiar,
        })
    }

    // Whose promise it is, for as long as only they may keep it: for good in a queue that is not configured, where nobody
    // else comes.
    fn owner(&self, found: &Interaction, entry: &Entry) -> Option<(AgentId, Option<Timestamp>)> {
        let promise = found.callback(entry.callback?)?;
        let owner = promise.plan.owner.as_ref()?;
        if !self.setup.queues.contains_key(&entry.queue) {
            let here = self.setup.agents.contains_key(owner);
            return here.then(|| (owner.clone(), None));
        }
        let until = self.setup.owner_until(&entry.queue, promise, self.now);
        let may = self.now < until
            && !found.tried.contains_key(owner)
            && self.roster.is_at(owner, &entry.queue)
            && self.is_able(owner, entry);
        may.then(|| (owner.clone(), Some(until)))
    }

    // To whom a chat was handed over, then who handed it over: each until they said no, or the time for that is over.
    // What the queue asks of agents is not asked of them: a colleague chose.
    fn handed(&self, found: &Interaction, entry: &Entry) -> Option<Kept> {
        let handed = found.handed.as_ref()?;
        let window = self.setup.spans.offer;
        let own = window.max(self.setup.own.wait);
        let turns = [(&handed.to, own), (&handed.from, own + window * 2)];
        turns.into_iter().find_map(|(agent, span)| {
            let until = entry.entered + span;
            let seat = self.roster.seat(agent)?;
            let waits =
                self.now < until && !found.tried.contains_key(agent) && self.is_ready(agent);
            waits.then_some(Kept {
                seat: Some(seat),
                until: Some(until),
                why: match *agent == handed.to {
                    true => Why::Handed,
                    false => Why::Familiar,
                },
            })
        })
    }

    fn is_ready(&self, agent: &AgentId) -> bool {
        let agent = self.state.agents().get(agent);
        agent.is_some_and(|agent| agent.presence == Presence::Ready)
    }

    fn is_able(&self, agent: &AgentId, entry: &Entry) -> bool {
        let agent = self.setup.agents.get(agent);
        agent.is_some_and(|agent| lack(&agent.skills, &self.demand(entry)).is_none())
    }

    /// Returns what an agent must be able to do for an entry now.
    pub(crate) fn demand(&self, entry: &Entry) -> crate::demand::Skills {
        let queue = self.setup.queues.get(&entry.queue);
        let waited = self.now.since(entry.key.since);
        queue.map_or_else(
            || entry.skills.clone(),
            |queue| queue.demand(&entry.skills, waited),
        )
    }

    /// Returns when the demand on an entry may fall next.
    pub(crate) fn relaxes_at(&self, entry: &Entry) -> Option<Timestamp> {
        let queue = self.setup.queues.get(&entry.queue)?;
        queue.relaxes_at(entry.key.since, self.now)
    }

    /// Returns until when an agent who refused, or could not be called, is left in peace with an entry.
    pub(crate) fn in_peace(&self, found: &Interaction, agent: &AgentId) -> Option<Timestamp> {
        let rests = |tried: &&Tried| tried.how != Vain::Silent;
        let tried = found.tried.get(agent).filter(rests)?;
        Some(tried.at + self.setup.spans.offer).filter(|until| *until > self.now)
    }

    /// Chooses an agent for a waiting interaction that is on the board.
    pub(crate) fn agent_for(&self, found: &Interaction) -> Option<(Seat, Why)> {
        let listed = self.board.listed(found.id)?;
        let team = match listed.stand {
            Stand::Open(team) => team,
            Stand::Reserved(seat) => {
                let free = self.board.is_free(seat, listed.channel);
                let peace = self.in_peace(found, self.roster.name(seat)).is_some();
                return (free && !peace).then(|| (seat, self.why_kept(found)));
            }
        };
        if found.tried.is_empty() {
            let best = self.board.free(team, listed.channel).next();
            return best.map(|(leaning, _, _, seat)| (*seat, Why::of(*leaning)));
        }
        // Those asked already come last; among them the one asked longest ago.
        let mut again: Option<(Timestamp, Seat)> = None;
        for (leaning, _, _, seat) in self.board.free(team, listed.channel) {
            let agent = self.roster.name(*seat);
            match found.tried.get(agent) {
                None => return Some((*seat, Why::of(*leaning))),
                Some(tried) if self.in_peace(found, agent).is_none() => {
                    if again.is_none_or(|(at, _)| tried.at < at) {
                        again = Some((tried.at, *seat));
                    }
                }
                Some(_) => {}
            }
        }
        again.map(|(_, seat)| (seat, Why::AskedAgain))
    }

    fn why_kept(&self, found: &Interaction) -> Why {
        let entry = found.entry.as_ref();
        let kept = entry.and_then(|entry| self.kept(found, entry));
        kept.map_or(Why::Familiar, |kept| kept.why)
    }

    /// Chooses the entry that is next for a free agent.
    pub(crate) fn entry_for(&self, seat: Seat) -> Option<(InteractionId, Why)> {
        let order = match self.board.seated(seat).prefers {
            Some(Channel::Chat) => [Channel::Chat, Channel::Voice],
            Some(Channel::Voice) | None => [Channel::Voice, Channel::Chat],
        };
        order
            .into_iter()
            .filter(|channel| self.board.is_free(seat, *channel))
            .find_map(|channel| self.entry_in(seat, channel))
    }

    fn entry_in(&self, seat: Seat, channel: Channel) -> Option<(InteractionId, Why)> {
        let suits = |key: &&Key| {
            let found = self.state.interaction(key.interaction);
            // One who was asked already comes last, so nobody else may be free for it.
            found.is_some_and(|found| {
                !found.tried.contains_key(self.roster.name(seat))
                    || self.agent_for(found).is_some_and(|(best, _)| best == seat)
            })
        };
        let kept = self.board.reserved(seat, channel).find(suits);
        let teams = self.roster.teams_of(seat).iter();
        // Only the first of all lanes is looked at closely: most interactions are far away in memory.
        let mut lanes: Vec<_> = teams
            .filter_map(|team| {
                let mut lane = self.board.open(*team, channel);
                lane.next().map(|first| (first, lane))
            })
            .collect();
        let next = || {
            let nearest = (0..lanes.len()).min_by_key(|n| lanes[*n].0)?;
            let (first, lane) = &mut lanes[nearest];
            match lane.next() {
                Some(after) => Some(std::mem::replace(first, after)),
                None => Some(lanes.swap_remove(nearest).0),
            }
        };
        let open = std::iter::from_fn(next).find(suits);
        let (key, why) = match (kept, open) {
            (Some(kept), Some(open)) if open < kept => (open, Why::NextInLine),
            (Some(kept), _) => {
                let found = self.state.interaction(kept.interaction)?;
                (kept, self.why_kept(found))
            }
            (None, open) => (open?, Why::NextInLine),
        };
        Some((key.interaction, why))
    }
}
