//! Transfers between endpoints: REFER with its NOTIFY (RFC 3515, RFC 4488), and calls that take others' place (RFC 3891).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::{ANSWER, Net, OFFER, Weather, address, answer, arrived, dial, hang_up};
use sip::endpoint::{CallKey, Command, EndedBy, Event, Refer, Replaced, SessionId, Tag, Transport};
use sip::message::{Header, Message, Method, StatusCode};

const OUT: CallKey = CallKey::Out(1);

fn tag(session: u128) -> Tag {
    Tag {
        session: SessionId(session),
        headers: Vec::new(),
    }
}

/// Lets a call that arrived at end 1 ring.
fn ring(net: &mut Net, call: CallKey) {
    let (tag, reason, sdp) = (tag(0xb), None, None);
    net.tell(1, Command::Adopt { call, tag });
    net.tell(
        1,
        Command::Ring {
            call,
            code: 180,
            reason,
            sdp,
        },
    );
    net.wait(0, |event| {
        matches!(event, Event::Progress { .. }).then_some(())
    });
}

fn refer(call: CallKey, number: &str, replaces: Option<CallKey>) -> Command {
    Command::Refer {
        call,
        number: number.to_owned(),
        headers: vec![("X-Interaction-ID".to_owned(), format!("{:032x}", 0xa))],
        replaces,
    }
}

fn referred(event: &Event) -> Option<Refer> {
    match event {
        Event::Referred { refer, .. } => Some((**refer).clone()),
        _ => None,
    }
}

fn progress(event: &Event) -> Option<(u16, bool)> {
    match event {
        Event::ReferProgress { code, over, .. } => Some((*code, *over)),
        _ => None,
    }
}

fn report(call: CallKey, code: u16) -> Command {
    Command::ReportRefer {
        call,
        code,
        reason: String::new(),
    }
}

fn sent(net: &Net, method: &Method) -> Vec<Message> {
    let all = net.sent.iter();
    all.map(|packet| Message::parse(packet.bytes.clone()).unwrap())
        .filter(|message| message.is_request() && message.method() == method)
        .collect()
}

#[test]
fn a_transfer_is_asked_for_taken_and_told_to_its_end() {
    for weather in [Weather::FAIR, Weather::stormy(20)] {
        let mut net = Net::pair(4, weather, Transport::Udp);
        let inbound = net.talking(OUT);

        net.tell(0, refer(OUT, "+49 30 1234", None));
        let asked = net.wait(1, referred);
        net.tell(1, Command::AcceptRefer { call: inbound });
        assert_eq!(net.wait(0, progress), (100, false));
        net.tell(1, report(inbound, 180));
        assert_eq!(net.wait(0, progress), (180, false));
        net.tell(1, report(inbound, 200));
        assert_eq!(net.wait(0, progress), (200, true));

        assert_eq!(asked.to_user, "+49 30 1234");
        assert!(asked.here, "the target is the trunk itself");
        assert_eq!(asked.replaces, None);
        assert_eq!(asked.by.as_deref(), Some("<sip:tandem@192.0.2.1:5060>"));
        let wanted = &sent(&net, &Method::Refer)[0];
        let to = wanted.header(Header::ReferTo).unwrap();
        assert!(to.contains("X-Interaction-ID=0000"), "{to}");
        // Nothing more is told once it is over.
        net.tell(1, report(inbound, 486));
        net.tell(0, hang_up(OUT));
        net.settle();
        assert_eq!(net.ends[0].events.iter().find_map(progress), None);
        net.assert_empty();
    }
}

#[test]
fn a_transfer_that_is_refused_leaves_the_call_and_can_be_asked_again() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = net.talking(OUT);

    for _ in 0..2 {
        net.tell(0, refer(OUT, "1", None));
        net.wait(1, referred);
        net.tell(
            1,
            Command::RefuseRefer {
                call: inbound,
                code: 403,
                reason: "not from here".into(),
            },
        );
        assert_eq!(net.wait(0, progress), (403, true));
    }

    assert!(sent(&net, &Method::Notify).is_empty());
    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
}

#[test]
fn an_owner_who_says_nothing_and_a_peer_who_tells_nothing_do_not_keep_it_open() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = net.talking(OUT);
    net.tell(0, refer(OUT, "1", None));
    net.wait(1, referred);

    assert_eq!(net.wait(0, progress), (504, true));
    net.tell(0, refer(OUT, "1", None));
    net.wait(1, referred);
    net.tell(1, Command::AcceptRefer { call: inbound });
    assert_eq!(net.wait(0, progress), (100, false));
    assert_eq!(net.wait(0, progress), (408, true));

    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
}

#[test]
fn a_second_transfer_waits_for_the_first_and_names_itself() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = net.talking(OUT);
    net.tell(0, refer(OUT, "1", None));
    net.wait(1, referred);
    net.tell(1, Command::AcceptRefer { call: inbound });
    net.wait(0, progress);
    net.tell(0, refer(OUT, "2", None));
    assert_eq!(net.wait(0, progress), (400, true), "one at a time");
    net.tell(1, report(inbound, 486));
    assert_eq!(net.wait(0, progress), (486, true));

    net.tell(0, refer(OUT, "2", None));
    net.wait(1, referred);
    net.tell(1, Command::AcceptRefer { call: inbound });
    net.wait(0, progress);

    let told = sent(&net, &Method::Notify);
    let refers = sent(&net, &Method::Refer);
    let second = format!("refer;id={}", refers.last().unwrap().cseq().number);
    assert_eq!(told[0].header(Header::Event), Some("refer"));
    assert_eq!(told.last().unwrap().header(Header::Event), Some(&*second));
    net.tell(1, hang_up(inbound));
    net.settle();
    net.assert_empty();
}

#[test]
fn a_call_that_ends_while_a_transfer_is_asked_leaves_nothing() {
    for hangs_up in [0, 1] {
        let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
        let inbound = net.talking(OUT);
        net.tell(0, refer(OUT, "1", None));
        net.wait(1, referred);

        net.tell(hangs_up, hang_up([OUT, inbound][hangs_up]));
        net.tell(1, Command::AcceptRefer { call: inbound });
        net.settle();

        net.assert_empty();
    }
}

/// What the NOTIFYs said: the status, and how the subscription stands.
fn told(net: &Net) -> Vec<(String, String)> {
    let all = sent(net, &Method::Notify);
    let each = all.iter().map(|one| {
        let line = String::from_utf8(one.body().to_vec()).unwrap();
        let state = one.header(Header::SubscriptionState).unwrap();
        (line.trim().to_owned(), state.to_owned())
    });
    each.collect()
}

fn said(line: &str, state: &str) -> (String, String) {
    (line.to_owned(), state.to_owned())
}

#[test]
fn who_hangs_up_during_a_transfer_is_told_what_comes_of_it() {
    for (by, code) in [(0, 200), (1, 200), (0, 486), (1, 603)] {
        let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
        let inbound = net.talking(OUT);
        net.tell(0, refer(OUT, "1", None));
        net.wait(1, referred);
        net.tell(1, Command::AcceptRefer { call: inbound });
        assert_eq!(net.wait(0, progress), (100, false));

        net.tell(by, hang_up([OUT, inbound][by]));
        net.run_for(Duration::from_secs(8));

        assert_eq!(
            told(&net).len(),
            1,
            "end {by} hangs up, and nothing came of it yet"
        );
        assert_eq!(
            net.ends[1].endpoint.counters().calls,
            0,
            "it is no call any more"
        );
        net.tell(1, report(inbound, code));
        net.settle();
        let phrase = StatusCode::try_from(code).unwrap().phrase();
        let last = said(
            &format!("SIP/2.0 {code} {phrase}"),
            "terminated;reason=noresource",
        );
        assert_eq!(told(&net).last(), Some(&last), "end {by} hangs up");
        let byes = sent(&net, &Method::Bye);
        let ours = byes.last().unwrap().cseq().number;
        let notify = sent(&net, &Method::Notify).last().unwrap().cseq().number;
        assert!(by == 0 || notify > ours, "one numbering");
        net.tell(1, report(inbound, 200));
        net.settle();
        assert_eq!(told(&net).len(), 2);
        net.assert_empty();
    }
}

#[test]
fn who_hangs_up_and_is_told_no_end_is_told_that_nothing_comes() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = net.talking(OUT);
    net.tell(0, refer(OUT, "1", None));
    net.wait(1, referred);
    net.tell(1, Command::AcceptRefer { call: inbound });
    net.wait(0, progress);

    net.tell(0, hang_up(OUT));
    net.settle();

    let last = said("SIP/2.0 100 Trying", "terminated;reason=timeout");
    assert_eq!(told(&net).last(), Some(&last));
    net.assert_empty();
}

#[test]
fn who_asks_for_a_transfer_and_hangs_up_at_once_is_answered_and_told() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = net.talking(OUT);
    net.tell(0, refer(OUT, "1", None));
    net.wait(1, referred);
    net.tell(0, hang_up(OUT));
    net.run_for(Duration::from_millis(100));
    // Who has forgotten the call says 481, and would be told no more.
    net.drops = Some(Box::new(|packet| {
        packet.from == address(1) && packet.first_line().starts_with("SIP/2.0 481 ")
    }));

    net.tell(1, Command::AcceptRefer { call: inbound });
    net.tell(1, report(inbound, 486));
    net.settle();

    let answers = net
        .sent
        .iter()
        .filter(|packet| packet.text().contains(" REFER\r\n"));
    let answers: Vec<_> = answers.map(|packet| packet.first_line()).collect();
    assert!(
        answers.contains(&"SIP/2.0 202 Accepted".to_owned()),
        "{answers:?}"
    );
    let (first, last) = (
        said("SIP/2.0 100 Trying", "active;expires=180"),
        said("SIP/2.0 486 Busy Here", "terminated;reason=noresource"),
    );
    let told: std::collections::BTreeSet<_> = told(&net).into_iter().collect();
    assert_eq!(told, [first, last].into());
    net.assert_empty();
}

#[test]
fn who_has_forgotten_the_call_is_told_no_more() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = net.talking(OUT);
    net.tell(0, refer(OUT, "1", None));
    net.wait(1, referred);
    net.tell(0, hang_up(OUT));
    net.run_for(Duration::from_millis(100));

    net.tell(1, Command::AcceptRefer { call: inbound });
    net.run_for(Duration::from_secs(1));
    net.tell(1, report(inbound, 200));
    net.settle();

    assert_eq!(
        told(&net),
        [said("SIP/2.0 100 Trying", "active;expires=180")]
    );
    net.assert_empty();
}

#[test]
fn what_is_told_of_another_transfer_ends_none_of_ours() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = net.talking(OUT);
    net.tell(0, refer(OUT, "1", None));
    net.wait(1, referred);
    net.tell(1, Command::AcceptRefer { call: inbound });
    assert_eq!(net.wait(0, progress), (100, false));
    let told = &sent(&net, &Method::Notify)[0];
    let cseq = told.cseq().number;
    let text = net.sent.iter().map(|packet| packet.text());
    let mut text = text.filter(|text| text.starts_with("NOTIFY"));
    let other = text
        .next()
        .unwrap()
        .replace("Event: refer\r\n", "Event: refer;id=99999\r\n")
        .replace("branch=z9hG4bK", "branch=z9hG4bKother")
        .replace(
            &format!("CSeq: {cseq} NOTIFY"),
            &format!("CSeq: {} NOTIFY", cseq + 100),
        )
        .replace("active;expires=180", "terminated;expires=0");
    assert!(other.contains("id=99999") && other.contains("terminated"));

    net.inject(0, address(2), other);

    let refusal = net.sent.last().unwrap().first_line();
    assert!(refusal.starts_with("SIP/2.0 481 "), "{refusal}");
    assert_eq!(net.ends[0].events.iter().find_map(progress), None);
}

#[test]
fn an_attended_transfer_names_our_own_call_or_is_handed_on() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let first = net.talking(OUT);
    let second = net.talking(CallKey::Out(2));

    net.tell(0, refer(OUT, "", Some(CallKey::Out(2))));
    let asked = net.wait(1, referred);

    assert_eq!(asked.replaces, Some(Replaced::Ours(second)));
    let wanted = sent(&net, &Method::Refer).remove(0);
    let to = wanted.header(Header::ReferTo).unwrap();
    let theirs = &sent(&net, &Method::Invite)[1];
    let (call_id, tag) = (theirs.call_id(), theirs.from().tag().unwrap().to_owned());
    let escaped = call_id.replace('@', "%40");
    assert!(
        to.contains(&format!("?Replaces={escaped}%3Bto-tag%3D")),
        "{to}"
    );
    assert!(to.contains(&format!("%3Bfrom-tag%3D{tag}")), "{to}");
    net.tell(
        1,
        Command::RefuseRefer {
            call: first,
            code: 603,
            reason: String::new(),
        },
    );
    net.tell(1, hang_up(first));
    net.tell(0, hang_up(CallKey::Out(2)));
    net.settle();
    net.assert_empty();
}

// What Replaces has to say at end 1 to name the first dialog.
fn dialog_of_first(net: &Net) -> String {
    let all = net
        .sent
        .iter()
        .map(|packet| Message::parse(packet.bytes.clone()).unwrap());
    let messages: Vec<_> = all.collect();
    let invite = messages
        .iter()
        .find(|m| m.is_request() && *m.method() == Method::Invite)
        .unwrap();
    let answer = messages
        .iter()
        .find(|m| !m.is_request() && m.status().unwrap().code() >= 180)
        .unwrap();
    format!(
        "{};to-tag={};from-tag={}",
        invite.call_id(),
        answer.to().tag().unwrap(),
        invite.from().tag().unwrap(),
    )
}

fn dial_replacing(call: CallKey, replaces: String) -> Command {
    let Command::Dial {
        to,
        from,
        sdp,
        tag,
        hops: sip::endpoint::HOPS,
        ring_for,
        ..
    } = dial(call, "b", 0xc)
    else {
        unreachable!("a dial")
    };
    Command::Dial {
        call,
        elsewhere: Vec::new(),
        to,
        from,
        sdp,
        tag,
        headers: vec![
            ("Replaces".into(), replaces),
            ("Referred-By".into(), "<sip:carol@192.0.2.9>".into()),
        ],
        hops: sip::endpoint::HOPS,
        ring_for,
    }
}

#[test]
fn a_call_takes_the_place_of_another_of_the_same_trunk() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let old = net.talking(OUT);
    let replaces = dialog_of_first(&net);

    net.tell(0, dial_replacing(CallKey::Out(2), replaces));
    let (new, arrival) = net.wait(1, |event| match event {
        Event::Arrived { call, arrival } => Some((*call, arrival.clone())),
        _ => None,
    });
    assert_eq!(arrival.replaces, Some(old));
    let kept = ("Referred-By".to_owned(), "<sip:carol@192.0.2.9>".to_owned());
    assert!(arrival.headers.contains(&kept), "{:?}", arrival.headers);
    net.tell(
        1,
        Command::Adopt {
            call: new,
            tag: tag(0xb),
        },
    );
    net.tell(1, answer(new));
    net.tell(1, hang_up(old));

    let ended = net.wait(0, |event| match event {
        Event::Ended { call, by, .. } => Some((*call, *by)),
        _ => None,
    });
    assert_eq!(ended, (OUT, EndedBy::Far));
    net.tell(0, hang_up(CallKey::Out(2)));
    net.settle();
    net.assert_empty();
}

fn refusal(net: &mut Net, replaces: String) -> u16 {
    net.tell(0, dial_replacing(CallKey::Out(9), replaces));
    net.wait(0, |event| match event {
        Event::Failed {
            call: CallKey::Out(9),
            code,
            ..
        } => Some(*code),
        _ => None,
    })
}

#[test]
fn what_cannot_be_replaced_is_refused_as_rfc_3891_says() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.tell(0, dial(OUT, "b", 0xa));
    let old = net.wait(1, arrived);
    ring(&mut net, old);
    let plain = dialog_of_first(&net);

    assert_eq!(refusal(&mut net, plain.clone()), 481, "early, and theirs");
    net.tell(1, answer(old));
    net.wait(1, |event| {
        matches!(event, Event::Confirmed { .. }).then_some(())
    });
    let early = format!("{plain};early-only");
    assert_eq!(refusal(&mut net, early), 486, "answered");
    let (id, tags) = plain.split_once(';').unwrap();
    assert_eq!(refusal(&mut net, format!("{id}x;{tags}")), 481);
    assert_eq!(
        refusal(&mut net, plain.replace("from-tag=", "from-tag=x")),
        481
    );
    assert_eq!(refusal(&mut net, id.to_owned()), 400);
    // Their BYE is on its way to an answer: the dialog is over.
    net.drops = Some(Box::new(|packet| {
        packet.from == address(1) && packet.first_line() == "SIP/2.0 200 OK"
    }));
    net.tell(1, hang_up(old));
    assert_eq!(refusal(&mut net, plain.clone()), 603, "just ended");
    net.drops = None;
    net.settle();
    assert_eq!(refusal(&mut net, plain), 481, "long gone");
    net.settle();
    net.assert_empty();
}

#[test]
fn only_a_trusted_trunk_replaces_and_only_its_own_calls() {
    let mut net = Net::new(1, Weather::FAIR);
    for (own, other, name, trusted) in [(1, 2, "b", true), (2, 1, "a", false)] {
        let mut config = net::config(own);
        let mut trunk = net::trunk(name, address(other), Transport::Udp);
        trunk.trusted = trusted;
        config.trunks.push(trunk);
        net.add(own, config);
    }
    let old = net.talking(OUT);
    let replaces = dialog_of_first(&net);

    assert_eq!(refusal(&mut net, replaces), 403);

    net.tell(1, hang_up(old));
    net.settle();
    net.assert_empty();
}

#[test]
fn a_call_that_we_ring_may_be_taken_elsewhere() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.tell(0, dial(OUT, "b", 0xa));
    let ringing = net.wait(1, arrived);
    ring(&mut net, ringing);
    let theirs = dialog_of_first(&net);
    // Seen from end 0 the tags are the other way round.
    let mut parts = theirs.split(';');
    let id = parts.next().unwrap();
    let to = parts.next().unwrap().replace("to-tag", "from-tag");
    let from = parts.next().unwrap().replace("from-tag", "to-tag");

    let replaces = format!("{id};{from};{to};early-only");
    let Command::Dial {
        from, sdp, tag: t, ..
    } = dial(CallKey::Out(5), "a", 0xd)
    else {
        unreachable!("a dial")
    };
    net.tell(
        1,
        Command::Dial {
            call: CallKey::Out(5),
            elsewhere: Vec::new(),
            to: sip::endpoint::Target::Trunk {
                trunk: "a".into(),
                number: "100".into(),
            },
            from,
            sdp,
            tag: t,
            headers: vec![("Replaces".into(), replaces)],
            hops: sip::endpoint::HOPS,
            ring_for: Duration::from_secs(30),
        },
    );
    let (new, replaced) = net.wait(0, |event| match event {
        Event::Arrived { call, arrival } => Some((*call, arrival.replaces)),
        _ => None,
    });

    assert_eq!(replaced, Some(OUT));
    net.tell(
        0,
        Command::Adopt {
            call: new,
            tag: tag(0xa),
        },
    );
    net.tell(0, answer(new));
    net.tell(0, hang_up(OUT));
    net.wait(1, |event| {
        matches!(event, Event::Cancelled { .. }).then_some(())
    });
    net.tell(0, hang_up(new));
    net.settle();
    net.assert_empty();
}

// A REFER by hand, so that what our own never sends is tried too.
fn raw_refer(net: &mut Net, more: &str) -> Message {
    let theirs = sent(net, &Method::Invite).remove(0);
    let answer = net
        .sent
        .iter()
        .map(|packet| Message::parse(packet.bytes.clone()).unwrap())
        .find(|m| !m.is_request() && m.status().unwrap().code() == 200)
        .unwrap();
    let text = format!(
        "REFER sip:tandem@192.0.2.2 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKraw;rport\r\n\
         Max-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} REFER\r\n\
         Contact: <sip:192.0.2.1>\r\nRefer-To: <tel:+49301234>\r\n{more}Content-Length: 0\r\n\r\n",
        theirs.from(),
        answer.to(),
        theirs.call_id(),
        theirs.cseq().number + 1,
    );
    net.inject(1, address(1), Bytes::from(text));
    let refer = net.wait(1, referred);
    assert!(refer.here && refer.to_user == "+49301234", "{refer:?}");
    theirs
}

#[test]
fn a_refer_that_wants_no_notify_gets_none() {
    for more in [
        "Refer-Sub: false\r\nSupported: norefersub\r\n",
        "Require: norefersub\r\nRefer-Sub: false\r\n",
    ] {
        let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
        let inbound = net.talking(OUT);
        raw_refer(&mut net, more);

        net.tell(1, Command::AcceptRefer { call: inbound });
        net.tell(1, report(inbound, 200));
        net.run_for(Duration::from_secs(1));

        let accepted = net
            .sent
            .iter()
            .find(|packet| packet.first_line() == "SIP/2.0 202 Accepted")
            .unwrap();
        assert!(accepted.text().contains("Refer-Sub: false"));
        assert!(sent(&net, &Method::Notify).is_empty());
        net.tell(1, hang_up(inbound));
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn a_peer_that_will_tell_nothing_of_what_it_was_asked_is_not_waited_for() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.talking(OUT);
    net.tell(0, refer(OUT, "1", None));
    net.wait(1, referred);
    let asked = &sent(&net, &Method::Refer)[0];
    let told: Vec<String> = asked.headers(Header::Via).map(str::to_owned).collect();
    let accepted = format!(
        "SIP/2.0 202 Accepted\r\nVia: {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} REFER\r\n\
         Contact: <sip:192.0.2.2>\r\nRefer-Sub: false\r\nContent-Length: 0\r\n\r\n",
        told[0],
        asked.from(),
        asked.to(),
        asked.call_id(),
        asked.cseq().number,
    );

    net.inject(0, address(2), Bytes::from(accepted));

    assert_eq!(net.wait(0, progress), (202, true));
}

#[test]
fn a_peer_may_end_what_it_is_told_and_hold_goes_on_beside_it() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = net.talking(OUT);
    let invite = raw_refer(&mut net, "");
    // The other end knows nothing of that REFER.
    net.drops = Some(Box::new(|packet| {
        packet.from == address(1) && packet.first_line().starts_with("SIP/2.0 481 ")
    }));
    net.tell(1, Command::AcceptRefer { call: inbound });
    net.run_for(Duration::from_secs(1));
    let notify = sent(&net, &Method::Notify).remove(0);
    assert_eq!(
        notify.header(Header::SubscriptionState),
        Some("active;expires=180")
    );
    assert_eq!(&notify.body()[..], b"SIP/2.0 100 Trying\r\n");

    let text = format!(
        "SUBSCRIBE sip:tandem@192.0.2.2 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKsub;rport\r\n\
         Max-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} SUBSCRIBE\r\n\
         Contact: <sip:192.0.2.1>\r\nEvent: refer\r\nExpires: 0\r\nContent-Length: 0\r\n\r\n",
        invite.from(),
        notify.from(),
        invite.call_id(),
        invite.cseq().number + 2,
    );
    net.inject(1, address(1), Bytes::from(text));
    net.run_for(Duration::from_secs(1));
    net.tell(1, report(inbound, 200));
    net.run_for(Duration::from_secs(1));

    let told = told(&net);
    let ended = said("SIP/2.0 100 Trying", "terminated;reason=timeout");
    assert!(told.contains(&ended), "{told:?}");
    assert!(told.iter().all(|(line, _)| line.contains(" 100 ")));
    net.tell(
        1,
        Command::Offer {
            call: inbound,
            sdp: Bytes::from_static(OFFER),
        },
    );
    net.wait(0, |event| {
        matches!(event, Event::Offered { .. }).then_some(())
    });
    net.tell(
        0,
        Command::AcceptOffer {
            call: OUT,
            fork: None,
            sdp: Bytes::from_static(ANSWER),
        },
    );
    net.wait(1, |event| {
        matches!(event, Event::OfferAnswered { .. }).then_some(())
    });
    net.tell(1, hang_up(inbound));
    net.settle();
    net.assert_empty();
}
