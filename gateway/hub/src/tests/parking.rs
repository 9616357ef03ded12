//! Silent chats that give their slot back, and longer wrap-ups.

use super::*;

fn parked(floor: &Floor, id: InteractionId) -> bool {
    let stay = floor.of(id).assignment.as_ref();
    stay.is_some_and(|stay| stay.parked.is_some())
}

fn customer_says(floor: &mut Floor, id: InteractionId, n: u128, text: &str) {
    floor
        .ask(Input::Say {
            interaction: id,
            by: Actor::Visitor(visitor(n).visitor),
            mid: mid(&text.replace(' ', "-")),
            text: text.into(),
            re: RE,
        })
        .unwrap();
}

/// One agent with so many slots and as many chats, all answered and then silent for five minutes.
fn silent(slots: u8) -> (Floor, Vec<InteractionId>) {
    let mut floor = Floor::open(house(1, slots));
    let chats: Vec<_> = (1..=u128::from(slots)).map(|n| floor.chat(n)).collect();
    for id in &chats {
        floor.accept(&agent(0), *id);
        floor.says(&agent(0), *id, "I look into it").unwrap();
    }
    floor.seconds(300);
    (floor, chats)
}

#[test]
fn pain_16_a_silent_chat_frees_its_slot_and_is_back_at_once_when_the_customer_writes() {
    let (mut floor, chats) = silent(1);
    assert!(parked(&floor, chats[0]));

    customer_says(&mut floor, chats[0], 1, "still there?");

    assert!(!parked(&floor, chats[0]));
    assert!(floor.of(chats[0]).is_with(&agent(0)));
    let events = floor.events(chats[0]);
    let left = |e: &&&Event| matches!(e, Event::AssignmentEnded { .. });
    assert_eq!(
        events.iter().filter(left).count(),
        0,
        "the visitor sees nothing"
    );
}

#[test]
fn pain_16_a_free_slot_takes_another_customer_and_never_a_seventh_chat() {
    let (mut floor, chats) = silent(6);
    assert!(chats.iter().all(|id| parked(&floor, *id)));
    let more: Vec<_> = (11..=16).map(|n| floor.chat(n)).collect();
    for id in &more {
        floor.accept(&agent(0), *id);
    }

    customer_says(&mut floor, chats[2], 3, "hello?");

    let held = &floor.hub.state().agents().get(&agent(0)).unwrap().chats;
    assert_eq!(held.len(), 6);
    assert_eq!(floor.hub.state().position(chats[2]), Some(1));
    let place = floor.of(chats[2]).entry.as_ref().unwrap().key.since;
    assert_eq!(place, Timestamp(1_000_000), "its old place");
    // A slot frees within the window: the same agent is asked first.
    floor
        .ask(Input::Park {
            agent: agent(0),
            interaction: more[0],
            re: RE,
        })
        .unwrap();
    assert_eq!(floor.offered(chats[2]), Some(agent(0)));
}

#[test]
fn a_chat_in_which_somebody_writes_is_not_parked() {
    let mut floor = Floor::open(house(1, 1));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.seconds(200);
    floor.says(&agent(0), id, "one moment").unwrap();

    floor.seconds(299);
    assert!(!parked(&floor, id));
    floor.seconds(1);

    assert!(parked(&floor, id));
}

#[test]
fn a_customer_who_waits_for_an_answer_is_neither_parked_nor_ended_nor_left_with_an_agent_who_is_gone()
 {
    let mut floor = Floor::open(house(1, 1));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.says(&agent(0), id, "one moment").unwrap();
    floor.seconds(60);
    customer_says(&mut floor, id, 1, "are you still there?");

    floor.seconds(7_200);
    assert!(!parked(&floor, id));
    assert!(floor.of(id).is_with(&agent(0)));

    // Put aside by hand it is not silent either.
    floor
        .ask(Input::Park {
            agent: agent(0),
            interaction: id,
            re: RE,
        })
        .unwrap();
    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.seconds(31);
    assert!(floor.of(id).assignment.is_none());
    assert_eq!(floor.hub.state().position(id), Some(1));
}

#[test]
fn the_last_word_of_an_agent_begins_the_silence() {
    let mut floor = Floor::open(house(1, 1));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.seconds(250);
    floor.says(&agent(0), id, "here I am").unwrap();

    floor.seconds(299);
    assert!(!parked(&floor, id));
    floor.seconds(1);
    assert!(parked(&floor, id));
    floor.seconds(1_499);
    assert!(floor.of(id).chat);
    floor.seconds(1);
    assert!(
        floor.hub.state().interaction(id).is_none(),
        "nothing was written for half an hour"
    );
}

#[test]
fn who_spoke_with_the_agent_was_not_silent() {
    let mut floor = Floor::open(house(1, 1));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.escalate(id, "+4930100").unwrap();
    let (customer, phone) = (leg(id, 3), leg(id, 4));
    floor.answered(phone);
    floor.answered(customer);
    floor.seconds(7_200);

    floor.ended(customer, CauseKind::Normal);
    floor.ended(phone, CauseKind::Normal);

    floor.seconds(299);
    assert!(floor.of(id).chat && !parked(&floor, id));
    floor.seconds(1);
    assert!(floor.of(id).chat && parked(&floor, id));
}

#[test]
fn an_agent_who_writes_in_a_parked_chat_takes_it_up_and_needs_a_slot_for_that() {
    let (mut floor, chats) = silent(1);
    let other = floor.chat(9);
    floor.accept(&agent(0), other);

    let refused = floor.says(&agent(0), chats[0], "hi").unwrap_err();
    assert_eq!(refused.code, ws::frame::Code::Full);
    floor
        .ask(Input::Park {
            agent: agent(0),
            interaction: other,
            re: RE,
        })
        .unwrap();
    floor.says(&agent(0), chats[0], "hi").unwrap();

    assert!(!parked(&floor, chats[0]) && parked(&floor, other));
}

#[test]
fn an_agent_parks_and_takes_up_by_hand() {
    let mut floor = Floor::open(house(1, 1));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    let park = || Input::Park {
        agent: agent(0),
        interaction: id,
        re: RE,
    };
    let unpark = || Input::Unpark {
        agent: agent(0),
        interaction: id,
        re: RE,
    };

    floor.ask(park()).unwrap();
    assert!(floor.ask(park()).is_err(), "only once");
    let next = floor.chat(2);
    assert_eq!(floor.offered(next), Some(agent(0)));
    assert!(floor.ask(unpark()).is_err(), "the offer has the slot");
    floor
        .ask(Input::Decline {
            agent: agent(0),
            interaction: next,
            re: RE,
        })
        .unwrap();
    floor.ask(unpark()).unwrap();

    assert!(!parked(&floor, id));
}

#[test]
fn a_parked_chat_stays_parked_while_its_agent_is_gone_and_waits_for_others_when_its_customer_writes()
 {
    let mut floor = Floor::open(house(2, 1));
    let id = floor.chat(1);
    let holder = floor.accept_any(id);
    floor.says(&holder, id, "I look into it").unwrap();
    floor.seconds(300);
    floor.tell(Input::ConsoleClosed {
        agent: holder.clone(),
        socket: 1,
    });
    floor.seconds(60);
    assert!(parked(&floor, id), "nobody is disturbed by a silent chat");

    customer_says(&mut floor, id, 1, "hello?");

    let offered = floor.offered(id).expect("somebody else is there");
    assert_ne!(offered, holder);
}

#[test]
fn a_parked_chat_that_stays_silent_ends_without_a_wrap_up() {
    let (mut floor, chats) = silent(1);

    floor.seconds(1_500);

    assert!(floor.hub.state().interaction(chats[0]).is_none());
    let wrap_ups = floor.count(chats[0], |e| matches!(e, Event::WrapUpStarted { .. }));
    assert_eq!(wrap_ups, 0);
}

#[test]
fn a_parked_chat_is_parked_after_a_crash() {
    let (mut floor, chats) = silent(2);

    floor.crash();
    floor.arrive(&agent(0));

    assert!(parked(&floor, chats[0]) && parked(&floor, chats[1]));
    customer_says(&mut floor, chats[1], 2, "hello?");
    assert!(!parked(&floor, chats[1]));
}

#[test]
fn a_queue_may_park_sooner_or_never() {
    let mut setup = house(1, 1);
    let queue = setup.queues.values_mut().next().unwrap();
    queue.spans.park = Some(Duration::ZERO);
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);

    floor.seconds(1_700);

    assert!(!parked(&floor, id));
}

#[test]
fn a_wrap_up_is_made_longer_up_to_its_ceiling_and_no_further() {
    let mut setup = house(1, 1);
    let queue = setup.queues.values_mut().next().unwrap();
    queue.spans.wrap_up_chat = Some(Duration::from_secs(30));
    queue.spans.longest_wrap_up_chat = Some(Duration::from_secs(50));
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.end(id, Actor::Agent(agent(0)));
    let re = RE;
    let began = floor.now;
    let longer = || Input::ExtendWrapUp {
        agent: agent(0),
        interaction: id,
        by: Duration::from_secs(60),
        re,
    };

    floor.ask(longer()).unwrap();
    assert!(floor.ask(longer()).is_err(), "the ceiling is reached");
    floor.seconds(49);
    assert!(floor.hub.state().interaction(id).is_some());
    floor.seconds(1);

    assert!(floor.hub.state().interaction(id).is_none());
    assert_eq!(
        floor.facts.last().unwrap().at,
        began + Duration::from_secs(50)
    );
}

#[test]
fn a_parked_chat_is_back_when_its_customer_writes_a_message_anew() {
    let mut floor = Floor::open(house(1, 1));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.says(&agent(0), id, "I look into it").unwrap();
    customer_says(&mut floor, id, 1, "size L");
    floor
        .ask(Input::Park {
            agent: agent(0),
            interaction: id,
            re: RE,
        })
        .unwrap();
    let revise = |floor: &mut Floor, text: Option<&str>| {
        floor.ask(Input::Revise {
            interaction: id,
            by: Actor::Visitor(visitor(1).visitor),
            mid: mid("size-L"),
            text: text.map(Into::into),
            re: RE,
        })
    };

    revise(&mut floor, Some("size M")).unwrap();
    assert!(!parked(&floor, id));
    floor.seconds(300);
    assert!(!parked(&floor, id), "an answer is owed");
    revise(&mut floor, None).unwrap();
    floor.seconds(300);

    assert!(parked(&floor, id), "what is taken back asks for nothing");
    floor.crash();
    assert!(parked(&floor, id));
}
