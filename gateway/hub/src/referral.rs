//! Transfers that phones and PBXs ask for by SIP: a call that is to go elsewhere, and legs that take others' place. They pass
//! the same checks and the same gate as what agents ask.

use ws::{
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, LegId, Number},
    transfer::TransferTo,
};

use crate::{
    call::Side,
    command::Command,
    event::{Event, InCall, LegCause, Party},
    gate::Way,
    hub::Hub,
    input::{Actor, Arrival, Cause, CauseKind, Referral, Replaced, refuse},
    interaction::Call,
    leg::Leg,
    referred::Goal,
    settle::cause,
    setup::PhoneSetup,
    transfer::Destination,
};

impl Hub {
    /// Takes a peer's wish that the call of its leg go elsewhere.
    pub(crate) fn leg_referred(&mut self, leg: LegId, referral: Referral) {
        let done = match self.part(leg) {
            Some((call, Side::Agent)) => self.phone_refers(leg, &call, referral),
            Some((call, Side::Customer)) => self.trunk_refers(leg, &call, referral),
            Some((_, Side::Consulted | Side::Replacement | Side::Guest | Side::Supervisor))
            | None => refuse(
                Code::Forbidden,
                "only who is connected in a call may transfer it",
            ),
        };
        if let Err(refusal) = done {
            self.ask(Command::RefuseReferral {
                leg,
                status: status(refusal.code),
                text: refusal.text,
            });
        }
    }

    fn phone_refers(&mut self, leg: LegId, call: &Call, referral: Referral) -> Result<(), Refusal> {
        let id = leg.interaction;
        let found = self.state.interaction(id);
        let stay = found.and_then(|found| found.assignment.as_ref());
        let Some(agent) = stay.map(|stay| stay.agent.clone()) else {
            return refuse(Code::Forbidden, "only the agent of a call may transfer it");
        };
        let talk = self.talk(id, &Actor::Agent(agent.clone()))?;
        if call.consult.is_some() {
            return refuse(Code::Conflict, "a consultation is going on");
        }
        match &referral.replaces {
            Some(Replaced::Ours(other)) => return self.join_calls(leg, *other, &agent, &referral),
            Some(Replaced::Theirs(_)) => {
                return refuse(Code::NotFound, "that call is not one of your phone's");
            }
            None => {}
        }
        let to = self.named(&referral, &agent)?;
        let to = self.destination_of(id, &agent, to)?;
        self.note_referrer(leg, &referral);
        let wanted = match &to {
            Destination::Agent { agent, .. } => Some(Goal::Agent(agent.clone())),
            Destination::Queue(_) | Destination::Number { .. } => None,
        };
        // A queue has the call as soon as it is told.
        let done = matches!(to, Destination::Queue(_));
        self.ask(Command::TakeReferral { leg, done });
        self.give_away(id, &talk, to, None);
        if let Some(goal) = wanted.or_else(|| self.dialled_goal(id)).filter(|_| !done) {
            self.await_outcome(leg, goal);
        }
        Ok(())
    }

    // Whom a call that went to a number waits for.
    fn dialled_goal(&self, id: InteractionId) -> Option<Goal> {
        let call = self.state.interaction(id)?.call.as_ref()?;
        Some(call.agent.map_or(Goal::HandedOut, Goal::Leg))
    }

    // Whom the user part of Refer-To names: an agent, a queue, a colleague's extension, else a number.
    fn named(&self, referral: &Referral, by: &AgentId) -> Result<TransferTo, Refusal> {
        let user = &referral.user;
        if referral.here {
            let agent = user.parse().ok();
            if let Some(agent) = agent.filter(|name| self.setup.agents.contains_key(name)) {
                return Ok(TransferTo::Agent(agent));
            }
            let queue = user.parse().ok();
            if let Some(queue) = queue.filter(|name| self.setup.queues.contains_key(name)) {
                return Ok(TransferTo::Queue(queue));
            }
        }
        match user.parse::<Number>() {
            Ok(number) => Ok(match self.neighbour(by, &number) {
                Some(colleague) => TransferTo::Agent(colleague),
                None => TransferTo::Number(self.setup.numbering.read(&number)),
            }),
            Err(_) => refuse(
                Code::NotFound,
                format!("there is no agent, no queue and no number `{user}`"),
            ),
        }
    }

    // Who is at an extension behind the trunk that an agent's own phone is behind.
    fn neighbour(&self, of: &AgentId, named: &Number) -> Option<AgentId> {
        let PhoneSetup::Extension { trunk: own, .. } = &self.setup.agents.get(of)?.phone else {
            return None;
        };
        let read = |number: &Number| self.setup.numbering.read(number);
        let is_there = |phone: &PhoneSetup| match phone {
            PhoneSetup::Extension { trunk, number } => trunk == own && read(number) == read(named),
            PhoneSetup::Registered => false,
        };
        let mut agents = self.setup.agents.iter();
        let found = agents.find(|(_, agent)| is_there(&agent.phone));
        found.map(|(name, _)| name.clone())
    }

    fn note_referrer(&mut self, leg: LegId, referral: &Referral) {
        if let Some(by) = &referral.by {
            self.tell(
                Some(leg.interaction),
                Event::ExternalId {
                    system: "Referred-By".to_owned(),
                    id: by.clone(),
                },
            );
        }
    }

    // The phone called a colleague by itself, and connects both: the colleague's leg comes over into this matter.
    fn join_calls(
        &mut self,
        leg: LegId,
        other: LegId,
        agent: &AgentId,
        referral: &Referral,
    ) -> Result<(), Refusal> {
        let id = leg.interaction;
        let theirs = self.state.interaction(other.interaction);
        let asked = theirs.and_then(|found| {
            let call = found.call.as_ref()?;
            let colleague = call.agent.filter(|_| call.customer == other)?;
            let leg = found.leg(colleague).filter(|leg| leg.is_answered())?;
            Some((call.clone(), colleague, leg.agent()?.clone()))
        });
        let Some((second, colleague, name)) = asked.filter(|_| other.interaction != id) else {
            return refuse(
                Code::Conflict,
                "nobody whom the call could go to has answered there",
            );
        };
        let talk = self.talk(id, &Actor::Agent(agent.clone()))?;
        self.note_referrer(leg, referral);
        self.ask(Command::TakeReferral { leg, done: true });
        let moved = cause(CauseKind::Normal, "the colleague took the customer's call");
        // The second call ends without its colleague, who needs the slot for this one.
        let from = other.interaction;
        self.end_stay(from, None, None, &moved.text);
        let party = Party::AgentPhone {
            agent: name.clone(),
        };
        let Some(new) = self.begin_leg(id, party, LegCause::TransferAttended, Some(talk.leg))
        else {
            return Ok(());
        };
        self.ask(Command::Rename {
            from: colleague,
            to: new,
        });
        self.tell(Some(id), Event::LegAnswered { leg: new });
        let gone = Event::LegEnded {
            leg: colleague,
            cause: moved.clone(),
        };
        self.tell(Some(from), gone);
        self.release(other, &moved);
        self.customer_gone(other, &second, &moved);
        self.hand_to(id, &talk, new, name);
        if second.muted {
            let step = InCall::Muted { on: true };
            self.tell(Some(id), Event::InCall(step));
        }
        Ok(())
    }

    fn trunk_refers(&mut self, leg: LegId, call: &Call, referral: Referral) -> Result<(), Refusal> {
        let id = leg.interaction;
        if !referral.trusted {
            return refuse(
                Code::Forbidden,
                "this trunk is not trusted to transfer calls",
            );
        }
        if call.replacement.is_some() || call.bridged.is_none() {
            return refuse(Code::Conflict, "the call is not connected, or being moved");
        }
        let found = self.state.interaction(id);
        let party = found.and_then(|found| found.leg(leg)).map(|leg| &leg.party);
        let Some(Party::CustomerPhone {
            trunk: Some(trunk), ..
        }) = party
        else {
            return refuse(Code::Forbidden, "only a trunk may move the customer");
        };
        let trunk = trunk.clone();
        let number = match referral.user.parse::<Number>() {
            Ok(number) => number,
            Err(_) => {
                let text = format!("`{}` is not a number of the trunk", referral.user);
                return refuse(Code::NotFound, text);
            }
        };
        // It goes back to where the wish came from, so no rule of ours about numbers is asked; the rest of the gate is.
        if let Err(closed) = self.admit_back(&number) {
            return Err(self.turn_away(id, Way::Transfer, (&number, None), closed));
        }
        self.note_referrer(leg, &referral);
        self.ask(Command::TakeReferral { leg, done: false });
        let cause = match referral.replaces {
            Some(_) => LegCause::TransferAttended,
            None => LegCause::TransferBlind,
        };
        let party = Party::CustomerPhone {
            number: Some(number.clone()),
            trunk: Some(trunk.clone()),
        };
        let Some(new) = self.begin_replacement(leg, party, cause) else {
            return Ok(());
        };
        self.await_outcome(leg, Goal::Leg(new));
        self.dial_out(new, (trunk, number), None, Some(Box::new(referral)));
        Ok(())
    }

    fn begin_replacement(&mut self, old: LegId, party: Party, cause: LegCause) -> Option<LegId> {
        let id = old.interaction;
        let new = self.begin_leg(id, party, cause, Some(old))?;
        let step = InCall::ReplacementStarted { old, new };
        self.tell(Some(id), Event::InCall(step));
        Some(new)
    }

    /// Takes a call that is to take the place of a leg.
    pub(crate) fn replace(&mut self, old: LegId, arrival: Arrival) {
        let found = self.state.interaction(old.interaction);
        let party = found.and_then(|found| Some(found.leg(old)?.party.clone()));
        let free = self.part(old).filter(|(call, side)| {
            call.replacement.is_none() && matches!(side, Side::Customer | Side::Agent)
        });
        let (Some(_), Some(party)) = (free, party) else {
            return self.ask(Command::Refuse {
                call: arrival.call,
                status: 603,
                text: "that call is over, or being moved".to_owned(),
                retry_after: None,
            });
        };
        let party = match party {
            Party::CustomerPhone { trunk, number } => Party::CustomerPhone {
                number: arrival.from.or(number),
                trunk,
            },
            other => other,
        };
        let id = old.interaction;
        for (system, value) in arrival.external {
            let external = Event::ExternalId { system, id: value };
            self.tell(Some(id), external);
        }
        if let Some(leg) = self.begin_replacement(old, party, LegCause::TransferAttended) {
            let call = arrival.call;
            self.ask(Command::Adopt { call, leg });
            self.ask(Command::Answer { leg });
        }
    }

    /// Puts a new leg that answered in the place of the old one; tells whether it did.
    pub(crate) fn settle_replacement(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let call = found.call.as_ref();
        let Some((call, (old, new))) = call.and_then(|call| Some((call, call.replacement?))) else {
            return false;
        };
        if call.customer != old && call.agent != Some(old) {
            let call = call.clone();
            let why = cause(
                CauseKind::Normal,
                "the leg whose place it was to take is gone",
            );
            self.replacement_lost(&call, &why);
            return true;
        }
        if !found.leg(new).is_some_and(Leg::is_answered) {
            return false;
        }
        self.put_in_place(old, new);
        self.report_leg(new);
        let why = cause(CauseKind::Normal, "another leg took its place");
        self.rejoin(id, new);
        self.release(old, &why);
        true
    }

    // What the old leg was told, the new one was not.
    fn put_in_place(&mut self, old: LegId, new: LegId) {
        let id = old.interaction;
        self.tell(Some(id), Event::InCall(InCall::Replaced { old, new }));
        if let Some((_, Side::Customer)) = self.part(new) {
            self.asides.entry(id).or_default().begin_anew();
        }
    }

    /// Lets everybody hear again whom they heard before a leg took the place of another.
    pub(crate) fn rejoin(&mut self, id: InteractionId, new: LegId) {
        let found = self.state.interaction(id);
        let Some(call) = found.and_then(|found| found.call.clone()) else {
            return;
        };
        let (Some(agent), Some(_)) = (call.agent, call.bridged) else {
            return;
        };
        if call.muted {
            // It was the agent's old leg that nothing was to be heard of.
            let (leg, on) = (agent, true);
            self.ask(Command::Mute { leg, on });
        }
        match (&call.consult, call.held) {
            // Whoever is asked talks on with the agent, if it is the customer who changed.
            (Some(_), _) if new == call.customer => {
                let guests = call.guests.iter().map(|guest| guest.leg);
                match guests.into_iter().find(|guest| self.is_live(*guest)) {
                    Some(to) => self.ask(Command::Join { leg: new, to }),
                    None => self.part_with_music(new),
                }
            }
            (Some(consult), _) if consult.joined => {
                let b = consult.leg;
                self.ask(Command::Bridge { a: agent, b });
                self.watch_on(&call, agent);
            }
            (Some(consult), _) => {
                let of = consult.leg;
                self.ask(Command::Await { leg: agent, of });
            }
            (None, true) => self.part_with_music(call.customer),
            (None, false) => self.reunite(id, call.customer, agent),
        }
    }

    /// A leg left before the one that takes its place answered: the new one has the part now, and rings on. Tells whether
    /// that was so.
    pub(crate) fn left_early(&mut self, leg: LegId, call: &Call) -> bool {
        let Some((old, new)) = call.replacement.filter(|(old, _)| *old == leg) else {
            return false;
        };
        if !self.is_live(new) {
            return false;
        }
        let id = leg.interaction;
        self.put_in_place(old, new);
        if call.customer != old {
            if let Some(consult) = &call.consult {
                let why = cause(CauseKind::Normal, "who asked hung up");
                self.release(consult.leg, &why);
                self.end_consult(id, call, &why);
            }
            let leg = call.customer;
            self.ask(Command::Part { leg });
            self.ask(Command::Await { leg, of: new });
        } else if call.bridged.is_some() {
            self.await_customer(id);
        }
        true
    }

    /// Lets the agent hear how the customer's new leg rings, unless they ask somebody meanwhile or made the customer wait.
    pub(crate) fn await_customer(&mut self, id: InteractionId) {
        let call = self
            .state
            .interaction(id)
            .and_then(|found| found.call.as_ref());
        let free = call.filter(|call| call.consult.is_none() && !call.held);
        if let Some((agent, of)) = free.and_then(|call| Some((call.agent?, call.customer))) {
            self.asides.entry(id).or_default().awaits = Some(agent);
            self.ask(Command::Part { leg: agent });
            self.ask(Command::Await { leg: agent, of });
        }
    }

    /// A leg that was to take another's place did not come about: the call goes on as it was.
    pub(crate) fn replacement_lost(&mut self, call: &Call, why: &Cause) {
        if let Some((_, new)) = call.replacement {
            let cause = why.clone();
            let step = InCall::ReplacementFailed { new, cause };
            self.tell(Some(new.interaction), Event::InCall(step));
            self.release(new, why);
        }
    }
}

fn status(code: Code) -> u16 {
    match code {
        Code::NotFound => 404,
        Code::Full => 486,
        Code::Forbidden | Code::Unauthorized | Code::Suppressed => 403,
        Code::Unavailable | Code::RateLimited => 503,
        Code::Malformed | Code::OutOfRange | Code::Conflict => 603,
    }
}
