//! Chats: opened once a visitor and zone, written in, ended.

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{InteractionId, Mid},
    timeline::Author,
};

use crate::{
    customer::Identity,
    event::{Event, LegCause, Party},
    form::{self, Outcome},
    hub::Hub,
    input::{Actor, CauseKind, Done, Introduction, refuse},
    interaction::{CallKind, Writer},
    introduce,
    policy::Instead,
    scope::check_text,
    settle::cause,
};

impl Hub {
    pub(crate) fn open_chat(
        &mut self,
        candidate: InteractionId,
        who: &Introduction,
        mid: Mid,
        text: String,
    ) -> Result<Done, Refusal> {
        if let Some(done) = self.check_opening(who, (&mid, &text))? {
            return Ok(done);
        }
        if let Some(id) = self.state.contact_of(who.visitor, &who.zone) {
            return self.say(id, &Actor::Visitor(who.visitor), mid, text);
        }
        let Some(zone) = self.setup.zones.get(&who.zone) else {
            return refuse(Code::NotFound, format!("there is no zone `{}`", who.zone));
        };
        let Outcome {
            who,
            answers,
            queue,
        } = form::read(&zone.form, who, &self.setup.numbering, false)?;
        let queue = queue.unwrap_or_else(|| zone.queue.clone());
        self.admit_new(candidate, &queue)?;
        let left = self.left_for(&who, &queue)?;
        if left.is_none() {
            let place = (&queue, Some(&who.zone));
            self.check_busy(place, Channel::Chat, Some((who.visitor, &mid)))?;
        }
        self.introduce(candidate, Channel::Chat, queue, &who, answers);
        let party = Party::CustomerChat {
            visitor: who.visitor,
        };
        self.begin_leg(candidate, party, LegCause::Inbound, None);
        self.link_by_queue(candidate);
        let done = self.write(candidate, Author::Customer, mid, text.clone());
        if let Some(rule) = left {
            self.divert(candidate, Channel::Chat, rule, Instead::Message);
        }
        self.heed(candidate, &text);
        done
    }

    /// Looks at what somebody opens a contact with; answers one that is sent again as the first time, or refuses it where that is
    /// forgotten.
    pub(crate) fn check_opening(
        &mut self,
        who: &Introduction,
        (mid, text): (&Mid, &str),
    ) -> Result<Option<Done>, Refusal> {
        check_text(text)?;
        introduce::check(who)?;
        if let Some(done) = self.opened_before(who, mid) {
            return Ok(Some(done));
        }
        if self.wrote_before(who, mid) {
            return refuse(
                Code::Conflict,
                "the chat it was written in is over; write it anew where it is to be read",
            );
        }
        Ok(None)
    }

    // The same opening once more, of a chat that was over before its writer was told that it had begun.
    fn opened_before(&self, who: &Introduction, mid: &Mid) -> Option<Done> {
        let mut theirs = self.state.of_visitor(who.visitor);
        theirs.find_map(|found| {
            let written = found.mids.get(mid)?;
            let same = written.writer == Writer::Customer && found.zone.as_ref() == Some(&who.zone);
            same.then(|| Done::Written {
                interaction: found.id,
                mid: mid.clone(),
                seq: written.seq,
            })
        })
    }

    // The same, where nobody remembers the chat: before a restart, or long ago.
    fn wrote_before(&mut self, who: &Introduction, mid: &Mid) -> bool {
        let visitor = Identity::Visitor(who.visitor);
        let known = self.state.customers().by(&visitor).is_some();
        let archive = self.archive.as_mut().filter(|_| known);
        archive.is_some_and(|archive| archive.has_written(who.visitor, mid))
    }

    /// Checks whether a new interaction may begin.
    pub(crate) fn admit_new(
        &self,
        candidate: InteractionId,
        queue: &ws::id::QueueId,
    ) -> Result<(), Refusal> {
        if self.draining {
            return refuse(
                Code::Unavailable,
                "the server is shutting down; try again in a moment",
            );
        }
        if self.state.interaction(candidate).is_some() {
            return refuse(Code::Conflict, "this interaction id is taken");
        }
        if !self.setup.queues.contains_key(queue) {
            return refuse(Code::NotFound, format!("there is no queue `{queue}`"));
        }
        Ok(())
    }

    pub(crate) fn say(
        &mut self,
        id: InteractionId,
        by: &Actor,
        mid: Mid,
        text: String,
    ) -> Result<Done, Refusal> {
        check_text(&text)?;
        let from = self.author(by);
        if let Some(done) = self.written_before(id, by, &mid)? {
            return Ok(done);
        }
        let heard = (from == Author::Customer).then(|| text.clone());
        self.chat_beside(id, by, &mid)?;
        let done = self.write(id, from, mid, text);
        if let Some(text) = heard {
            self.heed(id, &text);
        }
        done
    }

    /// Checks whether `by` may write now; answers a repeat with what the first was answered.
    pub(crate) fn written_before(
        &mut self,
        id: InteractionId,
        by: &Actor,
        mid: &Mid,
    ) -> Result<Option<Done>, Refusal> {
        let before = self.may_write(id, by, mid)?;
        if before.is_none() {
            self.admit_message(id, by)?;
        }
        if let (None, Actor::Agent(agent)) = (&before, by) {
            self.take_up(agent, id)?;
        }
        Ok(before)
    }

    /// Tells whether `by` may write into a chat under `mid`, and what a repeat of it is answered. Nothing changes.
    pub fn may_write(
        &self,
        id: InteractionId,
        by: &Actor,
        mid: &Mid,
    ) -> Result<Option<Done>, Refusal> {
        let written = self.state.interaction(id).and_then(|f| f.mids.get(mid));
        if let Some(written) = written
            && written.writer == Writer::from(&self.author(by))
            && self.owns(id, by)
        {
            return Ok(Some(Done::Written {
                interaction: id,
                mid: mid.clone(),
                seq: written.seq,
            }));
        }
        let found = self.speaking(id, by)?;
        if written.is_some() {
            return refuse(
                Code::Conflict,
                "somebody else's message has this mid; send it again under another",
            );
        }
        if !found.writes() && !self.may_begin_chat(found, by) {
            return refuse(Code::Conflict, "no chat is open in this interaction");
        }
        Ok(None)
    }

    // A visitor may repeat only in their own interaction; an agent's mid is proof enough for the agent.
    fn owns(&self, id: InteractionId, by: &Actor) -> bool {
        match by {
            Actor::Visitor(_) | Actor::Customer(_) | Actor::House(_) => self.scoped(id, by).is_ok(),
            Actor::Agent(_) => true,
        }
    }

    pub(crate) fn write(
        &mut self,
        id: InteractionId,
        from: Author,
        mid: Mid,
        text: String,
    ) -> Result<Done, Refusal> {
        let said = Event::Said {
            from,
            mid: mid.clone(),
            text,
        };
        let seq = self.tell(Some(id), said);
        Ok(Done::Written {
            interaction: id,
            mid,
            seq: seq.expect("what was said stands in the timeline"),
        })
    }

    pub(crate) fn end(&mut self, id: InteractionId, by: &Actor) -> Result<Done, Refusal> {
        self.going_on(id, by)?;
        let author = self.author(by);
        let reason = match by {
            Actor::Visitor(_) | Actor::Customer(_) => "the customer ended it",
            Actor::Agent(_) => "the agent ended it",
            Actor::House(_) => "it was ended from outside",
        };
        if matches!(by, Actor::House(_)) {
            self.cancel_all(id, &author);
        }
        self.finish(id, author, reason);
        Ok(Done::Ok)
    }

    /// Ends the contact: its call first, then its chat. Callbacks stay promised.
    pub(crate) fn finish(&mut self, id: InteractionId, by: Author, reason: &str) {
        let call = self.state.interaction(id).and_then(|f| f.call.clone());
        let asked = call
            .as_ref()
            .filter(|call| matches!(by, Author::Agent { .. }) && self.asks_caller(id, call));
        let asked = asked.map(|call| call.customer);
        if let Some(call) = call {
            let why = cause(CauseKind::Normal, reason);
            match asked {
                Some(_) => self.release_agent(&call, &why),
                None => self.release_call(id, &why),
            }
            match (call.kind, call.bridged) {
                (CallKind::Inbound, _) | (_, Some(_)) => {
                    let leg = call.customer;
                    self.tell(Some(id), Event::CallEnded { leg, cause: why });
                }
                (CallKind::Escalation, None) => {
                    let cause = cause(CauseKind::Cancelled, reason);
                    self.tell(Some(id), Event::EscalationFailed { cause });
                }
                (CallKind::Callback(callback), None) => {
                    self.attempt_failed(id, callback, cause(CauseKind::Cancelled, reason));
                }
            }
        }
        let gone = cause(CauseKind::Normal, reason);
        self.end_chat_legs(id, &gone, |_| true);
        self.ended(id, by, reason);
        if let Some(leg) = asked {
            self.ask_caller(id, leg);
        }
    }
}
