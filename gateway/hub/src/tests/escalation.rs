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
    assert_eq!(floor.told(), []);
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
fn the_leg_that_is_released_does_not_carry_the_failing_legs_status() {
    let (mut floor, id) = chatting();
    floor.escalate(id, "+4930100").unwrap();
    floor.told();
    let cause = Cause {
        kind: CauseKind::Busy,
        status: Some(486),
        text: "busy".to_owned(),
    };

    floor.tell(Input::LegEnded {
        leg: leg(id, 3),
        cause,
    });

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

    floor
        .ask(Input::End {
            interaction: id,
            by: Actor::Visitor(visitor(1).visitor),
            re: RE,
        })
        .unwrap();

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
