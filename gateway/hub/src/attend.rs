//! What a waiting caller hears: ringing while an agent is asked, else the place and music.

use std::time::Duration;

use ws::id::{InteractionId, LegId};

use crate::{
    aside::Heard,
    callback::attempted,
    command::{Command, Program},
    early::Early,
    event::Event,
    hub::Hub,
    interaction::{Call, CallKind, Interaction},
    leg::Leg,
    policy::Rule,
    sweep::announced,
};

impl Hub {
    /// Lets a waiting caller hear how it stands.
    pub(crate) fn attend(&mut self, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        if let Some((agent, customer)) = awaiting(found) {
            return self.let_wait(id, agent, customer);
        }
        if let Some((call, _)) = attempted(found) {
            return self.greet(id, call.customer);
        }
        let inbound = |call: &&Call| call.kind == CallKind::Inbound;
        let Some(call) = found.call.as_deref().filter(inbound) else {
            return;
        };
        let leg = call.customer;
        let (Some(customer), None) = (found.leg(leg), call.bridged) else {
            return;
        };
        if call.menu.is_some() {
            return self.attend_menu(id, leg);
        }
        if found.leaves_voicemail() {
            return self.attend_voicemail(id, leg);
        }
        let aside = self.asides.get(&id).cloned().unwrap_or_default();
        let mut told = Vec::new();
        let (mut heard, mut answered, mut early) = (aside.heard, aside.answered, aside.early);
        let agent = call.agent.and_then(|agent| found.leg(agent));
        let place = self.state.position(id);
        if let Some(rule) = found.turned.filter(|_| agent.is_none()) {
            (heard, answered, early) =
                self.turn_out(found, call, rule, (heard, answered, early), &mut told);
        } else if self.company(call).is_some() {
            // Whoever was taken in talks with them meanwhile.
            heard = Heard::Nothing;
        } else if customer.is_answered() || early.is_open() && !agent.is_some_and(Leg::is_answered)
        {
            if !answered && !customer.is_answered() && self.heard_enough(found, leg) {
                told.push(Command::Answer { leg });
                answered = true;
            }
            let offer = customer.is_answered() && self.may_keep_place(found).is_some();
            let minutes = self.expected_wait_of(found).map(minutes);
            let place = place.map(|place| (place, offer, minutes));
            heard = self.hear(leg, agent.and(call.agent), place, heard, &mut told);
        } else if agent.is_some_and(Leg::is_answered) || (place.is_some() && !asked(found)) {
            (heard, answered, early) =
                self.let_hear(found, call, (heard, answered, early), &mut told);
        } else if heard == Heard::Nothing && !answered {
            told.push(Command::Ring { leg });
            heard = Heard::Ring;
        }
        self.note_offer_back(id, leg, heard);
        let aside = self.asides.entry(id).or_default();
        (aside.heard, aside.answered, aside.early) = (heard, answered, early);
        for command in told {
            self.ask(command);
        }
    }

    // Who is not answered reads the place, and begins to hear something when it rang enough or an agent is there.
    fn let_hear(
        &self,
        found: &Interaction,
        call: &Call,
        (mut heard, answered, early): (Heard, bool, Early),
        told: &mut Vec<Command>,
    ) -> (Heard, bool, Early) {
        let (leg, agent) = (call.customer, call.agent.is_some());
        let late = agent || answered;
        let place = self.state.position(found.id);
        if let (false, Some(position), Heard::Nothing | Heard::Ring) = (late, place, heard) {
            told.push(Command::Queued { leg, position });
            heard = Heard::Place { at: self.now };
        }
        if answered {
            return (heard, answered, early);
        }
        if agent {
            told.push(Command::Answer { leg });
            return (heard, true, early);
        }
        let (early, answered) = match self.rang_enough(heard) {
            true => self.begin_to_speak(found, leg, early, told),
            false => (early, false),
        };
        (heard, answered, early)
    }

    // Who is turned away hears why, without anybody else: before the answer where that can be.
    fn turn_out(
        &self,
        found: &Interaction,
        call: &Call,
        rule: Rule,
        (heard, answered, early): (Heard, bool, Early),
        told: &mut Vec<Command>,
    ) -> (Heard, bool, Early) {
        let leg = call.customer;
        if found.leg(leg).is_some_and(Leg::is_answered) || early.is_open() && !answered {
            let begins = !matches!(heard, Heard::Farewell { .. });
            let company = self.company(call).filter(|_| begins);
            told.extend(company.map(|_| Command::Part { leg }));
            let farewell = self.farewell(found, rule);
            let heard = self.say_farewell(leg, farewell, heard, told);
            return (heard, answered, early);
        }
        if answered || self.is_releasing(leg) {
            return (heard, answered, early);
        }
        let (early, answered) = self.begin_to_speak(found, leg, early, told);
        (heard, answered, early)
    }

    // Once for each phone of an agent.
    fn let_wait(&mut self, id: InteractionId, leg: LegId, of: LegId) {
        let aside = self.asides.entry(id).or_default();
        if aside.awaits.replace(leg) != Some(leg) {
            self.ask(Command::Await { leg, of });
        }
    }

    // What is offered by voice is on record, once a call.
    fn note_offer_back(&mut self, id: InteractionId, leg: LegId, heard: Heard) {
        let offered = matches!(heard, Heard::Waiting { callback: true, .. });
        let aside = self.asides.entry(id).or_default();
        if offered && !std::mem::replace(&mut aside.offered_back, true) {
            let rule = self.state.interaction(id).and_then(|f| f.offered_back);
            self.tell(Some(id), Event::CallbackOffered { leg, rule });
        }
    }

    fn say_farewell(
        &self,
        leg: LegId,
        program: Program,
        heard: Heard,
        told: &mut Vec<Command>,
    ) -> Heard {
        if let Heard::Farewell { .. } = heard {
            return heard;
        }
        told.push(Command::Play { leg, program });
        Heard::Farewell { at: self.now }
    }

    /// Ends the call of who heard why it ends.
    pub(crate) fn farewell_heard(&mut self, leg: LegId) {
        let heard = self.asides.get(&leg.interaction).map(|aside| aside.heard);
        let found = self.state.interaction(leg.interaction);
        let call = found.and_then(|found| found.call.as_ref());
        let turned = call.is_some_and(|call| call.customer == leg);
        if let (true, Some(Heard::Farewell { .. })) = (turned, heard) {
            self.release(leg, &self.turned_away(leg));
        }
    }

    // A called customer who answers first hears who calls, once, and then music until an agent is there.
    fn greet(&mut self, id: InteractionId, leg: LegId) {
        let found = self.state.interaction(id);
        let answered = found.and_then(|f| f.leg(leg)).is_some_and(Leg::is_answered);
        let aside = self.asides.entry(id).or_default();
        if !answered || aside.heard != Heard::Nothing {
            return;
        }
        aside.heard = Heard::Ringback;
        let stop = self.setup.callbacks.stop_key;
        let program = Program::Greeting { stop };
        self.ask(Command::Play { leg, program });
    }

    // Whether the call is to be answered although nobody is free, so that the caller can hear music.
    fn rang_enough(&self, heard: Heard) -> bool {
        match heard {
            Heard::Place { at } => self.now >= at + self.setup.spans.answer_after,
            Heard::Nothing
            | Heard::Ring
            | Heard::Waiting { .. }
            | Heard::Ringback
            | Heard::Farewell { .. } => true,
        }
    }

    // What an answered caller hears: ring-back while a phone rings, else the place and music.
    fn hear(
        &self,
        leg: LegId,
        dialled: Option<LegId>,
        place: Option<(u32, bool, Option<u8>)>,
        heard: Heard,
        told: &mut Vec<Command>,
    ) -> Heard {
        if let Some(of) = dialled {
            if heard != Heard::Ringback {
                told.push(Command::Await { leg, of });
            }
            return Heard::Ringback;
        }
        let Some((position, callback, minutes)) = place else {
            return heard;
        };
        let at = self.now;
        match heard {
            Heard::Waiting {
                position: last,
                callback: said,
                at: then,
            } if last == position && (said || !callback) => {
                let at = if announced(then, at) { then } else { at };
                return Heard::Waiting {
                    position,
                    callback: said,
                    at,
                };
            }
            // A place that changed again can be heard later; an offer of a call back ends the waiting.
            Heard::Waiting {
                callback: said,
                at: then,
                ..
            } if announced(then, at) && (said || !callback) => return heard,
            Heard::Waiting { .. }
            | Heard::Nothing
            | Heard::Ring
            | Heard::Place { .. }
            | Heard::Ringback
            | Heard::Farewell { .. } => {}
        }
        let program = Program::Waiting {
            position,
            callback,
            minutes,
        };
        told.push(Command::Play { leg, program });
        Heard::Waiting {
            position,
            callback,
            at,
        }
    }
}

// The agent who is on the phone already and talks with nobody, and the customer who is being dialled.
fn awaiting(found: &Interaction) -> Option<(LegId, LegId)> {
    let call = found.call.as_ref().filter(|call| call.bridged.is_none())?;
    if call.consult.is_some() || call.held {
        return None;
    }
    let agent = call.agent?;
    let customer = found.leg(call.customer)?;
    let dialled = customer.is_dialled() && customer.is_live() && !customer.is_answered();
    let waits = dialled && found.leg(agent).is_some_and(Leg::is_answered);
    waits.then_some((agent, call.customer))
}

// Whole minutes, from 1; more than an hour is not told apart.
fn minutes(wait: Duration) -> u8 {
    let minutes = wait.as_secs().div_ceil(60).clamp(1, 60);
    u8::try_from(minutes).unwrap_or(u8::MAX)
}

// Whether an agent's console rings for it, and nothing better is known than that.
fn asked(found: &Interaction) -> bool {
    found.offer.is_some()
}
