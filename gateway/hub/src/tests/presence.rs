//! Who is ready or away, why, and who said so.

use ws::{agent::AwayReason, frame::Code};

use super::*;
use crate::{event::SetBy, input::By};

fn reasons(mut setup: Setup) -> Setup {
    setup.away = ["lunch", "training"]
        .map(|code| AwayReason {
            code: code.into(),
            words: format!("At {code}"),
        })
        .to_vec();
    setup
}

fn away(reason: &str) -> Presence {
    Presence::Away {
        reason: reason.into(),
    }
}

fn set(floor: &mut Floor, presence: Presence) -> Result<Done, Refusal> {
    floor.ask(Input::SetPresence {
        agent: agent(0),
        presence,
        re: RE,
    })
}

fn set_by(floor: &mut Floor, by: Actor, presence: Presence) -> Result<Done, Refusal> {
    floor.ask(Input::SetPresenceOf {
        agent: agent(0),
        presence,
        by,
        re: RE,
    })
}

#[test]
fn a_reason_is_given_by_its_code_or_its_words_and_another_is_refused() {
    let mut floor = Floor::open(reasons(house(1, 1)));

    for reason in ["lunch", "At lunch"] {
        floor.ready(&agent(0));
        set(&mut floor, away(reason)).unwrap();
        let known = floor.hub.state().agents().get(&agent(0)).unwrap();
        assert_eq!(known.presence, away("At lunch"));
        assert_eq!(known.code.as_deref(), Some("lunch"));
        assert_eq!((known.since, &known.by), (floor.now, &SetBy::Agent));
    }
    let refused = set(&mut floor, away("golf")).unwrap_err();

    assert_eq!(refused.code, Code::OutOfRange);
    assert!(refused.text.contains("At training"), "{}", refused.text);
}

#[test]
fn where_no_reasons_are_configured_any_may_be_given() {
    let mut floor = Floor::open(house(1, 1));

    set(&mut floor, away("golf")).unwrap();

    let known = floor.hub.state().agents().get(&agent(0)).unwrap();
    assert_eq!((&known.presence, &known.code), (&away("golf"), &None));
}

#[test]
fn a_supervisor_sets_an_agents_state_and_another_agent_does_not() {
    let mut setup = reasons(house(3, 1));
    setup.agents.get_mut(&agent(2)).unwrap().supervisor = true;
    let mut floor = Floor::open(setup);

    let refused = set_by(&mut floor, Actor::Agent(agent(1)), away("lunch")).unwrap_err();
    set_by(&mut floor, Actor::Agent(agent(2)), away("lunch")).unwrap();

    assert_eq!(refused.code, Code::Forbidden);
    let known = floor.hub.state().agents().get(&agent(0)).unwrap();
    let agent = agent(2);
    assert_eq!(known.by, SetBy::Supervisor { agent });
    assert_eq!(known.presence, away("At lunch"));
}

#[test]
fn whoever_sets_an_agents_state_by_the_api_is_named() {
    let mut setup = reasons(house(3, 1));
    setup.agents.get_mut(&agent(2)).unwrap().supervisor = true;
    let mut floor = Floor::open(setup);
    let by = |floor: &Floor| {
        floor
            .hub
            .state()
            .agents()
            .get(&agent(0))
            .unwrap()
            .by
            .clone()
    };

    let crm = By::Program("crm".to_owned());
    set_by(&mut floor, Actor::House(crm), away("lunch")).unwrap();
    let program = Some("crm".to_owned());
    assert_eq!(by(&floor), SetBy::Api { program });

    let other = By::Agent(agent(2));
    set_by(&mut floor, Actor::House(other), Presence::Ready).unwrap();
    let agent = agent(2);
    assert_eq!(by(&floor), SetBy::Supervisor { agent });
}

#[test]
fn a_fact_of_a_version_that_named_no_program_is_still_read() {
    let fact: SetBy = serde_json::from_str(r#"{"by":"api"}"#).unwrap();

    assert_eq!(fact, SetBy::Api { program: None });
}

#[test]
fn nobody_is_made_ready_without_a_console() {
    let mut floor = Floor::empty(house(1, 1));

    let refused = set_by(&mut floor, Actor::TANDEM, Presence::Ready).unwrap_err();

    assert_eq!(refused.code, Code::Conflict);
}

#[test]
fn who_missed_too_many_offers_is_away_by_the_system_and_told_why() {
    let mut floor = Floor::open(house(1, 1));
    floor.chat(1);

    floor.seconds(100);

    let known = floor.hub.state().agents().get(&agent(0)).unwrap();
    assert_eq!(known.presence, away("missed 3 offers in a row"));
    assert_eq!(known.by, SetBy::System);
}
