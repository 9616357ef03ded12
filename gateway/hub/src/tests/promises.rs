use ws::{
    agent::Disposition,
    callback::{Order, Wish},
    frame::Code,
    id::CallbackId,
    timeline::{Author, CallbackState},
};

use super::*;
use crate::{
    callback::Revision, calling::CallingHours, command::Program, event::CallbackEnd, input::By,
};

const IDA: &str = "+4930100";

fn ask(floor: &mut Floor, n: u128, at: Option<u64>, wish: Wish) -> Result<InteractionId, Refusal> {
    let interaction = InteractionId::new(5_000 + n).unwrap();
    let at = at.map(|seconds| floor.now + Duration::from_secs(seconds));
    floor
        .ask(Input::AskCallback {
            interaction,
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number(IDA),
            at,
            wish,
            re: RE,
        })
        .map(|_| interaction)
}

fn revise(floor: &mut Floor, callback: CallbackId, change: Revision) -> Result<Done, Refusal> {
    floor.ask(Input::ReviseCallback {
        callback,
        by: Actor::TANDEM,
        change,
        re: RE,
    })
}

fn ordered(order: Order) -> Wish {
    Wish {
        order: Some(order),
        ..Wish::default()
    }
}

fn dialled(floor: &mut Floor) -> Vec<LegId> {
    let told = floor.told().into_iter();
    told.filter_map(|command| match command {
        Command::Dial { leg, .. } => Some(leg),
        _ => None,
    })
    .collect()
}

/// Has agent a0 take the call of a promise, and both sides answer and hang up.
fn talk(floor: &mut Floor, id: InteractionId) {
    floor.accept(&agent(0), id);
    for n in [1, 2] {
        floor.answered(leg(id, n));
    }
    for n in [1, 2] {
        floor.ended(leg(id, n), CauseKind::Normal);
    }
}

// The floor opens at a quarter past midnight.
fn by_day(setup: &mut Setup) {
    let day = "00:30-01:00".parse().unwrap();
    setup.callbacks.hours = CallingHours::new(day, [].into(), "UTC").unwrap();
}

#[test]
fn who_moved_a_promise_by_the_api_is_named_and_the_time_they_chose_is_the_one_wanted() {
    let mut floor = Floor::open(house(1, 6));
    let id = ask(&mut floor, 1, Some(3_600), Wish::default()).unwrap();
    let callback = floor.of(id).callback_id(1);
    let at = floor.now + Duration::from_secs(7_200);
    let authors = [By::Program("crm".to_owned()), By::Agent(agent(0))];
    for (by, sooner) in authors.into_iter().zip([60, 0]) {
        let change = Revision {
            at: Some(Timestamp(at.0 - sooner * 1_000)),
            ..Revision::default()
        };
        let by = Actor::House(by);
        floor
            .ask(Input::ReviseCallback {
                callback,
                by,
                change,
                re: RE,
            })
            .unwrap();
    }

    let authors: Vec<_> = floor
        .events(id)
        .into_iter()
        .filter_map(|event| match event {
            Event::CallbackMoved { by, .. } => Some(by.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(
        authors,
        [
            Author::Program {
                name: "crm".to_owned()
            },
            floor.hub.agent_author(&agent(0))
        ]
    );
    assert_eq!(floor.of(id).callbacks.get(1).unwrap().wanted, at);
}

#[test]
fn a_promise_that_is_taken_back_before_it_is_dialled_is_cancelled_and_not_out_of_reach() {
    let outcome = |floor: &Floor, id| {
        let sealed = floor.events(id).into_iter().find_map(|event| match event {
            Event::Sealed { outcome, .. } => Some(outcome.clone()),
            _ => None,
        });
        sealed.expect("it is sealed")
    };
    let mut floor = Floor::open(house(1, 6));
    let take_back = |floor: &mut Floor, callback| {
        let by = Actor::House(By::Program("crm".to_owned()));
        floor
            .ask(Input::CancelCallback {
                callback,
                by,
                re: RE,
            })
            .unwrap();
    };

    let never = ask(&mut floor, 1, Some(3_600), Wish::default()).unwrap();
    let callback = floor.of(never).callback_id(1);
    take_back(&mut floor, callback);
    let tried = ask(&mut floor, 2, None, Wish::default()).unwrap();
    floor.accept(&agent(0), tried);
    floor.ended(leg(tried, 1), CauseKind::NoAnswer);
    floor.ended(leg(tried, 2), CauseKind::Normal);
    let callback = floor.of(tried).callback_id(1);
    take_back(&mut floor, callback);
    floor.seconds(120);

    assert_eq!(outcome(&floor, never), "cancelled");
    assert_eq!(outcome(&floor, tried), "not reached");
    let by = Author::Program {
        name: "crm".to_owned(),
    };
    assert_eq!(floor.callback_ends(never), [CallbackEnd::Cancelled { by }]);
}

#[test]
fn pain_17_customer_first_dials_the_agents_phone_when_the_customer_answered() {
    let mut floor = Floor::open(house(1, 6));
    let id = ask(&mut floor, 1, None, ordered(Order::CustomerFirst)).unwrap();
    floor.accept(&agent(0), id);
    assert_eq!(dialled(&mut floor), [leg(id, 1)]);

    floor.answered(leg(id, 1));

    let told = floor.told();
    let greeting = |c: &Command| {
        matches!(
            c,
            Command::Play {
                program: Program::Greeting { .. },
                ..
            }
        )
    };
    assert!(told.iter().any(greeting), "{told:?}");
    let second =
        |c: &Command| matches!(c, Command::Dial { leg: dialled, .. } if *dialled == leg(id, 2));
    assert!(told.iter().any(second), "{told:?}");
    floor.answered(leg(id, 2));
    assert_eq!(floor.callback_ends(id), [CallbackEnd::Reached]);
}

#[test]
fn a_customer_who_answered_is_kept_on_the_line_when_the_agents_phone_is_not() {
    let mut floor = Floor::open(house(2, 6));
    let id = ask(&mut floor, 1, None, ordered(Order::CustomerFirst)).unwrap();
    let first = floor.accept_any(id);
    floor.answered(leg(id, 1));

    floor.ended(leg(id, 2), CauseKind::NoAnswer);

    let released = |c: &Command| matches!(c, Command::Release { leg: l, .. } if *l == leg(id, 1));
    assert!(!floor.told().iter().any(released));
    let second = floor.accept_any(id);
    assert_ne!(first, second);
    floor.answered(leg(id, 3));
    assert_eq!(floor.callback_ends(id), [CallbackEnd::Reached]);
    assert_eq!(
        floor.of(id).callbacks.get(1).unwrap().attempts,
        1,
        "it is the same attempt"
    );
}

#[test]
fn agent_first_dials_the_customer_when_the_agent_is_on_the_phone() {
    let mut floor = Floor::open(house(1, 6));
    let id = ask(&mut floor, 1, None, ordered(Order::AgentFirst)).unwrap();
    floor.accept(&agent(0), id);
    assert_eq!(dialled(&mut floor), [leg(id, 2)]);

    floor.answered(leg(id, 2));

    assert_eq!(dialled(&mut floor), [leg(id, 1)]);
    floor.answered(leg(id, 1));
    assert_eq!(floor.callback_ends(id), [CallbackEnd::Reached]);
}

#[test]
fn pain_17_a_crash_between_the_two_legs_closes_the_attempt_and_dials_nobody() {
    for order in [Order::AgentFirst, Order::CustomerFirst, Order::Together] {
        let mut floor = Floor::open(house(1, 6));
        let id = ask(&mut floor, 1, None, ordered(order)).unwrap();
        floor.accept(&agent(0), id);
        floor.told();

        floor.crash();

        assert_eq!(dialled(&mut floor), [], "{order:?}");
        let failed = |e: &Event| matches!(e, Event::CallbackAttemptFailed { cause, .. } if cause.kind == CauseKind::Interrupted);
        assert_eq!(floor.count(id, failed), 1, "{order:?}");
    }
}

#[test]
fn an_agents_phone_that_is_not_answered_before_the_customer_was_dialled_is_no_try() {
    let mut floor = Floor::open(house(2, 6));
    let id = ask(&mut floor, 1, None, ordered(Order::AgentFirst)).unwrap();
    let first = floor.accept_any(id);

    floor.ended(leg(id, 2), CauseKind::NoAnswer);

    let second = floor.offered(id).expect("somebody else is asked at once");
    assert_ne!(first, second);
}

#[test]
fn agents_phones_that_are_not_answered_use_up_no_try_of_the_customer() {
    let mut setup = house(3, 6);
    setup.spans.retries = vec![Duration::from_secs(60)];
    let mut floor = Floor::open(setup);
    let id = ask(&mut floor, 1, None, ordered(Order::AgentFirst)).unwrap();
    for _ in 0..2 {
        floor.accept_any(id);
        let phone = floor.of(id).call.as_ref().unwrap().agent.unwrap();
        floor.ended(phone, CauseKind::NoAnswer);
    }

    floor.accept_any(id);
    let call = floor.of(id).call.clone().unwrap();
    floor.answered(call.agent.unwrap());
    floor.ended(call.customer, CauseKind::Busy);

    let over = floor.count(id, |e| matches!(e, Event::CallbackEnded { .. }));
    assert_eq!(over, 0, "the customer was dialled once, and a retry is due");
    let due = floor.events(id).into_iter().rev().find_map(|e| match e {
        Event::CallbackAttemptFailed { due, .. } => Some(*due),
        _ => None,
    });
    assert_eq!(due, Some(Some(floor.now + Duration::from_secs(60))));
}

#[test]
fn an_owned_promise_waits_for_its_owner_and_then_for_anybody() {
    let mut floor = Floor::open(house(2, 6));
    floor
        .ask(Input::SetPresence {
            agent: agent(1),
            presence: Presence::Away {
                reason: "lunch".into(),
            },
            re: RE,
        })
        .unwrap();
    let wish = Wish {
        owner: Some(agent(1)),
        ..Wish::default()
    };
    let id = ask(&mut floor, 1, None, wish).unwrap();

    floor.seconds(899);
    assert_eq!(floor.offered(id), None);
    floor.seconds(1);
    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn an_owner_who_is_there_gets_their_own_promise() {
    let mut floor = Floor::open(house(3, 6));
    let wish = Wish {
        owner: Some(agent(2)),
        ..Wish::default()
    };

    let id = ask(&mut floor, 1, None, wish).unwrap();

    assert_eq!(floor.offered(id), Some(agent(2)));
}

#[test]
fn nobody_is_called_at_night_and_the_promise_waits_for_the_day() {
    let mut setup = house(1, 6);
    by_day(&mut setup);
    let mut floor = Floor::open(setup);

    let id = floor.promise(1, "201");
    assert_eq!(floor.offered(id), None);
    floor.now = Timestamp(0);
    floor.wait(Duration::from_secs(1_800));
    assert_eq!(floor.offered(id), Some(agent(0)));

    floor.seconds(1_800);
    assert_eq!(floor.offered(id), None, "the day is over");
    assert_eq!(floor.callback_ends(id), []);
}

#[test]
fn a_window_without_an_hour_to_call_in_is_refused() {
    let mut setup = house(1, 6);
    by_day(&mut setup);
    let mut floor = Floor::open(setup);
    let night = Wish {
        until: Some(floor.now + Duration::from_secs(300)),
        zone: Some("UTC".into()),
        ..Wish::default()
    };

    let refusal = ask(&mut floor, 1, None, night).unwrap_err();

    assert_eq!(refusal.code, Code::OutOfRange);
}

#[test]
fn a_window_that_passes_without_a_call_ends_the_promise_as_missed() {
    let mut floor = Floor::empty(house(1, 6));
    let wish = Wish {
        until: Some(floor.now + Duration::from_secs(600)),
        ..Wish::default()
    };
    let id = ask(&mut floor, 1, None, wish).unwrap();

    floor.seconds(600);

    assert_eq!(floor.callback_ends(id), [CallbackEnd::Missed]);
}

#[test]
fn each_result_has_retries_of_its_own() {
    let mut setup = house(1, 6);
    let minute = Duration::from_secs(60);
    setup.callbacks.retries = [
        (CauseKind::Busy, vec![minute, minute]),
        (CauseKind::Rejected, vec![]),
    ]
    .into();
    let mut floor = Floor::open(setup);
    let id = ask(&mut floor, 1, None, Wish::default()).unwrap();
    for attempt in [1, 2] {
        floor.accept(&agent(0), id);
        floor.ended(leg(id, attempt * 2 - 1), CauseKind::Busy);
        floor.ended(leg(id, attempt * 2), CauseKind::Normal);
        floor.ready(&agent(0));
        floor.seconds(60);
    }
    floor.accept(&agent(0), id);

    floor.ended(leg(id, 5), CauseKind::Rejected);
    floor.ended(leg(id, 6), CauseKind::Normal);

    assert_eq!(floor.callback_ends(id), [CallbackEnd::GivenUp]);
}

/// What the first agent says of a call that is over.
fn said_of(interaction: InteractionId, disposition: &str) -> Input {
    Input::WrapUp {
        agent: agent(0),
        interaction,
        disposition: Some(disposition.into()),
        note: None,
        solved: None,
        re: RE,
    }
}

#[test]
fn a_disposition_is_one_of_those_configured_and_a_voicemail_is_known_by_its_code() {
    let mut setup = house(1, 6);
    setup.dispositions = vec![Disposition {
        code: "voicemail".into(),
        words: "Anrufbeantworter".into(),
    }];
    let mut floor = Floor::open(setup);
    let id = ask(&mut floor, 1, None, Wish::default()).unwrap();
    talk(&mut floor, id);

    let refused = floor.ask(said_of(id, "Gelöst")).unwrap_err();
    assert_eq!(refused.code, Code::OutOfRange);
    assert!(
        refused.text.contains("Anrufbeantworter"),
        "{}",
        refused.text
    );
    floor.ask(said_of(id, "Anrufbeantworter")).unwrap();

    assert_eq!(
        floor.of(id).disposition.as_deref(),
        Some("Anrufbeantworter")
    );
    assert_eq!(floor.of(id).callbacks.get(2).unwrap().plan.voicemails, 1);
}

#[test]
fn a_voicemail_the_agent_reports_is_called_again_as_often_as_configured() {
    let mut floor = Floor::open(house(1, 6));
    let id = ask(&mut floor, 1, None, Wish::default()).unwrap();
    talk(&mut floor, id);

    floor.ask(said_of(id, "Voicemail")).unwrap();

    let told = [CallbackEnd::Reached, CallbackEnd::Voicemail];
    assert_eq!(floor.callback_ends(id), told);
    let first = floor.of(id).callbacks.get(1).unwrap();
    assert!(!first.is_open() && matches!(first.state, CallbackState::Ended { .. }));
    assert_eq!(floor.of(id).callbacks.get(2).unwrap().plan.voicemails, 1);
    floor.crash();
    floor.arrive(&agent(0));
    floor.seconds(3_599);
    assert_eq!(floor.offered(id), None);
    floor.seconds(1);
    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn nobody_is_reminded_of_a_call_that_is_nearer_than_the_reminder() {
    for (before, again) in [(5_400, None), (1_800, Some(1_800))] {
        let mut floor = Floor::open(house(1, 6));
        let wish = Wish {
            remind: Some(before),
            ..Wish::default()
        };
        let id = ask(&mut floor, 1, Some(7_200), wish).unwrap();
        floor.seconds(7_200);
        talk(&mut floor, id);

        floor.ask(said_of(id, "Voicemail")).unwrap();

        let next = floor.of(id).callbacks.get(2).unwrap();
        assert_eq!(next.plan.remind, again);
        let reminded = |event: &Event| matches!(event, Event::CallbackReminded { .. });
        assert_eq!(floor.count(id, reminded), 1, "of the first call alone");
    }
}

#[test]
fn what_is_called_a_voicemail_in_another_call_promises_none_again() {
    let mut floor = Floor::open(house(1, 6));
    let id = ask(&mut floor, 1, None, Wish::default()).unwrap();
    talk(&mut floor, id);
    floor.ask(said_of(id, "Voicemail")).unwrap();
    assert_eq!(floor.of(id).callbacks.values().count(), 2);

    // The customer calls back first, and the agent says it of that call.
    let number = floor.of(id).callbacks.get(2).unwrap().number.clone();
    floor.tell(Input::CallArrived(arrival(
        9,
        &number.to_string(),
        "support",
    )));
    floor.accept(&agent(0), id);
    for n in [4, 3] {
        floor.answered(leg(id, n));
    }
    for n in [4, 3] {
        floor.ended(leg(id, n), CauseKind::Normal);
    }
    let ended = floor.callback_ends(id);
    let told = [CallbackEnd::Reached, CallbackEnd::Voicemail];
    assert_eq!(ended[..2], told);
    assert_eq!(ended[2..], [CallbackEnd::CalledIn]);
    floor.crash();
    floor.ask(said_of(id, "Voicemail")).unwrap();

    let promised = |e: &Event| matches!(e, Event::CallbackPromised { .. });
    assert_eq!(floor.count(id, promised), 2);
}

#[test]
fn a_full_queue_takes_promises_for_later_and_none_for_now() {
    let mut setup = house(1, 6);
    setup.queues.values_mut().for_each(|queue| queue.limit = 1);
    let mut floor = Floor::empty(setup);
    floor.chat(1);

    let later = ask(&mut floor, 2, Some(86_400), Wish::default());
    let now = ask(&mut floor, 3, None, Wish::default());

    assert!(later.is_ok(), "{later:?}");
    assert_eq!(now.unwrap_err().code, Code::Full);
}

#[test]
fn a_promise_is_moved_and_given_away_and_only_while_it_waits() {
    let mut floor = Floor::open(house(2, 6));
    let id = ask(&mut floor, 1, Some(60), Wish::default()).unwrap();
    let callback = floor.of(id).callback_id(1);
    let revise = |change| Input::ReviseCallback {
        callback,
        by: Actor::TANDEM,
        change,
        re: RE,
    };
    let later = floor.now + Duration::from_secs(300);

    floor
        .ask(revise(Revision {
            at: Some(later),
            owner: Some(Some(agent(1))),
            ..Revision::default()
        }))
        .unwrap();

    floor.seconds(299);
    assert_eq!(floor.offered(id), None);
    floor.seconds(1);
    assert_eq!(floor.offered(id), Some(agent(1)));
    floor
        .ask(revise(Revision {
            owner: Some(Some(agent(0))),
            ..Revision::default()
        }))
        .unwrap();
    assert_eq!(floor.offered(id), Some(agent(0)));
    floor.accept(&agent(0), id);
    let refusal = floor.ask(revise(Revision::default())).unwrap_err();
    assert_eq!(refusal.code, Code::Conflict);
}

#[test]
fn a_promise_whose_time_has_come_keeps_it_and_its_offer_where_nothing_is_changed() {
    let mut floor = Floor::open(house(1, 6));
    let id = ask(&mut floor, 1, None, Wish::default()).unwrap();
    let callback = floor.of(id).callback_id(1);
    let due = floor.of(id).callback(callback).unwrap().due;
    let offered = |e: &Event| matches!(e, Event::Offered { .. } | Event::OfferEnded { .. });
    let moved = |e: &Event| matches!(e, Event::CallbackMoved { .. });
    let before = floor.count(id, offered);
    floor.seconds(5);

    for owner in [None, Some(None)] {
        let change = Revision {
            owner,
            ..Revision::default()
        };
        assert_eq!(revise(&mut floor, callback, change), Ok(Done::Ok));
    }

    assert_eq!(floor.of(id).callback(callback).unwrap().due, due);
    assert_eq!(floor.count(id, moved), 0);
    assert_eq!(floor.count(id, offered), before);
    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_promise_that_is_given_to_somebody_keeps_its_place() {
    let mut floor = Floor::empty(house(1, 6));
    let [first, second] = [1, 2].map(|n| {
        let id = floor.promise_in_utc(n, None, Wish::default());
        floor.seconds(60);
        id
    });
    let callback = floor.of(first).callback_id(1);
    let due = floor.of(first).callback(callback).unwrap().due;
    assert!(due < floor.now);

    let change = Revision {
        owner: Some(Some(agent(0))),
        ..Revision::default()
    };
    revise(&mut floor, callback, change).unwrap();
    floor.arrive(&agent(0));

    assert_eq!(floor.of(first).callback(callback).unwrap().due, due);
    assert_eq!(floor.offered(first), Some(agent(0)));
    assert_eq!(floor.offered(second), None);
}

#[test]
fn a_move_to_the_time_a_promise_has_is_none() {
    let mut floor = Floor::empty(house(1, 6));
    let id = ask(&mut floor, 1, Some(600), Wish::default()).unwrap();
    let callback = floor.of(id).callback_id(1);
    let due = floor.of(id).callback(callback).unwrap().due;
    let change = Revision {
        at: Some(due),
        ..Revision::default()
    };

    revise(&mut floor, callback, change).unwrap();

    let moved = |e: &Event| matches!(e, Event::CallbackMoved { .. });
    assert_eq!(floor.count(id, moved), 0);
}

#[test]
fn who_takes_a_promise_that_another_took_meanwhile_is_told_so_and_may_ask_again() {
    let mut floor = Floor::open(house(2, 6));
    let id = ask(&mut floor, 1, Some(60), Wish::default()).unwrap();
    let callback = floor.of(id).callback_id(1);
    let take = |n, was: Option<AgentId>| Input::ReviseCallback {
        callback,
        by: Actor::TANDEM,
        change: Revision {
            owner: Some(Some(agent(n))),
            owner_was: Some(was),
            ..Revision::default()
        },
        re: RE,
    };
    let owner = |floor: &Floor| {
        let promise = floor.of(id).callback(callback).unwrap();
        promise.plan.owner.clone()
    };
    floor.ask(take(0, None)).unwrap();

    let refusal = floor.ask(take(1, None)).unwrap_err();

    let name = floor.hub.agent_name(&agent(0));
    assert_eq!(refusal.code, Code::Conflict);
    assert!(refusal.text.starts_with(&name), "{}", refusal.text);
    assert_eq!(owner(&floor), Some(agent(0)));
    floor.ask(take(1, Some(agent(0)))).unwrap();
    assert_eq!(owner(&floor), Some(agent(1)));
}

#[test]
fn who_promises_a_call_without_a_reminder_has_none_where_the_house_reminds_of_all() {
    let mut setup = house(1, 6);
    setup.callbacks.remind = Some(Duration::from_secs(600));
    let mut floor = Floor::open(setup);
    let without = |remind| Wish {
        remind,
        ..Wish::default()
    };
    let [usual, none] = [(1, None), (2, Some(0))].map(|(n, remind)| {
        let at = floor.now + Duration::from_secs(3_600);
        floor.promise_as(n, &format!("+493010{n}"), Some(at), without(remind))
    });
    let callback = floor.of(none).callback_id(1);
    let change = Revision {
        at: Some(floor.now + Duration::from_secs(7_200)),
        ..Revision::default()
    };
    floor
        .ask(Input::ReviseCallback {
            callback,
            by: Actor::TANDEM,
            change,
            re: RE,
        })
        .unwrap();

    floor.crash();
    floor.seconds(7_200);

    let reminded = |e: &Event| matches!(e, Event::CallbackReminded { .. });
    let told = [usual, none].map(|id| floor.count(id, reminded));
    assert_eq!(told, [1, 0]);
    let plan = &floor.of(none).callbacks.get(1).unwrap().plan;
    assert_eq!(plan.remind, None);
}

#[test]
fn a_reminder_falls_due_once_before_the_call() {
    let mut floor = Floor::empty(house(1, 6));
    let wish = Wish {
        remind: Some(600),
        ..Wish::default()
    };
    let id = ask(&mut floor, 1, Some(3_600), wish).unwrap();
    let reminded = |e: &Event| matches!(e, Event::CallbackReminded { .. });

    floor.seconds(2_999);
    assert_eq!(floor.count(id, reminded), 0);
    floor.seconds(1);
    floor.crash();
    floor.seconds(300);

    assert_eq!(floor.count(id, reminded), 1);
}

#[test]
fn a_waiting_caller_who_presses_one_is_called_back_in_the_place_they_had() {
    let mut setup = house(1, 6);
    setup.callbacks.keep_place = true;
    let mut floor = Floor::open(setup);
    let busy = floor.call(1, "+4930200");
    floor.accept_any(busy);
    let early = floor.call(2, IDA);
    floor.seconds(5);
    let late = floor.call(3, "+4930300");
    floor.answered(leg(early, 1));
    let since = floor.of(early).entry.as_ref().unwrap().key.since;
    floor.told();

    floor.tell(Input::Leg(LegNews::Digit {
        leg: leg(early, 1),
        digit: '1',
    }));
    floor.tell(Input::Leg(LegNews::Digit {
        leg: leg(early, 1),
        digit: '1',
    }));

    let dismissed = |c: &&Command| matches!(c, Command::Dismiss { .. });
    assert_eq!(floor.told().iter().filter(dismissed).count(), 1);
    assert_eq!(floor.of(early).entry, None, "not while the phone is busy");
    floor.ended(leg(early, 1), CauseKind::Normal);
    let entry = floor.of(early).entry.as_ref().unwrap();
    assert_eq!(entry.key.since, since);
    assert_eq!(floor.hub.state().position(early), Some(1));
    assert_eq!(floor.hub.state().position(late), Some(2));
}

#[test]
fn a_waiting_chat_that_wants_to_be_called_keeps_its_place() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.chat(1);
    let since = floor.of(id).entry.as_ref().unwrap().key.since;
    floor.seconds(30);

    floor
        .ask(Input::AskCallback {
            interaction: id,
            queue: None,
            by: Actor::Visitor(visitor(1).visitor),
            number: number(IDA),
            at: None,
            wish: Wish {
                keep_place: true,
                ..Wish::default()
            },
            re: RE,
        })
        .unwrap();

    assert!(!floor.of(id).chat);
    let entry = floor.of(id).entry.as_ref().unwrap();
    assert_eq!((entry.key.since, entry.callback.is_some()), (since, true));
}

#[test]
fn a_called_customer_who_presses_nine_is_called_no_more() {
    let mut setup = house(1, 6);
    setup.callbacks.stop_key = true;
    let mut floor = Floor::open(setup);
    let id = ask(&mut floor, 1, None, ordered(Order::CustomerFirst)).unwrap();
    floor.accept(&agent(0), id);
    floor.answered(leg(id, 1));
    floor.told();

    floor.tell(Input::Leg(LegNews::Digit {
        leg: leg(id, 1),
        digit: '9',
    }));

    assert_eq!(floor.callback_ends(id), [CallbackEnd::Suppressed]);
    let told = floor.told();
    let last = |c: &Command| {
        matches!(
            c,
            Command::Dismiss {
                program: Program::Stopped,
                ..
            }
        )
    };
    assert!(told.iter().any(last), "{told:?}");
    let again = ask(&mut floor, 2, None, Wish::default()).unwrap_err();
    assert_eq!(again.code, Code::Suppressed);
}

#[test]
fn who_was_promised_a_call_and_keeps_the_place_instead_keeps_what_was_wished_of_it() {
    let mut setup = house(1, 6);
    setup.callbacks.keep_place = true;
    let mut floor = Floor::empty(setup);
    let wish = Wish {
        until: Some(floor.now + Duration::from_secs(7_200)),
        owner: Some(agent(0)),
        order: Some(Order::AgentFirst),
        zone: Some("Europe/Berlin".to_owned()),
        ..Wish::default()
    };
    let promised = ask(&mut floor, 1, Some(3_600), wish).unwrap();
    let id = floor.call(2, IDA);
    assert_eq!(id, promised, "the caller has the promise");
    floor.seconds(3);
    let customer = floor.of(id).call.as_ref().unwrap().customer;
    floor.answered(customer);
    let since = floor.of(id).entry.as_ref().unwrap().key.since;

    floor.tell(Input::Leg(LegNews::Digit {
        leg: customer,
        digit: '1',
    }));

    let pending = |c: &&crate::interaction::Callback| c.is_pending();
    let plan = &floor.of(id).callbacks.values().find(pending).unwrap().plan;
    assert_eq!((plan.place, plan.timed), (Some(since), false));
    assert_eq!(plan.owner, Some(agent(0)));
    assert_eq!(plan.order, Some(Order::AgentFirst));
    assert_eq!(plan.zone.as_deref(), Some("Europe/Berlin"));
    assert!(plan.until.is_some());
}

#[test]
fn a_called_customer_who_was_given_to_a_queue_still_ends_such_calls_by_nine() {
    let mut setup = house(2, 6);
    setup.callbacks.stop_key = true;
    let mut floor = Floor::open(setup);
    let id = ask(&mut floor, 1, None, ordered(Order::CustomerFirst)).unwrap();
    floor.accept_any(id);
    let first = floor.of(id).assignment.as_ref().unwrap().agent.clone();
    floor.answered(leg(id, 1));
    let phone = floor.of(id).call.as_ref().unwrap().agent.unwrap();
    floor.answered(phone);
    floor
        .ask(Input::InCall {
            by: Actor::Agent(first),
            interaction: id,
            wish: crate::talk::Wish::Transfer {
                to: ws::transfer::TransferTo::Queue("support".parse().unwrap()),
                note: None,
            },
            re: RE,
        })
        .unwrap();

    floor.tell(Input::Leg(LegNews::Digit {
        leg: leg(id, 1),
        digit: '9',
    }));

    let again = ask(&mut floor, 2, None, Wish::default()).unwrap_err();
    assert_eq!(again.code, Code::Suppressed);
}

fn owned(by: usize) -> Wish {
    Wish {
        owner: Some(agent(by)),
        ..Wish::default()
    }
}

#[test]
fn a_promise_is_owned_by_who_can_take_its_call_at_some_time() {
    let skill = |level| [("german".parse().unwrap(), level)].into();
    let mut setup = house(3, 6);
    setup.agents.get_mut(&agent(0)).unwrap().queues = Vec::new();
    setup.agents.get_mut(&agent(2)).unwrap().skills = skill(2);
    let queue = setup.queues.values_mut().next().unwrap();
    queue.skills = skill(5);
    queue.relax = vec![crate::setup::Relax {
        after: Duration::from_secs(30),
        skill: "german".parse().unwrap(),
        level: 2,
    }];
    let mut floor = Floor::empty(setup);

    let nobody = ask(&mut floor, 1, None, owned(9)).unwrap_err();
    assert_eq!(nobody.code, Code::NotFound);
    for other in [0, 1] {
        let refused = ask(&mut floor, 1, None, owned(other)).unwrap_err();
        assert_eq!(refused.code, Code::Conflict);
        assert!(
            refused.text.starts_with(agent(other).as_str()),
            "{refused:?}"
        );
    }
    let id = ask(&mut floor, 1, Some(60), owned(2)).unwrap();

    let change = |owner| Input::ReviseCallback {
        callback: ws::id::CallbackId {
            interaction: id,
            n: 1,
        },
        by: Actor::TANDEM,
        change: Revision {
            owner: Some(Some(agent(owner))),
            ..Revision::default()
        },
        re: RE,
    };
    assert_eq!(floor.ask(change(0)).unwrap_err().code, Code::Conflict);
    floor.ask(change(2)).unwrap();
}

#[test]
fn a_promise_of_an_agent_who_left_is_moved_and_goes_to_anybody() {
    let mut floor = Floor::empty(house(2, 6));
    let id = ask(&mut floor, 1, Some(60), owned(0)).unwrap();
    let mut setup = floor.hub.setup().clone();
    setup.agents.remove(&agent(0));
    floor.tell(Input::Configure(Box::new(setup)));
    let at = Some(floor.now + Duration::from_secs(120));
    let callback = floor.of(id).callback_id(1);

    floor
        .ask(Input::ReviseCallback {
            callback,
            by: Actor::TANDEM,
            change: Revision {
                at,
                ..Revision::default()
            },
            re: RE,
        })
        .unwrap();
    floor.arrive(&agent(1));
    floor.seconds(121);

    assert_eq!(floor.offered(id), Some(agent(1)));
}
