//! Trunks that a call is not tried by when their turn comes: its owner is told of each.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use net::{Net, Weather, address, answer, arrived, config, dial, trunk};
use sip::endpoint::{CallKey, Command, Elsewhere, Event, Lack, Left, SessionId, Target, Transport};
use sip::message::{Header, Message, StatusCode};
use sip::trunk::Trunk;

const OUT: CallKey = CallKey::Out(1);
const OTHER: CallKey = CallKey::Out(9);

/// End 0 with the trunks `b`, `c` and `d` at the ends 1 to 3; one call at a time may go out by `c`.
fn house() -> Net {
    house_with(|_| {})
}

fn house_with(set: impl Fn(&mut Trunk)) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    for (name, host) in [("b", 2), ("c", 3), ("d", 4)] {
        let mut carrier = trunk(name, address(host), Transport::Udp);
        carrier.manner.outbound.calls = (name == "c").then_some(1);
        set(&mut carrier);
        ours.trunks.push(carrier);
    }
    net.add(1, ours);
    for own in [2, 3, 4] {
        let mut theirs = config(own);
        theirs.trunks.push(trunk("a", address(1), Transport::Udp));
        net.add(own, theirs);
    }
    net
}

fn others(trunks: &[&str], lack: Option<Lack>) -> Vec<Elsewhere> {
    let Command::Dial { from, .. } = dial(OUT, "b", 0xa) else {
        unreachable!()
    };
    let each = trunks.iter().map(|name| Elsewhere {
        trunk: (*name).to_owned(),
        from: from.clone(),
        lack: lack.filter(|_| *name == "c"),
    });
    each.collect()
}

/// A call by `b`, else by those.
fn by_b(trunks: &[&str], lack: Option<Lack>) -> Command {
    let mut wish = dial(OUT, "b", 0xa);
    if let Command::Dial { elsewhere, .. } = &mut wish {
        *elsewhere = others(trunks, lack);
    }
    wish
}

/// By which trunk it goes, over which, and why.
fn passed_over(net: &Net) -> Vec<(&str, &str, Lack)> {
    let told = net.ends[0].events.iter().filter_map(|event| match event {
        Event::PassedOver {
            trunk, over, lack, ..
        } => Some((trunk.as_str(), over.as_str(), *lack)),
        _ => None,
    });
    told.collect()
}

fn rerouted(net: &Net) -> Vec<(&str, Left)> {
    let told = net.ends[0].events.iter().filter_map(|event| match event {
        Event::Rerouted { trunk, why, .. } => Some((trunk.as_str(), *why)),
        _ => None,
    });
    told.collect()
}

fn is_refused(event: &Event) -> bool {
    matches!(
        event,
        Event::Failed {
            call: OUT,
            code: 503,
            dialled: true,
            ..
        }
    )
}

/// `c` lacks something for one more call.
fn lacking(lack: Lack) -> Net {
    let mut net = house();
    match lack {
        Lack::CallsOneWay => net.tell(0, dial(OTHER, "c", 7)),
        Lack::Resting => {
            net.tell(2, Command::Drain { on: true });
            net.tell(0, dial(OTHER, "c", 7));
        }
        Lack::Unlocated => {
            let mut ours = config(1);
            for (name, host) in [("b", 2), ("d", 4)] {
                ours.trunks.push(trunk(name, address(host), Transport::Udp));
            }
            let now = net.now;
            net.ends[0].endpoint.reconfigure(ours, now);
            net.drain(0);
        }
        Lack::Spent | Lack::Srtp => {}
        Lack::Down | Lack::Calls | Lack::Rate => unreachable!("c is never so"),
    }
    net.run_for(Duration::from_millis(100));
    net
}

const LACKS: [Lack; 5] = [
    Lack::CallsOneWay,
    Lack::Resting,
    Lack::Unlocated,
    Lack::Spent,
    Lack::Srtp,
];

/// What the owner knows of `c` by itself.
fn known(lack: Lack) -> Option<Lack> {
    Some(lack).filter(|lack| matches!(lack, Lack::Spent | Lack::Srtp))
}

#[test]
fn a_trunk_that_is_passed_over_after_another_refused_is_told_with_what_it_lacks() {
    for lack in LACKS {
        let mut net = lacking(lack);
        net.tell(1, Command::Drain { on: true });

        net.tell(0, by_b(&["c", "d"], known(lack)));
        net.wait(3, arrived);

        assert_eq!(passed_over(&net), [("d", "c", lack)]);
        assert_eq!(rerouted(&net), [("d", Left::Said(503))], "{lack:?}");
    }
}

#[test]
fn a_trunk_that_is_passed_over_last_is_told_before_the_call_fails() {
    for lack in LACKS {
        let mut net = lacking(lack);
        net.tell(1, Command::Drain { on: true });

        net.tell(0, by_b(&["c"], known(lack)));
        net.run_for(Duration::from_millis(100));

        assert_eq!(passed_over(&net), [("b", "c", lack)]);
        let events = &net.ends[0].events;
        let told = events
            .iter()
            .position(|event| matches!(event, Event::PassedOver { .. }));
        let failed = events.iter().position(is_refused);
        assert!(told.unwrap() < failed.unwrap(), "{lack:?}");
    }
}

#[test]
fn a_trunk_whose_turn_never_comes_is_not_passed_over() {
    for lack in LACKS {
        let mut net = lacking(lack);

        net.tell(0, by_b(&["c", "d"], known(lack)));
        let there = net.wait(1, arrived);
        net.tell(1, answer(there));
        net.wait(0, |event| {
            matches!(event, Event::Answered { .. }).then_some(())
        });

        assert_eq!(passed_over(&net), [], "{lack:?}");
    }
}

#[test]
fn a_trunk_that_is_passed_over_on_the_way_to_who_was_named_is_told() {
    for lack in LACKS {
        let mut net = lacking(lack);
        net.drops = Some(Box::new(|packet| packet.from == address(2)));
        net.tell(0, dial(OUT, "b", 0xa));
        net.run_for(Duration::from_millis(20));
        let mut sent = net.sent.iter().rev();
        let invite = sent.find(|packet| packet.first_line().starts_with("INVITE"));
        let invite = Message::parse(invite.unwrap().bytes.clone()).unwrap();
        let status = StatusCode::try_from(302).unwrap();
        let named = invite.response(status, Some("far"));
        let named = named.header(Header::Contact, "<sip:200@x>").build();
        net.inject(0, address(2), named);
        assert_eq!(passed_over(&net), []);
        let elsewhere = others(&["c", "d"], known(lack));

        net.tell(
            0,
            Command::Follow {
                call: OUT,
                to: Target::Trunk {
                    trunk: "gone".into(),
                    number: "200".into(),
                },
                from: elsewhere[0].from.clone(),
                elsewhere,
                done: 1,
                session: SessionId(0xa),
                passed_on: false,
            },
        );
        net.wait(3, arrived);

        let gone = ("d", "gone", Lack::Unlocated);
        assert_eq!(passed_over(&net), [gone, ("d", "c", lack)]);
    }
}

#[test]
fn a_trunk_that_was_left_is_told_no_more_than_before_by_the_marks_of_the_next() {
    for answers in [true, false] {
        let mut net = house_with(|carrier| carrier.trusted = carrier.name != "b");
        net.drops = Some(Box::new(|packet| packet.from == address(2)));
        net.tell(0, by_b(&["c"], None));
        let (first, second) = (net.wait(1, arrived), net.wait(2, arrived));
        net.drops = None;
        net.tell(2, answer(second));
        net.wait(0, |event| {
            matches!(event, Event::Answered { .. }).then_some(())
        });

        let ring = Command::Ring {
            call: first,
            code: 180,
            reason: None,
            sdp: None,
        };
        net.tell(1, if answers { answer(first) } else { ring });
        net.run_for(Duration::from_secs(2));

        let told = net.sent.iter().filter(|packet| packet.from == address(1));
        let told = told.map(|packet| (packet.to, packet.text()));
        let marked = |text: &str| text.contains("X-Interaction-ID: ");
        let mut methods = Vec::new();
        for (to, text) in told {
            assert_eq!(marked(&text), to == address(3), "{text}");
            assert!(text.contains("Session-ID: 0000000000000000000000000000000a"));
            if to == address(2) {
                methods.push(text.split(' ').next().unwrap_or_default().to_owned());
            }
        }
        let last = if answers { "BYE" } else { "CANCEL" };
        assert!(methods.iter().any(|one| one == last), "{methods:?}");
    }
}
