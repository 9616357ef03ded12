//! What the DNS is asked and what it says, as far as SIP needs it.

use std::net::IpAddr;
use std::time::Duration;

use crate::endpoint::Transport;

/// A question to the DNS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Query {
    /// The name, in lowercase and without a dot at its end.
    pub name: String,
    /// The kind of records.
    pub kind: Kind,
}

/// A kind of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// RFC 3403.
    Naptr,
    /// RFC 2782.
    Srv,
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

/// What the DNS said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There are records.
    Found {
        /// All of them, aliases followed.
        records: Vec<Record>,
        /// How long they hold.
        ttl: Duration,
    },
    /// There are none.
    Absent {
        /// How long that holds.
        ttl: Duration,
    },
    /// It did not answer, or with an error.
    Failed,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A service of a domain.
    Naptr(Naptr),
    /// A server of a service.
    Srv(Srv),
    /// An address of a server.
    Address(IpAddr),
}

/// A service of a domain (RFC 3403 §4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naptr {
    /// The lowest comes first.
    pub order: u16,
    /// Among those of one order, the lowest comes first.
    pub preference: u16,
    /// `s`: what follows is looked up as SRV.
    pub flags: String,
    /// Such as `SIP+D2U`.
    pub services: String,
    /// Where the SRV records are, without a dot at its end.
    pub replacement: String,
}

/// A server of a service (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    /// The lowest comes first.
    pub priority: u16,
    /// Its share among those of one priority.
    pub weight: u16,
    /// Where it listens.
    pub port: u16,
    /// Its name, without a dot at its end; empty where the service is not there.
    pub target: String,
}

impl Naptr {
    /// Returns what the service is spoken over, where it is one of SIP that we speak (RFC 3263 §4.1).
    pub(super) fn transport(&self) -> Option<Transport> {
        if !self.flags.eq_ignore_ascii_case("s") {
            return None;
        }
        let known = [
            ("SIP+D2U", Transport::Udp),
            ("SIP+D2T", Transport::Tcp),
            ("SIPS+D2T", Transport::Tls),
        ];
        known
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&self.services))
            .map(|(_, transport)| transport)
    }
}

impl Record {
    pub(super) fn naptr(&self) -> Option<&Naptr> {
        match self {
            Self::Naptr(naptr) => Some(naptr),
            Self::Srv(_) | Self::Address(_) => None,
        }
    }

    pub(super) fn srv(&self) -> Option<&Srv> {
        match self {
            Self::Srv(srv) => Some(srv),
            Self::Naptr(_) | Self::Address(_) => None,
        }
    }

    pub(super) fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Naptr(_) | Self::Srv(_) => None,
        }
    }
}
