//! IPv4 and IPv6 at once: each peer is told the address of its own family, in Via, Contact, From and the offer.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use net::{Net, OFFER, Packet, Weather, address, arrived, config, dial, trunk};
use sip::endpoint::{CallKey, Command, Event, Transport};
use sip::families::Families;
use sip::trunk::{Network, Source};

const OUT: CallKey = CallKey::Out(1);
const OFFER_6: &[u8] = b"v=0\r\no=- 1 1 IN IP6 2001:db8::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

fn address_6(host: u8) -> SocketAddr {
    SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(host)], 5060))
}

// End 0 is us, at both families; the carrier's first place is at IPv6, where nobody listens, the other is end 1.
fn house() -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    let (v4, v6) = (address(1), address_6(1));
    for listen in ours.listen.values_mut() {
        *listen = Families::Both { v4, v6 };
    }
    let mut carrier = trunk("b", address_6(2), Transport::Udp);
    carrier.reach.further = vec![address(2).into()];
    let other = Source::Network(Network::host(address(2).ip()));
    carrier.sources.push(other);
    ours.trunks.push(carrier);
    let mut theirs = config(2);
    theirs.trunks.push(trunk("a", address(1), Transport::Udp));
    net.add(1, ours);
    net.add(2, theirs);
    net
}

fn call() -> Command {
    let mut command = dial(OUT, "b", 7);
    if let Command::Dial { sdp, .. } = &mut command {
        let (v4, v6) = (Bytes::from_static(OFFER), Bytes::from_static(OFFER_6));
        *sdp = Families::Both { v4, v6 }.into();
    }
    command
}

fn outside(net: &Net) -> Vec<String> {
    net.outside.iter().map(Packet::text).collect()
}

#[test]
fn a_call_by_either_family_names_no_address_of_the_other() {
    let mut net = house();

    net.tell(0, call());
    net.run_for(Duration::from_millis(100));
    let first = outside(&net).remove(0);
    net.run_for(Duration::from_secs(10));

    for part in [
        "Via: SIP/2.0/UDP [2001:db8::1]:5060;",
        "Contact: <sip:tandem@[2001:db8::1]:5060>",
        "@[2001:db8::1]>;tag=",
        "c=IN IP6 2001:db8::1",
    ] {
        assert!(first.contains(part), "{part} in {first}");
    }
    assert!(
        !first.contains("192.0.2.1") && !first.contains("IP4"),
        "{first}"
    );
    // RFC 3263 §4.3: nobody answered there, so the next place is tried.
    let offer = net.wait(1, |event| match event {
        Event::Arrived { arrival, .. } => Some(arrival.offer.clone()),
        _ => None,
    });
    assert_eq!(offer.unwrap(), OFFER);
    let second = net.sent.iter().find(|packet| packet.to == address(2));
    let second = second.unwrap().text();
    assert!(
        second.contains("Contact: <sip:tandem@192.0.2.1:5060>"),
        "{second}"
    );
    assert!(!second.contains("2001:db8::1"), "{second}");
}

#[test]
fn who_calls_is_answered_by_the_address_of_its_family() {
    for (from, theirs, ours) in [
        (address(2), "192.0.2.2", "192.0.2.1:5060"),
        (address_6(2), "[2001:db8::2]", "[2001:db8::1]:5060"),
    ] {
        let mut net = house();
        let invite = format!(
            "INVITE sip:100@{ours} SIP/2.0\r\nVia: SIP/2.0/UDP {theirs}:5060;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:1@{theirs}>;tag=1\r\nTo: <sip:100@{ours}>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContact: <sip:1@{theirs}:5060>\r\nContent-Length: 0\r\n\r\n"
        );

        net.inject(0, from, invite.into_bytes());
        let call = net.wait(0, arrived);
        net.tell(
            0,
            Command::Ring {
                call,
                code: 180,
                reason: None,
                sdp: None,
            },
        );

        let ringing = net.sent.iter().chain(&net.outside);
        let ringing = ringing
            .map(Packet::text)
            .find(|text| text.contains(" 180 "));
        let ringing = ringing.unwrap();
        let contact = format!("Contact: <sip:tandem@{ours}>");
        assert!(ringing.contains(&contact), "{ringing}");
    }
}
