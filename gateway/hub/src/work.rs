//! What follows from what happened: after every input the interactions it touched are settled, free agents and waiting
//! entries are matched, waiting callers are told, and timers are set. Whatever order things come in, this ends in a
//! state from which nothing more follows.

use std::{cmp::Reverse, collections::BinaryHeap};

use ws::{
    agent::{Channel, Presence},
    board::Hold,
    id::{AgentId, InteractionId, QueueId, Timestamp},
};

use crate::{
    board::{Free, Listed, Stand},
    event::{Event, OfferEnd, Verdict, Why},
    hub::{Due, Hub},
    ids::ByRandomId,
    interaction::Interaction,
    line::Key,
    policy::Rule,
    roster::Seat,
    routing::unavailable,
};

/// What was settled, each once, in the order in which it was first.
#[derive(Default)]
struct Seen {
    order: Vec<InteractionId>,
    index: ByRandomId<InteractionId, ()>,
}

impl Seen {
    // So few are looked through as fast as they are looked up. A deadline of thousands comes with every full house.
    const FEW: usize = 16;

    fn insert(&mut self, id: InteractionId) {
        let new = if self.order.len() <= Self::FEW {
            !self.order.contains(&id)
        } else {
            if self.index.is_empty() {
                self.index.extend(self.order.iter().map(|id| (*id, ())));
            }
            self.index.insert(id, ()).is_none()
        };
        if new {
            self.order.push(id);
        }
    }
}

impl Hub {
    /// Follows up until nothing more follows.
    pub(crate) fn work(&mut self) {
        let mut seen = Seen::default();
        // Whoever stands further in front is looked at first.
        let mut waiting: BinaryHeap<Reverse<Key>> = BinaryHeap::new();
        let mut free: Vec<Seat> = Vec::new();
        loop {
            if let Some(id) = self.touched.pop() {
                while self.settle(id) {}
                // What settling told of it is settled.
                while self.touched.pop_if(|again| *again == id).is_some() {}
                self.settle_lookup(id);
                self.list(id);
                waiting.extend(self.board.listed(id).map(|listed| Reverse(listed.key)));
                seen.insert(id);
            } else if let Some(agent) = self.touched_agents.pop() {
                self.rearm_agent(&agent);
                free.extend(self.seat(&agent));
            } else if let Some(seat) = free.last() {
                let seat = *seat;
                match self.view().entry_for(seat) {
                    // It was quiet when it was listed, and is not any more.
                    Some((id, _)) if self.is_held_back(id) => self.list(id),
                    Some((id, why)) => self.offer(id, seat, why),
                    None => {
                        free.pop();
                    }
                }
            } else if let Some(Reverse(key)) = waiting.pop() {
                let id = key.interaction;
                // Who was queued anew meanwhile, say in another queue, stands where the new key says.
                let stands = self.board.listed(id).is_some_and(|l| l.key == key);
                let found = self.state.interaction(id);
                let found = found.filter(|found| stands && found.is_waiting());
                if found.is_some_and(|found| self.holds_back(found)) {
                    self.list(id);
                    continue;
                }
                if let Some((seat, why)) = found.and_then(|found| self.view().agent_for(found)) {
                    self.offer(id, seat, why);
                }
            } else if let Some(id) = self.next_held_back() {
                self.touch(id);
            } else {
                break;
            }
        }
        for id in seen.order {
            self.attend(id);
            self.tell_wait(id);
            self.tell_waits(id);
            self.report_outcomes(id);
            self.rearm(id);
        }
        while let Some(id) = self.stirred.pop() {
            self.rearm(id);
        }
    }

    fn offer(&mut self, id: InteractionId, seat: Seat, why: Why) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let (Some(entry), Some(route)) = (&found.entry, self.view().route(found, seat, why)) else {
            return;
        };
        let (agent, channel) = (self.roster.name(seat).clone(), entry.channel);
        self.tell(
            Some(id),
            Event::Offered {
                agent,
                channel,
                deadline: self.now + self.setup.spans.offer,
                route: Box::new(route),
            },
        );
    }

    // A callback that may not be dialled now, or a message outside the hours, keeps its place but is put before nobody.
    pub(crate) fn is_offerable(&self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        if self.waits_for_hours(found) {
            return false;
        }
        let callback = found.entry.as_ref().and_then(|entry| entry.callback);
        let promise = callback.and_then(|callback| found.callback(callback));
        let may = promise.is_none_or(|promise| self.admit_attempt(found, promise).is_ok());
        may && !self.holds_back(found)
    }

    /// Tells whether it is a message that waits until its queue opens.
    pub(crate) fn waits_for_hours(&self, found: &Interaction) -> bool {
        found.message.is_some() && found.assignment.is_none() && !self.is_open_for(found)
    }

    /// Tells why a waiting interaction is put before nobody for now.
    pub(crate) fn why_held(&self, found: &Interaction) -> Option<Hold> {
        if self.is_forsaken(found) {
            return Some(Hold::QueueUnknown);
        }
        if self.waits_for_hours(found) {
            let until = self.opens_for(found);
            return Some(Hold::Hours { until });
        }
        // What is before an agent was handed out while it was quiet.
        if found.offer.is_none() && self.holds_back(found) {
            return Some(Hold::Quiet);
        }
        (found.offer.is_none() && !self.is_offerable(found.id)).then_some(Hold::Barred)
    }

    fn is_held_back(&self, id: InteractionId) -> bool {
        let found = self.state.interaction(id);
        found.is_some_and(|found| self.holds_back(found))
    }

    /// Puts a waiting entry on the board, or takes it off.
    pub(crate) fn list(&mut self, id: InteractionId) {
        let listed = self.listing(id);
        self.board.list(id, listed);
        self.note_held_back(id);
        if self.roster.is_crowded() {
            for team in self.roster.forget(|team| self.board.is_waited_for(team)) {
                self.board.close_team(team);
            }
        }
    }

    fn listing(&mut self, id: InteractionId) -> Option<Listed> {
        if !self.is_offerable(id) {
            return None;
        }
        let found = self.state.interaction(id).filter(|f| f.is_waiting())?;
        let entry = found.entry.as_ref()?;
        let stand = match self.view().kept(found, entry) {
            // One who is not configured any more cannot be offered anything.
            Some(kept) => Stand::Reserved(kept.seat?),
            None => {
                let waited = self.now.since(entry.key.since);
                let (team, new) =
                    self.roster
                        .team(&self.setup, &entry.queue, &entry.skills, waited)?;
                if new {
                    self.board.open_team(team, self.roster.members(team));
                }
                Stand::Open(team)
            }
        };
        Some(Listed {
            channel: entry.channel,
            key: entry.key,
            stand,
        })
    }

    /// Notes on the board how free an agent is; returns their number.
    pub(crate) fn seat(&mut self, agent: &AgentId) -> Option<Seat> {
        let seat = self.roster.seat(agent)?;
        let here = self.desks.get(agent).is_some_and(|d| !d.open.is_empty());
        let known = self.state.agents().get(agent);
        let free = match (self.setup.agents.get(agent), known) {
            (Some(setup), Some(known)) => {
                let headset = self.has_headset(agent);
                let lost = || (!here).then_some(Verdict::Lost);
                let why_not = |channel| {
                    unavailable(setup, Some(known), channel, (headset, self.now)).or_else(lost)
                };
                let (calls, chats) = (known.calls.len(), known.chats.len());
                Free {
                    voice: why_not(Channel::Voice),
                    chat: why_not(Channel::Chat),
                    prefers: setup.prefers,
                    load: self.setup.weights.load(calls, chats),
                    since: known.idle_since,
                }
            }
            (Some(_) | None, None) | (None, Some(_)) => Free::not(Verdict::SignedOut),
        };
        self.board.seat(seat, self.roster.teams_of(seat), free);
        let presence = known.map_or(Presence::Gone, |known| known.presence.clone());
        let reaches = self.roster.reaches(agent);
        let slots = self.slots_of(agent);
        for queue in self.hands.note(agent, &presence, slots, reaches) {
            self.touch_line(&queue);
        }
        Some(seat)
    }

    pub(crate) fn slots_of(&self, agent: &AgentId) -> u32 {
        let setup = self.setup.agents.get(agent);
        let slots = setup.map_or(0, |setup| setup.chat_slots.count());
        u32::try_from(slots).unwrap_or(u32::MAX)
    }

    // The rules of a queue that nobody serves any more may be others.
    fn touch_line(&mut self, queue: &QueueId) {
        let setup = self.setup.queues.get(queue);
        if setup.is_some_and(|setup| setup.policy.acts(Rule::Unstaffed))
            && let Some(queue) = self.state.queues().get(queue)
        {
            let waiting = queue.line().iter().map(|key| key.interaction);
            self.touched.extend(waiting);
        }
    }

    /// Sets the interaction's timer to its next deadline, or forgets what was kept beside a sealed one.
    pub(crate) fn rearm(&mut self, id: InteractionId) {
        let next = self.next_deadline(id);
        let due = next.map(|next| next.due);
        let live = next.is_some();
        // A timer that is too early does no harm: it looks, and is set again.
        let is_early = |old: Option<Timestamp>| due.is_some() && old.is_some() && old <= due;
        let old = self.asides.get_mut(&id).and_then(|aside| {
            // What a timer that stays was set for may be past by now and not looked at yet.
            let kept = aside.still.filter(|_| is_early(aside.due));
            aside.still = next.map(|next| kept.map_or(next.still, |kept| kept.min(next.still)));
            aside.due
        });
        if old != due && !is_early(old) {
            if let Some(old) = old {
                self.timers.remove(&(old, Due::Interaction(id)));
            }
            if let Some(due) = due {
                self.timers.insert((due, Due::Interaction(id)));
                let aside = self.asides.entry(id).or_default();
                aside.due = Some(due);
                aside.still = next.map(|next| next.still);
            } else if let Some(aside) = self.asides.get_mut(&id) {
                aside.due = None;
            }
        }
        if !live {
            self.asides.remove(&id);
        }
    }

    /// Ends an open offer.
    pub(crate) fn end_offer(&mut self, id: InteractionId, end: OfferEnd) {
        let found = self.state.interaction(id);
        let Some(offer) = found.and_then(|found| found.offer.as_ref()) else {
            return;
        };
        let (agent, channel) = (offer.agent.clone(), offer.channel);
        self.tell(
            Some(id),
            Event::OfferEnded {
                agent: agent.clone(),
                channel,
                end,
            },
        );
        self.check_misses(&agent);
    }
}
