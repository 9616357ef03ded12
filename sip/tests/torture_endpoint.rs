//! A whole endpoint answers every message of RFC 4475 and RFC 5118 as those documents say, and goes on working.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "torture/cases.rs"]
mod cases;
mod net;

use std::time::Duration;

use bytes::Bytes;
use cases::Case;
use net::{address, arrived, config, hang_up, trunk};
use sip::Instant;
use sip::endpoint::{Endpoint, Flow, Output, Transport};
use sip::message::StatusCode;

const CARRIER: u8 = 9;

/// An endpoint before a trunk, driven by hand, as its answers to malformed messages may echo what is malformed.
struct Desk {
    endpoint: Endpoint,
    now: Instant,
}

impl Desk {
    fn new() -> Self {
        let mut config = config(1);
        config
            .trunks
            .push(trunk("carrier", address(CARRIER), Transport::Udp));
        let endpoint = Endpoint::new(config, [1; 32]);
        Self {
            endpoint,
            now: Instant::START,
        }
    }

    /// Hands in a message, hangs up on what became a call, and returns the final answers.
    fn finals(&mut self, bytes: Bytes) -> Vec<StatusCode> {
        let flow = Flow {
            transport: Transport::Udp,
            local: address(1),
            peer: address(CARRIER),
            connection: 0,
        };
        self.endpoint.handle_message(&flow, bytes, self.now);
        self.now += Duration::from_millis(100);
        self.endpoint.handle_timeout(self.now);
        self.drain()
    }

    fn drain(&mut self) -> Vec<StatusCode> {
        let mut finals = Vec::new();
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { bytes, .. } => finals.extend(final_status(&bytes)),
                Output::Ask(_) | Output::Doubt { .. } | Output::KeepAlive { .. } => {}
                Output::Event(event) => {
                    if let Some(call) = arrived(&event) {
                        self.endpoint.handle_command(hang_up(call), self.now);
                    }
                }
            }
        }
        finals
    }
}

fn final_status(bytes: &[u8]) -> Option<StatusCode> {
    let code = bytes.strip_prefix(b"SIP/2.0 ")?.get(..3)?;
    let code: u16 = std::str::from_utf8(code).unwrap().parse().unwrap();
    Some(StatusCode::try_from(code).unwrap()).filter(|status| status.is_final())
}

fn options() -> Bytes {
    let from = address(CARRIER);
    Bytes::from(format!(
        "OPTIONS sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bKalive\r\nMax-Forwards: 70\r\n\
         From: <sip:carrier@{from}>;tag=alive\r\nTo: <sip:192.0.2.1>\r\nCall-ID: alive\r\nCSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    ))
}

#[test]
fn every_message_gets_an_answer_that_its_document_allows() {
    let mut wrong = Vec::new();
    for case in Case::all() {
        let mut desk = Desk::new();

        let finals = desk.finals(case.bytes.clone());

        let is_right = match finals[..] {
            [] => case.is_silent(),
            [status] => case.allows(status),
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{} ({}): {finals:?}", case.file, case.class));
        }
        assert_eq!(
            desk.finals(options()),
            [StatusCode::OK],
            "after {}",
            case.file
        );
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}
