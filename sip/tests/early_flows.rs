//! Flows of calls that are changed before they are answered, in any weather: ends of a forked call that each ring with sound and
//! offer anew (UPDATE), callers who offer anew by PRACK and UPDATE, and what comes of it when the call is answered, by one or by two,
//! changed after that, left or cancelled. The far ends are played by hand. Both sides know the same in the end, and nothing is left.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::hand::{Hand, Until};
use net::owner::{Agreed, Owner};
use net::peer::{PEER, SDP, request};
use net::{Net, OFFER, Weather, address, config, dial, hang_up, trunk};
use sip::endpoint::{CallKey, Transport};
use sip::message::{Header, Message, Method, StatusCode};

use Step::*;

const OUT: CallKey = CallKey::Out(1);
const IN: CallKey = CallKey::In(1);

#[derive(Clone, Copy, Debug)]
enum Step {
    /// An end of our call rings with sound, which we acknowledge.
    Rings(&'static str),
    /// An end offers anew.
    Updates(&'static str),
    /// An end answers our call.
    Answers(&'static str),
    /// Another end answers it, too: we acknowledge that and end it.
    AnswersToo(&'static str),
    /// An end changes the answered call.
    Reinvites(&'static str),
    /// We change the answered call.
    WeReinvite(&'static str),
    /// The caller is told sound, and acknowledges it: offering anew or not.
    WeRing(bool),
    /// We answer the caller.
    WeAnswer,
    /// The caller gives up before that.
    Cancels,
    /// We hang up, answered or not.
    WeLeave(&'static str),
    /// An end hangs up.
    Leaves(&'static str),
}

/// What it is, whether the far end calls, and what happens.
type Flow = (&'static str, bool, &'static [Step]);

const FLOWS: &[Flow] = &[
    (
        "two ends ring and offer anew, and the second answers",
        false,
        &[
            Rings("one"),
            Rings("two"),
            Updates("one"),
            Updates("two"),
            Answers("two"),
            Leaves("two"),
        ],
    ),
    (
        "an end that offered twice answers, and the call is changed by both sides",
        false,
        &[
            Rings("one"),
            Updates("one"),
            Updates("one"),
            Answers("one"),
            Reinvites("one"),
            WeReinvite("one"),
            Updates("one"),
            WeLeave("one"),
        ],
    ),
    (
        "two ends answer: the first has the call",
        false,
        &[
            Rings("one"),
            Rings("two"),
            Updates("two"),
            Answers("one"),
            AnswersToo("two"),
            Reinvites("one"),
            WeLeave("one"),
        ],
    ),
    (
        "an end answers that never rang, while others offered",
        false,
        &[
            Rings("one"),
            Updates("one"),
            Rings("two"),
            Answers("three"),
            WeReinvite("three"),
            Leaves("three"),
        ],
    ),
    (
        "two ends ring and offer anew, and we give up",
        false,
        &[
            Rings("one"),
            Rings("two"),
            Updates("two"),
            Updates("one"),
            WeLeave("one"),
        ],
    ),
    (
        "a caller offers anew as it acknowledges our sound, and once more before the answer",
        true,
        &[
            WeRing(true),
            Updates("p"),
            WeAnswer,
            Reinvites("p"),
            WeReinvite("p"),
            Leaves("p"),
        ],
    ),
    (
        "a caller who offers nothing more",
        true,
        &[
            WeRing(false),
            WeAnswer,
            Updates("p"),
            WeReinvite("p"),
            WeLeave("p"),
        ],
    ),
    (
        "a caller who offers anew and gives up",
        true,
        &[WeRing(true), Updates("p"), Cancels],
    ),
];

struct Line {
    net: Net,
    owner: Owner,
    hand: Hand,
    /// How the call began.
    invite: Option<Message>,
    cseq: u32,
    /// Whose call it is.
    tag: &'static str,
    call: CallKey,
}

impl Line {
    fn new(seed: u64, loss: u32, inbound: bool) -> Self {
        let mut net = Net::new(seed, Weather::stormy(loss));
        let mut config = config(1);
        config
            .trunks
            .push(trunk("peer", address(PEER), Transport::Udp));
        net.add(1, config);
        let mut line = Self {
            net,
            owner: Owner::new(0),
            hand: Hand::default(),
            invite: None,
            cseq: 10,
            tag: if inbound { "p" } else { "" },
            call: if inbound { IN } else { OUT },
        };
        match inbound {
            true => line.calls(),
            false => {
                line.owner.dials(&mut line.net, dial(OUT, "peer", 1));
                line.until(|hand, _| hand.first(&Method::Invite, "", None).is_some());
                line.invite = line.hand.first(&Method::Invite, "", None).cloned();
            }
        }
        line
    }

    fn calls(&mut self) {
        let offer = std::str::from_utf8(OFFER).unwrap();
        let kind = format!("Supported: 100rel\r\n{SDP}");
        let text = request("INVITE", 1, "", &kind, offer);
        let until = Until::Final("INVITE", 1, "p".to_owned());
        self.hand.send(&mut self.net, text, until);
        self.until(|_, owner| owner.last.is_some());
    }

    fn until(&mut self, wanted: impl Fn(&Hand, &Owner) -> bool) {
        self.hand.until(&mut self.net, &mut self.owner, wanted);
    }

    // Our answer to our own INVITE as an end gives it.
    fn response(&self, code: u16, tag: &str, rseq: Option<u32>, sdp: &Bytes) -> Bytes {
        let status = StatusCode::try_from(code).unwrap();
        let contact = format!("<sip:{tag}@{}>", address(PEER));
        let invite = self.invite.as_ref().unwrap();
        let builder = invite
            .response_because(status, "Any", Some(tag))
            .header(Header::Contact, contact)
            .maybe(Header::Require, rseq.map(|_| "100rel"))
            .maybe(Header::RSeq, rseq);
        match sdp.is_empty() {
            true => builder.build(),
            false => builder.body("application/sdp", sdp.clone()).build(),
        }
    }

    fn ours(&self) -> String {
        if let Some(invite) = &self.invite {
            return invite.from().tag().unwrap().to_owned();
        }
        let rung = self.hand.first(&Method::Invite, "p", Some(183)).unwrap();
        rung.to().tag().unwrap().to_owned()
    }

    fn request(&self, method: &str, cseq: u32, tag: &str, kind: &str, body: &str) -> String {
        let text = request(method, cseq, &self.ours(), kind, body);
        let Some(invite) = &self.invite else {
            return text;
        };
        text.replace("Call-ID: x", &format!("Call-ID: {}", invite.call_id()))
            .replace(";tag=p", &format!(";tag={tag}"))
            .replace("branch=z9hG4bK", &format!("branch=z9hG4bK{tag}"))
            .replace("<sip:p@", &format!("<sip:{tag}@"))
    }

    /// Asks as an end, with an offer, and returns what was answered.
    fn ask(&mut self, method: &'static str, tag: &str, more: &str) -> Message {
        self.cseq += 1;
        let (cseq, offer) = (self.cseq, self.owner.describe());
        let body = String::from_utf8(offer.to_vec()).unwrap();
        let text = self.request(method, cseq, tag, &format!("{more}{SDP}"), &body);
        let until = Until::Final(method, cseq, tag.to_owned());
        self.hand.send(&mut self.net, text, until);
        let answered = |one: &&Message| {
            let code = one.status().map_or(0, |status| status.code());
            code >= 200 && one.cseq().number == cseq && one.method().as_str() == method
        };
        self.until(|hand, _| hand.heard.iter().any(|one| answered(&one)));
        let answer = self.hand.heard.iter().find(answered).unwrap().clone();
        let code = answer.status().unwrap().code();
        assert_eq!(code, 200, "{method} of {tag}: {answer:?}");
        let agreed = Agreed {
            ours: Some(offer),
            theirs: Some(answer.body()),
        };
        self.hand.agreed.insert(tag.to_owned(), agreed);
        answer
    }

    fn take(&mut self, step: Step) {
        let call = self.call;
        match step {
            Rings(tag) => {
                let sdp = self.owner.describe();
                let rung = self.response(183, tag, Some(7), &sdp);
                let until = Until::Request("PRACK", tag.to_owned());
                self.hand.send(&mut self.net, rung, until);
                self.until(|hand, _| hand.first(&Method::Prack, tag, None).is_some());
                self.began(tag, sdp);
            }
            Updates(tag) => {
                self.ask("UPDATE", tag, "");
            }
            Answers(tag) => {
                self.answers(tag);
                self.until(|_, owner| owner.calls[&call].is_up);
                self.tag = tag;
            }
            AnswersToo(tag) => {
                self.answers(tag);
                self.until(|hand, _| hand.first(&Method::Bye, tag, None).is_some());
            }
            Reinvites(tag) => {
                let ok = self.ask("INVITE", tag, "");
                let ack = self.request("ACK", self.cseq, tag, "", "");
                self.hand.answer(&mut self.net, &ok, ack.into());
            }
            WeReinvite(tag) => self.changes(tag),
            WeRing(anew) => self.rings(anew),
            WeAnswer => {
                self.owner.answers(&mut self.net, call);
                self.until(|hand, _| hand.first(&Method::Invite, "p", Some(200)).is_some());
                let ok = self.hand.first(&Method::Invite, "p", Some(200)).cloned();
                let ack = self.request("ACK", 1, "p", "", "");
                self.hand.answer(&mut self.net, &ok.unwrap(), ack.into());
                self.until(|_, owner| owner.calls[&call].is_up);
            }
            Cancels | WeLeave(_) | Leaves(_) => self.end(step),
        }
    }

    fn began(&mut self, tag: &str, sdp: Bytes) {
        let agreed = Agreed {
            ours: Some(sdp),
            theirs: Some(Bytes::from_static(OFFER)),
        };
        self.hand.agreed.insert(tag.to_owned(), agreed);
    }

    fn answers(&mut self, tag: &'static str) {
        let mut sdp = Bytes::new();
        if !self.hand.agreed.contains_key(tag) {
            sdp = self.owner.describe();
            self.began(tag, sdp.clone());
        }
        let ok = self.response(200, tag, None, &sdp);
        let until = Until::Request("ACK", tag.to_owned());
        self.hand.send(&mut self.net, ok, until);
        self.until(|hand, _| hand.first(&Method::Ack, tag, None).is_some());
    }

    fn rings(&mut self, anew: bool) {
        self.owner.rings(&mut self.net, self.call);
        self.until(|hand, _| hand.first(&Method::Invite, "p", Some(183)).is_some());
        let rung = self.hand.first(&Method::Invite, "p", Some(183)).cloned();
        let rung = rung.unwrap();
        let rack = format!("RAck: {} 1 INVITE\r\n", rung.rseq().unwrap());
        if anew {
            self.ask("PRACK", "p", &rack);
            return;
        }
        self.cseq += 1;
        let text = self.request("PRACK", self.cseq, "p", &rack, "");
        let until = Until::Final("PRACK", self.cseq, "p".to_owned());
        self.hand.send(&mut self.net, text, until);
        self.until(|hand, _| hand.first(&Method::Prack, "p", Some(200)).is_some());
        let agreed = Agreed {
            ours: Some(Bytes::from_static(OFFER)),
            theirs: Some(rung.body()),
        };
        self.hand.agreed.insert("p".to_owned(), agreed);
    }

    // Our re-INVITE is answered by hand.
    fn changes(&mut self, tag: &'static str) {
        let call = self.call;
        self.owner.offers(&mut self.net, call);
        let is_it = |one: &&Message| {
            one.is_request() && *one.method() == Method::Invite && one.to().tag() == Some(tag)
        };
        self.until(|hand, _| hand.heard.iter().any(|one| is_it(&one)));
        let invite = self.hand.heard.iter().find(is_it).unwrap().clone();
        let sdp = self.owner.describe();
        let ok = invite
            .response(StatusCode::OK, None)
            .header(Header::Contact, format!("<sip:{tag}@{}>", address(PEER)))
            .body("application/sdp", sdp.clone())
            .build();
        self.hand.answer(&mut self.net, &invite, ok.clone());
        let acks = |hand: &Hand| {
            let of = invite.cseq().number;
            let mut heard = hand.heard.iter();
            heard.any(|one| *one.method() == Method::Ack && one.cseq().number == of)
        };
        // Until it is acknowledged, by the clock of the callers' repetitions.
        self.hand
            .send(&mut self.net, ok, Until::Request("ACK", tag.to_owned()));
        self.until(|hand, owner| acks(hand) && owner.calls[&call].changed > 0);
        let agreed = Agreed {
            ours: Some(sdp),
            theirs: Some(invite.body()),
        };
        self.hand.agreed.insert(tag.to_owned(), agreed);
    }

    fn end(&mut self, step: Step) {
        let call = self.call;
        match step {
            Cancels => {
                let text = request("CANCEL", 1, "", "", "");
                let until = Until::Final("CANCEL", 1, "p".to_owned());
                self.hand.send(&mut self.net, text, until);
                self.until(|hand, _| hand.first(&Method::Invite, "p", Some(487)).is_some());
                let refused = self.hand.first(&Method::Invite, "p", Some(487)).cloned();
                let ack = self.request("ACK", 1, "p", "", "");
                let ack = ack.replace("z9hG4bKACK1", "z9hG4bKINVITE1");
                self.hand
                    .answer(&mut self.net, &refused.unwrap(), ack.into());
            }
            WeLeave(tag) if self.owner.calls[&call].is_up => {
                self.net.tell(0, hang_up(call));
                self.until(|hand, _| hand.first(&Method::Bye, tag, None).is_some());
            }
            WeLeave(tag) => {
                self.net.tell(0, hang_up(call));
                self.until(|hand, _| hand.first(&Method::Cancel, "", None).is_some());
                let cancel = self.hand.first(&Method::Cancel, "", None).cloned().unwrap();
                let ok = cancel.response(StatusCode::OK, None).build();
                self.hand.answer(&mut self.net, &cancel, ok);
                let gone = self.response(487, tag, None, &Bytes::new());
                let until = Until::Request("ACK", tag.to_owned());
                self.hand.send(&mut self.net, gone, until);
                self.until(|hand, _| hand.first(&Method::Ack, tag, None).is_some());
            }
            Leaves(tag) => {
                self.cseq += 1;
                let cseq = self.cseq;
                let text = self.request("BYE", cseq, tag, "", "");
                let until = Until::Final("BYE", cseq, tag.to_owned());
                self.hand.send(&mut self.net, text, until);
            }
            other => unreachable!("{other:?} ends nothing"),
        }
        self.until(|_, owner| owner.calls[&call].over > 0);
    }

    // What is under way arrives, and is answered as before.
    fn rest(&mut self) {
        for _ in 0..4_000 {
            self.until(|_, _| true);
            self.net.run_for(Duration::from_millis(10));
        }
    }

    /// Both sides know the same.
    fn agrees(&mut self, step: Step) {
        let known = &self.owner.calls[&self.call];
        assert_eq!(known.over, 0, "before {step:?}");
        if known.is_up {
            let here = known.agreed.clone();
            let there = self.hand.agreed[self.tag].clone();
            assert_eq!((here.ours, here.theirs), (there.theirs, there.ours));
        }
    }
}

fn flow((name, inbound, steps): &Flow, seed: u64, loss: u32) {
    println!("{name}: seed {seed}, {loss} of a hundred lost");
    let mut line = Line::new(seed, loss, *inbound);
    for step in *steps {
        if matches!(step, WeLeave(_) | Leaves(_) | Cancels) {
            line.rest();
            line.agrees(*step);
        }
        line.take(*step);
    }
    line.rest();
    line.net.settle();
    line.until(|_, _| true);
    assert_eq!(line.owner.calls[&line.call].over, 1);
    line.net.assert_empty();
}

#[test]
fn each_flow_before_the_answer_comes_to_its_end_in_any_weather() {
    for each in FLOWS {
        for loss in [0, 10, 20] {
            for seed in 0..8 {
                flow(each, seed, loss);
            }
        }
    }
}
