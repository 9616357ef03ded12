//! Whether a page may invite to a chat.

use std::sync::Arc;

use ws::{
    agent::Presence,
    id::{AgentId, QueueId, ZoneId},
};

use super::{Floor, RE, house};
use crate::{Input, demand::Skills, hours::Hours, setup::Setup};

fn shop() -> ZoneId {
    "shop".parse().unwrap()
}

fn away(floor: &mut Floor, agent: &str) {
    let agent: AgentId = agent.parse().unwrap();
    let presence = Presence::Away {
        reason: "Lunch".to_owned(),
    };
    let re = RE;
    floor
        .ask(Input::SetPresence {
            agent,
            presence,
            re,
        })
        .unwrap();
}

fn asking(skill: &str, level: u8) -> Setup {
    let mut setup = house(1, 1);
    let skills: Skills = [(skill.parse().unwrap(), level)].into();
    setup.zones.get_mut(&shop()).unwrap().skills = skills;
    setup
}

#[test]
fn a_page_invites_while_an_agent_is_free() {
    let mut floor = Floor::open(house(1, 1));
    assert!(floor.hub.is_free_for(&shop(), floor.now));

    floor.chat(1);
    assert!(
        !floor.hub.is_free_for(&shop(), floor.now),
        "the only slot is offered"
    );

    let mut floor = Floor::open(house(1, 1));
    away(&mut floor, "a0");
    assert!(!floor.hub.is_free_for(&shop(), floor.now));
    assert!(
        !floor
            .hub
            .is_free_for(&"nowhere".parse().unwrap(), floor.now)
    );
}

#[test]
fn who_is_free_and_cannot_do_what_the_zone_asks_does_not_count() {
    let floor = Floor::open(asking("repair", 2));

    assert!(!floor.hub.is_free_for(&shop(), floor.now));
}

#[test]
fn a_queue_that_is_closed_invites_nobody() {
    let mut setup = house(1, 1);
    let support: QueueId = "support".parse().unwrap();
    let queue = setup.queues.get_mut(&support).unwrap();
    queue.hours = Some(Arc::new(
        Hours::new("UTC", Default::default(), Vec::new()).unwrap(),
    ));

    let floor = Floor::open(setup);

    assert!(!floor.hub.is_free_for(&shop(), floor.now));
}
