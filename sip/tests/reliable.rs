//! Reliable provisional responses (RFC 3262): early media that arrives, answers that wait for it, and callers who never say so.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::{ANSWER, Net, Weather, address, answer, arrived, dial, hang_up};
use sip::endpoint::{CallKey, Command, EndedBy, Event, SessionId, Tag, Transport};
use sip::message::{Header, Message, Method};

const OUT: CallKey = CallKey::Out(1);

fn ringing(net: &mut Net) -> CallKey {
    net.tell(0, dial(OUT, "b", 0xa));
    let call = net.wait(1, arrived);
    let tag = Tag {
        session: SessionId(0xb),
        headers: Vec::new(),
    };
    net.tell(1, Command::Adopt { call, tag });
    call
}

fn early_media(call: CallKey) -> Command {
    Command::Ring {
        call,
        code: 183,
        reason: None,
        sdp: Some(Bytes::from_static(ANSWER)),
    }
}

fn progress(net: &mut Net) {
    net.wait(0, |event| {
        matches!(
            event,
            Event::Progress {
                code: 183,
                sdp: Some(_),
                ..
            }
        )
        .then_some(())
    });
}

fn sent(net: &Net, from: u8) -> Vec<Message> {
    let packets = net
        .sent
        .iter()
        .filter(|packet| packet.from == address(from));
    packets
        .map(|packet| Message::parse(packet.bytes.clone()).unwrap())
        .collect()
}

fn requests(net: &Net, from: u8, method: &Method) -> Vec<Message> {
    let mut all = sent(net, from);
    all.retain(|message| message.request_uri().is_some() && message.method() == method);
    all
}

fn responses(net: &Net, from: u8, code: u16) -> Vec<Message> {
    let mut all = sent(net, from);
    all.retain(|message| message.status().is_some_and(|status| status.code() == code));
    all
}

#[test]
fn early_media_is_acknowledged_and_the_call_goes_on_counting() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let call = ringing(&mut net);

    net.tell(1, early_media(call));
    progress(&mut net);
    net.run_for(Duration::from_secs(3));
    net.tell(1, answer(call));
    net.wait(0, |event| {
        matches!(event, Event::Answered { .. }).then_some(())
    });
    net.tell(0, hang_up(OUT));
    net.settle();

    let early = responses(&net, 2, 183);
    assert_eq!(early.len(), 1, "acknowledged, so not repeated");
    assert_eq!(early[0].header(Header::Require), Some("100rel"));
    let prack = requests(&net, 1, &Method::Prack);
    let invite = early[0].cseq().number;
    let rseq = early[0].rseq().unwrap();
    assert_eq!(prack.len(), 1);
    assert_eq!(prack[0].rack(), Some((rseq, invite, Method::Invite)));
    assert_eq!(prack[0].cseq().number, invite + 1);
    assert_eq!(requests(&net, 1, &Method::Bye)[0].cseq().number, invite + 2);
    net.assert_empty();
}

#[test]
fn ringing_without_media_needs_no_acknowledgement() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let call = ringing(&mut net);

    net.tell(
        1,
        Command::Ring {
            call,
            code: 180,
            reason: None,
            sdp: None,
        },
    );
    net.run_for(Duration::from_secs(2));
    net.tell(0, hang_up(OUT));
    net.settle();

    assert_eq!(responses(&net, 2, 180)[0].rseq(), None);
    assert!(requests(&net, 1, &Method::Prack).is_empty());
    net.assert_empty();
}

#[test]
fn an_answer_waits_until_its_early_media_is_acknowledged() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let call = ringing(&mut net);
    net.drops = Some(Box::new(|packet| packet.first_line().starts_with("PRACK")));

    net.tell(1, early_media(call));
    net.tell(1, answer(call));
    net.run_for(Duration::from_secs(2));

    assert_eq!(responses(&net, 2, 200).len(), 0);
    assert!(
        responses(&net, 2, 183).len() > 1,
        "repeated until acknowledged"
    );
    net.drops = None;
    net.wait(0, |event| {
        matches!(event, Event::Answered { .. }).then_some(())
    });
    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
}

#[test]
fn a_second_response_waits_for_the_first_and_both_arrive_in_order() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let call = ringing(&mut net);

    net.tell(1, early_media(call));
    net.tell(1, early_media(call));
    progress(&mut net);
    progress(&mut net);

    let numbers: Vec<_> = responses(&net, 2, 183)
        .iter()
        .map(|early| early.rseq().unwrap())
        .collect();
    assert_eq!(numbers[1], numbers[0] + 1);
    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
}

#[test]
fn a_caller_who_never_acknowledges_is_refused_after_64_times_t1() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let call = ringing(&mut net);
    net.drops = Some(Box::new(|packet| packet.first_line().starts_with("PRACK")));

    net.tell(1, early_media(call));
    let began = net.now;
    net.wait(1, |event| {
        matches!(event, Event::Cancelled { .. }).then_some(())
    });

    let after = net.now.since(began);
    assert_eq!(after.as_secs(), 32);
    let code = net.wait(0, |event| match event {
        Event::Failed { code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!(code, 504);
    net.settle();
    net.assert_empty();
}

#[test]
fn in_foul_weather_early_media_and_the_answer_both_arrive() {
    for seed in 1..=40 {
        let mut net = Net::pair(seed, Weather::stormy(25), Transport::Udp);
        let call = ringing(&mut net);

        net.tell(1, early_media(call));
        net.tell(1, early_media(call));
        net.tell(1, answer(call));
        progress(&mut net);
        net.wait(0, |event| {
            matches!(event, Event::Answered { .. }).then_some(())
        });
        net.tell(1, hang_up(call));

        let by = net.wait(0, |event| match event {
            Event::Ended { by, .. } => Some(*by),
            _ => None,
        });
        assert_eq!(by, EndedBy::Far, "seed {seed}");
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn an_acknowledgement_of_nothing_is_told_so() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let call = ringing(&mut net);
    net.tell(1, early_media(call));
    progress(&mut net);
    let prack = requests(&net, 1, &Method::Prack).remove(0);
    let rack = prack.header(Header::RAck).unwrap();
    let text = String::from_utf8(prack.as_bytes().to_vec()).unwrap();
    let other = text
        .replace(rack, "77 1 INVITE")
        .replace(
            &format!("CSeq: {} ", prack.cseq().number),
            "CSeq: 2147483000 ",
        )
        .replace("branch=z9hG4bK", "branch=z9hG4bKx");

    net.inject(1, address(1), other);

    net.run_for(Duration::from_secs(1));
    assert_eq!(responses(&net, 2, 481).len(), 1);
    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
}
