//! A call to a recorder, whose side is told here message by message (RFC 7866).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::{Net, OFFER, Weather, address, config, dial, hang_up, trunk};
use sip::endpoint::{CallKey, Command, EndedBy, Event, Target, Transport};
use sip::families::Families;
use sip::message::{Builder, Header, Message, Method, StatusCode, Uri};

const OUT: CallKey = CallKey::Out(1);
const TAKEN: &[u8] = b"v=0\r\no=- 2 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\na=recvonly\r\n";

fn house() -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut own = config(1);
    own.limits.calls = 1;
    own.trunks
        .push(trunk("recorder", address(9), Transport::Udp));
    own.trunks
        .push(trunk("carrier", address(8), Transport::Udp));
    net.add(1, own);
    net
}

fn body(metadata: &str) -> Bytes {
    sip::siprec::body(OFFER, metadata)
}

fn calling() -> Net {
    let mut net = house();
    let Command::Dial {
        call,
        from,
        tag,
        hops,
        ring_for,
        ..
    } = dial(OUT, "recorder", 7)
    else {
        unreachable!()
    };
    net.tell(
        0,
        Command::Dial {
            call,
            to: Target::Recorder {
                trunk: "recorder".into(),
                user: "srs".into(),
            },
            from,
            elsewhere: Vec::new(),
            sdp: Families::V4(body("<recording/>")).into(),
            tag,
            headers: Vec::new(),
            hops,
            ring_for,
        },
    );
    net.run_for(Duration::from_millis(20));
    net
}

fn sent(net: &Net, method: &Method) -> Message {
    let read = net.sent.iter().filter(|packet| packet.to == address(9));
    let read = read.map(|packet| Message::parse(packet.bytes.clone()).unwrap());
    let mut found = read.filter(|one| one.is_request() && one.method() == method);
    found.next_back().expect("it was sent")
}

fn says(net: &mut Net, request: &Message, code: u16, sdp: &'static [u8]) {
    let status = StatusCode::try_from(code).unwrap();
    let response = request.response(status, Some("srs"));
    let response = response
        .header(Header::Contact, "<sip:srs@192.0.2.9>;+sip.srs")
        .header(Header::Require, "siprec")
        .body("application/sdp", sdp);
    net.inject(0, address(9), response.build());
    net.run_for(Duration::from_millis(20));
}

fn up() -> Net {
    let mut net = calling();
    let invite = sent(&net, &Method::Invite);
    says(&mut net, &invite, 200, TAKEN);
    let answered = |event: &Event| matches!(event, Event::Answered { .. }).then_some(());
    net.wait(0, answered);
    net
}

fn holds(message: &Message, part: &str) -> bool {
    String::from_utf8_lossy(&message.body()).contains(part)
}

fn is_to_recorder(message: &Message, metadata: &str) {
    let require: Vec<_> = message.require().collect();
    assert_eq!(require, ["siprec"]);
    let contact = message.header(Header::Contact).unwrap();
    assert!(contact.ends_with(";+sip.src"), "{contact}");
    assert!(message.has_content("multipart/mixed"));
    assert!(holds(message, "m=audio 4000") && holds(message, metadata));
}

#[test]
fn a_recorder_is_told_what_it_is_called_for() {
    let net = calling();

    let invite = sent(&net, &Method::Invite);

    is_to_recorder(&invite, "<recording/>");
    let uri = invite.request_uri().unwrap();
    assert_eq!(uri.user_decoded().as_deref(), Some("srs"));
    let accept: Vec<_> = invite.headers(Header::Accept).collect();
    assert_eq!(
        accept,
        ["application/sdp", "application/rs-metadata-request"]
    );
}

#[test]
fn changes_are_offered_with_metadata_and_the_end_carries_the_last() {
    let mut net = up();
    net.tell(
        0,
        Command::Offer {
            call: OUT,
            sdp: body("<recording>2</recording>"),
        },
    );
    net.run_for(Duration::from_millis(20));
    let again = sent(&net, &Method::Invite);
    is_to_recorder(&again, "<recording>2</recording>");
    says(&mut net, &again, 200, TAKEN);
    let agreed = |event: &Event| matches!(event, Event::OfferAnswered { .. }).then_some(());
    net.wait(0, agreed);

    let metadata = Bytes::from_static(b"<recording>3</recording>");
    net.tell(
        0,
        Command::Describe {
            call: OUT,
            metadata,
        },
    );
    net.tell(0, hang_up(OUT));
    net.run_for(Duration::from_millis(20));

    let bye = sent(&net, &Method::Bye);
    assert!(bye.has_content("application/rs-metadata+xml"));
    assert_eq!(
        bye.header(Header::ContentDisposition),
        Some("recording-session")
    );
    assert!(holds(&bye, "<recording>3</recording>"));
    says(&mut net, &bye, 200, b"");
    net.settle();
    net.assert_empty();
}

fn asks(net: &mut Net, method: &Method, require: &str) -> Message {
    says_within(net, method, require, ("application/sdp", TAKEN))
}

fn says_within(
    net: &mut Net,
    method: &Method,
    require: &str,
    (kind, body): (&str, &'static [u8]),
) -> Message {
    let invite = sent(net, &Method::Invite);
    let ours: Uri = "sip:tandem@192.0.2.1".parse().unwrap();
    let request = Builder::request(method, &ours)
        .header(Header::Via, "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKsrs1")
        .header(Header::MaxForwards, 70)
        .header(
            Header::From,
            format!("{};tag=srs", invite.header(Header::To).unwrap()),
        )
        .header(Header::To, invite.header(Header::From).unwrap())
        .header(Header::CallId, invite.call_id())
        .header(Header::CSeq, format!("1 {method}"))
        .header(Header::Contact, "<sip:srs@192.0.2.9>;+sip.srs")
        .header(Header::Require, require)
        .body(kind, body);
    net.inject(0, address(9), request.build());
    net.run_for(Duration::from_millis(20));
    let all = net.sent.iter().filter(|packet| packet.to == address(9));
    let last = all.last().unwrap();
    Message::parse(last.bytes.clone()).unwrap()
}

#[test]
fn a_recorder_may_require_its_own_extension_and_no_other() {
    let mut net = up();

    let offered = |event: &Event| matches!(event, Event::Offered { .. }).then_some(());
    asks(&mut net, &Method::Invite, "siprec");
    net.wait(0, offered);
    let sdp = Bytes::from_static(OFFER);
    net.tell(
        0,
        Command::AcceptOffer {
            call: OUT,
            fork: None,
            sdp,
        },
    );
    let answer = net.sent.last().unwrap().text();
    assert!(
        answer.starts_with("SIP/2.0 200") && answer.contains(";+sip.src"),
        "{answer}"
    );

    let mut net = up();
    let refused = asks(&mut net, &Method::Update, "siprec, other");
    assert_eq!(refused.status().map(StatusCode::code), Some(420));
    assert_eq!(refused.header(Header::Unsupported), Some("other"));
}

#[test]
fn a_recorder_that_asks_is_told_everything_again() {
    let mut net = up();
    let invites = |net: &Net| {
        net.sent
            .iter()
            .filter(|p| p.to == address(9) && p.text().starts_with("INVITE"))
            .count()
    };
    let before = invites(&net);

    let ask = (
        "application/rs-metadata-request",
        &b"<requestsnapshot/>"[..],
    );
    says_within(&mut net, &Method::Update, "siprec", ask);

    assert_eq!(invites(&net), before + 1);
    is_to_recorder(&sent(&net, &Method::Invite), "<recording/>");
    let other = ("application/json", &b"{}"[..]);
    let refused = says_within(&mut up(), &Method::Update, "siprec", other);
    assert_eq!(refused.status().map(StatusCode::code), Some(415));
}

#[test]
fn a_recorder_that_refuses_or_is_not_there_fails_as_any_call_does() {
    for code in [403, 488, 503] {
        let mut net = calling();
        let invite = sent(&net, &Method::Invite);

        says(&mut net, &invite, code, b"");

        let failed = net.wait(0, |event| match event {
            Event::Failed { code, .. } => Some(*code),
            _ => None,
        });
        assert_eq!(failed, code);
        net.settle();
        net.assert_empty();
    }
    let mut net = up();
    let bye = asks(&mut net, &Method::Bye, "siprec");
    assert_eq!(bye.status().map(StatusCode::code), Some(200));
    let by = net.wait(0, |event| match event {
        Event::Ended { by, .. } => Some(*by),
        _ => None,
    });
    assert_eq!(by, EndedBy::Far);
}

#[test]
fn the_answer_to_what_is_told_again_is_not_taken_for_the_owners() {
    let mut net = up();
    let ask = (
        "application/rs-metadata-request",
        &b"<requestsnapshot/>"[..],
    );
    says_within(&mut net, &Method::Update, "siprec", ask);
    let again = sent(&net, &Method::Invite);
    let sdp = body("<recording>2</recording>");
    net.tell(0, Command::Offer { call: OUT, sdp });
    net.run_for(Duration::from_millis(20));
    let answers = |net: &Net| {
        let told = net.ends[0].events.iter();
        told.filter(|event| matches!(event, Event::OfferAnswered { .. }))
            .count()
    };

    says(&mut net, &again, 200, TAKEN);

    assert_eq!(answers(&net), 0, "the owner's offer has no answer yet");
    let offered = sent(&net, &Method::Invite);
    is_to_recorder(&offered, "<recording>2</recording>");
    says(&mut net, &offered, 200, TAKEN);
    assert_eq!(answers(&net), 1);
}

#[test]
fn a_call_to_a_recorder_takes_no_other_calls_place() {
    let mut net = up();
    let [one, more] = [CallKey::Out(2), CallKey::Out(3)];

    net.tell(0, dial(one, "carrier", 8));
    net.tell(0, dial(more, "carrier", 8));
    net.run_for(Duration::from_millis(20));

    let invited = |packet: &&net::Packet| packet.to == address(8);
    let invites = net.sent.iter().filter(invited);
    assert_eq!(invites.count(), 1, "one call may be made beside it");
    let refused = net.wait(0, |event| match event {
        Event::Failed { call, code, .. } => Some((*call, *code)),
        _ => None,
    });
    assert_eq!(refused, (more, 503));
}
