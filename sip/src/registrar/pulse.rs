//! Flows of datagrams that keep themselves alive (RFC 5626 §4.4): which of them have fallen silent.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use crate::Instant;

/// So long after its last keep-alive a flow is dead: twice what a phone is told, since one of them may be lost.
pub(crate) const SILENCE: Duration = Duration::from_secs(60);

/// The flows by where they come from. One that never kept itself alive ends as any registration.
#[derive(Debug, Default)]
pub(super) struct Pulses {
    by_peer: BTreeMap<SocketAddr, Pulse>,
    due: BTreeSet<(Instant, SocketAddr)>,
}

#[derive(Debug, Default)]
struct Pulse {
    /// User and key of each binding.
    flows: BTreeSet<(String, String)>,
    until: Option<Instant>,
}

impl Pulses {
    /// Takes a flow that was registered.
    pub fn add(&mut self, peer: SocketAddr, user: &str, key: String) {
        let pulse = self.by_peer.entry(peer).or_default();
        pulse.flows.insert((user.to_owned(), key));
    }

    /// Forgets a flow.
    pub fn remove(&mut self, peer: SocketAddr, user: &str, key: String) {
        let Some(pulse) = self.by_peer.get_mut(&peer) else {
            return;
        };
        pulse.flows.remove(&(user.to_owned(), key));
        if pulse.flows.is_empty() {
            let until = pulse.until;
            self.by_peer.remove(&peer);
            if let Some(until) = until {
                self.due.remove(&(until, peer));
            }
        }
    }

    /// Takes a keep-alive; those of strangers say nothing.
    pub fn beat(&mut self, peer: SocketAddr, now: Instant) {
        let Some(pulse) = self.by_peer.get_mut(&peer) else {
            return;
        };
        let until = now + SILENCE;
        if let Some(before) = pulse.until.replace(until) {
            self.due.remove(&(before, peer));
        }
        self.due.insert((until, peer));
    }

    /// Returns the flows of one peer that has been silent for too long; it is watched again from its next keep-alive.
    pub fn take_silent(&mut self, now: Instant) -> Option<BTreeSet<(String, String)>> {
        let (due, peer) = self.due.first().copied().filter(|(due, _)| *due <= now)?;
        self.due.remove(&(due, peer));
        let pulse = self.by_peer.get_mut(&peer)?;
        pulse.until = None;
        Some(pulse.flows.clone())
    }

    /// Returns when the next one is.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }
}
