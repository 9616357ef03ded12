//! Trunks that are named by host (RFC 3263): found before they are called, left for the next server, found anew.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::net::IpAddr;
use std::time::Duration;

use net::{DNS_TTL, Net, Weather, address, arrived, config, dial, trunk};
use sip::endpoint::{CallKey, Command, Event, Left, Transport};
use sip::families::Families;
use sip::locate::{Answer, Kind, Naptr, NotLocated, Query, Question, Record, Srv, Wish};
use sip::message::{Message, Method};
use sip::trunk::{Destination, Source};

const OUT: CallKey = CallKey::Out(1);

fn says(net: &mut Net, name: &str, kind: Kind, records: Vec<Record>) {
    let query = Query {
        name: name.into(),
        kind,
    };
    net.dns.insert(
        query,
        Answer::Found {
            records,
            ttl: DNS_TTL,
        },
    );
}

fn server(priority: u16, target: &str) -> Record {
    Record::Srv(Srv {
        priority,
        weight: 0,
        port: 5_060,
        target: target.into(),
    })
}

fn at(host: u8) -> Vec<Record> {
    vec![Record::Address(IpAddr::from([192, 0, 2, host]))]
}

fn wish(wish: Wish) -> Destination {
    Destination::Named(Question {
        host: "carrier.example".into(),
        port: None,
        wish,
        families: Families::V4(()),
    })
}

// End 0 is us; the carrier's servers are the ends at 2 and 3.
fn house(target: Destination) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    let mut carrier = trunk("b", address(9), Transport::Udp);
    carrier.target = target;
    carrier.sources = vec![Source::Target];
    ours.trunks.push(carrier);
    net.add(1, ours);
    for own in [2, 3] {
        let mut theirs = config(own);
        theirs.trunks.push(trunk("a", address(1), Transport::Udp));
        net.add(own, theirs);
    }
    says(
        &mut net,
        "_sip._udp.carrier.example",
        Kind::Srv,
        vec![
            server(20, "b.carrier.example"),
            server(10, "a.carrier.example"),
        ],
    );
    says(&mut net, "a.carrier.example", Kind::A, at(2));
    says(&mut net, "b.carrier.example", Kind::A, at(3));
    net
}

fn start(net: &mut Net) {
    let now = net.now;
    net.ends[0].endpoint.start(now);
    net.drain(0);
}

fn invites(net: &Net, to: u8) -> Vec<Message> {
    let packets = net.sent.iter().filter(|packet| packet.to == address(to));
    let read = packets.map(|packet| Message::parse(packet.bytes.clone()).unwrap());
    read.filter(|message| message.request_uri().is_some() && *message.method() == Method::Invite)
        .collect()
}

#[test]
fn a_call_goes_to_the_server_of_the_lowest_priority_and_names_the_host() {
    let mut net = house(wish(Wish::Udp));
    start(&mut net);

    net.tell(0, dial(OUT, "b", 0xa));
    net.goes_through(1, OUT);

    let invite = invites(&net, 2).remove(0);
    let uri = invite.request_uri().unwrap().to_string();
    assert!(uri.ends_with("@carrier.example"), "{uri}");
    assert!(invites(&net, 3).is_empty());
}

#[test]
fn a_server_that_says_503_is_left_for_the_next() {
    let mut net = house(wish(Wish::Udp));
    start(&mut net);
    net.tell(1, Command::Drain { on: true });

    net.tell(0, dial(OUT, "b", 0xa));
    net.goes_through(2, OUT);

    assert_eq!(invites(&net, 2).len(), 1);
    let ours = |to| invites(&net, to)[0].session_id().unwrap().local;
    assert_eq!(ours(2), ours(3));
    let events = net.ends[0].events.iter();
    let left = events.filter_map(|event| match event {
        Event::Rerouted {
            trunk, left, why, ..
        } => Some((trunk.as_str(), left.unwrap().address, *why)),
        _ => None,
    });
    let left: Vec<_> = left.collect();
    assert_eq!(left, [("b", address(2), Left::Said(503))]);
}

#[test]
fn naptr_records_choose_the_transport() {
    let mut net = house(wish(Wish::Any));
    let service = |order, services: &str, replacement: &str| {
        Record::Naptr(Naptr {
            order,
            preference: 0,
            flags: "s".into(),
            services: services.into(),
            replacement: replacement.into(),
        })
    };
    let services = vec![
        service(20, "SIP+D2U", "_sip._udp.carrier.example"),
        service(10, "SIP+D2T", "_sip._tcp.carrier.example"),
    ];
    says(&mut net, "carrier.example", Kind::Naptr, services);
    let one = vec![server(0, "a.carrier.example")];
    says(&mut net, "_sip._tcp.carrier.example", Kind::Srv, one);
    start(&mut net);

    net.tell(0, dial(OUT, "b", 0xa));
    net.goes_through(1, OUT);

    let mut sent = net.sent.iter();
    let sent = sent.find(|packet| packet.to == address(2)).unwrap();
    assert_eq!(sent.transport, Transport::Tcp);
    assert!(sent.text().contains("Via: SIP/2.0/TCP"));
}

#[test]
fn a_name_is_found_anew_and_calls_come_from_where_it_is_now() {
    let mut net = house(wish(Wish::Udp));
    start(&mut net);
    let known = |net: &mut Net, host: u8| {
        let invite = format!(
            "INVITE sip:support@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.{host};branch=z9hG4bK{host}{}\r\n\
             From: <sip:x@y>;tag=1\r\nTo: <sip:support@192.0.2.1>\r\nCall-ID: {host}-{}\r\nCSeq: 1 INVITE\r\n\
             Max-Forwards: 70\r\nContact: <sip:x@192.0.2.{host}>\r\nContent-Length: 0\r\n\r\n",
            net.now.since_start().as_millis(),
            net.now.since_start().as_millis(),
        );
        net.inject(0, address(host), invite);
        let events = std::mem::take(&mut net.ends[0].events);
        events.iter().any(|event| arrived(event).is_some())
    };
    assert!(known(&mut net, 2));
    assert!(!known(&mut net, 7));

    says(&mut net, "a.carrier.example", Kind::A, at(7));
    net.run_for(DNS_TTL + Duration::from_secs(1));

    assert!(known(&mut net, 7));
    assert!(!known(&mut net, 2));
}

#[test]
fn a_dead_dns_fails_calls_to_that_trunk_at_once_and_no_others() {
    let mut net = house(wish(Wish::Udp));
    net.dns_is_dead = true;
    let mut ours = config(1);
    let mut named = trunk("named", address(9), Transport::Udp);
    named.target = wish(Wish::Udp);
    ours.trunks = vec![named, trunk("b", address(2), Transport::Udp)];
    let now = net.now;
    net.ends[0].endpoint.reconfigure(ours, now);
    start(&mut net);

    net.tell(0, dial(CallKey::Out(2), "named", 0xa));
    let code = net.wait(0, |event| match event {
        Event::Failed { code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!((code, net.now), (503, now));
    net.tell(0, dial(OUT, "b", 0xa));
    net.goes_through(1, OUT);

    let why = net.wait(0, |event| match event {
        Event::NotLocated { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(why, NotLocated::NoAnswer);
    net.dns_is_dead = false;
    net.wait(0, |event| {
        matches!(event, Event::Located { .. }).then_some(())
    });
}

#[test]
fn a_registration_waits_for_the_name_and_is_made_where_it_leads() {
    let mut net = house(wish(Wish::Udp));
    net.dns_is_dead = true;
    let mut ours = config(1);
    let mut carrier = trunk("b", address(9), Transport::Udp);
    carrier.target = wish(Wish::Udp);
    carrier.credentials = Some(sip::trunk::TrunkCredentials {
        user: "anna".into(),
        password: "secret".into(),
    });
    carrier.reach.register = Some(Duration::from_secs(600));
    carrier.reach.domain = "example.test".into();
    ours.trunks = vec![carrier];
    let now = net.now;
    net.ends[0].endpoint.reconfigure(ours, now);
    net.run_for(Duration::from_secs(20));
    assert!(net.sent.is_empty());

    net.dns_is_dead = false;
    net.wait(0, |event| {
        matches!(event, Event::TrunkRegistered { .. }).then_some(())
    });

    assert_eq!(net.ends[1].endpoint.counters().bindings, 1);
}
