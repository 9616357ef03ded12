//! Our Contact where `sips:` asks for TLS all the way (RFC 3261 §8.1.1.8, §12.1.1).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::phone::{Phone, code, contacts};
use net::{ANSWER, Net, Weather, answer, arrived, config, dial, hang_up, trunk};
use sip::endpoint::{CallKey, Command, Target, Transport};
use sip::message::{Header, Message, Method, StatusCode};

const OUT: CallKey = CallKey::Out(1);

fn house() -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    let phone = Phone::new().flow.peer;
    ours.trunks.push(trunk("far", phone, Transport::Tls));
    net.add(1, ours);
    net
}

fn hears(net: &mut Net, phone: &Phone, bytes: Bytes) {
    let now = net.now;
    net.ends[0].endpoint.handle_message(&phone.flow, bytes, now);
    net.drain(0);
    net.run_for(Duration::from_millis(20));
}

fn newest(net: &Net) -> Message {
    Message::parse(net.outside.last().unwrap().bytes.clone()).unwrap()
}

fn invite(transport: Transport, uri: &str, more: &str, contact: &str) -> Bytes {
    let via = transport.via_name();
    Bytes::from(format!(
        "INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/{via} 192.0.2.20:5060;branch=z9hG4bKi\r\nMax-Forwards: 70\r\n\
         From: <sip:p@x>;tag=p\r\nTo: <{uri}>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContact: <{contact}>\r\n{more}\
         Content-Length: 0\r\n\r\n"
    ))
}

#[test]
fn who_asks_for_it_is_told_a_contact_that_is_reached_by_tls_alone() {
    let routes = "Record-Route: <sips:192.0.2.20;lr>\r\n";
    let plain = "Record-Route: <sip:192.0.2.20;lr>\r\n";
    let (sip, sips) = ("sip:p@192.0.2.20", "sips:p@192.0.2.20");
    let (clear, secured) = ("sip:support@192.0.2.1", "sips:support@192.0.2.1");
    let (tls, tcp) = ("sip:{};transport=tls", "sip:{};transport=tcp");
    for (transport, uri, more, contact, ours) in [
        (Transport::Tls, secured, "", sips, "sips:{}"),
        (Transport::Tls, clear, "", sips, "sips:{}"),
        (Transport::Tls, clear, routes, sip, "sips:{}"),
        (Transport::Tls, clear, plain, sips, tls),
        (Transport::Tls, clear, "", sip, tls),
        (Transport::Ws, secured, "", sips, "sips:{};transport=ws"),
        (Transport::Tcp, secured, "", sips, tcp),
    ] {
        let mut net = house();
        let phone = Phone::on(transport);

        hears(&mut net, &phone, invite(transport, uri, more, contact));
        let call = net.wait(0, arrived);
        net.tell(0, answer(call));
        net.run_for(Duration::from_millis(20));

        let taken = newest(&net);
        assert_eq!(code(&taken), 200);
        let ours = format!("<{}>", ours.replace("{}", "tandem@192.0.2.1:5060"));
        assert_eq!(contacts(&taken), [ours], "{transport:?} {uri} {more}");
    }
}

#[test]
fn whom_we_call_by_sips_is_told_a_sips_contact_for_the_whole_call() {
    for (scheme, ours) in [
        ("sips", "<sips:tandem@192.0.2.1:5060>"),
        ("sip", "<sip:tandem@192.0.2.1:5060;transport=tls>"),
    ] {
        let mut net = house();
        let mut phone = Phone::on(Transport::Tls);
        let contact = format!("Contact: <{scheme}:anna@192.0.2.20:5061;transport=tls>\r\n");
        assert_eq!(code(&phone.register(&mut net, &contact)), 200);
        let mut call = dial(OUT, "", 5);
        if let Command::Dial { to, .. } = &mut call {
            *to = Target::Phone {
                user: "anna".into(),
            };
        }

        net.tell(0, call);
        net.run_for(Duration::from_millis(20));
        let invite = newest(&net);
        let taken = invite
            .response(StatusCode::OK, Some("p"))
            .header(
                Header::Contact,
                format_args!("<{scheme}:anna@192.0.2.20:5061>"),
            )
            .body("application/sdp", ANSWER)
            .build();
        hears(&mut net, &phone, taken);
        let offer = Bytes::from_static(net::OFFER);
        net.tell(
            0,
            Command::Offer {
                call: OUT,
                sdp: offer,
            },
        );
        net.run_for(Duration::from_millis(20));
        let again = newest(&net);

        assert_eq!(invite.method(), &Method::Invite);
        assert_eq!(contacts(&invite), [ours], "{scheme}");
        assert_eq!(again.method(), &Method::Invite);
        assert_ne!(again.cseq().number, invite.cseq().number);
        assert_eq!(contacts(&again), [ours], "{scheme}");
        net.tell(0, hang_up(OUT));
    }
}
