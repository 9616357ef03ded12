//! The SIP endpoint: a user agent core over transactions and dialogs (RFC 3261 §8, §12 to §15), with
//! registrar and trunks. Bytes and commands go in by `handle_*`, bytes and events come out by
//! [`Endpoint::poll_output`]; it sends nothing itself and knows no clock.

mod auth;
mod call;
mod callers;
mod cancelling;
mod command;
mod config;
mod contact;
mod counters;
mod dialing;
mod early;
mod event;
mod flow;
mod guarding;
mod incoming;
mod large;
mod leaving;
mod left;
mod loads;
mod locating;
mod offering;
mod outreach;
mod outside;
mod pressing;
mod receive;
mod recorder;
mod redirect;
mod refer;
mod referring;
mod register;
mod reinvite;
mod reliable;
mod replacing;
mod reply;
mod route;
mod session;
mod tables;
mod ways;
mod within;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

pub use crate::message::{SessionId, SessionIds};
pub use callers::{Asserted, Caller, Told};
pub use command::{CallKey, Cause, Command, Elsewhere, Identity, Tag, Target};
pub use config::{Account, Config, Limits, Timing};
pub use counters::{Counters, Direction, TrunkStanding};
pub use event::{Arrival, EndedBy, Event, Fork, Output, Peer, Refer, Replaced, Unreached};
pub use flow::{Flow, Transport};
pub use left::{Lack, Left};
pub use reply::Warning;

use crate::Instant;
use crate::digest::Authenticator;
use crate::guard::Guard;
use crate::locate::{Answer, Query};
use crate::registrar::Registrar;
use crate::transaction::{ClientEvent, Clients, Hop, Keyed, ServerEvent, Servers};
use call::{Call, LocalTag};
use dialing::Dial;
use large::Large;
use loads::Loads;
use locating::Locating;
use outreach::Outreach;
use reply::Refusal;

/// A connection that a request got no answer by is closed when nothing came by it for so long.
const SILENT: std::time::Duration = std::time::Duration::from_secs(30);
/// How many hops a request of ours may go (RFC 3261 §8.1.1.6).
pub const HOPS: u8 = 70;
/// Header fields of an INVITE that [`Arrival::headers`] keeps; those that start with `X-` are kept too.
pub const KEPT_HEADERS: &[&str] = &[
    "User-to-User",
    "Diversion",
    "History-Info",
    "Subject",
    "Priority",
    "User-Agent",
    "Referred-By",
];

/// A user agent, registrar and trunk end for many calls.
#[derive(Debug)]
pub struct Endpoint {
    config: Config,
    rng: StdRng,
    keyed: Keyed,
    authenticator: Authenticator,
    servers: Servers,
    clients: Clients,
    registrar: Registrar,
    /// A call is `None` only while it is worked on.
    calls: BTreeMap<CallKey, Option<Box<Call>>>,
    /// Those of them that go to recorders.
    recorders: BTreeSet<CallKey>,
    /// Those of them that we dialled to phones of the house.
    phones: BTreeSet<CallKey>,
    /// Those of them that are over, but for what their peers are told of transfers.
    told: BTreeSet<CallKey>,
    tags: BTreeMap<LocalTag, CallKey>,
    call_due: BTreeSet<(Instant, CallKey)>,
    loads: Loads,
    /// What the peers of connections proved by certificate.
    proved: BTreeMap<u64, Vec<String>>,
    outreach: Outreach,
    locating: Locating,
    large: Large,
    guard: Guard,
    next_in: u64,
    draining: bool,
    outputs: VecDeque<Output>,
    counters: Counters,
}

impl Endpoint {
    /// Makes an endpoint without calls. Everything random in it grows from `seed`, which must be secret and
    /// new at each start.
    pub fn new(config: Config, seed: [u8; 32]) -> Self {
        let mut rng = StdRng::from_seed(seed);
        let keyed = Keyed::new(rng.random());
        let authenticator = Authenticator::new(config.realm.clone(), rng.random());
        Self {
            servers: Servers::new(keyed.clone()),
            clients: Clients::default(),
            registrar: Registrar::default(),
            calls: BTreeMap::new(),
            recorders: BTreeSet::new(),
            phones: BTreeSet::new(),
            told: BTreeSet::new(),
            tags: BTreeMap::new(),
            call_due: BTreeSet::new(),
            loads: Loads::default(),
            proved: BTreeMap::new(),
            outreach: Outreach::default(),
            locating: Locating::default(),
            large: Large::default(),
            guard: Guard::default(),
            next_in: 1,
            draining: false,
            outputs: VecDeque::new(),
            counters: Counters::default(),
            config,
            rng,
            keyed,
            authenticator,
        }
    }

    /// Takes a datagram, or one message cut out of a stream. `bytes` is kept as it is while parts of it are
    /// in use, so a slice of a large buffer keeps that buffer alive.
    pub fn handle_message(&mut self, flow: &Flow, bytes: Bytes, now: Instant) {
        self.receive(flow, bytes, now);
    }

    /// Takes notice of a keep-alive by datagram (RFC 5626 §4.4): a phone whose flow kept itself alive and does no longer is
    /// unregistered.
    pub fn handle_keep_alive(&mut self, peer: SocketAddr, now: Instant) {
        self.registrar.handle_keep_alive(peer, now);
    }

    /// Takes notice that the peer of a new connection proved `names` by its certificate; told before its messages.
    pub fn handle_proved(&mut self, connection: u64, names: Vec<String>) {
        self.proved.insert(connection, names);
    }

    /// Takes notice that a connection is closed: what waited for an answer on it fails, phones that
    /// cannot be reached otherwise are unregistered, and accounts of ours that it registered are registered anew.
    pub fn handle_connection_lost(&mut self, connection: u64, now: Instant) {
        for event in self
            .clients
            .handle_connection_lost(connection, &self.config.timing, now)
        {
            self.handle_client(event, now);
        }
        self.account_cut_off(connection, now);
        self.proved.remove(&connection);
        self.registrar.handle_connection_lost(connection);
        self.report_bindings();
    }

    /// Takes notice that a connection that led to `to` is closed, besides [`Self::handle_connection_lost`]: what was sent there
    /// and has no answer yet is sent by another.
    pub fn handle_way_lost(&mut self, transport: Transport, to: SocketAddr, now: Instant) {
        for event in self
            .clients
            .handle_way_lost(transport, to, &self.config.timing, now)
        {
            self.handle_client(event, now);
        }
    }

    /// Takes notice that something could not be sent to `to`: refused, unreachable, or no connection was made.
    pub fn handle_transmit_failed(&mut self, transport: Transport, to: SocketAddr, now: Instant) {
        if transport == Transport::Tcp {
            self.large.refused(to, now);
        }
        for event in self
            .clients
            .handle_transmit_failed(transport, to, &self.config.timing, now)
        {
            self.handle_client(event, now);
        }
    }

    /// Takes notice that a datagram to `to`, of which `quoted` is the beginning, could not be delivered, as the network says. It
    /// is believed where a request quoted so waits for its answer: who did not see it cannot make that up (RFC 5927 §4).
    pub fn handle_undelivered(&mut self, to: SocketAddr, quoted: &[u8], now: Instant) {
        for event in self
            .clients
            .handle_undelivered(to, quoted, &self.config.timing, now)
        {
            self.handle_client(event, now);
        }
    }

    /// Takes an answer of the DNS to an [`Output::Ask`].
    pub fn handle_dns(&mut self, query: &Query, answer: &Answer, now: Instant) {
        let changes = self.locating.handle_answer(query, answer, now);
        self.located(changes, now);
    }

    /// Carries out what its owner asks.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of command")]
    pub fn handle_command(&mut self, command: Command, now: Instant) {
        match command {
            Command::Defer { call } => self.defer(call, now),
            Command::Adopt { call, tag } => self.adopt(call, tag.session, tag.headers, now),
            Command::Ring {
                call,
                code,
                reason,
                sdp,
            } => self.ring(call, code, reason.as_deref(), sdp, now),
            Command::Answer { call, sdp } => self.answer(call, sdp, now),
            Command::Reject {
                call,
                code,
                reason,
                retry_after,
                warning,
            } => {
                let refusal = Refusal {
                    reason,
                    ..Refusal::new(code)
                };
                self.reject(call, refusal.after(retry_after).warning(warning), now);
            }
            Command::Dial {
                call,
                to,
                from,
                elsewhere,
                sdp,
                tag,
                headers,
                hops,
                ring_for,
            } => {
                self.dial(
                    call,
                    Dial {
                        to,
                        from,
                        elsewhere,
                        sdp,
                        tag,
                        headers,
                        hops,
                        ring_for,
                    },
                    now,
                );
            }
            Command::Follow {
                call,
                to,
                from,
                elsewhere,
                done,
                // They are for who signs it on its way here.
                session: _,
                passed_on: _,
            } => self.follow(call, (&to, &from), (&elsewhere, done), now),
            Command::PassOver { call } => self.pass_over(call, now),
            Command::Describe { call, metadata } => self.describe(call, metadata),
            Command::HangUp { call, cause } => self.hang_up(call, cause, now),
            Command::AcceptOffer { call, fork, sdp } => self.accept_offer(call, fork, sdp, now),
            Command::RefuseOffer {
                call,
                fork,
                code,
                warning,
            } => self.refuse_offer(call, fork, Refusal::new(code).warning(warning), now),
            Command::Offer { call, sdp } => self.offer(call, sdp, now),
            Command::AcceptRefer { call } => self.accept_refer(call, now),
            Command::RefuseRefer { call, code, reason } => {
                self.refuse_refer(call, code, &reason, now);
            }
            Command::ReportRefer { call, code, reason } => {
                self.report_refer(call, code, &reason, now);
            }
            Command::Refer {
                call,
                number,
                headers,
                replaces,
            } => self.send_refer(call, &number, &headers, replaces, now),
            Command::Press { call, digit } => self.press(call, digit, now),
            Command::Restore { bindings } => {
                self.registrar.restore(bindings, now);
                self.report_bindings();
            }
            Command::Drain { on } => self.draining = on,
        }
    }

    /// Begins to keep the way to trunks as the settings say.
    pub fn start(&mut self, now: Instant) {
        self.locate(now);
        self.reach_out(now);
    }

    /// Replaces the settings; running calls, timers and the registrations of those who still have an account go on.
    pub fn reconfigure(&mut self, config: Config, now: Instant) {
        if config.realm != self.config.realm {
            self.authenticator = Authenticator::new(config.realm.clone(), self.rng.random());
        }
        self.config = config;
        self.guard.forget_trunks();
        self.loads.retain(&self.config.trunks);
        let accounts = &self.config.accounts;
        self.registrar.keep(|user| accounts.contains_key(user));
        self.report_bindings();
        self.locate(now);
        self.reach_out(now);
    }

    /// Does what has become due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(event) = self.servers.handle_timeout(now) {
            match event {
                ServerEvent::Send(hop, bytes) => {
                    self.counters.retransmissions += 1;
                    self.transmit(hop, bytes);
                }
                ServerEvent::Trying(server) => self.send_trying(server, now),
            }
        }
        while let Some(event) = self.clients.handle_timeout(now) {
            self.handle_client(event, now);
        }
        while self.calls_timeout(now) {}
        let changes = self.locating.handle_timeout(now);
        self.located(changes, now);
        self.outreach_timeout(now);
        self.registrar.handle_timeout(now);
        self.report_bindings();
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let calls = self.call_due.first().map(|(due, _)| *due);
        let parts = [
            self.servers.poll_timeout(),
            self.clients.poll_timeout(),
            self.registrar.poll_timeout(),
            calls,
            self.outreach.due(),
            self.locating.poll_timeout(),
        ];
        parts.into_iter().flatten().min()
    }

    /// Returns what comes out next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns how many requests were refused with 503 for being too many.
    pub fn refused(&self) -> u64 {
        self.counters.overloaded
    }

    /// Returns how many more calls there may be, and how many may be at a time.
    pub fn room(&self) -> (usize, usize) {
        let most = self.config.limits.calls;
        (most.saturating_sub(self.calls_of_ours()), most)
    }

    /// Returns how each trunk stands.
    pub fn standings(&self) -> Vec<TrunkStanding> {
        let standing = |trunk: &crate::trunk::Trunk| {
            let (up, registered) = self.outreach.state(trunk, &self.places(trunk));
            TrunkStanding {
                trunk: trunk.name.clone(),
                up,
                registered,
                calls: self.loads.calls(&trunk.name),
                max_calls: trunk.max_calls,
            }
        };
        self.config.trunks.iter().map(standing).collect()
    }

    /// Returns what has been done, for metrics.
    pub fn counters(&self) -> Counters {
        Counters {
            trunks: self.standings(),
            banned: self.guard.banned(),
            calls: self.calls.len() - self.told.len(),
            told: self.told.len(),
            server_transactions: self.servers.len(),
            client_transactions: self.clients.len(),
            bindings: self.registrar.len(),
            ..self.counters.clone()
        }
    }

    // A request that nobody answered in all its time may have gone by a connection whose other end is no longer there.
    fn doubt(&mut self, hop: Hop) {
        if hop.is_reliable() {
            self.outputs.push_back(Output::Doubt {
                transport: hop.transport,
                to: hop.to,
                connection: hop.connection,
                silence: SILENT,
            });
        }
    }

    fn handle_client(&mut self, event: ClientEvent, now: Instant) {
        let (key, client, code) = match event {
            ClientEvent::Send(hop, bytes) => {
                self.counters.retransmissions += 1;
                return self.transmit(hop, bytes);
            }
            ClientEvent::TimedOut(key, client, hop) => {
                self.doubt(hop);
                match key {
                    Some(key) => (key, client, 408),
                    None => return,
                }
            }
            // RFC 3261 §8.1.3.1.
            ClientEvent::Unsent(Some(key), client) => (key, client, 503),
            ClientEvent::Unsent(None, client) => return self.unreached(client, now),
        };
        if let Some(call) = self.take(key) {
            self.unanswered(call, client, code, now);
        }
    }
}
