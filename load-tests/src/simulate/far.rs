//! Far parties: the carrier with its customers, a PBX with extensions, agents' phones. Each is a SIP endpoint of its own;
//! what the people at them do is chance.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use bytes::Bytes;
use sip::{
    endpoint::{
        CallKey, Cause, Command, Config, EndedBy, Endpoint, Event, Identity, Output, SessionId,
        Tag, Target,
    },
    families::Families,
    trunk::TrunkCredentials,
};
use ws::id::{AgentId, LegId};

use crate::{
    agenda::{Due, Time, Who},
    client::NUMBERS,
    daemon::{BACKUP, HERE, PASSWORD, trunk},
    dice::Dice,
    furnish::{DIRECT, MENU},
    phone::Line,
    plane::ceil,
    world::{DAY, World},
};

/// Longer than a call that is not acknowledged is kept up by anybody.
const ALONE: u64 = 40_000;

/// The longest a datagram is under way.
const UNDER_WAY: u64 = 1_000;

/// Whose phones they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Carrier,
    Pbx,
    Phone(AgentId),
}

/// One far endpoint.
pub struct Far {
    pub address: SocketAddr,
    pub kind: Kind,
    pub endpoint: Endpoint,
    pub calls: BTreeMap<CallKey, Call>,
    /// An agent's phone registers.
    pub line: Option<Line>,
    /// It is switched off: nothing is heard, nothing is said.
    pub off: bool,
    pub hears: Heard,
    dialled: u64,
    ports: u16,
}

/// Of what a far endpoint hears now.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Its Call-ID.
    pub call: String,
    /// When the INVITE of that call was first sent.
    pub sent: Time,
    /// The daemon's leg, where it says so.
    pub leg: Option<LegId>,
    /// The tags of From and To.
    pub tags: (String, String),
}

/// One call at a far party.
#[derive(Debug)]
pub struct Call {
    pub media: SocketAddr,
    pub version: u32,
    /// Since when it is up.
    pub up: Option<Time>,
    /// Says nothing.
    mute: bool,
    pub holds: bool,
    /// Whether the daemon says that it is on hold.
    pub held: bool,
    /// The daemon's leg.
    inbound: bool,
    /// Which start of the daemon it belongs to.
    birth: u64,
    /// When its INVITE was first sent.
    begun: Time,
    /// Its Call-ID, where it came in.
    id: String,
    /// The daemon's leg, where it says so.
    pub leg: Option<LegId>,
    /// The dialog as the daemon reads it in Replaces, once it is up.
    pub dialog: Option<String>,
}

impl Far {
    pub fn new(last: u8, kind: Kind, dice: &mut Dice) -> Self {
        let address = SocketAddr::from(([192, 0, 2, last], 5060));
        let mut config = Config::new(address);
        let mut house = trunk("tandem", HERE);
        if let Kind::Phone(agent) = &kind {
            house.credentials = Some(TrunkCredentials {
                user: agent.to_string(),
                password: PASSWORD.to_owned(),
            });
        }
        config.trunks = vec![house];
        let line = match &kind {
            Kind::Phone(_) => Some(Line::default()),
            Kind::Carrier | Kind::Pbx => None,
        };
        Self {
            address,
            kind,
            endpoint: Endpoint::new(config, dice.seed()),
            calls: BTreeMap::new(),
            line,
            off: false,
            hears: Heard::default(),
            dialled: 0,
            ports: 10_000,
        }
    }

    fn call(&mut self, (birth, begun): (u64, Time), inbound: bool, mute: bool) -> Call {
        self.ports += 2;
        Call {
            media: SocketAddr::new(self.address.ip(), self.ports),
            version: 1,
            up: None,
            mute,
            holds: false,
            held: false,
            inbound,
            birth,
            begun,
            id: String::new(),
            leg: None,
            dialog: None,
        }
    }

    /// Returns from where something comes.
    pub fn speaking(&self) -> impl Iterator<Item = SocketAddr> {
        let on = self.calls.values().filter(|_| !self.off);
        on.filter(|call| call.up.is_some() && !call.mute && !call.holds && !call.held)
            .map(|call| call.media)
    }
}

impl Call {
    pub fn sdp(&self) -> Bytes {
        let direction = match (self.holds, self.held) {
            (false, false) => "sendrecv",
            (true, false) => "sendonly",
            (false, true) => "recvonly",
            (true, true) => "inactive",
        };
        let (ip, port, version) = (self.media.ip(), self.media.port(), self.version);
        Bytes::from(format!(
            "v=0\r\no=- {port} {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 8\r\na={direction}\r\n"
        ))
    }
}

/// Returns a time of a far endpoint, whose clock is right.
pub fn clock(now: Time) -> sip::Instant {
    sip::Instant::after_start(Duration::from_millis(DAY + now))
}

impl World {
    /// Returns from where something comes.
    pub fn speaking(&self) -> BTreeSet<SocketAddr> {
        self.fars.iter().flat_map(Far::speaking).collect()
    }

    fn birth(&self) -> u64 {
        self.daemon.as_ref().map_or(0, |daemon| daemon.birth)
    }

    /// Lets a customer call.
    pub fn call_in(&mut self) {
        let to = [
            "support", "sales", "support", "a0", "a1", DIRECT, MENU, MENU, "nobody", "sales",
        ];
        let to = *self.dice.pick(&to).expect("some");
        let from = *self.dice.pick(&NUMBERS).expect("some");
        let known: Vec<_> = self.ledger.live().map(|(id, _)| id.number()).collect();
        let session = match self.dice.chance(15) {
            true => self.dice.pick(&known).copied(),
            false => None,
        };
        let session = session.unwrap_or_else(|| self.dice.id());
        let far = match self.dice.chance(20) {
            true => self.fars.len() - 1,
            false => 0,
        };
        self.dial((far, from), to, session);
    }

    /// Lets somebody at a far party dial.
    pub fn dial(&mut self, who: (usize, &str), to: &str, session: u128) {
        self.dial_with(who, to, session, Vec::new());
    }

    /// The same, with header fields in the INVITE.
    pub fn dial_with(
        &mut self,
        (far, from): (usize, &str),
        to: &str,
        session: u128,
        headers: Vec<(String, String)>,
    ) {
        let session = SessionId(session);
        let (birth, mute) = ((self.birth(), self.now), self.dice.chance(5));
        let place = &mut self.fars[far];
        place.dialled += 1;
        let key = CallKey::Out(place.dialled);
        let call = place.call(birth, false, mute);
        let command = Command::Dial {
            call: key,
            to: Target::Trunk {
                trunk: "tandem".to_owned(),
                number: to.to_owned(),
            },
            from: Identity {
                display: "Caller".to_owned(),
                user: from.to_owned(),
                vouched: Vec::new(),
                sent_on: None,
            },
            elsewhere: Vec::new(),
            sdp: Families::V4(call.sdp()).into(),
            tag: Tag {
                session,
                headers: Vec::new(),
            },
            headers,
            hops: sip::endpoint::HOPS,
            ring_for: Duration::from_secs(120),
        };
        place.calls.insert(key, call);
        self.note(|| format!("a caller {from} dials {to}"));
        let patience = match self.dice.below(5) {
            0 => self.dice.below(2_000),
            1 => self.dice.below(30_000),
            _ => self.dice.below(300_000),
        };
        self.plan(patience as u64, Due::HangsUp { far, call: key });
        self.ask_far(far, command);
    }

    /// Has a far endpoint do something.
    pub fn ask_far(&mut self, far: usize, command: Command) {
        let now = clock(self.now);
        self.fars[far].endpoint.handle_command(command, now);
        self.flush_far(far);
    }

    /// Takes what a far endpoint puts out.
    pub fn flush_far(&mut self, far: usize) {
        while let Some(output) = self.fars[far].endpoint.poll_output() {
            match output {
                Output::Transmit { to, bytes, .. } => {
                    let from = self.fars[far].address;
                    if self.fars[far].off {
                        self.disturbed = self.now;
                    } else {
                        self.fly(from, to, bytes);
                    }
                }
                // No trunk of this world is named by host.
                Output::Ask(_) | Output::Doubt { .. } | Output::KeepAlive { .. } => {}
                Output::Event(event) => self.far_event(far, event),
            }
        }
        let due = self.fars[far].endpoint.poll_timeout();
        let due = due.map(|at| ceil(at).saturating_sub(DAY));
        self.agenda.wake(Who::Far(far), due, self.now);
    }

    fn far_event(&mut self, far: usize, event: Event) {
        let now = self.now;
        match event {
            Event::Arrived { call, .. } => self.far_rings(far, call),
            Event::Answered { call, .. } => {
                let span = self.dice.below(120_000) as u64;
                let entry = self.fars[far].calls.get_mut(&call);
                if let Some(entry) = entry {
                    entry.up = Some(now);
                    self.plan(span + 1_000, Due::HangsUp { far, call });
                    self.name_call(far, call, false);
                    self.plan_hold(far, call);
                    self.plan_refer(far, call);
                }
            }
            Event::Confirmed { call, .. } => {
                self.name_call(far, call, true);
                self.plan_hold(far, call);
                self.plan_refer(far, call);
            }
            Event::Ended { call, by, .. } => {
                let ended = self.fars[far].calls.remove(&call);
                self.check_end(far, by, ended);
            }
            Event::Failed { call, .. } | Event::Cancelled { call, .. } => {
                self.fars[far].calls.remove(&call);
            }
            Event::Offered { call, sdp, .. } => self.far_is_offered(far, call, sdp),
            Event::Referred { call, .. } => self.far_referred(far, call),
            Event::ReferProgress { call, code, .. } => self.far_is_told(far, call, code),
            Event::Progress { sdp: Some(_), .. } => self.hear("a caller hears early media"),
            Event::Progress { sdp: None, .. }
            | Event::RecordAware { .. }
            | Event::Rerouted { .. }
            | Event::PassedOver { .. }
            | Event::Redirected { .. }
            | Event::OfferAnswered { .. }
            | Event::Refreshed { .. }
            | Event::OfferRefused { .. }
            | Event::Digit { .. }
            | Event::KeyRefused { .. }
            | Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::Located { .. }
            | Event::NotLocated { .. }
            | Event::TrunkUp { .. }
            | Event::TrunkDown { .. }
            | Event::TrunkRegistered { .. }
            | Event::TrunkUnregistered { .. }
            | Event::Banned { .. } => {}
        }
    }

    fn far_rings(&mut self, far: usize, call: CallKey) {
        let heard = self.fars[far].hears.clone();
        let (birth, mute) = ((self.birth(), heard.sent), self.dice.chance(4));
        let mut entry = self.fars[far].call(birth, true, mute);
        (entry.id, entry.leg) = (heard.call, heard.leg);
        self.fars[far].calls.insert(call, entry);
        let tag = Tag {
            session: SessionId(self.dice.id()),
            headers: Vec::new(),
        };
        self.ask_far(far, Command::Adopt { call, tag });
        let is_carrier = self.fars[far].kind == Kind::Carrier;
        if is_carrier {
            self.check_place(far, call);
        }
        let dice = if is_carrier {
            self.dice.below(100)
        } else {
            self.dice.below(130)
        };
        let ring = u64::try_from(self.setup.spans.ring.as_millis()).unwrap_or(u64::MAX);
        let (answers, refuses) = match dice {
            0..8 => (None, Some(486)),
            8..12 => (None, Some(603)),
            12..15 => (None, Some(503)),
            15..18 if is_carrier => (None, Some(607)),
            18..20 if is_carrier => (None, Some(404)),
            20..28 => (None, None),
            // Just when the other side gives up.
            28..36 => (Some(ring - 300 + self.dice.below(600) as u64), None),
            _ => (Some(self.dice.below(8_000) as u64), None),
        };
        self.note(|| format!("{far} rings: {answers:?} {refuses:?}"));
        if let Some(code) = refuses {
            self.fars[far].calls.remove(&call);
            let reject = Command::Reject {
                call,
                code,
                reason: None,
                retry_after: None,
                warning: None,
            };
            return self.ask_far(far, reject);
        }
        let code = if self.dice.chance(20) { 183 } else { 180 };
        let ring = Command::Ring {
            call,
            code,
            reason: None,
            sdp: None,
        };
        self.ask_far(far, ring);
        if let Some(after) = answers {
            self.plan(after, Due::Answers { far, call });
        }
    }

    // A customer's phone rings by one place of the carrier.
    fn check_place(&mut self, far: usize, call: CallKey) {
        if self.fars[far].address == BACKUP {
            self.hear("a call goes by the carrier's other place");
        }
        let new = &self.fars[far].calls[&call];
        let elsewhere = self.fars.iter().enumerate().filter(|(at, _)| *at != far);
        let mut same = elsewhere.flat_map(|(_, other)| other.calls.values());
        let twice = same.any(|other| other.id == new.id) && self.is_undisturbed(new);
        assert!(!twice, "a customer's phone rings by two places: {}", new.id);
    }

    /// A call is cancelled; now and then its far party picks up just then.
    pub fn cancelled(&mut self, to: SocketAddr, id: &str) {
        let Some(far) = self.fars.iter().position(|far| far.address == to) else {
            return;
        };
        let mut rings = self.fars[far].calls.iter();
        let rings = rings.find(|(_, call)| call.id == id && call.up.is_none());
        if let Some(call) = rings.map(|(key, _)| *key)
            && self.dice.chance(20)
        {
            self.hear("a far party picks up while the CANCEL is under way");
            self.plan(0, Due::Answers { far, call });
        }
    }

    /// A far party picks up.
    pub fn far_answers(&mut self, far: usize, call: CallKey) {
        let now = self.now;
        let Some(entry) = self.fars[far].calls.get_mut(&call) else {
            return;
        };
        entry.up = Some(now);
        let sdp = entry.sdp();
        self.note(|| format!("{far} picks up"));
        self.ask_far(far, Command::Answer { call, sdp });
        let span = match self.dice.below(4) {
            0 => 100 + self.dice.below(3_000) as u64,
            1 => 90_000,
            _ => 1_000 + self.dice.below(120_000) as u64,
        };
        self.plan(span, Due::HangsUp { far, call });
    }

    /// A far party has had enough.
    pub fn far_hangs_up(&mut self, far: usize, call: CallKey) {
        let Some(entry) = self.fars[far].calls.get(&call) else {
            return;
        };
        if let Some(since) = entry.up
            && entry.inbound
            && since + ALONE < self.now
            && self.is_undisturbed(entry)
        {
            let known = self.daemon.as_ref();
            let known = known.is_some_and(|daemon| daemon.plane.talks_with(entry.media));
            assert!(
                known,
                "no far party is left alone in a call: {far} {call:?}"
            );
        }
        let cause = Cause::normal();
        self.note(|| format!("{far} hangs up"));
        self.ask_far(far, Command::HangUp { call, cause });
    }

    // Whoever picked up is acknowledged, unless something came between.
    fn check_end(&mut self, far: usize, by: EndedBy, ended: Option<Call>) {
        let Some(call) = ended.filter(|call| call.inbound && call.up.is_some()) else {
            return;
        };
        let alone = by == EndedBy::NoAck && self.is_undisturbed(&call);
        assert!(!alone, "who picks up is acknowledged: {far}");
    }

    /// Tells whether nothing was lost between a far party and the daemon since the call began, or just before.
    fn is_undisturbed(&self, call: &Call) -> bool {
        self.birth() == call.birth && self.disturbed + UNDER_WAY < call.begun
    }
}
