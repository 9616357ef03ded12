//! Promised calls in quiet times.

use std::sync::Arc;

use ws::callback::Wish;

use super::*;
use crate::{blend::Blend, calling::CallingHours, demand::Skills, hours::Hours};

fn blending(agents: usize) -> Floor {
    Floor::open(blended(agents))
}

fn blended(agents: usize) -> Setup {
    let mut setup = house(agents, 6);
    let support = setup.queues.get_mut(&"support".parse().unwrap()).unwrap();
    support.blend = Some(Blend {
        idle_agents: 2,
        below_wait: Duration::from_secs(30),
    });
    setup
}

// The floor opens some minutes before.
fn called_from_twenty_to_half_past() -> Setup {
    let mut setup = blended(1);
    let day = "00:20-00:30".parse().unwrap();
    setup.callbacks.hours = CallingHours::new(day, [].into(), "UTC").unwrap();
    setup
}

fn minute(n: u64) -> Timestamp {
    Timestamp(n * 60_000)
}

fn until(floor: &mut Floor, at: Timestamp) {
    floor.wait(at.since(floor.now));
}

fn promised(
    floor: &mut Floor,
    n: u128,
    at: Option<Timestamp>,
    until: Option<Timestamp>,
) -> InteractionId {
    let wish = Wish {
        until,
        ..Wish::default()
    };
    floor.promise_in_utc(n, at, wish)
}

fn is_held_back(floor: &Floor, id: InteractionId) -> bool {
    let told = floor.hub.explain(id, floor.now).expect("it waits");
    assert!(!told.barred);
    told.held_back
}

#[test]
fn promised_calls_are_handed_out_while_enough_agents_are_idle() {
    let mut floor = blending(3);

    let ids: Vec<_> = (1..=3)
        .map(|n| promised(&mut floor, n, None, None))
        .collect();

    // The third would leave one idle agent less than two before it is handed out.
    let offered: Vec<_> = ids.iter().map(|id| floor.offered(*id).is_some()).collect();
    assert_eq!(offered, [true, true, false]);
    let held = [0, 1, 2].map(|n| is_held_back(&floor, ids[n]));
    assert_eq!(
        held,
        [false, false, true],
        "what is offered is not held back"
    );
    let route = floor.events(ids[0]).into_iter().find_map(|e| match e {
        Event::Offered { route, .. } => Some(route.quiet),
        _ => None,
    });
    assert_eq!(route, Some(true), "the route says so");
    let agent = floor.offered(ids[0]).unwrap();
    let interaction = ids[0];
    let re = RE;
    floor
        .ask(Input::Decline {
            agent,
            interaction,
            re,
        })
        .unwrap();

    assert!(floor.offered(ids[0]).is_some() || floor.offered(ids[2]).is_some());
}

#[test]
fn who_comes_goes_before_promised_calls_and_lets_them_wait() {
    let mut floor = blending(2);
    let call = floor.call(1, "+4930100");
    floor.accept_any(call);
    let id = promised(&mut floor, 1, None, None);
    assert_eq!(floor.offered(id), None, "one is idle, two are asked");

    floor.answered(leg(call, 1));
    floor.answered(leg(call, 2));
    floor.ended(leg(call, 1), CauseKind::Normal);
    assert_eq!(floor.offered(id), None, "the wrap-up goes on");
    floor.seconds(120);

    assert!(floor.offered(id).is_some());
}

#[test]
fn nobody_is_called_while_somebody_waits_as_long() {
    let mut floor = blending(2);
    // Nobody takes this one: both were asked in vain.
    let mut setup = floor.hub.setup().clone();
    let queue = "support".parse().unwrap();
    let german = [("german".parse().unwrap(), 5)].into();
    setup
        .zones
        .get_mut(&"shop".parse().unwrap())
        .unwrap()
        .skills = german;
    floor.tell(Input::Configure(Box::new(setup)));
    let chat = floor.chat(1);
    floor.seconds(30);
    let id = promised(&mut floor, 1, None, None);

    assert_eq!(floor.hub.state().queues().length(&queue), 1);
    assert_eq!(floor.offered(id), None);
    floor.end(chat, Actor::Visitor(visitor(1).visitor));

    assert!(floor.offered(id).is_some());
}

#[test]
fn a_message_that_waits_for_hours_lets_calls_be_made_meanwhile() {
    let mut setup = blended(2);
    let week = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
    let office = Hours::new("UTC", week, Vec::new()).unwrap();
    let shop = setup.zones.get_mut(&"shop".parse().unwrap()).unwrap();
    shop.hours = Some(Arc::new(office));
    let mut floor = Floor::open(setup);
    let message = floor.chat(1);
    assert!(floor.of(message).is_message());
    floor.seconds(60);

    let id = promised(&mut floor, 1, None, None);

    assert!(floor.offered(id).is_some());
    assert!(floor.of(message).entry.is_some(), "it waits all the same");
}

#[test]
fn a_window_is_kept_at_its_end_and_a_time_at_once() {
    let mut floor = blending(1);
    let until = floor.now + Duration::from_secs(600);

    let windowed = promised(&mut floor, 1, None, Some(until));
    assert_eq!(floor.offered(windowed), None);
    floor.seconds(499);
    assert_eq!(floor.offered(windowed), None);
    floor.seconds(1);
    assert_eq!(floor.offered(windowed), Some(agent(0)));
    floor.accept(&agent(0), windowed);

    let mut floor = blending(1);
    let at = Some(floor.now + Duration::from_secs(60));
    let timed = promised(&mut floor, 2, at, None);
    floor.seconds(60);
    assert_eq!(floor.offered(timed), Some(agent(0)));
}

#[test]
fn a_window_that_reaches_past_the_calling_hours_is_kept_before_they_close() {
    let mut floor = Floor::open(called_from_twenty_to_half_past());
    until(&mut floor, minute(20));
    let early = promised(&mut floor, 1, None, Some(minute(50)));

    // Two offers and two rings before half past.
    floor.seconds(499);
    assert_eq!(floor.offered(early), None);
    floor.seconds(1);
    assert_eq!(floor.offered(early), Some(agent(0)));

    let mut floor = Floor::open(called_from_twenty_to_half_past());
    until(&mut floor, minute(29));
    let late = promised(&mut floor, 1, None, Some(minute(50)));
    assert_eq!(floor.offered(late), Some(agent(0)), "there is no time left");
}

#[test]
fn a_window_that_reaches_into_the_next_day_waits_for_a_quiet_time_in_its_hours_too() {
    let mut floor = Floor::open(called_from_twenty_to_half_past());
    until(&mut floor, minute(29));
    let id = promised(&mut floor, 1, None, Some(minute(24 * 60 + 25)));

    until(&mut floor, minute(24 * 60 + 23));
    assert_eq!(floor.offered(id), None);
    floor.seconds(20);

    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_window_that_reaches_past_the_hours_of_its_queue_is_kept_before_it_closes() {
    let mut setup = blended(1);
    let week = std::array::from_fn(|_| vec!["00:20-00:30".parse().unwrap()]);
    let support = setup.queues.get_mut(&"support".parse().unwrap()).unwrap();
    support.hours = Some(Hours::new("UTC", week, Vec::new()).unwrap().into());
    let mut floor = Floor::open(setup);
    let id = promised(&mut floor, 1, None, Some(minute(50)));

    until(&mut floor, minute(28));
    assert_eq!(floor.offered(id), None);
    floor.seconds(20);

    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn what_is_held_back_is_so_after_a_crash() {
    let mut floor = blending(1);
    let id = promised(&mut floor, 1, None, None);

    floor.crash();
    floor.arrive(&agent(0));

    assert!(is_held_back(&floor, id));
    assert_eq!(floor.offered(id), None);
}

#[test]
fn what_waits_for_a_quiet_time_is_in_nobodys_way() {
    let mut setup = house(1, 6);
    let queue: ws::id::QueueId = "support".parse().unwrap();
    let support = setup.queues.get_mut(&queue).unwrap();
    support.limit = 2;
    support.blend = Some(Blend {
        idle_agents: 1,
        below_wait: Duration::from_secs(30),
    });
    let mut floor = Floor::empty(setup);
    let promises: Vec<_> = (1..=3)
        .map(|n| promised(&mut floor, n, None, None))
        .collect();
    floor.seconds(60);

    let call = floor.call(1, "+4930100");

    assert_eq!(floor.of(call).turned, None, "the queue is not full");
    assert_eq!(floor.hub.state().position(call), Some(1));
    assert_eq!(floor.hub.state().position(promises[0]), None);
    let state = floor.hub.state().queues();
    assert_eq!(state.get(&queue).unwrap().quiet().len(), 3);
    floor.arrive(&agent(0));
    assert_eq!(floor.offered(call), Some(agent(0)), "who came goes first");
}

#[test]
fn who_waits_long_behind_somebody_of_more_worth_counts_too() {
    let mut setup = house(2, 6);
    let german: Skills = [("german".parse().unwrap(), 5)].into();
    let shop = setup.zones.get_mut(&"shop".parse().unwrap()).unwrap();
    shop.skills = german;
    let vip = ZoneSetup {
        priority: 9,
        ..shop.clone()
    };
    setup.zones.insert("vip".parse().unwrap(), vip);
    let support = setup.queues.get_mut(&"support".parse().unwrap()).unwrap();
    support.blend = Some(Blend {
        idle_agents: 2,
        below_wait: Duration::from_secs(30),
    });
    let mut floor = Floor::open(setup);
    floor.chat(1);
    floor.seconds(30);
    let vip = InteractionId::new(77).unwrap();
    floor
        .ask(Input::OpenChat {
            candidate: vip,
            who: Introduction {
                zone: "vip".parse().unwrap(),
                ..visitor(2)
            },
            mid: mid("first"),
            text: "hello".into(),
            re: RE,
        })
        .unwrap();
    assert_eq!(floor.hub.state().position(vip), Some(1));

    let id = promised(&mut floor, 1, None, None);

    assert_eq!(floor.offered(id), None);
}

#[test]
fn who_is_offered_a_promised_call_keeps_it_when_its_window_comes_near() {
    let mut floor = blending(2);
    let until = floor.now + Duration::from_secs(110);
    let id = promised(&mut floor, 1, None, Some(until));
    let first = floor.offered(id).expect("two are idle");

    floor.seconds(10);

    assert_eq!(floor.offered(id), Some(first.clone()));
    floor
        .ask(Input::Decline {
            agent: first,
            interaction: id,
            re: RE,
        })
        .unwrap();
    assert!(
        floor.offered(id).is_some(),
        "it waits for no quiet any more"
    );
    let queue = &"support".parse().unwrap();
    assert_eq!(floor.hub.state().queues().length(queue), 1);
}
