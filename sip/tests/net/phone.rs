//! A phone that registers, by hand.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use bytes::Bytes;
use sip::digest::{Challenge, Credentials};
use sip::endpoint::{Command, Flow, Transport};
use sip::message::{Header, Message, Method};

use super::{Net, address};

const PHONE: u8 = 20;

/// A phone, by hand: REGISTERs as `anna` and answers what it is challenged with.
pub struct Phone {
    pub flow: Flow,
    pub user: &'static str,
    pub password: &'static str,
    pub strongest: bool,
    pub call_id: &'static str,
    pub cseq: u32,
    /// What else its Via says.
    pub via: &'static str,
}

impl Phone {
    pub fn new() -> Self {
        Self::on(Transport::Udp)
    }

    pub fn on(transport: Transport) -> Self {
        let connection = u64::from(transport.is_reliable()) * 70;
        let flow = Flow {
            transport,
            local: address(1),
            peer: address(PHONE),
            connection,
        };
        Self {
            flow,
            user: "anna",
            password: "secret",
            strongest: true,
            call_id: "r1",
            cseq: 0,
            via: "",
        }
    }

    pub fn send(&mut self, net: &mut Net, method: &Method, more: &str) -> Message {
        self.cseq += 1;
        let Self {
            user,
            call_id,
            cseq,
            via: said,
            ..
        } = self;
        let via = self.flow.transport.via_name();
        let text = format!(
            "{method} sip:example.test SIP/2.0\r\nVia: SIP/2.0/{via} 192.0.2.20:5060;branch=z9hG4bK{call_id}{cseq}{said}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{user}@example.test>;tag=f\r\nTo: <sip:{user}@example.test>\r\n\
             Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n{more}Content-Length: 0\r\n\r\n"
        );
        let now = net.now;
        net.ends[0]
            .endpoint
            .handle_message(&self.flow, Bytes::from(text), now);
        net.outside.clear();
        net.tell(0, Command::Drain { on: false });
        net.run_for(Duration::from_millis(20));
        Message::parse(net.outside.pop().expect("an answer").bytes).unwrap()
    }

    pub fn register(&mut self, net: &mut Net, more: &str) -> Message {
        let challenged = self.send(net, &Method::Register, more);
        assert_eq!(code(&challenged), 401);
        let mut offered: Vec<Challenge> = challenged
            .lines(Header::WwwAuthenticate)
            .map(|line| line.parse().unwrap())
            .collect();
        if !self.strongest {
            offered.retain(|challenge| challenge.algorithm == sip::digest::Algorithm::Md5);
        }
        let credentials = Credentials::new(self.user, self.password);
        let challenge = Challenge::strongest(offered).unwrap();
        let proof = challenge
            .answer(&credentials, &Method::Register, "sip:example.test", "c", 1)
            .unwrap();
        self.send(
            net,
            &Method::Register,
            &format!("Authorization: {proof}\r\n{more}"),
        )
    }
}

pub fn code(message: &Message) -> u16 {
    message.status().unwrap().code()
}

pub fn contacts(message: &Message) -> Vec<&str> {
    message.headers(Header::Contact).collect()
}
