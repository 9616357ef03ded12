//! Phones and PBXs that give their calls away by SIP: to somebody they name (REFER), or to a colleague whom they called
//! first (REFER with Replaces); calls that take the place of others (INVITE with Replaces); a carrier that moves its customer to
//! another number, or is asked to call somebody else.

use hub::{
    Event, Fact,
    event::{InCall, Recorded},
};
use sip::endpoint::{CallKey, Command};

use crate::{agenda::Due, client::NUMBERS, far::Kind, world::World};

impl World {
    /// Has a far party think of giving a call away that is up.
    pub fn plan_refer(&mut self, far: usize, call: CallKey) {
        if self.dice.chance(12) {
            let span = 500 + self.dice.below(20_000) as u64;
            self.plan(span, Due::Refers { far, call });
        }
        if self.dice.chance(15) {
            let span = 500 + self.dice.below(20_000) as u64;
            self.plan(span, Due::Replaces { far, call });
        }
        let agents = self.fars[far].kind != Kind::Carrier;
        if agents && matches!(call, CallKey::In(_)) && self.dice.chance(12) {
            let span = 500 + self.dice.below(8_000) as u64;
            self.plan(span, Due::Asks { far });
        }
    }

    /// An agent's phone calls a colleague by itself, to connect both a little later.
    pub fn far_asks(&mut self, far: usize) {
        let colleague = format!("a{}", self.dice.below(4));
        let own = match &self.fars[far].kind {
            Kind::Phone(agent) => agent.to_string(),
            Kind::Pbx | Kind::Carrier => "200".to_owned(),
        };
        let session = self.dice.id();
        self.hear("a phone calls a colleague");
        self.dial((far, &own), &colleague, session);
        let busy = self.fars[far]
            .calls
            .iter()
            .find(|(key, call)| matches!(key, CallKey::In(_)) && call.up.is_some());
        if let Some((call, _)) = busy.map(|(key, call)| (*key, call)) {
            let span = 2_000 + self.dice.below(15_000) as u64;
            self.plan(span, Due::Refers { far, call });
        }
    }

    /// A far party gives a call away.
    pub fn far_refers(&mut self, far: usize, call: CallKey) {
        let place = &self.fars[far];
        if place.calls.get(&call).is_none_or(|call| call.up.is_none()) {
            return;
        }
        let up = place.calls.iter().filter(|(_, call)| call.up.is_some());
        let other = up.map(|(key, _)| *key).find(|key| *key != call);
        let to = match place.kind {
            Kind::Carrier => *self.dice.pick(&NUMBERS).expect("some"),
            Kind::Pbx | Kind::Phone(_) => {
                let all = ["support", "sales", "a0", "a1", "+493012", "nobody"];
                *self.dice.pick(&all).expect("some")
            }
        };
        let replaces = other.filter(|_| self.dice.chance(60));
        self.hear(match replaces {
            Some(_) => "a far party connects two calls",
            None => "a far party gives a call away",
        });
        self.note(|| format!("{far} gives {call:?} to {to} or {replaces:?}"));
        let refer = Command::Refer {
            call,
            number: to.to_owned(),
            headers: Vec::new(),
            replaces,
        };
        self.ask_far(far, refer);
    }

    /// Whoever gave a call away hears what came of it, and leaves it mostly.
    pub fn far_is_told(&mut self, far: usize, call: CallKey, code: u16) {
        if code >= 200 && self.dice.chance(70) {
            let span = self.dice.below(3_000) as u64;
            self.plan(span, Due::HangsUp { far, call });
        }
    }

    /// Takes how a call that is up is named (RFC 3891 §3), where the daemon began it or did not.
    pub fn name_call(&mut self, far: usize, call: CallKey, theirs: bool) {
        let place = &mut self.fars[far];
        let heard = &place.hears;
        let (from, to) = &heard.tags;
        let (there, here) = if theirs { (from, to) } else { (to, from) };
        if let Some(entry) = place.calls.get_mut(&call) {
            let id = &heard.call;
            entry.dialog = Some(format!("{id};to-tag={there};from-tag={here}"));
            entry.leg = entry.leg.or(heard.leg);
        }
    }

    /// A call takes the place of one that is up: whoever is at the far party goes on by another phone, or somebody else does.
    pub fn far_replaces(&mut self, far: usize, call: CallKey) {
        let entry = self.fars[far].calls.get(&call);
        let Some(dialog) = entry.and_then(|entry| entry.dialog.clone()) else {
            return;
        };
        let own = match &self.fars[far].kind {
            Kind::Phone(agent) => agent.to_string(),
            Kind::Pbx => "200".to_owned(),
            Kind::Carrier => (*self.dice.pick(&NUMBERS).expect("some")).to_owned(),
        };
        self.hear("a call is to take the place of another");
        self.note(|| format!("{far} replaces {call:?}"));
        let session = self.dice.id();
        let headers = vec![("Replaces".to_owned(), dialog)];
        self.dial_with((far, &own), "support", session, headers);
        if self.dice.chance(30) {
            let span = self.dice.below(400) as u64;
            self.plan(span, Due::HangsUp { far, call });
        }
    }

    /// Whoever is muted, or whose recording is paused, goes on by another phone now and then.
    pub fn plan_moves(&mut self, facts: &[Fact]) {
        for fact in facts {
            let muted = match &fact.event {
                Event::InCall(InCall::Muted { on: true }) => true,
                Event::Recording(Recorded::Paused { .. }) => false,
                _ => continue,
            };
            let daemon = self.daemon.as_ref();
            let state = daemon.map(|daemon| daemon.house.hub.state());
            let found = state.and_then(|state| state.interaction(fact.interaction?));
            let Some(talk) = found.and_then(|found| found.call.as_ref()) else {
                continue;
            };
            let leg = match muted {
                true => talk.agent,
                false => Some(talk.customer),
            };
            let mut calls = self.fars.iter().enumerate().flat_map(|(far, place)| {
                let calls = place.calls.iter();
                calls.map(move |(key, call)| (far, *key, call.leg))
            });
            let at = calls.find(|(.., of)| leg.is_some() && *of == leg);
            let at = at.map(|(far, call, _)| (far, call));
            if let Some((far, call)) = at.filter(|_| self.dice.chance(85)) {
                let span = 300 + self.dice.below(4_000) as u64;
                self.plan(span, Due::Replaces { far, call });
            }
        }
    }

    /// The house asks that the call go on elsewhere.
    pub fn far_referred(&mut self, far: usize, call: CallKey) {
        let code = match self.dice.below(3) {
            0 => {
                let reason = "Decline".to_owned();
                let code = 603;
                return self.ask_far(far, Command::RefuseRefer { call, code, reason });
            }
            1 => 486,
            _ => 200,
        };
        self.hear("the carrier is asked to call somebody else");
        let reason = "So It Is".to_owned();
        self.ask_far(far, Command::AcceptRefer { call });
        self.ask_far(far, Command::ReportRefer { call, code, reason });
    }
}
