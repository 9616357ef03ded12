//! Promises that nobody takes at once: over nights and weekends, in short windows, and before the hours close.

use std::sync::Arc;

use ws::callback::Wish;

use super::*;
use crate::{
    calling::CallingHours,
    event::CallbackEnd,
    hours::{Hours, Stretch},
};

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;
/// The first Friday of 1970 at six in the evening.
const FRIDAY: Timestamp = Timestamp(DAY + 18 * HOUR);
/// The Monday after it, when the office opens.
const MONDAY: Timestamp = Timestamp(4 * DAY + 9 * HOUR);

/// A house that is open from nine to half past five on weekdays and calls from eight to nine in the evening.
fn office(agents: usize) -> Setup {
    let mut setup = house(agents, 6);
    let day = "08:00-21:00".parse().unwrap();
    setup.callbacks.hours = CallingHours::new(day, [].into(), "UTC").unwrap();
    let weekdays = |n| match n {
        0..5 => vec!["09:00-17:30".parse().unwrap()],
        _ => Vec::new(),
    };
    open(&mut setup, std::array::from_fn(weekdays));
    setup
}

fn open(setup: &mut Setup, week: [Vec<Stretch>; 7]) {
    open_in("UTC", setup, week);
}

fn open_in(zone: &str, setup: &mut Setup, week: [Vec<Stretch>; 7]) {
    let support = setup.queues.get_mut(&"support".parse().unwrap()).unwrap();
    support.hours = Some(Arc::new(Hours::new(zone, week, Vec::new()).unwrap()));
}

fn until(floor: &mut Floor, at: Timestamp) {
    floor.wait(at.since(floor.now));
}

#[test]
fn what_is_promised_before_a_weekend_is_there_when_the_office_opens() {
    let mut floor = Floor::empty(office(2));
    until(&mut floor, FRIDAY);
    let saturday = Timestamp(2 * DAY + 10 * HOUR);
    let ids = [(1, None), (2, Some(saturday))]
        .map(|(n, at)| floor.promise_in_utc(n, at, Default::default()));

    until(&mut floor, MONDAY);
    for n in 0..2 {
        floor.arrive(&agent(n));
    }

    for id in ids {
        assert_eq!(floor.callback_ends(id), []);
        assert!(floor.offered(id).is_some());
    }
}

#[test]
fn a_promise_that_nobody_takes_ends_after_a_day_of_hours_in_which_it_could_be_kept() {
    let mut floor = Floor::empty(office(1));
    until(&mut floor, FRIDAY);
    let id = floor.promise_in_utc(1, None, Default::default());

    // Eight hours and a half on Monday and on Tuesday each, and seven on Wednesday.
    until(&mut floor, Timestamp(MONDAY.0 + 2 * DAY + 7 * HOUR - 1));
    assert_eq!(floor.callback_ends(id), []);
    floor.wait(Duration::from_millis(1));

    assert_eq!(floor.callback_ends(id), [CallbackEnd::GivenUp]);
    assert!(floor.hub.state().interaction(id).is_none(), "it is sealed");
}

#[test]
fn hours_in_which_the_customer_may_not_be_called_do_not_count() {
    let mut setup = office(1);
    let day = "17:00-21:00".parse().unwrap();
    setup.callbacks.hours = CallingHours::new(day, [].into(), "UTC").unwrap();
    setup.spans.longest = Duration::from_secs(3_600);
    let mut floor = Floor::empty(setup);
    until(&mut floor, FRIDAY);
    let id = floor.promise_in_utc(1, None, Default::default());

    // Half an hour on Monday and half an hour on Tuesday.
    until(&mut floor, Timestamp(5 * DAY + 17 * HOUR + HOUR / 2 - 1));
    assert_eq!(floor.callback_ends(id), []);
    floor.wait(Duration::from_millis(1));

    assert_eq!(floor.callback_ends(id), [CallbackEnd::GivenUp]);
}

#[test]
fn a_promise_over_an_ocean_counts_the_hours_that_both_sides_share() {
    let mut setup = office(1);
    open_in(
        "Europe/Berlin",
        &mut setup,
        std::array::from_fn(|_| vec!["09:00-17:30".parse().unwrap()]),
    );
    setup.spans.longest = Duration::from_secs(4 * 3_600);
    let mut floor = Floor::empty(setup);
    until(&mut floor, FRIDAY);
    let wish = Wish {
        zone: Some("America/New_York".to_owned()),
        ..Default::default()
    };
    let id = floor.promise_in_utc(1, None, wish);

    // From eight there, which is two in the afternoon here, until half past five: half an hour is left for Sunday.
    until(&mut floor, Timestamp(3 * DAY + 13 * HOUR + HOUR / 2 - 1));
    assert_eq!(floor.callback_ends(id), []);
    floor.wait(Duration::from_millis(1));

    assert_eq!(floor.callback_ends(id), [CallbackEnd::GivenUp]);
}

#[test]
fn an_hour_that_the_clocks_leave_out_does_not_count() {
    let mut setup = house(1, 6);
    setup.callbacks.hours = CallingHours::default();
    open_in(
        "Europe/Berlin",
        &mut setup,
        std::array::from_fn(|_| vec!["00:00-04:00".parse().unwrap()]),
    );
    setup.spans.longest = Duration::from_secs(4 * 3_600);
    let mut floor = Floor::empty(setup);
    // At noon of the day before the clocks were put forward in 1980.
    let noon = Timestamp(323_784_000_000);
    until(&mut floor, noon);
    let id = floor.promise_in_utc(1, None, Default::default());

    // Three hours of that night, and one of the next, which begins two hours before midnight of UTC.
    until(&mut floor, Timestamp(noon.0 + 35 * HOUR - 1));
    assert_eq!(floor.callback_ends(id), []);
    floor.wait(Duration::from_millis(1));

    assert_eq!(floor.callback_ends(id), [CallbackEnd::GivenUp]);
}

#[test]
fn a_promise_in_a_queue_that_never_opens_ends_after_ninety_days_more() {
    let mut setup = office(1);
    open(&mut setup, Default::default());
    let mut floor = Floor::empty(setup);
    until(&mut floor, FRIDAY);
    let id = floor.promise_in_utc(1, None, Default::default());

    until(&mut floor, Timestamp(FRIDAY.0 + 91 * DAY - 1));
    assert_eq!(floor.callback_ends(id), []);
    floor.wait(Duration::from_millis(1));

    assert_eq!(floor.callback_ends(id), [CallbackEnd::GivenUp]);
}

#[test]
fn a_promise_with_a_window_of_days_ends_with_the_window() {
    let mut floor = Floor::empty(house(1, 6));
    let end = floor.now + Duration::from_millis(5 * DAY);
    let wish = Wish {
        until: Some(end),
        ..Default::default()
    };
    let id = floor.promise_in_utc(1, None, wish);

    floor.wait(Duration::from_millis(5 * DAY - 1));
    assert_eq!(floor.callback_ends(id), []);
    floor.wait(Duration::from_millis(1));

    assert_eq!(floor.callback_ends(id), [CallbackEnd::Missed]);
}

#[test]
fn a_promise_that_waited_over_a_weekend_does_so_after_a_crash() {
    let mut floor = Floor::empty(office(1));
    until(&mut floor, FRIDAY);
    let id = floor.promise_in_utc(1, None, Default::default());

    floor.now = MONDAY;
    floor.crash();
    floor.arrive(&agent(0));

    assert_eq!(floor.callback_ends(id), []);
    assert_eq!(floor.offered(id), Some(agent(0)));
}

/// A promise of an agent who is not there, with so many seconds until its window closes; another agent is ready.
fn of_who_is_away(seconds: u64) -> (Floor, InteractionId) {
    let mut floor = Floor::empty(house(2, 6));
    floor.arrive(&agent(0));
    let wish = Wish {
        until: Some(floor.now + Duration::from_secs(seconds)),
        owner: Some(agent(1)),
        ..Default::default()
    };
    let id = floor.promise_in_utc(1, None, wish);
    (floor, id)
}

#[test]
fn an_owner_who_is_not_there_leaves_others_half_of_a_short_window() {
    let (mut floor, id) = of_who_is_away(24);

    floor.seconds(11);
    assert_eq!(floor.offered(id), None, "half of it is the owner's");
    floor.seconds(1);

    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn an_owner_who_is_not_there_leaves_others_the_time_they_need_in_a_longer_window() {
    let (mut floor, id) = of_who_is_away(960);

    // Two offers and two rings.
    floor.seconds(859);
    assert_eq!(floor.offered(id), None);
    floor.seconds(1);

    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn an_owner_who_is_there_has_a_promise_with_a_short_window_first() {
    let mut floor = Floor::open(house(2, 6));
    let wish = Wish {
        until: Some(floor.now + Duration::from_secs(24)),
        owner: Some(agent(1)),
        ..Default::default()
    };

    let id = floor.promise_in_utc(1, None, wish);

    assert_eq!(floor.offered(id), Some(agent(1)));
}

#[test]
fn the_window_of_an_owned_promise_is_over_when_the_customer_may_not_be_called_any_more() {
    let mut setup = house(2, 6);
    let day = "00:00-00:20".parse().unwrap();
    setup.callbacks.hours = CallingHours::new(day, [].into(), "UTC").unwrap();
    let mut floor = Floor::empty(setup);
    floor.arrive(&agent(0));
    until(&mut floor, Timestamp(19 * 60_000));
    let wish = Wish {
        until: Some(Timestamp(2 * HOUR)),
        owner: Some(agent(1)),
        ..Default::default()
    };
    let id = floor.promise_in_utc(1, None, wish);

    floor.seconds(29);
    assert_eq!(floor.offered(id), None);
    floor.seconds(1);

    assert_eq!(floor.offered(id), Some(agent(0)));
}
