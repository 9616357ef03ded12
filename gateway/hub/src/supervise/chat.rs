//! Supervisors in running chats: they read along, whisper to the agent, barge in, or take the chat over. The customer is
//! told who barges in, leaves again and takes over, and nothing else of it.

use ws::{
    frame::{Code, Refusal},
    id::{AgentId, AssignmentId, InteractionId},
    supervision::{Supervise, Supervision},
};

use super::taken_up;
use crate::{
    event::{Event, InChat, Party},
    hub::Hub,
    input::{Actor, Cause, CauseKind, Done, refuse},
    interaction::{Assignment, Call, Interaction, Watcher},
    scope::check_text,
    settle::cause,
};

/// How many whispers a contact holds; every change of it brings them all to the desk.
const WHISPERS: usize = 50;

impl Hub {
    pub(super) fn supervise_chat(
        &mut self,
        id: InteractionId,
        supervisor: AgentId,
        act: Supervise,
    ) -> Result<Done, Refusal> {
        let found = self.overseeable(id, &supervisor)?;
        let known = found.room.watcher(&supervisor).cloned();
        match act {
            Supervise::Whisper | Supervise::Barge | Supervise::TakeOver => served(found)?,
            Supervise::Listen | Supervise::Stop => {}
        }
        match known {
            None => self.begin_overseeing(id, supervisor, act),
            Some(watcher) => self.change_overseeing(id, &watcher, act),
        }
    }

    /// Writes to the agent of a chat, or of a call, alone. A call need not be heard for it, since the agent is told who writes.
    pub(crate) fn whisper(
        &mut self,
        id: InteractionId,
        by: &Actor,
        text: String,
    ) -> Result<Done, Refusal> {
        check_text(&text)?;
        let supervisor = self.supervisor(by)?;
        let (found, to) = match self.conversing(id, &supervisor)? {
            Some((found, agent)) => (found, agent.clone()),
            None => {
                let found = self.overseeable(id, &supervisor)?;
                let to = server(found)?.agent.clone();
                if found.room.watcher(&supervisor).is_none() {
                    return not_there();
                }
                (found, to)
            }
        };
        let watcher = found.room.watcher(&supervisor).cloned();
        if found.room.whispers.len() >= WHISPERS {
            return refuse(
                Code::Full,
                format!("a contact holds {WHISPERS} whispers; barge in, or take it over"),
            );
        }
        if let Some(watcher) = watcher.filter(|watcher| watcher.how == Supervision::Listen) {
            self.oversee(&watcher, Supervision::Whisper);
        }
        let by = self.agent_author(&supervisor);
        self.tell_in_chat(id, InChat::Whispered { by, to, text });
        Ok(Done::Ok)
    }

    // A call in which an agent of the house is and the supervisor is not, with that agent. Beside a chat that goes on it counts for
    // those who take part in it.
    fn conversing(
        &self,
        id: InteractionId,
        supervisor: &AgentId,
    ) -> Result<Option<(&Interaction, &AgentId)>, Refusal> {
        let Some(found) = self.state.interaction(id) else {
            return Ok(None);
        };
        let on = |call: &&Call| call.bridged.is_some() || call.consult.is_some();
        let Some(call) = found.call.as_deref().filter(on) else {
            return Ok(None);
        };
        let heard = call
            .watchers
            .iter()
            .any(|watcher| watcher.agent == *supervisor);
        if found.writes() && !heard {
            return Ok(None);
        }
        let stay = found.assignment.as_ref();
        match stay.filter(|_| !found.calls_outside()) {
            Some(stay) if stay.agent == *supervisor => {
                refuse(Code::Conflict, "this call is your own")
            }
            Some(stay) => Ok(Some((found, &stay.agent))),
            None => refuse(
                Code::Conflict,
                "this call was given to a number outside; nobody of yours is in it",
            ),
        }
    }

    // A chat that goes on and is not the supervisor's own.
    fn overseeable(&self, id: InteractionId, agent: &AgentId) -> Result<&Interaction, Refusal> {
        let Some(found) = self.state.interaction(id) else {
            return refuse(
                Code::NotFound,
                "there is no such interaction, or its record is closed",
            );
        };
        if !found.writes() {
            return refuse(
                Code::Conflict,
                "there is no chat in this interaction that goes on",
            );
        }
        let stay = found.assignment.as_ref();
        if stay.is_some_and(|stay| stay.agent == *agent) {
            return refuse(Code::Conflict, "this chat is your own");
        }
        if found.room.member(agent).is_some() {
            return refuse(
                Code::Conflict,
                "you take part in this chat as a colleague; leave it first",
            );
        }
        Ok(found)
    }

    fn begin_overseeing(
        &mut self,
        id: InteractionId,
        agent: AgentId,
        act: Supervise,
    ) -> Result<Done, Refusal> {
        let Some((how, cause)) = taken_up(act) else {
            return not_there();
        };
        if self.is_gone(&agent) {
            return refuse(Code::Conflict, "sign in at a console first");
        }
        let party = Party::AgentChat {
            agent: agent.clone(),
        };
        let Some(leg) = self.begin_leg(id, party, cause, None) else {
            return refuse(Code::NotFound, "there is no such interaction");
        };
        let step = InChat::SupervisionStarted {
            agent: agent.clone(),
            leg,
            how,
        };
        self.tell_in_chat(id, step);
        if how == Supervision::Barge {
            self.tell_joined(id, agent);
        }
        Ok(Done::Ok)
    }

    fn change_overseeing(
        &mut self,
        id: InteractionId,
        watcher: &Watcher,
        act: Supervise,
    ) -> Result<Done, Refusal> {
        let how = match act {
            Supervise::Listen => Supervision::Listen,
            Supervise::Whisper => Supervision::Whisper,
            Supervise::Barge => Supervision::Barge,
            Supervise::TakeOver => return self.take_chat_over(id, watcher),
            Supervise::Stop => {
                let why = cause(CauseKind::Normal, "the supervisor left");
                self.end_overseeing(id, watcher, &why);
                return Ok(Done::Ok);
            }
        };
        if watcher.how != how {
            self.oversee(watcher, how);
        }
        Ok(Done::Ok)
    }

    fn oversee(&mut self, watcher: &Watcher, how: Supervision) {
        let (leg, id) = (watcher.leg, watcher.leg.interaction);
        let agent = watcher.agent.clone();
        self.tell_in_chat(id, InChat::Supervised { leg, how });
        if how == Supervision::Barge {
            self.tell_joined(id, agent);
        } else if watcher.how == Supervision::Barge {
            self.tell_in_chat(id, InChat::Left { agent });
        }
    }

    // The agent's part is over, without a wrap-up, and the chat is the supervisor's from now on.
    fn take_chat_over(&mut self, id: InteractionId, watcher: &Watcher) -> Result<Done, Refusal> {
        let by = watcher.agent.clone();
        let found = self.overseeable(id, &by)?;
        let stay = server(found)?;
        let (assignment, from) = (stay.id, stay.agent.clone());
        if found.call.is_some() || found.offer.is_some() {
            return refuse(
                Code::Conflict,
                "there is a call in this contact; take the chat over when that has ended",
            );
        }
        let slots = self.setup.agents.get(&by).map(|setup| setup.chat_slots);
        let held = self.state.agents().get(&by).map_or(0, |a| a.chats.len());
        if slots.is_none_or(|slots| held >= slots.count()) {
            return refuse(
                Code::Full,
                "all your chat slots are taken; park or end another chat first",
            );
        }
        let step = InChat::TakenOver {
            assignment,
            from,
            by: by.clone(),
        };
        self.tell_in_chat(id, step);
        let why = cause(CauseKind::Normal, "a supervisor took the chat over");
        self.end_agent_chats(id, &why);
        self.end_stay(id, None, None, &why.text);
        let assignment = AssignmentId {
            interaction: id,
            n: assignment.n.saturating_add(1),
        };
        self.take_chat(id, &by, assignment);
        Ok(Done::Ok)
    }

    /// Ends the part of a supervisor whose ground is gone: the chat, their place at a console, their office, or that it is
    /// the chat of another. Tells whether one ended.
    pub(crate) fn settle_overseers(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let reason = |watcher: &Watcher| {
            if !found.writes() {
                Some("the chat is over")
            } else if found.is_with(&watcher.agent) {
                Some("the chat is the supervisor's own now")
            } else if found.room.member(&watcher.agent).is_some() {
                Some("the supervisor takes part as a colleague now")
            } else if self.is_gone(&watcher.agent) {
                Some("the supervisor was lost")
            } else if !self.is_supervisor(&watcher.agent) {
                Some("they are no supervisor any more")
            } else {
                None
            }
        };
        let mut watchers = found.room.watchers.iter();
        let over = watchers.find_map(|watcher| Some((watcher.clone(), reason(watcher)?)));
        let Some((watcher, reason)) = over else {
            return false;
        };
        self.end_overseeing(id, &watcher, &cause(CauseKind::Normal, reason));
        true
    }

    fn end_overseeing(&mut self, id: InteractionId, watcher: &Watcher, cause: &Cause) {
        let (leg, agent) = (watcher.leg, watcher.agent.clone());
        if self.is_live(leg) {
            let cause = cause.clone();
            self.tell(Some(id), Event::LegEnded { leg, cause });
        }
        let step = InChat::SupervisionEnded {
            agent: agent.clone(),
            leg,
            cause: cause.clone(),
        };
        self.tell_in_chat(id, step);
        if watcher.how == Supervision::Barge {
            self.tell_gone(id, agent);
        }
    }

    /// Tells the customer who left. Whose own it is now, or who is there otherwise, has not, and of a chat that is over
    /// everybody has.
    pub(crate) fn tell_gone(&mut self, id: InteractionId, agent: AgentId) {
        let found = self.state.interaction(id);
        let there = |found: &Interaction| found.is_with(&agent) || found.is_joined_by(&agent);
        if found.is_some_and(|found| found.writes() && !there(found)) {
            self.tell_in_chat(id, InChat::Left { agent });
        }
    }

    /// Tells the customer who came.
    pub(crate) fn tell_joined(&mut self, id: InteractionId, agent: AgentId) {
        let name = self.agent_name(&agent);
        self.tell_in_chat(id, InChat::Joined { agent, name });
    }

    fn tell_in_chat(&mut self, id: InteractionId, step: InChat) {
        self.tell(Some(id), Event::InChat(step));
    }
}

// Who has the chat; until somebody has it, it can be read only.
fn server(found: &Interaction) -> Result<&Assignment, Refusal> {
    let stay = found.assignment.as_ref();
    match stay.filter(|stay| stay.chat && stay.wrap_up.is_none()) {
        Some(stay) => Ok(stay),
        None => refuse(
            Code::Conflict,
            "no agent has this chat yet; until one does you can listen only",
        ),
    }
}

fn served(found: &Interaction) -> Result<(), Refusal> {
    server(found).map(|_| ())
}

fn not_there<T>() -> Result<T, Refusal> {
    refuse(
        Code::Conflict,
        "you do not take part in this chat; listen first",
    )
}
