//! Calls of browsers: a visitor calls from the page, an agent takes calls at a console's headset. From there on they are
//! calls like any other.

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, LegId},
    voice::{Headset, HeadsetCall},
};

use crate::{
    call::status,
    command::Command,
    event::Party,
    hub::Hub,
    input::{Actor, Arrival, Done, Introduction, refuse},
    interaction::Interaction,
    introduce,
    leg::Leg,
    transfer::Taken,
};

impl Hub {
    /// Takes a call of a visitor's browser: within the chat it names, or as a contact of its own.
    pub(crate) fn browser_called(&mut self, who: &Introduction, arrival: Arrival) {
        let call = arrival.call;
        let taken = match arrival.claims.first().copied() {
            Some(chat) => self.call_within(chat, who, arrival),
            None => self.call_anew(who, arrival),
        };
        if let Err(refusal) = taken {
            self.ask(Command::Refuse {
                call,
                status: status(refusal.code),
                text: refusal.text,
                retry_after: None,
            });
        }
    }

    fn call_within(
        &mut self,
        id: InteractionId,
        who: &Introduction,
        arrival: Arrival,
    ) -> Result<(), Refusal> {
        let found = self.going_on(id, &Actor::Visitor(who.visitor))?;
        if found.call.is_some() {
            return refuse(
                Code::Conflict,
                "there is a call in this interaction already",
            );
        }
        if !self.can_answer(found) {
            return refuse(
                Code::Conflict,
                "the agent's phone cannot be reached; ask for a callback instead",
            );
        }
        let stay = found.assignment.as_ref();
        match stay.and_then(|stay| self.call_of(&stay.agent)) {
            None => {}
            Some(Taken::Call) => return refuse(Code::Full, "the agent is in another call"),
            Some(Taken::WrapUp) => {
                return refuse(Code::Full, "the agent is in the wrap-up of another call");
            }
        }
        self.adopt(id, arrival);
        Ok(())
    }

    fn call_anew(&mut self, who: &Introduction, arrival: Arrival) -> Result<(), Refusal> {
        introduce::check(who)?;
        let calls = |found: &Interaction| found.call.is_some();
        if self.state.of_visitor(who.visitor).any(calls) {
            return refuse(Code::Conflict, "you are in a call already");
        }
        let queue = match self.setup.zones.get(&who.zone) {
            Some(zone) => zone.queue.clone(),
            None => return refuse(Code::NotFound, format!("there is no zone `{}`", who.zone)),
        };
        let id = arrival.candidate;
        self.admit_new(id, &queue)?;
        self.check_busy((&queue, Some(&who.zone)), Channel::Voice, None)?;
        self.introduce(id, Channel::Voice, queue, who, Vec::new());
        self.link_by_queue(id);
        self.adopt(id, arrival);
        Ok(())
    }

    /// Lets an agent's calls ring at a console, or ends that.
    pub(crate) fn set_headset(
        &mut self,
        agent: AgentId,
        socket: u64,
        on: bool,
    ) -> Result<Done, Refusal> {
        let desk = self.desks.get_mut(&agent);
        let Some(desk) = desk.filter(|desk| desk.open.contains(&socket)) else {
            return refuse(Code::Conflict, "sign in at a console first");
        };
        match on {
            true => desk.headsets.insert(socket),
            false => desk.headsets.remove(&socket),
        };
        self.touched_agents.push(agent);
        Ok(Done::Ok)
    }

    /// Tells whether an agent's calls ring at a console.
    pub fn has_headset(&self, agent: &AgentId) -> bool {
        let desk = self.desks.get(agent);
        desk.is_some_and(|desk| !desk.headsets.is_empty())
    }

    /// Returns where an agent's next leg is: what they chose goes before what they have.
    pub(crate) fn phone_of(&self, agent: &AgentId) -> Party {
        let agent = agent.clone();
        match self.has_headset(&agent) {
            true => Party::AgentBrowser { agent },
            false => Party::AgentPhone { agent },
        }
    }

    /// Returns the calls at an agent's consoles.
    pub fn headset(&self, agent: &AgentId) -> Headset {
        let known = self.state.agents().get(agent);
        let held = known.map(|known| known.holds()).unwrap_or_default();
        let calls = held.iter().filter_map(|id| self.state.interaction(*id));
        let calls = calls.flat_map(|found| {
            let own = |leg: &Leg| leg.is_live() && leg.headset() == Some(agent);
            let legs = found.legs.iter().filter(move |(_, leg)| own(leg));
            legs.map(|(n, leg)| HeadsetCall {
                interaction: found.id,
                leg: LegId {
                    interaction: found.id,
                    n,
                },
                taken: leg.is_answered(),
                name: found.name.clone(),
                number: found.number.clone(),
            })
        });
        Headset {
            on: self.has_headset(agent),
            calls: calls.collect(),
        }
    }
}
