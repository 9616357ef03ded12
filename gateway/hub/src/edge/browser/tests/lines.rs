//! What waits, as desks and boards are told it.

use std::sync::Arc;

use super::{super::desk, *};
use crate::hours::Hours;

/// Opens a chat for visitor `n`; gives it.
fn opened(house: &mut House, n: u64) -> InteractionId {
    let known: Vec<_> = house.hub.state().interactions().map(|one| one.id).collect();
    house.hello(n, u128::from(n), None);
    house.open(n, "shop");
    let mut all = house.hub.state().interactions().map(|one| one.id);
    all.find(|id| !known.contains(id)).unwrap()
}

#[test]
fn what_is_put_before_an_agent_at_once_is_listed_as_it_stood_in_line() {
    let mut house = House::new();
    house.console(100, AgentResume::default());
    let mut waiting = Vec::new();
    for n in 1..=5 {
        waiting.push(opened(&mut house, n));
        house.now = house.now + Duration::from_secs(1);
    }
    assert!(!waiting.is_sorted(), "their ids would say the same");

    let presence = Presence::Ready;
    house.work(100, agent::Request::Presence { presence });

    let desk = desk::of(&"a0".parse().unwrap(), &house.hub).unwrap();
    let listed: Vec<_> = desk.offers.iter().map(|one| one.interaction).collect();
    assert_eq!(listed, waiting);
}

#[test]
fn a_message_that_was_left_is_told_as_work_and_nobody_waits_for_it() {
    let mut house = House::supervised();
    let mut setup = house.hub.setup().clone();
    let week = std::array::from_fn(|_| vec!["01:00-02:00".parse().unwrap()]);
    let hours = Hours::new("UTC", week, Vec::new()).unwrap();
    let support = setup.queues.values_mut().next().unwrap();
    support.hours = Some(Arc::new(hours));
    house
        .hub
        .handle(crate::Input::Configure(Box::new(setup)), house.now);
    house.settle();

    opened(&mut house, 1);

    let board = house.browsers.board(&house.hub, house.now);
    let queue = &board.queues[0];
    assert_eq!(
        (queue.waiting, queue.messages, queue.longest),
        (1, 1, None),
        "{queue:?}"
    );
    let desk = desk::of(&"a0".parse().unwrap(), &house.hub).unwrap();
    let length = &desk.queues[0];
    assert_eq!((length.waiting, length.messages), (1, 1));
}
