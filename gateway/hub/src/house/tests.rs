use std::time::Duration;

use sip::sdp::Codec;
use ws::{
    frame::Told as Frame,
    id::{Mid, VisitorId},
};

use super::*;
use crate::{Event, tests::house};

const START: Timestamp = Timestamp(1_795_000_000_000);

fn open() -> House {
    let mut hub = Hub::new(house(1, 6), [1; 32]);
    hub.start(START);
    let settings = phone::Settings {
        bind: [127, 0, 0, 1].into(),
        address: [127, 0, 0, 1].into(),
        ports: 4_000..=4_009,
        rest: Duration::ZERO,
        ring: Duration::from_secs(30),
        codecs: vec![Codec::Pcmu],
    };
    let browsers = Browsers::new("e".to_owned(), "d".to_owned(), [2; 32]);
    House::new(hub, browsers, Phones::new(settings, [3; 32]), Routes::new())
}

/// Does steps until something is to be written, or nothing is left to do.
fn until_write(house: &mut House) -> (Vec<Step>, Option<Vec<Output>>) {
    let mut steps = Vec::new();
    while let Some(step) = house.poll_step(START) {
        match step {
            Step::Write(outputs) => return (steps, Some(outputs)),
            step => steps.push(step),
        }
    }
    (steps, None)
}

/// Writes whatever there is and returns everything else.
fn settle(house: &mut House) -> Vec<Step> {
    let mut all = Vec::new();
    loop {
        let (steps, outputs) = until_write(house);
        all.extend(steps);
        match outputs {
            Some(outputs) => house.handle_written(outputs, START),
            None => return all,
        }
    }
}

fn hello(socket: u64) -> Told {
    let visitor = VisitorId::new(9).unwrap();
    let credential = VisitorCredential {
        visitor,
        zone: None,
        verified: None,
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
        mid,
        text: "hello".to_owned(),
    };
    Told::VisitorAsked {
        socket,
        asked: Asked { id: 2, request },
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
    let (before, outputs) = until_write(&mut house);

    assert!(before.is_empty(), "{before:?}");
    assert!(house.is_writing());
    assert!(house.poll_step(START).is_none(), "it waits for the disk");
    house.handle_written(outputs.expect("a chat was opened"), START);
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
    let (before, outputs) = until_write(&mut house);

    assert!(before.is_empty(), "{before:?}");
    let outputs = outputs.expect("a chat was opened");
    assert!(outputs.iter().any(
        |output| matches!(output, Output::Fact(fact) if matches!(fact.event, Event::Opened { .. }))
    ));
    house.handle_written(outputs, START);
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
fn what_is_told_while_it_writes_is_decided_afterwards() {
    let mut house = open();
    settle(&mut house);
    house.tell(hello(1));
    settle(&mut house);
    house.tell(opens(1, "m1"));
    let (_, first) = until_write(&mut house);

    house.tell(Told::Input(Box::new(Input::Drain)));
    assert!(house.poll_step(START).is_none());
    assert!(!house.hub.is_draining());
    house.handle_written(first.expect("a chat was opened"), START);
    settle(&mut house);

    assert!(house.hub.is_draining());
}

#[test]
fn who_asks_without_a_socket_is_answered_after_the_write() {
    let mut house = open();
    settle(&mut house);
    let input = Input::AskCallback {
        interaction: ws::id::InteractionId::new(7).unwrap(),
        queue: Some("support".parse().unwrap()),
        by: crate::input::Actor::Api,
        number: "+49301".parse().unwrap(),
        at: None,
        re: crate::input::Asker { socket: 5, id: 0 },
    };

    house.tell(Told::Ask {
        socket: 5,
        input: Box::new(input),
    });
    let (before, outputs) = until_write(&mut house);

    assert!(before.is_empty(), "{before:?}");
    house.handle_written(outputs.expect("a callback was promised"), START);
    let after = settle(&mut house);
    assert!(
        after.iter().any(
            |step| matches!(step, Step::Answer(reply) if reply.to.socket == 5 && reply.result.is_ok())
        ),
        "{after:?}"
    );
}
