//! Chats that rest while their agent is in a call, and agents who prefer a channel.

use ws::agent::Channel;

use super::*;
use crate::{
    event::{Leaning, Verdict, Why},
    setup::ChatsDuringCall,
};

fn pausing() -> Floor {
    let mut setup = house(1, 6);
    for agent in setup.agents.values_mut() {
        agent.chats_during_call = ChatsDuringCall::Pause;
    }
    Floor::open(setup)
}

fn rests(event: &Event) -> bool {
    matches!(event, Event::ChatPaused { .. })
}

fn goes_on(event: &Event) -> bool {
    matches!(event, Event::ChatResumed { .. })
}

/// An agent in a chat takes a call; gives chat and call.
fn in_both(floor: &mut Floor) -> (InteractionId, InteractionId) {
    let chat = floor.chat(1);
    floor.accept(&agent(0), chat);
    let call = floor.call(1, "+4930100");
    assert_eq!(floor.count(chat, rests), 0, "an offer is no call");
    floor.accept(&agent(0), call);
    (chat, call)
}

#[test]
fn a_chat_rests_during_a_call_and_goes_on_when_it_is_over() {
    let mut floor = pausing();
    let (chat, call) = in_both(&mut floor);

    assert_eq!(floor.count(chat, rests), 1);
    let told = floor.facts.iter().find(|fact| rests(&fact.event));
    assert!(told.unwrap().seq.is_some(), "the visitor is told");
    let second = floor.chat(2);
    assert_eq!(floor.offered(second), None);
    floor.answered(leg(call, 1));
    floor.answered(leg(call, 2));
    floor.ended(leg(call, 1), CauseKind::Normal);

    // The wrap-up of the call goes on, the chat as well.
    assert_eq!(floor.count(chat, goes_on), 1);
    assert!(!floor.of(chat).assignment.as_ref().unwrap().paused);
}

#[test]
fn nobody_is_silent_while_the_chat_rests() {
    let mut floor = pausing();
    let (chat, call) = in_both(&mut floor);
    floor.says(&agent(0), chat, "one moment").unwrap();
    floor.answered(leg(call, 1));
    floor.answered(leg(call, 2));
    for n in [1, 2] {
        floor.tell(Input::Leg(LegNews::Flowing { leg: leg(call, n) }));
    }

    floor.seconds(3_000);

    assert!(floor.of(chat).chat, "silence is no reason to end it");
    assert_eq!(floor.of(chat).assignment.as_ref().unwrap().parked, None);
    floor.ended(leg(call, 1), CauseKind::Normal);
    floor.seconds(299);
    assert_eq!(floor.of(chat).assignment.as_ref().unwrap().parked, None);
    floor.seconds(1);
    assert!(floor.of(chat).assignment.as_ref().unwrap().parked.is_some());
}

#[test]
fn a_chat_that_becomes_a_call_does_not_rest_but_the_others_do() {
    let mut floor = pausing();
    let (chat, other) = (floor.chat(1), floor.chat(2));
    floor.accept(&agent(0), chat);
    floor.accept(&agent(0), other);

    floor.escalate(chat, "+4930100").unwrap();

    assert_eq!(floor.count(chat, rests), 0);
    assert_eq!(floor.count(other, rests), 1);
}

#[test]
fn without_the_setting_chats_run_on() {
    let mut floor = Floor::open(house(1, 6));
    let (chat, _) = in_both(&mut floor);

    assert_eq!(floor.count(chat, rests), 0);
    let second = floor.chat(2);
    assert_eq!(floor.offered(second), Some(agent(0)));
}

#[test]
fn who_prefers_a_channel_is_asked_before_who_is_less_busy() {
    let mut setup = house(3, 6);
    setup.agents.get_mut(&agent(2)).unwrap().prefers = Some(Channel::Chat);
    setup.agents.get_mut(&agent(0)).unwrap().prefers = Some(Channel::Voice);
    let mut floor = Floor::open(setup);

    let (first, second) = (floor.chat(1), floor.chat(2));
    let call = floor.call(1, "+4930100");

    assert_eq!(floor.offered(first), Some(agent(2)));
    assert_eq!(floor.offered(second), Some(agent(2)));
    assert_eq!(floor.offered(call), Some(agent(0)));
    let route = floor.events(second).into_iter().find_map(|e| match e {
        Event::Offered { route, .. } => Some(route.clone()),
        _ => None,
    });
    let route = route.unwrap();
    assert_eq!(route.why, Why::Prefers);
    let leanings = route.candidates.iter().map(|c| match c.verdict {
        Verdict::Free { leaning, .. } => Some(leaning),
        _ => None,
    });
    let expected = [Leaning::Prefers, Leaning::Neither, Leaning::PrefersAnother];
    assert_eq!(leanings.collect::<Vec<_>>(), expected.map(Some));
}

#[test]
fn who_becomes_free_takes_what_they_prefer_first() {
    for prefers in [Channel::Chat, Channel::Voice] {
        let mut setup = house(1, 1);
        let one = setup.agents.get_mut(&agent(0)).unwrap();
        one.prefers = Some(prefers);
        one.chats_during_call = ChatsDuringCall::None;
        let mut floor = Floor::empty(setup);
        let call = floor.call(1, "+4930100");
        floor.seconds(1);
        let chat = floor.chat(1);

        floor.arrive(&agent(0));

        let first = match prefers {
            Channel::Chat => chat,
            Channel::Voice => call,
        };
        assert_eq!(floor.offered(first), Some(agent(0)));
    }
}
