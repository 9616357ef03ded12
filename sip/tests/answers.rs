//! What the endpoint answers to single requests, good and bad (RFC 3261 §8.2, §10.3, §11, §21).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use bytes::Bytes;
use net::{Net, Weather, address, config, trunk};
use sip::digest::Challenge;
use sip::endpoint::{CallKey, Command, Event, Tag, Transport, Warning};
use sip::message::{Header, Message};
use sip::sdp::SdpError;

const CARRIER: u8 = 9;
const STRANGER: u8 = 66;
/// The Session-ID the owner marks calls with.
const MARK: &str = "0af7651916cd43dd8448eb211c80319c";

fn adopt(net: &mut Net, call: CallKey) {
    let tag = Tag {
        session: MARK.parse().expect("a UUID"),
        headers: Vec::new(),
    };
    net.tell(0, Command::Adopt { call, tag });
}

fn net() -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut config = config(1);
    config
        .trunks
        .push(trunk("carrier", address(CARRIER), Transport::Udp));
    net.add(1, config);
    net
}

/// Writes a request from a host; `more` are header lines, `body` comes with its type.
fn request(method: &str, host: u8, more: &str, to_tag: &str, body: Option<(&str, &str)>) -> String {
    let from = address(host);
    let (kind, body) = body.unwrap_or(("", ""));
    let kind = if kind.is_empty() {
        String::new()
    } else {
        format!("Content-Type: {kind}\r\n")
    };
    let length = body.len();
    format!(
        "{method} sip:support@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{method}{length};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:carol@{from}>;tag=c\r\nTo: <sip:support@192.0.2.1>{to_tag}\r\n\
         Call-ID: one@{from}\r\nCSeq: 1 {method}\r\nContact: <sip:carol@{from}>\r\n{more}{kind}\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

fn ask(net: &mut Net, host: u8, text: impl Into<Bytes>) -> Option<Message> {
    net.outside.clear();
    net.inject(0, address(host), text);
    net.run_for(std::time::Duration::from_millis(50));
    let packet = net.outside.pop()?;
    assert!(
        net.outside.is_empty(),
        "one answer at a time: {:?}",
        packet.text()
    );
    Some(Message::parse(packet.bytes).unwrap())
}

fn code(answer: Option<&Message>) -> u16 {
    answer.map_or(0, |answer| answer.status().unwrap().code())
}

#[allow(clippy::too_many_lines, reason = "a table")]
#[test]
fn each_request_outside_a_dialog_gets_the_answer_its_rfc_names() {
    let sdp = Some(("application/sdp", "v=0\r\n"));
    let text = Some(("text/plain", "hello"));
    for (method, more, to_tag, body, expected, header) in [
        ("OPTIONS", "", "", None, 200, Some(Header::Allow)),
        ("OPTIONS", "", "", None, 200, Some(Header::Accept)),
        ("OPTIONS", "", ";tag=gone", None, 481, None),
        ("FROBNICATE", "", "", None, 405, Some(Header::Allow)),
        (
            "INVITE",
            "Require: nosuch, norsuch\r\n",
            "",
            sdp,
            420,
            Some(Header::Unsupported),
        ),
        (
            "OPTIONS",
            "Require: nosuch\r\n",
            "",
            None,
            420,
            Some(Header::Unsupported),
        ),
        ("INVITE", "", "", text, 415, Some(Header::Accept)),
        (
            "INVITE",
            "Content-Encoding: gzip\r\n",
            "",
            sdp,
            415,
            Some(Header::AcceptEncoding),
        ),
        ("INVITE", "Accept: text/plain\r\n", "", sdp, 406, None),
        ("INVITE", "", ";tag=gone", sdp, 481, None),
        ("BYE", "", ";tag=gone", None, 481, None),
        ("BYE", "", "", None, 481, None),
        ("UPDATE", "", "", None, 481, None),
        ("INFO", "", ";tag=gone", None, 481, None),
        ("CANCEL", "", "", None, 481, None),
        ("PRACK", "", "", None, 481, None),
        ("NOTIFY", "", "", None, 481, None),
        (
            "SUBSCRIBE",
            "Event: presence\r\n",
            "",
            None,
            489,
            Some(Header::AllowEvents),
        ),
        ("SUBSCRIBE", "", "", None, 489, Some(Header::AllowEvents)),
        ("SUBSCRIBE", "Event: refer;id=1\r\n", "", None, 403, None),
        (
            "PUBLISH",
            "Event: presence\r\n",
            "",
            None,
            405,
            Some(Header::Allow),
        ),
        ("MESSAGE", "", "", text, 405, Some(Header::Allow)),
        ("REFER", "", "", None, 403, None),
        (
            "OPTIONS",
            "Replaces: a;to-tag=1;from-tag=2\r\n",
            "",
            None,
            400,
            None,
        ),
        (
            "INVITE",
            "Replaces: a;to-tag=1;from-tag=2\r\n",
            "",
            sdp,
            481,
            None,
        ),
        ("INVITE", "Replaces: nonsense\r\n", "", sdp, 400, None),
        ("REGISTER", "", "", None, 401, Some(Header::WwwAuthenticate)),
        ("ACK", "", "", None, 0, None),
        ("ACK", "", ";tag=gone", None, 0, None),
    ] {
        let mut net = net();

        let answer = ask(
            &mut net,
            CARRIER,
            request(method, CARRIER, more, to_tag, body),
        );

        assert_eq!(code(answer.as_ref()), expected, "{method} {more} {to_tag}");
        if let (Some(header), Some(answer)) = (header, &answer) {
            assert!(answer.header(header).is_some(), "{method} without {header}");
        }
        if let Some(answer) = answer {
            assert!(answer.to().tag().is_some(), "{method}: no To tag");
            assert!(
                !answer.session_id().unwrap().local.is_nil(),
                "{method}: no Session-ID"
            );
        }
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn bad_start_lines_and_headers_are_told_what_is_wrong() {
    let good = request("INVITE", CARRIER, "", "", None);
    for (bad, expected) in [
        (good.replace("SIP/2.0\r\nVia", "SIP/7.0\r\nVia"), 505),
        (
            good.replace("sip:support@192.0.2.1 SIP", "nosuch:support SIP"),
            416,
        ),
        (good.replace("Max-Forwards: 70", "Max-Forwards: 0"), 483),
        (good.replace("CSeq: 1 INVITE", "CSeq: 1 OPTIONS"), 400),
        (
            good.replace("CSeq: 1 INVITE", "CSeq: 5000000000 INVITE"),
            400,
        ),
        (good.replace("Call-ID", "X-Call-ID"), 400),
        (good.replace("Contact", "X-Contact"), 400),
        (good.replace("Content-Length: 0", "Content-Length: 9"), 400),
    ] {
        let mut net = net();

        net.inject(0, address(CARRIER), bad.clone());
        net.settle();

        let line = net.outside.pop().unwrap().first_line();
        assert!(
            line.starts_with(&format!("SIP/2.0 {expected} ")),
            "{line} to {bad}"
        );
    }
}

#[test]
fn rubbish_gets_no_answer_and_does_no_harm() {
    let mut net = net();
    let long = vec![b'A'; 60_000];
    for junk in [
        &[0; 64][..],
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"INVITE",
        b"SIP/2.0 200 OK\r\n\r\n",
        &long,
    ] {
        assert_eq!(
            ask(&mut net, STRANGER, Bytes::copy_from_slice(junk))
                .map(|answer| answer.status().unwrap().code()),
            None
        );
    }

    assert_eq!(
        code(
            ask(
                &mut net,
                STRANGER,
                request("OPTIONS", STRANGER, "", "", None)
            )
            .as_ref()
        ),
        200
    );
}

#[test]
fn a_stranger_is_challenged_with_both_algorithms_whether_or_not_the_account_exists() {
    for user in ["anna", "nobody"] {
        let mut net = net();
        let agent = "User-Agent: Phone 7\r\n";
        let invite = request("INVITE", STRANGER, agent, "", None).replace("carol", user);

        let answer = ask(&mut net, STRANGER, invite).unwrap();

        let asked: Vec<&str> = answer.lines(Header::WwwAuthenticate).collect();
        assert_eq!(answer.status().unwrap().code(), 401);
        assert!(
            asked[0].contains("SHA-256") && asked[1].contains("MD5"),
            "{asked:?}"
        );
        assert!(net.ends[0].events.is_empty());
        net.assert_empty();
    }
}

#[test]
fn clients_that_give_up_at_a_challenge_they_do_not_know_get_the_one_they_know() {
    for (agent, expected) in [
        (
            "User-Agent: baresip v1.0.0 (x86_64/linux)\r\n",
            &["MD5"][..],
        ),
        ("User-Agent: baresip v3.1.0\r\n", &["SHA-256", "MD5"]),
        ("", &["MD5", "SHA-256"]),
    ] {
        let answer = ask(
            &mut net(),
            STRANGER,
            request("INVITE", STRANGER, agent, "", None),
        )
        .unwrap();

        let asked = answer.lines(Header::WwwAuthenticate);
        let asked: Vec<Challenge> = asked.map(|line| line.parse().unwrap()).collect();
        let asked: Vec<&str> = asked.iter().map(|one| one.algorithm.as_str()).collect();
        assert_eq!(asked, expected, "{agent}");
    }
}

#[test]
fn a_trunk_is_let_in_by_its_address_and_told_trying_only_when_nothing_else_comes() {
    let mut net = net();
    let invite = request(
        "INVITE",
        CARRIER,
        "X-Twilio-CallSid: CA1\r\nSubject: hi\r\nOrganization: x\r\n",
        "",
        None,
    );

    assert!(ask(&mut net, CARRIER, invite).is_none());

    let [Event::Arrived { call, arrival }] = &net.ends[0].events[..] else {
        panic!("{:?}", net.ends[0].events)
    };
    assert_eq!(
        (
            *call,
            arrival.to_user.as_str(),
            arrival.caller.user.as_str()
        ),
        (CallKey::In(1), "support", "carol")
    );
    let kept: Vec<&str> = arrival
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(kept, ["X-Twilio-CallSid", "Subject"]);
    assert!(arrival.offer.is_none() && arrival.trusted);
    let call = *call;
    net.run_for(std::time::Duration::from_millis(300));
    assert!(net.outside.is_empty(), "without its marks nothing is said");
    adopt(&mut net, call);
    net.run_for(std::time::Duration::from_millis(50));
    let trying = net.outside.pop().unwrap();
    assert_eq!(trying.first_line(), "SIP/2.0 100 Trying");
    assert!(
        trying.text().contains(&format!("Session-ID: {MARK}")),
        "{trying:?}"
    );
}

#[test]
fn a_call_that_is_not_adopted_for_long_is_told_trying_by_no_name() {
    for wait in [0, 300] {
        let mut net = net();
        let invite = request("INVITE", CARRIER, "", "", None);
        ask(&mut net, CARRIER, invite);
        let call = CallKey::In(1);
        net.run_for(std::time::Duration::from_millis(wait));

        net.tell(0, Command::Defer { call });

        net.run_for(std::time::Duration::from_millis(250));
        let trying = net.outside.pop().unwrap();
        assert_eq!(trying.first_line(), "SIP/2.0 100 Trying");
        let nobody = format!("Session-ID: {:032x};", 0);
        assert!(trying.text().contains(&nobody), "{trying:?}");
        adopt(&mut net, call);
        net.tell(0, Command::Defer { call });
        let ring = Command::Ring {
            call,
            code: 180,
            reason: None,
            sdp: None,
        };
        net.tell(0, ring);
        net.run_for(std::time::Duration::from_millis(50));
        let ringing = net.outside.pop().unwrap();
        assert!(ringing.text().contains(&format!("Session-ID: {MARK}")));
        assert!(net.outside.is_empty(), "100 was told once");
    }
}

#[test]
fn an_adopted_call_is_told_trying_after_200_ms_when_nothing_else_comes() {
    let mut net = net();
    let invite = request("INVITE", CARRIER, "", "", None);
    ask(&mut net, CARRIER, invite);
    adopt(&mut net, CallKey::In(1));

    net.run_for(std::time::Duration::from_millis(250));

    let trying = net.outside.pop().unwrap();
    assert_eq!(trying.first_line(), "SIP/2.0 100 Trying");
    assert!(
        trying.text().contains(&format!("Session-ID: {MARK}")),
        "{trying:?}"
    );
}

#[test]
fn the_same_invite_by_two_ways_is_merged() {
    let mut net = net();
    let invite = request("INVITE", CARRIER, "", "", None);
    ask(&mut net, CARRIER, invite.clone());

    let answer = ask(&mut net, CARRIER, invite.replace("z9hG4bK", "z9hG4bKother"));

    assert_eq!(code(answer.as_ref()), 482);
    assert_eq!(net.ends[0].events.len(), 1);
}

#[test]
fn over_its_limits_or_draining_it_says_503_with_retry_after_and_keeps_nothing() {
    for drains in [true, false] {
        let mut net = Net::new(1, Weather::FAIR);
        let mut config = config(1);
        config
            .trunks
            .push(trunk("carrier", address(CARRIER), Transport::Udp));
        config.limits.calls = usize::from(drains);
        net.add(1, config);
        net.tell(0, Command::Drain { on: drains });

        let answer = ask(&mut net, CARRIER, request("INVITE", CARRIER, "", "", None)).unwrap();

        assert_eq!(answer.status().unwrap().code(), 503);
        assert!(answer.header(Header::RetryAfter).is_some());
        assert!(net.ends[0].events.is_empty());
        net.assert_empty();
    }
}

#[test]
fn a_trunk_has_no_more_calls_than_it_may() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut config = config(1);
    config
        .trunks
        .push(trunk("carrier", address(CARRIER), Transport::Udp));
    config.trunks[0].max_calls = Some(1);
    net.add(1, config);
    let invite = request("INVITE", CARRIER, "", "", None);
    ask(&mut net, CARRIER, invite.clone());

    let second = ask(
        &mut net,
        CARRIER,
        invite
            .replace("one@", "two@")
            .replace("branch=z9hG4bK", "branch=z9hG4bK2"),
    );

    assert_eq!(code(second.as_ref()), 503);
}

#[test]
fn bodies_and_messages_too_large_are_refused() {
    for (message, body, expected) in [(2_000, 100, 413), (600, 100_000, 513)] {
        let mut net = Net::new(1, Weather::FAIR);
        let mut config = config(1);
        (config.limits.message, config.limits.body) = (message, body);
        net.add(1, config);
        let big = "x".repeat(1_000);

        let answer = ask(
            &mut net,
            STRANGER,
            request("OPTIONS", STRANGER, "", "", Some(("application/sdp", &big))),
        );

        assert_eq!(code(answer.as_ref()), expected);
    }
}

#[test]
fn responses_go_back_to_where_the_request_came_from_when_it_asks_so() {
    let mut net = net();
    let behind_nat = request("OPTIONS", STRANGER, "", "", None)
        .replace("UDP 192.0.2.66:5060", "UDP 10.0.0.1:5060");
    let seen = std::net::SocketAddr::from(([192, 0, 2, STRANGER], 1024));
    net.inject(0, seen, behind_nat.clone());
    net.inject(0, seen, behind_nat.replace(";rport", ""));
    net.settle();

    let to: Vec<_> = net.outside.iter().map(|packet| packet.to).collect();

    assert_eq!(to, [seen, address(STRANGER)]);
    assert!(
        net.outside[0]
            .text()
            .contains(";received=192.0.2.66;rport=1024")
    );
    assert!(net.outside[1].text().contains(";received=192.0.2.66"));
}

#[test]
fn an_invite_of_before_rfc_3261_is_matched_without_branch_and_tag() {
    let mut net = net();
    let old = request("INVITE", CARRIER, "", "", None)
        .replace(";branch=z9hG4bKINVITE0;rport", "")
        .replace(";tag=c", "");
    ask(&mut net, CARRIER, old.clone());
    ask(&mut net, CARRIER, old.clone());
    assert_eq!(net.ends[0].events.len(), 1, "the second is a repetition");

    let call = CallKey::In(1);
    net.tell(
        0,
        Command::Reject {
            call,
            code: 486,
            reason: Some("Talking".into()),
            retry_after: Some(9),
            warning: None,
        },
    );
    net.run_for(std::time::Duration::from_millis(50));
    let busy = Message::parse(net.outside.pop().unwrap().bytes).unwrap();
    assert_eq!(
        (
            busy.status().unwrap().code(),
            busy.reason(),
            busy.header(Header::RetryAfter)
        ),
        (486, Some("Talking"), Some("9"))
    );
    let tag = format!(";tag={}", busy.to().tag().unwrap());
    let ack = old
        .replace("INVITE", "ACK")
        .replace("192.0.2.1>\r\nCall", &format!("192.0.2.1>{tag}\r\nCall"));
    assert!(ask(&mut net, CARRIER, ack).is_none());
    net.settle();

    assert!(net.outside.is_empty(), "the ACK stopped the repetitions");
    net.assert_empty();
}

#[test]
fn who_describes_what_cannot_be_taken_is_told_what_it_is() {
    let table = [
        (None, "399 tandem \"SRTP \\\"keys\\\" come by one\""),
        (
            Some(SdpError::NoCommonCodec),
            "305 tandem \"no codec in common\"",
        ),
    ];
    for (error, said) in table {
        assert_eq!(warned(error.as_ref().map(Warning::from)), said);
    }
}

// What is said of the description of an INVITE that is refused.
fn warned(warning: Option<Warning>) -> String {
    let mut net = net();
    ask(&mut net, CARRIER, request("INVITE", CARRIER, "", "", None));

    net.tell(
        0,
        Command::Reject {
            call: CallKey::In(1),
            code: 488,
            reason: Some("SRTP \"keys\" come by one".into()),
            retry_after: None,
            warning,
        },
    );
    net.run_for(std::time::Duration::from_millis(50));

    let refused = Message::parse(net.outside.pop().unwrap().bytes).unwrap();
    refused
        .header(Header::Warning)
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn who_shows_whether_it_is_recorded_is_told_of_with_its_call_and_may_require_it() {
    let sdp = Some(("application/sdp", "v=0\r\n"));
    for (more, shows) in [
        ("Supported: timer, Record-Aware\r\n", true),
        ("Require: record-aware\r\n", true),
        ("Supported: record\r\n", false),
        ("", false),
    ] {
        let mut net = net();

        ask(&mut net, CARRIER, request("INVITE", CARRIER, more, "", sdp));

        let events = &net.ends[0].events;
        let call = events.iter().find_map(net::arrived).expect("a call");
        let told = events.contains(&Event::RecordAware { call });
        assert_eq!(told, shows, "{more} {events:?}");
    }
}
