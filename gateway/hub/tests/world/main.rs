//! The simulated world: hub, browsers' edge, both halves of every socket and a network that delays, reorders between
//! sockets and cuts them, with crashes of the server, in virtual time. `WORLD_SEED=7 cargo test -p hub --test world`
//! runs one world again.

#![allow(clippy::unwrap_used, reason = "a test may stop here")]
#![allow(missing_docs, reason = "the world explains itself")]

mod checks;
mod client;
mod server;
mod wire;
mod world;

use std::collections::BTreeMap;

use world::{Faults, World};
use ws::{agent, frame::Asked, visitor};

fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("WORLD_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (1..=count).collect(),
    }
}

#[test]
fn six_chats_are_held_at_once_and_the_seventh_comes_in_when_one_ends() {
    let mut world = World::new(1, 1);
    let agent = world.agent(0);
    world.run(2_000);
    world.clients[agent]
        .agent()
        .set_presence(agent::Presence::Ready);
    let visitors: Vec<_> = (1..=7).map(|n| world.visitor(n)).collect();
    for visitor in &visitors {
        world.run(2_000);
        world.clients[*visitor].open();
        world.run(2_000);
        for offer in world.offers(agent) {
            world.clients[agent].agent().accept(offer);
        }
    }
    world.run(2_000);

    assert_eq!(world.contacts(agent).len(), 6);
    assert_eq!(world.offers(agent), []);
    let seventh = world.clients[visitors[6]].visitor().interaction().unwrap();

    let first = world.contacts(agent)[0];
    world.clients[agent].agent().end(first);
    world.run(2_000);
    world.clients[agent]
        .agent()
        .wrap_up(first, None, None, None);
    world.run(2_000);
    assert_eq!(world.offers(agent), [seventh]);
    world.clients[agent].agent().accept(seventh);
    world.run(2_000);
    world.clients[agent].say_to(seventh);
    world.run(2_000);

    assert_eq!(world.contacts(agent).len(), 6);
    assert!(world.contacts(agent).contains(&seventh));
    world.heal();
    world.check_rest();
}

#[test]
fn every_message_arrives_once_and_in_order_through_cuts_and_crashes() {
    for seed in seeds(24) {
        let mut world = World::new(seed, 2);
        world.agent(0);
        world.agent(1);
        world.agent(1);
        for n in 1..=10 {
            world.visitor(n);
        }
        // Two visitors have a second page open.
        world.visitor(1);
        world.visitor(2);
        world.acting = true;
        world.faults = Faults {
            cut: (1_000, 4_000),
            crash: (5_000, if seed % 3 == 0 { 0 } else { 40_000 }),
        };

        world.run(300_000);
        world.heal();

        world.check_rest();
        let said: usize = world.clients.iter().map(|c| c.acknowledged.len()).sum();
        assert!(
            said > 20,
            "seed {seed}: only {said} messages, which proves little"
        );
    }
}

#[test]
fn a_quiet_network_loses_and_doubles_nothing_either() {
    for seed in seeds(10) {
        let mut world = World::new(seed, 1);
        world.agent(0);
        for n in 1..=9 {
            world.visitor(n);
        }
        world.acting = true;

        world.run(200_000);
        world.heal();

        world.check_rest();
    }
}

#[test]
fn a_lost_agents_chats_go_to_another_and_the_agent_comes_back_to_an_empty_desk() {
    let mut world = World::new(5, 2);
    let first = world.agent(0);
    let second = world.agent(1);
    let visitor = world.visitor(1);
    world.run(2_000);
    world.clients[first]
        .agent()
        .set_presence(agent::Presence::Ready);
    world.run(1_000);
    world.clients[visitor].open();
    world.run(2_000);
    let chat = world.offers(first)[0];
    world.clients[first].agent().accept(chat);
    world.run(1_000);
    world.clients[first].say_to(chat);
    world.run(1_000);
    world.clients[second]
        .agent()
        .set_presence(agent::Presence::Ready);
    world.run(1_000);

    let socket = world.clients[first].socket.unwrap();
    world
        .wires
        .get_mut(&socket)
        .unwrap()
        .cut(world.now, world.now);
    world.run(100);
    world.clients[first].reconnect = None;
    world.run(35_000);
    let offered = world.offers(second);
    assert_eq!(offered, [chat]);
    world.clients[second].agent().accept(chat);
    world.run(1_000);
    world.clients[second].say_to(chat);
    world.clients[visitor].say();
    world.run(1_000);

    assert_eq!(world.contacts(second), [chat]);
    world.clients[first].reconnect = Some(world.now);
    world.run(2_000);
    assert_eq!(world.contacts(first), []);
    world.heal();
    world.check_rest();
}

#[test]
fn an_agent_who_is_back_within_the_grace_keeps_the_chats() {
    let mut world = World::new(6, 1);
    let agent = world.agent(0);
    let visitor = world.visitor(1);
    world.run(2_000);
    world.clients[agent]
        .agent()
        .set_presence(agent::Presence::Ready);
    world.run(1_000);
    world.clients[visitor].open();
    world.run(2_000);
    let chat = world.offers(agent)[0];
    world.clients[agent].agent().accept(chat);
    world.run(1_000);

    let socket = world.clients[agent].socket.unwrap();
    world
        .wires
        .get_mut(&socket)
        .unwrap()
        .cut(world.now, world.now);
    world.clients[visitor].say();
    world.run(20_000);

    assert_eq!(world.contacts(agent), [chat]);
    world.heal();
    world.check_rest();
}

#[test]
fn a_visitor_who_resumes_somebody_elses_interaction_sees_nothing_of_it() {
    let mut world = World::new(8, 1);
    let victim = world.visitor(1);
    let thief = world.visitor(2);
    world.run(1_000);
    world.clients[victim].open();
    world.run(1_000);
    let secret = world.clients[victim].visitor().interaction().unwrap();

    let resume = ws::frame::Resume {
        interaction: secret,
        epoch: "journal".to_owned(),
        seq: ws::id::Seq(0),
    };
    let socket = world.clients[thief].socket.unwrap();
    let request = visitor::Request::Hello {
        token: "v2".to_owned(),
        resume: Some(resume),
    };
    let frame = serde_json::to_string(&Asked { id: 900, request }).unwrap();
    let wire = world.wires.get_mut(&socket).unwrap();
    wire.send_up(frame, world.now, &mut world.rng);
    world.run(5_000);

    // `check_scope` looked at every frame on the way.
    assert_eq!(world.clients[thief].threads(), BTreeMap::new());
}
