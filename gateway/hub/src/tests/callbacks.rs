use ws::{id::CustomerId, timeline::CallbackState};

use super::*;
use crate::{event::CallbackEnd, input::Caller};

fn dials(commands: &[Command]) -> usize {
    let dial = |c: &&Command| matches!(c, Command::Dial { .. });
    commands.iter().filter(dial).count()
}

#[test]
fn a_due_callback_is_offered_dialled_and_ends_as_reached() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");
    assert_eq!(
        floor.of(id).entry.as_ref().unwrap().priority.lead_ms,
        720_000
    );

    floor.accept(&agent(0), id);
    assert_eq!(dials(&floor.told()), 2);
    floor.answered(leg(id, 1));
    floor.answered(leg(id, 2));

    assert_eq!(floor.callback_ends(id), [CallbackEnd::Reached]);
    let known = floor.hub.state().customers().by_number(&number("+4930100"));
    assert_eq!(known, Some(floor.of(id).customer));
    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor.seconds(120);
    assert!(floor.hub.state().interaction(id).is_none());
}

#[test]
fn pain_17_a_callback_is_dialled_once_an_attempt_and_given_up_after_the_last() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");
    let mut dialled = 0;

    for (attempt, pause) in [(1, 300), (2, 1_800), (3, 0)] {
        assert_eq!(floor.offered(id), Some(agent(0)), "attempt {attempt}");
        floor.accept(&agent(0), id);
        dialled += dials(&floor.told());
        let (customer, phone) = (leg(id, attempt * 2 - 1), leg(id, attempt * 2));
        floor.ended(customer, CauseKind::Busy);
        floor.ended(customer, CauseKind::Busy);
        floor.ended(phone, CauseKind::Normal);
        floor.ready(&agent(0));
        floor.seconds(pause);
    }

    assert_eq!(dialled, 6);
    assert_eq!(floor.callback_ends(id), [CallbackEnd::GivenUp]);
    assert!(floor.hub.state().interaction(id).is_none());
}

#[test]
fn pain_17_an_attempt_cut_by_a_crash_is_closed_and_only_a_later_one_dials_again() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.told();

    floor.crash();

    assert_eq!(dials(&floor.told()), 0);
    let promise = &floor.of(id).callbacks.get(1).unwrap();
    assert!(matches!(promise.state, CallbackState::Retrying { .. }));
    floor.tell(Input::ConsoleOpened {
        agent: agent(0),
        socket: 2,
    });
    floor.seconds(299);
    assert_eq!(floor.offered(id), None);
    floor.seconds(1);
    floor.accept(&agent(0), id);
    assert_eq!(dials(&floor.told()), 2);
    assert_eq!(floor.of(id).callbacks.get(1).unwrap().attempts, 2);
}

#[test]
fn a_customer_who_calls_first_joins_the_interaction_of_the_callback() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.promise(1, "+4930100");

    let joined = floor.call(1, "+4930100");

    assert_eq!(joined, id);
    assert_eq!(floor.callback_ends(id), [], "nobody spoke with them yet");
    assert_eq!(floor.hub.state().position(id), Some(1));
    floor.arrive(&agent(0));
    floor.accept(&agent(0), id);
    assert_eq!(dials(&floor.told()), 1, "only the agent's phone");
    floor.answered(leg(id, 1));
    floor.answered(leg(id, 2));
    assert_eq!(floor.callback_ends(id), [CallbackEnd::CalledIn]);
}

#[test]
fn a_promise_outlives_a_call_that_nobody_took() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.promise(1, "+4930100");
    let since = floor.now;
    floor.seconds(60);

    let joined = floor.call(1, "+4930100");
    assert_eq!(floor.of(id).entry.as_ref().unwrap().key.since, since);
    floor.ended(leg(joined, 1), CauseKind::Cancelled);

    let entry = floor
        .of(id)
        .entry
        .as_ref()
        .expect("the promise waits again");
    assert!(entry.callback.is_some());
    floor.arrive(&agent(0));
    floor.accept(&agent(0), id);
    assert_eq!(dials(&floor.told()), 2);
}

#[test]
fn a_window_that_closes_while_the_customer_is_on_the_line_is_looked_at_after_the_call() {
    for served in [true, false] {
        let mut floor = Floor::empty(house(1, 6));
        let id = InteractionId::new(5_001).unwrap();
        let wish = ws::callback::Wish {
            until: Some(floor.now + Duration::from_secs(30)),
            ..Default::default()
        };
        let promised = Input::AskCallback {
            interaction: id,
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number("+4930100"),
            at: None,
            wish,
            re: RE,
        };
        floor.ask(promised).unwrap();
        floor.call(1, "+4930100");

        floor.seconds(60);

        assert_eq!(floor.callback_ends(id), []);
        let end = if served {
            floor.arrive(&agent(0));
            floor.accept(&agent(0), id);
            floor.answered(leg(id, 1));
            floor.answered(leg(id, 2));
            CallbackEnd::CalledIn
        } else {
            floor.ended(leg(id, 1), CauseKind::Cancelled);
            CallbackEnd::Missed
        };
        assert_eq!(floor.callback_ends(id), [end]);
    }
}

#[test]
fn an_attempt_that_gave_way_to_a_call_nobody_took_is_made_again() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.call(1, "+4930100");
    for n in [1, 2] {
        floor.ended(leg(id, n), CauseKind::Cancelled);
    }
    floor.ended(leg(id, 3), CauseKind::Cancelled);
    floor.told();

    assert_eq!(floor.callback_ends(id), []);
    floor.accept_any(id);
    assert_eq!(dials(&floor.told()), 2);
}

#[test]
fn pain_17_an_attempt_that_the_agent_breaks_off_rang_the_customer_and_counts() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");

    for (attempt, pause) in [(1, 300), (2, 1_800), (3, 0)] {
        floor.accept(&agent(0), id);
        floor.tell(Input::End {
            interaction: id,
            by: Actor::Agent(agent(0)),
            re: RE,
        });
        for n in [attempt * 2 - 1, attempt * 2] {
            floor.ended(leg(id, n), CauseKind::Normal);
        }
        floor.ready(&agent(0));
        floor.seconds(pause);
    }

    assert_eq!(floor.callback_ends(id), [CallbackEnd::GivenUp]);
}

#[test]
fn attempts_that_do_not_count_end_when_their_numbers_do() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");

    for attempt in 0..u16::from(u8::MAX) {
        assert_eq!(floor.callback_ends(id), [], "after {attempt} attempts");
        floor.accept_any(id);
        let caller = floor.call(u128::from(attempt) + 1, "+4930100");
        assert_eq!(caller, id);
        let first = attempt * 3 + 1;
        for n in first..first + 3 {
            floor.ended(leg(id, n), CauseKind::Cancelled);
        }
    }

    assert_eq!(floor.callback_ends(id), [CallbackEnd::GivenUp]);
}

#[test]
fn a_customer_who_calls_during_the_attempt_is_not_rung_at_the_same_time() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.told();

    let joined = floor.call(1, "+4930100");

    assert_eq!(joined, id);
    let released = |c: &&Command| matches!(c, Command::Release { .. });
    assert_eq!(floor.told().iter().filter(released).count(), 2);
    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_number_suppressed_after_the_promise_is_never_dialled() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.promise(1, "+4930100");
    let mut setup = floor.hub.setup().clone();
    setup.suppressed.push(number("+4930100"));

    floor.tell(Input::Configure(Box::new(setup)));

    assert_eq!(floor.callback_ends(id), [CallbackEnd::Suppressed]);
    assert!(floor.hub.state().interaction(id).is_none());
    assert_eq!(dials(&floor.told()), 0);
}

#[test]
fn pain_22_a_drain_dials_nobody_and_offers_no_callback() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");

    floor.tell(Input::Drain);

    assert_eq!(floor.offered(id), None);
    let late = floor.ask(Input::Accept {
        agent: agent(0),
        interaction: id,
        re: RE,
    });
    assert!(late.is_err());
    assert_eq!(dials(&floor.told()), 0);
}

#[test]
fn a_callback_promised_in_a_chat_is_offered_to_the_agent_who_has_the_chat() {
    let mut floor = Floor::open(house(2, 6));
    let id = floor.chat(1);
    let holder = floor.accept_any(id);
    floor.told();

    floor
        .ask(Input::AskCallback {
            interaction: id,
            queue: None,
            by: Actor::Visitor(visitor(1).visitor),
            number: number("+4930100"),
            at: Some(floor.now + Duration::from_secs(60)),
            wish: Default::default(),
            re: RE,
        })
        .unwrap();
    floor.seconds(60);

    assert_eq!(floor.offered(id), Some(holder.clone()));
    floor.accept(&holder, id);
    assert_eq!(dials(&floor.told()), 2);
    assert!(floor.of(id).chat, "the chat goes on");
    assert_eq!(floor.of(id).assignments, 1, "it is the same stay");
}

#[test]
fn who_asked_not_to_be_called_is_not_tried_again() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");
    floor.accept(&agent(0), id);

    floor.ended(leg(id, 1), CauseKind::Unwanted);
    floor.ended(leg(id, 2), CauseKind::Normal);

    assert_eq!(floor.callback_ends(id), [CallbackEnd::Suppressed]);
}

#[test]
fn a_promise_asked_for_again_by_the_same_id_is_the_same_promise() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+4930100");

    let again = floor.promise(1, "+4930100");

    assert_eq!(again, id);
    assert_eq!(floor.of(id).callbacks.len(), 1);
}

#[test]
fn a_number_that_the_house_names_is_known_and_found_the_next_time() {
    let mut floor = Floor::empty(house(1, 6));

    let first = floor.promise(1, "+4930100");
    let known = floor.of(first).customer;
    let second = floor.promise(2, "+4930100");

    let customers = floor.hub.state().customers();
    let customer = customers
        .by_number(&number("+4930100"))
        .expect("it is known");
    assert_eq!(
        customers.get(customer).unwrap().number,
        Some(number("+4930100"))
    );
    assert_eq!([known, floor.of(second).customer], [customer; 2]);
}

/// What a visitor types in their own chat: that they are to be called at a number, now or later.
fn typed(floor: &mut Floor, n: u128, to: &str, later: u64) -> InteractionId {
    let interaction = floor.chat(n);
    let at = (later > 0).then(|| floor.now + Duration::from_secs(later));
    floor
        .ask(Input::AskCallback {
            interaction,
            queue: None,
            by: Actor::Visitor(visitor(n).visitor),
            number: number(to),
            at,
            wish: Default::default(),
            re: RE,
        })
        .unwrap();
    interaction
}

/// Lets a call from a number come and go, so that whose it is is known; gives the customer.
fn known_by(floor: &mut Floor, from: &str) -> CustomerId {
    let id = floor.call(9, from);
    let customer = floor.of(id).customer;
    floor.ended(leg(id, 1), CauseKind::Cancelled);
    customer
}

#[test]
fn who_calls_from_a_number_that_a_stranger_typed_comes_for_themselves_and_the_promise_goes_along() {
    for later in [60, 0] {
        let mut floor = Floor::empty(house(1, 6));
        let ida = known_by(&mut floor, "+4930100");
        let chat = typed(&mut floor, 1, "+4930100", later);
        let stranger = floor.of(chat).customer;
        let entries = floor.of(chat).legs.len();

        let call = floor.call(2, "+4930100");

        assert_ne!(call, chat);
        assert_eq!(floor.of(call).customer, ida);
        let to = floor.of(call).callback_id(1);
        assert_eq!(floor.callback_ends(chat), [CallbackEnd::Moved { to }]);
        let kept = floor.of(call).callbacks.get(1).unwrap();
        assert_eq!(kept.number, number("+4930100"));
        // Nothing of the call is in the chat, and the stranger is who they were.
        let there = floor.of(chat);
        assert_eq!((there.customer, there.legs.len()), (stranger, entries));
        assert!(there.call.is_none() && there.shown.is_none() && there.chat);
        floor.arrive(&agent(0));
        floor.accept(&agent(0), call);
        assert_eq!(dials(&floor.told()), 1, "only the agent's phone");
        floor.answered(leg(call, 1));
        floor.answered(leg(call, 2));
        assert_eq!(floor.callback_ends(call), [CallbackEnd::CalledIn]);
        floor.crash();
    }
}

#[test]
fn who_is_dialled_at_a_strangers_word_and_calls_meanwhile_is_not_rung() {
    let mut floor = Floor::open(house(2, 6));
    let ida = known_by(&mut floor, "+4930100");
    let chat = typed(&mut floor, 1, "+4930100", 60);
    floor.accept_any(chat);
    floor.seconds(60);
    floor.accept_any(chat);
    assert_eq!(dials(&floor.told()), 2);

    let call = floor.call(2, "+4930100");

    assert_ne!(call, chat);
    assert_eq!(floor.of(call).customer, ida);
    let released = |c: &&Command| matches!(c, Command::Release { .. });
    assert_eq!(floor.told().iter().filter(released).count(), 2);
    assert!(matches!(
        floor.callback_ends(chat)[..],
        [CallbackEnd::Moved { .. }]
    ));
    assert!(floor.of(chat).chat, "the chat goes on");
}

#[test]
fn who_withholds_a_number_that_a_stranger_typed_has_it_written_nowhere() {
    let mut floor = Floor::empty(house(1, 6));
    let ida = known_by(&mut floor, "+4930100");
    let chat = typed(&mut floor, 1, "+4930100", 60);

    floor.tell(Input::CallArrived(Arrival {
        from: None,
        caller: Caller {
            asserted: Some(number("+4930100")),
            ..Caller::default()
        },
        ..arrival(2, "+4930100", "support")
    }));

    let call = arrival(2, "+4930100", "support").candidate;
    assert_eq!(floor.of(call).customer, ida);
    assert_eq!(floor.of(call).number, None);
    assert!(floor.of(call).callbacks.is_empty());
    assert_eq!(
        floor.callback_ends(chat),
        [],
        "that promise stands where it was made"
    );
}

/// Lets both sides of a call answer.
fn talk(floor: &mut Floor, id: InteractionId) -> [LegId; 2] {
    let call = floor.of(id).call.clone().expect("a call");
    let legs = [call.customer, call.agent.expect("an agent's leg")];
    for leg in legs {
        floor.answered(leg);
    }
    legs
}

#[test]
fn what_was_typed_in_a_chat_and_called_from_joins_and_proves_nothing_of_who_typed_it() {
    let mut floor = Floor::open(house(1, 6));
    let chat = typed(&mut floor, 1, "+4930100", 60);
    floor.accept_any(chat);

    let call = floor.call(2, "+4930100");
    floor.accept_any(chat);
    talk(&mut floor, chat);

    assert_eq!(call, chat, "nobody else is known by that number");
    assert_eq!(floor.callback_ends(chat), [CallbackEnd::CalledIn]);
    let customers = floor.hub.state().customers();
    assert_eq!(customers.by_number(&number("+4930100")), None);
    assert!(floor.of(chat).reached.is_empty());
}

#[test]
fn who_answered_at_a_number_they_typed_is_known_by_it_and_joins_what_they_ask_for_from_there() {
    let mut floor = Floor::open(house(1, 6));
    let chat = typed(&mut floor, 1, "+4930100", 0);
    floor.accept_any(chat);
    floor.accept_any(chat);
    for leg in talk(&mut floor, chat) {
        floor.ended(leg, CauseKind::Normal);
    }
    assert_eq!(floor.callback_ends(chat), [CallbackEnd::Reached]);
    typed(&mut floor, 1, "+4930100", 60);

    let call = floor.call(2, "+4930100");

    assert_eq!(call, chat);
    let customers = floor.hub.state().customers();
    let known = customers.by_number(&number("+4930100"));
    assert_eq!(known, Some(floor.of(chat).customer));
}
