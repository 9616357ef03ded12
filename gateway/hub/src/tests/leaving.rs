//! Messages that are left where nobody can be there now.

use std::sync::Arc;

use ws::{
    board::Hold,
    form::Filled,
    frame::{Code, Refusal},
    id::{InteractionId, QueueId, Timestamp, ZoneId},
};

use super::{Floor, RE, house, mid, visitor};
use crate::{
    Event, Input,
    hours::Hours,
    input::{Done, Introduction},
    policy::{Instead, Rule},
    setup::Setup,
};

const NINE: Timestamp = Timestamp(9 * 3_600_000);

fn support() -> QueueId {
    "support".parse().unwrap()
}

fn shop() -> ZoneId {
    "shop".parse().unwrap()
}

/// A house that turns everybody away it cannot serve, and opens at nine.
fn strict(agents: usize) -> Setup {
    let mut setup = house(agents, 2);
    let week = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.hours = Some(Arc::new(Hours::new("UTC", week, Vec::new()).unwrap()));
    for rule in [Rule::Closed, Rule::Full, Rule::Unstaffed] {
        queue.policy.instead.insert(rule, vec![Instead::Busy]);
    }
    setup
}

fn leave(floor: &mut Floor, n: u128, mail: Option<&str>) -> Result<InteractionId, Refusal> {
    let form = Filled {
        later: true,
        ..Filled::default()
    };
    let done = floor.ask(Input::OpenChat {
        candidate: InteractionId::new(700 + n).unwrap(),
        who: Introduction {
            mail: mail.map(str::to_owned),
            form: Some(Box::new(form)),
            ..visitor(n)
        },
        mid: mid("first"),
        text: "Please call me about my order.".into(),
        re: RE,
    })?;
    match done {
        Done::Written { interaction, .. } => Ok(interaction),
        other => panic!("{other:?}"),
    }
}

const ADA: Option<&str> = Some("ada@example.org");

fn held(floor: &Floor, id: InteractionId) -> Option<Hold> {
    floor.hub.why_held(floor.hub.state().interaction(id)?)
}

fn to_nine(floor: &mut Floor) {
    let wait = NINE.since(floor.now);
    floor.wait(wait);
}

#[test]
fn a_message_to_a_closed_queue_waits_until_it_opens_and_goes_to_an_agent_then() {
    let mut floor = Floor::open(strict(1));
    assert_eq!(
        floor.hub.leaves_message(&shop(), floor.now),
        Some(Rule::Closed)
    );

    let id = leave(&mut floor, 1, ADA).unwrap();

    let message = floor.hub.state().interaction(id).unwrap().message;
    assert_eq!(message, Some(floor.now));
    assert_eq!(floor.offered(id), None);
    let told = floor.hub.explain(id, floor.now).unwrap();
    assert!(told.out_of_hours && !told.barred && !told.held_back);
    assert_eq!((told.held_until, told.next), (Some(NINE), None));
    let until = Some(NINE);
    assert_eq!(held(&floor, id), Some(Hold::Hours { until }));
    to_nine(&mut floor);
    assert!(floor.offered(id).is_some());
    let told = floor.hub.explain(id, floor.now).unwrap();
    assert_eq!((told.out_of_hours, told.held_until), (false, None));
    assert_eq!(held(&floor, id), None);
}

#[test]
fn the_visitor_is_told_when_a_message_is_looked_at() {
    let mut floor = Floor::open(strict(1));
    let id = leave(&mut floor, 1, ADA).unwrap();

    let held = floor.facts.iter().find_map(|fact| match &fact.event {
        Event::Diverted {
            to: Instead::Message,
            opens,
            ..
        } => Some((fact.interaction, fact.seq.is_some(), *opens)),
        _ => None,
    });

    assert_eq!(held, Some((Some(id), true, Some(NINE))));
}

#[test]
fn who_leaves_a_message_gives_a_way_to_answer() {
    let mut floor = Floor::open(strict(1));

    let refusal = leave(&mut floor, 1, None).unwrap_err();

    assert_eq!(refusal.code, Code::OutOfRange);
    assert!(
        refusal
            .text
            .contains("e-mail address or a telephone number")
    );
    assert_eq!(floor.hub.state().interactions().len(), 0);
}

#[test]
fn a_message_left_while_nobody_is_there_is_offered_to_who_comes_first() {
    let mut floor = Floor::empty(strict(1));
    to_nine(&mut floor);
    assert_eq!(
        floor.hub.leaves_message(&shop(), floor.now),
        Some(Rule::Unstaffed)
    );
    let id = leave(&mut floor, 1, ADA).unwrap();

    floor.arrive(&"a0".parse().unwrap());

    assert_eq!(floor.offered(id), Some("a0".parse().unwrap()));
}

#[test]
fn a_full_queue_takes_messages_up_to_twice_its_limit() {
    let mut setup = strict(1);
    setup.queues.get_mut(&support()).unwrap().limit = 1;
    let mut floor = Floor::empty(setup);
    floor.arrive(&"a0".parse().unwrap());
    to_nine(&mut floor);
    for n in 1..=2 {
        let done = floor.chat(n);
        floor.accept(&"a0".parse().unwrap(), done);
    }
    floor.chat(3);
    assert_eq!(
        floor.hub.leaves_message(&shop(), floor.now),
        Some(Rule::Full)
    );

    leave(&mut floor, 4, ADA).unwrap();
    let refusal = leave(&mut floor, 5, ADA).unwrap_err();

    assert_eq!(refusal.code, Code::Full);
}

#[test]
fn a_message_for_a_queue_that_is_there_after_all_is_a_chat() {
    let mut floor = Floor::open(strict(1));
    to_nine(&mut floor);
    assert_eq!(floor.hub.leaves_message(&shop(), floor.now), None);

    let id = leave(&mut floor, 1, ADA).unwrap();

    assert_eq!(floor.hub.state().interaction(id).unwrap().message, None);
    assert!(floor.offered(id).is_some());
}

#[test]
fn a_closed_queue_takes_no_more_messages_of_those_who_ask_for_a_chat_than_it_has_room_for() {
    let mut setup = strict(1);
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.limit = 2;
    let message = vec![Instead::Message];
    queue.policy.instead.insert(Rule::Closed, message);
    let mut floor = Floor::open(setup);
    for n in 1..=4 {
        floor.chat(n);
    }

    let fifth = floor.ask(Input::OpenChat {
        candidate: InteractionId::new(705).unwrap(),
        who: visitor(5),
        mid: mid("first"),
        text: "hello".into(),
        re: RE,
    });

    assert!(fifth.is_err(), "{fifth:?}");
}
