//! What the endpoint has done since it was born, for metrics.

use std::collections::BTreeMap;

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// We received it.
    Received,
    /// We sent it.
    Sent,
}

impl Direction {
    /// Returns its name as a metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sent => "sent",
        }
    }
}

/// Totals since birth and gauges of now. Cheap to copy out; methods are a closed set, so that labels are too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Responses by direction, method (`other` for unknown ones) and class (1 to 6), repetitions not counted.
    pub responses: BTreeMap<(Direction, &'static str, u8), u64>,
    /// Requests by direction and method, repetitions not counted.
    pub requests: BTreeMap<(Direction, &'static str), u64>,
    /// Messages sent again by a timer.
    pub retransmissions: u64,
    /// Messages that could not be read.
    pub malformed: u64,
    /// Messages that nothing was waiting for: late responses, strays.
    pub strays: u64,
    /// Requests with wrong or missing credentials.
    pub challenged: u64,
    /// Requests with credentials that were wrong.
    pub denied: u64,
    /// Requests refused with 503 for being too many.
    pub overloaded: u64,
    /// Messages dropped: of banned sources, of strangers where these are dropped, and beyond a source's rate.
    pub barred: u64,
    /// Sources that were banned for a time.
    pub banned: u64,
    /// Calls there are.
    pub calls: usize,
    /// Calls that are over, and whose peers are told yet how a transfer goes.
    pub told: usize,
    /// Server transactions there are, those that linger too.
    pub server_transactions: usize,
    /// Client transactions there are, those that linger too.
    pub client_transactions: usize,
    /// Bindings there are.
    pub bindings: usize,
    /// How each trunk stands.
    pub trunks: Vec<TrunkStanding>,
}

/// How a trunk stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkStanding {
    /// Its name.
    pub trunk: String,
    /// Whether any of its places answers; those that are not asked are taken to.
    pub up: bool,
    /// Whether we are registered there, where that is wanted.
    pub registered: Option<bool>,
    /// How many calls it has, both ways.
    pub calls: u32,
    /// The most it may have.
    pub max_calls: Option<u32>,
}
