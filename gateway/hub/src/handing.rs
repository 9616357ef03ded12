//! Notes for colleagues, and chats that are handed over to them.

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, QueueId},
    transfer::HandOverTo,
};

use crate::{
    event::{Event, Verdict},
    hub::Hub,
    input::{Actor, CauseKind, Done, refuse},
    routing::unavailable,
    scope::{TEXT, check_field, check_note, written},
    settle::cause,
};

/// How many notes a contact holds; every change of it brings them all to the desk.
pub(crate) const NOTES: usize = 50;

impl Hub {
    /// Keeps what an agent notes in a contact, also while they wrap it up.
    pub(crate) fn note_down(
        &mut self,
        agent: &AgentId,
        id: InteractionId,
        text: String,
    ) -> Result<Done, Refusal> {
        check_note(&text)?;
        let found = self.taking_part(id, agent)?;
        if found.notes.len() >= NOTES {
            return refuse(
                Code::Full,
                format!("a contact holds {NOTES} notes; the rest belongs into the wrap-up"),
            );
        }
        let by = self.agent_author(agent);
        self.tell(Some(id), Event::Noted { by, text });
        Ok(Done::Ok)
    }

    /// Hands a chat over to a colleague who is free, or to a queue that is open and staffed.
    pub(crate) fn hand_over(
        &mut self,
        agent: &AgentId,
        id: InteractionId,
        to: HandOverTo,
        note: Option<String>,
    ) -> Result<Done, Refusal> {
        check_field("note", note.as_ref(), TEXT)?;
        let found = self.going_on(id, &Actor::Agent(agent.clone()))?;
        let stay = found.assignment.as_ref();
        let Some(stay) = stay.filter(|stay| found.chat && stay.chat) else {
            return refuse(Code::Conflict, "only an open chat can be handed over");
        };
        if found.call.is_some() || found.offer.is_some() {
            return refuse(
                Code::Conflict,
                "there is a call in this contact; end it before you hand the chat over",
            );
        }
        let assignment = stay.id;
        let note = written(note);
        if let HandOverTo::Agent(colleague) = &to
            && found.room.member(colleague).is_some()
        {
            return self.pass_to_member(id, agent, colleague.clone(), note);
        }
        match &to {
            HandOverTo::Agent(colleague) => self.check_taker(agent, colleague)?,
            HandOverTo::Queue(queue) => self.check_line(queue)?,
        }
        let handed = Event::HandedOver {
            assignment,
            agent: agent.clone(),
            name: self.agent_name(agent),
            to,
            note,
        };
        self.tell(Some(id), handed);
        let why = "the chat was handed over";
        self.end_agent_chats(id, &cause(CauseKind::Normal, why));
        self.end_stay(id, None, None, why);
        Ok(Done::Ok)
    }

    fn check_taker(&self, agent: &AgentId, colleague: &AgentId) -> Result<(), Refusal> {
        if agent == colleague {
            return refuse(Code::Conflict, "the chat is with you already");
        }
        let Some(setup) = self.setup.agents.get(colleague) else {
            return refuse(Code::NotFound, format!("there is no agent \"{colleague}\""));
        };
        let known = self.state.agents().get(colleague);
        let why = unavailable(setup, known, Channel::Chat, (false, self.now));
        match why.map(|why| self.view().nearer(why, colleague)) {
            None => Ok(()),
            Some(
                Verdict::NoSlot
                | Verdict::BesideCall
                | Verdict::BesideOffer
                | Verdict::BesideWrapUp,
            ) if self.may_wait_for(colleague) => Ok(()),
            Some(verdict) => refuse(
                Code::Conflict,
                format!(
                    "{} {}; choose somebody else, or a queue",
                    setup.name,
                    verdict.words()
                ),
            ),
        }
    }

    fn check_line(&self, queue: &QueueId) -> Result<(), Refusal> {
        if !self.setup.queues.contains_key(queue) {
            return refuse(Code::NotFound, format!("there is no queue \"{queue}\""));
        }
        if !self.is_open(queue) {
            return refuse(
                Code::Conflict,
                format!("queue {queue} is closed; choose another, or a colleague"),
            );
        }
        if self.hands.signed_in(queue) == 0 {
            return refuse(
                Code::Conflict,
                format!("nobody is signed in at queue {queue}; choose another, or a colleague"),
            );
        }
        Ok(())
    }
}
