use ws::frame::Code;

use super::*;
use crate::event::OfferEnd;

fn say(
    floor: &mut Floor,
    id: InteractionId,
    by: Actor,
    text: &str,
    mid: Mid,
) -> Result<Done, Refusal> {
    floor.ask(Input::Say {
        interaction: id,
        by,
        mid,
        text: text.into(),
        re: RE,
    })
}

#[test]
fn one_agent_holds_six_chats_and_the_seventh_comes_in_when_one_is_wrapped_up() {
    let mut floor = Floor::open(house(1, 6));
    let chats: Vec<_> = (1..=7).map(|n| floor.chat(n)).collect();
    for id in &chats[..6] {
        floor.accept(&agent(0), *id);
    }

    assert_eq!(floor.offered(chats[6]), None);
    assert_eq!(floor.hub.state().position(chats[6]), Some(1));
    floor.end(chats[2], Actor::Agent(agent(0)));
    assert_eq!(floor.offered(chats[6]), None, "the wrap-up holds the slot");
    floor
        .ask(Input::WrapUp {
            agent: agent(0),
            interaction: chats[2],
            disposition: Some("solved".into()),
            note: None,
            solved: None,
            re: RE,
        })
        .unwrap();

    assert_eq!(floor.offered(chats[6]), Some(agent(0)));
    assert!(floor.hub.state().interaction(chats[2]).is_none());
}

#[test]
fn pain_11_a_repeated_message_is_written_once_and_answered_the_same() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let by = Actor::Visitor(visitor(1).visitor);

    let first = say(&mut floor, id, by.clone(), "one", mid("m"));
    let again = say(&mut floor, id, by.clone(), "another text", mid("m"));

    assert_eq!(first, again);
    assert_eq!(floor.count(id, |e| matches!(e, Event::Said { .. })), 2);
    floor.end(id, by.clone());
    assert_eq!(
        say(&mut floor, id, by, "one", mid("m")).map_err(|r| r.code),
        Err(Code::NotFound)
    );
}

#[test]
fn a_mid_of_somebody_else_is_refused_and_no_message_is_swallowed() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);

    let refused = say(&mut floor, id, Actor::Agent(agent(0)), "hi", mid("first"));

    assert_eq!(refused.unwrap_err().code, Code::Conflict);
}

#[test]
fn pain_12_a_visitor_has_one_live_chat_a_zone() {
    let mut floor = Floor::open(house(1, 6));
    let first = floor.chat(1);
    let again = floor.ask(Input::OpenChat {
        candidate: InteractionId::new(77).unwrap(),
        who: visitor(1),
        mid: mid("second"),
        text: "me again".into(),
        re: RE,
    });

    assert!(matches!(again, Ok(Done::Written { interaction, .. }) if interaction == first));
    assert_eq!(floor.hub.state().interactions().len(), 1);
}

#[test]
fn pain_30_nobody_writes_in_an_interaction_that_is_not_theirs() {
    let mut floor = Floor::open(house(2, 6));
    let id = floor.chat(1);
    let holder = floor.accept_any(id);
    let other = if holder == agent(0) {
        agent(1)
    } else {
        agent(0)
    };

    let stranger = say(
        &mut floor,
        id,
        Actor::Visitor(visitor(2).visitor),
        "x",
        mid("a"),
    );
    let colleague = say(&mut floor, id, Actor::Agent(other), "x", mid("b"));
    let nowhere = say(
        &mut floor,
        InteractionId::new(9).unwrap(),
        Actor::Agent(holder),
        "x",
        mid("c"),
    );

    assert_eq!(stranger.unwrap_err().code, Code::Forbidden);
    assert_eq!(colleague.unwrap_err().code, Code::Forbidden);
    assert_eq!(nowhere.unwrap_err().code, Code::NotFound);
}

#[test]
fn a_message_has_1_to_4000_characters() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let by = Actor::Visitor(visitor(1).visitor);

    let empty = say(&mut floor, id, by.clone(), "", mid("a"));
    let longest = say(&mut floor, id, by.clone(), &"ü".repeat(4_000), mid("b"));
    let longer = say(&mut floor, id, by, &"ü".repeat(4_001), mid("c"));

    assert_eq!(empty.unwrap_err().code, Code::OutOfRange);
    assert!(longest.is_ok());
    assert_eq!(longer.unwrap_err().code, Code::OutOfRange);
}

#[test]
fn an_unanswered_offer_goes_to_the_next_agent_and_the_silent_one_is_sent_away() {
    let mut setup = house(2, 6);
    setup.spans.misses = 1;
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    let since = floor.of(id).entry.clone().unwrap().key;
    let silent = floor.offered(id).unwrap();

    floor.seconds(20);

    let next = floor.offered(id).unwrap();
    assert_ne!(next, silent);
    assert_eq!(floor.of(id).entry.clone().unwrap().key, since);
    let presence = &floor.hub.state().agents().get(&silent).unwrap().presence;
    assert!(matches!(presence, Presence::Away { .. }), "{presence:?}");
}

#[test]
fn who_declines_is_asked_again_only_after_others_were_or_a_while() {
    let mut floor = Floor::open(house(2, 6));
    let id = floor.chat(1);
    let decline = |floor: &mut Floor| {
        let agent = floor.offered(id).unwrap();
        let (asked, re) = (agent.clone(), RE);
        floor
            .ask(Input::Decline {
                agent,
                interaction: id,
                re,
            })
            .unwrap();
        asked
    };

    let first = decline(&mut floor);
    let second = decline(&mut floor);

    assert_ne!(first, second);
    assert_eq!(floor.offered(id), None);
    floor.seconds(20);
    assert_eq!(floor.offered(id), Some(first));
}

#[test]
fn pain_15_a_lost_agents_chats_return_to_the_queue_in_their_old_place() {
    let mut floor = Floor::open(house(1, 1));
    let first = floor.chat(1);
    floor.accept(&agent(0), first);
    floor.seconds(5);
    let second = floor.chat(2);

    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.seconds(29);
    assert!(floor.of(first).assignment.is_some(), "within the grace");
    floor.seconds(2);

    assert!(floor.of(first).assignment.is_none());
    assert_eq!(floor.hub.state().position(first), Some(1));
    assert_eq!(floor.hub.state().position(second), Some(2));
    floor.arrive(&agent(0));
    assert_eq!(floor.offered(first), Some(agent(0)));
}

#[test]
fn a_console_that_comes_back_within_the_grace_keeps_everything() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);

    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.seconds(29);
    floor.tell(Input::ConsoleOpened {
        agent: agent(0),
        socket: 2,
    });
    floor.seconds(60);

    assert!(floor.of(id).is_with(&agent(0)));
}

#[test]
fn the_familiar_agent_is_waited_for_before_others_are_asked() {
    let mut setup = house(2, 1);
    setup.spans.wrap_up_chat = Duration::ZERO;
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    let familiar = floor.accept_any(id);
    floor.end(id, Actor::Visitor(visitor(1).visitor));
    // Both are free: of the two the other one has been idle for longer, yet the familiar one is asked.
    let again = {
        let done = floor.ask(Input::OpenChat {
            candidate: InteractionId::new(88).unwrap(),
            who: visitor(1),
            mid: mid("later"),
            text: "again".into(),
            re: RE,
        });
        assert!(done.is_ok());
        InteractionId::new(88).unwrap()
    };
    assert_eq!(floor.offered(again), Some(familiar));
}

// A house in which the visitor's agent is busy and another is free; returns the visitor's new chat and who is free.
fn again_while_the_familiar_agent_is_busy() -> (Floor, InteractionId, AgentId) {
    let mut setup = house(2, 1);
    setup.spans.wrap_up_chat = Duration::ZERO;
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    let familiar = floor.accept_any(id);
    floor.end(id, Actor::Visitor(visitor(1).visitor));
    // The familiar agent gets another chat, when the colleague is away for a moment.
    let other = if familiar == agent(0) {
        agent(1)
    } else {
        agent(0)
    };
    floor.tell(Input::ConsoleClosed {
        agent: other.clone(),
        socket: 1,
    });
    let busy = floor.chat(2);
    floor.accept(&familiar, busy);
    floor.tell(Input::ConsoleOpened {
        agent: other.clone(),
        socket: 1,
    });

    floor
        .ask(Input::OpenChat {
            candidate: InteractionId::new(88).unwrap(),
            who: visitor(1),
            mid: mid("later"),
            text: "again".into(),
            re: RE,
        })
        .unwrap();

    let again = InteractionId::new(88).unwrap();
    assert_eq!(floor.offered(again), None);
    (floor, again, other)
}

#[test]
fn after_the_window_somebody_else_is_asked_instead_of_a_busy_familiar_agent() {
    let (mut floor, again, other) = again_while_the_familiar_agent_is_busy();

    floor.seconds(10);

    assert_eq!(floor.offered(again), Some(other));
}

#[test]
fn a_page_that_comes_as_the_window_ends_keeps_nobody_from_being_asked() {
    let (mut floor, again, other) = again_while_the_familiar_agent_is_busy();
    floor.now = floor.now + Duration::from_millis(10_050);

    floor.tell(Input::WidgetOpened {
        visitor: visitor(1).visitor,
        socket: 5,
    });
    floor.seconds(0);

    assert_eq!(floor.offered(again), Some(other));
}

#[test]
fn a_visitor_who_stays_away_and_a_chat_without_a_word_are_ended() {
    let mut floor = Floor::open(house(1, 6));
    let visited = floor.chat(1);
    floor.accept(&agent(0), visited);
    let gone = visitor(1).visitor;
    floor.tell(Input::WidgetOpened {
        visitor: gone,
        socket: 5,
    });
    floor.tell(Input::WidgetClosed {
        visitor: gone,
        socket: 5,
        went: true,
    });
    let silent = floor.chat(2);
    floor.accept(&agent(0), silent);
    floor.says(&agent(0), silent, "which size").unwrap();

    floor.seconds(600);
    let ended = |floor: &Floor, id, why: &str| {
        floor.count(
            id,
            |e| matches!(e, Event::Ended { reason, .. } if reason == why),
        )
    };
    assert_eq!(ended(&floor, visited, "the visitor left the page"), 1);
    floor.seconds(1_200);

    assert_eq!(ended(&floor, silent, "nothing was written for too long"), 1);
}

#[test]
fn when_the_customer_gives_up_the_offer_is_taken_back() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);

    floor.end(id, Actor::Visitor(visitor(1).visitor));

    let taken_back = |e: &Event| {
        matches!(
            e,
            Event::OfferEnded {
                end: OfferEnd::CustomerGone,
                ..
            }
        )
    };
    assert_eq!(floor.count(id, taken_back), 1);
    let sealed = |e: &Event| matches!(e, Event::Sealed { outcome, .. } if outcome == "abandoned");
    assert_eq!(floor.count(id, sealed), 1);
    let chats = &floor.hub.state().agents().get(&agent(0)).unwrap().chats;
    assert!(chats.is_empty());
}
