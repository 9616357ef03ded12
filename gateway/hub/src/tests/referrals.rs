use super::*;
use crate::{
    input::{Referral, Replaced},
    setup::TransferSetup,
};

fn house_of(agents: usize) -> Setup {
    let transfers = TransferSetup {
        numbers: vec!["201".to_owned()],
        ..TransferSetup::default()
    };
    Setup {
        transfers,
        ..house(agents, 6)
    }
}

/// The phone of a call gives it to `to`, and is hung up. Returns whether it was said that it is done, before which nothing is.
fn gives(floor: &mut Floor, id: InteractionId, to: &str) -> bool {
    let phone = leg(id, 2);
    floor.tell(Input::Leg(LegNews::Referred {
        leg: phone,
        referral: Referral {
            user: to.to_owned(),
            here: true,
            trusted: true,
            replaces: None,
            by: None,
        },
    }));
    let told = floor.told();
    let taken = told.iter().find_map(|command| match command {
        Command::TakeReferral { leg, done } if *leg == phone => Some(*done),
        _ => None,
    });
    assert!(
        told.iter()
            .any(|command| matches!(command, Command::Release { leg, .. } if *leg == phone))
    );
    floor.ended(phone, CauseKind::Normal);
    assert_eq!(reported(&told, id), None);
    taken.unwrap()
}

fn reported(told: &[Command], id: InteractionId) -> Option<u16> {
    let mut all = told.iter().filter_map(|command| match command {
        Command::ReportReferral { leg: of, status } if *of == leg(id, 2) => Some(*status),
        _ => None,
    });
    let first = all.next();
    assert_eq!(all.next(), None, "once");
    first
}

/// What the phone is told now.
fn says(floor: &mut Floor, id: InteractionId) -> Option<u16> {
    reported(&floor.told(), id)
}

fn ends_with(floor: &mut Floor, leg: LegId, kind: CauseKind, status: Option<u16>) {
    let cause = Cause {
        kind,
        status,
        text: format!("{kind:?}"),
    };
    floor.tell(Input::Leg(LegNews::Ended { leg, cause }));
}

#[test]
fn a_phone_is_told_what_the_number_answered_that_it_gave_its_call_to() {
    let busy = (CauseKind::Busy, Some(486));
    let declined = (CauseKind::Rejected, Some(603));
    let unknown = (CauseKind::Unreachable, Some(404));
    let silent = (CauseKind::NoAnswer, None);
    for (end, told) in [
        (None, 200),
        (Some(busy), 486),
        (Some(declined), 603),
        (Some(unknown), 404),
        (Some(silent), 480),
    ] {
        let mut floor = Floor::open(house_of(1));
        let (id, _) = talking(&mut floor);
        assert!(!gives(&mut floor, id, "201"));
        let target = leg(id, 3);
        floor.tell(Input::Leg(LegNews::Ringing { leg: target }));
        assert_eq!(says(&mut floor, id), None, "it rings");

        match end {
            None => floor.answered(target),
            Some((kind, status)) => ends_with(&mut floor, target, kind, status),
        }

        assert_eq!(says(&mut floor, id), Some(told));
        floor.ended(leg(id, 1), CauseKind::Normal);
        assert_eq!(says(&mut floor, id), None);
        floor.crash();
    }
}

#[test]
fn a_phone_is_told_that_the_customer_left_before_anybody_answered() {
    for to in ["201", "a1"] {
        let mut floor = Floor::open(house_of(2));
        let (id, first) = talking(&mut floor);
        let to = match to {
            "a1" => agent(usize::from(first == agent(0))).to_string(),
            number => number.to_owned(),
        };
        assert!(!gives(&mut floor, id, &to));
        assert_eq!(says(&mut floor, id), None);

        floor.ended(leg(id, 1), CauseKind::Normal);

        assert_eq!(says(&mut floor, id), Some(487));
    }
}

#[test]
fn a_phone_is_told_what_the_agent_did_whom_it_gave_its_call_to() {
    for (act, told) in [
        ("answers", 200),
        ("declines", 603),
        ("is silent", 480),
        ("has a busy phone", 486),
    ] {
        let mut floor = Floor::open(house_of(2));
        let (id, first) = talking(&mut floor);
        let second = agent(usize::from(first == agent(0)));
        assert!(!gives(&mut floor, id, second.as_str()));
        assert_eq!(floor.offered(id).as_ref(), Some(&second));
        assert_eq!(says(&mut floor, id), None);

        match act {
            "declines" => {
                floor
                    .ask(Input::Decline {
                        agent: second,
                        interaction: id,
                        re: RE,
                    })
                    .unwrap();
            }
            "is silent" => floor.seconds(120),
            _ => {
                floor.accept(&second, id);
                assert_eq!(says(&mut floor, id), None, "the phone rings");
                match act {
                    "answers" => floor.answered(leg(id, 3)),
                    _ => ends_with(&mut floor, leg(id, 3), CauseKind::Busy, Some(486)),
                }
            }
        }

        assert_eq!(says(&mut floor, id), Some(told), "{act}");
    }
}

#[test]
fn a_phone_is_told_that_the_agent_is_busy_once_the_customer_waits_for_anybody() {
    let mut floor = Floor::open(house_of(2));
    let other = floor.call(2, "+4930200");
    let second = floor.accept_any(other);
    floor.answered(leg(other, 2));
    floor.answered(leg(other, 1));
    let (id, _) = talking(&mut floor);

    assert!(!gives(&mut floor, id, second.as_str()));
    assert_eq!(says(&mut floor, id), None, "it is kept for them");
    floor.seconds(300);

    assert_eq!(says(&mut floor, id), Some(486));
    assert!(floor.of(id).call.is_some(), "the customer waits");
}

#[test]
fn a_queue_has_the_call_as_soon_as_it_is_given() {
    let mut floor = Floor::open(house_of(1));
    let (id, _) = talking(&mut floor);

    assert!(gives(&mut floor, id, "support"));

    assert_eq!(says(&mut floor, id), None, "that it is done says it");
}

#[test]
fn a_phone_is_told_what_the_trunk_said_that_was_asked_to_call() {
    for (handed, answer, told) in [
        (200, None, 200),
        (603, Some(true), 200),
        (603, Some(false), 486),
    ] {
        let mut setup = house_of(1);
        setup.transfers.handed = ["carrier".parse().unwrap()].into();
        let mut floor = Floor::open(setup);
        let (id, _) = talking(&mut floor);
        assert!(!gives(&mut floor, id, "201"));
        assert_eq!(says(&mut floor, id), None);

        floor.tell(Input::Leg(LegNews::HandedOut {
            leg: leg(id, 1),
            status: handed,
        }));
        if let Some(answers) = answer {
            assert_eq!(says(&mut floor, id), None, "it is dialled from here");
            match answers {
                true => floor.answered(leg(id, 3)),
                false => ends_with(&mut floor, leg(id, 3), CauseKind::Busy, Some(486)),
            }
        }

        assert_eq!(says(&mut floor, id), Some(told));
    }
}

#[test]
fn a_trunk_whose_customer_was_to_be_moved_is_told_when_the_agent_hangs_up_and_keeps_its_other_call()
{
    let theirs = || Replaced::Theirs("held@pbx.example;to-tag=theirs;from-tag=ours".to_owned());
    for (replaces, rated, by_phone) in [
        (None, false, false),
        (Some(theirs()), false, false),
        (Some(theirs()), false, true),
        (Some(theirs()), true, false),
        (Some(theirs()), true, true),
    ] {
        let mut setup = house_of(1);
        for queue in setup.queues.values_mut() {
            queue.ratings.call = rated;
        }
        let mut floor = Floor::open(setup);
        let (id, first) = talking(&mut floor);
        floor.tell(Input::Leg(LegNews::Referred {
            leg: leg(id, 1),
            referral: Referral {
                user: "5577".to_owned(),
                here: true,
                trusted: true,
                replaces,
                by: None,
            },
        }));
        let taken = Command::TakeReferral {
            leg: leg(id, 1),
            done: false,
        };
        assert!(floor.told().contains(&taken));

        if by_phone {
            floor.ended(leg(id, 2), CauseKind::Normal);
        } else {
            let by = Actor::Agent(first);
            floor
                .ask(Input::HangUp {
                    interaction: id,
                    by,
                    re: RE,
                })
                .unwrap();
        }

        let told = floor.told();
        let gone = Command::ReportReferral {
            leg: leg(id, 1),
            status: 487,
        };
        assert!(told.contains(&gone), "{told:?}");
        // Whose place it was to take is left as they are.
        for of in [1, 3] {
            assert!(releases(&told, leg(id, of)), "{of} {told:?}");
        }
        assert!(floor.of(id).call.is_none());
        let asked = |e: &Event| matches!(e, Event::RatingAsked { .. });
        assert_eq!(floor.count(id, asked), 0);
    }
}

fn releases(told: &[Command], leg: LegId) -> bool {
    let of =
        |command: &Command| matches!(command, Command::Release { leg: gone, .. } if *gone == leg);
    told.iter().any(of)
}
