//! Supervisors in running calls, with phones or headsets of their own: they listen, whisper to the agent, barge in, or take the call
//! over. Listening changes nothing of what the parties hear, and a whisper reaches the agent alone. In chats it is the same
//! in writing; see `chat`.

mod chat;

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, LegId},
    supervision::{Supervise, Supervision},
};

use crate::{
    command::Command,
    event::{Event, InCall, LegCause},
    hub::Hub,
    input::{Actor, Cause, CauseKind, Done, refuse},
    interaction::{Call, Watcher},
    leg::Leg,
    settle::cause,
    talk::Talk,
    transfer::Taken,
};

impl Watcher {
    /// What lets them take part in the conversation of the agent's leg.
    pub(crate) fn command(&self, agent: LegId) -> Command {
        let (leg, to) = (self.leg, agent);
        match self.how {
            Supervision::Listen => Command::Listen {
                leg,
                to,
                whisper: false,
            },
            Supervision::Whisper => Command::Listen {
                leg,
                to,
                whisper: true,
            },
            Supervision::Barge => Command::Join { leg, to },
        }
    }
}

impl Hub {
    pub(crate) fn supervise(
        &mut self,
        id: InteractionId,
        by: &Actor,
        act: Supervise,
        channel: Channel,
    ) -> Result<Done, Refusal> {
        let supervisor = self.supervisor(by)?;
        match channel {
            Channel::Voice => self.supervise_call(id, supervisor, act),
            Channel::Chat => self.supervise_chat(id, supervisor, act),
        }
    }

    fn supervisor(&self, by: &Actor) -> Result<AgentId, Refusal> {
        match by {
            Actor::Agent(agent) if self.is_supervisor(agent) => Ok(agent.clone()),
            Actor::Agent(_) | Actor::Visitor(_) | Actor::Customer(_) | Actor::House(_) => {
                refuse(Code::Forbidden, "only supervisors may do this")
            }
        }
    }

    fn supervise_call(
        &mut self,
        id: InteractionId,
        supervisor: AgentId,
        act: Supervise,
    ) -> Result<Done, Refusal> {
        let Some(found) = self.state.interaction(id) else {
            return refuse(
                Code::NotFound,
                "there is no such interaction, or its record is closed",
            );
        };
        let call = found.call.clone().filter(|call| call.bridged.is_some());
        let stay = found.assignment.as_ref().map(|stay| stay.agent.clone());
        let (Some(call), Some(agent)) = (call, stay) else {
            return refuse(
                Code::Conflict,
                "there is no call in this interaction in which customer and agent are connected",
            );
        };
        let Some(leg) = call.agent.filter(|_| agent != supervisor) else {
            return refuse(Code::Conflict, "this call is your own");
        };
        // Whoever serves the chat beside it is not in a call that was given to somebody else.
        if found.leg(leg).and_then(Leg::agent) != Some(&agent) {
            return refuse(
                Code::Conflict,
                "this call was given to a number outside; nobody of yours is in it",
            );
        }
        let talk = Talk {
            agent,
            leg,
            customer: call.customer,
            call: *call,
        };
        let watchers = talk.call.watchers.iter();
        let known = watchers.clone().find(|watcher| watcher.agent == supervisor);
        match known.cloned() {
            None => self.begin_supervision(id, &talk, supervisor, act),
            Some(watcher) => self.change_supervision(id, &talk, &watcher, act),
        }
    }

    fn begin_supervision(
        &mut self,
        id: InteractionId,
        talk: &Talk,
        agent: AgentId,
        act: Supervise,
    ) -> Result<Done, Refusal> {
        let Some((how, cause)) = taken_up(act) else {
            return refuse(
                Code::Conflict,
                "you do not take part in this call; listen first",
            );
        };
        if !self.is_phone_reachable(&agent) {
            return refuse(Code::Conflict, "your phone cannot be reached");
        }
        match self.call_of(&agent) {
            None => {}
            Some(Taken::Call) => return refuse(Code::Full, "you are in another call"),
            Some(Taken::WrapUp) => {
                return refuse(Code::Full, "you are in the wrap-up of another call");
            }
        }
        let party = self.phone_of(&agent);
        let Some(leg) = self.begin_leg(id, party, cause, Some(talk.leg)) else {
            return refuse(Code::NotFound, "there is no such interaction");
        };
        let step = InCall::SupervisionStarted {
            agent: agent.clone(),
            leg,
            how,
        };
        self.tell(Some(id), Event::InCall(step));
        self.dial_phone(id, leg, &agent);
        Ok(Done::Ok)
    }

    fn change_supervision(
        &mut self,
        id: InteractionId,
        talk: &Talk,
        watcher: &Watcher,
        act: Supervise,
    ) -> Result<Done, Refusal> {
        let how = match act {
            Supervise::Listen => Supervision::Listen,
            Supervise::Whisper => Supervision::Whisper,
            Supervise::Barge => Supervision::Barge,
            Supervise::Stop => {
                let why = cause(CauseKind::Normal, "the supervisor left");
                self.release(watcher.leg, &why);
                self.tell_supervision_ended(watcher, &why);
                return Ok(Done::Ok);
            }
            Supervise::TakeOver => return self.take_call_over(id, talk, watcher),
        };
        if !watcher.joined {
            return refuse(Code::Conflict, "answer your phone first");
        }
        if watcher.how != how {
            self.let_take_part(watcher, how, talk.leg);
        }
        Ok(Done::Ok)
    }

    fn let_take_part(&mut self, watcher: &Watcher, how: Supervision, agent: LegId) {
        let leg = watcher.leg;
        let step = InCall::Supervised { leg, how };
        self.tell(Some(leg.interaction), Event::InCall(step));
        let watcher = Watcher {
            how,
            ..watcher.clone()
        };
        self.ask(watcher.command(agent));
    }

    // The agent's part is over, and the supervisor's phone is the agent's from now on.
    fn take_call_over(
        &mut self,
        id: InteractionId,
        talk: &Talk,
        watcher: &Watcher,
    ) -> Result<Done, Refusal> {
        if !watcher.joined {
            return refuse(Code::Conflict, "answer your phone first");
        }
        if talk.call.consult.is_some() {
            return refuse(
                Code::Conflict,
                "the agent is asking somebody; wait until the customer is back",
            );
        }
        self.hand_to(id, talk, watcher.leg, watcher.agent.clone());
        Ok(Done::Ok)
    }

    /// Lets a supervisor take part who answered, and ends the part of who is none any more; tells whether it did.
    pub(crate) fn settle_supervision(&mut self, id: InteractionId) -> bool {
        let found = self.state.interaction(id);
        let watchers = found.and_then(|found| Some(&found.call.as_ref()?.watchers));
        let mut watchers = watchers.into_iter().flatten();
        let over = watchers.find(|watcher| !self.is_supervisor(&watcher.agent));
        if let Some(watcher) = over.cloned() {
            let why = cause(CauseKind::Normal, "they are no supervisor any more");
            self.release(watcher.leg, &why);
            self.tell_supervision_ended(&watcher, &why);
            return true;
        }
        let ready = found.and_then(|found| {
            let call = found.call.as_ref().filter(|call| call.bridged.is_some())?;
            let answered = |watcher: &&Watcher| {
                !watcher.joined && found.leg(watcher.leg).is_some_and(Leg::is_answered)
            };
            let watcher = call.watchers.iter().find(answered)?;
            Some((watcher.clone(), call.agent?))
        });
        let Some((watcher, agent)) = ready else {
            return false;
        };
        self.let_take_part(&watcher, watcher.how, agent);
        true
    }

    /// Lets every supervisor who takes part do so where the agent is now.
    pub(crate) fn watch_on(&mut self, call: &Call, agent: LegId) {
        for watcher in call.watchers.iter().filter(|watcher| watcher.joined) {
            if self.is_live(watcher.leg) {
                self.ask(watcher.command(agent));
            }
        }
    }

    /// A supervisor is gone.
    pub(crate) fn supervisor_lost(&mut self, leg: LegId, call: &Call, cause: &Cause) {
        self.release(leg, cause);
        for watcher in call.watchers.iter().filter(|watcher| watcher.leg == leg) {
            self.tell_supervision_ended(watcher, cause);
        }
        self.comfort(leg.interaction, false);
    }

    /// Ends the part of every supervisor but the one whose leg goes on.
    pub(crate) fn end_supervision(&mut self, id: InteractionId, keep: Option<LegId>, why: &Cause) {
        let found = self.state.interaction(id);
        let call = found.and_then(|found| found.call.as_ref());
        let watchers = call.map(|call| call.watchers.clone()).unwrap_or_default();
        for watcher in watchers.iter().filter(|watcher| Some(watcher.leg) != keep) {
            self.release(watcher.leg, why);
            self.tell_supervision_ended(watcher, why);
        }
    }

    fn tell_supervision_ended(&mut self, watcher: &Watcher, why: &Cause) {
        let (agent, leg, cause) = (watcher.agent.clone(), watcher.leg, why.clone());
        self.tell(
            Some(leg.interaction),
            Event::InCall(InCall::SupervisionEnded { agent, leg, cause }),
        );
    }
}

// How somebody takes part who does not yet, and why they have a leg; taking over and leaving come later.
fn taken_up(act: Supervise) -> Option<(Supervision, LegCause)> {
    match act {
        Supervise::Listen => Some((Supervision::Listen, LegCause::Monitor)),
        Supervise::Whisper => Some((Supervision::Whisper, LegCause::Whisper)),
        Supervise::Barge => Some((Supervision::Barge, LegCause::Barge)),
        Supervise::TakeOver | Supervise::Stop => None,
    }
}
