//! What a board is told of limits on calls that leave the house, and of trunks.

use sip::endpoint::TrunkStanding;
use ws::board::{Change, TollLimit, TollView};

use super::*;
use crate::toll::{Allowance, TollSetup};

/// Returns the limits that a push tells anew, if it does.
fn tolls(out: &[Output]) -> Option<Vec<TollView>> {
    let [agent::Push::BoardChange { changes, .. }] = boards(out)[..] else {
        return None;
    };
    changes.iter().find_map(|change| match change {
        Change::Tolls { tolls } => Some(tolls.clone()),
        _ => None,
    })
}

/// The supervisor watches, is in a chat, and has a phone.
fn watched() -> (House, InteractionId) {
    let mut house = House::supervised();
    let mut setup = house.hub.setup().clone();
    setup.tolls = TollSetup {
        prefixes: [("+882".to_owned(), Allowance::Deny)].into(),
        per_agent: Some(1),
        ..TollSetup::default()
    };
    let configure = crate::Input::Configure(Box::new(setup));
    house.hub.handle(configure, house.now);
    let phone = Input::PhoneRegistered {
        agent: "a0".parse().unwrap(),
        binding: "sip:a0".to_owned(),
        until: house.now + Duration::from_secs(100_000),
    };
    house.hub.handle(phone, house.now);
    let interaction = house.chat();
    house.work(100, agent::Request::Watch { resume: None });
    house.tick();
    (house, interaction)
}

#[test]
fn limits_on_calls_are_told_when_they_refuse_or_are_reached_and_no_more_an_hour_later() {
    let (mut house, interaction) = watched();
    let call = |house: &mut House, number: &str| {
        let number = number.parse().unwrap();
        house.work(
            100,
            agent::Request::Escalate {
                interaction,
                number,
            },
        );
        tolls(&house.tick())
    };

    let denied = call(&mut house, "+882123").expect("a call was refused");
    let reached = call(&mut house, "+4930100").expect("the agent's limit is reached");

    let prefix = TollView {
        limit: TollLimit::Prefix {
            prefix: "+882".to_owned(),
        },
        bound: 0,
        spent: 0,
        refused: 1,
        frees: None,
    };
    assert_eq!(denied, std::slice::from_ref(&prefix));
    let dialled = house.now.0 - 1_000;
    let of_agent = TollView {
        limit: TollLimit::Agent {
            agent: "a0".parse().unwrap(),
        },
        bound: 1,
        spent: 1,
        refused: 0,
        frees: Some(Timestamp(dialled + 3_600_000)),
    };
    assert_eq!(reached, [of_agent, prefix]);
    assert_eq!(tolls(&house.tick()), None, "nothing changed");

    // Nobody calls, and the board is drawn all the same.
    house.now = house.now + Duration::from_secs(3_600);
    assert_eq!(tolls(&house.tick()), Some(Vec::new()));
}

#[test]
fn a_board_is_told_when_a_trunk_goes_and_comes_back_and_how_many_calls_it_has() {
    let (mut house, _) = watched();
    let told = |house: &mut House, up, calls| {
        let standing = TrunkStanding {
            trunk: "carrier".to_owned(),
            up,
            registered: Some(up),
            calls,
            max_calls: Some(30),
        };
        house.browsers.trunks(&[standing], house.now);
        let out = house.tick();
        let [agent::Push::BoardChange { changes, .. }] = boards(&out)[..] else {
            return None;
        };
        changes.iter().find_map(|change| match change {
            Change::Trunks { trunks } => Some((trunks[0].up, trunks[0].since, trunks[0].calls)),
            _ => None,
        })
    };

    let came = house.now;
    assert_eq!(told(&mut house, true, 2), Some((true, came, 2)));
    assert_eq!(told(&mut house, true, 2), None, "nothing changed");
    let gone = house.now;
    assert_eq!(told(&mut house, false, 2), Some((false, gone, 2)));
    assert_eq!(told(&mut house, false, 1), Some((false, gone, 1)));
    let drawn = house.browsers.board(&house.hub, house.now);
    assert_eq!(
        (drawn.trunks[0].limit, drawn.trunks[0].registered),
        (Some(30), Some(false))
    );
}

#[test]
fn a_board_expects_no_wait_of_a_queue_while_it_is_closed() {
    let (mut house, _) = watched();
    let expected = |house: &House, at| house.browsers.board(&house.hub, at).queues[0].expected;
    assert_eq!(expected(&house, house.now), Some(0));
    let mut setup = house.hub.setup().clone();
    let week = std::array::from_fn(|_| vec!["12:00-13:00".parse().unwrap()]);
    let hours = crate::hours::Hours::new("UTC", week, Vec::new()).unwrap();
    let queue = setup.queues.values_mut().next().unwrap();
    queue.hours = Some(std::sync::Arc::new(hours));
    let configure = crate::Input::Configure(Box::new(setup));
    house.hub.handle(configure, house.now);

    assert_eq!(expected(&house, house.now), None);
    // Nothing happened, and it is drawn all the same.
    let day = 86_400_000;
    let noon = Timestamp(house.now.0 - house.now.0 % day + day / 2);
    assert_eq!(expected(&house, noon), Some(0));
}
