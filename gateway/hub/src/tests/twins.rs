//! Several promises to one number: at most one of them is dialled at a time, and one customer has one by a queue.

use ws::{callback::Wish, id::CallbackId};

use super::*;
use crate::{event::CallbackEnd, gate::Closed};

const IDA: &str = "+4930100";

fn wish(
    floor: &mut Floor,
    interaction: InteractionId,
    by: Actor,
    (at, wish): (Option<u64>, Wish),
) -> CallbackId {
    let queue = match by {
        Actor::House(_) => Some("support".parse().unwrap()),
        Actor::Visitor(_) | Actor::Customer(_) | Actor::Agent(_) => None,
    };
    let asked = floor.ask(Input::AskCallback {
        interaction,
        queue,
        by,
        number: number(IDA),
        at: at.map(|seconds| floor.now + Duration::from_secs(seconds)),
        wish,
        re: RE,
    });
    match asked {
        Ok(Done::Promised { callback }) => callback,
        other => panic!("{other:?}"),
    }
}

fn id(n: u128) -> InteractionId {
    InteractionId::new(5_000 + n).unwrap()
}

fn dials(floor: &mut Floor) -> Vec<LegId> {
    let told = floor.told().into_iter();
    told.filter_map(|command| match command {
        Command::Dial { leg, .. } => Some(leg),
        _ => None,
    })
    .collect()
}

/// Two agents; a visitor's chat in which a call was asked for, to a number that a program promised to call as well.
fn two_promises() -> (Floor, [InteractionId; 2], [AgentId; 2]) {
    let mut floor = Floor::open(house(2, 6));
    let chat = floor.chat(1);
    let holder = floor.accept_any(chat);
    let other = [agent(0), agent(1)].into_iter().find(|a| *a != holder);
    let by = Actor::Visitor(visitor(1).visitor);
    wish(&mut floor, chat, by, (None, Wish::default()));
    let promised = floor.promise(1, IDA);
    (floor, [chat, promised], [holder, other.unwrap()])
}

#[test]
fn a_second_promise_to_a_number_that_is_dialled_waits_until_the_call_is_over() {
    let (mut floor, [chat, promised], [holder, other]) = two_promises();
    let offered = |floor: &Floor, id| floor.of(id).offer.as_ref().map(|offer| offer.agent.clone());
    assert_eq!(offered(&floor, chat), Some(holder.clone()));
    assert_eq!(offered(&floor, promised), Some(other.clone()));

    floor.accept(&other, promised);

    assert_eq!(dials(&mut floor).len(), 2, "the agent and Ida");
    assert_eq!(offered(&floor, chat), None);
    let late = floor.ask(Input::Accept {
        agent: holder.clone(),
        interaction: chat,
        re: RE,
    });
    assert!(late.is_err());
    floor.seconds(10);
    assert_eq!(dials(&mut floor), []);
    floor.answered(leg(promised, 1));
    floor.answered(leg(promised, 2));
    assert_eq!(floor.callback_ends(promised), [CallbackEnd::Reached]);
    floor.seconds(600);
    assert_eq!(offered(&floor, chat), None, "she talks");
    floor.crash();
    let mut floor = two_promises().0;
    floor.accept(&other, promised);
    floor.ended(leg(promised, 1), CauseKind::Busy);
    floor.ended(leg(promised, 2), CauseKind::Normal);
    assert_eq!(offered(&floor, chat), Some(holder), "her telephone is free");
}

#[test]
fn who_is_offered_a_promise_whose_customer_is_in_a_call_learns_why_it_is_not_made() {
    let (mut floor, [_, promised], [_, other]) = two_promises();
    floor.accept(&other, promised);
    let number = number(IDA);
    let besides = id(9);

    assert!(floor.hub.is_on_call(&number, besides));
    assert!(!floor.hub.is_on_call(&number, promised));
    assert_eq!(Closed::OnCall.refusal().code, ws::frame::Code::Conflict);
    floor.ended(leg(promised, 1), CauseKind::Busy);
    floor.ended(leg(promised, 2), CauseKind::Normal);
    assert!(!floor.hub.is_on_call(&number, besides));
}

#[test]
fn who_asks_again_has_one_promise_and_what_was_wished_last() {
    let mut floor = Floor::empty(house(1, 6));
    let first = wish(
        &mut floor,
        id(1),
        Actor::TANDEM,
        (Some(3_600), Wish::default()),
    );

    let second = wish(
        &mut floor,
        id(2),
        Actor::TANDEM,
        (Some(60), Wish::default()),
    );

    assert_eq!(
        floor.callback_ends(id(1)),
        [CallbackEnd::Moved { to: second }]
    );
    assert_ne!(first, second);
    let open: Vec<_> = floor.hub.state().open_callbacks().collect();
    assert_eq!(open, [second]);
    floor.crash();
}

#[test]
fn what_an_agent_promised_in_their_own_name_is_not_replaced() {
    let mut floor = Floor::empty(house(1, 6));
    let own = Wish {
        owner: Some(agent(0)),
        ..Wish::default()
    };
    wish(&mut floor, id(1), Actor::TANDEM, (Some(3_600), own));

    wish(
        &mut floor,
        id(2),
        Actor::TANDEM,
        (Some(60), Wish::default()),
    );

    assert_eq!(floor.hub.state().open_callbacks().count(), 2);
    assert_eq!(floor.callback_ends(id(1)), []);
}

#[test]
fn who_asks_to_be_called_now_while_they_are_being_called_is_told_of_that_call() {
    let mut floor = Floor::open(house(2, 6));
    let first = wish(&mut floor, id(1), Actor::TANDEM, (None, Wish::default()));
    floor.accept_any(id(1));

    let now = wish(&mut floor, id(2), Actor::TANDEM, (None, Wish::default()));
    let later = wish(
        &mut floor,
        id(3),
        Actor::TANDEM,
        (Some(3_600), Wish::default()),
    );

    assert_eq!(now, first);
    assert_eq!(later.interaction, id(3));
    assert_eq!(floor.callback_ends(id(1)), [], "it goes on");
}

#[test]
fn who_calls_is_called_back_for_none_of_what_was_promised_to_the_number() {
    let mut floor = Floor::open(house(2, 6));
    let own = Wish {
        owner: Some(agent(0)),
        ..Wish::default()
    };
    wish(&mut floor, id(1), Actor::TANDEM, (Some(3_600), own));
    wish(
        &mut floor,
        id(2),
        Actor::TANDEM,
        (Some(60), Wish::default()),
    );
    floor.told();

    floor.tell(Input::CallArrived(arrival(7, IDA, "support")));
    let open = floor.hub.state().open_callbacks().count();
    assert_eq!(open, 2, "nobody spoke with her yet");
    floor.accept_any(id(1));
    let call = floor.of(id(1)).call.clone().expect("she joined the first");
    floor.answered(call.agent.unwrap());
    floor.answered(call.customer);

    assert_eq!(floor.hub.state().open_callbacks().count(), 0);
    for id in [id(1), id(2)] {
        assert_eq!(floor.callback_ends(id), [CallbackEnd::CalledIn]);
    }
}
