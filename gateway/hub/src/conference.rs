//! Conference: whoever an agent asks is taken into the conversation with the customer. Anybody but the customer may leave, or
//! is taken out again, and the others go on; when the agent does, the call is of whoever was taken in first.

use ws::{
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, LegId},
    supervision::Supervision,
    transfer::TransferTo,
};

use crate::{
    command::Command,
    event::{Event, InCall},
    hub::Hub,
    input::{Actor, Cause, CauseKind, Done, refuse},
    interaction::{Call, Consult, Guest},
    settle::cause,
    talk::Talk,
};

/// Somebody who was asked, or taken into the conversation, and is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct Parted {
    /// Their leg.
    pub leg: LegId,
    /// Who was asked.
    pub to: TransferTo,
    /// Why they are gone.
    pub why: CauseKind,
}

/// How an agent is in a call that is not theirs, since its agent asked them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    /// Their leg.
    pub leg: LegId,
    /// Whether they are on the line.
    pub joined: bool,
    /// Whether they were taken into the conversation.
    pub conference: bool,
}

impl Call {
    /// Notes who is not in it any more, and why; nothing where the agent wanted it so.
    pub(crate) fn part(&mut self, gone: Option<(LegId, TransferTo)>, why: CauseKind, own: bool) {
        let gone = gone.filter(|_| !own);
        self.parted = gone.map(|(leg, to)| Parted { leg, to, why });
    }

    /// Tells whether somebody beside customer and agent speaks in it.
    pub fn is_conference(&self) -> bool {
        let barges = |watcher: &crate::interaction::Watcher| {
            watcher.joined && watcher.how == Supervision::Barge
        };
        !self.guests.is_empty() || self.watchers.iter().any(barges)
    }

    /// Returns how an agent is in it whom its agent asked; nothing of anybody else.
    pub(crate) fn seat(&self, agent: &AgentId) -> Option<Seat> {
        let mut seats = self.seats().filter(|(whom, _)| *whom == agent);
        seats.next().map(|(_, seat)| seat)
    }

    /// Walks the agents whom its agent asked, those who were taken into the conversation first.
    pub(crate) fn seats(&self) -> impl Iterator<Item = (&AgentId, Seat)> {
        let guests = self.guests.iter().map(|guest| {
            let seat = Seat {
                leg: guest.leg,
                joined: true,
                conference: true,
            };
            (&guest.to, seat)
        });
        let asked = self.consult.iter().map(|asked| {
            let seat = Seat {
                leg: asked.leg,
                joined: asked.joined,
                conference: false,
            };
            (&asked.to, seat)
        });
        guests.chain(asked).filter_map(|(to, seat)| match to {
            TransferTo::Agent(agent) => Some((agent, seat)),
            TransferTo::Queue(_) | TransferTo::Number(_) => None,
        })
    }

    /// Returns the agents who speak in it beside the one whose call it is.
    pub(crate) fn colleagues(&self) -> impl Iterator<Item = &AgentId> {
        let there = self.seats().filter(|(_, seat)| seat.joined);
        there.map(|(agent, _)| agent)
    }
}

impl Hub {
    pub(crate) fn conference(&mut self, id: InteractionId, talk: &Talk) -> Result<Done, Refusal> {
        let Some(consult) = &talk.call.consult else {
            return refuse(Code::Conflict, "you are asking nobody; consult first");
        };
        if !consult.joined {
            return refuse(Code::Conflict, "whoever you ask has not answered yet");
        }
        if talk.call.bridged.is_none() {
            return refuse(
                Code::Conflict,
                "the customer is being moved and has not answered yet",
            );
        }
        let leg = consult.leg;
        self.tell(Some(id), Event::InCall(InCall::ConferenceJoined { leg }));
        self.ask(Command::Join {
            leg: talk.customer,
            to: talk.leg,
        });
        self.gather(id, talk.leg);
        Ok(Done::Ok)
    }

    /// Ends the call of one who was taken into the conversation; the others go on.
    pub(crate) fn take_out(&mut self, talk: &Talk, leg: LegId) -> Result<Done, Refusal> {
        let guests = &talk.call.guests;
        if !guests.iter().any(|guest| guest.leg == leg) {
            return refuse(
                Code::NotFound,
                format!("nobody in this conversation has the leg {leg}"),
            );
        }
        let why = cause(CauseKind::Normal, "the agent took them out of the call");
        self.guest_gone(leg, &talk.call, &why, true);
        Ok(Done::Ok)
    }

    /// Ends the part of one who is asked about a call, rings for that or was taken into it, as if they hung up; the others go
    /// on. Nothing where they have none.
    pub(crate) fn leave_call(&mut self, id: InteractionId, by: &Actor) -> Option<Done> {
        let Actor::Agent(agent) = by else { return None };
        let call = self.state.interaction(id)?.call.as_ref()?;
        let seat = call.seat(agent)?;
        let why = match seat.joined {
            true => cause(CauseKind::Normal, "they left the call"),
            false => cause(CauseKind::Rejected, "they declined the call"),
        };
        self.leg_lost(seat.leg, &why);
        Some(Done::Ok)
    }

    /// Lets customer and agent hear each other, and everybody else in the call as before.
    pub(crate) fn reunite(&mut self, id: InteractionId, customer: LegId, agent: LegId) {
        self.ask(Command::Bridge {
            a: customer,
            b: agent,
        });
        self.gather(id, agent);
    }

    // Lets everybody beside customer and agent be where the agent is.
    fn gather(&mut self, id: InteractionId, agent: LegId) {
        let found = self.state.interaction(id);
        let Some(call) = found.and_then(|found| found.call.clone()) else {
            return;
        };
        for guest in call.guests.iter().filter(|guest| guest.leg != agent) {
            if self.is_live(guest.leg) {
                self.ask(Command::Join {
                    leg: guest.leg,
                    to: agent,
                });
            }
        }
        self.watch_on(&call, agent);
    }

    /// Returns who was taken into the conversation, and is there.
    pub(crate) fn company(&self, call: &Call) -> Option<LegId> {
        let mut guests = call.guests.iter().map(|guest| guest.leg);
        guests.find(|guest| self.is_live(*guest))
    }

    /// Somebody who was taken into the conversation is gone.
    pub(crate) fn guest_lost(&mut self, leg: LegId, call: &Call, cause: &Cause) {
        self.guest_gone(leg, call, cause, false);
    }

    fn guest_gone(&mut self, leg: LegId, call: &Call, cause: &Cause, own: bool) {
        self.release(leg, cause);
        for guest in call.guests.iter().filter(|guest| guest.leg == leg) {
            self.tell_left(guest, cause, own);
        }
        self.comfort(leg.interaction, false);
    }

    /// Lets the one who is left alone in a conference hear music while the agent asks somebody else. A customer who was
    /// on hold before does so already, and is in no conversation.
    pub(crate) fn comfort(&mut self, id: InteractionId, held: bool) {
        let found = self.state.interaction(id);
        let call = found.and_then(|found| found.call.as_ref());
        let Some((call, consult)) = call.and_then(|call| Some((call, call.consult.as_ref()?)))
        else {
            return;
        };
        let customer = Some(call.customer).filter(|_| !held);
        let guests = call.guests.iter().map(|guest| guest.leg);
        // Who barged in is where the agent is, once whoever is asked answered.
        let barged = call.watchers.iter().filter(|watcher| {
            watcher.joined && watcher.how == Supervision::Barge && !consult.joined
        });
        let barged = barged.map(|watcher| watcher.leg);
        let left = customer.into_iter().chain(guests).chain(barged);
        let left: Vec<_> = left.filter(|leg| self.is_live(*leg)).collect();
        if let [alone] = left[..] {
            self.part_with_music(alone);
        }
    }

    fn tell_left(&mut self, guest: &Guest, cause: &Cause, own: bool) {
        let left = match &guest.to {
            TransferTo::Agent(agent) => Some(agent.clone()),
            TransferTo::Queue(_) | TransferTo::Number(_) => None,
        };
        let leg = guest.leg;
        let cause = cause.clone();
        self.tell(
            Some(leg.interaction),
            Event::InCall(InCall::ConferenceLeft {
                leg,
                left,
                cause,
                own,
            }),
        );
    }

    /// The agent left a conference: the call is of whoever was taken in first. Tells whether that was so.
    pub(crate) fn left_conference(&mut self, id: InteractionId, leg: LegId, call: &Call) -> bool {
        let guests = call.guests.iter();
        let Some(guest) = guests.clone().find(|guest| self.is_live(guest.leg)) else {
            return false;
        };
        let found = self.state.interaction(id);
        let stay = found.and_then(|found| found.assignment.as_ref());
        let Some(stay) = stay.filter(|_| self.is_live(call.customer)) else {
            return false;
        };
        let agent = stay.agent.clone();
        let asked = Consult {
            agent: agent.clone(),
            to: guest.to.clone(),
            leg: guest.leg,
            joined: true,
        };
        let talk = Talk {
            agent,
            leg,
            customer: call.customer,
            call: call.clone(),
        };
        self.pass_on(id, &talk, &asked, None);
        true
    }

    /// Tells that nobody beside customer and agent takes part any more, since the call is over.
    pub(crate) fn end_company(&mut self, id: InteractionId, call: &Call, why: &Cause) {
        for guest in &call.guests {
            self.tell_left(guest, why, false);
        }
        self.end_supervision(id, None, why);
    }
}
