use ws::{frame::Code, transfer::TransferTo};

use super::*;
use crate::{
    command::Target,
    event::{InCall, Lack, Left, PassedOver},
    gate::Closed,
    input::Rerouted,
    talk::Wish,
    toll::{Allowance, Limit, Standing, TollSetup},
};

fn chats(setup: Setup, tolls: TollSetup) -> (Floor, Vec<InteractionId>) {
    let mut floor = Floor::open(Setup { tolls, ..setup });
    let mut ids = Vec::new();
    for n in 1..=3 {
        let id = floor.chat(n);
        floor.accept(&agent(0), id);
        ids.push(id);
    }
    floor.told();
    (floor, ids)
}

/// Lets the agent of a chat call a number, and the number not answer.
fn tries(floor: &mut Floor, id: InteractionId, number: &str) -> Result<Done, Refusal> {
    let done = floor.ask(Input::Escalate {
        interaction: id,
        by: Actor::Agent(agent(0)),
        number: number.parse().unwrap(),
        re: RE,
    });
    if done.is_ok() {
        let call = floor.of(id).call.clone().unwrap();
        floor.ended(call.customer, CauseKind::NoAnswer);
        floor.ended(call.agent.unwrap_or(call.customer), CauseKind::Normal);
    }
    done
}

fn refused(floor: &Floor, id: InteractionId) -> Vec<Closed> {
    let closed = |event: &&Event| match event {
        Event::ContactRefused { closed, .. } => Some(*closed),
        _ => None,
    };
    let events = floor.events(id);
    events.iter().filter_map(closed).collect()
}

#[test]
fn a_destination_that_is_denied_is_never_dialled_and_the_reason_is_a_fact() {
    let tolls = TollSetup {
        prefixes: [("+49900".to_owned(), Allowance::Deny)].into(),
        ..TollSetup::default()
    };
    let (mut floor, ids) = chats(house(1, 6), tolls);

    let refusal = tries(&mut floor, ids[0], "+49900123").unwrap_err();

    assert_eq!(refusal.code, Code::Forbidden);
    assert_eq!(refused(&floor, ids[0]), [Closed::Denied]);
    assert!(
        floor
            .told()
            .iter()
            .all(|told| !matches!(told, Command::Dial { .. }))
    );
    tries(&mut floor, ids[0], "+4930100").unwrap();
}

#[test]
fn calls_are_bounded_by_the_hour_for_agent_destination_and_house() {
    let tolls = [
        (
            TollSetup {
                per_agent: Some(1),
                ..TollSetup::default()
            },
            Closed::AgentSpent,
        ),
        (
            TollSetup {
                others: Allowance::PerHour(1),
                ..TollSetup::default()
            },
            Closed::PrefixSpent,
        ),
        (
            TollSetup {
                per_hour: Some(1),
                ..TollSetup::default()
            },
            Closed::HouseSpent,
        ),
        (
            TollSetup {
                per_trunk: [("carrier".parse().unwrap(), 1)].into(),
                ..TollSetup::default()
            },
            Closed::TrunkSpent,
        ),
    ];
    for (tolls, closed) in tolls {
        let (mut floor, ids) = chats(house(1, 6), tolls);

        tries(&mut floor, ids[0], "+4930100").unwrap();
        let refusal = tries(&mut floor, ids[1], "+4930100").unwrap_err();

        assert_eq!(refusal.code, Code::Unavailable, "{closed:?}");
        assert_eq!(refused(&floor, ids[1]), [closed]);
        floor.seconds(3_600);
        let id = floor.chat(9);
        floor.accept(&agent(0), id);
        tries(&mut floor, id, "+4930100").unwrap();
    }
}

#[test]
fn an_hour_of_calls_is_one_that_passed_whatever_the_clock_is_set_to() {
    let ahead: fn(&mut Floor) = |floor| floor.step(Duration::from_secs(2 * 3_600));
    let back: fn(&mut Floor) = |floor| floor.jump(crate::step::Jump::behind(HALF));
    for (step, left) in [(ahead, HALF * 2), (back, HALF)] {
        let (agent, trunk) = (agent(0), "carrier".parse().unwrap());
        let tolls = TollSetup {
            others: Allowance::PerHour(1),
            per_agent: Some(1),
            per_hour: Some(1),
            per_trunk: [(trunk, 1)].into(),
            ..TollSetup::default()
        };
        let (mut floor, ids) = chats(house(1, 6), tolls);
        // The floor begins a moment after 1970.
        floor.step(HALF * 4);
        tries(&mut floor, ids[0], "+4930100").unwrap();

        step(&mut floor);

        let spent = told(&floor);
        assert_eq!(spent.len(), 4, "{spent:?}");
        let frees = Some(floor.now + left);
        for one in spent {
            assert!(one.is_reached() && one.frees == frees, "{one:?}");
        }
        assert!(tries(&mut floor, ids[1], "+4930100").is_err());
        floor.wait(left);
        let id = floor.chat(9);
        floor.accept(&agent, id);
        tries(&mut floor, id, "+4930100").unwrap();
    }
}

const HALF: Duration = Duration::from_secs(1_800);

// The one call of the hour is made, and another is promised.
fn spent() -> (Floor, InteractionId) {
    let tolls = TollSetup {
        per_hour: Some(1),
        ..TollSetup::default()
    };
    let (mut floor, ids) = chats(house(1, 6), tolls);
    tries(&mut floor, ids[0], "+4930100").unwrap();
    let id = floor.promise(9, "+4930200");
    (floor, id)
}

#[test]
fn a_promised_call_that_waits_for_room_goes_once_an_hour_passed_after_a_step() {
    let (mut floor, id) = spent();

    floor.step(Duration::from_secs(2 * 3_600));

    floor.seconds(3_590);
    floor.ready(&agent(0));
    assert_eq!(floor.offered(id), None);
    floor.seconds(15);
    assert_eq!(floor.offered(id), Some(agent(0)));
}

/// Lets somebody ask for a callback in a chat.
fn promises(
    floor: &mut Floor,
    id: InteractionId,
    by: Actor,
    at: Option<Timestamp>,
) -> Result<Done, Refusal> {
    floor.ask(Input::AskCallback {
        interaction: id,
        queue: None,
        by,
        number: number("+4930100"),
        at,
        wish: Default::default(),
        re: RE,
    })
}

fn one_for_an_agent() -> TollSetup {
    TollSetup {
        per_agent: Some(1),
        ..TollSetup::default()
    }
}

#[test]
fn an_agent_whose_hour_is_spent_gets_no_call_by_promising_one() {
    let (mut floor, ids) = chats(house(1, 6), one_for_an_agent());
    tries(&mut floor, ids[0], "+4930100").unwrap();
    let own = Actor::House(crate::input::By::Agent(agent(0)));

    for by in [Actor::Agent(agent(0)), own.clone()] {
        let refusal = promises(&mut floor, ids[1], by, None).unwrap_err();
        assert_eq!(refusal.code, Code::Unavailable);
    }
    let escalated = floor.ask(Input::Escalate {
        interaction: ids[1],
        by: own,
        number: number("+4930100"),
        re: RE,
    });

    assert_eq!(escalated.unwrap_err().code, Code::Unavailable);
    assert_eq!(refused(&floor, ids[1]), [Closed::AgentSpent; 3]);
    let later = Some(floor.now + Duration::from_secs(7_200));
    promises(&mut floor, ids[1], Actor::Agent(agent(0)), later).unwrap();
    let customer = Actor::Visitor(visitor(3).visitor);
    promises(&mut floor, ids[2], customer, None).unwrap();
    assert_eq!(floor.offered(ids[2]), Some(agent(0)), "a customer asked");
}

#[test]
fn what_an_agent_promised_is_dialled_as_often_within_the_hour_as_they_may() {
    for order in [
        ws::callback::Order::Together,
        ws::callback::Order::CustomerFirst,
        ws::callback::Order::AgentFirst,
    ] {
        let mut setup = house(1, 6);
        let queue: ws::id::QueueId = "support".parse().unwrap();
        setup.callbacks.orders.insert(queue, order);
        setup.tolls = one_for_an_agent();
        let mut floor = Floor::open(setup);
        let ids = [1, 2].map(|n| InteractionId::new(6_000 + n).unwrap());
        for (id, to) in ids.into_iter().zip(["+4930100", "+4930101"]) {
            let asked = Input::AskCallback {
                interaction: id,
                queue: Some("support".parse().unwrap()),
                by: Actor::House(crate::input::By::Agent(agent(0))),
                number: number(to),
                at: None,
                wish: ws::callback::Wish::default(),
                re: RE,
            };
            floor.ask(asked).unwrap();
        }

        floor.accept(&agent(0), ids[0]);
        for n in [1, 2, 1] {
            floor.answered(leg(ids[0], n));
        }
        let call = floor.of(ids[0]).call.as_ref();
        assert!(call.unwrap().bridged.is_some(), "{order:?}");
        floor.ended(leg(ids[0], 1), CauseKind::Normal);
        floor.ended(leg(ids[0], 2), CauseKind::Normal);
        floor.seconds(3_590);
        floor.ready(&agent(0));
        assert_eq!(floor.offered(ids[1]), None, "{order:?}");

        floor.seconds(15);

        assert_eq!(floor.offered(ids[1]), Some(agent(0)), "{order:?}");
    }
}

#[test]
fn a_trunk_whose_hour_is_spent_is_left_for_the_next_of_its_carrier() {
    let setup = with_carrier();
    let tolls = TollSetup {
        per_trunk: [("east".parse().unwrap(), 1)].into(),
        ..TollSetup::default()
    };
    let (mut floor, ids) = chats(setup, tolls);

    let mut by = Vec::new();
    for id in &ids[..2] {
        tries(&mut floor, *id, "+4930100").unwrap();
        by.extend(floor.told().into_iter().filter_map(|told| match told {
            Command::Dial {
                to: Target::Trunk { trunk, .. },
                detours,
                ..
            } => Some((trunk.to_string(), detours.len())),
            _ => None,
        }));
    }

    assert_eq!(by, [("east".to_owned(), 1), ("west".to_owned(), 0)]);
    let spent = PassedOver {
        trunk: "east".parse().unwrap(),
        lack: Lack::PerHourOut,
    };
    let said = |e: &Event| matches!(e, Event::InCall(InCall::Rerouted { trunk, why: Some(Left::Passed), passed_over: Some(over), .. }) if trunk.as_str() == "west" && *over == spent);
    assert_eq!([0, 1].map(|n| floor.count(ids[n], said)), [0, 1]);
}

#[test]
fn a_trunk_whose_hour_is_spent_is_named_where_its_turn_comes_later() {
    let tolls = TollSetup {
        per_trunk: [("west".parse().unwrap(), 1)].into(),
        ..TollSetup::default()
    };
    let (mut floor, ids) = chats(with_carrier(), tolls);
    floor.escalate(ids[0], "+4930100").unwrap();
    let call = floor.of(ids[0]).call.clone().unwrap();
    let leg = call.customer;
    let to = Rerouted {
        trunk: "west".parse().unwrap(),
        status: 503,
        left: None,
        why: Left::Refused,
        passed_over: None,
    };
    floor.tell(Input::Leg(LegNews::Rerouted { leg, to }));
    floor.ended(leg, CauseKind::NoAnswer);
    floor.ended(call.agent.unwrap_or(leg), CauseKind::Normal);
    floor.told();

    tries(&mut floor, ids[1], "+4930101").unwrap();

    let detours = floor.told().into_iter().find_map(|told| match told {
        Command::Dial {
            to: Target::Trunk { .. },
            detours,
            ..
        } => Some(detours),
        _ => None,
    });
    let detours = detours.unwrap().into_iter();
    let named: Vec<_> = detours
        .map(|one| (one.trunk.to_string(), one.spent))
        .collect();
    assert_eq!(named, [("west".to_owned(), true)]);
    let passed = |e: &Event| matches!(e, Event::InCall(InCall::Rerouted { .. }));
    assert_eq!(floor.count(ids[1], passed), 0, "its turn has not come");
}

#[test]
fn what_an_agent_hands_on_counts_too_and_needs_a_rule_besides() {
    let mut setup = house(1, 6);
    setup.transfers.numbers = vec!["+4930*".to_owned()];
    setup.tolls.prefixes = [("+4930900".to_owned(), Allowance::Deny)].into();
    let mut floor = Floor::open(setup);
    let (id, agent) = talking(&mut floor);

    for (to, code) in [("+4940100", Code::Forbidden), ("+4930900", Code::Forbidden)] {
        let wish = Wish::Transfer {
            to: TransferTo::Number(number(to)),
            note: None,
        };
        assert_eq!(ask(&mut floor, id, &agent, wish).unwrap_err().code, code);
    }

    assert_eq!(refused(&floor, id), [Closed::NotAllowed, Closed::Denied]);
    assert!(
        floor
            .told()
            .iter()
            .all(|told| !matches!(told, Command::Dial { .. }))
    );
}

#[test]
fn a_promised_call_waits_until_the_hour_has_room_again() {
    let (mut floor, id) = spent();
    floor.seconds(600);
    assert_eq!(floor.offered(id), None, "there is no room");
    floor.ready(&agent(0));

    floor.seconds(3_005);

    assert_eq!(floor.offered(id), Some(agent(0)));
}

fn told(floor: &Floor) -> Vec<Standing> {
    floor.hub.tolls_told(floor.now)
}

#[test]
fn a_limit_is_told_of_when_it_is_near_and_when_there_is_room_again_once_it_is_reached() {
    let tolls = TollSetup {
        per_agent: Some(5),
        per_trunk: [("carrier".parse().unwrap(), 100)].into(),
        ..TollSetup::default()
    };
    let (mut floor, ids) = chats(house(1, 6), tolls);
    for n in 0..3 {
        tries(&mut floor, ids[n % 3], "+4930100").unwrap();
    }
    assert_eq!(told(&floor), []);
    let first = floor.now;
    floor.seconds(60);

    tries(&mut floor, ids[0], "+4930100").unwrap();

    let standing = |spent, refused, frees| Standing {
        limit: Limit::Agent(agent(0)),
        bound: 5,
        spent,
        refused,
        frees,
    };
    assert_eq!(told(&floor), [standing(4, 0, None)]);
    tries(&mut floor, ids[1], "+4930100").unwrap();
    tries(&mut floor, ids[2], "+4930100").unwrap_err();
    let now = told(&floor);
    assert_eq!((now[0].spent, now[0].refused), (5, 1));
    assert!(now[0].is_reached());
    let frees = now[0].frees.unwrap();
    assert!(frees > floor.now && frees <= first + std::time::Duration::from_secs(3_600));
    floor.seconds(3_600);
    assert_eq!(told(&floor), []);
}

#[test]
fn whatever_limit_refuses_a_call_is_told_of_with_how_often_it_did() {
    let deny = TollSetup {
        prefixes: [("+4930".to_owned(), Allowance::Deny)].into(),
        ..TollSetup::default()
    };
    let others = TollSetup {
        others: Allowance::PerHour(1),
        ..TollSetup::default()
    };
    let house_wide = TollSetup {
        per_hour: Some(1),
        ..TollSetup::default()
    };
    let trunk = TollSetup {
        per_trunk: [("carrier".parse().unwrap(), 1)].into(),
        ..TollSetup::default()
    };
    for (tolls, limit) in [
        (deny, Limit::Prefix("+4930".to_owned())),
        (others, Limit::Prefix(String::new())),
        (house_wide, Limit::House),
        (trunk, Limit::Trunk("carrier".parse().unwrap())),
    ] {
        let (mut floor, ids) = chats(house(1, 6), tolls);
        let outcomes = [0, 1, 2].map(|n: usize| tries(&mut floor, ids[n], "+4930100").is_err());
        let refusals = outcomes.iter().filter(|refused| **refused).count();

        let now = told(&floor);

        assert_eq!(now.len(), 1, "{now:?}");
        assert_eq!(now[0].limit, limit);
        assert!(
            refusals >= 2 && now[0].refused as usize == refusals,
            "{now:?}"
        );
        assert!(now[0].is_reached());
    }
}

#[test]
fn a_promise_to_a_destination_that_is_denied_from_now_on_ends_at_once_and_says_so() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.promise(1, "+49900123");
    assert!(floor.of(id).entry.is_some(), "it waits");
    let mut setup = floor.hub.setup().clone();
    let denied = ("+49900".to_owned(), Allowance::Deny);
    setup.tolls.prefixes.extend([denied]);

    floor.tell(Input::Configure(Box::new(setup)));

    assert_eq!(floor.callback_ends(id), [crate::event::CallbackEnd::Denied]);
}
