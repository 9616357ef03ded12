use std::{net::IpAddr, time::Duration};

use sip::sdp::Codec;
use ws::{
    frame::{Asked, Told as Frame},
    id::{Mid, VisitorId},
    visitor,
};

use super::*;
use crate::{Event, edge::browser::VisitorCredential, tests::house};

const START: Timestamp = Timestamp(1_795_000_000_000);

fn open() -> House {
    let mut hub = Hub::new(house(1, 6), [1; 32]);
    hub.start(START);
    let settings = phone::Settings {
        bind: IpAddr::from([127, 0, 0, 1]).into(),
        address: IpAddr::from([127, 0, 0, 1]).into(),
        ports: 4_000..=4_009,
        rest: Duration::ZERO,
        ring: Duration::from_secs(30),
        codecs: vec![Codec::Pcmu],
        trunk_codecs: std::collections::BTreeMap::new(),
        holds: crate::edge::phone::Holds::default(),
        srtp: crate::edge::phone::SrtpRules::default(),
        browsers: None,
    };
    let browsers = Browsers::new("e".to_owned(), "d".to_owned(), [2; 32]);
    House::new(hub, browsers, Phones::new(settings, [3; 32]), Routes::new())
}

/// Does steps until something is to be written, or nothing is left to do.
fn until_write(house: &mut House) -> (Vec<Step>, Option<Arc<Vec<Fact>>>) {
    let mut steps = Vec::new();
    while let Some(step) = house.poll_step(START) {
        match step {
            Step::Write(facts) => return (steps, Some(facts)),
            step => steps.push(step),
        }
    }
    (steps, None)
}

/// Writes whatever there is and returns everything else.
fn settle(house: &mut House) -> Vec<Step> {
    let mut all = Vec::new();
    loop {
        let (steps, facts) = until_write(house);
        all.extend(steps);
        if facts.is_some() || house.is_writing() {
            house.handle_written();
        } else {
            return all;
        }
    }
}

fn hello(socket: u64) -> Told {
    hello_of(socket, 9)
}

fn hello_of(socket: u64, visitor: u128) -> Told {
    let visitor = VisitorId::new(visitor).unwrap();
    let credential = VisitorCredential {
        visitor,
        zone: None,
        verified: None,
        until: Timestamp(u64::MAX),
        origin: None,
    };
    Told::VisitorHello {
        socket,
        re: 1,
        credential,
        resume: None,
    }
}

fn opens(socket: u64, mid: &str) -> Told {
    let mid: Mid = mid.parse().unwrap();
    let request = visitor::Request::Open {
        zone: "shop".parse().unwrap(),
        name: None,
        mail: None,
        page: None,
        referrer: None,
        form: None,
        callback: None,
        mid,
        text: "hello".to_owned(),
    };
    Told::VisitorAsked {
        socket,
        asked: Asked { id: 2, request },
    }
}

fn says(socket: u64, id: u64) -> Told {
    let mid = format!("m{id}").parse().unwrap();
    let text = "more".to_owned();
    let request = visitor::Request::Message {
        mid,
        text,
        interaction: None,
    };
    Told::VisitorAsked {
        socket,
        asked: Asked { id, request },
    }
}

fn is_done(step: &Step, request: u64) -> bool {
    matches!(step, Step::Browser(browser::Output::Visitor { told: Frame::Done { re, .. }, .. }) if *re == request)
}

#[test]
fn nobody_sees_anything_of_it_before_it_is_written() {
    let mut house = open();
    settle(&mut house);
    house.tell(hello(1));
    settle(&mut house);

    house.tell(opens(1, "m1"));
    let (before, facts) = until_write(&mut house);

    assert!(before.is_empty() && facts.is_some(), "{before:?}");
    assert!(house.is_writing());
    assert!(house.poll_step(START).is_none(), "it waits for the disk");
    house.handle_written();
    let after = settle(&mut house);
    assert!(after.iter().any(|step| is_done(step, 2)), "{after:?}");
}

#[test]
fn whoever_begins_to_look_waits_for_what_is_being_written() {
    let mut house = open();
    settle(&mut house);
    house.tell(hello(1));
    settle(&mut house);

    house.tell(opens(1, "m1"));
    house.tell(hello(2));
    let (before, facts) = until_write(&mut house);

    assert!(before.is_empty(), "{before:?}");
    let facts = facts.expect("a chat was opened");
    let opened = |fact: &Fact| matches!(fact.event, Event::Opened { .. });
    assert!(facts.iter().any(opened));
    let (early, _) = until_write(&mut house);
    assert!(early.is_empty(), "{early:?}");
    house.handle_written();
    let after = settle(&mut house);
    let resumed = |step: &Step| {
        matches!(
            step,
            Step::Browser(browser::Output::VisitorResumed { socket: 2, .. })
        )
    };
    let acknowledged = after.iter().position(|step| is_done(step, 2)).unwrap();
    let looks = after.iter().position(resumed).unwrap();
    assert!(acknowledged < looks, "{after:?}");
}

#[test]
fn what_is_told_while_it_writes_is_decided_at_once_and_seen_in_order() {
    let mut house = open();
    settle(&mut house);
    house.tell(hello(1));
    settle(&mut house);
    house.tell(opens(1, "m1"));
    let (_, first) = until_write(&mut house);

    house.tell(says(1, 3));
    let (early, second) = until_write(&mut house);

    assert!(first.is_some() && second.is_some());
    assert!(early.is_empty(), "{early:?}");
    house.handle_written();
    let (after, _) = until_write(&mut house);
    assert!(after.iter().any(|step| is_done(step, 2)), "{after:?}");
    assert!(!after.iter().any(|step| is_done(step, 3)), "{after:?}");
    house.handle_written();
    let after = settle(&mut house);
    assert!(after.iter().any(|step| is_done(step, 3)), "{after:?}");
}

#[test]
fn it_decides_a_few_batches_ahead_of_the_disk_and_no_more() {
    let mut house = open();
    settle(&mut house);
    house.tell(hello(1));
    settle(&mut house);
    house.tell(opens(1, "m1"));
    settle(&mut house);

    let mut given = 0;
    for request in 10..40 {
        house.tell(says(1, request));
        while until_write(&mut house).1.is_some() {
            given += 1;
        }
    }

    assert_eq!(given, AHEAD_WITH_WORDS);
    assert!(!house.has_room());
    let after = settle(&mut house);
    let done = (10..40).filter(|request| after.iter().any(|step| is_done(step, *request)));
    assert_eq!(done.count(), 30, "{after:?}");
}

#[test]
fn fewer_batches_are_ahead_that_are_not_only_words() {
    let mut house = open();
    settle(&mut house);
    let mut given = 0;
    for socket in 1..=6 {
        house.tell(hello_of(socket, socket.into()));
        settle(&mut house);
    }
    for socket in 1..=6 {
        house.tell(opens(socket, "m1"));
        while until_write(&mut house).1.is_some() {
            given += 1;
        }
    }

    assert_eq!(given, AHEAD);
    assert!(!house.has_room());
}

#[test]
fn what_rests_on_no_fact_waits_for_its_turn() {
    let mut house = open();
    settle(&mut house);
    house.tell(hello(1));
    settle(&mut house);
    house.tell(opens(1, "m1"));
    until_write(&mut house);

    let request = visitor::Request::Receipt {
        delivered: ws::id::Seq(0),
        read: ws::id::Seq(0),
    };
    house.tell(Told::VisitorAsked {
        socket: 1,
        asked: Asked { id: 4, request },
    });
    let (early, facts) = until_write(&mut house);

    assert!(early.is_empty() && facts.is_none(), "{early:?}");
    let after = settle(&mut house);
    let opened = after.iter().position(|step| is_done(step, 2)).unwrap();
    let received = after.iter().position(|step| is_done(step, 4)).unwrap();
    assert!(opened < received, "{after:?}");
}

#[test]
fn who_asks_without_a_socket_is_answered_after_the_write() {
    let mut house = open();
    settle(&mut house);
    let input = Input::AskCallback {
        interaction: ws::id::InteractionId::new(7).unwrap(),
        queue: Some("support".parse().unwrap()),
        by: crate::input::Actor::TANDEM,
        number: "+49301".parse().unwrap(),
        at: None,
        wish: Default::default(),
        re: crate::input::Asker { socket: 5, id: 0 },
    };

    house.tell(Told::Ask {
        socket: 5,
        input: Box::new(input),
    });
    let (before, facts) = until_write(&mut house);

    assert!(before.is_empty() && facts.is_some(), "{before:?}");
    house.handle_written();
    let after = settle(&mut house);
    assert!(
        after.iter().any(
            |step| matches!(step, Step::Answer(reply) if reply.to.socket == 5 && reply.result.is_ok())
        ),
        "{after:?}"
    );
}
