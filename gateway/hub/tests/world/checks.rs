//! What must be true in every world: while it runs, and once it has come to rest.

use std::collections::BTreeMap;

use hub::edge::browser::Output;
use ws::{
    frame::Told,
    id::{InteractionId, VisitorId},
    timeline::What,
    visitor,
};

use crate::{
    client::{Client, Machine, Shown},
    world::{World, visitor_of},
};

impl World {
    // Nobody is sent what is somebody else's, whatever they resume.
    pub fn check_scope(&self, output: &Output) {
        let (socket, pushes): (u64, Vec<&visitor::Push>) = match output {
            Output::Visitor {
                socket,
                told: Told::Push(push),
            } => (*socket, vec![push]),
            Output::VisitorResumed { socket, told } => {
                let pushes = told.iter().filter_map(|told| match told {
                    Told::Push(push) => Some(push),
                    Told::Done { .. } | Told::Refused { .. } => None,
                });
                (*socket, pushes.collect())
            }
            _ => return,
        };
        let Some(wire) = self.wires.get(&socket) else {
            return;
        };
        let Machine::Visitor(_) = &self.clients[wire.client].machine else {
            panic!("seed {}: a visitor's frame for an agent", self.seed);
        };
        for push in pushes {
            let (visitor::Push::Entry { interaction, .. }
            | visitor::Push::Position { interaction, .. }
            | visitor::Push::Typing { interaction, .. }
            | visitor::Push::Receipt { interaction, .. }) = push
            else {
                continue;
            };
            let owner = self.journal.owners.get(interaction);
            let mine = self.visitors_of(wire.client);
            assert_eq!(owner, Some(&mine), "seed {}: {push:?}", self.seed);
        }
    }

    fn visitors_of(&self, index: usize) -> VisitorId {
        visitor_of(&self.tokens()[index])
    }

    fn tokens(&self) -> Vec<String> {
        let token = |client: &Client| match &client.machine {
            Machine::Visitor(visitor) => visitor.token().to_owned(),
            Machine::Agent(_) => String::new(),
        };
        self.clients.iter().map(token).collect()
    }

    pub fn check_shown(&mut self, index: usize) {
        while let Some(shown) = self.clients[index].poll_shown() {
            match shown {
                Shown::Entry(interaction, entry) => {
                    let truth = self.journal.truth[&interaction].entries();
                    let place = usize::try_from(entry.seq.0).unwrap() - 1;
                    let durable = truth.get(place);
                    assert_eq!(durable, Some(&entry), "seed {}", self.seed);
                }
                Shown::Desk => {
                    let desk = self.clients[index].agent().desk().unwrap();
                    let held = desk.contacts.len() + desk.offers.len();
                    assert!(held <= 6, "seed {}: {held} chats on one desk", self.seed);
                }
                Shown::Other => {}
            }
        }
    }

    /// What must be true once everything has come to rest.
    pub fn check_rest(&mut self) {
        let seed = self.seed;
        let mut places: BTreeMap<String, Vec<(InteractionId, u64)>> = BTreeMap::new();
        for (interaction, timeline) in &self.journal.truth {
            for (n, entry) in timeline.entries().iter().enumerate() {
                assert_eq!(
                    entry.seq.0,
                    n as u64 + 1,
                    "seed {seed}: a gap in the journal"
                );
                if let What::Message { mid, .. } = &entry.what {
                    let place = (*interaction, entry.seq.0);
                    places.entry(mid.to_string()).or_default().push(place);
                }
            }
        }
        for client in &self.clients {
            assert_eq!(client.strange, 0, "seed {seed}");
            assert_eq!(
                client.unsent(),
                0,
                "seed {seed}: client {} waits",
                client.name
            );
            let mut last: BTreeMap<InteractionId, u64> = BTreeMap::new();
            for mid in &client.written {
                let found = places.get(mid.as_str()).cloned().unwrap_or_default();
                if client.acknowledged.contains(mid) {
                    assert_eq!(found.len(), 1, "seed {seed}: {mid} is there {found:?}");
                } else {
                    assert!(client.refused.contains(mid), "seed {seed}: {mid} is lost");
                }
                assert!(found.len() <= 1, "seed {seed}: {mid} is doubled {found:?}");
                for (interaction, place) in found {
                    let before = last.insert(interaction, place);
                    assert!(before < Some(place), "seed {seed}: {mid} is out of order");
                }
            }
            for (interaction, thread) in client.threads() {
                let truth = self.journal.truth[&interaction].entries();
                assert_eq!(
                    thread.entries(),
                    truth,
                    "seed {seed}: client {}",
                    client.name
                );
            }
        }
        self.check_desks();
    }

    // A desk that was folded from changes is what a console is shown that comes new.
    fn check_desks(&mut self) {
        for number in 0..self.setup.agents.len() {
            let fresh = self.agent(number);
            self.run(3_000);
            let expected = self.clients[fresh].agent().desk().cloned();
            let expected_threads = self.clients[fresh].threads();
            for client in &mut self.clients {
                let token = match &client.machine {
                    Machine::Agent(agent) => agent.token().to_owned(),
                    Machine::Visitor(_) => continue,
                };
                if token == format!("a{number}") {
                    assert_eq!(
                        client.agent().desk().cloned(),
                        expected,
                        "seed {}",
                        self.seed
                    );
                    assert_eq!(client.threads(), expected_threads, "seed {}", self.seed);
                }
            }
        }
    }
}
