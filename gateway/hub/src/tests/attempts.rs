//! Attempts whose agent's phone, or whose customer's, is not there or names somebody else.

use ws::callback::{Order, Wish};

use super::*;
use crate::{
    event::{CallbackEnd, InCall},
    gate::{Closed, Way},
    policy::{Instead, Rule},
};

const IDA: &str = "+4930100";

/// A house of two agents with calls allowed on to Berlin, and a call promised in an order; one agent took it.
fn attempt(order: Order) -> (Floor, InteractionId, AgentId) {
    attempt_of(2, order)
}

fn attempt_of(agents: usize, order: Order) -> (Floor, InteractionId, AgentId) {
    let mut setup = house(agents, 6);
    setup.transfers.numbers = vec!["+4930*".to_owned()];
    setup.spans.misses = 1;
    setup.spans.retries = vec![Duration::from_secs(60), Duration::from_secs(600)];
    let mut floor = Floor::open(setup);
    let id = InteractionId::new(5_001).unwrap();
    floor
        .ask(Input::AskCallback {
            interaction: id,
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number(IDA),
            at: None,
            wish: Wish {
                order: Some(order),
                ..Wish::default()
            },
            re: RE,
        })
        .unwrap();
    let first = floor.accept_any(id);
    floor.told();
    (floor, id, first)
}

fn redirect(floor: &mut Floor, leg: LegId, to: &str) -> Vec<Command> {
    floor.tell(Input::Leg(LegNews::Redirected {
        leg,
        status: 302,
        to: vec![to.to_owned()],
        more: false,
        after: None,
    }));
    floor.told()
}

fn no_room(floor: &mut Floor, leg: LegId) {
    let cause = Cause {
        kind: CauseKind::Interrupted,
        status: Some(503),
        text: "trunk is full".to_owned(),
    };
    floor.tell(Input::Leg(LegNews::Ended { leg, cause }));
}

fn no_room_for_customer(floor: &mut Floor, id: InteractionId) {
    let call = floor.of(id).call.clone().unwrap();
    no_room(floor, call.customer);
}

fn tries(floor: &Floor, id: InteractionId) -> BTreeMap<CauseKind, u8> {
    floor.of(id).callbacks.get(1).unwrap().failed.clone()
}

fn misses(floor: &Floor, agent: &AgentId) -> bool {
    // One miss is as many as this house allows.
    let known = floor.hub.state().agents().get(agent).unwrap();
    matches!(known.presence, Presence::Away { .. })
}

fn reached(floor: &Floor, id: InteractionId) -> bool {
    let reached = |e: &Event| {
        matches!(
            e,
            Event::CallbackEnded {
                end: CallbackEnd::Reached,
                ..
            }
        )
    };
    floor.count(id, reached) == 1
}

#[test]
fn an_agents_phone_that_is_not_answered_is_that_agents_miss_and_the_next_is_asked_at_once() {
    for told in [true, false] {
        let (mut floor, id, first) = attempt(Order::AgentFirst);

        match told {
            true => floor.ended(leg(id, 2), CauseKind::NoAnswer),
            false => floor.wait(floor.hub.setup().spans.ring),
        }

        assert!(misses(&floor, &first), "told {told}");
        assert_eq!(tries(&floor, id), BTreeMap::new());
        let second = floor.accept_any(id);
        assert_ne!(first, second);
        let call = floor.of(id).call.clone().unwrap();
        floor.answered(call.agent.unwrap());
        floor.answered(call.customer);
        assert!(reached(&floor, id));
        assert!(!misses(&floor, &second));
    }
}

#[test]
fn a_customer_whom_the_house_had_no_way_to_call_was_not_tried_and_is_called_later() {
    for order in [Order::CustomerFirst, Order::Together, Order::AgentFirst] {
        let (mut floor, id, first) = attempt(order);
        let call = floor.of(id).call.clone().unwrap();
        let lost = match order {
            Order::AgentFirst => call.agent.unwrap(),
            Order::CustomerFirst | Order::Together => call.customer,
        };

        for _ in 0..3 {
            no_room(&mut floor, lost);
        }

        assert_eq!(tries(&floor, id), BTreeMap::new(), "{order:?}");
        assert!(!misses(&floor, &first), "{order:?}");
        let ended = |e: &Event| matches!(e, Event::CallbackEnded { .. });
        assert_eq!(floor.count(id, ended), 0, "{order:?}");
        assert_eq!(floor.offered(id), None, "not at once: {order:?}");
        floor.seconds(60);
        let second = floor.accept_any(id);
        let call = floor.of(id).call.clone().unwrap();
        for leg in [Some(call.customer), call.agent].into_iter().flatten() {
            floor.answered(leg);
        }
        assert!(floor.of(id).call.is_some(), "{second} {order:?}");
    }
}

#[test]
fn a_promise_that_found_no_room_is_called_once_there_is_some_and_uses_up_no_attempt() {
    let made = |floor: &Floor, id| floor.of(id).callbacks.get(1).unwrap().attempts;
    let given_up = |e: &Event| matches!(e, Event::CallbackEnded { .. });
    for before in [None, Some(CauseKind::Busy)] {
        let (mut floor, id, first) = attempt(Order::CustomerFirst);
        let used = u8::from(before.is_some());
        if let Some(kind) = before {
            let dialled = floor.of(id).call.clone().unwrap();
            floor.ended(dialled.customer, kind);
            floor.seconds(60);
            floor.accept_any(id);
        }
        // Who is in a call by the trunk, and the other promise that waits.
        let other = floor.call(7, "+4930107");
        floor.accept_any(other);
        floor.answered(leg(other, 2));
        floor.answered(leg(other, 1));
        let place = floor.of(id).callbacks.get(1).unwrap().due;

        no_room_for_customer(&mut floor, id);

        assert_eq!(made(&floor, id), used);
        floor.seconds(5);
        assert_eq!(floor.offered(id), None, "there is no room yet");
        let second = floor.promise(900, "+4930109");
        assert_eq!(floor.offered(second), None, "for nobody");
        floor.ended(leg(other, 1), CauseKind::Normal);
        floor.ended(leg(other, 2), CauseKind::Normal);
        assert!(floor.offered(id).is_some(), "there is, {first}");
        assert_eq!(floor.of(id).entry.as_ref().unwrap().key.since, place);
        floor.accept_any(id);
        assert_eq!(made(&floor, id), used + 1);
        floor.crash();
        assert_eq!(made(&floor, id), used + 1, "who may have been called was");
        assert_eq!(floor.count(id, given_up), 0);
    }
}

#[test]
fn room_for_one_call_more_is_room_for_one_promise() {
    let (mut floor, id, second, other) = without_room(Order::CustomerFirst);
    assert_eq!([id, second].map(|id| floor.offered(id)), [None, None]);

    floor.ended(leg(other, 1), CauseKind::Normal);
    floor.ended(leg(other, 2), CauseKind::Normal);

    assert!([id, second].iter().all(|id| floor.offered(*id).is_some()));
    floor.accept_any(id);
    let agent = floor.offered(second).unwrap();
    let refused = floor.ask(Input::Accept {
        agent,
        interaction: second,
        re: RE,
    });
    assert_eq!(refused, Err(Closed::NoRoom.refusal()));
    assert_eq!(floor.offered(second), None);
}

/// Two promises that found no room, and who is in a call by the trunk.
fn without_room(order: Order) -> (Floor, InteractionId, InteractionId, InteractionId) {
    let (mut floor, id, _) = attempt_of(3, order);
    let other = floor.call(7, "+4930107");
    floor.accept_any(other);
    floor.answered(leg(other, 2));
    floor.answered(leg(other, 1));
    let second = floor.promise(900, "+4930109");
    floor.accept_any(second);
    for id in [id, second] {
        no_room_for_customer(&mut floor, id);
    }
    (floor, id, second, other)
}

#[test]
fn a_trunk_that_answers_again_is_room_for_all() {
    let (mut floor, id, second, _) = without_room(Order::CustomerFirst);
    let up = crate::trunk::Up {
        trunk: "carrier".parse().unwrap(),
        place: "198.51.100.7:5060".to_owned(),
        since: floor.now,
    };

    floor.tell(Input::TrunkUp(up));

    for id in [id, second] {
        floor.accept_any(id);
        assert!(floor.of(id).call.is_some());
    }
}

#[test]
fn an_agents_phone_that_nobody_answers_uses_up_no_room() {
    let (mut floor, first, _) = attempt_of(3, Order::AgentFirst);
    floor.answered(leg(first, 2));
    no_room(&mut floor, leg(first, 1));
    assert_eq!(floor.offered(first), None);
    let other = floor.call(7, "+4930107");
    floor.accept_any(other);
    floor.ended(leg(other, 2), CauseKind::Normal);
    floor.ended(leg(other, 1), CauseKind::Normal);
    floor.accept_any(first);
    let call = floor.of(first).call.clone().unwrap();

    floor.ended(call.agent.unwrap(), CauseKind::NoAnswer);

    assert!(floor.offered(first).is_some(), "somebody else is asked");
}

#[test]
fn a_full_trunk_is_never_the_end_of_a_promise() {
    let (mut floor, id, _) = attempt(Order::CustomerFirst);
    for _ in 0..300 {
        no_room_for_customer(&mut floor, id);
        assert_eq!(floor.of(id).callbacks.get(1).unwrap().attempts, 0);
        floor.seconds(60);
        floor.accept_any(id);
    }
    assert!(floor.of(id).has_open_callback());
}

#[test]
fn a_called_customer_who_waits_too_long_leaves_no_message_and_is_called_again() {
    let (mut floor, id, _) = attempt(Order::CustomerFirst);
    let mut setup = floor.hub.setup().clone();
    for queue in setup.queues.values_mut() {
        queue.policy.longest_wait = Some(Duration::from_secs(60));
        let voicemail = vec![Instead::Voicemail];
        queue.policy.instead.insert(Rule::Late, voicemail);
    }
    floor.tell(Input::Configure(Box::new(setup)));
    floor.answered(leg(id, 1));
    floor.ended(leg(id, 2), CauseKind::NoAnswer);
    let other = floor.offered(id).unwrap();
    floor
        .ask(Input::Decline {
            agent: other,
            interaction: id,
            re: RE,
        })
        .unwrap();

    floor.seconds(61);

    let diverted =
        |to: Instead| move |e: &Event| matches!(e, Event::Diverted { to: one, .. } if *one == to);
    assert_eq!(floor.count(id, diverted(Instead::Voicemail)), 0);
    floor.seconds(20);
    floor.ended(leg(id, 1), CauseKind::Normal);
    let promise = floor.of(id).callbacks.get(1).unwrap();
    assert!(promise.is_pending(), "{promise:?}");
}

#[test]
fn an_agents_phone_that_forwards_where_no_rule_allows_is_one_that_is_not_answered() {
    let (mut floor, id, first) = attempt(Order::AgentFirst);

    let told = redirect(&mut floor, leg(id, 2), "+442071");

    assert!(matches!(&told[..], [Command::Release { leg: l, .. }] if *l == leg(id, 2)));
    floor.ended(leg(id, 2), CauseKind::Unreachable);
    let refused = |e: &Event| {
        matches!(
            e,
            Event::ContactRefused {
                way: Way::Redirection,
                ..
            }
        )
    };
    assert_eq!(floor.count(id, refused), 1);
    assert!(misses(&floor, &first));
    assert_eq!(tries(&floor, id), BTreeMap::new());
    assert_ne!(floor.offered(id), Some(first));
    assert!(floor.offered(id).is_some());
}

#[test]
fn an_agents_phone_that_forwards_where_a_rule_allows_is_answered_there() {
    let (mut floor, id, _) = attempt(Order::AgentFirst);

    let told = redirect(&mut floor, leg(id, 2), "+4930800");

    assert!(matches!(&told[..], [Command::Follow { leg: l, .. }] if *l == leg(id, 2)));
    let named = |e: &Event| matches!(e, Event::InCall(InCall::Redirected { leg: l, .. }) if *l == leg(id, 2));
    assert_eq!(floor.count(id, named), 1);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    assert!(reached(&floor, id));
}

#[test]
fn a_customer_who_forwards_is_followed_by_rule_only_and_else_counts_as_not_reached() {
    for (to, follows) in [("+4930800", true), ("+442071", false)] {
        let (mut floor, id, first) = attempt(Order::CustomerFirst);

        let told = redirect(&mut floor, leg(id, 1), to);

        if follows {
            assert!(matches!(&told[..], [Command::Follow { .. }]), "{told:?}");
            floor.answered(leg(id, 1));
            floor.answered(leg(id, 2));
            assert!(reached(&floor, id));
            continue;
        }
        assert!(matches!(&told[..], [Command::Release { .. }]), "{told:?}");
        floor.ended(leg(id, 1), CauseKind::Unreachable);
        assert_eq!(tries(&floor, id), [(CauseKind::Unreachable, 1)].into());
        assert!(!misses(&floor, &first), "it was not the agent's phone");
        let due = floor.of(id).callbacks.get(1).unwrap().due;
        assert_eq!(due, floor.now + Duration::from_secs(60));
    }
}

#[test]
fn a_promise_is_forwarded_to_nobody_who_is_in_a_call_with_the_house() {
    for talks in [false, true] {
        let (mut floor, id, _) = attempt(Order::CustomerFirst);
        if talks {
            floor.call(7, "+4930800");
            floor.told();
        }

        let told = redirect(&mut floor, leg(id, 1), "+4930800");

        let closed = |e: &Event| {
            matches!(
                e,
                Event::ContactRefused {
                    closed: Closed::OnCall,
                    ..
                }
            )
        };
        assert_eq!(floor.count(id, closed), usize::from(talks));
        let follows = matches!(&told[..], [Command::Follow { .. }]);
        assert_eq!(follows, !talks, "{told:?}");
    }
}

#[test]
fn a_customer_whose_phone_rings_is_rung_on_when_the_agents_is_not_answered() {
    let (mut floor, id, first) = attempt(Order::Together);

    floor.ended(leg(id, 2), CauseKind::NoAnswer);

    let released = |c: &Command| matches!(c, Command::Release { leg: l, .. } if *l == leg(id, 1));
    assert!(!floor.told().iter().any(released));
    assert!(misses(&floor, &first));
    assert_eq!(tries(&floor, id), BTreeMap::new());
    floor.answered(leg(id, 1));
    let second = floor.accept_any(id);
    assert_ne!(first, second);
    let phone = floor.of(id).call.as_ref().unwrap().agent.unwrap();
    floor.answered(phone);
    assert!(reached(&floor, id));
    assert_eq!(floor.of(id).callbacks.get(1).unwrap().attempts, 1);
}

#[test]
fn a_customer_who_does_not_answer_after_the_agents_phone_did_not_was_tried_once() {
    let (mut floor, id, _) = attempt(Order::Together);
    floor.ended(leg(id, 2), CauseKind::NoAnswer);

    floor.ended(leg(id, 1), CauseKind::NoAnswer);

    assert_eq!(tries(&floor, id), [(CauseKind::NoAnswer, 1)].into());
    assert!(floor.of(id).call.is_none());
    assert!(floor.of(id).assignment.is_none());
    floor.crash();
}

#[test]
fn an_agent_who_hangs_up_while_the_customers_phone_rings_ends_the_attempt() {
    for order in [Order::Together, Order::AgentFirst] {
        let (mut floor, id, _) = attempt(order);
        floor.answered(leg(id, 2));
        floor.told();

        floor.ended(leg(id, 2), CauseKind::Normal);

        let released =
            |c: &Command| matches!(c, Command::Release { leg: l, .. } if *l == leg(id, 1));
        assert!(floor.told().iter().any(released), "{order:?}");
        assert!(floor.of(id).call.is_none(), "{order:?}");
    }
}
