//! A network in virtual time: endpoints, and datagrams between them that get lost, doubled and reordered.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod hand;
pub mod owner;
pub mod peer;
pub mod phone;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sip::Instant;
use sip::endpoint::{
    Account, CallKey, Cause, Command, Config, Endpoint, Event, Flow, Identity, Output, SessionId,
    Tag, Target, Transport,
};
use sip::families::Families;
use sip::locate::{Answer, Query};
use sip::message::Message;
use sip::trunk::{Source, Trunk};

/// How long what the DNS says holds.
pub const DNS_TTL: Duration = Duration::from_secs(60);

/// Where its connections begin to be numbered; those of phones by hand are below.
const CONNECTIONS: u64 = 1_000_000;

/// How the network treats datagrams. Streams always arrive, in order.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Lost, in a hundred.
    pub loss: u32,
    /// Sent twice, in a hundred.
    pub doubled: u32,
    /// The shortest way.
    pub delay: Duration,
    /// How much longer it may take; more than nothing reorders.
    pub jitter: Duration,
}

impl Weather {
    pub const FAIR: Self = Self {
        loss: 0,
        doubled: 0,
        delay: Duration::from_millis(5),
        jitter: Duration::ZERO,
    };

    pub fn stormy(loss: u32) -> Self {
        Self {
            loss,
            doubled: 10,
            delay: Duration::from_millis(5),
            jitter: Duration::from_millis(60),
        }
    }
}

/// One endpoint with what it has reported.
pub struct End {
    pub address: SocketAddr,
    pub endpoint: Endpoint,
    pub events: Vec<Event>,
}

/// A message on its way, or one that arrived.
#[derive(Clone, Debug)]
pub struct Packet {
    pub at: Instant,
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub transport: Transport,
    pub connection: u64,
    pub bytes: Bytes,
}

impl Packet {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn first_line(&self) -> String {
        self.text().lines().next().unwrap_or_default().to_owned()
    }
}

/// Picks packets to lose.
pub type Drops = Box<dyn FnMut(&Packet) -> bool>;

/// Writes packets anew.
pub type Edits = Box<dyn FnMut(&Packet) -> Bytes>;

pub struct Net {
    pub now: Instant,
    pub ends: Vec<End>,
    pub weather: Weather,
    /// Everything that was sent, lost or not.
    pub sent: Vec<Packet>,
    /// Which of it the weather lost.
    pub lost: Vec<usize>,
    /// What was sent to an address where no endpoint is.
    pub outside: Vec<Packet>,
    /// Decides about a packet before the weather does: true drops it.
    pub drops: Option<Drops>,
    /// Writes a packet anew.
    pub edits: Option<Edits>,
    /// What the DNS says; of everything else that it is not there.
    pub dns: BTreeMap<Query, Answer>,
    /// Whether the DNS says nothing at all.
    pub dns_is_dead: bool,
    /// The connections that an endpoint doubts.
    pub doubted: Vec<(SocketAddr, Option<u64>)>,
    /// What was sent to keep flows open: when, to where, and by which connection.
    pub kept: Vec<(Instant, SocketAddr, Option<u64>, Bytes)>,
    /// What the DNS was asked.
    pub asked: Vec<Query>,
    flying: BTreeMap<(Instant, u64), Packet>,
    connections: BTreeMap<u64, Connection>,
    next: u64,
    rng: StdRng,
}

/// A connection that is open.
struct Connection {
    transport: Transport,
    opener: SocketAddr,
    /// What the other side sees of who opened it.
    port: SocketAddr,
    to: SocketAddr,
}

impl Connection {
    fn leads(&self, packet: &Packet) -> bool {
        let (from, to) = (packet.from, packet.to);
        let there = from == self.opener && to == self.to;
        let back = from == self.to && to == self.port;
        self.transport == packet.transport && (there || back)
    }
}

impl Net {
    /// Makes a network whose luck follows from `seed`.
    pub fn new(seed: u64, weather: Weather) -> Self {
        Self {
            now: Instant::START,
            ends: Vec::new(),
            weather,
            sent: Vec::new(),
            lost: Vec::new(),
            outside: Vec::new(),
            drops: None,
            edits: None,
            dns: BTreeMap::new(),
            dns_is_dead: false,
            doubted: Vec::new(),
            kept: Vec::new(),
            asked: Vec::new(),
            flying: BTreeMap::new(),
            connections: BTreeMap::new(),
            next: 1,
            rng: StdRng::seed_from_u64(seed),
        }
    }

    /// Two endpoints that know each other as trunks `a` (end 0) and `b` (end 1).
    pub fn pair(seed: u64, weather: Weather, transport: Transport) -> Self {
        let mut net = Self::new(seed, weather);
        for (own, other, name) in [(1, 2, "b"), (2, 1, "a")] {
            let mut config = config(own);
            config.trunks.push(trunk(name, address(other), transport));
            net.add(own, config);
        }
        net
    }

    pub fn add(&mut self, host: u8, config: Config) -> usize {
        let seed = self.rng.random();
        let end = End {
            address: address(host),
            endpoint: Endpoint::new(config, seed),
            events: Vec::new(),
        };
        self.ends.push(end);
        self.ends.len() - 1
    }

    pub fn tell(&mut self, end: usize, command: Command) {
        self.ends[end].endpoint.handle_command(command, self.now);
        self.drain(end);
    }

    /// Has an endpoint receive bytes from anywhere.
    pub fn inject(&mut self, end: usize, from: SocketAddr, bytes: impl Into<Bytes>) {
        let flow = Flow {
            transport: Transport::Udp,
            local: self.ends[end].address,
            peer: from,
            connection: 0,
        };
        self.ends[end]
            .endpoint
            .handle_message(&flow, bytes.into(), self.now);
        self.drain(end);
    }

    /// Does the next thing that happens; false when nothing ever will.
    pub fn step(&mut self) -> bool {
        let packet = self.flying.keys().next().map(|(at, _)| *at);
        let timer = self.timer();
        match (packet, timer) {
            (None, None) => false,
            (Some(at), timer) if timer.is_none_or(|(due, _)| at <= due) => {
                let (_, packet) = self.flying.pop_first().expect("looked at just now");
                self.now = self.now.max(at);
                self.deliver(packet);
                true
            }
            (_, Some((due, end))) => {
                self.now = self.now.max(due);
                self.ends[end].endpoint.handle_timeout(self.now);
                self.drain(end);
                true
            }
            (Some(_), None) => unreachable!("a packet without a timer is delivered"),
        }
    }

    fn timer(&self) -> Option<(Instant, usize)> {
        let timers = self
            .ends
            .iter()
            .enumerate()
            .filter_map(|(end, one)| Some((one.endpoint.poll_timeout()?, end)));
        timers.min()
    }

    /// What was sent lately, lost or not, a line each, for who looks into a failure.
    pub fn trace(&self) -> String {
        let last = self.sent.iter().enumerate().rev().take(60).rev();
        let lines = last.map(|(number, packet)| {
            let (at, text) = (packet.at.since_start(), packet.text());
            let cseq = text.lines().find(|line| line.starts_with("CSeq: "));
            let (from, line) = (packet.from.ip(), packet.first_line());
            let lost = if self.lost.contains(&number) {
                "lost"
            } else {
                ""
            };
            format!(
                "{at:?} {from} {line} ({}) {lost}\n",
                cseq.unwrap_or_default()
            )
        });
        lines.collect()
    }

    /// Goes on until nothing is left to happen.
    pub fn settle(&mut self) {
        for _ in 0..1_000_000 {
            if !self.step() {
                return;
            }
        }
        panic!("it never ends");
    }

    pub fn run_for(&mut self, span: Duration) {
        let until = self.now + span;
        loop {
            let packet = self.flying.keys().next().map(|(at, _)| *at);
            let next = [packet, self.timer().map(|(due, _)| due)]
                .into_iter()
                .flatten()
                .min();
            if next.is_none_or(|next| next > until) {
                self.now = until;
                return;
            }
            self.step();
        }
    }

    /// Goes on until `end` reports something that `wanted` picks, which is taken out of its events.
    pub fn wait<T>(&mut self, end: usize, wanted: impl Fn(&Event) -> Option<T>) -> T {
        for _ in 0..100_000 {
            let events = &mut self.ends[end].events;
            if let Some(at) = events.iter().position(|event| wanted(event).is_some()) {
                return wanted(&events.remove(at)).expect("found just now");
            }
            assert!(
                self.step(),
                "it does not happen; there is {:#?}",
                self.ends[end].events
            );
        }
        panic!("it does not happen");
    }

    /// Lets the call that arrives at `end` be taken there; then end 0, whose call `key` it is, hangs up.
    pub fn goes_through(&mut self, end: usize, key: CallKey) {
        self.taken(end);
        self.tell(0, hang_up(key));
    }

    /// Calls from end 0 to end 1 by its trunk `b`, where it is taken and confirmed; returns it as end 1 has it.
    pub fn talking(&mut self, key: CallKey) -> CallKey {
        self.tell(0, dial(key, "b", 0xa));
        let call = self.taken(1);
        self.wait(1, |event| {
            matches!(event, Event::Confirmed { .. }).then_some(())
        });
        call
    }

    // Takes the call that arrives at `end`, and waits until end 0 knows.
    fn taken(&mut self, end: usize) -> CallKey {
        let call = self.wait(end, arrived);
        let tag = Tag {
            session: SessionId(0xb),
            headers: Vec::new(),
        };
        self.tell(end, Command::Adopt { call, tag });
        self.tell(end, answer(call));
        self.wait(0, |event| {
            matches!(event, Event::Answered { .. }).then_some(())
        });
        call
    }

    /// Fails unless every end has nothing left of any call.
    pub fn assert_empty(&self) {
        for end in &self.ends {
            let counters = end.endpoint.counters();
            let left = (
                counters.calls + counters.told,
                counters.server_transactions,
                counters.client_transactions,
            );
            assert_eq!(
                left,
                (0, 0, 0),
                "calls, server and client transactions at {}",
                end.address
            );
            assert_eq!(
                end.endpoint.poll_timeout(),
                None,
                "timers at {}",
                end.address
            );
        }
    }

    pub fn drain(&mut self, end: usize) {
        while let Some(output) = self.ends[end].endpoint.poll_output() {
            match output {
                Output::Event(event) => self.ends[end].events.push(event),
                Output::Doubt { to, connection, .. } => self.doubted.push((to, connection)),
                Output::KeepAlive {
                    to,
                    connection,
                    bytes,
                } => self.keep_alive(end, to, connection, bytes),
                Output::Ask(query) => {
                    self.asked.push(query.clone());
                    let answer = match self.dns.get(&query) {
                        Some(answer) => answer.clone(),
                        None => Answer::Absent { ttl: DNS_TTL },
                    };
                    if !self.dns_is_dead {
                        self.ends[end]
                            .endpoint
                            .handle_dns(&query, &answer, self.now);
                    }
                }
                Output::Transmit {
                    transport,
                    to,
                    connection,
                    bytes,
                } => {
                    let from = self.ends[end].address;
                    self.transmit(Packet {
                        at: self.now,
                        from,
                        to,
                        transport,
                        connection: connection.unwrap_or(0),
                        bytes,
                    });
                }
            }
        }
    }

    // Who is there answers STUN; two line ends are answered by the test.
    fn keep_alive(&mut self, end: usize, to: SocketAddr, connection: Option<u64>, bytes: Bytes) {
        let answer = sip::stun::answer(&bytes, self.ends[end].address);
        if let Some(answer) = answer.filter(|_| self.ends.iter().any(|one| one.address == to)) {
            let endpoint = &mut self.ends[end].endpoint;
            endpoint.handle_stun_answer(to, &answer, self.now);
        }
        self.kept.push((self.now, to, connection, bytes));
    }

    fn transmit(&mut self, mut packet: Packet) {
        // The answer to a malformed request repeats what was wrong with it.
        if !packet.first_line().starts_with("SIP/2.0 400 Bad Request: ") {
            let read = Message::parse(packet.bytes.clone());
            read.unwrap_or_else(|error| panic!("we sent junk: {error}\n{}", packet.text()));
        }
        if let Some(edits) = &mut self.edits {
            packet.bytes = edits(&packet);
        }
        self.sent.push(packet.clone());
        if self.drops.as_mut().is_some_and(|drops| drops(&packet)) {
            return;
        }
        if packet.transport.is_reliable() {
            packet.connection = self.connect(&packet);
            return self.fly(packet, self.weather.delay);
        }
        if self.rng.random_range(0..100) < self.weather.loss {
            self.lost.push(self.sent.len() - 1);
            return;
        }
        let copies = if self.rng.random_range(0..100) < self.weather.doubled {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let jitter = self.weather.jitter.as_micros() as u64;
            let jitter = Duration::from_micros(self.rng.random_range(0..=jitter));
            self.fly(packet.clone(), self.weather.delay + jitter);
        }
    }

    // The connection that was asked for while it is open, or another one there.
    fn connect(&mut self, packet: &Packet) -> u64 {
        if self.connections.contains_key(&packet.connection) {
            return packet.connection;
        }
        let known = self.connections.iter().find(|(_, one)| one.leads(packet));
        if let Some((number, _)) = known {
            return *number;
        }
        self.next += 1;
        let number = CONNECTIONS + self.next;
        let port = 40_000 + u16::try_from(self.next % 20_000).expect("it is small");
        let connection = Connection {
            transport: packet.transport,
            opener: packet.from,
            port: SocketAddr::new(packet.from.ip(), port),
            to: packet.to,
        };
        self.connections.insert(number, connection);
        number
    }

    /// Closes every connection: what is on its way is lost, and both sides hear of it.
    pub fn close(&mut self) {
        for (number, closed) in std::mem::take(&mut self.connections) {
            self.flying.retain(|_, packet| packet.connection != number);
            for end in 0..self.ends.len() {
                let address = self.ends[end].address;
                if address == closed.opener || address == closed.to {
                    let endpoint = &mut self.ends[end].endpoint;
                    endpoint.handle_connection_lost(number, self.now);
                    self.drain(end);
                }
            }
        }
    }

    fn fly(&mut self, packet: Packet, takes: Duration) {
        self.next += 1;
        self.flying.insert((self.now + takes, self.next), packet);
    }

    fn deliver(&mut self, mut packet: Packet) {
        if let Some(connection) = self.connections.get(&packet.connection) {
            (packet.from, packet.to) = match packet.from == connection.opener {
                true => (connection.port, connection.to),
                false => (connection.to, connection.opener),
            };
        }
        let Some(end) = self.ends.iter().position(|end| end.address == packet.to) else {
            return self.outside.push(packet);
        };
        let flow = Flow {
            transport: packet.transport,
            local: packet.to,
            peer: packet.from,
            connection: packet.connection,
        };
        self.ends[end]
            .endpoint
            .handle_message(&flow, packet.bytes, self.now);
        self.drain(end);
    }
}

pub fn address(host: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, host], 5060))
}

pub fn config(host: u8) -> Config {
    let mut config = Config::new(address(host));
    for transport in Transport::ALL {
        config.listen.insert(transport, address(host).into());
    }
    config.realm = "example.test".into();
    config.accounts.insert(
        "anna".into(),
        Account::with_password("anna", "example.test", "secret"),
    );
    config
}

pub fn trunk(name: &str, target: SocketAddr, transport: Transport) -> Trunk {
    Trunk {
        name: name.into(),
        sources: vec![Source::Network(sip::trunk::Network::host(target.ip()))],
        target: target.into(),
        transport,
        certificate: None,
        credentials: None,
        login: None,
        trusted: true,
        max_calls: None,
        reach: sip::trunk::Reach::default(),
        manner: Default::default(),
    }
}

pub const OFFER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
pub const ANSWER: &[u8] = b"v=0\r\no=- 2 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n";

pub fn dial(call: CallKey, trunk: &str, session: u128) -> Command {
    Command::Dial {
        call,
        to: Target::Trunk {
            trunk: trunk.into(),
            number: "100".into(),
        },
        from: Identity {
            display: "Carol C.".into(),
            user: "+1 555".into(),
            vouched: Vec::new(),
            sent_on: None,
        },
        elsewhere: Vec::new(),
        sdp: Families::V4(Bytes::from_static(OFFER)).into(),
        tag: Tag {
            session: SessionId(session),
            headers: vec![("X-Interaction-ID".into(), format!("{session:032x}"))],
        },
        headers: Vec::new(),
        hops: sip::endpoint::HOPS,
        ring_for: Duration::from_secs(60),
    }
}

pub fn hang_up(call: CallKey) -> Command {
    Command::HangUp {
        call,
        cause: Cause::normal(),
    }
}

pub fn answer(call: CallKey) -> Command {
    Command::Answer {
        call,
        sdp: Bytes::from_static(ANSWER),
    }
}

pub fn arrived(event: &Event) -> Option<CallKey> {
    match event {
        Event::Arrived { call, .. } => Some(*call),
        _ => None,
    }
}
