//! Consultation: an agent asks somebody while the customer hears music, then connects both or goes back.

use ws::{
    frame::{Code, Refusal},
    id::{InteractionId, LegId},
    transfer::TransferTo,
};

use crate::{
    command::Command,
    event::{Event, InCall, LegCause, Party},
    hub::Hub,
    input::{Cause, CauseKind, Done, refuse},
    interaction::{Call, Consult},
    leg::Leg,
    scope::{TEXT, check_field},
    settle::cause,
    talk::Talk,
    transfer::Destination,
};

impl Hub {
    pub(crate) fn consult(
        &mut self,
        id: InteractionId,
        talk: &Talk,
        to: TransferTo,
    ) -> Result<Done, Refusal> {
        if talk.call.consult.is_some() {
            return refuse(Code::Conflict, "you are asking somebody already");
        }
        if matches!(to, TransferTo::Queue(_)) {
            return refuse(
                Code::OutOfRange,
                "ask an agent or a number; a queue can only be given the call",
            );
        }
        if let TransferTo::Agent(agent) = &to {
            self.check_no_call(agent)?;
        }
        let destination = self.destination_of(id, &talk.agent, to.clone())?;
        let (parent, cause) = (talk.leg, LegCause::Consult);
        let leg = match &destination {
            Destination::Number { number, trunk } => {
                self.begin_outside(id, number, trunk, cause, parent)
            }
            Destination::Agent { agent, .. } => {
                let party = self.phone_of(agent);
                self.begin_leg(id, party, cause, Some(parent))
            }
            Destination::Queue(_) => None,
        };
        let Some(leg) = leg else {
            return refuse(Code::NotFound, "there is no such interaction");
        };
        self.tell(
            Some(id),
            Event::InCall(InCall::ConsultStarted {
                agent: talk.agent.clone(),
                to,
                leg,
            }),
        );
        match talk.call.is_conference() {
            // The others go on meanwhile.
            true => {
                self.ask(Command::Part { leg: talk.leg });
                self.comfort(id, talk.call.held);
            }
            false => self.part_with_music(talk.customer),
        }
        match destination {
            Destination::Number { number, trunk } => self.dial_outside(id, leg, trunk, number),
            Destination::Agent { agent, .. } => self.dial_phone(id, leg, &agent),
            Destination::Queue(_) => {}
        }
        self.ask(Command::Await {
            leg: talk.leg,
            of: leg,
        });
        Ok(Done::Ok)
    }

    /// Connects an agent with whoever they asked, once those answered; tells whether it did.
    pub(crate) fn settle_consult(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let call = found.call.as_ref();
        let asked = call.and_then(|call| Some((call, call.consult.as_ref()?, call.agent?)));
        let Some((call, consult, agent)) = asked else {
            return false;
        };
        let leg = consult.leg;
        if consult.joined || !found.leg(leg).is_some_and(Leg::is_answered) {
            return false;
        }
        let call = call.clone();
        self.tell(Some(id), Event::InCall(InCall::ConsultJoined { leg }));
        self.ask(Command::Bridge { a: agent, b: leg });
        self.watch_on(&call, agent);
        self.comfort(id, false);
        true
    }

    pub(crate) fn complete(
        &mut self,
        id: InteractionId,
        talk: &Talk,
        note: Option<String>,
    ) -> Result<Done, Refusal> {
        check_field("note", note.as_ref(), TEXT)?;
        let Some(consult) = talk.call.consult.clone() else {
            return refuse(Code::Conflict, "you are asking nobody; consult first");
        };
        self.pass_on(id, talk, &consult, note);
        Ok(Done::Ok)
    }

    // The leg of whoever was asked takes the agent's place, be it answered or still ringing.
    pub(crate) fn pass_on(
        &mut self,
        id: InteractionId,
        talk: &Talk,
        consult: &Consult,
        note: Option<String>,
    ) {
        let queue = self.queue_of(id);
        let to = match &consult.to {
            TransferTo::Agent(agent) => Destination::Agent {
                agent: agent.clone(),
                queue,
            },
            TransferTo::Queue(_) => Destination::Queue(queue),
            TransferTo::Number(number) => {
                let found = self.state.interaction(id);
                let party = found.and_then(|found| Some(&found.leg(consult.leg)?.party));
                if let Some(Party::OutsidePhone { trunk, .. }) = party {
                    Destination::Number {
                        number: number.clone(),
                        trunk: trunk.clone(),
                    }
                } else {
                    Destination::Queue(queue)
                }
            }
        };
        let handed = self.connects_both(id, talk, consult);
        self.leave(id, talk, &to, Some(consult.leg), note);
        match to {
            Destination::Agent { agent, .. } => self.take_over(id, &agent),
            Destination::Number { number, .. } if handed => {
                self.ask_to_take_over(id, talk.customer, number, Some(consult.leg));
            }
            Destination::Number { .. } | Destination::Queue(_) => {}
        }
        // Who has answered waits for a customer who is being moved.
        if talk.call.bridged.is_none() && consult.joined {
            self.await_customer(id);
        }
    }

    // The trunk by which both are on the line takes such calls over itself; until it has, they talk by way of us.
    fn connects_both(&self, id: InteractionId, talk: &Talk, consult: &Consult) -> bool {
        let call = &talk.call;
        if !consult.joined || call.is_conference() || call.replacement.is_some() {
            return false;
        }
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let theirs = found.leg(consult.leg).filter(|leg| leg.is_live());
        match theirs.map(|leg| &leg.party) {
            Some(Party::OutsidePhone { trunk, .. }) => {
                self.is_live(talk.customer) && self.taking_over(found, talk.customer) == Some(trunk)
            }
            Some(_) | None => false,
        }
    }

    pub(crate) fn take_back(&mut self, id: InteractionId, talk: &Talk) -> Result<Done, Refusal> {
        let Some(consult) = talk.call.consult.clone() else {
            return refuse(Code::Conflict, "you are asking nobody");
        };
        let why = cause(CauseKind::Normal, "the agent went back to the customer");
        self.release(consult.leg, &why);
        self.tell_asked(id, &consult, &why, true);
        self.back(id, &talk.call);
        Ok(Done::Ok)
    }

    /// Ends a consultation; the agent is back with the customer, if both are still there, or hears them ring.
    pub(crate) fn consult_over(&mut self, id: InteractionId, call: &Call, why: &Cause) {
        self.end_consult(id, call, why);
        self.back(id, call);
    }

    fn back(&mut self, id: InteractionId, call: &Call) {
        match call.agent {
            Some(agent) if call.bridged.is_some() => self.reunite(id, call.customer, agent),
            Some(_) | None => self.await_customer(id),
        }
    }

    /// Tells the end of a consultation, if there is one.
    pub(crate) fn end_consult(&mut self, id: InteractionId, call: &Call, why: &Cause) {
        if let Some(consult) = &call.consult {
            self.tell_asked(id, consult, why, false);
        }
    }

    fn tell_asked(&mut self, id: InteractionId, consult: &Consult, why: &Cause, own: bool) {
        let consulted = match &consult.to {
            TransferTo::Agent(agent) => Some(agent.clone()),
            TransferTo::Queue(_) | TransferTo::Number(_) => None,
        };
        self.tell(
            Some(id),
            Event::InCall(InCall::ConsultEnded {
                leg: consult.leg,
                consulted,
                cause: why.clone(),
                own,
            }),
        );
    }

    /// The agent hung up while asking somebody: the customer is theirs now. Tells whether that was so.
    pub(crate) fn hung_up_asking(&mut self, id: InteractionId, leg: LegId, call: &Call) -> bool {
        let Some(consult) = call.consult.clone() else {
            return false;
        };
        let found = self.state.interaction(id);
        let stay = found.and_then(|found| found.assignment.as_ref());
        let Some(stay) = stay.filter(|_| self.is_live(call.customer) && self.is_live(consult.leg))
        else {
            return false;
        };
        let talk = Talk {
            agent: stay.agent.clone(),
            leg,
            customer: call.customer,
            call: call.clone(),
        };
        self.pass_on(id, &talk, &consult, None);
        true
    }
}
