//! What is written is read back, what is read never panics, and no value can add a line.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../fuzz/exercise/message.rs"]
mod exercise;

use bytes::Bytes;
use exercise::exercise;
use proptest::prelude::*;
use sip::message::{
    Builder, CSeq, Fault, Frame, Framer, Header, Message, Method, NameAddr, SessionId, SessionIds,
    StatusCode, Transport, Uri, Via,
};

const TORTURE: &[&[u8]] = &[
    include_bytes!("torture/wsinv.dat"),
    include_bytes!("torture/intmeth.dat"),
    include_bytes!("torture/esc01.dat"),
    include_bytes!("torture/longreq.dat"),
    include_bytes!("torture/mpart01.dat"),
    include_bytes!("torture/dblreq.dat"),
    include_bytes!("torture/badinv01.dat"),
    include_bytes!("torture/quotbal.dat"),
    include_bytes!("torture/unreason.dat"),
    include_bytes!("torture/regescrt.dat"),
    include_bytes!("torture/rfc5118/ipv6-bug-abnf-3-colons.dat"),
];

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9._~-]{1,20}"
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9]{1,10}(\\.[a-z0-9]{1,10}){0,3}",
        any::<[u8; 4]>().prop_map(|ip| std::net::Ipv4Addr::from(ip).to_string()),
        any::<u128>().prop_map(|ip| format!("[{}]", std::net::Ipv6Addr::from(ip))),
    ]
}

fn uri() -> impl Strategy<Value = Uri> {
    (
        proptest::option::of(".{1,12}"),
        host(),
        proptest::option::of(any::<u16>()),
    )
        .prop_map(|(user, host, port)| Uri::sip(user.as_deref(), &host, port).unwrap())
}

fn address() -> impl Strategy<Value = NameAddr> {
    (uri(), ".{0,20}", word()).prop_map(|(uri, display, tag)| {
        NameAddr::new(&uri)
            .with_display(&display)
            .with_tag(&tag)
            .unwrap()
    })
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![
        proptest::sample::select(Method::KNOWN.to_vec()),
        "[A-Z]{3,9}".prop_map(|name| name.parse().unwrap())
    ]
}

fn via() -> impl Strategy<Value = Via> {
    let transport = proptest::sample::select(vec![
        Transport::Udp,
        Transport::Tcp,
        Transport::Tls,
        Transport::Ws,
    ]);
    (
        transport,
        host(),
        proptest::option::of(any::<u16>()),
        word(),
    )
        .prop_map(|(transport, host, port, branch)| {
            Via::new(transport, &host, port, &format!("z9hG4bK{branch}")).unwrap()
        })
}

#[derive(Clone, Debug)]
struct Request {
    method: Method,
    uri: Uri,
    vias: Vec<Via>,
    from: NameAddr,
    to: NameAddr,
    number: u32,
    subject: String,
    body: Vec<u8>,
}

fn request() -> impl Strategy<Value = Request> {
    let vias = proptest::collection::vec(via(), 1..4);
    let body = proptest::collection::vec(any::<u8>(), 0..200);
    (
        method(),
        uri(),
        vias,
        address(),
        address(),
        any::<u32>(),
        ".{0,40}",
        body,
    )
        .prop_map(
            |(method, uri, vias, from, to, number, subject, body)| Request {
                method,
                uri,
                vias,
                from,
                to,
                number,
                subject,
                body,
            },
        )
}

impl Request {
    fn write(&self) -> Bytes {
        Builder::request(&self.method, &self.uri)
            .each(Header::Via, &self.vias)
            .header(Header::From, &self.from)
            .header(Header::To, &self.to)
            .header(Header::CallId, "a84b4c76e66710@pc33.example.com")
            .header(Header::CSeq, CSeq::new(self.number, self.method.clone()))
            .header(Header::MaxForwards, 70)
            .header(Header::Subject, &self.subject)
            .body("application/octet-stream", self.body.clone())
            .build()
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(request in request()) {
        let message = Message::parse(request.write()).unwrap();

        prop_assert_eq!(message.method(), &request.method);
        prop_assert_eq!(message.request_uri(), Some(&request.uri));
        prop_assert_eq!(message.vias().collect::<Vec<_>>(), request.vias);
        prop_assert_eq!(message.top_via(), &message.vias().next().unwrap());
        prop_assert_eq!(message.from(), &request.from);
        prop_assert_eq!(message.to(), &request.to);
        prop_assert_eq!(message.cseq(), &CSeq::new(request.number, request.method));
        prop_assert_eq!(&message.body()[..], &request.body[..]);
    }

    #[test]
    fn a_user_survives_being_escaped(user in ".{1,30}", host in host()) {
        let uri = Uri::sip(Some(&user), &host, None).unwrap();

        prop_assert_eq!(uri.user_decoded(), Some(user));
        prop_assert!(uri.equivalent(&uri.as_str().parse().unwrap()));
    }

    #[test]
    fn a_display_name_survives_but_for_control_characters(uri in uri(), name in "[^\\p{C} \t][^\\p{C}]{0,20}[^\\p{C} \t]") {
        let address = NameAddr::new(&uri).with_display(&name);

        prop_assume!(!name.trim().is_empty());
        prop_assert_eq!(address.display(), Some(name));
    }

    #[test]
    fn no_value_can_add_a_line(value in "(.|\r|\n|\0){0,60}", name in "(.|\r|\n){0,20}") {
        let uri: Uri = "sip:a@b".parse().unwrap();
        let bytes = Builder::request(&Method::Options, &uri)
            .header(Header::Via, "SIP/2.0/UDP a;branch=z9hG4bK1")
            .header(Header::From, "<sip:a@b>;tag=1")
            .header(Header::To, "<sip:a@b>")
            .header(Header::CallId, "1")
            .header(Header::CSeq, "1 OPTIONS")
            .header(Header::Subject, &value)
            .header(Header::ContentLength, &value)
            .header(format!("X-{name}").as_str(), "named")
            .build();

        let message = Message::parse(bytes).unwrap();

        prop_assert!(message.all_headers().count() <= 8);
        prop_assert_eq!(message.lines(Header::Subject).count(), 1);
        prop_assert_eq!(message.lines(Header::ContentLength).collect::<Vec<_>>(), vec!["0"]);
        prop_assert!(message.body().is_empty());
    }

    #[test]
    fn a_reason_phrase_cannot_add_a_line(reason in "(.|\r|\n){0,60}") {
        let request = Message::parse(Bytes::from_static(TORTURE[0])).unwrap();

        let bytes = request.response_because(StatusCode::BUSY_HERE, &reason, Some("x")).build();

        let head_lines = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
        let plain = request.response(StatusCode::BUSY_HERE, Some("x")).build();
        prop_assert_eq!(head_lines, plain.windows(2).filter(|pair| pair == b"\r\n").count());
    }

    #[test]
    fn mutated_messages_never_panic(
        which in 0..TORTURE.len(),
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0..4u8), 1..8),
    ) {
        let mut bytes = TORTURE[which].to_vec();
        for (place, byte, how) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes.truncate(at + 1),
            }
        }
        exercise(&bytes);
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        exercise(&bytes);
    }

    #[test]
    fn random_headers_never_panic(value in "[ -~\t\"<>;,=@:%?]{0,60}", which in 0..7usize) {
        let name = ["Via", "From", "To", "Contact", "CSeq", "Route", "Authorization"][which];
        let text = format!("INVITE sip:a@b SIP/2.0\r\n{name}: {value}\r\nVia: SIP/2.0/UDP a\r\nFrom: <sip:a@b>\r\n\r\n");
        exercise(text.as_bytes());
    }

    #[test]
    fn a_stream_gives_the_same_messages_however_it_is_cut(
        requests in proptest::collection::vec(request(), 1..4),
        cuts in proptest::collection::vec(1..400usize, 1..20),
    ) {
        let stream: Vec<u8> = requests.iter().flat_map(Request::write).collect();
        let mut framer = Framer::new();
        let mut found = Vec::new();
        let mut rest = &stream[..];

        for cut in cuts.iter().cycle() {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            framer.push(now);
            while let Some(frame) = framer.poll().unwrap() {
                match frame {
                    Frame::Message(message) => found.push(message.as_bytes().clone()),
                    other => prop_assert!(false, "{:?}", other),
                }
            }
            rest = later;
            if rest.is_empty() {
                break;
            }
        }

        prop_assert_eq!(found, requests.iter().map(Request::write).collect::<Vec<_>>());
        prop_assert!(!framer.is_inside_message());
    }
}

fn invite(more: &str) -> Message {
    let text = format!(
        "INVITE sip:support@hub.example SIP/2.0\r\nVia: SIP/2.0/UDP pbx.example;branch=z9hG4bK1;rport, SIP/2.0/TCP c;branch=z9hG4bK0\r\n\
         f: \"A, B\" <sip:a@b>;tag=1\r\nt: <sip:c@d>\r\ni: 1\r\nCSeq: 1 INVITE\r\n{more}\r\n"
    );
    Message::parse(Bytes::from(text)).unwrap()
}

#[test]
fn a_response_copies_what_rfc_3261_names() {
    let request = invite("Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\nTimestamp: 54\r\n");

    let ringing = request
        .dialog_response(StatusCode::RINGING, "99")
        .message()
        .unwrap();
    let trying = request
        .response(StatusCode::TRYING, None)
        .message()
        .unwrap();

    assert_eq!(ringing.status(), Some(StatusCode::RINGING));
    assert_eq!(ringing.vias().count(), 2);
    assert_eq!(
        (ringing.from(), ringing.to().tag()),
        (request.from(), Some("99"))
    );
    assert_eq!(ringing.record_routes().count(), 2);
    assert_eq!(ringing.header(Header::Timestamp), None);
    assert_eq!(
        (trying.to().tag(), trying.header("Timestamp")),
        (None, Some("54"))
    );
    assert_eq!(trying.record_routes().count(), 0);
}

#[test]
fn a_to_tag_that_is_there_is_kept() {
    let mut text = String::from_utf8(invite("").as_bytes().to_vec()).unwrap();
    text = text.replace("<sip:c@d>", "<sip:c@d>;tag=first");

    let answer = Message::parse(Bytes::from(text))
        .unwrap()
        .response(StatusCode::OK, Some("second"));

    assert_eq!(answer.message().unwrap().to().tag(), Some("first"));
}

#[test]
fn the_top_via_is_stamped_with_where_the_request_came_from() {
    let request = invite("Subject: behind\r\n").received_from("203.0.113.9:40000".parse().unwrap());

    assert_eq!(
        request.top_via().response_target(),
        ("203.0.113.9".to_owned(), 40000)
    );
    assert_eq!(request.vias().next().unwrap(), *request.top_via());
    assert_eq!(request.vias().nth(1).unwrap().host(), "c");
    assert_eq!(request.header("Subject"), Some("behind"));
    assert_eq!(
        request
            .response(StatusCode::OK, None)
            .message()
            .unwrap()
            .top_via(),
        request.top_via()
    );
}

#[test]
fn a_stamp_is_not_put_where_nobody_needs_it() {
    let via: Via = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1"
        .parse()
        .unwrap();

    assert_eq!(via.received_from("192.0.2.1:5070".parse().unwrap()), via);
    assert_eq!(
        via.received_from("192.0.2.2:5070".parse().unwrap())
            .received(),
        Some("192.0.2.2".parse().unwrap())
    );
    assert_eq!(via.response_target(), ("192.0.2.1".to_owned(), 5070));
}

#[test]
fn lists_are_split_at_commas_outside_quotes_and_brackets() {
    let message = invite(
        "m: \"A, B\" <sip:a;x=1@b>;q=1 , sip:c@d;expires=60\r\nk: 100rel,timer\r\nSupported:\r\n",
    );

    let contacts: Vec<_> = message.contacts().collect();
    assert_eq!(contacts.len(), 2);
    assert_eq!(contacts[0].display().as_deref(), Some("A, B"));
    assert_eq!(contacts[1].expires(), Some(60));
    assert_eq!(message.supported().collect::<Vec<_>>(), ["100rel", "timer"]);
    assert!(message.supports("timer") && !message.supports("path"));
}

#[test]
fn lines_are_copied_as_they_stand_but_for_those_left_out() {
    let message = invite("s: a \r\nX-One: 1\r\nX-Two:2\r\n 3\r\nDate: now\r\nX-Three: 4\r\n");

    let uri = message.request_uri().unwrap();
    let copied = Builder::request(message.method(), uri)
        .copy_all(&message, &[Header::Via, Header::Date])
        .build();

    assert_eq!(
        String::from_utf8_lossy(&copied),
        "INVITE sip:support@hub.example SIP/2.0\r\nf: \"A, B\" <sip:a@b>;tag=1\r\nt: <sip:c@d>\r\n\
         i: 1\r\nCSeq: 1 INVITE\r\ns: a\r\nX-One: 1\r\nX-Two:2   3\r\nX-Three: 4\r\nContent-Length: 0\r\n\r\n"
    );
}

#[test]
fn a_stamped_request_has_the_addresses_it_had() {
    let more = "m: *, <sip:a@c>\r\nRoute: <sip:r;lr>\r\nRecord-Route: <sip:p1;lr>,<sip:p2;lr>\r\n";
    let message = invite(more).received_from("192.0.2.7:5062".parse().unwrap());

    let text = |address: NameAddr| address.to_string();
    assert_eq!(
        message
            .vias()
            .map(|via| via.to_string())
            .collect::<Vec<_>>(),
        [
            "SIP/2.0/UDP pbx.example;branch=z9hG4bK1;received=192.0.2.7;rport=5062",
            "SIP/2.0/TCP c;branch=z9hG4bK0"
        ]
    );
    assert!(message.is_wildcard());
    assert_eq!(
        message.contacts().map(text).collect::<Vec<_>>(),
        ["<sip:a@c>"]
    );
    assert_eq!(
        message.routes().map(text).collect::<Vec<_>>(),
        ["<sip:r;lr>"]
    );
    assert_eq!(
        message.record_routes().map(text).collect::<Vec<_>>(),
        ["<sip:p1;lr>", "<sip:p2;lr>"]
    );
}

#[test]
fn tel_and_unknown_schemes_are_kept() {
    let message =
        invite("Contact: <tel:+49-30-123;phone-context=example.com>, <urn:service:sos>\r\n");

    let contacts: Vec<_> = message.contacts().collect();
    assert_eq!(contacts[0].uri().user(), Some("+49-30-123"));
    assert_eq!(
        contacts[0].uri().param("phone-context"),
        Some("example.com")
    );
    assert_eq!(contacts[1].uri().as_str(), "urn:service:sos");
}

#[test]
fn the_uri_examples_of_rfc_3261_compare_as_it_says() {
    let equal = [
        (
            "sip:%61lice@atlanta.com;transport=TCP",
            "sip:alice@AtlanTa.CoM;Transport=tcp",
        ),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        (
            "sip:carol@chicago.com;security=on",
            "sip:carol@chicago.com;newparam=5",
        ),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
    ];
    let different = [
        (
            "SIP:ALICE@AtLanTa.CoM;Transport=udp",
            "sip:alice@AtLanTa.CoM;Transport=UDP",
        ),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        (
            "sip:bob@biloxi.com:6000;transport=tcp",
            "sip:bob@biloxi.com:6000",
        ),
        (
            "sip:carol@chicago.com",
            "sip:carol@chicago.com?Subject=next%20meeting",
        ),
        (
            "sip:carol@chicago.com;security=on",
            "sip:carol@chicago.com;security=off",
        ),
    ];
    let same = |left: &str, right: &str| {
        let (left, right): (Uri, Uri) = (left.parse().unwrap(), right.parse().unwrap());
        assert_eq!(left.equivalent(&right), right.equivalent(&left));
        left.equivalent(&right)
    };

    for (left, right) in equal {
        assert!(same(left, right), "{left} = {right}");
    }
    for (left, right) in different {
        assert!(!same(left, right), "{left} != {right}");
    }
}

#[test]
fn a_replaces_header_in_a_uri_is_carried() {
    let uri: Uri = "sip:bob@example.com".parse().unwrap();

    let uri = uri
        .with_header("Replaces", "12345@host;to-tag=1;from-tag=2")
        .unwrap();

    assert_eq!(
        uri.header("replaces").as_deref(),
        Some("12345@host;to-tag=1;from-tag=2")
    );
    assert_eq!(uri.without_headers().as_str(), "sip:bob@example.com");
}

#[test]
fn a_session_id_is_read_and_written() {
    let local = SessionId(0xab30_317f_1a78_4dc4_8ff8_24d0_d371_5d86);
    let line = "ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000";
    let message = invite(&format!("Session-ID: {line}\r\n"));

    assert_eq!(
        message.session_id(),
        Some(SessionIds::new(local, SessionId::NIL))
    );
    assert_eq!(message.session_id().unwrap().to_string(), line);
    assert_eq!(invite("Session-ID: short\r\n").session_id(), None);
}

#[test]
fn a_refused_request_can_be_answered_with_its_own_headers() {
    let text = "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d\r\n\
                Call-ID: 7\r\nCSeq: 4 INVITE\r\n\r\n";

    let error = Message::parse(Bytes::from_static(text.as_bytes())).unwrap_err();
    let rejection = error.rejection().unwrap();
    let answer = rejection.response("me", None).build();

    let answer = String::from_utf8(answer.to_vec()).unwrap();
    assert!(
        answer.starts_with("SIP/2.0 400 Bad Request: To is malformed"),
        "{answer}"
    );
    assert!(answer.contains("\r\nTo: <sip:c@d;tag=me\r\n"), "{answer}");
    assert!(answer.contains("\r\nCSeq: 4 INVITE\r\n"), "{answer}");
}

#[test]
fn an_ack_and_a_response_are_never_answered() {
    let ack = "ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n";
    let response = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n\r\n";
    for text in [
        ack,
        response,
        "hello SIP/2.0\r\n\r\n",
        "\r\n\r\n",
        "\0\0\0\0",
    ] {
        let error = Message::parse(Bytes::from(text)).unwrap_err();

        assert!(error.rejection().is_none(), "{text}: {error}");
    }
}

#[test]
fn sizes_are_bounded() {
    let head = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 7\r\nCSeq: 4 OPTIONS\r\n";
    let cases = [
        (
            format!("{head}\r\n{}", "x".repeat(70_000)),
            Fault::TooLarge,
            513,
        ),
        (
            format!("{head}{}\r\n", "X-A: b\r\n".repeat(300)),
            Fault::TooManyHeaders,
            513,
        ),
        (
            format!("{head}X-A: {}\r\n\r\n", "b".repeat(9000)),
            Fault::LineTooLong,
            513,
        ),
        (
            head.replacen("sip:a@b", &format!("sip:{}@b", "a".repeat(5000)), 1) + "\r\n",
            Fault::UriTooLong,
            414,
        ),
    ];
    for (text, fault, status) in cases {
        let error = Message::parse(Bytes::from(text)).unwrap_err();

        assert_eq!(error.fault(), fault);
        assert_eq!(
            error.rejection().map(|rejection| rejection.status().code()),
            Some(status)
        );
    }
}

#[test]
fn lone_line_feeds_are_refused_and_answered() {
    let text = "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: <sip:a@b>\nTo: <sip:a@b>\nCall-ID: 7\nCSeq: 4 OPTIONS\n\n";

    let error = Message::parse(Bytes::from(text)).unwrap_err();

    assert_eq!(error.fault(), Fault::BareLineBreak);
    assert!(error.rejection().unwrap().via().is_some());
}

#[test]
fn pings_between_messages_are_told() {
    let mut framer = Framer::new();
    let message = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 7\r\nCSeq: 4 OPTIONS\r\nl: 0\r\n\r\n";

    framer.push(b"\r\n\r\n");
    assert!(matches!(framer.poll(), Ok(Some(Frame::Ping))));
    framer.push(b"\r\n");
    framer.push(message.as_bytes());

    assert!(matches!(framer.poll(), Ok(Some(Frame::Message(_)))));
    assert!(matches!(framer.poll(), Ok(None)));
    assert!(!framer.is_inside_message());
}

// RFC 3261 §7.3.1.
#[test]
fn a_folded_length_cuts_a_stream_as_any_other() {
    let head = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 7\r\nCSeq: 4 OPTIONS\r\n";
    for (length, whole) in [
        ("Content-Length:\r\n 3\r\n", true),
        ("l :\r\n\t\r\n  3 \r\n", true),
        ("Subject: x\r\n Content-Length: 9\r\nl: 3\r\n", true),
        ("l: 1\r\n 3\r\n", false),
        ("l: 3\r\nl:\r\n 3\r\n", false),
    ] {
        let mut framer = Framer::new();
        framer.push(format!("{head}{length}\r\nabcOPT").as_bytes());

        let first = framer.poll();

        let taken = matches!(&first, Ok(Some(Frame::Message(one))) if one.body() == "abc");
        assert_eq!(taken, whole, "{length:?}: {first:?}");
    }
}

#[test]
fn a_stream_without_a_length_cannot_go_on() {
    let head = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 7\r\nCSeq: 4 OPTIONS\r\n";
    let number = "Content-Length is malformed: it is not a number in range";
    let cases = [
        ("", "Content-Length is missing", 400),
        ("l: -1\r\n", number, 400),
        ("l: 99999999999999999999999\r\n", number, 400),
        (
            "l: 1\r\nContent-Length: 1\r\n",
            "Content-Length is there more than once",
            400,
        ),
        ("l: 99999\r\n", "the message is too large", 513),
    ];
    for (line, why, status) in cases {
        let mut framer = Framer::new();
        framer.push(format!("{head}{line}\r\n").as_bytes());

        let error = framer.poll().unwrap_err();

        assert_eq!(error.to_string(), why);
        assert_eq!(error.rejection().unwrap().status().code(), status);
    }
}

#[test]
fn a_malformed_message_with_a_length_does_not_end_the_stream() {
    let mut framer = Framer::new();
    framer.push(b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nl: 3\r\n\r\nabcOPT");

    assert!(matches!(framer.poll(), Ok(Some(Frame::Refused(_)))));
    assert!(framer.is_inside_message());
}

#[test]
fn the_answer_to_a_ping_of_ours_is_told_from_half_a_ping_of_theirs() {
    let mut framer = Framer::new();
    framer.push(b"\r\n");
    assert!(matches!(framer.poll(), Ok(None)), "nobody waits for it");
    framer.push(b"\r\n");
    assert!(matches!(framer.poll(), Ok(Some(Frame::Ping))));

    framer.expect_pong();
    framer.push(b"\r\n");

    assert!(matches!(framer.poll(), Ok(Some(Frame::Pong))));
    assert!(matches!(framer.poll(), Ok(None)));
    framer.expect_pong();
    framer.push(b"\r\n\r\n\r\n");
    assert!(matches!(framer.poll(), Ok(Some(Frame::Ping))));
    assert!(matches!(framer.poll(), Ok(Some(Frame::Pong))));
    assert!(matches!(framer.poll(), Ok(None)));
}
