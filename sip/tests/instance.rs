//! Our registration by a flow that calls come back by (RFC 5626): who we are, which flow it is, and when a new one is made.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use net::{Net, Weather, address, config, dial, trunk};
use sip::endpoint::{CallKey, Config, Endpoint, Event, Transport};
use sip::message::{Header, Message, Method, StatusCode};
use sip::registrar::Instance;
use sip::trunk::{Reach, TrunkCredentials};

const URN: &str = "urn:uuid:07070707-0707-8707-8707-070707070707";

/// Us, with an account by trunks of these names, all at the registrar at end 1.
fn ours(names: &[&str], transport: Transport) -> Config {
    let mut ours = config(1);
    ours.instance = Some(Instance::of([7; 16]));
    for name in names {
        let mut carrier = trunk(name, address(2), transport);
        carrier.reach = Reach {
            register: Some(Duration::from_secs(600)),
            domain: "example.test".into(),
            ..Reach::default()
        };
        carrier.credentials = Some(TrunkCredentials {
            user: "anna".into(),
            password: "secret".into(),
        });
        ours.trunks.push(carrier);
    }
    ours
}

fn beside_nobody(ours: Config) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    net.add(1, ours);
    let now = net.now;
    net.ends[0].endpoint.start(now);
    net.drain(0);
    net
}

fn registered(ours: Config) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let transport = ours.trunks[0].transport;
    net.add(1, ours);
    let mut theirs = config(2);
    theirs.trunks.push(trunk("a", address(1), transport));
    net.add(2, theirs);
    let now = net.now;
    net.ends[0].endpoint.start(now);
    net.drain(0);
    net.run_for(Duration::from_secs(2));
    assert_eq!(told(&net), (1, 0));
    net
}

// How often we were told to be registered, and not to be.
fn told(net: &Net) -> (usize, usize) {
    let count = |is: fn(&&Event) -> bool| net.ends[0].events.iter().filter(is).count();
    (
        count(|event| matches!(event, Event::TrunkRegistered { .. })),
        count(|event| matches!(event, Event::TrunkUnregistered { .. })),
    )
}

fn asked(net: &Net) -> Vec<Message> {
    let packets = net.sent.iter().filter(|packet| packet.to == address(2));
    let read = packets.map(|packet| Message::parse(packet.bytes.clone()).unwrap());
    read.filter(|one| one.request_uri().is_some() && *one.method() == Method::Register)
        .collect()
}

fn flow_of(asked: &Message) -> (Option<String>, Option<String>, String) {
    let contact = asked.contacts().next().unwrap();
    let instance = contact.params().unquoted("+sip.instance");
    let supported = asked.header(Header::Supported).unwrap().to_owned();
    (
        instance,
        contact.param("reg-id").map(str::to_owned),
        supported,
    )
}

fn answers(net: &mut Net, code: u16, more: &[(Header, &str)]) {
    net.run_for(Duration::from_millis(10));
    let asked = Message::parse(net.outside.remove(0).bytes).unwrap();
    let own = asked.header(Header::Contact).unwrap();
    let status = StatusCode::try_from(code).unwrap();
    let said = asked
        .response(status, None)
        .header(Header::Contact, format!("{own};expires=600"));
    let said = more
        .iter()
        .fold(said, |said, (header, value)| said.header(*header, value));
    net.inject(0, address(2), said.build());
    net.run_for(Duration::from_millis(10));
}

#[test]
fn a_registration_names_the_instance_and_its_flow_and_replaces_the_one_of_before_a_restart() {
    let mut net = registered(ours(&["b"], Transport::Udp));
    let named = (
        Some(format!("<{URN}>")),
        Some("1".to_owned()),
        "path, outbound".to_owned(),
    );
    for one in asked(&net) {
        assert_eq!(flow_of(&one), named);
    }

    // It crashed, and comes back elsewhere.
    let mut moved = ours(&["b"], Transport::Udp);
    moved.listen = config(9).listen;
    let now = net.now;
    net.ends[0].endpoint = Endpoint::new(moved, [3; 32]);
    net.ends[0].endpoint.start(now);
    net.drain(0);
    net.run_for(Duration::from_secs(2));

    let last = asked(&net).pop().unwrap();
    assert!(last.header(Header::Contact).unwrap().contains("192.0.2.9"));
    assert_eq!(flow_of(&last), named);
    assert_eq!(net.ends[1].endpoint.counters().bindings, 1);
}

#[test]
fn a_call_by_an_account_whose_flow_is_kept_says_that_it_is_come_back_by() {
    for transport in [Transport::Udp, Transport::Tcp] {
        for (required, kept) in [(&[(Header::Require, "outbound")][..], true), (&[], false)] {
            let mut net = beside_nobody(ours(&["b"], transport));
            answers(&mut net, 200, required);

            net.tell(0, dial(CallKey::Out(1), "b", 1));

            net.run_for(Duration::from_millis(10));
            let invite = Message::parse(net.outside.remove(0).bytes).unwrap();
            let contact = invite.contacts().next().unwrap();
            assert_eq!(contact.uri().params().has("ob"), kept, "{transport:?}");
        }
    }
}

#[test]
fn trunks_by_which_one_account_is_registered_are_flows_beside_each_other() {
    let mut both = ours(&["b", "c"], Transport::Udp);
    let mut net = Net::new(1, Weather::FAIR);
    net.add(1, both.clone());
    net.add(2, config(2));
    let now = net.now;
    net.ends[0].endpoint.start(now);
    net.drain(0);
    net.run_for(Duration::from_secs(2));
    assert_eq!(net.ends[1].endpoint.counters().bindings, 2);

    // Who comes instead of the first is not taken for the one that stays.
    both.trunks.remove(0);
    both.trunks.extend(ours(&["d"], Transport::Udp).trunks);
    let now = net.now;
    net.ends[0].endpoint.reconfigure(both, now);
    net.drain(0);
    net.run_for(Duration::from_secs(2));

    assert_eq!(net.ends[1].endpoint.counters().bindings, 2);
    let flows = asked(&net).into_iter().map(|one| {
        let expires = one.header(Header::Expires).unwrap().to_owned();
        (flow_of(&one).1.unwrap(), expires)
    });
    let flows: std::collections::BTreeSet<_> = flows.collect();
    let all = [("1", "0"), ("1", "600"), ("2", "600"), ("3", "600")];
    let all = all.map(|(flow, expires)| (flow.to_owned(), expires.to_owned()));
    assert_eq!(flows, all.into());
}

#[test]
fn where_the_first_hop_keeps_no_flows_it_is_registered_without() {
    let mut net = beside_nobody(ours(&["b"], Transport::Udp));

    answers(&mut net, 439, &[]);

    let second = asked(&net).pop().unwrap();
    assert_eq!(asked(&net).len(), 2, "at once");
    assert_eq!(flow_of(&second), (None, None, "path".to_owned()));
    answers(&mut net, 200, &[]);
    assert_eq!(told(&net), (1, 0));
    net.run_for(Duration::from_secs(320));
    let refresh = asked(&net).pop().unwrap();
    assert!(refresh.cseq().number > second.cseq().number);
    assert_eq!(flow_of(&refresh).1, None, "it is not asked for each time");
    assert_eq!(net.kept.len(), 0);

    // Who says so of what had no flow has refused it.
    let mut net = beside_nobody(ours(&["b"], Transport::Udp));
    answers(&mut net, 439, &[]);
    answers(&mut net, 439, &[]);
    assert_eq!(told(&net), (0, 1));
    assert_eq!(asked(&net).len(), 2);
}

#[test]
fn what_is_granted_to_another_flow_of_the_account_is_not_granted_to_ours() {
    let mut net = beside_nobody(ours(&["b"], Transport::Udp));
    net.run_for(Duration::from_millis(10));
    let asked_first = Message::parse(net.outside.remove(0).bytes).unwrap();
    let own = asked_first.header(Header::Contact).unwrap();
    let other = own.replace("reg-id=1", "reg-id=2");
    let contacts = format!("{other};expires=0, {own};expires=600");
    let said = asked_first.response(StatusCode::OK, None);

    net.inject(
        0,
        address(2),
        said.header(Header::Contact, contacts).build(),
    );

    net.run_for(Duration::from_secs(200));
    assert_eq!((told(&net), asked(&net).len()), ((1, 0), 1));
}

#[test]
fn a_flow_that_proved_itself_is_made_anew_at_once_and_another_after_a_while() {
    for (proved, least, most) in [(true, 0, 2), (false, 30, 60)] {
        let mut net = registered(ours(&["b"], Transport::Tcp));
        if proved {
            while net.kept.is_empty() {
                net.step();
            }
            let connection = net.kept[0].2.unwrap();
            let now = net.now;
            net.ends[0].endpoint.handle_pong(connection, now);
            net.drain(0);
        } else {
            net.run_for(Duration::from_secs(60));
        }
        net.sent.clear();
        let began = net.now;

        net.close();

        while asked(&net).is_empty() {
            net.step();
        }
        let waited = net.now.since(began);
        let span = Duration::from_secs(least)..=Duration::from_secs(most);
        assert!(span.contains(&waited), "{waited:?}");
        net.run_for(Duration::from_secs(2));
        assert_eq!(net.ends[1].endpoint.counters().bindings, 1);
    }
}

#[test]
fn who_keeps_flows_and_is_gone_is_asked_ever_more_rarely() {
    let mut net = beside_nobody(ours(&["b"], Transport::Udp));
    answers(&mut net, 200, &[(Header::Require, "outbound")]);
    // Until it is to be refreshed.
    net.run_for(Duration::from_secs(310));
    net.outside.clear();

    net.run_for(Duration::from_secs(4_000));

    let mut tries: Vec<_> = net
        .sent
        .iter()
        .filter(|one| one.first_line().starts_with("REGISTER"))
        .collect();
    tries.dedup_by_key(|one| Message::parse(one.bytes.clone()).unwrap().cseq().number);
    let gaps: Vec<_> = tries
        .windows(2)
        .map(|two| two[1].at.since(two[0].at).as_secs())
        .collect();
    // Each is waited for, 32 s; then between half of the wait and all of it. The first gap is that of the refresh.
    for (gap, most) in gaps[1..].iter().zip([60, 120, 240, 480, 600, 600]) {
        assert!((32 + most / 2..=33 + most).contains(gap), "{gaps:?}");
    }
    assert!(gaps.len() >= 6, "{gaps:?}");
}
