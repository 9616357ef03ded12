use ws::{frame::Code, timeline::CallState};

use super::*;
use crate::command::Target;

fn chatting() -> (Floor, InteractionId) {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.told();
    (floor, id)
}

#[test]
fn pain_18_a_chat_becomes_a_call_with_the_same_agent_and_stays_open() {
    let (mut floor, id) = chatting();
    // Legs 1 and 2 are the chat's.
    let (customer, phone) = (leg(id, 3), leg(id, 4));

    floor.escalate(id, "+4930100").unwrap();
    let dialled: Vec<_> = floor.told();
    assert!(matches!(
        &dialled[..],
        [Command::Dial { leg: a, to: Target::Trunk { number: n, .. }, .. }, Command::Dial { leg: b, to: Target::Phone(_), .. }]
            if *a == customer && *b == phone && *n == number("+4930100")
    ));
    floor.answered(phone);
    let waits = Command::Await {
        leg: phone,
        of: customer,
    };
    assert_eq!(floor.told(), [waits]);
    floor.answered(customer);

    assert_eq!(
        floor.told(),
        [Command::Bridge {
            a: customer,
            b: phone
        }]
    );
    floor.ended(customer, CauseKind::Normal);
    floor.ended(phone, CauseKind::Normal);
    let found = floor.of(id);
    assert!(found.chat && found.is_with(&agent(0)));
    let calls = &floor.hub.state().agents().get(&agent(0)).unwrap().calls;
    assert!(calls.is_empty(), "the voice slot is free for the next call");
}

#[test]
fn a_failure_of_either_side_releases_the_other_and_returns_to_the_chat_with_the_reason() {
    for (failing, kind) in [
        (3, CauseKind::Busy),
        (3, CauseKind::NoAnswer),
        (3, CauseKind::Rejected),
        (4, CauseKind::Unreachable),
    ] {
        let (mut floor, id) = chatting();
        floor.escalate(id, "+4930100").unwrap();
        floor.answered(leg(id, 7 - failing));
        floor.told();

        floor.ended(leg(id, failing), kind);

        let told = floor.told();
        assert!(matches!(&told[..], [Command::Release { leg, .. }] if leg.n == 7 - failing));
        let found = floor.of(id);
        let (_, shown) = found.shown.clone().unwrap();
        assert_eq!(
            shown,
            CallState::Failed {
                reason: format!("{kind:?}")
            }
        );
        assert!(found.chat && found.is_with(&agent(0)));
        assert!(
            floor.escalate(id, "+4930100").is_ok(),
            "it can be tried again"
        );
    }
}

#[test]
fn an_agent_who_answers_first_waits_for_the_customers_answer() {
    let (mut floor, id) = chatting();
    floor.escalate(id, "+4930100").unwrap();
    floor.told();
    let waits = Command::Await {
        leg: leg(id, 4),
        of: leg(id, 3),
    };

    floor.answered(leg(id, 4));
    assert_eq!(floor.told(), [waits]);
    floor.tell(Input::Leg(LegNews::Ringing { leg: leg(id, 3) }));
    assert_eq!(floor.told(), [], "said once");
    floor.answered(leg(id, 3));

    let told = floor.told();
    assert!(matches!(told[..], [Command::Bridge { .. }]), "{told:?}");
}

#[test]
fn the_leg_that_is_released_does_not_carry_the_failing_legs_status() {
    let (mut floor, id) = chatting();
    floor.escalate(id, "+4930100").unwrap();
    floor.told();
    let cause = Cause {
        kind: CauseKind::Busy,
        status: Some(486),
        text: "busy".to_owned(),
    };

    floor.tell(Input::Leg(LegNews::Ended {
        leg: leg(id, 3),
        cause,
    }));

    let told = floor.told();
    assert!(
        matches!(&told[..], [Command::Release { cause, .. }] if cause.status.is_none()),
        "{told:?}"
    );
}

#[test]
fn an_escalation_that_cannot_be_is_refused_and_changes_nothing() {
    let (mut floor, id) = chatting();
    let before = floor.facts.len();

    let suppressed = floor.escalate(id, "+4930666").unwrap_err();
    assert_eq!(suppressed.code, Code::Suppressed);
    // Only that it was refused is noted.
    assert_eq!(floor.facts.len(), before + 1);

    let caller = floor.call(1, "+4930100");
    floor.accept(&agent(0), caller);
    let full = floor.escalate(id, "+4930200").unwrap_err();
    assert_eq!(full.code, Code::Full);
}

#[test]
fn ending_the_contact_releases_the_call_first() {
    let (mut floor, id) = chatting();
    floor.escalate(id, "+4930100").unwrap();
    floor.answered(leg(id, 3));
    floor.answered(leg(id, 4));
    floor.told();

    floor.end(id, Actor::Visitor(visitor(1).visitor));

    assert_eq!(floor.told().len(), 2);
    floor.seconds(300);
    assert!(floor.hub.state().interaction(id).is_none() || !floor.of(id).has_live_leg());
}

#[test]
fn hanging_up_ends_the_call_and_leaves_the_chat_open() {
    let (mut floor, id) = chatting();
    floor.escalate(id, "+4930100").unwrap();
    floor.answered(leg(id, 3));
    floor.answered(leg(id, 4));
    floor.told();

    floor
        .ask(Input::HangUp {
            interaction: id,
            by: Actor::Agent(agent(0)),
            re: RE,
        })
        .unwrap();

    assert_eq!(floor.told().len(), 2);
    assert!(floor.of(id).chat && floor.of(id).call.is_none());
    assert!(floor.of(id).assignment.as_ref().unwrap().wrap_up.is_none());
}

/// A customer who was called first is kept on the line when the phone of their chat's agent fails and the agent is lost;
/// another, who has no slot for the chat, takes the call alone.
fn called_back() -> (Floor, InteractionId, AgentId) {
    let mut floor = Floor::open(house(2, 1));
    let id = floor.chat(1);
    let lost = floor.accept_any(id);
    let other = floor.chat(2);
    floor.accept_any(other);
    floor
        .ask(Input::AskCallback {
            interaction: id,
            queue: None,
            by: Actor::Agent(lost.clone()),
            number: number("+4930100"),
            at: None,
            wish: ws::callback::Wish {
                order: Some(ws::callback::Order::CustomerFirst),
                ..Default::default()
            },
            re: RE,
        })
        .unwrap();
    floor.accept(&lost, id);
    let customer = floor.of(id).call.clone().expect("it is dialled").customer;
    floor.answered(customer);
    let phone = floor.of(id).call.clone().and_then(|call| call.agent);
    floor.ended(phone.expect("their phone"), CauseKind::NoAnswer);
    floor.tell(Input::ConsoleClosed {
        agent: lost.clone(),
        socket: 1,
    });
    floor.seconds(60);
    let taker = floor.accept_any(id);
    assert_ne!(taker, lost);
    let stay = floor.of(id).assignment.clone().expect("the call");
    assert!(stay.voice && !stay.chat && floor.of(id).chat, "{stay:?}");
    (floor, id, taker)
}

// Whoever took the call alone is done with it, and the chat is neither theirs nor forgotten.
fn waits_and_is_served(floor: &mut Floor, id: InteractionId, taker: &AgentId) {
    floor.seconds(120);
    let calls = &floor.hub.state().agents().get(taker).unwrap().calls;
    assert!(calls.is_empty(), "{calls:?}");
    let found = floor.of(id);
    assert!(
        found.chat && found.assignment.is_none() && found.entry.is_some(),
        "it waits: {found:?}"
    );

    let other = floor.chat_of(taker);
    floor.end(other, Actor::Visitor(visitor(2).visitor));
    // The wrap-up ends, and the slot is free.
    for _ in 0..300 {
        floor.seconds(1);
        if floor.offered(id).is_some() {
            break;
        }
    }
    floor.accept_any(id);
    assert!(
        floor
            .of(id)
            .assignment
            .as_ref()
            .is_some_and(|stay| stay.chat)
    );
}

#[test]
fn a_chat_nobody_has_waits_again_when_the_call_somebody_took_in_it_ends() {
    let (mut floor, id, taker) = called_back();
    let call = floor.of(id).call.clone().expect("a call");
    let (customer, phone) = (call.customer, call.agent.expect("their phone"));
    floor.answered(phone);
    assert_eq!(floor.count(id, |e| matches!(e, Event::Bridged { .. })), 1);

    floor.ended(customer, CauseKind::Normal);
    floor.ended(phone, CauseKind::Normal);

    waits_and_is_served(&mut floor, id, &taker);
}

#[test]
fn a_chat_nobody_has_waits_again_when_the_phone_of_who_took_its_call_fails() {
    let (mut floor, id, taker) = called_back();
    let call = floor.of(id).call.clone().expect("a call");
    let phone = call.agent.expect("their phone");

    floor.ended(phone, CauseKind::NoAnswer);
    floor.ended(call.customer, CauseKind::Normal);

    waits_and_is_served(&mut floor, id, &taker);
}
