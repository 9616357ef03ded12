//! Session descriptions beside other parts, in whatever carries one (RFC 5621, RFC 3204).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use bytes::Bytes;
use net::peer::{PEER, SDP, heard, net, offer_text, one, request, status};
use net::{ANSWER, Net, OFFER, address, answer, arrived, dial, hang_up};
use sip::endpoint::{CallKey, Command, Event};
use sip::message::{Header, Message, StatusCode};

const OUT: CallKey = CallKey::Out(1);
const PARTS: &str = "multipart/mixed;boundary=parts";

fn with_isup(sdp: &[u8], handling: &str) -> String {
    let sdp = std::str::from_utf8(sdp).unwrap();
    format!(
        "--parts\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--parts\r\n\
         Content-Type: application/isup;version=itu-t92+\r\nContent-Disposition: signal;handling={handling}\r\n\r\n\
         \u{1}\u{0}\u{11}\r\n--parts--\r\n"
    )
}

fn kind() -> String {
    format!("Content-Type: {PARTS}\r\n")
}

fn answers(net: &mut Net, invite: &Message, status: StatusCode, more: &[(Header, &str)]) {
    let contact = format!("<sip:p@{}>", address(PEER));
    let builder = invite
        .response(status, Some("p"))
        .header(Header::Contact, contact);
    let builder = more.iter().fold(builder, |builder, (header, value)| {
        builder.header(*header, value)
    });
    let bytes = builder.body(PARTS, with_isup(ANSWER, "optional")).build();
    net.inject(0, address(PEER), bytes);
}

#[test]
fn an_offer_beside_what_may_be_ignored_is_taken_and_beside_what_may_not_is_refused() {
    for (handling, taken) in [("optional", true), ("required", false)] {
        let mut net = net();
        let body = with_isup(OFFER, handling);

        net.inject(0, address(PEER), request("INVITE", 1, "", &kind(), &body));

        if taken {
            let offer = net.wait(0, |event| match event {
                Event::Arrived { arrival, .. } => Some(arrival.offer.clone()),
                _ => None,
            });
            assert_eq!(offer.as_deref(), Some(OFFER));
        } else {
            let refused = one(&mut net);
            assert_eq!(status(&refused), 415);
            let accepted = refused.header(Header::Accept).unwrap();
            assert!(accepted.contains("multipart/mixed"), "{accepted}");
        }
    }
}

#[test]
fn an_answer_beside_other_parts_is_taken_from_a_response() {
    let mut net = net();
    net.tell(0, dial(OUT, "peer", 5));
    let invite = one(&mut net);

    answers(&mut net, &invite, StatusCode::OK, &[]);

    let sdp = net.wait(0, |event| match event {
        Event::Answered { sdp, .. } => Some(sdp.clone()),
        _ => None,
    });
    assert_eq!(sdp.as_deref(), Some(ANSWER));
    net.tell(0, hang_up(OUT));
    let sent: Vec<_> = heard(&mut net)
        .iter()
        .map(|one| one.method().clone())
        .collect();
    assert!(
        sent.iter().any(|method| method.as_str() == "BYE"),
        "{sent:?}"
    );
}

#[test]
fn an_early_answer_beside_other_parts_is_taken() {
    let mut net = net();
    net.tell(0, dial(OUT, "peer", 5));
    let invite = one(&mut net);
    let reliably = [(Header::Require, "100rel"), (Header::RSeq, "1")];

    answers(&mut net, &invite, StatusCode::SESSION_PROGRESS, &reliably);

    let sdp = net.wait(0, |event| match event {
        Event::Progress { sdp, .. } => Some(sdp.clone()),
        _ => None,
    });
    assert_eq!(sdp.as_deref(), Some(ANSWER));
}

#[test]
fn an_answer_beside_other_parts_is_taken_from_an_ack() {
    let mut net = net();
    net.inject(0, address(PEER), request("INVITE", 1, "", "", ""));
    let call = net.wait(0, arrived);
    net.tell(0, answer(call));
    let accepted = heard(&mut net).pop().unwrap();
    let tag = accepted.to().tag().unwrap().to_owned();

    let body = with_isup(ANSWER, "optional");
    net.inject(0, address(PEER), request("ACK", 1, &tag, &kind(), &body));

    let sdp = net.wait(0, |event| match event {
        Event::Confirmed { sdp, .. } => Some(sdp.clone()),
        _ => None,
    });
    assert_eq!(sdp.as_deref(), Some(ANSWER));
}

#[test]
fn an_offer_within_a_call_is_taken_beside_other_parts() {
    for method in ["INVITE", "UPDATE"] {
        let mut net = net();
        net.inject(
            0,
            address(PEER),
            request("INVITE", 1, "", SDP, offer_text()),
        );
        let call = net.wait(0, arrived);
        net.tell(0, answer(call));
        let tag = heard(&mut net)
            .pop()
            .unwrap()
            .to()
            .tag()
            .unwrap()
            .to_owned();
        net.inject(0, address(PEER), request("ACK", 1, &tag, "", ""));

        let body = with_isup(OFFER, "optional");
        net.inject(0, address(PEER), request(method, 2, &tag, &kind(), &body));

        let sdp = net.wait(0, |event| match event {
            Event::Offered { sdp, .. } => Some(sdp.clone()),
            _ => None,
        });
        assert_eq!(sdp.as_deref(), Some(OFFER), "{method}");
        net.tell(
            0,
            Command::AcceptOffer {
                call,
                fork: None,
                sdp: Bytes::from_static(ANSWER),
            },
        );
        assert_eq!(status(&one(&mut net)), 200, "{method}");
    }
}
