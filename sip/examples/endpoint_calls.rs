//! How many one-leg calls a second one endpoint takes on one core: INVITE, 180, 200, ACK, BYE, 200, in memory.
//!
//! `cargo run --release -p sip --example endpoint_calls -- [CALLS] [PER_SECOND]`; the second number is the
//! rate in virtual time, which decides how many finished transactions linger (32 s over UDP).

use std::net::SocketAddr;
use std::time::{Duration, Instant as Clock};

use bytes::Bytes;
use sip::Instant;
use sip::endpoint::{
    CallKey, Command, Config, Endpoint, Event, Flow, Output, SessionId, Tag, Transport,
};
use sip::trunk::{Network, Source, Trunk};

const SDP: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok());
    let calls: u64 = arguments.next().unwrap_or(200_000);
    let rate: u64 = arguments.next().unwrap_or(5_000);
    // First, or the held calls would live in what the finished ones left of the heap.
    held(calls / 4);
    speed(calls, rate);
}

fn speed(calls: u64, rate: u64) {
    let mut bench = Bench::new();
    let started = Clock::now();
    for number in 0..calls {
        bench.now = Instant::after_start(Duration::from_micros(number * 1_000_000 / rate));
        let tag = bench.answer(number);
        bench.end(number, &tag);
    }
    let took = started.elapsed().as_secs_f64();
    let counters = bench.endpoint.counters();
    let each = took * 1e6 / calls as f64;
    if let Some(cpu) = processor() {
        println!(
            "{:.1} us of processor each: {:.0} a second on a core of one's own",
            cpu * 1e6 / calls as f64,
            calls as f64 / cpu
        );
    }
    println!(
        "{calls} calls in {took:.2} s: {:.0} a second, {each:.1} us each",
        calls as f64 / took
    );
    println!(
        "at {rate} a second of virtual time, {} finished transactions linger",
        counters.server_transactions
    );
    assert_eq!(counters.calls, 0, "every call has ended");
}

fn held(calls: u64) {
    let mut bench = Bench::new();
    let before = resident();
    let tags: Vec<String> = (0..calls).map(|number| bench.answer(number)).collect();
    bench.now = Instant::after_start(Duration::from_secs(40));
    bench.endpoint.handle_timeout(bench.now);
    if let (Some(before), Some(after)) = (before, resident()) {
        println!(
            "{calls} held calls: {} bytes each",
            after.saturating_sub(before) / calls.max(1)
        );
    }
    for (number, tag) in (0..).zip(&tags) {
        bench.end(number, tag);
    }
    bench.now = Instant::after_start(Duration::from_secs(80));
    bench.endpoint.handle_timeout(bench.now);
    assert_eq!(
        bench.endpoint.counters().server_transactions,
        0,
        "nothing lingers"
    );
}

/// Returns how much processor time this process has had, in seconds, where the system tells.
fn processor() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

/// Returns how much memory this process holds, in bytes, where the system tells.
fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

struct Bench {
    endpoint: Endpoint,
    flow: Flow,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        let ours = SocketAddr::from(([192, 0, 2, 1], 5060));
        let peer = SocketAddr::from(([192, 0, 2, 9], 5060));
        let mut config = Config::new(ours);
        config.limits.transactions = usize::MAX;
        config.limits.calls = usize::MAX;
        config.trunks.push(Trunk {
            name: "peer".into(),
            sources: vec![Source::Network(Network::host(peer.ip()))],
            target: peer.into(),
            transport: Transport::Udp,
            certificate: None,
            credentials: None,
            login: None,
            trusted: true,
            max_calls: None,
            reach: sip::trunk::Reach::default(),
            manner: Default::default(),
        });
        let flow = Flow {
            transport: Transport::Udp,
            local: ours,
            peer,
            connection: 0,
        };
        Self {
            endpoint: Endpoint::new(config, [7; 32]),
            flow,
            now: Instant::START,
        }
    }

    /// Takes a call up to its ACK, and returns our tag.
    fn answer(&mut self, number: u64) -> String {
        let sdp = std::str::from_utf8(SDP).expect("it is text");
        self.receive("INVITE", 1, number, "", sdp);
        let (call, _) = self.drain();
        let call = call.expect("it arrives");
        let tag = Tag {
            session: SessionId(u128::from(number) + 1),
            headers: vec![("X-Interaction-ID".into(), number.to_string())],
        };
        self.endpoint
            .handle_command(Command::Adopt { call, tag }, self.now);
        self.endpoint.handle_command(
            Command::Ring {
                call,
                code: 180,
                reason: None,
                sdp: None,
            },
            self.now,
        );
        self.endpoint.handle_command(
            Command::Answer {
                call,
                sdp: Bytes::from_static(SDP),
            },
            self.now,
        );
        let (_, answer) = self.drain();
        let answer = answer.expect("it is answered");
        let tag = tag_of(&answer);
        self.receive("ACK", 1, number, &tag, "");
        self.drain();
        tag
    }

    fn end(&mut self, number: u64, tag: &str) {
        self.receive("BYE", 2, number, tag, "");
        self.drain();
        if self
            .endpoint
            .poll_timeout()
            .is_some_and(|due| due <= self.now)
        {
            self.endpoint.handle_timeout(self.now);
        }
    }

    fn receive(&mut self, method: &str, cseq: u32, number: u64, to_tag: &str, body: &str) {
        let kind = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let to_tag = if to_tag.is_empty() {
            String::new()
        } else {
            format!(";tag={to_tag}")
        };
        let text = format!(
            "{method} sip:support@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-{number}-{method}-0\r\n\
             From: sipp <sip:sipp@192.0.2.9:5060>;tag={number}\r\nTo: support <sip:support@192.0.2.1:5060>{to_tag}\r\n\
             Call-ID: {number}-4711@192.0.2.9\r\nCSeq: {cseq} {method}\r\nContact: <sip:sipp@192.0.2.9:5060>\r\n\
             Max-Forwards: 70\r\nSubject: Performance Test\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.endpoint
            .handle_message(&self.flow, Bytes::from(text), self.now);
    }

    fn drain(&mut self) -> (Option<CallKey>, Option<Bytes>) {
        let (mut call, mut last) = (None, None);
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { bytes, .. } => last = Some(bytes),
                Output::Event(Event::Arrived { call: key, .. }) => call = Some(key),
                Output::Ask(_)
                | Output::Doubt { .. }
                | Output::KeepAlive { .. }
                | Output::Event(_) => {}
            }
        }
        (call, last)
    }
}

fn tag_of(answer: &Bytes) -> String {
    let text = String::from_utf8_lossy(answer);
    let to = text
        .lines()
        .find(|line| line.starts_with("To:"))
        .expect("every response has it");
    to.rsplit("tag=").next().expect("it has a tag").to_owned()
}
