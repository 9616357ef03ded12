use super::*;

#[test]
fn after_a_crash_a_chat_goes_on_with_its_agent_and_every_message_known() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);

    floor.crash();
    floor.tell(Input::ConsoleOpened {
        agent: agent(0),
        socket: 2,
    });
    let repeated = floor.chat(1);

    assert_eq!(repeated, id);
    assert!(floor.of(id).is_with(&agent(0)));
    assert_eq!(floor.count(id, |e| matches!(e, Event::Said { .. })), 1);
}

#[test]
fn after_a_crash_an_open_offer_is_taken_back_and_made_again_in_the_old_place() {
    let mut floor = Floor::open(house(1, 1));
    let first = floor.chat(1);
    let second = floor.chat(2);

    floor.crash();
    assert_eq!(floor.offered(first), None, "nobody's console is open");
    floor.tell(Input::ConsoleOpened {
        agent: agent(0),
        socket: 2,
    });

    assert_eq!(floor.offered(first), Some(agent(0)));
    assert_eq!(floor.offered(second), None);
}

#[test]
fn after_a_crash_calls_are_over_and_phones_are_found_again() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    floor.told();

    floor.crash();

    let told = floor.told();
    let restored = [Command::RestorePhones {
        bindings: vec![(agent(0), "sip:a0".into())],
    }];
    assert_eq!(told, restored);
    assert!(!floor.of(id).has_live_leg());
    assert!(floor.of(id).assignment.as_ref().unwrap().wrap_up.is_some());
}

#[test]
fn agents_who_do_not_come_back_after_a_crash_are_gone_and_their_chats_wait() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);

    floor.crash();
    floor.seconds(31);

    assert_eq!(floor.hub.state().position(id), Some(1));
    let presence = &floor.hub.state().agents().get(&agent(0)).unwrap().presence;
    assert_eq!(*presence, Presence::Gone);
}

#[test]
fn after_a_crash_it_is_known_since_when_somebody_is_signed_out_and_by_whom() {
    let mut floor = Floor::open(house(1, 1));
    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.tell(Input::PhoneGone { agent: agent(0) });
    floor.seconds(31);
    let known = floor.hub.state().agents().get(&agent(0)).cloned().unwrap();
    assert_eq!(known.presence, Presence::Gone);

    floor.crash();

    let after = floor.hub.state().agents().get(&agent(0)).cloned().unwrap();
    assert_eq!((after.since, after.by), (known.since, known.by));
}
