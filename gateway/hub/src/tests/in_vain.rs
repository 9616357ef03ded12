//! What is not a contact: an agent took it, and met no customer.

use ws::{agent::Channel, callback::Order, id::QueueId};

use super::*;
use crate::event::{Scrub, WaitEnd};

const IDA: &str = "+4930100";

fn support() -> QueueId {
    "support".parse().unwrap()
}

/// A house of one agent that dials a customer once and no more.
fn once() -> Floor {
    let mut setup = house(1, 6);
    setup.spans.retries = Vec::new();
    setup.spans.wrap_up_chat = Duration::ZERO;
    setup.spans.wrap_up_call = Duration::ZERO;
    Floor::open(setup)
}

fn sealed(floor: &Floor, id: InteractionId) -> (String, Option<AgentId>) {
    let sealed = floor.events(id).into_iter().find_map(|event| match event {
        Event::Sealed { outcome, agent, .. } => Some((outcome.clone(), agent.clone())),
        _ => None,
    });
    sealed.expect("it is sealed")
}

fn wish_of(floor: &mut Floor, id: InteractionId, by: Actor, after: Option<u64>) {
    let at = after.map(|seconds| floor.now + Duration::from_secs(seconds));
    let promised = Input::AskCallback {
        interaction: id,
        queue: None,
        by,
        number: number(IDA),
        at,
        wish: Default::default(),
        re: RE,
    };
    floor.ask(promised).unwrap();
}

/// Agent a0 takes the call of a promise, and the customer, whose leg is `customer`, is busy; theirs is dialled before.
fn busy(floor: &mut Floor, id: InteractionId, phone: LegId, customer: LegId) {
    floor.accept(&agent(0), id);
    floor.answered(phone);
    floor.ended(customer, CauseKind::Busy);
    floor.ended(phone, CauseKind::Normal);
    floor.seconds(2);
}

#[test]
fn a_promised_call_that_reaches_nobody_says_nothing_of_how_long_contacts_take() {
    for order in [Order::AgentFirst, Order::CustomerFirst] {
        let mut floor = once();
        let wish = ws::callback::Wish {
            order: Some(order),
            ..Default::default()
        };
        for n in 1..=4 {
            let id = floor.promise_as(n, &format!("+493010{n}"), None, wish.clone());
            floor.accept(&agent(0), id);
            floor.answered(leg(id, 2));
            floor.ended(leg(id, 1), CauseKind::Busy);
            floor.ended(leg(id, 2), CauseKind::Normal);
            floor.seconds(2);
            assert_eq!(sealed(&floor, id), ("not reached".to_owned(), None));
        }

        let (id, _) = talking(&mut floor);
        let tally = floor.hub.today(&support(), Channel::Voice, floor.now);
        assert_eq!((tally.handled, tally.handled_ms), (0, 0), "{order:?}");
        let next = floor
            .hub
            .expected_wait(&support(), Channel::Voice, floor.now);
        assert_eq!(next, None, "{order:?}: nobody was served yet");

        floor.seconds(60);
        for n in [1, 2] {
            floor.ended(leg(id, n), CauseKind::Normal);
        }
        floor.seconds(1);
        let tally = floor.hub.today(&support(), Channel::Voice, floor.now);
        assert_eq!(tally.handled, 1, "{order:?}");
        assert_eq!(sealed(&floor, id), ("served".to_owned(), Some(agent(0))));
    }
}

#[test]
fn a_call_whose_agent_did_not_answer_their_phone_was_handled_by_nobody() {
    let mut floor = once();
    let id = floor.call(1, IDA);
    floor.accept(&agent(0), id);
    floor.ended(leg(id, 2), CauseKind::NoAnswer);
    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.seconds(2);

    let tally = floor.hub.today(&support(), Channel::Voice, floor.now);
    assert_eq!(tally.handled, 0);
    assert_eq!(sealed(&floor, id), ("abandoned".to_owned(), None));
}

#[test]
fn who_was_promised_a_call_and_not_reached_was_not_served_by_whoever_tried() {
    let mut floor = Floor::empty(once().hub.setup().clone());
    let id = floor.chat(1);
    let visitor = Actor::Visitor(visitor(1).visitor);
    wish_of(&mut floor, id, visitor.clone(), Some(60));
    floor.end(id, visitor);
    floor.arrive(&agent(0));
    floor.seconds(60);

    let legs = (leg(id, 2), leg(id, 3));
    let (phone, customer) = legs;
    busy(&mut floor, id, phone, customer);

    assert_eq!(floor.callback_ends(id).len(), 1);
    assert_eq!(sealed(&floor, id), ("not reached".to_owned(), None));
}

#[test]
fn who_was_served_is_so_though_a_call_promised_then_reaches_them_no_more() {
    let mut floor = once();
    let (id, first) = talking(&mut floor);
    wish_of(&mut floor, id, Actor::Agent(first.clone()), Some(600));
    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor.seconds(600);
    assert_eq!(floor.offered(id), Some(first.clone()));

    busy(&mut floor, id, leg(id, 4), leg(id, 3));

    assert_eq!(floor.callback_ends(id).len(), 1);
    assert_eq!(sealed(&floor, id), ("served".to_owned(), Some(first)));
}

#[test]
fn who_is_promised_a_call_for_later_and_leaves_did_not_give_up() {
    let mut floor = Floor::empty(house(1, 6));
    let (id, other) = (floor.chat(1), floor.chat(2));
    let visitor = |n| Actor::Visitor(visitor(n).visitor);
    wish_of(&mut floor, id, visitor(1), Some(86_400));
    // What a program promised beside is not what they waited for.
    wish_of(&mut floor, other, Actor::TANDEM, Some(86_400));
    for (id, n) in [(id, 1), (other, 2)] {
        floor.end(id, visitor(n));
    }

    let ended = |id| {
        let events = floor.events(id).into_iter();
        let mut ends = events.filter_map(|event| match event {
            Event::WaitEnded { end, .. } => Some(*end),
            _ => None,
        });
        ends.next()
    };
    assert_eq!(ended(id), Some(WaitEnd::Callback));
    assert_eq!(ended(other), Some(WaitEnd::Abandoned));
}

#[test]
fn outcomes_of_ours_stay_when_what_agents_noted_goes() {
    let notes = Scrub {
        notes: true,
        ..Scrub::default()
    };
    let words = crate::interaction::OUTCOMES.into_iter();
    for (word, left) in words.map(|word| (word, word)).chain([("sold", "served")]) {
        let mut event = Event::Sealed {
            outcome: word.to_owned(),
            agent: None,
            served: None,
        };
        event.scrub(notes);
        assert!(
            matches!(&event, Event::Sealed { outcome, .. } if outcome == left),
            "{word}"
        );
    }
}
