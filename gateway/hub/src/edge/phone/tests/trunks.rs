//! Places of trunks that go and come back.

use sip::{
    endpoint::{Lack, Transport},
    sdp::Demand,
    trunk::Place,
};
use std::net::SocketAddr;

use super::*;
use crate::command::Detour;

/// As many as are remembered.
const MOST: u16 = 1_000;

fn place(n: u16) -> Place {
    Place {
        transport: Transport::Udp,
        address: SocketAddr::from(([192, 0, 2, 1], n)),
    }
}

fn down(phones: &mut Phones, n: u16, now: Timestamp) {
    let event = Event::TrunkDown {
        trunk: "carrier".to_owned(),
        place: place(n),
        code: None,
    };
    phones.handle_sip(event, now);
    let told = drain(phones);
    assert!(
        matches!(&told[..], [Output::Hub(Input::TrunkDown(_))]),
        "{told:?}"
    );
}

/// Lets a place answer again; gives since when it is told not to have.
fn up(phones: &mut Phones, n: u16, now: Timestamp) -> Timestamp {
    let event = Event::TrunkUp {
        trunk: "carrier".to_owned(),
        place: place(n),
    };
    phones.handle_sip(event, now);
    match &drain(phones)[..] {
        [Output::Hub(Input::TrunkUp(up))] => up.since,
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_a_thousand_places_it_is_known_since_when_they_are_down_and_of_more_that_they_are() {
    let mut phones = phones(4000..=4099);
    for n in 1..=MOST + 1 {
        down(&mut phones, n, NOW);
    }
    let [later, last] = [60, 120].map(|seconds| NOW + Duration::from_secs(seconds));

    down(&mut phones, 7, later);
    assert_eq!(up(&mut phones, 7, last), NOW, "it was down before");
    assert_eq!(up(&mut phones, MOST, later), NOW);
    assert_eq!(
        up(&mut phones, MOST + 1, later),
        later,
        "it was one too many"
    );

    // There is room again.
    down(&mut phones, MOST + 1, later);
    assert_eq!(up(&mut phones, MOST + 1, last), later);
}

#[test]
fn a_trunk_that_the_offer_may_not_go_by_is_passed_over_as_one_whose_hour_is_spent() {
    let mut phones = phones(4000..=4099);
    phones.settings.srtp.trunks = [("sealed".to_owned(), Demand::Require)].into();
    let detour = |trunk: &str, spent| Detour {
        trunk: trunk.parse().unwrap(),
        caller: None,
        spent,
    };
    let command = Command::Dial {
        leg: leg_id(1),
        to: Target::Trunk {
            trunk: "test".parse().unwrap(),
            number: "+49171".parse().unwrap(),
        },
        caller: None,
        name: None,
        referral: None,
        detours: vec![
            detour("plain", false),
            detour("sealed", false),
            detour("spent", true),
        ],
    };
    phones.handle_command(command, NOW);
    phones.handle_media(opened(1, 4000), NOW);

    let told = drain(&mut phones);
    let elsewhere = told.iter().find_map(|output| match output {
        Output::Sip(SipCommand::Dial { elsewhere, .. }) => Some(elsewhere),
        _ => None,
    });
    let lacks: Vec<_> = elsewhere.unwrap().iter().map(|one| one.lack).collect();
    assert_eq!(lacks, [None, Some(Lack::Srtp), Some(Lack::Spent)]);
}
