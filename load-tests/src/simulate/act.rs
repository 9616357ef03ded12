//! What people and accidents do, one thing a step.

use hub::house::{Routes, Told};
use sip::{
    dtmf::Digit,
    endpoint::{CallKey, Command},
};

use crate::{
    agenda::Due,
    client::Machine,
    daemon,
    far::Kind,
    house::{SUPPRESSED, name},
    world::{DAY, World},
};

impl World {
    /// Somebody or something does something.
    pub fn act(&mut self) {
        if self.steps == 0 {
            return;
        }
        self.count_step();
        match self.dice.below(100) {
            0..15 => self.call_in(),
            15 => {
                self.change_mail_server();
                self.change_receiver();
            }
            16..18 => self.switch_carrier(),
            18..30 => self.ask(),
            30..36 => {
                let visitor = 1 + self.dice.below(10);
                self.visit(visitor);
            }
            36..42 => self.press(),
            42..54 => self.cut_some(),
            54..58 => self.vanish(),
            58..62 => self.return_to_work(),
            62..66 => self.switch_phone(),
            66..70 => self.configure(),
            70..76 => self.change_weather(),
            76..82 => self.change_disk(),
            82..85 => self.set_clock(),
            85..89 => self.stall(),
            89..99 => self.light_fuse(),
            _ => self.drain(),
        }
        let pause = match self.dice.below(4) {
            0 => self.dice.below(50),
            1 => self.dice.below(30_000),
            _ => self.dice.below(3_000),
        };
        self.plan(pause as u64, Due::Act);
    }

    /// A person at a browser does something, and again after a while.
    pub fn moves(&mut self, client: usize) {
        if !self.acting || self.clients[client].left {
            return;
        }
        let now = self.now;
        let calls: Vec<_> = self.ledger.connected().collect();
        self.clients[client].act(&mut self.dice, now, DAY, &calls);
        self.flush_client(client);
        let pause = 200 + self.dice.below(8_000) as u64;
        self.plan(pause, Due::Moves { client });
    }

    fn press(&mut self) {
        if self.dice.below(3) == 0 {
            return self.press_by_info();
        }
        let daemon = self.daemon.as_ref();
        if let Some(event) = daemon.and_then(|one| one.plane.press(&mut self.dice)) {
            let birth = self.births;
            self.plan(0, Due::Media { birth, event });
        }
    }

    fn press_by_info(&mut self) {
        let fars = self.fars.iter().enumerate().filter(|(_, far)| !far.off);
        let calls = fars.flat_map(|(at, far)| far.calls.keys().map(move |call| (at, *call)));
        let calls: Vec<(usize, CallKey)> = calls.collect();
        let picked = self.dice.pick(&calls).copied();
        let digit = Digit::from_event(self.dice.below(12) as u8);
        if let Some(((far, call), digit)) = picked.zip(digit) {
            self.ask_far(far, Command::Press { call, digit });
        }
    }

    // An agent, or a visitor, goes without a word.
    fn vanish(&mut self) {
        let here = self.clients.iter().enumerate().filter(|(_, one)| !one.left);
        let here: Vec<usize> = here.map(|(at, _)| at).collect();
        let Some(client) = self.dice.pick(&here).copied() else {
            return;
        };
        self.hear("somebody vanished");
        self.note(|| format!("client {client} vanishes"));
        self.leave(client);
    }

    // An agent who left comes back, at another browser.
    fn return_to_work(&mut self) {
        let agents: Vec<_> = self.setup.agents.keys().cloned().collect();
        if let Some(agent) = self.dice.pick(&agents) {
            self.join(Machine::Agent(Box::new(ws::client::Agent::new(
                agent.to_string(),
            ))));
        }
    }

    fn switch_phone(&mut self) {
        let phones: Vec<usize> = (0..self.fars.len())
            .filter(|at| matches!(self.fars[*at].kind, Kind::Phone(_)))
            .collect();
        if let Some(at) = self.dice.pick(&phones).copied() {
            let far = &mut self.fars[at];
            far.off = !far.off;
            self.disturbed = self.now;
        }
    }

    // A place of the carrier fails, or is back.
    fn switch_carrier(&mut self) {
        let places: Vec<usize> = (0..self.fars.len())
            .filter(|at| self.fars[*at].kind == Kind::Carrier)
            .collect();
        let at = *self.dice.pick(&places).expect("there are two");
        let far = &mut self.fars[at];
        far.off = !far.off;
        self.disturbed = self.now;
    }

    fn configure(&mut self) {
        let numbers = crate::client::NUMBERS;
        self.setup.suppressed = vec![name(SUPPRESSED)];
        if self.dice.chance(50) {
            let number = self.dice.pick(&numbers).expect("some");
            self.setup.suppressed.push(name(number));
        }
        self.setup.outbound = self.dice.chance(90).then(|| name("carrier"));
        for queue in self.setup.queues.values_mut() {
            queue.limit = 2 + self.dice.below(12);
        }
        let setup = self.setup.clone();
        if let Some(daemon) = &mut self.daemon {
            let now = daemon.sip_clock(self.now);
            daemon
                .endpoint
                .reconfigure(daemon::config(&setup, self.probes), now);
            let setup = Box::new(setup);
            daemon.house.tell(Told::Configure(setup, Routes::new()));
            self.work();
        }
    }
}
