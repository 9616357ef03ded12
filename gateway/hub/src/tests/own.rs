//! Agents' own queues.

use ws::agent::Channel;

use super::*;
use crate::{edge::browser::desk, event::Why, own::OwnSetup};

fn floor(agents: usize) -> Floor {
    let own = OwnSetup {
        wait: Duration::from_secs(120),
        limit: 2,
        numbers: [("201".to_owned(), agent(0))].into(),
        ..OwnSetup::default()
    };
    Floor::open(Setup {
        own,
        ..house(agents, 6)
    })
}

fn call_to(floor: &mut Floor, n: u128, from: &str, to: &str) -> InteractionId {
    floor.tell(Input::CallArrived(arrival(n, from, to)));
    InteractionId::new(2_000 + n).unwrap()
}

/// Takes the agent into a call.
fn busy(floor: &mut Floor, who: &AgentId) -> InteractionId {
    let id = call_to(floor, 90, "+4930900", who.as_str());
    floor.accept(who, id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    id
}

fn why(floor: &Floor, id: InteractionId) -> Option<Why> {
    let events = floor.events(id).into_iter().rev();
    let mut routes = events.filter_map(|event| match event {
        Event::Offered { route, .. } => Some(route.why),
        _ => None,
    });
    routes.next()
}

fn own(floor: &Floor, who: &AgentId) -> Vec<InteractionId> {
    let desk = desk::of(who, &floor.hub).unwrap();
    desk.own.iter().map(|wait| wait.interaction).collect()
}

#[test]
fn who_asks_for_an_agent_waits_for_them_alone_and_then_for_everybody() {
    let mut floor = floor(2);
    busy(&mut floor, &agent(0));

    let id = call_to(&mut floor, 1, "+4930100", "a0");

    assert_eq!(
        floor.offered(id),
        None,
        "the other agent is free, and not asked"
    );
    assert_eq!(own(&floor, &agent(0)), [id]);
    let told = floor.hub.explain(id, floor.now).unwrap();
    let until = floor.now + Duration::from_secs(120);
    assert_eq!(told.kept_for, Some((agent(0), Some(until))));
    floor.seconds(119);
    assert_eq!(floor.offered(id), None);
    floor.seconds(1);
    assert_eq!(floor.offered(id), Some(agent(1)));
    assert_eq!(why(&floor, id), Some(Why::LeastBusy));
    assert!(own(&floor, &agent(0)).is_empty());
    let lapsed = |e: &Event| matches!(e, Event::Dequeued { reason, anew: true, .. } if reason == "a0 was asked for and was not free in time");
    assert_eq!(floor.count(id, lapsed), 1, "that is on record");
}

#[test]
fn an_agent_who_becomes_free_gets_who_asked_for_them_with_the_reason() {
    let mut floor = floor(2);
    let first = busy(&mut floor, &agent(0));
    let id = call_to(&mut floor, 1, "+4930100", "201");

    floor.ended(leg(first, 1), CauseKind::Normal);
    floor.ended(leg(first, 2), CauseKind::Normal);
    floor.seconds(60);
    assert_eq!(floor.offered(id), None, "the wrap-up goes on");
    let interaction = first;
    floor
        .ask(Input::WrapUp {
            agent: agent(0),
            interaction,
            disposition: None,
            note: None,
            solved: None,
            re: RE,
        })
        .unwrap();

    assert_eq!(floor.offered(id), Some(agent(0)));
    assert_eq!(why(&floor, id), Some(Why::Own));
}

#[test]
fn nobody_waits_for_who_declined_or_is_not_signed_in() {
    let mut floor = floor(2);
    let id = call_to(&mut floor, 1, "+4930100", "a0");
    assert_eq!(floor.offered(id), Some(agent(0)));
    floor
        .ask(Input::Decline {
            agent: agent(0),
            interaction: id,
            re: RE,
        })
        .unwrap();
    assert_eq!(floor.offered(id), Some(agent(1)));
    floor.accept(&agent(1), id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));

    let other = call_to(&mut floor, 2, "+4930200", "a1");
    assert_eq!(floor.offered(other), None, "a1 is in a call");
    floor.tell(Input::ConsoleClosed {
        agent: agent(1),
        socket: 1,
    });
    floor.seconds(31);

    assert_eq!(floor.offered(other), Some(agent(0)), "a1 is gone");
}

#[test]
fn an_own_queue_that_is_full_is_passed_by() {
    let mut floor = floor(2);
    busy(&mut floor, &agent(0));
    let ids = [1, 2].map(|n| call_to(&mut floor, n, &format!("+493010{n}"), "a0"));
    assert_eq!(own(&floor, &agent(0)), ids);

    let third = call_to(&mut floor, 3, "+4930103", "a0");

    // For as long as for any familiar agent.
    floor.seconds(10);
    assert_eq!(floor.offered(third), Some(agent(1)));
}

#[test]
fn what_waits_for_an_agent_does_so_after_a_crash() {
    let mut floor = floor(2);
    floor.arrive(&agent(0));
    let chat = floor.chat(1);
    floor.accept_any(chat);
    let who = floor.of(chat).assignment.as_ref().unwrap().agent.clone();
    let other = agent(usize::from(who == agent(0)));
    let mut setup = floor.hub.setup().clone();
    let slots = ChatSlots::try_from(1).unwrap();
    setup.agents.get_mut(&other).unwrap().chat_slots = slots;
    floor.tell(Input::Configure(Box::new(setup)));
    let full = floor.chat(2);
    floor.accept(&other, full);

    let to = ws::transfer::HandOverTo::Agent(other.clone());
    floor
        .ask(Input::HandOver {
            agent: who.clone(),
            interaction: chat,
            to,
            note: None,
            re: RE,
        })
        .unwrap();

    assert_eq!(
        floor.offered(chat),
        None,
        "who handed it over does not get it back at once"
    );
    assert_eq!(own(&floor, &other), [chat]);
    floor.crash();
    floor.arrive(&who);
    floor.arrive(&other);
    assert_eq!(own(&floor, &other), [chat]);
}

#[test]
fn a_promise_of_an_agents_own_is_in_their_queue() {
    let mut floor = floor(2);
    busy(&mut floor, &agent(0));
    let interaction = InteractionId::new(6_000).unwrap();
    floor
        .ask(Input::AskCallback {
            interaction,
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number("+4930100"),
            at: None,
            wish: ws::callback::Wish {
                owner: Some(agent(0)),
                ..Default::default()
            },
            re: RE,
        })
        .unwrap();

    let desk = desk::of(&agent(0), &floor.hub).unwrap();
    assert_eq!(desk.own.len(), 1);
    assert!(desk.own[0].callback && desk.own[0].channel == Channel::Voice);
}
