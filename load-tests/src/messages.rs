//! What one SIP message costs: a call's INVITE read, its headers asked for by type, and the same message written. No socket.

use std::{fmt, hint::black_box, time::Instant};

use anyhow::Context;
use bytes::Bytes;
use sip::message::{Builder, Header, Message};

/// So many messages are timed in one piece: a single one takes less than the clock tells apart.
const PIECE: u32 = 200;

/// How much is measured.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Plan {
    /// Messages of each kind of work, at least 200.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u32,
}

/// Nanoseconds a message by kind of work, each a median and a 99th percentile over pieces of 200 messages.
pub struct Outcome {
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
    let bytes = Bytes::from(invite());
    let message = Message::parse(bytes.clone()).context("the INVITE of the benchmark")?;
    Ok(Outcome {
        bytes: bytes.len(),
        works: [
            (
                "read",
                time(pieces, || Message::parse(bytes.clone()).is_ok()),
            ),
            ("headers by type", time(pieces, || typed(&message))),
            ("written", time(pieces, || written(&message))),
            (
                "all three",
                time(pieces, || {
                    Message::parse(bytes.clone())
                        .map(|message| (typed(&message), written(&message)))
                }),
            ),
        ],
    })
}

/// What a user agent asks of an INVITE before it answers.
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

/// A call as a carrier's proxy hands it on, of 1.8 kB.
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
        writeln!(
            f,
            "an INVITE of {} bytes; nanoseconds a message",
            self.bytes
        )?;
        write!(f, "{:<20}{:>8}{:>8}", "", "p50", "p99")?;
        for (work, Spread { p50, p99 }) in &self.works {
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
    fn too_few_messages_are_refused() {
        assert!(run(Plan { messages: 199 }).is_err());
    }
}
