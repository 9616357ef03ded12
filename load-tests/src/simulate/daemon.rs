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
    /// By how much its clock was set forward since, which that of the endpoint is not.
    lead: Duration,
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
            lead: Duration::ZERO,
        }
    }

    /// Returns what its clock shows: the wall's time at its start, counted on from there, and what it was set forward by.
    pub fn clock(&self, now: Time) -> Timestamp {
        self.steady(now) + self.lead
    }

    /// Returns the time of the endpoint, which no step of the clock moves.
    pub fn sip_clock(&self, now: Time) -> sip::Instant {
        sip::Instant::after_start(Duration::from_millis(self.steady(now).0))
    }

    /// Returns when a time of its clock comes.
    pub fn time_of(&self, at: Timestamp) -> Time {
        let lead = u64::try_from(self.lead.as_millis()).unwrap_or(u64::MAX);
        self.sip_time_of(Timestamp(at.0.saturating_sub(lead)))
    }

    /// Returns when a time of the endpoint comes.
    pub fn sip_time_of(&self, at: Timestamp) -> Time {
        self.born + at.0.saturating_sub(self.began.0)
    }

    /// Follows the wall's clock where that is ahead; tells whether it is. The time never goes back.
    pub fn follow(&mut self, wall: Timestamp, now: Time) -> bool {
        let by = wall.since(self.clock(now));
        if by.is_zero() {
            return false;
        }
        self.lead += by;
        self.house.handle_step(Jump::ahead(by), self.clock(now));
        true
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
