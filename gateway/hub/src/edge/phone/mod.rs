//! The telephone edge: turns what the SIP endpoint and the media plane report into the hub's inputs, and the hub's
//! commands into theirs. Its two clocks are one: the shell starts the endpoint's at the Unix epoch. It owns each leg's offer/answer state and the RTP ports; it decides nothing about interactions.

mod arrivals;
mod browsers;
mod cause;
mod commands;
mod early;
mod forks;
mod in_browser;
mod indications;
mod keys;
mod leg;
mod media;
mod offers;
mod ports;
mod programs;
mod recorders;
mod recording;
mod referrals;
mod registrations;
mod rooms;
mod security;
mod signals;
mod tag;
mod trunks;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
    ops::RangeInclusive,
    sync::Arc,
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use sip::{
    endpoint::{CallKey, Command as SipCommand},
    families::Families,
    media::{LegKey, MediaCommand},
    rooms::Rooms,
    sdp::{BrowserLocal, Codec, Local, SdpSession, Srtp},
    stir::Signed,
};
use ws::id::{InteractionId, LegId, Timestamp};

use crate::{
    input::{Cause, Input, LegNews, Reply},
    step::Jump,
};
pub use browsers::{FromBrowser, Owner};
use indications::Indications;
use leg::Leg;
pub use offers::Holds;
use ports::Ports;
use recorders::Recorders;
use registrations::Registrations;
pub use security::{KeyWay, SrtpRules};

/// How often another port is tried when one cannot be bound.
const PORT_TRIES: u8 = 5;

/// The settings of the telephone edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The addresses RTP is taken at on this machine; of the families of `address`.
    pub bind: Families<IpAddr>,
    /// The same as peers reach them, for SDP; others behind address translation.
    pub address: Families<IpAddr>,
    /// The UDP ports for RTP and RTCP.
    pub ports: RangeInclusive<u16>,
    /// How long a port rests after a call.
    pub rest: Duration,
    /// How long a dialled phone may ring; the hub's own deadline should be no later.
    pub ring: Duration,
    /// The codecs taken, best first.
    pub codecs: Vec<Codec>,
    /// Those of a trunk that has a list of its own, by its name.
    pub trunk_codecs: BTreeMap<String, Vec<Codec>>,
    /// Whose holds are signalled.
    pub holds: Holds,
    /// How it is secured.
    pub srtp: SrtpRules,
    /// What browsers are told; none when they are not served.
    pub browsers: Option<BrowserLocal>,
}

/// What comes out.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// For the SIP endpoint.
    Sip(SipCommand),
    /// For the media plane.
    Media(MediaCommand),
    /// For the hub.
    Hub(Input),
    /// For a page.
    Browser(Reply),
    /// For the page that had a leg until another one took it.
    Elsewhere {
        /// Its socket.
        socket: u64,
        /// The leg.
        leg: LegId,
    },
}

/// All telephone legs.
#[derive(Debug)]
pub struct Phones {
    settings: Settings,
    rng: StdRng,
    ports: Ports,
    legs: BTreeMap<LegKey, Leg>,
    by_call: BTreeMap<CallKey, LegKey>,
    by_id: BTreeMap<LegId, LegKey>,
    /// The calls by which transfers were asked for that nothing came of yet.
    referrals: BTreeMap<LegId, CallKey>,
    /// Each live interaction's first call, and how many legs still rest on it.
    a_legs: BTreeMap<InteractionId, ALeg>,
    /// What is kept of arrived calls until they are adopted.
    came: BTreeMap<LegKey, Came>,
    /// Who talks with whom, and what the media plane was told of it: whom each leg hears.
    rooms: Rooms<LegKey>,
    told: BTreeMap<LegKey, BTreeSet<LegKey>>,
    /// Ports of closed legs until the media plane has let go of them.
    closing: BTreeMap<LegKey, u16>,
    /// Legs that are over and wait for their last numbers, and why they ended.
    parting: BTreeMap<LegKey, (LegId, Cause)>,
    registrations: Registrations,
    recorders: Recorders,
    indications: Indications,
    /// Keys that came by INFO and may come as events yet, the oldest first.
    keys: VecDeque<keys::Waiting>,
    /// What of trunks does not answer.
    downs: trunks::Downs,
    /// What time it was when something came in last.
    now: Timestamp,
    /// How the house's time moved against that of SIP, which no step of the clock does.
    lead: Jump,
    next: u64,
    outputs: VecDeque<Output>,
}

#[derive(Debug)]
struct ALeg {
    came: Came,
    legs: usize,
}

/// What calls that follow need of the one that came.
#[derive(Debug)]
struct Came {
    call_id: String,
    /// How many hops it may go, and those by which it is carried on.
    hops: u8,
    /// The caller's number, where it is shown.
    from: Option<String>,
    /// What is signed of it, and held or was not checked; empty where nothing is.
    signed: Arc<Signed>,
}

impl Phones {
    /// Makes an edge without legs; `seed` feeds the ids it makes.
    pub fn new(settings: Settings, seed: [u8; 32]) -> Self {
        Self {
            ports: Ports::new(settings.ports.clone(), settings.rest),
            settings,
            rng: StdRng::from_seed(seed),
            legs: BTreeMap::new(),
            by_call: BTreeMap::new(),
            by_id: BTreeMap::new(),
            referrals: BTreeMap::new(),
            a_legs: BTreeMap::new(),
            came: BTreeMap::new(),
            rooms: Rooms::default(),
            told: BTreeMap::new(),
            closing: BTreeMap::new(),
            parting: BTreeMap::new(),
            registrations: Registrations::new(),
            recorders: Recorders::default(),
            indications: Indications::default(),
            keys: VecDeque::new(),
            downs: trunks::Downs::new(),
            now: Timestamp(0),
            lead: Jump::default(),
            next: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Returns what is to be carried out next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns how many legs there are, arrived calls included.
    pub fn leg_count(&self) -> usize {
        self.legs.len()
    }

    /// Returns how many transfers were asked for by SIP that nothing came of yet.
    pub fn referral_count(&self) -> usize {
        self.referrals.len()
    }

    /// Returns how many recordings are sent to a recorder outside, or about to be.
    pub fn recorder_count(&self) -> usize {
        self.recorders.len()
    }

    /// Returns how many RTP ports are neither free nor at rest.
    pub fn ports_in_use(&self) -> usize {
        self.ports.in_use()
    }

    /// Returns for how many more callers there are RTP ports, and for how many there are at most.
    pub fn room(&self, now: Timestamp) -> (usize, usize) {
        self.ports.room(now)
    }

    fn sip(&mut self, command: SipCommand) {
        if !browsers::is_of_browser(&command) {
            self.outputs.push_back(Output::Sip(command));
        }
    }

    fn media(&mut self, command: MediaCommand) {
        self.outputs.push_back(Output::Media(command));
    }

    fn tell(&mut self, input: Input) {
        self.outputs.push_back(Output::Hub(input));
    }

    fn next_key(&mut self) -> LegKey {
        self.next += 1;
        LegKey(self.next)
    }

    /// The codecs taken with a trunk, or with a phone.
    fn codecs(&self, trunk: Option<&str>) -> Vec<Codec> {
        let own = trunk.and_then(|trunk| self.settings.trunk_codecs.get(trunk));
        own.unwrap_or(&self.settings.codecs).clone()
    }

    fn local(&self, port: u16, codecs: Vec<Codec>, srtp: Srtp) -> Local {
        Local {
            address: self.settings.address,
            port,
            codecs,
            srtp,
            ice: None,
        }
    }

    fn new_sdp(&mut self, local: Local) -> SdpSession {
        SdpSession::new(self.rng.next_u64() >> 1, local)
    }

    fn leg_of(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.get_mut(self.by_id.get(&id)?)
    }

    fn id_of_call(&self, call: CallKey) -> Option<LegId> {
        self.legs.get(self.by_call.get(&call)?)?.id
    }

    fn key_of_call(&self, call: CallKey) -> Option<LegKey> {
        self.by_call.get(&call).copied()
    }

    /// Forgets a leg, closes its media and tells the hub, once. Where something was heard of it, its end is told when the
    /// media plane has told how well, which is at once.
    fn finish(&mut self, key: LegKey, cause: Cause) {
        let Some(leg) = self.legs.remove(&key) else {
            return;
        };
        self.by_call.remove(&leg.call);
        self.came.remove(&key);
        self.indications.forget(key);
        self.forget_keys(key);
        self.leave_room(key);
        self.party_left(key);
        self.early_is_over(&leg);
        self.media(MediaCommand::Close { leg: key });
        self.rest_port(key, leg.port);
        if let Some(id) = leg.id {
            self.by_id.remove(&id);
            self.forget_a_leg(id.interaction);
            self.set_alone(id.interaction, true);
            if leg.flowing {
                self.parting.insert(key, (id, cause));
            } else {
                self.tell(Input::Leg(LegNews::Ended { leg: id, cause }));
            }
        }
    }

    fn forget_a_leg(&mut self, interaction: InteractionId) {
        let Some(a_leg) = self.a_legs.get_mut(&interaction) else {
            return;
        };
        a_leg.legs -= 1;
        if a_leg.legs == 0 {
            self.a_legs.remove(&interaction);
        }
    }

    // The port of all browsers is no leg's.
    fn rest_port(&mut self, key: LegKey, port: u16) {
        if port != 0 {
            self.closing.insert(key, port);
        }
    }

    /// Gives the port of a closed leg back.
    fn release_port(&mut self, key: LegKey, now: Timestamp) {
        if let Some(port) = self.closing.remove(&key) {
            self.ports.give_back(port, now);
        }
    }
}
