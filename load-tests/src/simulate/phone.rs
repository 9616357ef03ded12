//! Agents' phones that register, and do so again before it ends.

use sip::message::Message;

use crate::{
    agenda::Due,
    daemon::{HERE, PASSWORD},
    far::Kind,
    registration::{Registration, Step},
    world::World,
};

/// A phone's registration.
#[derive(Debug, Default)]
pub struct Line {
    registration: Option<Registration>,
    round: u64,
}

impl World {
    /// Has a phone register; asked again until it is answered.
    pub fn register(&mut self, far: usize, round: u64) {
        let seed = self.dice.roll();
        let Kind::Phone(agent) = self.fars[far].kind.clone() else {
            return;
        };
        let address = self.fars[far].address;
        let Some(line) = &mut self.fars[far].line else {
            return;
        };
        if line.round != round {
            return;
        }
        let mut registration = Registration::new(agent.as_str(), PASSWORD, HERE, address, seed);
        let bytes = registration.request().expect("addresses make a request");
        line.registration = Some(registration);
        if !self.fars[far].off {
            self.fly(address, HERE, bytes);
        }
        self.plan(4_000, Due::Registers { far, round });
    }

    /// Has a phone that was switched on register at once.
    pub fn register_anew(&mut self, far: usize) {
        if let Some(line) = &mut self.fars[far].line {
            line.round += 1;
            let round = line.round;
            self.plan(0, Due::Registers { far, round });
        }
    }

    /// Takes a message that may answer a registration; tells whether it did.
    pub fn registration_answered(&mut self, far: usize, bytes: &bytes::Bytes) -> bool {
        if !bytes.starts_with(b"SIP/2.0 ") {
            return false;
        }
        let Some(line) = &mut self.fars[far].line else {
            return false;
        };
        let Some(registration) = &mut line.registration else {
            return false;
        };
        let Ok(message) = Message::parse(bytes.clone()) else {
            return false;
        };
        if !registration.is_answered_by(&message) {
            return false;
        }
        let span = match registration.handle(&message) {
            Ok(None) => return true,
            Ok(Some(Step::Again(bytes))) => {
                let address = self.fars[far].address;
                self.fly(address, HERE, bytes);
                return true;
            }
            Ok(Some(Step::Registered)) => {
                line.registration = None;
                100_000 + self.dice.below(190_000) as u64
            }
            // Refused for now, or a late answer to an attempt before.
            Err(_) => 10_000,
        };
        if let Some(line) = &mut self.fars[far].line {
            line.round += 1;
            let round = line.round;
            self.plan(span, Due::Registers { far, round });
        }
        true
    }
}
