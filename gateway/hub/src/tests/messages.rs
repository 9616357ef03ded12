//! Written messages that nobody takes: over nights, weekends and holidays, and until nobody came for too long.

use std::sync::Arc;

use ws::id::{QueueId, ZoneId};

use super::*;
use crate::{
    hours::Hours,
    policy::{Instead, Rule},
    voicemail::VoicemailSetup,
};

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;
/// The first Friday of 1970 at half past five.
const FRIDAY: Timestamp = Timestamp(DAY + 17 * HOUR + HOUR / 2);
/// The Tuesday after it, when the office opens.
const TUESDAY: Timestamp = Timestamp(5 * DAY + 9 * HOUR);

fn support() -> QueueId {
    "support".parse().unwrap()
}

fn hours(days: usize, stretch: &str, holidays: &[&str]) -> Arc<Hours> {
    let week = std::array::from_fn(|n| match n < days {
        true => vec![stretch.parse().unwrap()],
        false => Vec::new(),
    });
    let holidays = holidays.iter().map(|day| (day.parse().unwrap(), vec![]));
    Arc::new(Hours::new("UTC", week, holidays.collect()).unwrap())
}

/// A house that is open from nine to six on weekdays and takes messages while nobody is there.
fn office() -> Setup {
    let mut setup = house(1, 6);
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.hours = Some(hours(5, "09:00-18:00", &[]));
    for rule in [Rule::Closed, Rule::Unstaffed] {
        queue.policy.instead.insert(rule, vec![Instead::Message]);
    }
    setup
}

/// Begins on Friday, when nobody is there.
fn on_friday(setup: Setup) -> Floor {
    let mut floor = Floor::empty(setup);
    until(&mut floor, FRIDAY);
    floor
}

fn until(floor: &mut Floor, at: Timestamp) {
    floor.wait(at.since(floor.now));
}

fn mended(floor: &Floor, id: InteractionId) -> usize {
    floor.count(id, |event| matches!(event, Event::Mended { .. }))
}

fn reason(floor: &Floor, id: InteractionId) -> Option<String> {
    let mut events = floor.events(id).into_iter();
    events.find_map(|event| match event {
        Event::Ended { reason, .. } => Some(reason.clone()),
        _ => None,
    })
}

#[test]
fn a_message_of_a_friday_is_there_on_tuesday_whenever_the_daemon_began_anew() {
    for late in [0, HOUR] {
        let mut floor = on_friday(office());
        floor.wait(Duration::from_millis(late));
        let id = floor.chat(1);
        assert!(floor.of(id).is_message());

        until(&mut floor, Timestamp(FRIDAY.0 + 25 * HOUR));
        floor.crash();
        until(&mut floor, TUESDAY);
        floor.arrive(&agent(0));

        assert_eq!(floor.offered(id), Some(agent(0)));
        assert_eq!(mended(&floor, id), 0);
    }
}

#[test]
fn a_holiday_that_a_reload_brings_ends_no_message() {
    let mut setup = office();
    setup.voicemail.waits = Duration::from_secs(3_600);
    let mut floor = on_friday(setup);
    let id = floor.chat(1);

    let mut setup = floor.hub.setup().clone();
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.hours = Some(hours(5, "09:00-18:00", &["1970-01-05..1970-01-09"]));
    floor.tell(Input::Configure(Box::new(setup)));
    until(&mut floor, Timestamp(11 * DAY + 9 * HOUR));
    floor.arrive(&agent(0));

    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_message_that_nobody_takes_ends_once_it_waited_as_long_as_messages_may_and_is_no_fault() {
    let mut floor = on_friday(office());
    let id = floor.chat(1);

    floor.wait(VoicemailSetup::default().waits - Duration::from_millis(1));
    assert!(floor.of(id).entry.is_some());
    floor.wait(Duration::from_millis(1));

    let why = "nobody took the message";
    assert_eq!(reason(&floor, id).as_deref(), Some(why));
    assert_eq!(mended(&floor, id), 0);
}

#[test]
fn a_message_waits_until_it_could_have_been_taken_for_as_long_as_an_interaction_may_live() {
    let mut setup = office();
    setup.voicemail.waits = Duration::from_secs(3_600);
    let mut floor = on_friday(setup);
    let id = floor.chat(1);

    // Half an hour on Friday, nine on Monday and on Tuesday each, and five and a half on Wednesday.
    until(&mut floor, Timestamp(6 * DAY + 14 * HOUR + HOUR / 2 - 1));
    assert!(floor.of(id).entry.is_some());
    floor.wait(Duration::from_millis(1));

    assert!(reason(&floor, id).is_some());
    assert_eq!(mended(&floor, id), 0);
}

#[test]
fn a_message_by_a_zone_waits_for_the_hours_of_both() {
    let mut setup = office();
    setup.voicemail.waits = Duration::from_secs(3_600);
    let shop: ZoneId = "shop".parse().unwrap();
    setup.zones.get_mut(&shop).unwrap().hours = Some(hours(5, "17:00-20:00", &[]));
    let mut floor = on_friday(setup);
    let id = floor.chat(1);

    // Half an hour on Friday, one on each of 23 weekdays, and half of one on the Thursday after them.
    until(&mut floor, Timestamp(35 * DAY + 17 * HOUR + HOUR / 2 - 1));
    assert!(floor.of(id).entry.is_some());
    floor.wait(Duration::from_millis(1));

    assert!(reason(&floor, id).is_some());
}

#[test]
fn a_message_to_a_queue_that_opens_no_more_ends_all_the_same() {
    let mut setup = office();
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.hours = Some(hours(0, "09:00-18:00", &[]));
    let mut floor = on_friday(setup);
    let id = floor.chat(1);
    let most = VoicemailSetup::default().waits + Duration::from_millis(90 * DAY);

    floor.wait(most - Duration::from_millis(1));
    assert!(floor.of(id).entry.is_some());
    floor.wait(Duration::from_millis(1));

    assert!(reason(&floor, id).is_some());
}

#[test]
fn who_took_a_message_at_the_end_of_its_wait_has_the_time_of_a_contact_for_it() {
    let mut setup = office();
    setup.voicemail.waits = Duration::from_millis(31 * DAY);
    let mut floor = on_friday(setup);
    let id = floor.chat(1);
    until(&mut floor, Timestamp(FRIDAY.0 + 31 * DAY - HOUR / 4));
    floor.arrive(&agent(0));
    floor.accept(&agent(0), id);

    floor.seconds(1_000);
    floor.says(&agent(0), id, "Here I am").unwrap();

    assert_eq!(reason(&floor, id), None);
}
