//! Prints how long a 1.8 kB INVITE takes to be parsed, looked into and printed. Run it with `--release`.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use sip::message::{Builder, Header, Message, Via};

const ROUNDS: u32 = 200_000;

fn main() {
    let invite = invite();
    let via: Via = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds"
        .parse()
        .expect("a Via");
    println!("INVITE of {} bytes, {ROUNDS} rounds", invite.len());

    report("parse", || {
        black_box(Message::parse(invite.clone()).expect("it is well-formed"));
    });
    report("parse, typed", || {
        let message = Message::parse(invite.clone()).expect("it is well-formed");
        look(&message);
    });
    report("parse, typed, printed with a Via on top", || {
        let message = Message::parse(invite.clone()).expect("it is well-formed");
        look(&message);
        black_box(print(&message, &via));
    });
    report("parse, typed, answered", || {
        let message = Message::parse(invite.clone()).expect("it is well-formed");
        look(&message);
        black_box(
            message
                .response(sip::message::StatusCode::RINGING, Some("8321234356"))
                .build(),
        );
    });
}

fn report(what: &str, work: impl Fn()) {
    for _ in 0..ROUNDS / 10 {
        work();
    }
    let best = (0..5).map(|_| {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            work();
        }
        start.elapsed() / ROUNDS
    });
    println!("{what}: {} ns", best.min().expect("five rounds").as_nanos());
}

fn look(message: &Message) {
    black_box(message.top_via().branch());
    black_box(message.from().tag());
    black_box(message.to().uri().user());
    black_box(message.cseq().number);
    black_box(message.call_id());
    black_box(
        message
            .contacts()
            .next()
            .map(|contact| contact.uri().port()),
    );
}

fn print(message: &Message, via: &Via) -> Bytes {
    let uri = message.request_uri().expect("a request");
    Builder::request(message.method(), uri)
        .header(Header::Via, via)
        .copy_all(message, &[Header::ContentType])
        .body("application/sdp", message.body())
        .build()
}

fn invite() -> Bytes {
    let mut body = String::from(
        "v=0\r\no=- 3724394400 3724394405 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n\
         m=audio 49170 RTP/AVP 9 8 0 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n",
    );
    while body.len() < 600 {
        body.push_str("a=candidate:1 1 UDP 2130706431 192.0.2.10 49170 typ host\r\n");
    }
    let head = format!(
        "INVITE sip:support@hub.example.com:5060;transport=udp SIP/2.0\r\n\
         Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK-524287-1---3b0a8f3c;rport\r\n\
         Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK-d8754z-0a1b2c3d4e5f;received=192.0.2.10;rport=5062\r\n\
         Max-Forwards: 69\r\n\
         Record-Route: <sip:198.51.100.7:5060;lr;ftag=9fxced76sl>\r\n\
         From: \"Alice Example\" <sip:+4930123456@carrier.example.net;user=phone>;tag=9fxced76sl\r\n\
         To: <sip:support@hub.example.com>\r\n\
         Call-ID: 3848276298220188511@carrier.example.net\r\n\
         CSeq: 314159 INVITE\r\n\
         Contact: <sip:+4930123456@192.0.2.10:5062;transport=udp>;expires=3600;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"\r\n\
         Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY\r\n\
         Supported: 100rel, timer, replaces, norefersub, gruu\r\n\
         Session-Expires: 1800;refresher=uac\r\n\
         Min-SE: 90\r\n\
         P-Asserted-Identity: \"Alice Example\" <sip:+4930123456@carrier.example.net>\r\n\
         Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000\r\n\
         User-Agent: Example Border Controller 7.4.2\r\n\
         X-CID: 3848276298220188511@carrier.example.net\r\n\
         Accept: application/sdp, application/dtmf-relay\r\n\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Bytes::from(head + &body)
}
