//! The daemon: everything a crash destroys. The house and the SIP endpoint are the real ones; what is around them does what
//! the shell does with tasks and sockets.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use hub::{
    Fact, Hub, State,
    edge::{
        browser::Browsers,
        phone::{Holds, Phones, Settings},
    },
    house::{House, Routes},
    setup::Setup,
    step::Jump,
};
use sip::{
    endpoint::{Account, Config, Endpoint, Transport},
    sdp::Codec,
    trunk::{Network, Reach, Source, Trunk},
};
use ws::id::{AgentId, Timestamp};

use crate::{
    agenda::Time,
    dice::Dice,
    hooks::Hooks,
    plane::Plane,
    post::{Post, Rounds},
    recorders::Recorder,
    voices,
    wire::Half,
};

/// Where the daemon is reached by SIP.
pub const HERE: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)),
    5060,
);
/// The password of every account.
pub const PASSWORD: &str = "secret";
/// Ports for media: few, so that a lost one is missed.
const PORTS: std::ops::RangeInclusive<u16> = 40_000..=40_047;

/// The daemon, from its start to its end.
pub struct Daemon {
    pub house: House,
    pub endpoint: Endpoint,
    pub plane: Plane,
    pub sessions: BTreeMap<u64, Half>,
    /// Whose consoles the house was told are open.
    pub consoles: BTreeMap<AgentId, BTreeSet<u64>>,
    /// How often the daemon has started.
    pub birth: u64,
    pub draining: bool,
    /// The state as it was decided, folded fact by fact.
    pub fold: State,
    pub rounds: Rounds,
    /// The way of webhooks.
    pub hooks: Rounds,
    /// Whether the endpoint was told that nothing can be written.
    pub ill: bool,
    began: Timestamp,
    born: Time,
    pace: Pace,
    /// What of its drift the house was told.
    drift: i64,
}

/// By how many milliseconds the time goes on more than passes before the house is told, and less, as in the shell.
const SLIGHT: i64 = 2_000;
const GRAIN: i64 = 5_000;

/// How the daemon's time goes on: as the wall's clock, and half as fast while it is ahead of it.
#[derive(Clone, Copy)]
struct Pace {
    at: Timestamp,
    since: Time,
    /// How far it was ahead of the wall's clock then, in milliseconds.
    ahead: u64,
}

impl Pace {
    fn new(wall: Timestamp, least: Timestamp, since: Time) -> Self {
        Self {
            at: wall.max(least),
            since,
            ahead: least.0.saturating_sub(wall.0),
        }
    }

    fn clock(&self, now: Time) -> Timestamp {
        let passed = now - self.since;
        let wall = (self.at.0 + passed).saturating_sub(self.ahead);
        Timestamp(wall.max(self.at.0 + passed / 2))
    }

    fn time_of(&self, at: Timestamp) -> Time {
        let left = at.0.saturating_sub(self.at.0);
        self.since + left + left.min(self.ahead)
    }

    /// Takes in what the wall's clock shows, where that was set.
    fn read(&mut self, wall: Timestamp, now: Time) {
        let expected = self.at.0 + (now - self.since);
        if expected.checked_sub(self.ahead) != Some(wall.0) {
            *self = Self::new(wall, self.clock(now), now);
        }
    }

    /// Returns when it has fallen behind by so many milliseconds more, if it does before it is caught up.
    fn loses(&self, more: i64, now: Time) -> Option<Time> {
        let left = self.clock(now).0 - (self.at.0 + now - self.since).saturating_sub(self.ahead);
        let more = u64::try_from(more).unwrap_or(0);
        (more <= left).then_some(now + 2 * more)
    }
}

impl Daemon {
    /// Starts from what is on the disk. The wall's clock may show anything.
    pub fn start(
        (setup, probes): (&Setup, bool),
        (facts, post, hooks): (&[Fact], &Post, &Hooks),
        birth: u64,
        (wall, now): (Timestamp, Time),
        dice: &mut Dice,
    ) -> Self {
        let mut hub = Hub::new(setup.clone(), dice.seed());
        let mut browsers =
            Browsers::new("journal".to_owned(), format!("start-{birth}"), dice.seed());
        let mut fold = State::default();
        for fact in facts {
            fold.apply(fact);
            hub.replay(fact);
            browsers.replay(fact);
        }
        let last = facts.last().map_or(Timestamp(0), |fact| fact.at);
        let began = wall.max(last);
        hub.start(began);
        let phones = Phones::new(settings(setup), dice.seed());
        Self {
            house: House::new(hub, browsers, phones, Routes::new()),
            endpoint: Endpoint::new(config(setup, probes), dice.seed()),
            plane: Plane::new(&setup.recording.announcement),
            sessions: BTreeMap::new(),
            consoles: BTreeMap::new(),
            birth,
            draining: false,
            fold,
            rounds: post.rounds(dice),
            hooks: hooks.rounds(dice),
            ill: false,
            began,
            born: now,
            pace: Pace::new(wall, last, now),
            drift: 0,
        }
    }

    /// Returns what its clock shows, which never goes back.
    pub fn clock(&self, now: Time) -> Timestamp {
        self.pace.clock(now)
    }

    /// Returns the time of the endpoint, which no step of the clock moves.
    pub fn sip_clock(&self, now: Time) -> sip::Instant {
        sip::Instant::after_start(Duration::from_millis(self.steady(now).0))
    }

    /// Returns when a time of its clock comes, if the wall's is not set meanwhile.
    pub fn time_of(&self, at: Timestamp) -> Time {
        self.pace.time_of(at)
    }

    /// Returns when a time of the endpoint comes.
    pub fn sip_time_of(&self, at: Timestamp) -> Time {
        self.born + at.0.saturating_sub(self.began.0)
    }

    /// Follows the wall's clock, and tells the house by how much the time went on more than passed, or less, once that is worth
    /// it; returns that.
    pub fn follow(&mut self, wall: Timestamp, now: Time) -> Option<Jump> {
        self.pace.read(wall, now);
        let drift = self.drift_at(now);
        let by = drift - self.drift;
        if by <= SLIGHT && by > -GRAIN {
            return None;
        }
        self.drift = drift;
        let jump = Jump::of(by);
        self.house.handle_step(jump, self.clock(now));
        Some(jump)
    }

    /// Returns when the house is to be told that the time fell behind.
    pub fn falls_behind(&self, now: Time) -> Option<Time> {
        let told = self.drift_at(now) - self.drift;
        self.pace.loses(GRAIN + told, now)
    }

    // By how many milliseconds the time went on more than passed since the start.
    fn drift_at(&self, now: Time) -> i64 {
        let millis = |at: Timestamp| i64::try_from(at.0).expect("times are small");
        millis(self.clock(now)) - millis(self.steady(now))
    }

    fn steady(&self, now: Time) -> Timestamp {
        self.began + Duration::from_millis(now - self.born)
    }
}

fn settings(setup: &Setup) -> Settings {
    Settings {
        bind: HERE.ip().into(),
        address: HERE.ip().into(),
        ports: PORTS,
        rest: Duration::from_secs(5),
        ring: setup.spans.ring,
        codecs: vec![Codec::Pcma, Codec::Pcmu],
        trunk_codecs: std::collections::BTreeMap::new(),
        holds: Holds {
            phones: true,
            trunks: ["carrier".to_owned()].into(),
        },
        srtp: hub::edge::phone::SrtpRules::default(),
        browsers: Some(voices::local()),
    }
}

/// Returns the settings of the daemon's endpoint, which may ask the carrier whether it is there.
pub fn config(setup: &Setup, probes: bool) -> Config {
    let mut config = Config::new(HERE);
    let mut carrier = trunk("carrier", CARRIER);
    carrier
        .sources
        .push(Source::Network(Network::host(BACKUP.ip())));
    carrier.reach.further = vec![BACKUP.into()];
    carrier.reach.qualify = probes.then_some(PROBES);
    config.trunks = vec![carrier, trunk("pbx", PBX)];
    if setup.recording.recorder.is_some() {
        let recorders = Recorder::all().into_iter();
        let recorders = recorders.map(|one| trunk(one.name().as_str(), one.address));
        config.trunks.extend(recorders);
    }
    config.accounts = setup
        .agents
        .keys()
        .map(|agent| {
            let account = Account::with_password(agent.as_str(), &config.realm, PASSWORD);
            (agent.to_string(), account)
        })
        .collect();
    config
}

/// The customers' side.
pub const CARRIER: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)),
    5060,
);
/// Its other place, for when the first does not answer.
pub const BACKUP: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 250)),
    5060,
);
/// How often the carrier is asked whether it is there.
const PROBES: Duration = Duration::from_secs(40);
/// Extensions of agents.
pub const PBX: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 3)),
    5060,
);

pub fn trunk(name: &str, target: SocketAddr) -> Trunk {
    Trunk {
        name: name.to_owned(),
        sources: vec![Source::Network(Network::host(target.ip()))],
        target: target.into(),
        transport: Transport::Udp,
        credentials: None,
        trusted: true,
        login: None,
        max_calls: None,
        certificate: None,
        reach: Reach::default(),
        manner: Default::default(),
    }
}
