//! What those who wait are told, and what came of those who came.

use ws::{agent::Channel, id::QueueId};

use super::*;
use crate::{
    event::{Promises, WaitEnd},
    figures::Tally,
    policy::{Instead, Rule},
};

fn support() -> QueueId {
    "support".parse().unwrap()
}

fn ends(floor: &Floor, id: InteractionId) -> Vec<(WaitEnd, Option<Promises>)> {
    let events = floor.events(id).into_iter();
    events
        .filter_map(|event| match event {
            Event::WaitEnded { end, promises, .. } => Some((*end, *promises)),
            _ => None,
        })
        .collect()
}

fn today(floor: &Floor, channel: Channel) -> Tally {
    floor.hub.today(&support(), channel, floor.now)
}

fn promised(floor: &Floor, id: InteractionId) -> usize {
    floor.count(id, |e| matches!(e, Event::WaitPromised { .. }))
}

/// A house of one agent with one chat slot, who takes a chat every minute; three wait, and the first is with the agent.
fn busy() -> (Floor, Vec<InteractionId>) {
    let mut setup = house(1, 1);
    setup.spans.wrap_up_chat = Duration::ZERO;
    let mut floor = Floor::open(setup);
    let ids: Vec<_> = (1..=7).map(|n| floor.chat(n)).collect();
    for id in &ids[..4] {
        floor.accept(&agent(0), *id);
        floor.seconds(60);
        end(&mut floor, *id);
    }
    floor.accept(&agent(0), ids[4]);
    (floor, ids)
}

fn end(floor: &mut Floor, interaction: InteractionId) {
    floor.end(interaction, Actor::Agent(agent(0)));
}

#[test]
fn who_waits_is_told_a_time_that_the_pace_of_the_queue_gives_and_it_is_held_against_what_came() {
    let (mut floor, _) = busy();
    let id = floor.chat(8);

    let told = floor.of(id).wait.as_ref().unwrap().promises.unwrap().first;

    assert_eq!((told.at, told.position), (floor.now, 3));
    assert_eq!(told.expected_ms, Some(180_000));
    let hub = &floor.hub;
    let comer = hub
        .expected_wait(&support(), Channel::Chat, floor.now)
        .unwrap();
    assert_eq!(comer, Duration::from_secs(240));
    assert_eq!(
        hub.expected_wait(&support(), Channel::Voice, floor.now),
        Some(Duration::ZERO),
        "nobody is in a call"
    );
    floor.seconds(30);
    let first = floor.chat_of(&agent(0));
    end(&mut floor, first);
    for _ in 0..3 {
        let next = floor.chat_of(&agent(0));
        floor.accept(&agent(0), next);
        floor.seconds(60);
        if next != id {
            end(&mut floor, next);
        }
    }

    let ended = ends(&floor, id);
    let (WaitEnd::Answered, Some(promises)) = &ended[0] else {
        panic!("{ended:?}");
    };
    assert_eq!(promises.first, told);
    let tally = today(&floor, Channel::Chat);
    // The others came together, when nothing was known; only who came last was told a time.
    assert!(tally.promised >= 1, "{tally:?}");
    assert_eq!(tally.answered, 8);
}

#[test]
fn nobody_is_told_a_time_before_the_skills_that_are_asked_relax() {
    let mut setup = house(1, 1);
    setup.spans.wrap_up_chat = Duration::ZERO;
    let german = |level| [("german".parse().unwrap(), level)].into();
    setup.agents.get_mut(&agent(0)).unwrap().skills = german(3);
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.skills = german(5);
    queue.relax = vec![crate::setup::Relax {
        after: Duration::from_secs(300),
        skill: "german".parse().unwrap(),
        level: 0,
    }];
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.seconds(300);
    floor.accept(&agent(0), id);
    floor.seconds(60);
    end(&mut floor, id);

    let expected = floor
        .hub
        .expected_wait(&support(), Channel::Chat, floor.now);

    assert_eq!(expected, Some(Duration::from_secs(300)));
}

#[test]
fn nobody_is_expected_to_wait_in_a_closed_queue_that_does_something_else() {
    let nine = Timestamp(9 * 3_600_000);
    let week = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
    let hours = crate::hours::Hours::new("UTC", week, Vec::new()).unwrap();
    let hours = std::sync::Arc::new(hours);
    let backup = || Instead::Queue {
        queue: "backup".parse().unwrap(),
    };
    for (instead, waits) in [
        (Instead::Message, false),
        (Instead::Voicemail, false),
        (Instead::Busy, false),
        (backup(), false),
        (Instead::Wait, true),
    ] {
        let mut setup = house(1, 6);
        setup
            .queues
            .insert("backup".parse().unwrap(), QueueSetup::default());
        let there = setup.agents.get_mut(&agent(0)).unwrap();
        there.queues.push("backup".parse().unwrap());
        let queue = setup.queues.get_mut(&support()).unwrap();
        queue.hours = Some(hours.clone());
        let list = vec![instead.clone()];
        queue.policy.instead.insert(Rule::Closed, list);
        let floor = Floor::open(setup);

        for channel in [Channel::Chat, Channel::Voice] {
            let expected = |at| floor.hub.expected_wait(&support(), channel, at);

            let free = Some(Duration::ZERO);
            assert_eq!(expected(floor.now), free.filter(|_| waits), "{instead:?}");
            assert_eq!(expected(nine), free, "{instead:?}: it is open");
        }
    }
}

#[test]
fn who_is_put_before_an_agent_at_once_is_told_nothing() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);

    floor.seconds(5);
    floor.accept(&agent(0), id);

    assert_eq!(ends(&floor, id), [(WaitEnd::Answered, None)]);
    let tally = today(&floor, Channel::Chat);
    assert_eq!((tally.arrived, tally.answered, tally.in_time), (1, 1, 1));
    assert_eq!(tally.waited_ms, 5_000);
}

#[test]
fn a_call_is_answered_when_they_hear_each_other_and_not_before() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.answered(leg(id, 1));
    floor.seconds(25);
    assert_eq!(ends(&floor, id), []);

    floor.answered(leg(id, 2));

    assert_eq!(ends(&floor, id), [(WaitEnd::Answered, None)]);
    let tally = today(&floor, Channel::Voice);
    assert_eq!(
        (tally.answered, tally.in_time),
        (1, 0),
        "20 s are the target"
    );
}

#[test]
fn who_gives_up_was_abandoned_early_or_late() {
    let mut setup = house(0, 6);
    setup.queues.get_mut(&support()).unwrap().target = Duration::from_secs(10);
    let mut floor = Floor::open(setup);
    let (early, late) = (floor.call(1, "+4930100"), floor.call(2, "+4930200"));
    floor.seconds(10);
    floor.ended(leg(early, 1), CauseKind::Cancelled);
    floor.seconds(1);
    floor.ended(leg(late, 1), CauseKind::Cancelled);

    let tally = today(&floor, Channel::Voice);
    assert_eq!((tally.abandoned, tally.abandoned_early), (2, 1));
    let events = floor.events(late);
    let ended = events
        .iter()
        .position(|e| matches!(e, Event::WaitEnded { .. }));
    let sealed = events
        .iter()
        .position(|e| matches!(e, Event::Sealed { .. }));
    assert!(ended < sealed, "{events:?}");
}

#[test]
fn who_is_sent_to_another_queue_waits_anew_there() {
    let backup: QueueId = "backup".parse().unwrap();
    let mut setup = house(0, 6);
    setup.queues.insert(backup.clone(), QueueSetup::default());
    let mut server = AgentSetup {
        queues: vec![backup.clone()],
        ..AgentSetup::default()
    };
    server.name = "Ida".into();
    setup.agents.insert(agent(0), server);
    let policy = &mut setup.queues.get_mut(&support()).unwrap().policy;
    policy.longest_wait = Some(Duration::from_secs(60));
    let queue = backup.clone();
    policy
        .instead
        .insert(Rule::Late, vec![Instead::Queue { queue }]);
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);

    floor.seconds(65);
    floor.accept(&agent(0), id);

    let how: Vec<_> = ends(&floor, id).into_iter().map(|(end, _)| end).collect();
    assert_eq!(how, [WaitEnd::Elsewhere, WaitEnd::Answered]);
    let there = floor.hub.today(&backup, Channel::Chat, floor.now);
    assert_eq!(
        (there.arrived, there.in_time, there.waited_ms),
        (1, 1, 5_000)
    );
    assert_eq!(today(&floor, Channel::Chat).diverted, 1);
}

#[test]
fn who_comes_back_to_the_queue_from_an_agent_was_counted_when_they_came() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.seconds(31);
    floor.arrive(&agent(0));
    floor.accept(&agent(0), id);

    let tally = today(&floor, Channel::Chat);
    assert_eq!((tally.arrived, tally.offered()), (1, 1));
    assert_eq!(ends(&floor, id).len(), 2);
}

#[test]
fn a_phone_that_was_not_answered_ends_no_wait() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.ended(leg(id, 2), CauseKind::NoAnswer);

    assert_eq!(ends(&floor, id), []);
    assert_eq!(today(&floor, Channel::Voice).offered(), 0);
    assert!(floor.of(id).wait.is_some());
}

#[test]
fn what_is_told_grows_rarer_the_longer_nothing_changes() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.chat(1);

    floor.seconds(3_600);

    assert_eq!(promised(&floor, id), 1);
}

#[test]
fn the_figures_outlive_a_restart() {
    let (mut floor, _) = busy();
    let before = today(&floor, Channel::Chat);

    floor.crash();

    assert_eq!(today(&floor, Channel::Chat), before);
}

#[test]
fn who_comes_first_within_one_millisecond_is_first_also_after_a_restart() {
    let mut floor = Floor::empty(house(1, 6));
    let first = floor.chat(9);
    let second = floor.chat(3);
    assert_eq!(floor.of(first).opened, floor.of(second).opened);

    let places = |floor: &Floor| [first, second].map(|id| floor.hub.state().position(id));

    assert_eq!(places(&floor), [Some(1), Some(2)]);
    floor.crash();
    assert_eq!(places(&floor), [Some(1), Some(2)]);
    floor.arrive(&agent(0));
    assert_eq!(floor.offered(first), Some(agent(0)));
}
