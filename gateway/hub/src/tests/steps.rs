//! What a step of the clock forward leaves as it was, and what goes by the new time.

use super::*;
use crate::event::{Event, OfferEnd};

const HOURS: Duration = Duration::from_secs(2 * 3_600);

fn expired(floor: &Floor, id: InteractionId) -> usize {
    let over = |event: &Event| {
        matches!(
            event,
            Event::OfferEnded {
                end: OfferEnd::Expired,
                ..
            }
        )
    };
    floor.count(id, over)
}

#[test]
fn an_offer_has_the_time_left_that_it_had() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let offer = floor.hub.setup().spans.offer;
    assert!(floor.offered(id).is_some());
    floor.wait(offer / 2);

    for _ in 0..2 {
        floor.step(HOURS);
        assert_eq!(expired(&floor, id), 0);
    }
    let found = floor.of(id);
    let until = floor.hub.offer_until(found, found.offer.as_ref().unwrap());
    let left = until.since(floor.now);
    assert_eq!(left, offer / 2, "and is told so");
    floor.wait(left.saturating_sub(Duration::from_millis(1)));
    assert_eq!(expired(&floor, id), 0);
    floor.wait(Duration::from_millis(1));

    assert_eq!(expired(&floor, id), 1);
}

#[test]
fn what_is_offered_after_a_step_has_the_usual_time() {
    let mut floor = Floor::open(house(1, 6));
    let first = floor.chat(1);
    let offer = floor.hub.setup().spans.offer;
    floor.wait(offer / 2);
    floor.step(Duration::from_secs(3));
    floor.accept_any(first);

    let second = floor.chat(2);
    floor.wait(offer.saturating_sub(Duration::from_millis(1)));
    assert_eq!(expired(&floor, second), 0);
    floor.wait(Duration::from_millis(1));

    assert_eq!(expired(&floor, second), 1);
}

#[test]
fn a_phone_rings_on_and_a_wrap_up_goes_on_and_may_be_made_longer() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.call(1, "+4930100");
    let anna = floor.accept_any(id);
    floor.seconds(1);
    floor.step(HOURS);
    assert!(floor.of(id).leg(leg(id, 2)).unwrap().is_live(), "it rings");
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.ended(leg(id, 2), CauseKind::Normal);
    let left = |floor: &Floor| {
        let until = floor.hub.wrap_up_until(floor.of(id)).unwrap();
        until.since(floor.now)
    };
    let usual = left(&floor);

    floor.step(HOURS);

    assert_eq!(left(&floor), usual);
    let more = floor.ask(Input::ExtendWrapUp {
        agent: anna,
        interaction: id,
        by: Duration::from_secs(10),
        re: RE,
    });
    assert_eq!(more, Ok(Done::Ok));
    assert_eq!(left(&floor), usual + Duration::from_secs(10));
}

#[test]
fn who_lost_their_socket_has_the_grace_that_was_left() {
    let mut floor = Floor::open(house(1, 6));
    let grace = floor.hub.setup().spans.grace;
    let id = floor.chat(1);
    let anna = floor.accept_any(id);
    floor.tell(Input::ConsoleClosed {
        agent: anna.clone(),
        socket: 1,
    });
    floor.wait(grace / 2);

    floor.step(HOURS);
    assert!(floor.of(id).is_with(&anna));
    floor.wait(grace / 2 + Duration::from_millis(1));

    assert!(!floor.of(id).is_with(&anna));
}
