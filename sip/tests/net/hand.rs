//! Ends that are played by hand in any weather: what they send is repeated until it is answered, and what comes twice is answered
//! as before. They are at the address of the trunk `peer`, and told apart by their tags.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use sip::Instant;
use sip::endpoint::Transport;
use sip::message::{Header, Message, Method, StatusCode};

use super::owner::{Agreed, Owner};
use super::peer::PEER;
use super::{Net, Packet, address};

/// What ends a repetition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// A final response to the method with this number, of the end with this tag.
    Final(&'static str, u32, String),
    /// The PRACK for this number, or the ACK for an INVITE: the method, and the tag that it is for.
    Request(&'static str, String),
}

struct Open {
    bytes: Bytes,
    until: Until,
    again: Instant,
    pause: Duration,
}

/// All of the ends.
#[derive(Default)]
pub struct Hand {
    open: Vec<Open>,
    /// What was said to a request, by its branch and method.
    said: BTreeMap<(String, String), Bytes>,
    /// Requests and responses that came, each once.
    pub heard: Vec<Message>,
    /// What each end agreed on, by its tag.
    pub agreed: BTreeMap<String, Agreed>,
}

fn name(message: &Message) -> (String, String) {
    let via = message.header(Header::Via).unwrap().to_owned();
    let kind = message.status().map(|status| status.code());
    (
        format!("{via}{kind:?}{:?}", message.to().tag()),
        message.method().to_string(),
    )
}

impl Hand {
    fn pass(net: &mut Net, bytes: &Bytes) {
        let packet = Packet {
            at: net.now,
            from: address(PEER),
            to: net.ends[0].address,
            transport: Transport::Udp,
            connection: 0,
            bytes: bytes.clone(),
        };
        net.transmit(packet);
    }

    /// Sends, again and again until something comes.
    pub fn send(&mut self, net: &mut Net, bytes: impl Into<Bytes>, until: Until) {
        let (bytes, pause) = (bytes.into(), Duration::from_millis(500));
        Self::pass(net, &bytes);
        let again = net.now + pause;
        self.open.push(Open {
            bytes,
            until,
            again,
            pause,
        });
    }

    /// Answers a request, now and whenever it is repeated.
    pub fn answer(&mut self, net: &mut Net, request: &Message, bytes: Bytes) {
        Self::pass(net, &bytes);
        self.said.insert(name(request), bytes);
    }

    /// Goes on until something holds.
    pub fn until(
        &mut self,
        net: &mut Net,
        owner: &mut Owner,
        wanted: impl Fn(&Self, &Owner) -> bool,
    ) {
        for _ in 0..20_000 {
            owner.read(net);
            self.take(net);
            if wanted(self, owner) {
                return;
            }
            net.run_for(Duration::from_millis(10));
            for open in &mut self.open {
                if open.again <= net.now {
                    open.pause = (open.pause * 2).min(Duration::from_secs(4));
                    open.again = net.now + open.pause;
                    Self::pass(net, &open.bytes);
                }
            }
        }
        let trace = net.trace();
        panic!("it does not happen: {:#?}\n{trace}", owner.calls);
    }

    /// The first that was heard of a kind.
    pub fn first(&self, method: &Method, tag: &str, status: Option<u16>) -> Option<&Message> {
        self.heard.iter().find(|one| {
            let code = one.status().map(|status| status.code());
            let whose = [one.to().tag(), one.from().tag()];
            one.method() == method
                && code == status
                && (tag.is_empty() || whose.contains(&Some(tag)))
        })
    }

    fn take(&mut self, net: &mut Net) {
        for packet in std::mem::take(&mut net.outside) {
            let message = Message::parse(packet.bytes).unwrap();
            self.open.retain(|open| !ends(&open.until, &message));
            let name = name(&message);
            if let Some(said) = self.said.get(&name) {
                Self::pass(net, &said.clone());
                continue;
            }
            let known = |one: &Message| self::name(one) == name && one.cseq() == message.cseq();
            if self.heard.iter().any(known) {
                continue;
            }
            self.heard.push(message.clone());
            let ok = message.method() == &Method::Bye || message.method() == &Method::Prack;
            if message.is_request() && ok {
                let ok = message.response(StatusCode::OK, None).build();
                self.answer(net, &message, ok);
            }
        }
    }
}

fn ends(until: &Until, message: &Message) -> bool {
    let whose = [message.to().tag(), message.from().tag()];
    match until {
        Until::Final(method, number, tag) => {
            message.status().is_some_and(|status| status.code() >= 200)
                && message.method().as_str() == *method
                && message.cseq().number == *number
                && whose.contains(&Some(tag.as_str()))
        }
        Until::Request(method, tag) => {
            message.is_request()
                && message.method().as_str() == *method
                && message.to().tag() == Some(tag.as_str())
        }
    }
}
