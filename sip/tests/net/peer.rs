//! A peer that is played by hand, known as the trunk `peer`.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use bytes::Bytes;
use sip::endpoint::Transport;
use sip::message::{Header, Message, StatusCode};

use super::{Net, OFFER, Weather, address, config, trunk};

/// Where it is.
pub const PEER: u8 = 9;

/// Our end, number 0, which takes its calls.
pub fn net() -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut config = config(1);
    config
        .trunks
        .push(trunk("peer", address(PEER), Transport::Udp));
    net.add(1, config);
    net
}

/// Takes what has been sent to the peer.
pub fn heard(net: &mut Net) -> Vec<Message> {
    net.run_for(Duration::from_millis(10));
    net.outside
        .drain(..)
        .map(|packet| Message::parse(packet.bytes).unwrap())
        .collect()
}

/// Takes the one message that has been sent to the peer.
pub fn one(net: &mut Net) -> Message {
    let mut heard = heard(net);
    assert_eq!(heard.len(), 1, "{heard:#?}");
    heard.remove(0)
}

/// Answers a request as the fork `tag`.
pub fn respond(net: &mut Net, request: &Message, line: &str, tag: &str, body: &[u8]) {
    let builder = request.response_because(
        StatusCode::try_from(line[..3].parse::<u16>().unwrap()).unwrap(),
        &line[4..],
        Some(tag),
    );
    let builder = builder.header(
        Header::Contact,
        format_args!("<sip:{tag}@{}>", address(PEER)),
    );
    net.inject(
        0,
        address(PEER),
        builder
            .body("application/sdp", Bytes::copy_from_slice(body))
            .build(),
    );
}

/// A request of the peer in the call `Call-ID: x` with its tag `p`.
pub fn request(method: &str, cseq: u32, to_tag: &str, kind: &str, body: &str) -> String {
    let peer = address(PEER);
    let to = if to_tag.is_empty() {
        String::new()
    } else {
        format!(";tag={to_tag}")
    };
    let number = if method == "CANCEL" { "INVITE" } else { method };
    format!(
        "{method} sip:support@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP {peer};branch=z9hG4bK{number}{cseq}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:p@x>;tag=p\r\nTo: <sip:support@x>{to}\r\nCall-ID: x\r\n\
         CSeq: {cseq} {method}\r\nContact: <sip:p@{peer}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What a request says of its body.
pub const SDP: &str = "Content-Type: application/sdp\r\n";

/// The usual offer as text.
pub fn offer_text() -> &'static str {
    std::str::from_utf8(OFFER).unwrap()
}

/// Returns the status of a response; 0 of a request.
pub fn status(message: &Message) -> u16 {
    message.status().map_or(0, |status| status.code())
}
