//! Floods: what a peer sends without end is held back, and what it left is given up.
#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::{ANSWER, Net, Weather, address, config, dial, trunk};
use sip::endpoint::{CallKey, Transport};
use sip::message::{Header, Message, StatusCode};

const PEER: u8 = 9;

#[test]
fn a_flood_of_forks_is_ended_up_to_a_bound() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut config = config(1);
    config
        .trunks
        .push(trunk("peer", address(PEER), Transport::Udp));
    net.add(1, config);
    net.tell(0, dial(CallKey::Out(1), "peer", 1));
    net.run_for(Duration::from_millis(10));
    let invite = Message::parse(net.outside.pop().unwrap().bytes).unwrap();

    for fork in 0..100 {
        let answer = invite.response(StatusCode::OK, Some(&format!("t{fork}")));
        let answer = answer.header(Header::Contact, "<sip:x@192.0.2.9>");
        net.inject(
            0,
            address(PEER),
            answer
                .body("application/sdp", Bytes::from_static(ANSWER))
                .build(),
        );
    }

    let sent = |start: &str| {
        net.sent
            .iter()
            .filter(|packet| packet.first_line().starts_with(start))
            .count()
    };
    assert_eq!((sent("ACK"), sent("BYE")), (16, 15));
}

#[test]
fn a_full_table_of_transactions_refuses_new_requests_and_still_takes_bye() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut config = config(1);
    config
        .trunks
        .push(trunk("peer", address(PEER), Transport::Udp));
    config.limits.transactions = 5;
    net.add(1, config);

    for call in 0..20 {
        let text = format!(
            "INVITE sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{call}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:p@x>;tag={call}\r\nTo: <sip:a@x>\r\nCall-ID: {call}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:p@192.0.2.9>\r\nContent-Length: 0\r\n\r\n"
        );
        net.inject(0, address(PEER), text);
    }

    let counters = net.ends[0].endpoint.counters();
    assert_eq!(
        (
            counters.calls,
            counters.server_transactions,
            counters.overloaded
        ),
        (5, 5, 15)
    );
    let refused = net
        .sent
        .iter()
        .filter(|packet| packet.first_line().contains("503"))
        .count();
    assert_eq!(refused, 15);
}
