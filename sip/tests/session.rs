//! Session timers between two endpoints (RFC 4028): refreshed by the side that was agreed, and over when nobody does.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use net::{Net, Weather, address, config, hang_up, trunk};
use sip::Instant;
use sip::endpoint::{CallKey, Command, Config, EndedBy, Event, Transport};
use sip::message::{Header, Message, Method};

const OUT: CallKey = CallKey::Out(1);

fn pair(caller: impl Fn(&mut Config), callee: impl Fn(&mut Config)) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    for (own, other, name) in [(1, 2, "b"), (2, 1, "a")] {
        let mut config = config(own);
        config
            .trunks
            .push(trunk(name, address(other), Transport::Udp));
        match own {
            1 => caller(&mut config),
            _ => callee(&mut config),
        }
        net.add(own, config);
    }
    net
}

fn messages(net: &Net, from: u8) -> Vec<(Instant, Message)> {
    let sent = net
        .sent
        .iter()
        .filter(|packet| packet.from == address(from));
    sent.map(|packet| (packet.at, Message::parse(packet.bytes.clone()).unwrap()))
        .collect()
}

fn updates(net: &Net, from: u8) -> Vec<(Instant, Message)> {
    let mut all = messages(net, from);
    all.retain(|(_, message)| message.start_is(&Method::Update));
    all
}

trait Started {
    fn start_is(&self, method: &Method) -> bool;
}

impl Started for Message {
    fn start_is(&self, method: &Method) -> bool {
        self.request_uri().is_some() && self.method() == method
    }
}

fn ended(net: &mut Net, end: usize) -> EndedBy {
    net.wait(end, |event| match event {
        Event::Ended { by, .. } => Some(*by),
        _ => None,
    })
}

#[test]
fn the_caller_refreshes_at_half_the_interval_and_the_call_goes_on_for_hours() {
    let mut net = pair(|_| {}, |_| {});
    net.talking(OUT);
    let began = net.now;

    net.run_for(Duration::from_secs(2 * 3_600 + 60));

    let updates = updates(&net, 1);
    assert_eq!(updates.len(), 8, "one each 15 minutes");
    let first = updates[0].0.since(began);
    assert!((890..=910).contains(&first.as_secs()), "{first:?}");
    assert_eq!(
        updates[0].1.header(Header::SessionExpires),
        Some("1800;refresher=uac")
    );
    assert!(self::updates(&net, 2).is_empty());
    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
}

#[test]
fn a_callee_whose_caller_vanishes_ends_the_call_before_the_session_is_over() {
    let mut net = pair(|_| {}, |_| {});
    net.talking(OUT);
    let began = net.now;
    net.drops = Some(Box::new(|packet| packet.from == address(1)));

    assert_eq!(ended(&mut net, 1), EndedBy::Lost);

    let after = net.now.since(began);
    assert!((1_760..1_800).contains(&after.as_secs()), "{after:?}");
}

#[test]
fn a_caller_whose_callee_vanishes_learns_it_by_its_own_refresh() {
    let mut net = pair(|_| {}, |_| {});
    net.talking(OUT);
    let began = net.now;
    net.drops = Some(Box::new(|packet| packet.from == address(2)));

    assert_eq!(ended(&mut net, 0), EndedBy::Lost);

    let after = net.now.since(began);
    assert!((900..1_000).contains(&after.as_secs()), "{after:?}");
    net.drops = None;
    net.settle();
}

#[test]
fn a_refresh_that_cannot_be_sent_is_tried_again_and_ends_no_call_before_the_session_does() {
    let mut net = pair(|_| {}, |_| {});
    net.talking(OUT);
    net.ends[0].events.clear();
    let refused = |net: &mut Net| {
        let before = updates(net, 1).len();
        net.drops = Some(Box::new(|packet| packet.from == address(1)));
        while updates(net, 1).len() == before {
            net.run_for(Duration::from_secs(1));
        }
        let (to, now) = (address(2), net.now);
        net.ends[0]
            .endpoint
            .handle_transmit_failed(Transport::Udp, to, now);
        net.drain(0);
        net.drops = None;
        updates(net, 1).last().unwrap().0
    };

    let first = refused(&mut net);
    let second = refused(&mut net);
    assert_eq!(second.since(first).as_secs(), 10);
    assert!(net.ends[0].events.is_empty(), "{:?}", net.ends[0].events);
    net.run_for(Duration::from_secs(3_600));
    assert_eq!(updates(&net, 1).len(), 2 + 4);
    assert!(net.ends[0].events.is_empty(), "{:?}", net.ends[0].events);

    // The peer may be gone for good.
    net.drops = Some(Box::new(|packet| packet.from == address(1)));
    let began = net.now;
    while !net.ends[0]
        .events
        .iter()
        .any(|event| matches!(event, Event::Ended { .. }))
    {
        net.run_for(Duration::from_secs(1));
        let (to, now) = (address(2), net.now);
        net.ends[0]
            .endpoint
            .handle_transmit_failed(Transport::Udp, to, now);
        net.drain(0);
        assert!(net.now.since(began).as_secs() < 1_800);
    }
    // Half of the session was over before.
    assert!(net.now.since(began).as_secs() > 800);
}

#[test]
fn a_session_that_is_too_short_is_told_422_and_asked_for_again_as_long_as_is_wanted() {
    let short = |config: &mut Config| config.timing.session = Duration::from_secs(120);
    let strict = |config: &mut Config| config.timing.least_session = Duration::from_secs(600);
    let mut net = pair(short, strict);

    net.talking(OUT);

    let asked: Vec<_> = messages(&net, 1)
        .into_iter()
        .filter(|(_, message)| message.start_is(&Method::Invite))
        .map(|(_, invite)| {
            let asked = invite.header(Header::SessionExpires).unwrap().to_owned();
            (asked, invite.min_se())
        })
        .collect();
    assert_eq!(
        asked,
        [("120".to_owned(), None), ("600".to_owned(), Some(600))]
    );
    let refused = messages(&net, 2);
    let refused = refused
        .iter()
        .find(|(_, message)| message.status().is_some_and(|status| status.code() == 422));
    assert_eq!(refused.unwrap().1.header(Header::MinSe), Some("600"));
    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
}

#[test]
fn a_refresh_in_a_call_that_is_held_and_changed_meanwhile_disturbs_neither() {
    let short = |config: &mut Config| config.timing.session = Duration::from_secs(100);
    let mut net = pair(short, |_| {});
    let inbound = net.talking(OUT);

    for _ in 0..20 {
        net.run_for(Duration::from_secs(37));
        net.tell(
            1,
            Command::Offer {
                call: inbound,
                sdp: bytes::Bytes::from_static(net::OFFER),
            },
        );
        net.wait(0, |event| {
            matches!(event, Event::Offered { .. }).then_some(())
        });
        net.tell(
            0,
            Command::AcceptOffer {
                call: OUT,
                fork: None,
                sdp: bytes::Bytes::from_static(net::ANSWER),
            },
        );
        net.wait(1, |event| {
            matches!(event, Event::OfferAnswered { .. }).then_some(())
        });
    }

    net.tell(0, hang_up(OUT));
    assert_eq!(ended(&mut net, 0), EndedBy::Us);
    net.settle();
    net.assert_empty();
}

#[test]
fn in_foul_weather_a_refreshed_call_lives_on() {
    for seed in 1..=20 {
        let mut net = pair(
            |config| config.timing.session = Duration::from_secs(90),
            |_| {},
        );
        net.talking(OUT);
        net.weather = Weather::stormy(20);

        net.run_for(Duration::from_secs(1_800));

        let over = net.ends.iter().flat_map(|end| &end.events);
        assert!(
            over.clone()
                .all(|event| !matches!(event, Event::Ended { .. })),
            "seed {seed}"
        );
        net.weather = Weather::FAIR;
        net.tell(0, hang_up(OUT));
        net.settle();
        net.assert_empty();
    }
}
