//! Transfer: an agent gives a call away, at once or after asking somebody while the customer hears music. The matter, its
//! interaction and the customer's leg stay the same; every new leg names the one it was made for.

use ws::{
    agent::{Channel, Presence},
    frame::{Code, Refusal},
    id::{AgentId, AssignmentId, InteractionId, LegId, Number, QueueId, TrunkId},
    transfer::TransferTo,
};

use crate::{
    aside::Heard,
    command::{Command, Program},
    event::{Event, InCall, LegCause, Party},
    gate::Way,
    hub::Hub,
    input::{CauseKind, Done, refuse},
    interaction::Interaction,
    leg::Leg,
    scope::{TEXT, check_field, written},
    settle::cause,
    talk::Talk,
};

/// RFC 4488 §4: whoever was asked does so, and tells nothing more of it.
const NOTHING_FOLLOWS: u16 = 202;

/// Where a call goes, checked.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    Agent { agent: AgentId, queue: QueueId },
    Queue(QueueId),
    Number { number: Number, trunk: TrunkId },
}

impl Destination {
    fn to(&self) -> TransferTo {
        match self {
            Self::Agent { agent, .. } => TransferTo::Agent(agent.clone()),
            Self::Queue(queue) => TransferTo::Queue(queue.clone()),
            Self::Number { number, .. } => TransferTo::Number(number.clone()),
        }
    }
}

impl Interaction {
    /// Tells whether its call went to a number outside, so that it is no agent's.
    pub fn calls_outside(&self) -> bool {
        let leg = self.call.as_ref().and_then(|call| call.agent);
        let party = leg.and_then(|leg| self.leg(leg)).map(|leg| &leg.party);
        party.is_some_and(|party| match party {
            Party::OutsidePhone { .. } => true,
            Party::CustomerPhone { .. }
            | Party::AgentPhone { .. }
            | Party::CustomerBrowser { .. }
            | Party::AgentBrowser { .. }
            | Party::CustomerChat { .. }
            | Party::AgentChat { .. }
            | Party::CustomerPage { .. }
            | Party::AgentPage { .. } => false,
        })
    }

    /// Returns the agents whose phones are taken by its call although it is not theirs: who is asked, who was taken into
    /// the conversation, and supervisors.
    pub fn on_the_line(&self) -> impl Iterator<Item = &AgentId> {
        let call = self.call.iter();
        call.flat_map(|call| {
            let colleagues = call.seats().map(|(agent, _)| agent);
            colleagues.chain(call.watchers.iter().map(|watcher| &watcher.agent))
        })
    }
}

/// By what an agent's place for a call is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// A call, or the offer of one.
    Call,
    /// The wrap-up of one.
    WrapUp,
}

impl Hub {
    pub(crate) fn transfer(
        &mut self,
        id: InteractionId,
        talk: &Talk,
        to: TransferTo,
        note: Option<String>,
    ) -> Result<Done, Refusal> {
        check_field("note", note.as_ref(), TEXT)?;
        if talk.call.consult.is_some() {
            return refuse(
                Code::Conflict,
                "you are asking somebody; complete that transfer, or take the customer back first",
            );
        }
        let to = self.destination_of(id, &talk.agent, to)?;
        self.give_away(id, talk, to, note);
        Ok(Done::Ok)
    }

    /// Checks where a call is to go.
    pub(crate) fn destination_of(
        &mut self,
        id: InteractionId,
        by: &AgentId,
        to: TransferTo,
    ) -> Result<Destination, Refusal> {
        match to {
            TransferTo::Queue(queue) => {
                if !self.setup.queues.contains_key(&queue) {
                    return refuse(Code::NotFound, format!("there is no queue `{queue}`"));
                }
                if !self.is_open(&queue) {
                    return refuse(Code::Conflict, format!("the queue `{queue}` is closed now"));
                }
                Ok(Destination::Queue(queue))
            }
            TransferTo::Agent(agent) => {
                self.check_colleague(by, &agent)?;
                let own = self.state.interaction(id).map(|found| found.queue.clone());
                let own = own.filter(|queue| self.roster.is_at(&agent, queue));
                let queue = own.or_else(|| self.fallback_of(&agent));
                match queue {
                    Some(queue) => Ok(Destination::Agent { agent, queue }),
                    None => refuse(Code::Conflict, format!("{agent} serves no queue")),
                }
            }
            TransferTo::Number(number) => match self.admit_transfer(&number, Some(by)) {
                Ok(trunk) => {
                    self.note_agent_toll(by);
                    Ok(Destination::Number { number, trunk })
                }
                Err(closed) => Err(self.turn_away(id, Way::Transfer, (&number, Some(by)), closed)),
            },
        }
    }

    /// Tells by what an agent's place for a call is taken, where it is.
    pub(crate) fn call_of(&self, agent: &AgentId) -> Option<Taken> {
        let calls = self.state.agents().get(agent).map(|known| &known.calls);
        let mut calls = calls.into_iter().flatten().peekable();
        calls.peek()?;
        let wraps_up = |id: &InteractionId| {
            let found = self.state.interaction(*id);
            let stay = found.and_then(|found| found.assignment.as_ref());
            stay.is_some_and(|stay| stay.agent == *agent && stay.wrap_up.is_some())
        };
        Some(match calls.all(wraps_up) {
            true => Taken::WrapUp,
            false => Taken::Call,
        })
    }

    /// Refuses to ask an agent about a call whose place for one is taken.
    pub(crate) fn check_no_call(&self, agent: &AgentId) -> Result<(), Refusal> {
        let words = match self.call_of(agent) {
            None => return Ok(()),
            Some(Taken::Call) => "is in another call",
            Some(Taken::WrapUp) => "is in the wrap-up of another call",
        };
        refuse(Code::Full, format!("{agent} {words}"))
    }

    fn check_colleague(&self, by: &AgentId, agent: &AgentId) -> Result<(), Refusal> {
        if !self.setup.agents.contains_key(agent) {
            return refuse(Code::NotFound, format!("there is no agent \"{agent}\""));
        }
        if agent == by {
            return refuse(Code::Conflict, "you have this call already");
        }
        let known = self.state.agents().get(agent);
        if known.is_none_or(|known| known.presence == Presence::Gone) {
            return refuse(Code::Conflict, format!("{agent} is not signed in"));
        }
        if !self.is_phone_reachable(agent) {
            return refuse(
                Code::Conflict,
                format!("the phone of {agent} cannot be reached"),
            );
        }
        Ok(())
    }

    /// Gives a call away at once.
    pub(crate) fn give_away(
        &mut self,
        id: InteractionId,
        talk: &Talk,
        to: Destination,
        note: Option<String>,
    ) {
        let wanted = match &to {
            Destination::Agent { agent, .. } => Some(agent.clone()),
            Destination::Queue(_) | Destination::Number { .. } => None,
        };
        let handed = match &to {
            Destination::Number { number, .. } if self.hands_out(id, talk.customer) => {
                Some(number.clone())
            }
            Destination::Number { .. } | Destination::Agent { .. } | Destination::Queue(_) => None,
        };
        let dialled = match &to {
            Destination::Number { number, trunk } if handed.is_none() => {
                self.begin_outside(id, number, trunk, LegCause::TransferBlind, talk.customer)
            }
            Destination::Number { .. } | Destination::Agent { .. } | Destination::Queue(_) => None,
        };
        self.leave(id, talk, &to, dialled, note);
        self.asides.entry(id).or_default().wanted = wanted;
        if let Some(number) = handed {
            self.hand_out(id, talk.customer, number);
        } else if let (Some(leg), Destination::Number { number, trunk }) = (dialled, to) {
            self.dial_outside(id, leg, trunk, number);
        }
    }

    // The trunk that the customer came by takes such calls over itself.
    fn hands_out(&self, id: InteractionId, customer: LegId) -> bool {
        let found = self.state.interaction(id);
        found.is_some_and(|found| self.taking_over(found, customer).is_some())
    }

    /// Returns the trunk of a customer's leg, where it takes calls over itself.
    pub(crate) fn taking_over<'a>(
        &self,
        found: &'a Interaction,
        customer: LegId,
    ) -> Option<&'a TrunkId> {
        let Party::CustomerPhone { trunk, .. } = &found.leg(customer)?.party else {
            return None;
        };
        let trunk = trunk.as_ref();
        trunk.filter(|trunk| self.setup.transfers.handed.contains(*trunk))
    }

    fn hand_out(&mut self, id: InteractionId, customer: LegId, number: Number) {
        self.ask_to_take_over(id, customer, number, None);
        self.ask(Command::Part { leg: customer });
        self.ask(Command::Play {
            leg: customer,
            program: Program::Ringback,
        });
    }

    /// Asks the trunk of a customer to call a number in our place, or to connect them with who is at `place`.
    pub(crate) fn ask_to_take_over(
        &mut self,
        id: InteractionId,
        leg: LegId,
        number: Number,
        place: Option<LegId>,
    ) {
        let fact = InCall::HandedOut {
            number: number.clone(),
            leg: place,
        };
        self.tell(Some(id), Event::InCall(fact));
        self.ask(Command::HandOut { leg, number, place });
    }

    /// Takes what the carrier or PBX tells of a call it was asked to take over.
    pub(crate) fn leg_handed_out(&mut self, leg: LegId, status: u16) {
        let id = leg.interaction;
        let found = self.state.interaction(id);
        let call = found.and_then(|found| found.call.as_ref());
        let Some((call, number)) = call
            .filter(|call| call.customer == leg)
            .and_then(|call| Some((call.clone(), call.handed.clone()?)))
        else {
            return;
        };
        // They talk by way of us, and go on so where nothing more is told, or nothing comes of it.
        let talking = call.agent.is_some();
        if talking && status == NOTHING_FOLLOWS {
            return;
        }
        if (200..300).contains(&status) {
            let why = cause(CauseKind::Normal, "the call was handed out");
            self.report_handed_out(id, 200);
            self.release(leg, &why);
            self.customer_gone(leg, &call, &why);
            return;
        }
        let failed = InCall::HandOutFailed { status };
        self.tell(Some(id), Event::InCall(failed));
        if talking {
            return;
        }
        // RFC 8197, RFC 8688: nobody there wants such calls, from whichever house.
        if matches!(status, 607 | 608) {
            let why = CauseKind::Unwanted.words().to_owned();
            self.suppress_unwanted(id, number.clone(), why);
        }
        // Then it is dialled from here; what the gate said may have changed.
        if let Ok(trunk) = self.admit_transfer(&number, None) {
            let cause = LegCause::TransferBlind;
            let Some(new) = self.begin_outside(id, &number, &trunk, cause, leg) else {
                return;
            };
            let queue = self.queue_of(id);
            self.tell(
                Some(id),
                Event::InCall(InCall::Transferred {
                    agent: None,
                    name: None,
                    to: TransferTo::Number(number.clone()),
                    queue,
                    leg: Some(new),
                    note: None,
                }),
            );
            self.await_leg_instead(new);
            self.dial_outside(id, new, trunk, number);
        } else {
            self.report_handed_out(id, status);
        }
    }

    fn is_answered(&self, id: InteractionId, leg: LegId) -> bool {
        let found = self.state.interaction(id);
        let leg = found.and_then(|found| found.leg(leg));
        leg.is_some_and(Leg::is_answered)
    }

    pub(crate) fn queue_of(&self, id: InteractionId) -> QueueId {
        let found = self.state.interaction(id).expect("it was found before");
        found.queue.clone()
    }

    // The agent's part is over: the stay and their leg end, and the call is whose it is now.
    pub(crate) fn leave(
        &mut self,
        id: InteractionId,
        talk: &Talk,
        to: &Destination,
        leg: Option<LegId>,
        note: Option<String>,
    ) {
        let told = to.to();
        let why = cause(CauseKind::Normal, &format!("the call went to {told}"));
        self.end_agent_chats(id, &why);
        self.end_stay(id, None, None, &why.text);
        // Supervisors go with the call, where whoever has it now is an agent on the line. Else there is nobody to be with.
        let on_line = leg.is_some_and(|leg| self.is_answered(id, leg));
        match to {
            Destination::Agent { .. } if on_line => {}
            Destination::Agent { .. } | Destination::Queue(_) | Destination::Number { .. } => {
                self.end_supervision(id, leg, &why);
            }
        }
        let queue = match to {
            Destination::Agent { queue, .. } | Destination::Queue(queue) => queue.clone(),
            Destination::Number { .. } => self.queue_of(id),
        };
        self.tell(
            Some(id),
            Event::InCall(InCall::Transferred {
                agent: Some(talk.agent.clone()),
                name: Some(self.agent_name(&talk.agent)),
                to: told,
                queue,
                leg,
                note: written(note),
            }),
        );
        let aside = self.asides.entry(id).or_default();
        (aside.heard, aside.answered) = (Heard::Nothing, true);
        self.release(talk.leg, &why);
        // Who waits in company hears no music any more.
        let apart = talk.call.held || talk.call.consult.is_some();
        let company = self.company(&talk.call).filter(|to| Some(*to) != leg);
        if let Some(to) = company.filter(|_| apart) {
            let leg = talk.customer;
            self.ask(Command::Join { leg, to });
        }
    }

    pub(crate) fn begin_outside(
        &mut self,
        id: InteractionId,
        number: &Number,
        trunk: &TrunkId,
        cause: LegCause,
        parent: LegId,
    ) -> Option<LegId> {
        let party = Party::OutsidePhone {
            number: Some(number.clone()),
            trunk: trunk.clone(),
        };
        self.begin_leg(id, party, cause, Some(parent))
    }

    pub(crate) fn dial_outside(
        &mut self,
        id: InteractionId,
        leg: LegId,
        trunk: TrunkId,
        number: Number,
    ) {
        let found = self.state.interaction(id);
        let name = found.and_then(|found| found.name.clone());
        self.dial_out(leg, (trunk, number), name, None);
    }

    /// Gives a call to an agent whose leg is on the line already.
    pub(crate) fn hand_to(&mut self, id: InteractionId, talk: &Talk, leg: LegId, agent: AgentId) {
        let queue = self.queue_of(id);
        let to = Destination::Agent {
            agent: agent.clone(),
            queue,
        };
        self.leave(id, talk, &to, Some(leg), None);
        self.take_over(id, &agent);
    }

    /// Makes an agent whose phone has the call the one who serves it.
    pub(crate) fn take_over(&mut self, id: InteractionId, agent: &AgentId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let assignment = AssignmentId {
            interaction: id,
            n: found.assignments.saturating_add(1),
        };
        let room = self.setup.agents.get(agent).map(|a| a.chat_slots.count());
        let held = self.state.agents().get(agent).map_or(0, |a| a.chats.len());
        let chat = found.chat && room.is_some_and(|room| held < room);
        self.assign_directly(id, agent, assignment, Channel::Voice);
        if chat {
            self.take_chat(id, agent, assignment);
        }
    }

    /// Makes an agent the one who serves a chat, without an offer.
    pub(crate) fn take_chat(&mut self, id: InteractionId, agent: &AgentId, stay: AssignmentId) {
        self.assign_directly(id, agent, stay, Channel::Chat);
        let party = Party::AgentChat {
            agent: agent.clone(),
        };
        self.begin_leg(id, party, LegCause::Outbound, None);
    }

    fn assign_directly(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
        assignment: AssignmentId,
        channel: Channel,
    ) {
        self.tell(
            Some(id),
            Event::Assigned {
                assignment,
                agent: agent.clone(),
                name: self.agent_name(agent),
                channel,
                offered: self.now,
            },
        );
    }
}
