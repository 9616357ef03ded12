//! Why promises wait whose time has come.

use ws::callback::Wish;

use super::*;
use crate::{
    blend::Blend,
    callback::{Awaits, Waits},
    calling::CallingHours,
    gate::Closed,
    toll::{Allowance, TollSetup},
};

fn told(floor: &Floor, id: InteractionId) -> Vec<Waits> {
    let facts = floor.events(id).into_iter();
    let told = facts.filter_map(|event| match event {
        Event::CallbackWaits(waits) => Some(waits.clone()),
        _ => None,
    });
    told.collect()
}

fn reasons(floor: &Floor, id: InteractionId) -> Vec<Awaits> {
    told(floor, id).into_iter().map(|waits| waits.why).collect()
}

#[test]
fn one_that_is_put_before_an_agent_at_once_waits_for_nothing() {
    let mut floor = Floor::open(house(1, 6));

    let id = floor.promise_in_utc(1, None, Wish::default());

    assert!(floor.offered(id).is_some());
    assert_eq!(told(&floor, id), []);
}

#[test]
fn nobody_is_free_and_that_is_told_once_also_over_a_crash() {
    let mut floor = Floor::open(house(1, 6));
    let call = floor.call(1, "+4930100");
    floor.accept_any(call);

    let id = floor.promise_in_utc(1, None, Wish::default());
    floor.seconds(60);
    assert_eq!(reasons(&floor, id), [Awaits::NobodyFree]);
    floor.crash();
    floor.seconds(60);

    assert_eq!(reasons(&floor, id), [Awaits::NobodyFree]);
}

#[test]
fn what_is_promised_for_later_waits_for_nothing_before_its_time() {
    let mut floor = Floor::empty(house(1, 6));
    let later = floor.now + Duration::from_secs(600);
    let id = floor.promise_in_utc(1, Some(later), Wish::default());

    floor.seconds(599);
    assert_eq!(told(&floor, id), []);
    floor.seconds(1);

    assert_eq!(reasons(&floor, id), [Awaits::NobodyFree]);
}

#[test]
fn its_customer_is_not_called_at_night_and_nobody_was_free_before() {
    let mut setup = house(1, 6);
    let day = "00:20-00:30".parse().unwrap();
    setup.callbacks.hours = CallingHours::new(day, [].into(), "UTC").unwrap();
    let mut floor = Floor::empty(setup);
    floor.wait(Timestamp(29 * 60_000).since(floor.now));
    let id = floor.promise_in_utc(1, None, Wish::default());

    floor.seconds(60);

    let waits = told(&floor, id);
    let until = Timestamp((24 * 60 + 20) * 60_000);
    assert_eq!(waits.len(), 2, "{waits:?}");
    assert_eq!(waits[0].why, Awaits::NobodyFree);
    assert_eq!((waits[1].why, waits[1].until), (Awaits::Hours, Some(until)));
    floor.wait(until.since(floor.now));
    assert_eq!(
        reasons(&floor, id)[2..],
        [Awaits::NobodyFree],
        "of the next day it is news"
    );
}

#[test]
fn who_comes_is_served_first_where_the_queue_blends() {
    let mut setup = house(1, 6);
    let support = setup.queues.get_mut(&"support".parse().unwrap()).unwrap();
    support.blend = Some(Blend {
        idle_agents: 2,
        below_wait: Duration::from_secs(30),
    });
    let mut floor = Floor::open(setup);
    let wish = Wish {
        until: Some(floor.now + Duration::from_secs(600)),
        ..Wish::default()
    };

    let id = floor.promise_in_utc(1, None, wish);

    let waits = told(&floor, id);
    assert_eq!(waits.len(), 1, "{waits:?}");
    let until = floor.now + Duration::from_secs(500);
    assert_eq!((waits[0].why, waits[0].until), (Awaits::Quiet, Some(until)));
}

#[test]
fn its_own_agent_is_not_free_and_then_nobody_is() {
    let mut setup = house(2, 6);
    setup.callbacks.owner_wait = Duration::from_secs(5);
    let mut floor = Floor::open(setup);
    for n in 1..=2 {
        let call = floor.call(n, &format!("+493010{n}0"));
        floor.accept_any(call);
    }
    let wish = Wish {
        owner: Some(agent(0)),
        ..Wish::default()
    };

    let id = floor.promise_in_utc(1, None, wish);
    let until = floor.now + Duration::from_secs(5);
    let first = told(&floor, id);
    floor.seconds(5);

    assert_eq!(first.len(), 1, "{first:?}");
    let kept = (first[0].why, first[0].agent.clone(), first[0].until);
    assert_eq!(kept, (Awaits::Agent, Some(agent(0)), Some(until)));
    assert_eq!(reasons(&floor, id), [Awaits::Agent, Awaits::NobodyFree]);
}

#[test]
fn the_gate_is_closed_for_a_while() {
    let tolls = TollSetup {
        prefixes: [("+4930".to_owned(), Allowance::PerHour(1))].into(),
        ..TollSetup::default()
    };
    let mut floor = Floor::open(Setup {
        tolls,
        ..house(1, 6)
    });
    let first = floor.promise_in_utc(1, None, Wish::default());
    floor.accept_any(first);
    let later = floor.now + Duration::from_secs(60);
    let id = floor.promise_in_utc(2, Some(later), Wish::default());

    floor.seconds(60);

    let waits = told(&floor, id);
    assert_eq!(waits.len(), 1, "{waits:?}");
    let closed = (waits[0].why, waits[0].closed);
    assert_eq!(closed, (Awaits::Gate, Some(Closed::PrefixSpent)));
}

#[test]
fn something_else_of_the_same_contact_goes_on() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor
        .ask(Input::AskCallback {
            interaction: id,
            queue: None,
            by: Actor::Visitor(visitor(1).visitor),
            number: number("+4930100"),
            at: None,
            wish: Wish::default(),
            re: RE,
        })
        .unwrap();

    assert_eq!(reasons(&floor, id), [Awaits::Contact]);
}
