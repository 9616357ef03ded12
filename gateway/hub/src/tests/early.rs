//! What callers hear before their call is answered, where their trunk carries it.

use std::sync::Arc;

use super::*;
use crate::{
    command::Program,
    hours::Hours,
    policy::{Instead, Rule},
};

const LONGEST: Duration = Duration::from_secs(90);

/// A house whose trunk carries sound before the answer.
fn early(agents: usize) -> Setup {
    let mut setup = house(agents, 6);
    setup.early.insert("carrier".parse().unwrap(), LONGEST);
    setup
}

fn rules(setup: &mut Setup, rule: Rule, instead: Instead) {
    let queue = setup.queues.get_mut(&"support".parse().unwrap()).unwrap();
    queue.policy.instead.insert(rule, vec![instead]);
}

fn open(floor: &mut Floor, leg: LegId) {
    floor.tell(Input::Leg(LegNews::Early { leg }));
}

/// A caller for whom nobody is free and who hears their place, unanswered.
fn waiting(setup: Setup) -> (Floor, InteractionId, LegId) {
    let mut floor = Floor::open(setup);
    let id = floor.call(1, "+4930100");
    let caller = leg(id, 1);
    floor.seconds(1);
    assert_eq!(
        floor.told().last(),
        Some(&Command::SpeakEarly { leg: caller })
    );
    open(&mut floor, caller);
    (floor, id, caller)
}

fn plays(told: &[Command], of: LegId, what: &Program) -> bool {
    told.iter()
        .any(|told| matches!(told, Command::Play { leg, program } if *leg == of && program == what))
}

fn answers(told: &[Command], leg: LegId) -> bool {
    told.contains(&Command::Answer { leg })
}

fn released(told: &[Command], of: LegId) -> Option<CauseKind> {
    told.iter().find_map(|told| match told {
        Command::Release { leg, cause } if *leg == of => Some(cause.kind),
        _ => None,
    })
}

const FIRST: Program = Program::Waiting {
    position: 1,
    callback: false,
    minutes: None,
};

#[test]
fn a_caller_hears_the_place_before_the_answer_and_is_answered_when_an_agent_is_there() {
    let (mut floor, id, caller) = waiting(early(0));
    let told = floor.told();
    assert!(plays(&told, caller, &FIRST), "{told:?}");

    let mut with_agent = floor.hub.setup().clone();
    with_agent.agents = house(1, 6).agents;
    floor.tell(Input::Configure(Box::new(with_agent)));
    floor.arrive(&agent(0));
    let agent = floor.accept_any(id);
    let told = floor.told();
    let of = leg(id, 2);
    assert!(!answers(&told, caller), "the agent's phone rings: {told:?}");
    assert!(
        told.contains(&Command::Await { leg: caller, of }),
        "{told:?}"
    );
    floor.answered(of);

    assert!(answers(&floor.told(), caller));
    floor.answered(caller);
    let bridge = Command::Bridge { a: caller, b: of };
    assert!(floor.told().contains(&bridge));
    assert!(floor.of(id).is_with(&agent));
    floor.crash();
}

#[test]
fn who_hears_something_for_too_long_is_answered_and_hears_no_place_anew() {
    let (mut floor, _, caller) = waiting(early(0));
    floor.seconds(89);
    assert!(!answers(&floor.told(), caller));

    floor.seconds(1);

    assert!(answers(&floor.told(), caller));
    floor.seconds(1);
    assert!(!answers(&floor.told(), caller), "once");
    floor.answered(caller);
    assert!(!plays(&floor.told(), caller, &FIRST));
}

#[test]
fn who_may_key_something_is_answered_first() {
    let mut setup = early(0);
    setup.callbacks.keep_place = true;
    let mut floor = Floor::open(setup);
    let id = floor.call(1, "+4930100");

    floor.seconds(1);

    assert!(answers(&floor.told(), leg(id, 1)));
}

#[test]
fn callers_of_other_trunks_and_phones_are_answered_first() {
    let mut setup = house(0, 6);
    setup.early.insert("other".parse().unwrap(), LONGEST);
    let mut floor = Floor::open(setup);
    let id = floor.call(1, "+4930100");

    floor.seconds(1);

    assert!(answers(&floor.told(), leg(id, 1)));
}

#[test]
fn a_trunk_that_loses_it_by_a_reload_has_its_callers_answered() {
    let (mut floor, _, caller) = waiting(early(0));
    floor.told();
    floor.tell(Input::Configure(Box::new(house(0, 6))));

    floor.seconds(90);

    assert!(answers(&floor.told(), caller));
}

#[test]
fn who_is_turned_away_hears_why_and_is_told_by_the_status_without_an_answer() {
    let cases = [
        (Rule::Closed, CauseKind::NoAnswer, Program::Closed),
        (Rule::Unstaffed, CauseKind::NoAnswer, Program::Sorry),
    ];
    for (rule, kind, farewell) in cases {
        for ends in [true, false] {
            let mut setup = early(0);
            rules(&mut setup, rule, Instead::Message);
            if rule == Rule::Closed {
                let week = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
                let hours = Hours::new("UTC", week, Vec::new()).unwrap();
                let queue = setup.queues.get_mut(&"support".parse().unwrap()).unwrap();
                queue.hours = Some(Arc::new(hours));
            }
            let mut floor = Floor::open(setup);
            let id = floor.call(1, "+4930100");
            let caller = leg(id, 1);
            floor.seconds(1);
            let told = floor.told();
            assert!(
                told.contains(&Command::SpeakEarly { leg: caller }),
                "{told:?}"
            );
            open(&mut floor, caller);
            let told = floor.told();
            assert!(plays(&told, caller, &farewell), "{rule:?}: {told:?}");

            match ends {
                true => floor.heard(caller),
                false => floor.seconds(10),
            }

            let told = floor.told();
            assert_eq!(released(&told, caller), Some(kind), "{rule:?}: {told:?}");
            assert!(!answers(&told, caller));
            floor.ended(caller, kind);
            floor.crash();
        }
    }
}

#[test]
fn a_caller_for_whom_there_is_no_room_any_more_hears_so_and_is_told_busy() {
    let mut setup = early(0);
    rules(&mut setup, Rule::Late, Instead::Busy);
    let queue = setup.queues.get_mut(&"support".parse().unwrap()).unwrap();
    queue.policy.longest_wait = Some(Duration::from_secs(30));
    let (mut floor, _, caller) = waiting(setup);
    floor.told();

    floor.seconds(30);

    let told = floor.told();
    assert!(plays(&told, caller, &Program::Sorry), "{told:?}");
    assert_eq!(released(&told, caller), None, "they hear why first");
    floor.heard(caller);
    let told = floor.told();
    assert_eq!(released(&told, caller), Some(CauseKind::NoAnswer));
    assert!(!answers(&told, caller));
}

#[test]
fn who_gives_up_before_they_hear_anything_is_gone() {
    let mut floor = Floor::open(early(0));
    let id = floor.call(1, "+4930100");
    let caller = leg(id, 1);
    floor.seconds(1);
    floor.ended(caller, CauseKind::Cancelled);
    floor.told();

    open(&mut floor, caller);

    assert_eq!(floor.told(), []);
}

#[test]
fn a_step_of_the_clock_answers_nobody() {
    let (mut floor, _, caller) = waiting(early(0));
    floor.seconds(30);

    floor.step(Duration::from_secs(7_200));

    floor.seconds(59);
    assert!(!answers(&floor.told(), caller));
    floor.seconds(1);
    assert!(answers(&floor.told(), caller));
}
