//! Calls that visitors want later, without a chat.

use std::sync::Arc;

use ws::{
    callback::{Wanted, Wish},
    form::Filled,
    frame::Code,
    timeline::CallbackState,
};

use super::*;
use crate::{
    event::CallbackEnd,
    hours::Hours,
    policy::{Instead, Rule},
};

const IDA: &str = "+4930100";

fn opening(floor: &Floor, n: u128, to: &str, wish: Wish) -> Input {
    Input::OpenCallback {
        candidate: InteractionId::new(7_000 + n).unwrap(),
        who: visitor(n),
        mid: mid("call"),
        text: "My parcel is lost.".into(),
        wanted: Box::new(Wanted {
            number: number(to),
            at: Some(floor.now + Duration::from_secs(3_600)),
            wish: Some(Box::new(wish)),
        }),
        re: RE,
    }
}

/// Has visitor `n` ask to be called in an hour.
fn later(floor: &mut Floor, n: u128, to: &str) -> Result<InteractionId, Refusal> {
    let input = opening(floor, n, to, Wish::default());
    match floor.ask(input)? {
        Done::Written { interaction, .. } => Ok(interaction),
        other => panic!("{other:?}"),
    }
}

fn writes(floor: &mut Floor, n: u128, interaction: InteractionId) -> Result<Done, Refusal> {
    floor.ask(Input::Say {
        interaction,
        by: Actor::Visitor(visitor(n).visitor),
        mid: mid("more"),
        text: "Is anybody there?".into(),
        re: RE,
    })
}

fn pending(floor: &Floor, id: InteractionId) -> Vec<Number> {
    let open = floor.of(id).callbacks.values().filter(|c| c.is_pending());
    open.map(|c| c.number.clone()).collect()
}

const QUEUED: fn(&Event) -> bool = |event| matches!(event, Event::Queued { .. });

#[test]
fn who_wants_to_be_called_later_is_promised_that_and_nobody_is_asked_to_chat() {
    let mut floor = Floor::open(house(1, 6));

    let id = later(&mut floor, 1, IDA).unwrap();

    assert_eq!(pending(&floor, id), [number(IDA)]);
    assert!(floor.of(id).is_promise_alone() && floor.of(id).ended.is_none());
    assert!(!floor.of(id).has_live_leg());
    floor.seconds(3_599);
    assert_eq!(floor.count(id, QUEUED), 0, "not before its time");
    floor.seconds(1);
    let entry = floor.of(id).entry.as_ref().unwrap();
    assert_eq!(entry.channel, ws::agent::Channel::Voice);
    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_promise_alone_that_is_taken_back_leaves_nothing_that_waits() {
    let mut floor = Floor::open(house(1, 6));
    let id = later(&mut floor, 1, IDA).unwrap();
    let callback = floor.of(id).callback_id(1);

    floor
        .ask(Input::CancelCallback {
            callback,
            by: Actor::Visitor(visitor(1).visitor),
            re: RE,
        })
        .unwrap();

    assert!(floor.hub.state().interaction(id).is_none(), "it is sealed");
    let cancelled =
        |e: &Event| matches!(e, Event::Sealed { outcome, .. } if outcome == "cancelled");
    assert_eq!(floor.count(id, cancelled), 1);
    assert_eq!(floor.count(id, QUEUED), 0);
}

#[test]
fn a_wish_that_is_sent_again_is_answered_by_the_one_promise_also_after_a_restart() {
    let mut floor = Floor::open(house(1, 6));
    let id = later(&mut floor, 1, IDA).unwrap();

    assert_eq!(later(&mut floor, 1, IDA), Ok(id));
    floor.crash();
    assert_eq!(later(&mut floor, 1, IDA), Ok(id));

    assert_eq!(floor.of(id).callbacks.values().count(), 1);
    assert!(floor.of(id).is_promise_alone());
}

#[test]
fn a_call_that_may_not_be_promised_begins_no_contact() {
    let mut floor = Floor::open(house(1, 6));

    let suppressed = later(&mut floor, 1, "+4930666").unwrap_err();
    let kept = Wish {
        keep_place: true,
        ..Wish::default()
    };
    let input = opening(&floor, 2, IDA, kept);
    let placeless = floor.ask(input).unwrap_err();

    assert_eq!(suppressed.code, Code::Suppressed);
    assert_eq!(placeless.code, Code::Conflict);
    assert_eq!(floor.hub.state().interactions().count(), 0);
    let opened = |fact: &&Fact| matches!(fact.event, Event::Opened { .. });
    assert_eq!(floor.facts.iter().filter(opened).count(), 0);
}

#[test]
fn who_writes_where_a_call_is_promised_is_offered_as_a_chat_and_called_all_the_same() {
    let mut floor = Floor::open(house(1, 6));
    let id = later(&mut floor, 1, IDA).unwrap();

    writes(&mut floor, 1, id).unwrap();

    assert!(floor.of(id).writes());
    floor.accept(&agent(0), id);
    assert_eq!(floor.chat_of(&agent(0)), id);
    assert_eq!(pending(&floor, id), [number(IDA)]);
    floor.end(id, Actor::Agent(agent(0)));
    assert!(!floor.of(id).chat);
    assert_eq!(pending(&floor, id), [number(IDA)]);
}

#[test]
fn who_opens_a_chat_where_a_call_is_promised_writes_in_that_contact() {
    let mut floor = Floor::open(house(1, 6));
    let id = later(&mut floor, 1, IDA).unwrap();

    assert_eq!(floor.chat(1), id);

    assert!(floor.of(id).writes());
    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_promise_in_a_zone_without_chats_becomes_none() {
    let mut setup = house(1, 6);
    let shop = setup.zones.get_mut(&"shop".parse().unwrap()).unwrap();
    shop.chat = false;
    let mut floor = Floor::open(setup);
    let id = later(&mut floor, 1, IDA).unwrap();

    let refused = writes(&mut floor, 1, id).unwrap_err();

    assert_eq!(refused.code, Code::Conflict);
    assert!(!floor.of(id).chat);
    assert_eq!(pending(&floor, id), [number(IDA)]);
}

#[test]
fn who_chats_already_begins_no_second_chat_where_a_call_is_promised() {
    let mut floor = Floor::open(house(1, 6));
    let id = later(&mut floor, 1, IDA).unwrap();
    floor.seconds(3_600);
    floor.accept(&agent(0), id);
    let chat = floor.chat(1);
    floor.ended(leg(id, 2), CauseKind::NoAnswer);
    floor.ended(leg(id, 3), CauseKind::Normal);
    floor.seconds(2);
    assert!(floor.of(id).is_promise_alone(), "it is tried again");

    let refused = writes(&mut floor, 1, id).unwrap_err();

    assert_eq!(refused.code, Code::Conflict);
    assert!(!floor.of(id).chat);
    assert_ne!(chat, id);
    writes(&mut floor, 1, chat).unwrap();
}

#[test]
fn who_asks_again_in_a_promise_alone_changes_it_also_to_another_number() {
    let mut floor = Floor::open(house(1, 6));
    let id = later(&mut floor, 1, IDA).unwrap();
    let mut again = |to: &str, seconds| {
        let at = floor.now + Duration::from_secs(seconds);
        let done = floor.ask(Input::AskCallback {
            interaction: id,
            queue: None,
            by: Actor::Visitor(visitor(1).visitor),
            number: number(to),
            at: Some(at),
            wish: Wish::default(),
            re: RE,
        });
        let callback = floor.of(id).callback_id(if to == IDA { 1 } else { 2 });
        assert_eq!(done, Ok(Done::Promised { callback }));
        (
            pending(&floor, id),
            floor.of(id).callback(callback).unwrap().due == at,
            floor.callback_ends(id),
        )
    };

    assert_eq!(again(IDA, 7_200), (vec![number(IDA)], true, vec![]));

    let by = ws::timeline::Author::Customer;
    let taken_back = CallbackEnd::Cancelled { by };
    let elsewhere = number("+4930200");
    assert_eq!(
        again("+4930200", 600),
        (vec![elsewhere], true, vec![taken_back])
    );
    assert!(floor.of(id).is_promise_alone());
}

#[test]
fn a_chat_that_lives_already_has_the_promise_and_what_was_written_of_it() {
    let mut floor = Floor::open(house(1, 6));
    let chat = floor.chat(1);

    assert_eq!(later(&mut floor, 1, IDA), Ok(chat));

    assert!(floor.of(chat).writes());
    assert_eq!(pending(&floor, chat), [number(IDA)]);
    assert!(floor.of(chat).mids.get(&mid("call")).is_some());
}

#[test]
fn a_waiting_chat_gives_its_place_to_the_call_after_what_was_written_of_it() {
    let mut floor = Floor::empty(house(1, 6));
    let chat = floor.chat(1);
    let kept = Wish {
        keep_place: true,
        ..Wish::default()
    };
    let input = opening(&floor, 1, IDA, kept);

    floor.ask(input).unwrap();

    assert!(floor.of(chat).ended.is_some());
    let said = |e: &&Event| matches!(e, Event::Said { .. } | Event::Ended { .. });
    let last = floor.events(chat).into_iter().rfind(said);
    assert!(matches!(last, Some(Event::Ended { .. })), "{last:?}");
}

#[test]
fn a_call_for_later_is_promised_while_nobody_is_there_and_asks_for_no_other_way_to_answer() {
    let mut setup = house(1, 6);
    let queue = setup.queues.values_mut().next().unwrap();
    let week = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
    queue.hours = Some(Arc::new(Hours::new("UTC", week, Vec::new()).unwrap()));
    queue
        .policy
        .instead
        .insert(Rule::Closed, vec![Instead::Busy]);
    let mut floor = Floor::open(setup);
    let mut input = opening(&floor, 1, IDA, Wish::default());
    if let Input::OpenCallback { who, .. } = &mut input {
        who.form = Some(Box::new(Filled {
            later: true,
            ..Filled::default()
        }));
    }

    let done = floor.ask(input).unwrap();

    let Done::Written { interaction, .. } = done else {
        panic!("{done:?}");
    };
    assert_eq!(pending(&floor, interaction), [number(IDA)]);
    let chat = writes(&mut floor, 1, interaction).unwrap_err();
    assert_eq!(chat.code, Code::Conflict, "no chat while it is closed");
    assert!(floor.of(interaction).is_promise_alone());
}

#[test]
fn a_visitor_who_types_a_number_changes_nothing_that_its_owner_is_promised() {
    let mut floor = Floor::open(house(1, 6));
    let at = Some(floor.now + Duration::from_secs(600));
    let theirs = floor.promise_at(1, IDA, at);

    let own = later(&mut floor, 1, IDA).unwrap();

    assert_ne!(own, theirs);
    assert_eq!(pending(&floor, theirs), [number(IDA)]);
    let promised = floor.of(own).callbacks.get(1).unwrap();
    assert!(matches!(promised.state, CallbackState::Promised { .. }));
}

#[test]
fn a_full_queue_promises_calls_for_later_alone() {
    let mut setup = house(1, 6);
    setup.queues.values_mut().next().unwrap().limit = 1;
    let mut floor = Floor::empty(setup);
    floor.chat(1);

    let id = later(&mut floor, 2, IDA).unwrap();

    assert_eq!(pending(&floor, id), [number(IDA)]);
    let mut now = opening(&floor, 3, "+4930200", Wish::default());
    if let Input::OpenCallback { wanted, .. } = &mut now {
        wanted.at = None;
    }
    let refused = floor.ask(now).unwrap_err();
    assert_eq!(refused.code, Code::Full);
}
