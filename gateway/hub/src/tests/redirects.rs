use super::*;
use crate::{
    consent::Bar,
    event::{InCall, Lack, Left, Party, PassedOver},
    gate::Closed,
};

/// A customer who is dialled out of a chat; rules let calls go on to Berlin.
fn dialling() -> (Floor, InteractionId, LegId) {
    let mut setup = house(1, 6);
    setup.transfers.numbers = vec!["+4930*".to_owned()];
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.escalate(id, "+4930700").unwrap();
    floor.told();
    (floor, id, leg(id, 3))
}

fn redirect(floor: &mut Floor, leg: LegId, to: &[&str]) -> Vec<Command> {
    redirect_after(floor, leg, to, None)
}

fn redirect_after(
    floor: &mut Floor,
    leg: LegId,
    to: &[&str],
    after: Option<Cause>,
) -> Vec<Command> {
    floor.tell(Input::Leg(LegNews::Redirected {
        leg,
        status: 302,
        to: to.iter().map(|to| (*to).to_owned()).collect(),
        more: false,
        after,
    }));
    floor.told()
}

fn busy() -> Cause {
    Cause {
        kind: CauseKind::Busy,
        status: Some(486),
        text: "is busy".to_owned(),
    }
}

#[test]
fn a_redirection_is_followed_to_the_first_number_that_a_rule_names() {
    let (mut floor, id, leg) = dialling();

    let told = redirect(&mut floor, leg, &["voicemail", "+442071", "+4930800"]);

    assert_eq!(
        told,
        [Command::Follow {
            leg,
            trunk: "carrier".parse().unwrap(),
            number: number("+4930800"),
            caller: Some(number("+4930555")),
            done: 3,
            passed_on: false,
        }]
    );
    let facts = |e: &Event| matches!(e, Event::InCall(InCall::Redirected { status: 302, number, .. }) if number.as_str() == "+4930800");
    assert_eq!(floor.count(id, facts), 1);
    let dialled = &floor.of(id).leg(leg).unwrap().party;
    assert!(
        matches!(dialled, Party::CustomerPhone { number: Some(one), .. } if *one == number("+4930800"))
    );
    floor.answered(leg);
    floor.answered(super::leg(id, 4));
    assert!(matches!(floor.told().last(), Some(Command::Bridge { .. })));
    let found = floor.of(id);
    assert!(found.reached.is_empty(), "it may be anybody who answered");
    let known = floor.hub.state().customers().get(found.customer).unwrap();
    assert_eq!(known.number, None);
}

#[test]
fn the_number_that_is_dialled_is_in_the_call_and_the_one_before_is_not() {
    let (mut floor, _, leg) = dialling();
    let besides = InteractionId::new(9_999).unwrap();
    let busy = |floor: &Floor| {
        ["+4930700", "+4930800"].map(|one| floor.hub.is_on_call(&number(one), besides))
    };
    assert_eq!(busy(&floor), [true, false]);

    redirect(&mut floor, leg, &["+4930800"]);

    assert_eq!(busy(&floor), [false, true]);
    floor.ended(leg, CauseKind::Busy);
    assert_eq!(busy(&floor), [false, false]);
}

#[test]
fn who_does_not_want_calls_is_who_was_dialled_last() {
    let (mut floor, _, leg) = dialling();
    redirect(&mut floor, leg, &["+4930800"]);

    floor.ended(leg, CauseKind::Unwanted);

    let bar = |one: &str| floor.hub.bar_call(&number(one), None, floor.now);
    assert_eq!(bar("+4930800"), Some(Bar::Suppressed));
    assert_eq!(bar("+4930700"), None);
}

#[test]
fn a_redirection_leaves_by_another_trunk_where_its_own_has_done_its_hour() {
    for (spent, by) in [(false, "east"), (true, "west")] {
        let mut setup = with_carrier();
        setup.transfers.numbers = vec!["+4930*".to_owned()];
        if spent {
            setup.tolls.per_trunk = [("east".parse().unwrap(), 1)].into();
        }
        let mut floor = Floor::open(setup);
        let id = floor.chat(1);
        floor.accept(&agent(0), id);
        floor.escalate(id, "+4930700").unwrap();
        floor.told();

        let told = redirect(&mut floor, leg(id, 3), &["+4930800"]);

        assert!(
            matches!(&told[..], [Command::Follow { trunk, .. }] if trunk.as_str() == by),
            "{told:?}"
        );
        let party = &floor.of(id).leg(leg(id, 3)).unwrap().party;
        assert_eq!(party.trunk().unwrap().as_str(), by);
    }
}

#[test]
fn nobody_outside_says_whom_the_house_calls() {
    for (to, text, closed) in [
        ("+442071", "which no rule allows", Some(Closed::NotAllowed)),
        (
            "+4930666",
            "must not be contacted",
            Some(Closed::Suppressed),
        ),
        ("voicemail", "no number", None),
    ] {
        let mut setup = house(1, 6);
        setup.transfers.numbers = vec!["+4930*".to_owned()];
        let (mut floor, id, leg) = dialling();

        let told = redirect(&mut floor, leg, &[to]);

        let [Command::Release { cause, .. }] = &told[..] else {
            panic!("{told:?}");
        };
        assert!(cause.text.contains(text), "{}", cause.text);
        assert_eq!(
            (cause.kind, cause.status),
            (CauseKind::Unreachable, Some(302))
        );
        let refused = |e: &Event| matches!(e, Event::ContactRefused { closed: why, .. } if Some(*why) == closed);
        assert_eq!(floor.count(id, refused), usize::from(closed.is_some()));
    }
}

#[test]
fn a_loop_of_redirections_is_left() {
    let (mut floor, _, leg) = dialling();

    let mut followed = 0;
    for n in 0..7 {
        let told = redirect(&mut floor, leg, &[&format!("+493080{n}")]);
        followed += usize::from(matches!(told[..], [Command::Follow { .. }]));
    }

    assert_eq!(followed, 5);
}

#[test]
fn the_next_who_is_named_is_called_when_the_one_before_is_not_reached() {
    let (mut floor, id, leg) = dialling();
    redirect(&mut floor, leg, &["+4930800", "+442071", "+4930801"]);

    let told = redirect_after(&mut floor, leg, &["+442071", "+4930801"], Some(busy()));

    assert!(
        matches!(&told[..], [Command::Follow { number: to, done: 2, .. }] if *to == number("+4930801")),
        "{told:?}"
    );
    let followed = |e: &Event| matches!(e, Event::InCall(InCall::Redirected { .. }));
    assert_eq!(floor.count(id, followed), 2);
    let refused = |e: &Event| matches!(e, Event::ContactRefused { .. });
    assert_eq!(floor.count(id, refused), 0, "somebody may be called");
}

#[test]
fn where_nobody_else_may_be_called_a_call_ends_as_the_last_one_did() {
    for to in ["+442071", "+4930666", "voicemail", "+4930800", "+4930700"] {
        let (mut floor, _, leg) = dialling();
        redirect(&mut floor, leg, &["+4930800"]);

        let told = redirect_after(&mut floor, leg, &[to], Some(busy()));

        assert_eq!(told, [Command::Release { leg, cause: busy() }], "{to}");
    }
}

#[test]
fn where_none_of_them_may_be_called_another_place_of_the_trunk_has_its_turn() {
    for (to, refused) in [("+442071", 1), ("voicemail", 0), ("+4930700", 0)] {
        let (mut floor, id, leg) = dialling();

        floor.tell(Input::Leg(LegNews::Redirected {
            leg,
            status: 302,
            to: vec![to.to_owned()],
            more: true,
            after: None,
        }));

        assert_eq!(floor.told(), [Command::PassOver { leg }], "{to}");
        let closed = |e: &Event| matches!(e, Event::ContactRefused { .. });
        assert_eq!(floor.count(id, closed), refused);
    }
}

#[test]
fn nobody_is_called_twice_by_redirections() {
    let (mut floor, _, leg) = dialling();

    let told = redirect(&mut floor, leg, &["+4930700"]);

    let [Command::Release { cause, .. }] = &told[..] else {
        panic!("{told:?}");
    };
    assert!(cause.text.contains("asked already"), "{}", cause.text);
}

#[test]
fn a_phone_of_the_house_is_followed_by_the_way_that_calls_leave_by() {
    let (mut floor, id, _) = dialling();
    let phone = leg(id, 4);

    let told = redirect(&mut floor, phone, &["+4930900"]);

    assert!(
        matches!(&told[..], [Command::Follow { leg, trunk, .. }] if *leg == phone && trunk.as_str() == "carrier"),
        "{told:?}"
    );
    floor.ended(phone, CauseKind::Busy);
    floor.told();
    assert_eq!(redirect(&mut floor, phone, &["+4930900"]), [], "it is over");
}

#[test]
fn who_is_named_is_called_by_another_trunk_where_the_hour_of_theirs_is_spent_and_the_record_says_so()
 {
    let mut setup = with_carrier();
    setup.transfers.numbers = vec!["+4930*".to_owned()];
    setup.tolls.per_trunk = [("east".parse().unwrap(), 1)].into();
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.escalate(id, "+4930700").unwrap();
    floor.told();

    let told = redirect(&mut floor, leg(id, 3), &["+4930800"]);

    let west =
        |told: &Command| matches!(told, Command::Follow { trunk, .. } if trunk.as_str() == "west");
    assert!(told.iter().any(west), "{told:?}");
    let spent = PassedOver {
        trunk: "east".parse().unwrap(),
        lack: Lack::PerHourOut,
    };
    let said = |e: &Event| matches!(e, Event::InCall(InCall::Rerouted { trunk, why: Some(Left::Passed), passed_over: Some(over), .. }) if trunk.as_str() == "west" && *over == spent);
    assert_eq!(floor.count(id, said), 1);
}
