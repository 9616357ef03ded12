//! The way to trunks: probed, registered at, and left for another place when nobody is there.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use net::{Net, Weather, address, answer, arrived, config, dial, hang_up, trunk};
use sip::endpoint::{CallKey, Command, Config, Event, SessionId, Tag, Transport};
use sip::message::{Header, Message, Method, StatusCode};
use sip::trunk::{Reach, TrunkCredentials};

const OUT: CallKey = CallKey::Out(1);

/// End 0 is us with the trunk `b` at end 1 and, where `further` says so, at end 2.
fn house(reach: Reach, password: Option<&str>, ends: u8) -> Net {
    house_beside(reach, password, ends, |_, _| {})
}

fn house_beside(
    reach: Reach,
    password: Option<&str>,
    ends: u8,
    set: impl Fn(u8, &mut Config),
) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    let mut carrier = trunk("b", address(2), Transport::Udp);
    carrier.reach = reach;
    carrier.credentials = password.map(|password| TrunkCredentials {
        user: "anna".into(),
        password: password.into(),
    });
    ours.trunks.push(carrier);
    net.add(1, ours);
    for own in 2..2 + ends {
        let mut theirs: Config = config(own);
        theirs.trunks.push(trunk("a", address(1), Transport::Udp));
        set(own, &mut theirs);
        net.add(own, theirs);
    }
    let now = net.now;
    net.ends[0].endpoint.start(now);
    net.run_for(Duration::from_millis(1));
    net
}

fn sent(net: &Net, to: u8, method: &Method) -> Vec<Message> {
    let packets = net.sent.iter().filter(|packet| packet.to == address(to));
    let read = packets.map(|packet| Message::parse(packet.bytes.clone()).unwrap());
    read.filter(|message| message.request_uri().is_some() && message.method() == method)
        .collect()
}

fn registering() -> Reach {
    Reach {
        register: Some(Duration::from_secs(600)),
        domain: "example.test".into(),
        ..Reach::default()
    }
}

#[test]
fn we_register_with_our_account_and_refresh_it_in_time() {
    let mut net = house(registering(), Some("secret"), 1);

    net.wait(0, |event| {
        matches!(event, Event::TrunkRegistered { .. }).then_some(())
    });
    net.run_for(Duration::from_secs(3_600));

    assert_eq!(net.ends[1].endpoint.counters().bindings, 1);
    let state = net.ends[0].endpoint.counters().trunks.remove(0);
    assert_eq!((state.trunk.as_str(), state.up), ("b", true));
    assert_eq!((state.registered, state.calls), (Some(true), 0));
    let tries = sent(&net, 2, &Method::Register);
    // One each five minutes; a nonce that went stale costs one more.
    assert!((13..=26).contains(&tries.len()), "{}", tries.len());
    let ids: std::collections::BTreeSet<_> = tries.iter().map(|one| one.call_id()).collect();
    assert_eq!(ids.len(), 1, "one Call-ID for all (RFC 3261 §10.2)");
}

#[test]
fn what_is_granted_for_seconds_is_refreshed_before_it_ends() {
    for granted in [1, 2, 20, 40] {
        let mut net = house_beside(registering(), Some("secret"), 1, |_, theirs| {
            theirs.limits.min_expires = Duration::from_secs(1);
            theirs.limits.max_expires = Duration::from_secs(granted);
        });
        net.wait(0, |event| {
            matches!(event, Event::TrunkRegistered { .. }).then_some(())
        });

        for second in 0..300 {
            net.run_for(Duration::from_secs(1));
            let bindings = net.ends[1].endpoint.counters().bindings;
            assert_eq!(bindings, 1, "granted {granted} s, after {second} s");
        }

        let told = |event: &Event| matches!(event, Event::TrunkUnregistered { .. });
        assert!(!net.ends[0].events.iter().any(told));
        let tries = sent(&net, 2, &Method::Register).len();
        // Of one second three quarters pass before it is asked for again.
        let most = if granted == 1 { 3 } else { 2 };
        assert!(tries <= most * 301, "{tries}");
    }
}

#[test]
fn what_is_granted_for_no_time_is_not_registered_and_asked_for_again_later() {
    let contact = "<sip:anna@192.0.2.1:5060>;expires=0";
    for (header, value) in [(Header::Expires, "0"), (Header::Contact, contact)] {
        let mut net = house(registering(), Some("secret"), 0);
        net.run_for(Duration::from_millis(10));
        let asked = Message::parse(net.outside.remove(0).bytes).unwrap();
        let ok = asked.response(StatusCode::OK, None).header(header, value);

        net.inject(0, address(2), ok.build());

        let told = net.wait(0, |event| match event {
            Event::TrunkUnregistered { code, reason, .. } => Some((*code, reason.clone())),
            _ => None,
        });
        assert_eq!(told, (200, "Granted For No Time".to_owned()));
        let registered = |event: &Event| matches!(event, Event::TrunkRegistered { .. });
        assert!(!net.ends[0].events.iter().any(registered));
        net.run_for(Duration::from_secs(14));
        assert_eq!(sent(&net, 2, &Method::Register).len(), 1);
        net.run_for(Duration::from_secs(8));
        assert!(sent(&net, 2, &Method::Register).len() > 1);
    }
}

/// Answers our first REGISTER from outside.
fn answers(net: &mut Net, code: StatusCode, fields: impl Fn(&str) -> Vec<(Header, String)>) {
    net.run_for(Duration::from_millis(10));
    let asked = Message::parse(net.outside.remove(0).bytes).unwrap();
    let own = asked.header(Header::Contact).unwrap();
    let said = asked.response(code, None);
    let said = fields(own)
        .into_iter()
        .fold(said, |said, (header, value)| said.header(header, value));
    net.inject(0, address(2), said.build());
}

#[test]
fn what_a_registrar_says_of_other_contacts_of_the_account_is_not_said_of_ours() {
    for other in ["expires=0", "expires=1"] {
        let mut net = house(registering(), Some("secret"), 0);

        answers(&mut net, StatusCode::OK, |own| {
            let all = format!("<sip:anna@192.0.2.99:5060>;{other}, {own};expires=3600");
            vec![(Header::Contact, all)]
        });

        net.wait(0, |event| {
            matches!(event, Event::TrunkRegistered { .. }).then_some(())
        });
        net.run_for(Duration::from_secs(600));
        assert_eq!(sent(&net, 2, &Method::Register).len(), 1, "{other}");
        let told = |event: &Event| matches!(event, Event::TrunkUnregistered { .. });
        assert!(!net.ends[0].events.iter().any(told));
    }
}

#[test]
fn a_registrar_that_writes_our_contact_anew_among_others_is_asked_again_before_any_of_them_ends() {
    let mut net = house(registering(), Some("secret"), 0);

    answers(&mut net, StatusCode::OK, |_| {
        let one =
            |port: u16, expires: u16| format!("<sip:anna@192.0.2.99:{port}>;expires={expires}");
        let all = [one(1_024, 0), one(1_025, 120), one(1_026, 3_600)].join(", ");
        vec![(Header::Contact, all)]
    });

    net.run_for(Duration::from_secs(120));
    assert!(sent(&net, 2, &Method::Register).len() > 1, "it would lapse");
}

#[test]
fn a_registrar_whose_challenge_cannot_be_answered_is_named_with_the_reason_and_asked_rarely() {
    let mut net = house(registering(), Some("secret"), 0);

    answers(&mut net, StatusCode::UNAUTHORIZED, |_| {
        let asks = "Digest realm=\"example.test\", nonce=\"1\", qop=\"auth-int\"";
        vec![(Header::WwwAuthenticate, asks.to_owned())]
    });

    let why = net.wait(0, |event| match event {
        Event::TrunkUnregistered { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    assert!(
        why.contains("the quality of protection is not auth"),
        "{why}"
    );
    net.run_for(Duration::from_secs(590));
    assert_eq!(sent(&net, 2, &Method::Register).len(), 1);
    net.run_for(Duration::from_secs(60));
    assert!(sent(&net, 2, &Method::Register).len() > 1);
}

#[test]
fn a_registrar_that_says_when_to_come_again_is_left_alone_until_then() {
    let mut net = house_beside(registering(), Some("secret"), 1, |_, theirs| {
        theirs.limits.transactions = 0;
        theirs.limits.retry_after = 900;
    });

    let code = net.wait(0, |event| match event {
        Event::TrunkUnregistered { code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!(code, 503);
    net.run_for(Duration::from_secs(890));
    assert_eq!(sent(&net, 2, &Method::Register).len(), 1);
    net.run_for(Duration::from_secs(20));
    assert_eq!(sent(&net, 2, &Method::Register).len(), 2);
}

#[test]
fn an_account_goes_to_the_next_place_of_a_trunk_that_is_not_probed_and_stays_there() {
    let reach = Reach {
        further: vec![address(3).into()],
        ..registering()
    };
    for silent in [true, false] {
        let mut net = house_beside(reach.clone(), Some("secret"), 2, |own, theirs| {
            if !silent && own == 2 {
                theirs.limits.transactions = 0;
            }
        });
        if silent {
            net.drops = Some(Box::new(|packet| packet.from == address(2)));
        }

        net.wait(0, |event| {
            matches!(event, Event::TrunkRegistered { .. }).then_some(())
        });
        // What was sent to the silent place is repeated until it is given up, and nothing else is sent there.
        let asked = |net: &Net| {
            let sent = sent(net, 2, &Method::Register);
            let numbers = sent.iter().map(|one| one.cseq().number);
            numbers.collect::<std::collections::BTreeSet<_>>()
        };
        let before = asked(&net);
        net.run_for(Duration::from_secs(1_200));

        assert_eq!(net.ends[2].endpoint.counters().bindings, 1);
        assert_eq!(asked(&net), before);
        let told = |event: &Event| matches!(event, Event::TrunkUnregistered { .. });
        assert!(!net.ends[0].events.iter().any(told));
    }
}

#[test]
fn a_wrong_password_is_reported_and_tried_again_ever_more_rarely() {
    let mut net = house(registering(), Some("wrong"), 1);

    let code = net.wait(0, |event| match event {
        Event::TrunkUnregistered { code, .. } => Some(*code),
        _ => None,
    });
    net.run_for(Duration::from_secs(3_600));

    assert_eq!(code, 401);
    assert_eq!(net.ends[1].endpoint.counters().bindings, 0);
    let tries = sent(&net, 2, &Method::Register).len();
    assert!((10..=40).contains(&tries), "{tries}");
    assert_eq!(
        net.ends[0].endpoint.counters().trunks[0].registered,
        Some(false)
    );
}

#[test]
fn a_place_that_falls_silent_is_down_and_is_up_again_when_it_answers() {
    let reach = Reach {
        qualify: Some(Duration::from_secs(30)),
        ..Reach::default()
    };
    let mut net = house(reach, None, 1);
    net.run_for(Duration::from_secs(300));
    assert!(net.ends[0].events.is_empty());
    assert!(sent(&net, 2, &Method::Options).len() >= 9);

    net.drops = Some(Box::new(|packet| packet.from == address(2)));
    let began = net.now;
    net.wait(0, |event| {
        matches!(event, Event::TrunkDown { .. }).then_some(())
    });
    // The next probe, its second try, and four seconds for each answer.
    assert!(net.now <= began + Duration::from_secs(40));
    assert!(!net.ends[0].endpoint.counters().trunks[0].up);

    net.drops = None;
    net.wait(0, |event| {
        matches!(event, Event::TrunkUp { .. }).then_some(())
    });
    assert!(net.ends[0].endpoint.counters().trunks[0].up);
}

#[test]
fn a_place_that_is_down_is_asked_as_often_as_its_trunk_wants() {
    for (qualify, least) in [(2, 15), (600, 4)] {
        let reach = Reach {
            qualify: Some(Duration::from_secs(qualify)),
            answer: Some(Duration::from_secs(1)),
            ..Reach::default()
        };
        let mut net = house(reach, None, 1);
        net.drops = Some(Box::new(|packet| packet.from == address(2)));
        net.run_for(Duration::from_secs(620));
        assert!(!net.ends[0].endpoint.counters().trunks[0].up);
        let ids = |net: &Net| {
            let all = sent(net, 2, &Method::Options);
            let ids: std::collections::BTreeSet<_> =
                all.iter().map(|one| one.call_id().to_owned()).collect();
            ids.len()
        };
        let before = ids(&net);

        net.run_for(Duration::from_secs(62));

        let asked = ids(&net) - before;
        assert!(
            (least..=2 * least + 2).contains(&asked),
            "{asked} times in a minute, qualify {qualify} s"
        );
    }
}

#[test]
fn what_comes_late_to_a_probe_that_was_repeated_counts() {
    let reach = Reach {
        qualify: Some(Duration::from_secs(30)),
        answer: Some(Duration::from_secs(1)),
        ..Reach::default()
    };
    let mut net = house(reach, None, 1);
    net.drops = Some(Box::new(|packet| packet.from == address(2)));
    net.wait(0, |event| {
        matches!(event, Event::TrunkDown { .. }).then_some(())
    });

    net.drops = None;
    let began = net.now;
    net.wait(0, |event| {
        matches!(event, Event::TrunkUp { .. }).then_some(())
    });

    assert!(net.now.since(began) < Duration::from_secs(4));
}

#[test]
fn how_long_an_answer_may_take_is_the_trunk_s_to_say() {
    for (answer, least, most) in [(1, 2, 34), (20, 40, 72)] {
        let reach = Reach {
            qualify: Some(Duration::from_secs(30)),
            answer: Some(Duration::from_secs(answer)),
            ..Reach::default()
        };
        let mut net = house(reach, None, 1);
        net.run_for(Duration::from_secs(300));
        net.drops = Some(Box::new(|packet| packet.from == address(2)));
        let began = net.now;

        net.wait(0, |event| {
            matches!(event, Event::TrunkDown { .. }).then_some(())
        });

        let took = net.now.since(began).as_secs();
        assert!(
            (least..=most).contains(&took),
            "{answer} s: down after {took} s"
        );
    }
}

#[test]
fn one_probe_that_gets_lost_takes_nothing_down() {
    let reach = Reach {
        qualify: Some(Duration::from_secs(30)),
        ..Reach::default()
    };
    let mut net = house(reach, None, 1);
    net.run_for(Duration::from_secs(300));
    let before = sent(&net, 2, &Method::Options).len();
    net.drops = Some(Box::new(|packet| packet.from == address(2)));
    while sent(&net, 2, &Method::Options).len() == before {
        net.run_for(Duration::from_millis(100));
    }
    net.run_for(Duration::from_secs(4));

    net.drops = None;
    net.run_for(Duration::from_secs(300));

    assert!(net.ends[0].events.is_empty(), "{:?}", net.ends[0].events);
}

#[test]
fn a_place_that_cannot_be_sent_to_is_down_without_waiting_for_its_answer() {
    let reach = Reach {
        qualify: Some(Duration::from_secs(30)),
        ..Reach::default()
    };
    let mut net = house(reach, None, 1);
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    let began = net.now;

    for _ in 0..2 {
        let before = sent(&net, 2, &Method::Options).len();
        while sent(&net, 2, &Method::Options).len() == before {
            net.run_for(Duration::from_secs(1));
        }
        let now = net.now;
        let endpoint = &mut net.ends[0].endpoint;
        endpoint.handle_transmit_failed(Transport::Udp, address(2), now);
        net.drain(0);
    }

    let down = |event: &Event| matches!(event, Event::TrunkDown { .. });
    assert!(net.ends[0].events.iter().any(down));
    assert!(net.now < began + Duration::from_secs(50));
}

#[test]
fn an_account_whose_request_cannot_be_sent_is_told_of_at_once() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    let mut carrier = trunk("b", address(2), Transport::Udp);
    carrier.reach = registering();
    carrier.credentials = Some(TrunkCredentials {
        user: "anna".into(),
        password: "secret".into(),
    });
    ours.trunks.push(carrier);
    net.add(1, ours);
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    let now = net.now;
    net.ends[0].endpoint.start(now);
    net.drain(0);
    net.run_for(Duration::from_millis(1));

    let now = net.now;
    let endpoint = &mut net.ends[0].endpoint;
    endpoint.handle_transmit_failed(Transport::Udp, address(2), now);
    net.drain(0);

    let told = |event: &Event| matches!(event, Event::TrunkUnregistered { code: 503, .. });
    assert!(net.ends[0].events.iter().any(told));
}

/// Us, registered at a carrier by `transport`.
fn registered(transport: Transport) -> (Net, Config) {
    registered_at(transport, |_| {})
}

fn registered_at(transport: Transport, set: impl FnOnce(&mut Net)) -> (Net, Config) {
    let mut net = Net::new(1, Weather::FAIR);
    set(&mut net);
    let mut ours = config(1);
    let mut carrier = trunk("b", address(2), transport);
    carrier.reach = registering();
    carrier.credentials = Some(TrunkCredentials {
        user: "anna".into(),
        password: "secret".into(),
    });
    ours.trunks.push(carrier);
    net.add(1, ours.clone());
    let mut theirs = config(2);
    let bob = sip::endpoint::Account::with_password("bob", "example.test", "other");
    theirs.accounts.insert("bob".into(), bob);
    theirs.trunks.push(trunk("a", address(1), transport));
    net.add(2, theirs);
    let now = net.now;
    net.ends[0].endpoint.start(now);
    net.drain(0);
    net.wait(0, |event| {
        matches!(event, Event::TrunkRegistered { .. }).then_some(())
    });
    net.sent.clear();
    (net, ours)
}

fn asked(net: &Net) -> Vec<(String, String)> {
    let read = |one: Message| {
        let user = one.to().uri().user_decoded().unwrap_or_default();
        (user, one.header(Header::Expires).unwrap().to_owned())
    };
    sent(net, 2, &Method::Register)
        .into_iter()
        .map(read)
        .collect()
}

#[test]
fn what_was_registered_by_a_connection_that_is_closed_is_registered_anew() {
    for transport in [Transport::Tcp, Transport::Tls] {
        let (mut net, _) = registered(transport);
        net.run_for(Duration::from_secs(60));
        assert_eq!(asked(&net), []);

        net.close();
        net.run_for(Duration::from_secs(2));

        let again = asked(&net);
        assert!(!again.is_empty());
        assert!(again.iter().all(|one| one.1 == "600"), "{again:?}");
        assert_eq!(
            net.ends[0].endpoint.counters().trunks[0].registered,
            Some(true)
        );
        assert_eq!(net.ends[1].endpoint.counters().bindings, 1);
    }
}

#[test]
fn a_registrar_that_closes_every_connection_is_not_asked_without_a_pause() {
    let (mut net, _) = registered(Transport::Tcp);

    for _ in 0..600 {
        net.run_for(Duration::from_secs(1));
        net.close();
    }

    let tries = asked(&net).len();
    assert!((20..=60).contains(&tries), "{tries} in ten minutes");
}

#[test]
fn who_cannot_be_registered_after_a_connection_was_closed_is_not_registered() {
    let (mut net, _) = registered(Transport::Tls);
    net.run_for(Duration::from_secs(60));

    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    net.close();
    net.run_for(Duration::from_secs(61));

    let told = |event: &Event| matches!(event, Event::TrunkUnregistered { .. });
    assert!(net.ends[0].events.iter().any(told));
    assert_eq!(
        net.ends[0].endpoint.counters().trunks[0].registered,
        Some(false)
    );
}

#[test]
fn an_account_that_is_taken_out_is_unregistered() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (mut net, mut ours) = registered(transport);
        ours.trunks.clear();

        let now = net.now;
        net.ends[0].endpoint.reconfigure(ours, now);
        net.drain(0);
        net.run_for(Duration::from_secs(2));

        let told = asked(&net);
        assert!(
            told.iter().all(|one| *one == ("anna".into(), "0".into())),
            "{told:?}"
        );
        assert_eq!(net.ends[1].endpoint.counters().bindings, 0);
        assert!(net.ends[0].endpoint.is_unregistered());
        net.settle();
    }
}

#[test]
fn who_leaves_is_unregistered_and_one_that_is_being_registered_after_its_answer() {
    let (mut net, _) = registered(Transport::Udp);
    while asked(&net).is_empty() {
        net.run_for(Duration::from_millis(1));
    }

    let now = net.now;
    net.ends[0].endpoint.unregister(now);
    net.drain(0);
    assert_eq!(asked(&net).len(), 1, "one is under way");
    assert!(!net.ends[0].endpoint.is_unregistered());
    net.run_for(Duration::from_secs(2));

    assert_eq!(asked(&net).last().unwrap().1, "0");
    assert!(net.ends[0].endpoint.is_unregistered());
    assert_eq!(net.ends[1].endpoint.counters().bindings, 0);
    let before = asked(&net).len();
    net.run_for(Duration::from_secs(3_600));
    assert_eq!(asked(&net).len(), before);
}

#[test]
fn a_registrar_that_does_not_answer_a_farewell_is_left() {
    let (mut net, _) = registered(Transport::Udp);
    net.drops = Some(Box::new(|packet| packet.to == address(2)));

    let now = net.now;
    net.ends[0].endpoint.unregister(now);
    net.drain(0);
    net.run_for(Duration::from_secs(33));

    assert!(net.ends[0].endpoint.is_unregistered());
}

#[test]
fn another_user_or_span_of_an_account_is_taken_up_at_a_reload() {
    let (mut net, mut ours) = registered(Transport::Udp);
    let reload = |net: &mut Net, ours: &Config| {
        net.sent.clear();
        let now = net.now;
        net.ends[0].endpoint.reconfigure(ours.clone(), now);
        net.drain(0);
        net.run_for(Duration::from_secs(2));
        asked(net)
    };
    assert_eq!(reload(&mut net, &ours), []);

    ours.trunks[0].reach.register = Some(Duration::from_secs(300));
    let told = reload(&mut net, &ours);
    assert!(!told.is_empty());
    assert!(
        told.iter().all(|one| *one == ("anna".into(), "300".into())),
        "{told:?}"
    );

    ours.trunks[0].credentials = Some(TrunkCredentials {
        user: "bob".into(),
        password: "other".into(),
    });
    let told = reload(&mut net, &ours);
    assert!(told.contains(&("anna".into(), "0".into())), "{told:?}");
    assert!(told.contains(&("bob".into(), "300".into())), "{told:?}");
    assert_eq!(net.ends[1].endpoint.counters().bindings, 1);
    assert_eq!(
        net.ends[0].endpoint.counters().trunks[0].registered,
        Some(true)
    );
}

#[test]
fn a_password_that_is_right_now_is_tried_at_the_reload() {
    let mut net = house(registering(), Some("wrong"), 1);
    net.wait(0, |event| {
        matches!(event, Event::TrunkUnregistered { .. }).then_some(())
    });
    let (_, ours) = registered(Transport::Udp);

    let now = net.now;
    net.ends[0].endpoint.reconfigure(ours, now);
    net.drain(0);
    net.run_for(Duration::from_secs(2));

    assert_eq!(net.ends[1].endpoint.counters().bindings, 1);
}

#[test]
fn a_registration_that_ends_while_its_registrar_is_silent_is_told_of_at_that_moment() {
    let mut net = house_beside(registering(), Some("secret"), 1, |_, theirs| {
        theirs.limits.min_expires = Duration::from_secs(1);
        theirs.limits.max_expires = Duration::from_secs(20);
    });
    net.wait(0, |event| {
        matches!(event, Event::TrunkRegistered { .. }).then_some(())
    });
    net.drops = Some(Box::new(|packet| packet.from == address(2)));

    net.run_for(Duration::from_secs(21));

    assert_eq!(
        net.ends[0].endpoint.counters().trunks[0].registered,
        Some(false)
    );
    let told = |event: &&Event| matches!(event, Event::TrunkUnregistered { code: 408, .. });
    assert_eq!(net.ends[0].events.iter().filter(told).count(), 1);
}

#[test]
fn an_account_leaves_a_silent_place_as_soon_as_a_call_does() {
    let reach = Reach {
        further: vec![address(3).into()],
        ..registering()
    };
    let mut net = house(reach, Some("secret"), 2);
    net.drops = Some(Box::new(|packet| packet.to == address(2)));

    net.run_for(Duration::from_secs(8));

    assert_eq!(net.ends[2].endpoint.counters().bindings, 1);
}

/// The last REGISTER to a place that stands for itself, as it came there.
fn asked_at(net: &Net, host: u8) -> Message {
    sent(net, host, &Method::Register).pop().unwrap()
}

#[test]
fn what_a_registrar_says_late_that_was_left_changes_nothing() {
    let reach = Reach {
        further: vec![address(3).into()],
        ..registering()
    };
    for (before, code) in [(true, 200), (false, 200), (true, 403), (false, 403)] {
        let mut net = house(reach.clone(), Some("secret"), 0);
        net.run_for(Duration::from_millis(10));
        let first = asked_at(&net, 2);
        net.run_for(Duration::from_secs(7));
        let second = asked_at(&net, 3);
        let grant = |asked: &Message, code: u16| {
            let contact = "<sip:anna@192.0.2.1:5060>;expires=60";
            let status = StatusCode::try_from(code).unwrap();
            let answer = asked.response(status, None);
            answer.header(Header::Contact, contact).build()
        };
        let late = |net: &mut Net| {
            let told = net.ends[0].events.len();
            let standing = net.ends[0].endpoint.counters().trunks;
            net.inject(0, address(2), grant(&first, 200));
            net.run_for(Duration::from_millis(10));
            assert_eq!(net.ends[0].events.len(), told, "{before} {code}");
            assert_eq!(net.ends[0].endpoint.counters().trunks, standing);
        };

        if before {
            late(&mut net);
        }
        net.inject(0, address(3), grant(&second, code));
        net.run_for(Duration::from_millis(10));
        if !before {
            late(&mut net);
        }

        let state = net.ends[0].endpoint.counters().trunks.remove(0);
        assert_eq!(state.registered, Some(code == 200), "{before} {code}");
        // It is refreshed, or tried anew, where it was asked for last; nobody answers there now.
        let count = |net: &Net, host| sent(net, host, &Method::Register).len();
        let (there, here) = (count(&net, 2), count(&net, 3));
        net.run_for(Duration::from_secs(33));
        assert_eq!(count(&net, 2), there, "{before} {code}");
        assert!(count(&net, 3) > here, "{before} {code}");
    }
}

fn two_places(qualify: Option<Duration>) -> Net {
    let reach = Reach {
        further: vec![address(3).into()],
        qualify,
        ..Reach::default()
    };
    house(reach, None, 2)
}

fn goes_through(net: &mut Net, end: usize) {
    net.goes_through(end, OUT);
    net.settle();
    net.assert_empty();
}

#[test]
fn a_call_that_is_told_503_goes_to_the_next_place() {
    let mut net = two_places(None);
    net.tell(1, Command::Drain { on: true });

    net.tell(0, dial(OUT, "b", 0xa));

    goes_through(&mut net, 2);
    assert_eq!(sent(&net, 2, &Method::Invite).len(), 1);
}

#[test]
fn a_call_that_nobody_answers_goes_to_the_next_place() {
    let mut net = two_places(None);
    net.drops = Some(Box::new(|packet| packet.to == address(2)));

    net.tell(0, dial(OUT, "b", 0xa));

    goes_through(&mut net, 2);
}

#[test]
fn a_place_that_says_nothing_is_left_while_the_customer_waits_and_what_it_says_later_is_taken_back()
{
    for answers in [false, true] {
        let mut net = two_places(None);
        // What the first place says is held up until the second has answered.
        net.drops = Some(Box::new(|packet| packet.from == address(2)));
        net.tell(0, dial(OUT, "b", 0xa));
        let first = net.wait(1, arrived);
        let second = net.wait(2, arrived);
        assert!(
            net.now.since_start() < Duration::from_secs(8),
            "{:?}",
            net.now
        );
        net.drops = None;

        let tag = Tag {
            session: SessionId(0xb),
            headers: Vec::new(),
        };
        for (end, call) in [(1, first), (2, second)] {
            let tag = tag.clone();
            net.tell(end, Command::Adopt { call, tag });
        }
        net.tell(2, answer(second));
        net.wait(0, |event| {
            matches!(event, Event::Answered { .. }).then_some(())
        });
        if answers {
            net.tell(1, answer(first));
        } else {
            let ring = Command::Ring {
                call: first,
                code: 180,
                reason: None,
                sdp: None,
            };
            net.tell(1, ring);
        }
        net.wait(1, |event| {
            let gone = matches!(event, Event::Ended { .. } | Event::Cancelled { .. });
            gone.then_some(())
        });

        net.tell(0, hang_up(OUT));
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn a_call_by_a_trunk_that_is_known_to_be_down_is_given_up_soon_as_one_that_was_not_made() {
    let reach = Reach {
        qualify: Some(Duration::from_secs(30)),
        ..Reach::default()
    };
    let mut net = house(reach, None, 1);
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    net.wait(0, |event| {
        matches!(event, Event::TrunkDown { .. }).then_some(())
    });

    net.tell(0, dial(OUT, "b", 0xa));
    let began = net.now;

    let failed = net.wait(0, |event| match event {
        Event::Failed { code, dialled, .. } => Some((*code, *dialled)),
        _ => None,
    });
    assert_eq!(failed, (503, false));
    assert!(net.now <= began + Duration::from_secs(7));
    assert!(!sent(&net, 2, &Method::Invite).is_empty(), "it may be back");
}

#[test]
fn a_place_known_to_be_down_is_not_even_tried() {
    let mut net = two_places(Some(Duration::from_secs(30)));
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    net.wait(0, |event| {
        matches!(event, Event::TrunkDown { .. }).then_some(())
    });

    net.tell(0, dial(OUT, "b", 0xa));
    let call = net.wait(2, arrived);

    assert!(sent(&net, 2, &Method::Invite).is_empty());
    net.tell(
        2,
        Command::Reject {
            call,
            code: 486,
            reason: None,
            retry_after: None,
            warning: None,
        },
    );
    let code = net.wait(0, |event| match event {
        Event::Failed { code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!(code, 486, "busy is an answer, and asks nobody else");
}

fn invited(net: &Net, end: u8) -> usize {
    sent(net, end, &Method::Invite).len()
}

#[test]
fn where_no_place_answers_probes_all_of_them_are_tried_in_order() {
    let mut net = two_places(Some(Duration::from_secs(30)));
    let probes = |packet: &net::Packet| packet.bytes.starts_with(b"OPTIONS ");
    net.drops = Some(Box::new(move |packet| {
        packet.to == address(2) || probes(packet)
    }));
    net.run_for(Duration::from_secs(50));
    let down = |event: &&Event| matches!(event, Event::TrunkDown { .. });
    assert_eq!(net.ends[0].events.iter().filter(down).count(), 2);

    net.tell(0, dial(OUT, "b", 0xa));
    net.goes_through(2, OUT);

    assert!(invited(&net, 2) > 0, "the first is asked before");
}

#[test]
fn a_place_that_says_when_to_come_again_is_passed_over_until_then_while_another_takes_calls() {
    for (said, rests) in [
        ("300", 300),
        ("300 (busy);duration=20", 300),
        ("86400", 600),
    ] {
        let mut net = two_places(None);
        net.ends.remove(1);
        net.outside.clear();
        net.tell(0, dial(OUT, "b", 0xa));
        net.run_for(Duration::from_millis(10));
        let refused = |net: &mut Net| {
            let asked = Message::parse(net.outside.remove(0).bytes).unwrap();
            let code = StatusCode::SERVICE_UNAVAILABLE;
            let no = asked.response(code, Some("elsewhere"));
            net.inject(0, address(2), no.header(Header::RetryAfter, said).build());
        };
        refused(&mut net);
        net.goes_through(1, OUT);
        net.settle();
        let first = invited(&net, 2);

        let mut call = |after: u64, n: u64| {
            net.run_for(Duration::from_secs(after));
            net.tell(0, dial(CallKey::Out(n), "b", 0xa));
            net.run_for(Duration::from_millis(10));
            invited(&net, 2)
        };
        assert_eq!(call(0, 2), first, "{said}");
        assert_eq!(call(rests + 1, 3), first + 1, "{said}");
    }
}

/// Answers a ping of ours over a connection.
fn pong(net: &mut Net, connection: u64) {
    net.ends[0].endpoint.handle_pong(connection, net.now);
    net.drain(0);
}

#[test]
fn a_connection_that_an_account_is_registered_by_is_kept_open_and_left_when_its_registrar_is_gone()
{
    for transport in [Transport::Tcp, Transport::Tls] {
        let (mut net, _) = registered_at(transport, |net| {
            // It knows nothing of keep-alives.
            net.edits = Some(Box::new(|packet| {
                packet.text().replace(";keep=120", ";keep").into()
            }));
        });
        let began = net.now;
        net.run_for(Duration::from_secs(120));
        let (at, to, connection, bytes) = net.kept.remove(0);
        assert!(net.kept.is_empty());
        assert!((96..=120).contains(&at.since(began).as_secs()), "{at:?}");
        assert_eq!((to, &bytes[..]), (address(2), &b"\r\n\r\n"[..]));
        let connection = connection.expect("by its connection");

        net.run_for(Duration::from_secs(150));
        assert_eq!(net.doubted, [], "it may know nothing of keep-alives");
        assert!(!net.kept.is_empty());
        net.kept.clear();
        net.run_for(Duration::from_secs(150));
        let last = net.kept.pop().unwrap();
        assert_eq!(last.2, Some(connection));
        net.kept.clear();
        // Where it was refreshed meanwhile, it is asked again later.
        while net.kept.is_empty() {
            net.step();
        }
        pong(&mut net, connection);
        net.kept.clear();
        while net.kept.is_empty() {
            net.step();
        }

        net.run_for(Duration::from_secs(9));
        assert_eq!(net.doubted, []);
        net.run_for(Duration::from_secs(1));
        assert_eq!(net.doubted, [(address(2), Some(connection))]);
        net.sent.clear();
        net.close();
        net.run_for(Duration::from_secs(2));
        assert!(!asked(&net).is_empty(), "it is registered anew");
    }
}

/// Us, registered by datagram at a registrar outside that says this besides; `wish` is ours.
fn told(said: Option<(Header, &str)>, wish: Option<Duration>) -> Net {
    let reach = Reach {
        keep_alive: wish,
        ..registering()
    };
    let mut net = house(reach, Some("secret"), 0);
    answers(&mut net, StatusCode::OK, |own| {
        let granted = (Header::Contact, format!("{own};expires=3600"));
        let said = said.map(|(header, value)| (header, value.to_owned()));
        std::iter::once(granted).chain(said).collect()
    });
    net.run_for(Duration::from_millis(1));
    net
}

fn sees(net: &mut Net, at: &str) {
    let asked = net.kept.pop().unwrap().3;
    let said = sip::stun::answer(&asked, at.parse().unwrap()).unwrap();
    let taken = net.ends[0]
        .endpoint
        .handle_stun_answer(address(2), &said, net.now);
    assert!(taken);
    net.drain(0);
}

#[test]
fn a_registrar_that_keeps_flows_is_asked_by_stun_and_left_when_it_sees_us_elsewhere() {
    for said in [(Header::FlowTimer, "20"), (Header::Require, "outbound")] {
        let mut net = told(Some(said), None);
        let (least, most) = if said.1 == "20" { (15, 20) } else { (22, 29) };
        for _ in 0..3 {
            let began = net.now;
            while net.kept.is_empty() {
                net.step();
            }
            let waited = net.now.since(began).as_secs();
            assert!((least..=most).contains(&waited), "{waited}");
            sees(&mut net, "198.51.100.7:4711");
            assert_eq!(sent(&net, 2, &Method::Register).len(), 1);
        }
        while net.kept.is_empty() {
            net.step();
        }

        sees(&mut net, "198.51.100.7:4712");

        net.run_for(Duration::from_millis(10));
        assert_eq!(sent(&net, 2, &Method::Register).len(), 2);
    }
}

#[test]
fn a_registrar_that_answers_no_stun_any_more_is_registered_at_anew() {
    let mut net = told(Some((Header::FlowTimer, "20")), None);
    while net.kept.is_empty() {
        net.step();
    }
    let began = net.now;

    net.run_for(Duration::from_secs(39));

    let pauses: Vec<u128> = net
        .kept
        .iter()
        .map(|one| one.0.since(began).as_millis())
        .collect();
    assert_eq!(pauses, [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    let id = &net.kept[0].3[8..];
    assert!(net.kept.iter().all(|one| &one.3[8..] == id));
    assert_eq!(sent(&net, 2, &Method::Register).len(), 1);
    net.run_for(Duration::from_millis(900));
    assert_eq!(sent(&net, 2, &Method::Register).len(), 2);
}

#[test]
fn how_often_the_registrar_says_in_via_counts_and_others_are_not_asked_by_datagram() {
    let mut net = house(registering(), Some("secret"), 0);
    net.run_for(Duration::from_millis(10));
    let asked = Message::parse(net.outside.remove(0).bytes).unwrap();
    assert_eq!(asked.top_via().param("keep"), Some(""), "RFC 6223");
    let own = asked.header(Header::Contact).unwrap();
    let said = asked
        .response(StatusCode::OK, None)
        .header(Header::Contact, format!("{own};expires=3600"));
    let said = String::from_utf8(said.build().to_vec()).unwrap();
    net.inject(0, address(2), said.replace(";keep", ";keep=10"));
    let began = net.now;
    net.run_for(Duration::from_secs(10));
    let first = &net.kept[0];
    let waited = first.0.since(began);
    assert!(waited >= Duration::from_secs(8), "{waited:?}");
    assert!(sip::stun::is_request(&first.3));

    let mut net = told(None, None);
    net.run_for(Duration::from_secs(300));
    assert_eq!(net.kept.len(), 0);

    let mut net = told(None, Some(Duration::from_secs(25)));
    net.run_for(Duration::from_secs(300));
    assert!((12..=15).contains(&net.kept.len()), "{}", net.kept.len());
    assert!(
        net.kept
            .iter()
            .all(|one| one.3 == "\r\n\r\n" && one.2.is_none())
    );
    assert_eq!(sent(&net, 2, &Method::Register).len(), 1);
}
