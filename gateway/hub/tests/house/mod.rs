//! A whole house in virtual time: hub, telephone edge and SIP endpoint on one side; a carrier and an agent's phone, each an
//! endpoint of its own, on the other; between them a network that loses, repeats and reorders. Media is a table: what is
//! open, agreed, bridged and played.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use hub::{
    Fact, Hub, Input, Output,
    edge::phone::{self, Phones},
    event::Event,
    input::{Asker, Reply},
    setup::{AgentSetup, PhoneSetup, QueueSetup, Setup, ZoneSetup},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sip::{
    Instant,
    endpoint::{
        CallKey, Command, Config, Endpoint, Event as SipEvent, Flow, Identity, Output as SipOutput,
        Tag, Target, Transport,
    },
    families::Families,
    media::{LegKey, LegStats, MediaCommand, MediaEvent, Program},
    message::{Message, SessionId},
    sdp::{Codec, Direction, RemoteMedia},
    trunk::{Network, Source, Trunk},
};
use ws::id::{AgentId, InteractionId, Timestamp};

/// The start of every world; any time will do.
pub const START: Timestamp = Timestamp(1_700_000_000_000);

const TANDEM: usize = 0;
/// The customers' side.
pub const CARRIER: usize = 1;
/// The agent's phone, an extension behind a PBX.
pub const PHONE: usize = 2;

/// What a far side does with calls that come to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manner {
    /// Rings for a second and answers.
    Answers,
    /// Refuses with a status.
    Refuses(u16),
    /// Rings and never answers.
    Rings,
}

/// What one leg's media is doing.
#[derive(Debug, Default)]
pub struct Media {
    pub remote: Option<RemoteMedia>,
    pub partner: Option<LegKey>,
    pub plays: Option<Program>,
}

#[derive(Debug)]
enum Due {
    Packet {
        to: usize,
        from: usize,
        bytes: Bytes,
    },
    Answer {
        side: usize,
        call: CallKey,
    },
    Media(MediaEvent),
}

pub struct World {
    pub seed: u64,
    rng: StdRng,
    pub now: Timestamp,
    pub hub: Hub,
    pub phones: Phones,
    ends: [Endpoint; 3],
    pub manners: [Manner; 3],
    /// The share of SIP packets lost, 0 to 1.
    pub loss: f64,
    /// Whether phones send no media.
    pub mute: bool,
    due: BTreeMap<(Timestamp, u64), Due>,
    next: u64,
    pub media: BTreeMap<LegKey, Media>,
    pub facts: Vec<Fact>,
    pub replies: Vec<Reply>,
    /// What the far sides reported.
    pub far: Vec<(usize, SipEvent)>,
    /// Every SIP message Tandem sent.
    pub sent: Vec<Message>,
    dialled: u64,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let key = |n: u64| {
            let mut rng = StdRng::seed_from_u64(seed ^ (n << 32));
            let mut bytes = [0; 32];
            rng.fill(&mut bytes);
            bytes
        };
        let mut hub = Hub::new(setup(), key(1));
        hub.start(START);
        Self {
            seed,
            rng: StdRng::seed_from_u64(seed),
            now: START,
            hub,
            phones: Phones::new(settings(), key(2)),
            ends: [
                Endpoint::new(tandem(), key(3)),
                Endpoint::new(far(CARRIER), key(4)),
                Endpoint::new(far(PHONE), key(5)),
            ],
            manners: [Manner::Answers; 3],
            loss: 0.0,
            mute: false,
            due: BTreeMap::new(),
            next: 0,
            media: BTreeMap::new(),
            facts: Vec::new(),
            replies: Vec::new(),
            far: Vec::new(),
            sent: Vec::new(),
            dialled: 0,
        }
    }

    /// Tells the hub something and lets everything that follows at once happen.
    pub fn tell(&mut self, input: Input) {
        self.hub.handle(input, self.now);
        self.settle();
    }

    /// Lets a far side call `number` at Tandem; returns its name of the call.
    pub fn call(&mut self, side: usize, from: &str, number: &str) -> CallKey {
        self.dialled += 1;
        let call = CallKey::Out(self.dialled);
        let command = Command::Dial {
            call,
            to: Target::Trunk {
                trunk: "tandem".to_owned(),
                number: number.to_owned(),
            },
            from: Identity {
                display: "Caller".to_owned(),
                user: from.to_owned(),
                vouched: Vec::new(),
                sent_on: None,
            },
            elsewhere: Vec::new(),
            sdp: Families::V4(sdp(side)).into(),
            tag: Tag {
                session: SessionId(u128::from(self.dialled) + 1),
                headers: Vec::new(),
            },
            headers: Vec::new(),
            hops: sip::endpoint::HOPS,
            ring_for: Duration::from_secs(600),
        };
        self.ask(side, command);
        call
    }

    /// Lets a far side's endpoint do something.
    pub fn ask(&mut self, side: usize, command: Command) {
        self.ends[side].handle_command(command, instant(self.now));
        self.settle();
    }

    /// Lets time pass until `wanted` holds; tells what stood when it never did.
    pub fn until(&mut self, what: &str, limit: Duration, wanted: impl Fn(&Self) -> bool) {
        let end = self.now + limit;
        while !wanted(self) {
            assert!(
                self.step(end),
                "seed {}: {what} never happened; facts: {:#?}",
                self.seed,
                self.facts
            );
        }
    }

    /// Lets `span` pass.
    pub fn pass(&mut self, span: Duration) {
        let end = self.now + span;
        while self.step(end) {}
        self.now = end;
    }

    /// Tells whether an event happened.
    pub fn has(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.facts.iter().any(|fact| wanted(&fact.event))
    }

    /// Counts events.
    pub fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.facts.iter().filter(|fact| wanted(&fact.event)).count()
    }

    /// Returns the only interaction there is.
    pub fn interaction(&self) -> InteractionId {
        self.facts
            .iter()
            .find_map(|fact| fact.interaction)
            .expect("an interaction began")
    }

    /// Tells whether two legs hear each other, both ways.
    pub fn hears(&self) -> bool {
        self.media.iter().any(|(key, media)| {
            let other = media.partner.and_then(|partner| self.media.get(&partner));
            other.is_some_and(|other| other.partner == Some(*key) && talks(media) && talks(other))
        })
    }

    /// Asserts that nothing is left of any call, anywhere.
    pub fn assert_empty(&mut self) {
        self.pass(Duration::from_secs(120));
        assert_eq!(
            self.phones.leg_count(),
            0,
            "seed {}: legs are left",
            self.seed
        );
        assert!(
            self.media.is_empty(),
            "seed {}: media is left: {:?}",
            self.seed,
            self.media
        );
        for (side, end) in self.ends.iter().enumerate() {
            assert_eq!(
                (
                    end.counters().calls + end.counters().told,
                    end.counters().server_transactions,
                    end.counters().client_transactions
                ),
                (0, 0, 0),
                "seed {}: calls are left at {side}",
                self.seed
            );
        }
    }

    /// Asserts that every SIP message of a call that Tandem sent carries `interaction`.
    pub fn assert_marked(&self, interaction: InteractionId) {
        assert!(!self.sent.is_empty());
        for message in &self.sent {
            let ids = message.session_id().expect("it is there");
            assert_eq!(
                ids.local.0,
                interaction.number(),
                "seed {}: {message:?}",
                self.seed
            );
        }
    }

    // Carries out what is due next, not after `end`; false when nothing is.
    fn step(&mut self, end: Timestamp) -> bool {
        let timers = self
            .ends
            .iter()
            .filter_map(Endpoint::poll_timeout)
            .map(timestamp);
        let first = timers
            .chain(self.hub.poll_timeout())
            .chain(self.due.first_key_value().map(|(key, _)| key.0))
            .min();
        let Some(at) = first.filter(|at| *at <= end) else {
            return false;
        };
        self.now = self.now.max(at);
        while let Some(entry) = self
            .due
            .first_entry()
            .filter(|entry| entry.key().0 <= self.now)
        {
            let due = entry.remove();
            self.carry_out(due);
        }
        for end in &mut self.ends {
            end.handle_timeout(instant(self.now));
        }
        self.hub.handle_timeout(self.now);
        self.settle();
        true
    }

    fn carry_out(&mut self, due: Due) {
        match due {
            Due::Packet { to, from, bytes } => {
                let flow = Flow {
                    transport: Transport::Udp,
                    local: address(to),
                    peer: address(from),
                    connection: 0,
                };
                self.ends[to].handle_message(&flow, bytes, instant(self.now));
            }
            Due::Answer { side, call } => self.ask(
                side,
                Command::Answer {
                    call,
                    sdp: sdp(side),
                },
            ),
            Due::Media(event) => self.phones.handle_media(event, self.now),
        }
    }

    fn settle(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.hub.poll_output() {
                quiet = false;
                match output {
                    Output::Fact(fact) => self.facts.push(fact),
                    Output::Command(command) => self.phones.handle_command(command, self.now),
                    Output::Reply(reply) => self.replies.push(reply),
                }
            }
            while let Some(output) = self.phones.poll_output() {
                quiet = false;
                match output {
                    phone::Output::Sip(command) => {
                        self.ends[TANDEM].handle_command(command, instant(self.now))
                    }
                    phone::Output::Media(command) => self.handle_media(command),
                    phone::Output::Hub(input) => self.hub.handle(input, self.now),
                    phone::Output::Browser(reply) => self.replies.push(reply),
                    phone::Output::Elsewhere { .. } => unreachable!("no page has a leg here"),
                }
            }
            for side in [TANDEM, CARRIER, PHONE] {
                while let Some(output) = self.ends[side].poll_output() {
                    quiet = false;
                    self.handle_end(side, output);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn handle_end(&mut self, side: usize, output: SipOutput) {
        match output {
            SipOutput::Transmit { to, bytes, .. } => self.transmit(side, to, bytes),
            // No trunk here is named by host.
            SipOutput::Ask(_) | SipOutput::Doubt { .. } | SipOutput::KeepAlive { .. } => {}
            SipOutput::Event(event) if side == TANDEM => self.phones.handle_sip(event, self.now),
            SipOutput::Event(event) => {
                if let SipEvent::Arrived { call, .. } = event {
                    self.welcome(side, call);
                }
                self.far.push((side, event));
            }
        }
    }

    fn welcome(&mut self, side: usize, call: CallKey) {
        let tag = Tag {
            session: SessionId(99),
            headers: Vec::new(),
        };
        let adopt = Command::Adopt { call, tag };
        self.ends[side].handle_command(adopt, instant(self.now));
        let ring = Command::Ring {
            call,
            code: 180,
            reason: None,
            sdp: None,
        };
        match self.manners[side] {
            Manner::Answers => {
                self.ends[side].handle_command(ring, instant(self.now));
                self.later(Duration::from_secs(1), Due::Answer { side, call });
            }
            Manner::Rings => self.ends[side].handle_command(ring, instant(self.now)),
            Manner::Refuses(code) => {
                let reject = Command::Reject {
                    call,
                    code,
                    reason: None,
                    retry_after: None,
                    warning: None,
                };
                self.ends[side].handle_command(reject, instant(self.now));
            }
        }
    }

    fn transmit(&mut self, from: usize, to: SocketAddr, bytes: Bytes) {
        if from == TANDEM {
            self.sent
                .push(Message::parse(bytes.clone()).expect("we send sound messages"));
        }
        let to = (0..3)
            .find(|&side| address(side) == to)
            .expect("nothing is sent elsewhere");
        if self.rng.random_bool(self.loss) {
            return;
        }
        let copies = if self.rng.random_bool(self.loss / 2.0) {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let delay = Duration::from_millis(self.rng.random_range(1..40));
            self.later(
                delay,
                Due::Packet {
                    to,
                    from,
                    bytes: bytes.clone(),
                },
            );
        }
    }

    fn later(&mut self, delay: Duration, due: Due) {
        self.next += 1;
        self.due.insert((self.now + delay, self.next), due);
    }

    fn handle_media(&mut self, command: MediaCommand) {
        let soon = Duration::from_millis(1);
        match command {
            MediaCommand::Open { leg, port, .. } => {
                self.media.insert(leg, Media::default());
                self.later(soon, Due::Media(MediaEvent::Opened { leg, port }));
            }
            MediaCommand::Browser { leg, .. } => {
                self.media.entry(leg).or_default();
                self.later(soon, Due::Media(MediaEvent::Secured { leg }));
            }
            MediaCommand::Remote { leg, media } => {
                let Some(entry) = self.media.get_mut(&leg) else {
                    return;
                };
                if entry.remote.replace(media).is_none() && !self.mute {
                    self.later(soon, Due::Media(MediaEvent::Flowing { leg }));
                }
            }
            MediaCommand::Bridge { a, b } => {
                for (leg, partner) in [(a, b), (b, a)] {
                    if let Some(entry) = self.media.get_mut(&leg) {
                        entry.partner = Some(partner);
                        entry.plays = None;
                    }
                }
            }
            MediaCommand::Hear { leg, whom } => {
                if let Some(entry) = self.media.get_mut(&leg) {
                    entry.partner = whom.first().copied().filter(|_| whom.len() == 1);
                }
            }
            MediaCommand::Unbridge { leg } => self.part(leg),
            MediaCommand::Play { leg, what, .. } => self.plays(leg, Some(what)),
            MediaCommand::StopPlaying { leg } => self.plays(leg, None),
            MediaCommand::Digit { .. }
            | MediaCommand::Watch { .. }
            | MediaCommand::Record { .. }
            | MediaCommand::PauseRecording { .. }
            | MediaCommand::StopRecording { .. } => {}
            MediaCommand::Close { leg } => {
                self.part(leg);
                self.media.remove(&leg);
                let stats = LegStats::default();
                self.later(soon, Due::Media(MediaEvent::Stats { leg, stats }));
            }
        }
    }

    fn plays(&mut self, leg: LegKey, what: Option<Program>) {
        if let Some(entry) = self.media.get_mut(&leg) {
            entry.plays = what;
        }
    }

    fn part(&mut self, leg: LegKey) {
        let partner = self
            .media
            .get_mut(&leg)
            .and_then(|entry| entry.partner.take());
        if let Some(entry) = partner.and_then(|key| self.media.get_mut(&key)) {
            entry.partner = None;
        }
    }
}

/// Who asks where no answer is awaited.
pub const NOBODY: Asker = Asker { socket: 0, id: 0 };

/// The agent of this house.
pub fn anna() -> AgentId {
    "anna".parse().expect("a sound name")
}

fn talks(media: &Media) -> bool {
    media.plays.is_none()
        && media
            .remote
            .as_ref()
            .is_some_and(|remote| remote.direction == Direction::SendRecv)
}

fn instant(at: Timestamp) -> Instant {
    Instant::after_start(Duration::from_millis(at.0))
}

fn timestamp(at: Instant) -> Timestamp {
    // Rounded up, so that what is due at that time is due.
    Timestamp(u64::try_from(at.since_start().as_micros().div_ceil(1_000)).unwrap_or(u64::MAX))
}

fn address(side: usize) -> SocketAddr {
    let last = [1, 2, 3][side];
    SocketAddr::from(([127, 0, 0, last], 5060))
}

fn trunk(name: &str, target: usize) -> Trunk {
    Trunk {
        name: name.to_owned(),
        sources: vec![Source::Network(Network::host(address(target).ip()))],
        target: address(target).into(),
        transport: Transport::Udp,
        certificate: None,
        credentials: None,
        trusted: true,
        login: None,
        max_calls: None,
        reach: sip::trunk::Reach::default(),
        manner: Default::default(),
    }
}

fn tandem() -> Config {
    let mut config = Config::new(address(TANDEM));
    config.trunks = vec![trunk("carrier", CARRIER), trunk("pbx", PHONE)];
    config
}

fn far(side: usize) -> Config {
    let mut config = Config::new(address(side));
    config.trunks = vec![trunk("tandem", TANDEM)];
    config
}

fn settings() -> phone::Settings {
    phone::Settings {
        bind: IpAddr::from([127, 0, 0, 1]).into(),
        address: IpAddr::from([127, 0, 0, 1]).into(),
        ports: 40_000..=40_099,
        rest: Duration::from_secs(5),
        ring: Duration::from_secs(30),
        codecs: vec![Codec::Pcmu, Codec::Pcma],
        trunk_codecs: std::collections::BTreeMap::new(),
        holds: phone::Holds::default(),
        srtp: hub::edge::phone::SrtpRules::default(),
        browsers: None,
    }
}

fn setup() -> Setup {
    let queue = "support".parse().expect("a sound name");
    let agent = AgentSetup {
        name: "Anna".to_owned(),
        queues: vec![queue],
        phone: PhoneSetup::Extension {
            trunk: "pbx".parse().expect("a sound name"),
            number: "201".parse().expect("a number"),
        },
        ..AgentSetup::default()
    };
    let queue: ws::id::QueueId = "support".parse().expect("a sound name");
    Setup {
        agents: BTreeMap::from([(anna(), agent)]),
        queues: BTreeMap::from([(
            queue.clone(),
            QueueSetup {
                limit: 100,
                ..QueueSetup::default()
            },
        )]),
        zones: BTreeMap::from([("shop".parse().expect("a sound name"), ZoneSetup::of(queue))]),
        outbound: Some("carrier".parse().expect("a sound name")),
        caller_number: Some("+4930555".parse().expect("a number")),
        ..Setup::default()
    }
}

fn sdp(side: usize) -> Bytes {
    let port = 7_000 + side * 100;
    Bytes::from(format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\na=sendrecv\r\n"
    ))
}
