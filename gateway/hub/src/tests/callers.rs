use ws::caller::{Attestation, CarrierSays, Shown};

use super::*;
use crate::{
    command::{Detour, Target},
    event::{InCall, Left, Party},
    input::{Caller, Rerouted},
};

fn withheld(n: u128, asserted: Option<&str>) -> Arrival {
    Arrival {
        from: None,
        name: None,
        caller: Caller {
            shown: Shown {
                withheld: true,
                attestation: Some(Attestation::Partial),
                flaw: None,
                carrier: Some(CarrierSays::Passed),
                diverted: None,
                user_to_user: None,
            },
            asserted: asserted.map(number),
        },
        ..arrival(n, "+4930100", "support")
    }
}

fn party(floor: &Floor, id: InteractionId) -> Party {
    floor.of(id).leg(leg(id, 1)).unwrap().party.clone()
}

#[test]
fn card_numbers_in_what_a_call_brings_along_are_not_kept() {
    let mut floor = Floor::open(house(1, 6));
    let card = "4111 1111 1111 1111";
    let call = crate::input::Arrival {
        external: vec![
            ("Subject".to_owned(), format!("my card is {card}")),
            ("X-4111111111111111".to_owned(), "1".to_owned()),
        ],
        ..arrival(1, "+4930100", "support")
    };

    floor.tell(Input::CallArrived(call));

    let told = format!("{:?}", floor.facts);
    assert!(told.contains("my card is [card ending 1111]"), "{told}");
    assert!(!told.contains("4111"), "{told}");
}

#[test]
fn who_withholds_the_number_is_found_by_what_the_trunk_asserts_and_nothing_of_it_is_written() {
    let mut floor = Floor::open(house(1, 6));
    let before = floor.call(1, "+4930100");
    let ida = floor.of(before).customer;
    floor.ended(leg(before, 1), CauseKind::Normal);
    floor.seconds(300);
    let told = floor.facts.len();

    floor.tell(Input::CallArrived(withheld(2, Some("+4930100"))));
    let id = InteractionId::new(2_002).unwrap();

    assert_eq!(floor.of(id).customer, ida);
    let carrier = Some("carrier".parse().unwrap());
    let nobody = Party::CustomerPhone {
        number: None,
        trunk: carrier,
    };
    assert_eq!(party(&floor, id), nobody);
    let written = format!("{:?}", &floor.facts[told..]);
    assert!(!written.contains("4930100"), "{written}");
    let shown = floor.of(id).caller.as_ref().unwrap();
    assert!(shown.withheld);
    assert_eq!(shown.attestation, Some(Attestation::Partial));
    assert_eq!(shown.carrier, Some(CarrierSays::Passed));
    let steps = |e: &Event| matches!(e, Event::InCall(InCall::CallerShown { .. }));
    assert_eq!(floor.count(id, steps), 1);
}

#[test]
fn two_who_withhold_their_numbers_are_two_customers() {
    let mut floor = Floor::open(house(1, 6));

    floor.tell(Input::CallArrived(withheld(1, None)));
    floor.tell(Input::CallArrived(withheld(2, None)));

    let [one, other] = [2_001, 2_002].map(|n| InteractionId::new(n).unwrap());
    assert_ne!(floor.of(one).customer, floor.of(other).customer);
}

/// Dials a customer out of a chat; returns what is asked.
fn dialled(setup: Setup) -> (Floor, InteractionId, Command) {
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.told();
    floor.escalate(id, "+4930700").unwrap();
    let dial = floor.told().remove(0);
    (floor, id, dial)
}

#[test]
fn the_number_shown_is_the_queue_s_then_the_trunk_s_then_the_house_s() {
    let trunk = || ("carrier".parse().unwrap(), number("+4930222"));
    let queue = || ("support".parse().unwrap(), number("+4930333"));
    for (of_trunk, of_queue, shown) in [
        (false, false, "+4930555"),
        (true, false, "+4930222"),
        (true, true, "+4930333"),
    ] {
        let mut setup = house(1, 6);
        setup.outward.trunk_numbers.extend(of_trunk.then(trunk));
        setup.outward.queue_numbers.extend(of_queue.then(queue));

        let (_, _, dial) = dialled(setup);

        assert!(
            matches!(&dial, Command::Dial { caller: Some(caller), .. } if *caller == number(shown)),
            "{dial:?}"
        );
    }
}

#[test]
fn a_carrier_s_trunks_stand_in_for_each_other_and_the_record_says_which_it_was() {
    let mut setup = with_carrier();
    let west = ("west".parse().unwrap(), number("+4930444"));
    setup.outward.trunk_numbers.extend([west]);

    let (mut floor, id, dial) = dialled(setup);
    let detour = Detour {
        trunk: "west".parse().unwrap(),
        caller: Some(number("+4930444")),
        spent: false,
    };
    let Command::Dial {
        leg,
        to: Target::Trunk { trunk, .. },
        detours,
        ..
    } = dial
    else {
        panic!("{dial:?}");
    };
    assert_eq!((trunk.as_str(), detours), ("east", vec![detour]));
    let west: ws::id::TrunkId = "west".parse().unwrap();
    let rerouted = |trunk: &ws::id::TrunkId, left: &str, why| {
        Input::Leg(LegNews::Rerouted {
            leg,
            to: Rerouted {
                trunk: trunk.clone(),
                status: 503,
                left: Some(left.to_owned()),
                why,
                passed_over: None,
            },
        })
    };
    let east = "east".parse().unwrap();
    floor.tell(rerouted(&east, "TLS 192.0.2.1:5061", Left::Broken));
    floor.tell(rerouted(&west, "UDP 192.0.2.2:5060", Left::Refused));

    let party = &floor.of(id).leg(leg).unwrap().party;
    assert!(matches!(party, Party::CustomerPhone { trunk: Some(trunk), .. } if *trunk == west));
    let broken = |e: &Event| matches!(e, Event::InCall(InCall::Rerouted { trunk, left: Some(left), why: Some(Left::Broken), .. }) if trunk.as_str() == "east" && left.starts_with("TLS"));
    assert_eq!(floor.count(id, broken), 1, "it stayed with its trunk");
    let moved = |e: &Event| matches!(e, Event::InCall(InCall::Rerouted { status: 503, .. }));
    assert_eq!(floor.count(id, moved), 2);
    floor.ended(leg, CauseKind::Busy);
    floor.tell(rerouted(&west, "UDP 192.0.2.2:5060", Left::Silent));
    assert_eq!(floor.count(id, moved), 2, "a leg that is over goes nowhere");
}
