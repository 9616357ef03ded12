//! Zones that keep hours of their own, in a queue that is open around the clock unless it says otherwise.

use std::sync::Arc;

use ws::{
    board::Hold,
    id::{QueueId, ZoneId},
    transfer::HandOverTo,
};

use super::*;
use crate::{
    command::Program,
    hours::{Hours, Opening},
    policy::{Instead, Rule},
};

const HOUR: u64 = 3_600_000;
/// The clock of the tests begins at 1970-01-01 00:16:40, a Thursday.
const NINE: Timestamp = Timestamp(9 * HOUR);

fn support() -> QueueId {
    "support".parse().unwrap()
}

fn shop() -> ZoneId {
    "shop".parse().unwrap()
}

fn daily(stretch: &str, otherwise: &[&str]) -> Arc<Hours> {
    let week = std::array::from_fn(|_| vec![stretch.parse().unwrap()]);
    let holidays = otherwise.iter().map(|day| (day.parse().unwrap(), vec![]));
    Arc::new(Hours::new("UTC", week, holidays.collect()).unwrap())
}

/// A house whose shop is open from nine to five, with a zone `always` and a queue `night` that its agents serve too.
fn office(agents: usize, when_closed: Instead) -> Setup {
    let mut setup = house(agents, 6);
    let night: QueueId = "night".parse().unwrap();
    setup.queues.insert(night.clone(), QueueSetup::default());
    for one in setup.agents.values_mut() {
        one.queues.push(night.clone());
    }
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.policy.instead.insert(Rule::Closed, vec![when_closed]);
    let always = setup.zones[&shop()].clone();
    setup.zones.insert("always".parse().unwrap(), always);
    setup.zones.get_mut(&shop()).unwrap().hours = Some(daily("09:00-17:00", &[]));
    setup
}

fn opening(who: Introduction, n: u128) -> Input {
    Input::OpenChat {
        candidate: InteractionId::new(500 + n).unwrap(),
        who,
        mid: mid("first"),
        text: "hello".into(),
        re: RE,
    }
}

fn diverted(floor: &Floor, id: InteractionId) -> Vec<(Rule, Instead, Option<Timestamp>)> {
    let events = floor.events(id).into_iter();
    let diverted = events.filter_map(|event| match event {
        Event::Diverted {
            rule, to, opens, ..
        } => Some((*rule, to.clone(), *opens)),
        _ => None,
    });
    diverted.collect()
}

fn held(floor: &Floor, id: InteractionId) -> Option<Hold> {
    floor.hub.why_held(floor.of(id))
}

fn at(floor: &mut Floor, at: Timestamp) {
    let wait = at.since(floor.now);
    floor.wait(wait);
}

#[test]
fn who_comes_by_a_zone_outside_its_hours_leaves_a_message_that_waits_until_it_opens() {
    let mut floor = Floor::open(office(1, Instead::Message));

    let id = floor.chat(1);

    let until = Some(NINE);
    assert_eq!(
        diverted(&floor, id),
        [(Rule::Closed, Instead::Message, until)]
    );
    assert_eq!(floor.offered(id), None, "although an agent is there");
    assert_eq!(held(&floor, id), Some(Hold::Hours { until }));
    at(&mut floor, Timestamp(NINE.0 - 1));
    assert_eq!(floor.offered(id), None);
    at(&mut floor, NINE);
    assert_eq!(floor.offered(id), Some(agent(0)));
    assert_eq!(held(&floor, id), None);
}

#[test]
fn another_zone_of_the_same_queue_is_open_meanwhile() {
    let mut floor = Floor::open(office(1, Instead::Message));
    let who = Introduction {
        zone: "always".parse().unwrap(),
        ..visitor(1)
    };

    floor.ask(opening(who, 1)).unwrap();

    let id = InteractionId::new(501).unwrap();
    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_message_to_a_closed_zone_survives_a_crash_and_a_reload_that_opens_the_zone_offers_it() {
    let mut floor = Floor::open(office(1, Instead::Message));
    let id = floor.chat(1);

    floor.crash();
    floor.arrive(&agent(0));
    assert_eq!(floor.offered(id), None);
    assert_eq!(held(&floor, id), Some(Hold::Hours { until: Some(NINE) }));
    let mut open = floor.hub.setup().clone();
    open.zones.get_mut(&shop()).unwrap().hours = None;
    floor.tell(Input::Configure(Box::new(open)));

    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_clock_that_is_set_past_the_opening_of_a_zone_opens_it() {
    let mut floor = Floor::open(office(1, Instead::Message));
    let id = floor.chat(1);

    let ahead = NINE.since(floor.now);
    floor.step(ahead);

    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_zone_is_open_while_both_it_and_its_queue_are() {
    let mut setup = office(1, Instead::Message);
    // The second of January, a Friday, is none of its days.
    setup.zones.get_mut(&shop()).unwrap().hours = Some(daily("09:00-13:00", &["1970-01-02"]));
    setup.queues.get_mut(&support()).unwrap().hours = Some(daily("12:00-17:00", &[]));
    let floor = Floor::open(setup);
    let day = 24 * HOUR;
    let opening = |at| {
        let at = Timestamp(at);
        let opening = floor.hub.opening(&support(), Some(&shop()), at);
        let closed = floor.hub.leaves_message(&shop(), at) == Some(Rule::Closed);
        assert_eq!(closed, matches!(opening, Opening::Closed { .. }), "{at:?}");
        assert_eq!(closed, floor.hub.closed_to_calls(&shop(), at), "{at:?}");
        assert_eq!(closed, !floor.hub.is_free_for(&shop(), at), "{at:?}");
        opening
    };
    let closed = |at| Opening::Closed {
        opens: Some(Timestamp(at)),
    };

    assert_eq!(opening(10 * HOUR), closed(12 * HOUR));
    let until = Some(Timestamp(13 * HOUR));
    assert_eq!(opening(12 * HOUR), Opening::Open { until });
    assert_eq!(opening(13 * HOUR), closed(2 * day + 12 * HOUR));
    assert_eq!(opening(day + 12 * HOUR), closed(2 * day + 12 * HOUR));
    assert_eq!(
        floor.hub.opening(&support(), None, Timestamp(13 * HOUR)),
        Opening::Open {
            until: Some(Timestamp(17 * HOUR))
        },
        "by telephone"
    );
}

#[test]
fn whom_a_closed_zone_sends_to_another_queue_is_served_there() {
    let to = Instead::Queue {
        queue: "night".parse().unwrap(),
    };
    let mut floor = Floor::open(office(1, to.clone()));

    let id = floor.chat(1);

    assert_eq!(diverted(&floor, id), [(Rule::Closed, to, None)]);
    assert_eq!(floor.of(id).queue.as_str(), "night");
    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_closed_zone_whose_queue_is_busy_then_refuses_the_chat_and_no_call_by_telephone() {
    let mut floor = Floor::open(office(1, Instead::Busy));

    let refused = floor.ask(opening(visitor(1), 1)).unwrap_err();
    let call = floor.call(1, "+4930100");

    assert_eq!(refused.code, ws::frame::Code::Conflict);
    assert_eq!(
        refused.text,
        "it is outside the opening hours; try again later"
    );
    assert_eq!(floor.offered(call), Some(agent(0)));
}

#[test]
fn who_calls_from_a_page_outside_the_hours_of_its_zone_hears_so() {
    let mut floor = Floor::open(office(1, Instead::Message));
    let candidate = InteractionId::new(700).unwrap();
    let arrival = Arrival {
        candidate,
        peer: crate::input::Peer::Browser(Box::new(visitor(1))),
        from: None,
        ..arrival(1, "+4930100", "")
    };

    floor.tell(Input::CallArrived(arrival));
    let leg = leg(candidate, 1);
    floor.answered(leg);

    let program = Program::Closed;
    assert!(floor.told().contains(&Command::Play { leg, program }));
}

#[test]
fn who_was_served_goes_on_after_the_zone_has_closed() {
    let mut floor = Floor::open(office(2, Instead::Message));
    at(&mut floor, Timestamp(17 * HOUR - 1_000));
    let id = floor.chat(1);
    let first = floor.offered(id).unwrap();
    floor.accept(&first, id);
    floor.seconds(60);

    floor
        .ask(Input::HandOver {
            agent: first.clone(),
            interaction: id,
            to: HandOverTo::Queue("night".parse().unwrap()),
            note: None,
            re: RE,
        })
        .unwrap();

    assert_eq!(diverted(&floor, id), []);
    assert!(floor.offered(id).is_some_and(|agent| agent != first));
}
