//! What the endpoint is told about the world it lives in.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::families::Families;
use crate::guard::Rules;
use crate::registrar::Instance;
use crate::trunk::Trunk;

use super::Transport;

/// The endpoint's settings. Replaced as a whole by [`super::Endpoint::reconfigure`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The addresses that peers reach us at, for each transport that listens: that of a peer's family stands in the Via and
    /// Contact it is sent, so it is never an unspecified one.
    pub listen: BTreeMap<Transport, Families<SocketAddr>>,
    /// What stands in Server and User-Agent.
    pub server: String,
    /// The digest realm, and the host of our From header fields.
    pub realm: String,
    /// Our name where we register, the same after each start; without one no flows are asked for (RFC 5626).
    pub instance: Option<Instance>,
    /// Whom we know by address.
    pub trunks: Vec<Trunk>,
    /// Who may register and call with digest, by user name.
    pub accounts: BTreeMap<String, Account>,
    /// Bounds.
    pub limits: Limits,
    /// Bounds for sources that no trunk names.
    pub guard: Rules,
    /// RFC 3261 timer values.
    pub timing: Timing,
}

impl Config {
    /// Returns settings that listen on `udp` alone, know nobody, and have the default bounds.
    pub fn new(udp: SocketAddr) -> Self {
        Self {
            listen: BTreeMap::from([(Transport::Udp, udp.into())]),
            server: "Tandem".to_owned(),
            realm: "tandem".to_owned(),
            instance: None,
            trunks: Vec::new(),
            accounts: BTreeMap::new(),
            limits: Limits::default(),
            guard: Rules::default(),
            timing: Timing::default(),
        }
    }
}

/// What proves a phone: the digests of `user:realm:password`, never the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// MD5 of it, 32 lowercase hex digits (RFC 2617).
    pub ha1_md5: String,
    /// SHA-256 of it, 64 lowercase hex digits (RFC 8760).
    pub ha1_sha256: String,
}

// What a password could be guessed from stays out of logs.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

/// How much the endpoint takes before it says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls at a time, both directions together; more are told 503 with Retry-After. As many again may go to phones of
    /// the house, which answer the others, and as many to recorders.
    pub calls: usize,
    /// Server transactions at a time; more requests are told 503 with Retry-After.
    pub transactions: usize,
    /// Bindings an account may have; more are told 403.
    pub bindings: usize,
    /// Bindings of all accounts together; more are told 503.
    pub all_bindings: usize,
    /// The longest message in bytes; a longer request is told 513.
    pub message: usize,
    /// The longest body in bytes; a longer request is told 413.
    pub body: usize,
    /// Retry-After of our 503, in seconds.
    pub retry_after: u32,
    /// The shortest registration; a shorter one is told 423.
    pub min_expires: Duration,
    /// The longest registration; a longer one is cut to it.
    pub max_expires: Duration,
    /// A registration that names no time.
    pub default_expires: Duration,
    /// How long a connection may be without traffic before it is closed.
    pub idle: Duration,
    /// How long a digest nonce is good for.
    pub nonce: Duration,
    /// The longest an inbound call may stay unanswered; then it is refused with 480 and reported as
    /// Cancelled.
    pub unanswered: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 50_000,
            transactions: 1_000_000,
            bindings: 10,
            all_bindings: 100_000,
            message: 65_535,
            body: 32_768,
            retry_after: 5,
            min_expires: Duration::from_secs(60),
            max_expires: Duration::from_secs(7_200),
            default_expires: Duration::from_secs(3_600),
            idle: Duration::from_secs(900),
            nonce: Duration::from_secs(300),
            unanswered: Duration::from_secs(4 * 3_600),
        }
    }
}

/// The timer values of RFC 3261 §17.1.1.1 and RFC 4028.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The round trip estimate, 500 ms.
    pub t1: Duration,
    /// The longest pause between repeated requests other than INVITE, and responses to INVITE, 4 s.
    pub t2: Duration,
    /// The longest a message stays in the network, 5 s.
    pub t4: Duration,
    /// How long the owner may take before 100 is sent for an INVITE, 200 ms (§17.2.1).
    pub trying: Duration,
    /// How long a place may say nothing at all to an INVITE while there is another to try, 6 s: it has been sent four
    /// times by then. The last place has 64 times T1.
    pub elsewhere: Duration,
    /// How long a session lasts without a refresh, 30 min (RFC 4028 §7.1).
    pub session: Duration,
    /// The shortest session that is taken, 90 s (RFC 4028 §4); a shorter one is told 422.
    pub least_session: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            trying: Duration::from_millis(200),
            elsewhere: Duration::from_secs(6),
            session: Duration::from_secs(1_800),
            least_session: Duration::from_secs(90),
        }
    }
}

impl Timing {
    /// Returns 64 times T1: timers B, F, H, J, L and M, and the ACK watchdog.
    pub fn give_up(&self) -> Duration {
        self.t1 * 64
    }
}
