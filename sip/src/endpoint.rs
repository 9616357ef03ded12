//! The SIP endpoint: a user agent core over transactions and dialogs (RFC 3261 §8, §12 to §15), with
//! registrar and trunks. Bytes and commands go in by `handle_*`, bytes and events come out by
//! [`Endpoint::poll_output`]; it sends nothing itself and knows no clock.

mod command;
mod config;
mod counters;
mod event;
mod flow;

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;

pub use crate::message::{SessionId, SessionIds};
pub use command::{CallKey, Cause, Command, Identity, Tag, Target};
pub use config::{Account, Config, Limits, Timing};
pub use counters::{Counters, Direction};
pub use event::{Arrival, EndedBy, Event, Output, Peer};
pub use flow::{Flow, Transport};

use crate::Instant;

/// Header fields of an INVITE that [`Arrival::headers`] keeps; those that start with `X-` are kept too.
pub const KEPT_HEADERS: &[&str] = &[
    "User-to-User",
    "P-Asserted-Identity",
    "Diversion",
    "History-Info",
    "Subject",
    "Priority",
    "User-Agent",
];

/// A user agent, registrar and trunk end for many calls.
#[derive(Debug)]
pub struct Endpoint {
    config: Config,
    outputs: VecDeque<Output>,
    counters: Counters,
}

impl Endpoint {
    /// Makes an endpoint without calls. Everything random in it grows from `seed`.
    pub fn new(config: Config, _seed: [u8; 32]) -> Self {
        Self {
            config,
            outputs: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// Takes a datagram, or one message cut out of a stream. `bytes` is kept as it is while parts of it are
    /// in use, so a slice of a large buffer keeps that buffer alive.
    pub fn handle_message(&mut self, _flow: &Flow, _bytes: Bytes, _now: Instant) {}

    /// Takes notice that a connection is closed.
    pub fn handle_connection_lost(&mut self, _connection: u64, _now: Instant) {}

    /// Takes notice that something could not be sent to `to`: refused, unreachable, or no connection was made.
    pub fn handle_transmit_failed(
        &mut self,
        _transport: Transport,
        _to: SocketAddr,
        _now: Instant,
    ) {
    }

    /// Carries out what its owner asks.
    pub fn handle_command(&mut self, _command: Command, _now: Instant) {}

    /// Replaces the settings; running calls, registrations and timers go on.
    pub fn reconfigure(&mut self, config: Config) {
        self.config = config;
    }

    /// Does what has become due.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// Returns what comes out next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns what has been done, for metrics.
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }
}
