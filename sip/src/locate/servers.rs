//! The servers that were found, and the order in which one call tries them (RFC 2782).

use std::net::SocketAddr;
use std::time::Duration;

use rand::{Rng, RngExt};

use crate::endpoint::Transport;

/// The servers of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The lowest rank first.
    pub servers: Vec<Server>,
    /// How long this holds.
    pub ttl: Duration,
    /// Whether every question was answered; otherwise there may be more servers.
    pub is_whole: bool,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The lowest is tried first: by the preference of its service, then by its SRV priority.
    pub rank: (u16, u16),
    /// Its share of the calls among those of its rank.
    pub weight: u16,
    /// What it speaks.
    pub transport: Transport,
    /// Where it is.
    pub addresses: Vec<SocketAddr>,
}

impl Located {
    /// Returns every place of every server, in the order in which one call tries them: by rank, and within a rank by chance
    /// in the proportion of the weights.
    pub fn in_order(&self, rng: &mut impl Rng) -> Vec<(Transport, SocketAddr)> {
        let mut places = Vec::new();
        for equal in self.servers.chunk_by(|one, other| one.rank == other.rank) {
            let mut left: Vec<&Server> = equal.iter().collect();
            // RFC 2782: those of weight 0 stand at the beginning, so that they have a small chance.
            left.sort_by_key(|server| server.weight != 0);
            while !left.is_empty() {
                let server = left.remove(chosen(&left, rng));
                let one = server.addresses.iter();
                places.extend(one.map(|address| (server.transport, *address)));
            }
        }
        places
    }

    /// Returns every place, in no order that matters.
    pub fn places(&self) -> impl Iterator<Item = (Transport, SocketAddr)> {
        self.servers.iter().flat_map(|server| {
            let transport = server.transport;
            server
                .addresses
                .iter()
                .map(move |address| (transport, *address))
        })
    }
}

// RFC 2782: the first whose running sum of weights reaches a number drawn up to the sum of all.
fn chosen(servers: &[&Server], rng: &mut impl Rng) -> usize {
    let all: u32 = servers.iter().map(|server| u32::from(server.weight)).sum();
    let drawn = rng.random_range(0..=all);
    let mut sum = 0;
    let reaches = |server: &&Server| {
        sum += u32::from(server.weight);
        sum >= drawn
    };
    servers
        .iter()
        .position(reaches)
        .expect("the sum of all reaches every number drawn")
}
