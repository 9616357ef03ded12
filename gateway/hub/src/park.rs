//! Silent chats that give their slot back for a while, and longer wrap-ups.

use std::time::Duration;

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, Timestamp},
    timeline::Author,
};

use crate::{
    event::Event,
    hub::Hub,
    input::{Actor, CauseKind, Done, refuse},
    interaction::{Assignment, Interaction},
    routing::unavailable,
    settle::cause,
};

impl Interaction {
    /// Tells whether an answer is owed to the customer of the chat.
    pub(crate) fn awaits_answer(&self) -> bool {
        self.chat && self.owed.is_some()
    }
}

impl Hub {
    /// Parks a chat because its agent asks.
    pub(crate) fn park(&mut self, agent: &AgentId, id: InteractionId) -> Result<Done, Refusal> {
        let found = self.going_on(id, &Actor::Agent(agent.clone()))?;
        let stay = found
            .assignment
            .as_ref()
            .filter(|stay| can_park(found, stay));
        let Some(stay) = stay else {
            return refuse(
                Code::Conflict,
                "only an open chat without a call that does not rest can be parked, and only once",
            );
        };
        let assignment = stay.id;
        let by = self.agent_author(agent);
        let agent = agent.clone();
        self.tell(
            Some(id),
            Event::Parked {
                assignment,
                agent,
                by,
            },
        );
        Ok(Done::Ok)
    }

    /// Takes a parked chat up again because its agent asks, if there is a slot.
    pub(crate) fn unpark(&mut self, agent: &AgentId, id: InteractionId) -> Result<Done, Refusal> {
        let found = self.going_on(id, &Actor::Agent(agent.clone()))?;
        let parked = found
            .assignment
            .as_ref()
            .is_some_and(|s| s.parked.is_some());
        if !parked {
            return refuse(Code::Conflict, "this chat is not parked");
        }
        self.take_up(agent, id)?;
        Ok(Done::Ok)
    }

    /// Gives a parked chat a slot of its agent again; one that is not parked is left as it is.
    pub(crate) fn take_up(&mut self, agent: &AgentId, id: InteractionId) -> Result<(), Refusal> {
        let found = self.state.interaction(id);
        let stay = found.and_then(|found| found.assignment.as_ref());
        let Some(stay) = stay.filter(|stay| stay.parked.is_some() && stay.agent == *agent) else {
            return Ok(());
        };
        let assignment = stay.id;
        let slots = self.setup.agents.get(agent).map(|setup| setup.chat_slots);
        let held = self.state.agents().get(agent).map_or(0, |a| a.chats.len());
        if slots.is_none_or(|slots| held >= slots.count()) {
            return refuse(
                Code::Full,
                "all your chat slots are taken; park or end another chat first",
            );
        }
        let agent = agent.clone();
        self.tell(Some(id), Event::Unparked { assignment, agent });
        Ok(())
    }

    /// Brings a parked chat back whose customer wrote: to its agent if they have room now, else to the queue, where they
    /// are waited for a little before it goes to anybody.
    pub(crate) fn settle_parked(&mut self, id: InteractionId) -> bool {
        let found = self.state.interaction(id);
        let stay = found.and_then(|found| found.assignment.as_ref());
        let Some(stay) = stay.filter(|stay| stay.stirred && stay.wrap_up.is_none()) else {
            return false;
        };
        let (assignment, agent, voice) = (stay.id, stay.agent.clone(), stay.voice);
        let setup = self.setup.agents.get(&agent);
        let known = self.state.agents().get(&agent);
        let room = setup.is_some_and(|setup| {
            unavailable(setup, known, Channel::Chat, (false, self.now)).is_none() || voice
        });
        let slots = setup.map_or(0, |setup| setup.chat_slots.count());
        if room && known.is_some_and(|known| known.chats.len() < slots) {
            self.tell(Some(id), Event::Unparked { assignment, agent });
            return true;
        }
        // Who speaks with the customer keeps the chat, and takes it up when a slot is free.
        if voice {
            return false;
        }
        let why = "the customer wrote again, and the agent has no room";
        self.end_agent_chats(id, &cause(CauseKind::Normal, why));
        self.end_stay(id, None, None, why);
        true
    }

    /// Parks a chat that was silent for long enough.
    pub(crate) fn park_silent(&mut self, id: InteractionId) {
        let found = self.state.interaction(id);
        let stay = found.and_then(|found| found.assignment.as_ref());
        let (Some(found), Some(stay)) = (found, stay) else {
            return;
        };
        if self.parks_at(found).is_none_or(|due| due > self.now) {
            return;
        }
        let (assignment, agent) = (stay.id, stay.agent.clone());
        self.tell(
            Some(id),
            Event::Parked {
                assignment,
                agent,
                by: Author::System,
            },
        );
    }

    /// Returns when a chat is parked if nobody writes.
    pub(crate) fn parks_at(&self, found: &Interaction) -> Option<Timestamp> {
        let stay = found
            .assignment
            .as_ref()
            .filter(|stay| can_park(found, stay))?;
        let queue = self.setup.queues.get(&found.queue);
        let own = queue.and_then(|queue| queue.spans.park);
        let span = own.unwrap_or(self.setup.spans.park);
        let since = self.silent_since(found).max(stay.since).max(stay.taken_up);
        (!span.is_zero()).then(|| since + span)
    }

    // Not before now while the customer waits for an answer. An answer sets no timer, so it is looked again and again, the
    // later the longer they waited.
    pub(crate) fn silent_since(&self, found: &Interaction) -> Timestamp {
        match found.awaits_answer() {
            true => self.now + self.now.since(found.spoke),
            false => found.spoke,
        }
    }

    /// Returns how long a wrap-up usually is, and at most.
    pub(crate) fn wrap_up_spans(&self, found: &Interaction, voice: bool) -> (Duration, Duration) {
        let spans = &self.setup.spans;
        let own = self.setup.queues.get(&found.queue);
        let own = own.map(|queue| queue.spans).unwrap_or_default();
        let (usual, longest) = match voice {
            true => (
                own.wrap_up_call.unwrap_or(spans.wrap_up_call),
                own.longest_wrap_up_call
                    .unwrap_or(spans.longest_wrap_up_call),
            ),
            false => (
                own.wrap_up_chat.unwrap_or(spans.wrap_up_chat),
                own.longest_wrap_up_chat
                    .unwrap_or(spans.longest_wrap_up_chat),
            ),
        };
        (usual, longest.max(usual))
    }

    /// Gives an agent longer for a wrap-up, up to the ceiling.
    pub(crate) fn extend_wrap_up(
        &mut self,
        agent: &AgentId,
        id: InteractionId,
        by: Duration,
    ) -> Result<Done, Refusal> {
        let found = self.scoped(id, &Actor::Agent(agent.clone()))?;
        let stay = found.assignment.as_ref();
        let wrapping = stay.and_then(|stay| Some((stay, stay.wrap_up?, stay.wrapped?)));
        let Some((stay, until, began)) = wrapping else {
            return refuse(Code::Conflict, "there is no wrap-up to extend");
        };
        let (_, longest) = self.wrap_up_spans(found, stay.voice);
        let later = (until + by).min(began + longest);
        if later <= until {
            return refuse(
                Code::Conflict,
                "the wrap-up lasts as long as it may already",
            );
        }
        let assignment = stay.id;
        self.tell(
            Some(id),
            Event::WrapUpExtended {
                assignment,
                agent: agent.clone(),
                until: later,
            },
        );
        Ok(Done::Ok)
    }
}

fn can_park(found: &Interaction, stay: &Assignment) -> bool {
    found.writes()
        && found.call.is_none()
        && stay.chat
        && stay.parked.is_none()
        && !stay.paused
        && stay.wrap_up.is_none()
        && found.offer.is_none()
}
