//! Agents who are taken out of the configuration.

use ws::{agent::Channel, supervision::Supervise};

use super::*;
use crate::event::OfferEnd;

fn without(floor: &Floor, n: usize) -> Setup {
    let mut setup = floor.hub.setup().clone();
    setup.agents.remove(&agent(n));
    setup
}

fn take_out(floor: &mut Floor, n: usize) {
    let setup = without(floor, n);
    floor.tell(Input::Configure(Box::new(setup)));
}

fn is_gone(floor: &Floor, n: usize) -> bool {
    let known = floor.hub.state().agents().get(&agent(n)).unwrap();
    known.presence == Presence::Gone && known.phone.is_none() && known.holds().is_empty()
}

#[test]
fn the_chats_of_an_agent_who_is_taken_out_wait_in_their_old_places_at_once() {
    let mut floor = Floor::empty(house(2, 1));
    floor.arrive(&agent(0));
    let first = floor.chat(1);
    floor.accept(&agent(0), first);
    floor.seconds(60);
    let second = floor.chat(2);

    take_out(&mut floor, 0);

    assert!(is_gone(&floor, 0));
    let place = |id| floor.hub.state().position(id);
    assert_eq!([first, second].map(place), [Some(1), Some(2)]);
    floor.arrive(&agent(1));
    assert_eq!(floor.offered(first), Some(agent(1)));
    floor.crash();
}

#[test]
fn what_was_before_an_agent_who_is_taken_out_goes_to_the_next() {
    let mut floor = Floor::empty(house(2, 1));
    floor.arrive(&agent(0));
    let chat = floor.chat(1);
    assert_eq!(floor.offered(chat), Some(agent(0)));
    floor.arrive(&agent(1));

    take_out(&mut floor, 0);

    let gone = |event: &Event| matches!(event, Event::OfferEnded { end, .. } if *end == OfferEnd::AgentGone);
    assert_eq!(floor.count(chat, gone), 1);
    assert_eq!(floor.offered(chat), Some(agent(1)));
    assert!(is_gone(&floor, 0));
}

#[test]
fn a_call_of_an_agent_who_is_taken_out_goes_on_and_has_no_wrap_up() {
    let mut floor = Floor::open(house(1, 6));
    let (id, _) = talking(&mut floor);

    take_out(&mut floor, 0);
    floor.seconds(600);

    let found = floor.of(id);
    assert!(found.call.as_ref().unwrap().bridged.is_some());
    assert!(found.assignment.is_some(), "it is still theirs");
    let released = |command: &Command| matches!(command, Command::Release { .. });
    assert!(!floor.told().iter().any(released));

    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.ended(leg(id, 2), CauseKind::Normal);
    assert!(floor.hub.state().interaction(id).is_none(), "it is sealed");
    assert!(is_gone(&floor, 0));
}

#[test]
fn a_supervisor_who_is_taken_out_hears_no_more() {
    let mut setup = house(2, 6);
    setup.agents.get_mut(&agent(1)).unwrap().supervisor = true;
    let mut floor = Floor::empty(setup);
    floor.arrive(&agent(0));
    let (id, _) = talking(&mut floor);
    floor.arrive(&agent(1));
    let listen = Wish::Supervise {
        act: Supervise::Listen,
        channel: Channel::Voice,
    };
    ask(&mut floor, id, &agent(1), listen).unwrap();
    floor.answered(leg(id, 3));
    floor.told();

    take_out(&mut floor, 1);

    let released = |command: &Command| matches!(command, Command::Release { leg: of, .. } if *of == leg(id, 3));
    assert!(floor.told().iter().any(released));
    let call = floor.of(id).call.clone().unwrap();
    assert!(call.watchers.is_empty() && call.bridged.is_some());
}

#[test]
fn who_is_not_there_after_a_restart_any_more_keeps_nothing() {
    let mut floor = Floor::empty(house(2, 1));
    floor.arrive(&agent(0));
    let chat = floor.chat(1);
    floor.accept(&agent(0), chat);

    let mut hub = Hub::new(without(&floor, 0), [8; 32]);
    for fact in &floor.facts {
        hub.replay(fact);
    }
    floor.hub = hub;
    floor.told();
    floor.hub.start(floor.now);
    floor.listen();

    assert!(is_gone(&floor, 0));
    assert_eq!(floor.hub.state().position(chat), Some(1));
    let restored = |command: &Command| matches!(command, Command::RestorePhones { .. });
    assert!(!floor.told().iter().any(restored));
}

#[test]
fn who_is_taken_out_and_comes_back_signs_in_as_anybody() {
    let mut floor = Floor::open(house(1, 1));
    let before = floor.hub.setup().clone();
    take_out(&mut floor, 0);
    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.tell(Input::Configure(Box::new(before)));

    let chat = floor.chat(1);
    assert_eq!(floor.offered(chat), None);
    floor.arrive(&agent(0));

    assert_eq!(floor.offered(chat), Some(agent(0)));
}
