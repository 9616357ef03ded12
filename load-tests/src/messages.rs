//! What one SIP message costs, without a socket: an INVITE as a carrier's proxy hands it on is read, all of its headers are
//! asked for by type, and it is written again; an INVITE as a phone sends it is read, what the daemon looks at is asked for,
//! and it is answered.

use std::{fmt, hint::black_box, time::Instant};

use anyhow::Context;
use bytes::Bytes;
use sip::message::{Builder, Header, Message, Method, StatusCode};

/// So many messages are timed in one piece: a single one takes less than the clock tells apart.
const PIECE: u32 = 200;

/// How much is measured.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Plan {
    /// Messages of each kind of work, at least 200.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u32,
}

/// What each message costs.
pub struct Outcome([Cost; 2]);

/// Nanoseconds a message by kind of work, each a median and a 99th percentile over pieces of 200 messages.
struct Cost {
    of: &'static str,
    bytes: usize,
    works: [(&'static str, Spread); 4],
}

struct Spread {
    p50: u128,
    p99: u128,
}

/// Measures.
///
/// # Errors
/// When fewer than 200 messages are asked for, or the message is not read.
pub fn run(plan: Plan) -> anyhow::Result<Outcome> {
    let pieces = plan.messages / PIECE;
    anyhow::ensure!(pieces > 0, "--messages must be at least {PIECE}");
    Ok(Outcome([
        cost("passed on by a carrier", invite(), pieces, typed, written)?,
        cost("of a phone", plain_invite(), pieces, asked, answered)?,
    ]))
}

fn cost<A, B>(
    of: &'static str,
    invite: String,
    pieces: u32,
    look: impl Fn(&Message) -> A,
    write: impl Fn(&Message) -> B,
) -> anyhow::Result<Cost> {
    let bytes = Bytes::from(invite);
    let read = || Message::parse(bytes.clone());
    let message = read().context("the INVITE of the benchmark")?;
    Ok(Cost {
        of,
        bytes: bytes.len(),
        works: [
            ("read", time(pieces, || read().is_ok())),
            ("headers by type", time(pieces, || look(&message))),
            ("written", time(pieces, || write(&message))),
            (
                "all three",
                time(pieces, || {
                    read().map(|message| (look(&message), write(&message)))
                }),
            ),
        ],
    })
}

/// Every header by type, lists to their end.
fn typed(message: &Message) -> usize {
    black_box((
        message.top_via(),
        message.from(),
        message.to(),
        message.cseq(),
        message.call_id(),
    ));
    black_box((
        message.max_forwards(),
        message.session_expires(),
        message.min_se(),
        message.session_id(),
    ));
    message.vias().count()
        + message.contacts().count()
        + message.record_routes().count()
        + message.allow().count()
        + message.supported().count()
}

fn written(message: &Message) -> Option<Bytes> {
    let uri = message.request_uri()?;
    let written = Builder::request(message.method(), uri)
        .copy_all(message, &[Header::ContentType])
        .body("application/sdp", message.body());
    Some(written.build())
}

/// What the daemon looks at before it answers.
fn asked(message: &Message) -> usize {
    let (from, to, via) = (message.from(), message.to(), message.top_via());
    black_box((via.branch(), via.rport(), message.cseq(), message.call_id()));
    black_box((from.tag(), from.uri().user(), from.uri().host()));
    black_box((to.tag(), to.uri().user(), message.max_forwards()));
    black_box((message.session_expires(), message.min_se()));
    black_box((message.session_id(), message.supports("timer")));
    black_box((message.header(Header::UserAgent), message.body()));
    let updates = message.allow().any(|method| method == Method::Update);
    let absent = [
        Header::Replaces,
        Header::Privacy,
        Header::PAssertedIdentity,
        Header::Authorization,
        Header::UserToUser,
    ];
    usize::from(updates)
        + message.contacts().count()
        + message.record_routes().count()
        + message.require().count()
        + usize::from(message.has_content("application/sdp"))
        + absent.iter().filter_map(|&one| message.header(one)).count()
}

/// The 200, with a description as long as the one that came.
fn answered(message: &Message) -> Bytes {
    message
        .dialog_response(StatusCode::OK, "8321234356")
        .header(Header::Contact, "<sip:203.0.113.7:5060>")
        .header(Header::Allow, "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE")
        .body("application/sdp", message.body())
        .build()
}

fn time<T>(pieces: u32, mut work: impl FnMut() -> T) -> Spread {
    let mut took: Vec<u128> = (0..pieces)
        .map(|_| {
            let began = Instant::now();
            for _ in 0..PIECE {
                black_box(work());
            }
            began.elapsed().as_nanos() / u128::from(PIECE)
        })
        .collect();
    took.sort_unstable();
    Spread {
        p50: took[took.len() / 2],
        p99: took[took.len() * 99 / 100],
    }
}

/// A call as a phone sends it.
fn plain_invite() -> String {
    let body = "v=0\r\no=- 3923456789 1 IN IP4 192.0.2.30\r\ns=-\r\nc=IN IP4 192.0.2.30\r\nt=0 0\r\n\
        m=audio 24680 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=sendrecv\r\n";
    format!(
        "INVITE sip:support@203.0.113.7 SIP/2.0\r\n\
        Via: SIP/2.0/UDP 192.0.2.30:5060;branch=z9hG4bK-d8754z-0a1b2c3d4e5f;rport\r\n\
        Max-Forwards: 70\r\n\
        From: \"Marta Example\" <sip:marta@203.0.113.7>;tag=9fxced76sl\r\n\
        To: <sip:support@203.0.113.7>\r\n\
        Call-ID: 3848276298220188511@192.0.2.30\r\n\
        CSeq: 102 INVITE\r\n\
        Contact: <sip:marta@192.0.2.30:5060>\r\n\
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, REFER, NOTIFY, INFO\r\n\
        Supported: replaces, timer, 100rel\r\n\
        User-Agent: Desk Phone 4.2.1\r\n\
        Content-Type: application/sdp\r\n\
        Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A call as a carrier's proxy hands it on.
fn invite() -> String {
    let body = "v=0\r\no=- 3923456789 3923456789 IN IP4 192.0.2.30\r\ns=-\r\nc=IN IP4 192.0.2.30\r\nt=0 0\r\n\
        m=audio 24680 RTP/AVP 9 8 0 18 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
        a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n\
        a=ptime:20\r\na=maxptime:150\r\na=rtcp:24681\r\na=sendrecv\r\n";
    format!(
        "INVITE sip:+4930900100@203.0.113.7:5060;user=phone SIP/2.0\r\n\
        Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-524287-1---7c7d0b9f9a3e2d41;rport\r\n\
        Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bKnashds8;received=192.0.2.20;rport=5060\r\n\
        Via: SIP/2.0/TCP 10.1.2.3:5060;branch=z9hG4bK87asdks7;alias\r\n\
        Record-Route: <sip:192.0.2.10;lr;ftag=9fxced76sl>,<sip:192.0.2.20;lr;r2=on>\r\n\
        Max-Forwards: 67\r\n\
        From: \"Marta Example\" <sip:+4915112345678@carrier.example;user=phone>;tag=9fxced76sl\r\n\
        To: <sip:+4930900100@carrier.example;user=phone>\r\n\
        Call-ID: 3848276298220188511@192.0.2.20\r\n\
        CSeq: 314159 INVITE\r\n\
        Contact: <sip:+4915112345678@192.0.2.20:5060;transport=udp;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\r\n\
        Allow: INVITE,ACK,BYE,CANCEL,OPTIONS,PRACK,UPDATE,INFO,REFER,NOTIFY,SUBSCRIBE,MESSAGE\r\n\
        Supported: 100rel,timer,replaces,path,histinfo,outbound\r\n\
        Session-Expires: 1800;refresher=uac\r\n\
        Min-SE: 90\r\n\
        P-Asserted-Identity: \"Marta Example\" <sip:+4915112345678@carrier.example;user=phone>\r\n\
        Privacy: none\r\n\
        Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000\r\n\
        User-Agent: Carrier SBC 9.2.1\r\n\
        Accept: application/sdp,application/isup,application/xml\r\n\
        Content-Type: application/sdp\r\n\
        Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([passed_on, plain]) = self;
        write!(f, "{passed_on}\n{plain}")
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, bytes, works } = self;
        writeln!(f, "an INVITE {of}, {bytes} bytes; nanoseconds a message")?;
        write!(f, "{:<20}{:>8}{:>8}", "", "p50", "p99")?;
        for (work, Spread { p50, p99 }) in works {
            write!(f, "\n{work:<20}{p50:>8}{p99:>8}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        let message = Message::parse(Bytes::from(invite())).expect("a message");
        assert_eq!(typed(&message), 3 + 1 + 2 + 12 + 6);
        let again = Message::parse(written(&message).expect("a request")).expect("a message");
        assert_eq!(again.body(), message.body());
        assert_eq!(typed(&again), typed(&message));
    }

    #[test]
    fn what_a_phone_sends_is_looked_at_and_answered() {
        let message = Message::parse(Bytes::from(plain_invite())).expect("a message");
        assert_eq!(asked(&message), 1 + 1 + 1);
        let answer = Message::parse(answered(&message)).expect("a message");
        assert_eq!(answer.status(), Some(StatusCode::OK));
        assert_eq!(answer.body(), message.body());
    }

    #[test]
    fn too_few_messages_are_refused() {
        assert!(run(Plan { messages: 199 }).is_err());
    }
}
