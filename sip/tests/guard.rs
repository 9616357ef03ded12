//! Sources that no trunk names: scanners, guessers and the hasty are shut out, and nobody else notices.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::{net::SocketAddr, time::Duration};

use net::{Net, Weather, address, answer, arrived, config, trunk};
use sip::endpoint::{Config, Event, Transport};
use sip::guard::{Offence, Rules, Strangers};
use sip::trunk::{Network, Source};

const CARRIER: u8 = 20;
const STRANGER: u8 = 66;

fn guarded() -> Config {
    let mut carrier = trunk("carrier", address(CARRIER), Transport::Udp);
    carrier.sources = vec![Source::Network(Network::host(address(CARRIER).ip()))];
    let mut config = config(1);
    config.trunks = vec![carrier];
    config.guard = Rules {
        rate: 10,
        burst: 10,
        strikes: 5,
        ..Rules::default()
    };
    config
}

fn request(from: u8, method: &str, n: u32, more: &str) -> String {
    let ip = address(from).ip();
    format!(
        "{method} sip:support@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP {ip}:5060;branch=z9hG4bKg{from}x{n}\r\nMax-Forwards: 70\r\n\
         From: <sip:{n}@example.test>;tag=f{n}\r\nTo: <sip:{n}@example.test>\r\nCall-ID: g{from}x{n}\r\nCSeq: 1 {method}\r\n\
         Contact: <sip:{n}@{ip}>\r\n{more}Content-Length: 0\r\n\r\n"
    )
}

// How many messages leave for a peer after it asked.
fn answers(net: &mut Net, from: u8, method: &str, n: u32, more: &str) -> usize {
    let to: SocketAddr = address(from);
    net.outside.clear();
    net.inject(0, to, request(from, method, n, more));
    net.run_for(Duration::from_millis(150));
    net.outside.iter().filter(|packet| packet.to == to).count()
}

fn house() -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    net.add(1, guarded());
    net
}

#[test]
fn a_scanner_gets_no_answer_at_all_and_others_do() {
    let mut net = house();

    let scanner = "User-Agent: friendly-scanner\r\n";
    assert_eq!(answers(&mut net, STRANGER, "OPTIONS", 1, scanner), 0);
    let banned = net.wait(0, |event| match event {
        Event::Banned { source, offence } => Some((*source, *offence)),
        _ => None,
    });

    assert_eq!(banned, (address(STRANGER).ip(), Offence::Scanner));
    assert_eq!(answers(&mut net, STRANGER, "OPTIONS", 2, ""), 0);
    assert!(answers(&mut net, 67, "OPTIONS", 1, "") > 0);
    assert!(answers(&mut net, CARRIER, "OPTIONS", 1, scanner) > 0);
}

#[test]
fn who_guesses_passwords_is_heard_again_only_when_the_ban_is_over() {
    let mut net = house();
    let wrong = "Authorization: Digest username=\"anna\", realm=\"example.test\", nonce=\"x\", uri=\"sip:a\", response=\"y\", algorithm=MD5\r\n";

    let heard = (0..10).filter(|n| answers(&mut net, STRANGER, "REGISTER", *n, wrong) > 0);

    assert_eq!(heard.count(), 2);
    let counters = net.ends[0].endpoint.counters();
    assert_eq!(
        (counters.denied, counters.banned, counters.barred),
        (2, 1, 8)
    );
    net.run_for(Rules::default().ban);
    assert!(answers(&mut net, STRANGER, "REGISTER", 99, "") > 0);
}

#[test]
fn a_flood_of_strangers_requests_leaves_no_trace_and_calls_go_on() {
    let mut net = house();
    let offer = "Content-Type: application/sdp\r\n";
    let sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
    let invite = request(CARRIER, "INVITE", 1, offer).replace("Content-Length: 0\r\n\r\n", "");
    net.inject(
        0,
        address(CARRIER),
        format!("{invite}Content-Length: {}\r\n\r\n{sdp}", sdp.len()),
    );
    let call = net.wait(0, arrived);
    net.tell(0, answer(call));
    net.run_for(Duration::from_millis(100));

    for n in 0..200 {
        net.inject(0, address(STRANGER), request(STRANGER, "INVITE", n, ""));
    }
    net.run_for(Duration::from_secs(1));

    let counters = net.ends[0].endpoint.counters();
    assert_eq!(counters.calls, 1, "the carrier's");
    assert!(
        counters.challenged <= 10 && counters.barred >= 190,
        "{counters:?}"
    );
    assert!(answers(&mut net, CARRIER, "OPTIONS", 2, "") > 0);
}

#[test]
fn who_finds_nobody_here_gets_no_answer_whatever_is_asked() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut config = guarded();
    config.guard.strangers = Strangers::Drop;
    config.guard.exempt = vec![Source::Network(Network::host(address(30).ip()))];
    net.add(1, config);

    let stranger = address(STRANGER);
    for (n, method) in [
        "OPTIONS", "REGISTER", "INVITE", "BYE", "FROB", "CANCEL", "NOTIFY",
    ]
    .into_iter()
    .enumerate()
    {
        let n = n as u32;
        assert_eq!(answers(&mut net, STRANGER, method, n, ""), 0, "{method}");
        // A call of a trunk waits for its owner before it is answered.
        let known = method == "INVITE" || answers(&mut net, CARRIER, method, n, "") > 0;
        assert!(known, "{method}");
        assert!(answers(&mut net, 30, method, n, "") > 0, "{method}");
    }
    net.outside.clear();
    net.inject(0, stranger, "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.66;branch=z9hG4bKx\r\nCSeq: 1 OPTIONS\r\n\r\n");
    net.run_for(Duration::from_millis(150));

    assert!(
        net.outside.is_empty(),
        "what cannot be read is not answered"
    );
    assert!(net.ends[0].endpoint.is_silent_to(stranger));
    assert!(!net.ends[0].endpoint.is_silent_to(address(CARRIER)));
}

#[test]
fn what_belongs_to_a_call_is_answered_from_wherever_it_comes() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut config = guarded();
    config.guard.strangers = Strangers::Drop;
    net.add(1, config);
    net.inject(0, address(CARRIER), request(CARRIER, "INVITE", 1, ""));
    let call = net.wait(0, arrived);
    net.tell(0, answer(call));
    net.run_for(Duration::from_millis(50));
    let ok = net.outside.last().unwrap().text();
    let tag = ok.split_once("\r\nTo: ").unwrap().1;
    let tag = tag.split_once(";tag=").unwrap().1[..16].to_owned();

    let bye = |tag: &str| {
        request(STRANGER, "BYE", 2, "")
            .replace("g66x2\r\nCSeq: 1", "g20x1\r\nCSeq: 2")
            .replace("tag=f2", "tag=f1")
            .replace(
                "To: <sip:2@example.test>",
                &format!("To: <sip:1@example.test>;tag={tag}"),
            )
    };
    net.outside.clear();
    net.inject(0, address(STRANGER), bye("0123456789abcdef"));
    net.run_for(Duration::from_millis(50));
    let of_none = net
        .outside
        .iter()
        .filter(|packet| packet.to == address(STRANGER))
        .count();
    net.inject(0, address(STRANGER), bye(&tag));
    net.run_for(Duration::from_millis(50));

    assert_eq!(of_none, 0);
    assert!(
        net.outside.iter().any(|packet| packet.to == address(STRANGER) && packet.first_line() == "SIP/2.0 200 OK"),
        "{:?}", net.outside
    );
}
