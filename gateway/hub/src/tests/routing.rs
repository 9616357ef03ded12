//! Who gets what: skills that relax, priority, familiar agents, load.

use std::time::Duration;

use ws::{
    agent::{Channel, Presence},
    id::{AgentId, InteractionId, QueueId},
};

use super::*;
use crate::{
    demand::Skills,
    event::{Route, Verdict, Why},
    priority::Worth,
    setup::{Relax, Weights},
};

fn support() -> QueueId {
    "support".parse().unwrap()
}

fn skill(level: u8) -> Skills {
    [("german".parse().unwrap(), level)].into()
}

fn step(after: u64, level: u8) -> Relax {
    Relax {
        after: Duration::from_secs(after),
        skill: "german".parse().unwrap(),
        level,
    }
}

/// A house whose agents speak German at these levels, and whose queue asks for it at level 5.
fn german(levels: &[u8], relax: Vec<Relax>) -> Setup {
    let mut setup = house(levels.len(), 6);
    for (agent, level) in setup.agents.values_mut().zip(levels) {
        agent.skills = skill(*level);
    }
    let queue = setup.queues.get_mut(&support()).unwrap();
    (queue.skills, queue.relax) = (skill(5), relax);
    setup
}

fn route(floor: &Floor, id: InteractionId) -> Route {
    let events = floor.events(id).into_iter().rev();
    let mut routes = events.filter_map(|event| match event {
        Event::Offered { route, .. } => Some(Route::clone(route)),
        _ => None,
    });
    routes.next().expect("an offer")
}

fn verdict(route: &Route, who: &AgentId) -> Verdict {
    let found = route.candidates.iter().find(|c| c.agent == *who);
    found.expect("a candidate").verdict.clone()
}

fn value(floor: &mut Floor, id: InteractionId, value: u8) -> Result<Done, Refusal> {
    let customer = floor.of(id).customer;
    floor.ask(Input::Customer {
        customer,
        order: crate::customer::Order::Value(value),
        by: Actor::TANDEM,
        re: RE,
    })
}

/// Lets a visitor of another zone open a chat.
fn chat_by(floor: &mut Floor, zone: &str, n: u128) -> InteractionId {
    let who = Introduction {
        zone: zone.parse().unwrap(),
        ..visitor(n)
    };
    open_chat(floor, 1_000 + n, who, "first")
}

/// Lets a visitor who was here before open another chat.
fn comes_again(floor: &mut Floor, n: u128) -> InteractionId {
    open_chat(floor, 9_000, visitor(n), "again")
}

fn open_chat(floor: &mut Floor, candidate: u128, who: Introduction, word: &str) -> InteractionId {
    let done = floor.ask(Input::OpenChat {
        candidate: InteractionId::new(candidate).unwrap(),
        who,
        mid: mid(word),
        text: "hello".into(),
        re: RE,
    });
    match done.unwrap() {
        Done::Written { interaction, .. } => interaction,
        other => panic!("{other:?}"),
    }
}

fn away(floor: &mut Floor, agent: &AgentId) {
    let (agent, re) = (agent.clone(), RE);
    let presence = Presence::Away {
        reason: "lunch".into(),
    };
    floor
        .ask(Input::SetPresence {
            agent,
            presence,
            re,
        })
        .unwrap();
}

#[test]
fn a_demand_falls_to_the_next_agent_the_moment_the_step_is_due() {
    let mut floor = Floor::open(german(&[3, 1], vec![step(30, 3), step(60, 0)]));
    let first = floor.chat(1);

    floor.wait(Duration::from_millis(29_999));
    assert_eq!(floor.offered(first), None);
    floor.wait(Duration::from_millis(1));

    assert_eq!(floor.offered(first), Some(agent(0)));
    let route = route(&floor, first);
    assert_eq!((route.skills.clone(), route.waited_ms), (skill(3), 30_000));
    let lacks = Verdict::Lacks {
        skill: "german".parse().unwrap(),
        least: 3,
        has: 1,
    };
    assert_eq!(verdict(&route, &agent(1)), lacks);
}

#[test]
fn a_skill_that_fell_to_zero_is_not_asked_at_all() {
    let mut setup = german(&[9], vec![step(60, 0)]);
    setup.agents.get_mut(&agent(0)).unwrap().skills = Skills::new();
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);

    floor.seconds(60);

    assert_eq!(floor.offered(id), Some(agent(0)));
    assert_eq!(route(&floor, id).skills, Skills::new());
}

#[test]
fn an_able_agent_who_becomes_free_later_takes_a_relaxed_entry_in_its_place() {
    let mut floor = Floor::empty(german(&[5, 3], vec![step(30, 3)]));
    let (old, young) = (floor.chat(1), floor.chat(2));
    floor.seconds(30);
    let fresh = floor.chat(3);

    floor.arrive(&agent(1));

    // Who can do less gets those who waited for it, in their order, and not the fresh one.
    assert_eq!(floor.offered(old), Some(agent(1)));
    assert_eq!(floor.offered(young), Some(agent(1)));
    assert_eq!(floor.offered(fresh), None);
}

#[test]
fn waiting_counts_from_the_first_place_also_after_a_lost_agent() {
    let mut floor = Floor::open(german(&[5, 3], vec![step(30, 3)]));
    floor.seconds(1);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.seconds(40);
    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });

    floor.seconds(30);

    assert_eq!(floor.offered(id), Some(agent(1)));
    assert_eq!(route(&floor, id).skills, skill(3));
}

#[test]
fn a_zone_asks_more_than_its_queue_and_waiting_lowers_that_too() {
    let mut setup = german(&[5, 8], vec![step(20, 4)]);
    let mut deals = ZoneSetup::of(support());
    deals.skills = [("german".parse().unwrap(), 9)].into();
    setup.zones.insert("deals".parse().unwrap(), deals);
    let mut floor = Floor::open(setup);

    let plain = floor.chat(1);
    let special = chat_by(&mut floor, "deals", 2);

    assert!(floor.offered(plain).is_some());
    assert_eq!(floor.offered(special), None);
    floor.seconds(20);
    assert!(floor.offered(special).is_some());
    assert_eq!(route(&floor, special).skills, skill(4));
}

#[test]
fn points_of_queue_zone_and_customer_add_up_to_a_lead_over_longer_waiting() {
    let mut setup = house(1, 6);
    setup.worth = Worth {
        queue: Duration::from_secs(100),
        zone: Duration::from_secs(10),
        value: Duration::from_secs(5),
        callback: Duration::from_secs(1),
    };
    let mut vip = ZoneSetup::of(support());
    vip.priority = 2;
    setup.zones.insert("vip".parse().unwrap(), vip);
    let mut floor = Floor::empty(setup);
    let early = floor.chat(1);
    floor.seconds(15);
    let late = chat_by(&mut floor, "vip", 2);
    floor.seconds(6);
    let later = chat_by(&mut floor, "vip", 3);

    // 20 seconds of lead are more than 15 of waiting and less than 21.
    let place = |id| floor.hub.state().position(id).unwrap();
    assert_eq!([late, early, later].map(place), [1, 2, 3]);
    let priority = floor.of(late).entry.as_ref().unwrap().priority;
    assert_eq!((priority.queue, priority.zone), (5, 2));
    assert_eq!(priority.lead_ms, 520_000);
}

#[test]
fn a_valued_customer_moves_forward_at_the_next_entry_and_after_a_restart_too() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.chat(7);
    value(&mut floor, id, 9).unwrap();
    let too_much = value(&mut floor, id, 10).unwrap_err();
    assert!(too_much.text.contains("0 to 9"), "{too_much:?}");
    floor.end(id, Actor::TANDEM);
    floor.crash();
    let other = floor.chat(1);
    floor.seconds(60);

    let interaction = comes_again(&mut floor, 7);

    assert_eq!(floor.hub.state().position(interaction), Some(1));
    assert_eq!(floor.hub.state().position(other), Some(2));
    let priority = floor.of(interaction).entry.as_ref().unwrap().priority;
    assert_eq!(priority.value, 9);
}

#[test]
fn nobody_starves_behind_a_stream_of_more_important_ones() {
    let mut setup = house(1, 1);
    setup.spans.wrap_up_chat = Duration::ZERO;
    let mut vip = ZoneSetup::of(support());
    vip.priority = 9;
    setup.zones.insert("vip".parse().unwrap(), vip);
    let mut floor = Floor::open(setup);
    let held = chat_by(&mut floor, "vip", 500);
    floor.accept(&agent(0), held);
    let plain = floor.chat(1);
    let mut last = held;

    // A more important one comes every 30 seconds, and the agent serves one every 30 seconds.
    let mut served = 0;
    while floor.offered(plain).is_none() {
        served += 1;
        assert!(served < 30, "starved");
        let next = chat_by(&mut floor, "vip", 600 + served);
        floor.seconds(30);
        let by = Actor::TANDEM;
        let interaction = std::mem::replace(&mut last, next);
        floor.end(interaction, by);
        if floor.offered(next).is_some() {
            floor.accept(&agent(0), next);
        }
    }

    // Nine points of a minute each: as long, and no longer.
    assert!((18..=20).contains(&served), "{served}");
}

#[test]
fn a_queue_has_its_own_window_for_the_agent_the_customer_knows() {
    let mut setup = house(2, 1);
    setup.spans.wrap_up_chat = Duration::ZERO;
    setup.queues.get_mut(&support()).unwrap().familiar = Some(Duration::from_secs(90));
    let mut floor = Floor::open(setup);
    let first = floor.chat(1);
    let knows = floor.accept_any(first);
    floor.end(first, Actor::TANDEM);
    floor.seconds(1);
    // Both are busy, then the one the customer does not know is free.
    for n in [2, 3] {
        let busy = floor.chat(n);
        floor.accept_any(busy);
    }
    let again = comes_again(&mut floor, 1);
    let other = [agent(0), agent(1)].into_iter().find(|a| *a != knows);
    let other = other.unwrap();
    let interaction = floor.chat_of(&other);
    floor.end(interaction, Actor::TANDEM);

    floor.seconds(89);
    assert_eq!(floor.offered(again), None);
    floor.seconds(1);

    assert_eq!(floor.offered(again), Some(other));
}

#[test]
fn who_was_passed_over_for_the_agent_the_customer_knows_is_told_so() {
    let mut setup = house(2, 6);
    setup.spans.wrap_up_chat = Duration::ZERO;
    let mut floor = Floor::open(setup);
    let first = floor.chat(1);
    let knows = floor.accept_any(first);
    floor.end(first, Actor::TANDEM);
    floor.seconds(1);

    let again = comes_again(&mut floor, 1);

    let route = route(&floor, again);
    assert_eq!(route.why, Why::Familiar);
    let stands = |of: &AgentId| {
        let found = route.candidates.iter().find(|one| one.agent == *of);
        &found.unwrap().verdict
    };
    let other = [agent(0), agent(1)].into_iter().find(|it| *it != knows);
    assert!(matches!(stands(&knows), Verdict::Free { .. }));
    assert_eq!(*stands(&other.unwrap()), Verdict::KeptForAnother);
}

#[test]
fn calls_go_to_the_lowest_load_by_the_weights_of_what_is_held() {
    let mut setup = house(2, 6);
    setup.weights = Weights { call: 1, chat: 2 };
    let mut floor = Floor::open(setup);
    floor.seconds(1);
    let chat = floor.chat(1);
    let chatting = floor.accept_any(chat);
    floor.seconds(1);

    let call = floor.call(1, "+4930100");
    let calling = floor.accept_any(call);

    assert_ne!(calling, chatting);
    // A call weighs less here than a chat, so the next chat goes beside the call.
    let next = floor.chat(2);
    assert_eq!(floor.offered(next), Some(calling.clone()));
    let route = route(&floor, next);
    assert_eq!((route.why, route.considered), (Why::LeastBusy, 2));
    assert!(matches!(
        verdict(&route, &calling),
        Verdict::Free { load: 1, .. }
    ));
    assert!(matches!(
        verdict(&route, &chatting),
        Verdict::Free { load: 2, .. }
    ));
}

#[test]
fn a_kept_route_names_twelve_of_all_with_their_scores_and_reasons() {
    let mut floor = Floor::open(house(40, 1));
    floor.seconds(5);
    for n in 30..40 {
        away(&mut floor, &agent(n));
    }

    let id = floor.chat(1);

    let route = route(&floor, id);
    assert_eq!((route.considered, route.candidates.len()), (40, 12));
    assert_eq!(route.candidates[0].agent, floor.offered(id).unwrap());
    let idle = |c: &crate::event::Candidate| match c.verdict {
        Verdict::Free { idle_ms, .. } => idle_ms,
        _ => panic!("{c:?}"),
    };
    assert_eq!(idle(&route.candidates[0]), 5_000);
    assert_eq!(floor.of(id).offer.as_ref().unwrap().why, Why::LeastBusy);
}

#[test]
fn of_two_that_relax_at_once_the_one_further_in_front_is_offered_first() {
    let mut setup = german(&[3], vec![step(30, 3)]);
    let slots = ChatSlots::try_from(1).unwrap();
    setup.agents.get_mut(&agent(0)).unwrap().chat_slots = slots;
    let mut vip = ZoneSetup::of(support());
    vip.priority = 1;
    setup.zones.insert("vip".parse().unwrap(), vip);
    for order in [["shop", "vip"], ["vip", "shop"]] {
        let mut floor = Floor::open(setup.clone());
        let ids = [(order[0], 1), (order[1], 2)];
        let ids = ids.map(|(zone, n)| (zone, chat_by(&mut floor, zone, n)));

        floor.seconds(30);

        for (zone, id) in ids {
            assert_eq!(floor.offered(id).is_some(), zone == "vip", "{order:?}");
        }
    }
}

#[test]
fn queues_served_by_the_same_people_share_the_order_of_their_lines() {
    let mut setup = house(1, 1);
    let sales: QueueId = "sales".parse().unwrap();
    let urgent = QueueSetup {
        priority: 9,
        ..QueueSetup::default()
    };
    setup.queues.insert(sales.clone(), urgent);
    setup
        .zones
        .insert("deals".parse().unwrap(), ZoneSetup::of(sales.clone()));
    let one = setup.agents.get_mut(&agent(0)).unwrap();
    one.queues.push(sales);
    let mut floor = Floor::empty(setup);
    let plain = floor.chat(1);
    let urgent = chat_by(&mut floor, "deals", 2);

    floor.arrive(&agent(0));

    assert_eq!(floor.offered(urgent), Some(agent(0)));
    assert_eq!(floor.offered(plain), None);
    let entry = floor.of(urgent).entry.as_ref().unwrap();
    assert_eq!(entry.channel, Channel::Chat);
}

#[test]
fn it_can_be_asked_why_an_interaction_waits_and_who_would_get_it() {
    let mut floor = Floor::open(german(&[3, 9], vec![step(30, 3)]));
    away(&mut floor, &agent(1));
    let id = floor.chat(1);
    floor.seconds(10);

    let told = floor.hub.explain(id, floor.now).unwrap();

    assert_eq!((told.position, told.skills), (Some(1), skill(5)));
    assert_eq!(told.relaxes_at, Some(floor.now + Duration::from_secs(20)));
    assert_eq!((told.next, told.barred), (None, false));
    let words: Vec<_> = told.candidates.iter().map(|c| c.verdict.word()).collect();
    assert_eq!(words, ["lacks", "away"]);
    floor.seconds(20);
    let told = floor.hub.explain(id, floor.now).unwrap();
    assert_eq!(told.offered, Some(agent(0)));
    floor.accept(&agent(0), id);
    assert_eq!(floor.hub.explain(id, floor.now), None);
}

#[test]
fn an_offer_nobody_answered_goes_to_who_was_not_asked_yet() {
    let mut floor = Floor::open(house(3, 1));
    let id = floor.chat(1);
    let mut asked = vec![floor.offered(id).unwrap()];

    for _ in 0..2 {
        floor.seconds(20);
        asked.push(floor.offered(id).unwrap());
    }

    asked.sort();
    assert_eq!(asked, [agent(0), agent(1), agent(2)]);
    // Then the one who was asked longest ago.
    floor.seconds(20);
    assert_eq!(route(&floor, id).why, Why::AskedAgain);
}

#[test]
fn a_decline_and_a_silence_are_told_apart_among_the_candidates() {
    let mut floor = Floor::open(house(2, 1));
    let id = floor.chat(1);
    let first = floor.offered(id).unwrap();
    let (agent, re) = (first.clone(), RE);
    floor
        .ask(Input::Decline {
            agent,
            interaction: id,
            re,
        })
        .unwrap();

    assert_eq!(verdict(&route(&floor, id), &first), Verdict::InPeace);
    floor.seconds(20);

    let second = floor.offered(id).unwrap();
    assert_eq!(second, first);
    let route = route(&floor, id);
    assert_eq!(route.why, Why::AskedAgain);
    assert_eq!(verdict(&route, &first), Verdict::AskedBefore);
}

#[test]
fn whoever_is_offered_a_call_talks_or_wraps_up_is_told_apart() {
    let mut floor = Floor::open(house(1, 6));
    let first = floor.call(1, "+4930100");
    let second = floor.call(2, "+4930200");
    let stands = |floor: &Floor| {
        let told = floor.hub.explain(second, floor.now).unwrap();
        told.candidates[0].verdict.word()
    };

    assert_eq!(stands(&floor), "offered");
    floor.accept(&agent(0), first);
    floor.answered(leg(first, 2));
    floor.answered(leg(first, 1));
    assert_eq!(stands(&floor), "in_call");
    floor.ended(leg(first, 1), CauseKind::Normal);
    assert_eq!(stands(&floor), "wrap_up");
}
