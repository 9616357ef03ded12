//! Ways that others keep open to us: they are told how often something is to come (RFC 6223).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use net::phone::{Phone, code};
use net::{Net, Weather, address, answer, arrived, config, trunk};
use sip::endpoint::{Command, SessionId, Tag, Transport};
use sip::message::{Message, Method};

// What a response says in its Via of how often something is to come.
fn kept(response: &Message) -> Option<&str> {
    response.top_via().param("keep")
}

#[test]
fn a_phone_that_sends_keep_alives_is_told_how_often_where_they_are_answered() {
    for (transport, said, told) in [
        (Transport::Udp, ";keep", Some("30")),
        (Transport::Udp, ";KEEP;x=1", Some("30")),
        (Transport::Tcp, ";keep", Some("120")),
        (Transport::Tls, ";keep", Some("120")),
        // A WebSocket has keep-alives of its own.
        (Transport::Ws, ";keep", Some("")),
        (Transport::Udp, "", None),
        // That is said by who answers them.
        (Transport::Udp, ";keep=7", Some("7")),
    ] {
        let mut net = Net::new(1, Weather::FAIR);
        net.add(1, config(1));
        let mut phone = Phone::on(transport);
        phone.via = said;

        let refused = phone.send(&mut net, &Method::Register, "");
        let taken = phone.register(&mut net, "Contact: <sip:anna@192.0.2.20>\r\n");

        assert_eq!((code(&refused), code(&taken)), (401, 200));
        assert_ne!(kept(&refused), Some("30"));
        assert_eq!(kept(&taken), told, "{transport:?} {said}");
    }
}

#[test]
fn who_calls_and_sends_keep_alives_is_told_how_often_once_the_call_begins() {
    for answered in [true, false] {
        let mut net = Net::new(1, Weather::FAIR);
        let mut ours = config(1);
        ours.trunks.push(trunk("b", address(2), Transport::Udp));
        net.add(1, ours);
        let invite = "INVITE sip:support@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKk;keep;rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:5@192.0.2.2>;tag=f\r\nTo: <sip:support@192.0.2.1>\r\nCall-ID: k\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:5@192.0.2.2>\r\nContent-Length: 0\r\n\r\n";
        net.inject(0, address(2), invite);
        let call = net.wait(0, arrived);
        let ring = Command::Ring {
            call,
            code: 180,
            reason: None,
            sdp: None,
        };
        let refuse = Command::Reject {
            call,
            code: 486,
            reason: None,
            retry_after: None,
            warning: None,
        };
        net.run_for(Duration::from_millis(300));
        let tag = Tag {
            session: SessionId(5),
            headers: Vec::new(),
        };
        if answered {
            net.tell(0, Command::Adopt { call, tag });
        }
        net.tell(0, if answered { ring } else { refuse });
        net.tell(0, answer(call));
        net.run_for(Duration::from_millis(20));

        let said = net.outside.iter().map(|packet| {
            let one = Message::parse(packet.bytes.clone()).unwrap();
            (code(&one), kept(&one).map(str::to_owned))
        });
        // A 100 says nothing of it.
        let said: Vec<_> = said.filter(|(code, _)| *code > 100).collect();
        let told = |code: u16, keep: &str| (code, Some(keep.to_owned()));
        let expected = match answered {
            true => vec![told(180, "30"), told(200, "30")],
            false => vec![told(486, "")],
        };
        assert_eq!(said, expected);
    }
}
