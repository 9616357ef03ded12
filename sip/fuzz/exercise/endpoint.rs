//! An endpoint with a trunk, an account and a call of its own is sent anything, in any order. Whatever came, nothing is left
//! once all that lives has been hung up and time has passed.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use bytes::Bytes;
use sip::{
    Instant,
    endpoint::{
        Account, CallKey, Cause, Command, Config, Endpoint, Event, Flow, Identity, Output,
        SessionId, Tag, Target, Transport,
    },
    families::Families,
    trunk::{Network, Source, Trunk},
};

const SDP: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
/// Stands between two things that happen.
const BETWEEN: &[u8] = b"\r\n====\r\n";
/// More than these are not tried.
const MOST: usize = 64;

struct World {
    endpoint: Endpoint,
    now: Instant,
    calls: BTreeSet<CallKey>,
    /// What stands for `{tag}`, `{branch}` and `{id}` in what comes: those of the newest message of ours that has them.
    tag: Vec<u8>,
    branch: Vec<u8>,
    id: Vec<u8>,
    dialled: u64,
}

/// Takes what happens: `!` and a letter is a command, `+` and a number is time in milliseconds, all else is a message,
/// from the carrier or, behind a `~`, from nobody known.
pub fn exercise(bytes: &[u8]) {
    let mut world = World::new();
    for happens in split(bytes).into_iter().take(MOST) {
        match happens.split_first() {
            Some((b'!', what)) => world.act(what.first().copied().unwrap_or(b'?')),
            Some((b'+', millis)) => world.wait(millis),
            Some((b'~', message)) => world.hear(77, message),
            Some(_) => world.hear(9, happens),
            None => {}
        }
    }
    world.end();
}

fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(BETWEEN.len()).position(|part| part == BETWEEN) {
        parts.push(&rest[..at]);
        rest = &rest[at + BETWEEN.len()..];
    }
    parts.push(rest);
    parts
}

fn address(host: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, host], 5060))
}

fn tag(n: u128) -> Tag {
    Tag {
        session: SessionId(n),
        headers: Vec::new(),
    }
}

impl World {
    fn new() -> Self {
        let mut config = Config::new(address(1));
        config.listen.insert(Transport::Udp, address(1).into());
        config.realm = "example.test".into();
        let anna = Account::with_password("anna", "example.test", "secret");
        config.accounts.insert("anna".into(), anna);
        config.trunks.push(Trunk {
            name: "carrier".into(),
            sources: vec![Source::Network(Network::host(address(9).ip()))],
            target: address(9).into(),
            transport: Transport::Udp,
            certificate: None,
            credentials: None,
            login: None,
            trusted: true,
            max_calls: None,
            reach: sip::trunk::Reach::default(),
            manner: Default::default(),
        });
        Self {
            endpoint: Endpoint::new(config, [1; 32]),
            now: Instant::START,
            calls: BTreeSet::new(),
            tag: b"none".to_vec(),
            branch: b"z9hG4bKnone".to_vec(),
            id: b"none".to_vec(),
            dialled: 0,
        }
    }

    fn hear(&mut self, host: u8, message: &[u8]) {
        let message = fill(message, b"{tag}", &self.tag);
        let message = fill(&message, b"{branch}", &self.branch);
        let message = fill(&message, b"{id}", &self.id);
        let flow = Flow {
            transport: Transport::Udp,
            local: address(1),
            peer: address(host),
            connection: 0,
        };
        self.endpoint
            .handle_message(&flow, Bytes::from(message), self.now);
        self.drain();
    }

    fn wait(&mut self, millis: &[u8]) {
        let millis = std::str::from_utf8(millis)
            .ok()
            .and_then(|text| text.trim().parse::<u32>().ok())
            .unwrap_or(0);
        self.run_until(self.now + Duration::from_millis(millis.min(600_000).into()));
    }

    fn run_until(&mut self, end: Instant) {
        while let Some(due) = self.endpoint.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.endpoint.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn tell(&mut self, command: Command) {
        self.endpoint.handle_command(command, self.now);
        self.drain();
    }

    // Does something to the newest call.
    fn act(&mut self, what: u8) {
        if what == b'd' {
            self.dialled += 1;
            let call = CallKey::Out(self.dialled);
            self.calls.insert(call);
            return self.tell(Command::Dial {
                call,
                to: Target::Trunk {
                    trunk: "carrier".into(),
                    number: "100".into(),
                },
                from: Identity {
                    display: "Carol".into(),
                    user: "+1555".into(),
                    vouched: Vec::new(),
                    sent_on: None,
                },
                elsewhere: Vec::new(),
                sdp: Families::V4(Bytes::from_static(SDP)).into(),
                tag: tag(7),
                headers: Vec::new(),
                hops: sip::endpoint::HOPS,
                ring_for: Duration::from_secs(60),
            });
        }
        let Some(call) = self.calls.last().copied() else {
            return;
        };
        let sdp = Bytes::from_static(SDP);
        self.tell(match what {
            b'a' => Command::Answer { call, sdp },
            b'r' => Command::Ring {
                call,
                code: 183,
                reason: None,
                sdp: Some(sdp),
            },
            b'o' => Command::Offer { call, sdp },
            b'y' => Command::AcceptOffer {
                call,
                fork: None,
                sdp,
            },
            b'n' => Command::RefuseOffer {
                call,
                fork: None,
                code: 488,
                warning: None,
            },
            _ => Command::HangUp {
                call,
                cause: Cause::normal(),
            },
        });
    }

    fn drain(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { bytes, .. } => self.learn(&bytes),
                Output::Ask(_) | Output::Doubt { .. } | Output::KeepAlive { .. } => {}
                Output::Event(Event::Arrived { call, .. }) => {
                    assert!(self.calls.insert(call), "{call:?} arrived twice");
                    self.endpoint
                        .handle_command(Command::Adopt { call, tag: tag(9) }, self.now);
                }
                Output::Event(
                    Event::Failed { call, .. }
                    | Event::Cancelled { call, .. }
                    | Event::Ended { call, .. },
                ) => assert!(self.calls.remove(&call), "{call:?} ended twice"),
                Output::Event(_) => {}
            }
        }
    }

    fn learn(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let is_request = !text.starts_with("SIP/2.0");
        for line in text.lines() {
            let ours = if is_request { "From:" } else { "To:" };
            if let (true, Some((_, tag))) = (line.starts_with(ours), line.split_once(";tag=")) {
                self.tag = tag.as_bytes().to_vec();
            }
            if let (true, Some((_, id))) = (line.starts_with("Call-ID:"), line.split_once(' ')) {
                self.id = id.as_bytes().to_vec();
            }
            if let (true, true, Some((_, branch))) = (
                is_request,
                line.starts_with("Via:"),
                line.split_once(";branch="),
            ) {
                let branch = branch.split(';').next().unwrap_or_default();
                self.branch = branch.as_bytes().to_vec();
            }
        }
    }

    fn end(mut self) {
        // Offers and answers may still be under way when one is hung up.
        for _ in 0..4 {
            for call in self.calls.clone() {
                self.tell(Command::HangUp {
                    call,
                    cause: Cause::normal(),
                });
            }
            self.run_until(self.now + Duration::from_secs(200));
        }
        // A registration may live for an hour.
        self.run_until(self.now + Duration::from_secs(2 * 3_600));
        let counters = self.endpoint.counters();
        let left = (
            counters.calls,
            counters.server_transactions,
            counters.client_transactions,
        );
        assert_eq!(left, (0, 0, 0), "calls, server and client transactions");
        assert!(self.calls.is_empty(), "no end was told of {:?}", self.calls);
    }
}

fn fill(text: &[u8], mark: &[u8], with: &[u8]) -> Vec<u8> {
    let mut filled = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(mark.len()).position(|part| part == mark) {
        filled.extend_from_slice(&rest[..at]);
        filled.extend_from_slice(with);
        rest = &rest[at + mark.len()..];
    }
    filled.extend_from_slice(rest);
    filled
}
