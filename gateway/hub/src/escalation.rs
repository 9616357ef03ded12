//! Chat to call: a transaction that reserves the same agent's voice slot, dials both sides, and either connects them or
//! gives everything back with the reason.

use ws::{
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, LegId, Number, TrunkId},
};

use crate::{
    command::{Command, Target},
    event::{Event, LegCause, Party},
    gate::Way,
    hub::Hub,
    input::{Actor, Done, refuse},
    setup::PhoneSetup,
    transfer::Taken,
};

impl Hub {
    pub(crate) fn escalate(
        &mut self,
        id: InteractionId,
        by: &Actor,
        number: Number,
    ) -> Result<Done, Refusal> {
        let found = self.going_on(id, by)?;
        let stay = found.assignment.as_ref();
        let Some(agent) = stay.filter(|_| found.chat).map(|stay| stay.agent.clone()) else {
            return refuse(
                Code::Conflict,
                "no agent is in the chat yet; ask for a callback instead",
            );
        };
        if found.call.is_some() {
            return refuse(
                Code::Conflict,
                "there is a call in this interaction already",
            );
        }
        let asking = by.agent();
        let trunk = match self.admit_for(&number, Some(found.customer), asking) {
            Ok(trunk) => trunk,
            Err(closed) => {
                return Err(self.turn_away(id, Way::Escalation, (&number, asking), closed));
            }
        };
        let found = self.going_on(id, by)?;
        let offered_call = found.offer.is_some();
        match self.call_of(&agent).filter(|_| !offered_call) {
            None => {}
            Some(Taken::Call) => return refuse(Code::Full, "the agent is in another call"),
            Some(Taken::WrapUp) => {
                return refuse(Code::Full, "the agent is in the wrap-up of another call");
            }
        }
        if !self.is_phone_reachable(&agent) {
            return refuse(Code::Conflict, "the agent's phone cannot be reached");
        }
        if offered_call {
            // A callback of this very chat waits for the agent: this call takes its place.
            self.end_offer(id, crate::event::OfferEnd::Withdrawn);
        }
        if let Some(asking) = asking {
            self.note_agent_toll(asking);
        }
        let (customer_leg, agent_leg) = self.two_legs(id);
        self.tell(
            Some(id),
            Event::EscalationStarted {
                agent: agent.clone(),
                number: number.clone(),
                by: self.author(by),
                customer_leg,
                agent_leg,
            },
        );
        self.dial_both(id, LegCause::Escalation, &agent, trunk, number);
        Ok(Done::Ok)
    }

    /// Returns the ids the next two legs will have: the customer's, the agent's.
    pub(crate) fn two_legs(&self, id: InteractionId) -> (LegId, LegId) {
        let next = self.state.interaction(id).map_or(1, |f| f.next_leg().n);
        let leg = |n| LegId { interaction: id, n };
        (leg(next), leg(next.saturating_add(1)))
    }

    /// Dials the customer and the agent at once. The gate was passed: `trunk` is its answer.
    pub(crate) fn dial_both(
        &mut self,
        id: InteractionId,
        cause: LegCause,
        agent: &AgentId,
        trunk: TrunkId,
        number: Number,
    ) {
        let party = Party::CustomerPhone {
            number: Some(number.clone()),
            trunk: Some(trunk.clone()),
        };
        let Some(customer) = self.begin_leg(id, party, cause, None) else {
            return;
        };
        let party = self.phone_of(agent);
        let leg = self.begin_leg(id, party, cause, Some(customer));
        self.dial_out(customer, (trunk, number), None, None);
        if let Some(leg) = leg {
            self.dial_phone(id, leg, agent);
        }
    }

    /// Dials an agent's phone, or headset where the leg was begun for one, which shows the customer.
    pub(crate) fn dial_phone(&mut self, id: InteractionId, leg: LegId, agent: &AgentId) {
        let phone = self.setup.agents.get(agent).map(|agent| &agent.phone);
        let found = self.state.interaction(id).and_then(|found| found.leg(leg));
        let at_console = found.is_some_and(|leg| leg.headset().is_some());
        let to = match phone {
            Some(_) | None if at_console => Target::Browser(agent.clone()),
            Some(PhoneSetup::Extension { trunk, number }) => Target::Trunk {
                trunk: trunk.clone(),
                number: number.clone(),
            },
            Some(PhoneSetup::Registered) | None => Target::Phone(agent.clone()),
        };
        let found = self.state.interaction(id);
        self.ask(Command::Dial {
            leg,
            to,
            caller: found.and_then(|found| found.number.clone()),
            name: found.and_then(|found| found.name.clone()),
            referral: None,
            detours: Vec::new(),
        });
    }
}
