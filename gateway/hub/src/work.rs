//! What follows from what happened: after every input the interactions it touched are settled, free agents and waiting
//! entries are matched, waiting callers are told, and timers are set. Whatever order things come in, this ends in a
//! state from which nothing more follows.

use ws::{
    agent::Channel,
    id::{AgentId, InteractionId},
};

use crate::{
    board::Free,
    event::{Event, OfferEnd, Route},
    hub::{Due, Hub},
    routing::unavailable,
};

impl Hub {
    /// Follows up until nothing more follows.
    pub(crate) fn work(&mut self) {
        let mut seen: Vec<InteractionId> = Vec::new();
        let mut waiting: Vec<InteractionId> = Vec::new();
        let mut free: Vec<AgentId> = Vec::new();
        loop {
            if let Some(id) = self.touched.pop() {
                while self.settle(id) {}
                self.list(id);
                let found = self.state.interaction(id);
                if found.is_some_and(crate::interaction::Interaction::is_waiting) {
                    waiting.push(id);
                }
                if !seen.contains(&id) {
                    seen.push(id);
                }
            } else if let Some(agent) = self.touched_agents.pop() {
                self.seat(&agent);
                self.rearm_agent(&agent);
                free.push(agent);
            } else if let Some(agent) = free.last() {
                match self.view().entry_for(agent) {
                    Some((id, route)) => self.offer(id, route),
                    None => {
                        free.pop();
                    }
                }
            } else if let Some(id) = waiting.pop() {
                let found = self.state.interaction(id);
                let found = found.filter(|found| found.is_waiting());
                if let Some(route) = found.and_then(|found| self.view().agent_for(found))
                    && self.is_offerable(id)
                {
                    self.offer(id, route);
                }
            } else {
                break;
            }
        }
        for id in seen {
            self.attend(id);
            self.rearm(id);
        }
        while let Some(id) = self.stirred.pop() {
            self.rearm(id);
        }
    }

    fn offer(&mut self, id: InteractionId, route: Route) {
        let Some(entry) = self.state.interaction(id).and_then(|f| f.entry.as_ref()) else {
            return;
        };
        let channel = entry.channel;
        self.tell(
            Some(id),
            Event::Offered {
                agent: route.agent.clone(),
                channel,
                deadline: self.now + self.setup.spans.offer,
                route,
            },
        );
    }

    // A callback that may not be dialled now keeps its place but is put before nobody.
    fn is_offerable(&self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let callback = found.entry.as_ref().and_then(|entry| entry.callback);
        let number = callback.and_then(|callback| Some(&found.callback(callback)?.number));
        number.is_none_or(|number| self.admit(number, Some(found.customer)).is_ok())
    }

    /// Puts a waiting entry on the board, or takes it off.
    pub(crate) fn list(&mut self, id: InteractionId) {
        let offerable = self.is_offerable(id);
        let entry = self
            .state
            .interaction(id)
            .filter(|found| offerable && found.is_waiting())
            .and_then(|found| Some((found, found.entry.as_ref()?)))
            .map(|(found, entry)| {
                let (stand, _) = self.view().stand(found, entry);
                (entry.queue.clone(), entry.channel, entry.key, stand)
            });
        let entry = entry
            .as_ref()
            .map(|(queue, channel, key, stand)| (queue, *channel, *key, stand.clone()));
        self.board.list(id, entry);
    }

    /// Notes on the board how free an agent is.
    pub(crate) fn seat(&mut self, agent: &AgentId) {
        let here = self.desks.get(agent).is_some_and(|d| !d.open.is_empty());
        let known = self.state.agents().get(agent);
        let free = match (self.setup.agents.get(agent), known) {
            (Some(setup), Some(known)) if here => {
                let load = u8::try_from(known.chats.len()).unwrap_or(u8::MAX);
                let can = |channel| unavailable(setup, Some(known), channel, self.now).is_none();
                Free {
                    voice: can(Channel::Voice).then_some(0),
                    chat: can(Channel::Chat).then_some(load),
                    since: known.idle_since,
                }
            }
            (Some(_) | None, Some(_) | None) => Free::default(),
        };
        self.board.seat(agent, self.roster.serves(agent), free);
    }

    /// Sets the interaction's timer to its next deadline, or forgets what was kept beside a sealed one.
    pub(crate) fn rearm(&mut self, id: InteractionId) {
        let due = self.next_deadline(id);
        let live = self.state.interaction(id).is_some();
        let old = self.asides.get(&id).and_then(|aside| aside.due);
        // A timer that is too early does no harm: it looks, and is set again.
        let early = due.is_some() && old.is_some_and(|old| Some(old) <= due);
        if old != due && !early {
            if let Some(old) = old {
                self.timers.remove(&(old, Due::Interaction(id)));
            }
            if let Some(due) = due {
                self.timers.insert((due, Due::Interaction(id)));
                self.asides.entry(id).or_default().due = Some(due);
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
