//! Requests that are too large for a datagram: moved to TCP, and back where TCP is refused (RFC 3261 §18.1.1).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

use crate::Instant;
use crate::message::Method;
use crate::transaction::Hop;

use super::{Endpoint, Transport};

/// The longest request that leaves as a datagram, in bytes, where nobody knows what the path carries.
const LONGEST: usize = 1_300;
/// How long a place that refused TCP is sent datagrams of any size, and how many such places are remembered.
const REFUSED: Duration = Duration::from_secs(600);
const MOST: usize = 256;

/// Where TCP was refused.
#[derive(Debug, Default)]
pub(super) struct Large {
    refused: BTreeMap<SocketAddr, Instant>,
}

impl Large {
    /// Notes that no connection to `to` was made.
    pub fn refused(&mut self, to: SocketAddr, now: Instant) {
        self.refused.retain(|_, since| now.since(*since) < REFUSED);
        if self.refused.len() < MOST {
            self.refused.insert(to, now);
        }
    }

    fn is_refused(&self, to: SocketAddr, now: Instant) -> bool {
        let since = self.refused.get(&to);
        since.is_some_and(|since| now.since(*since) < REFUSED)
    }
}

impl Endpoint {
    /// Returns a request as it leaves over TCP, where it is too large for a datagram to a trunk. A phone is not tried: what
    /// stands between it and us lets through what it began itself, and nothing else.
    pub(super) fn moved(
        &self,
        method: &Method,
        hop: Hop,
        bytes: &Bytes,
        now: Instant,
    ) -> Option<(Hop, Bytes)> {
        // RFC 3261 §9.1: a CANCEL goes where its INVITE went.
        let may_move = hop.transport == Transport::Udp
            && *method != Method::Cancel
            && self.config.listen.contains_key(&Transport::Tcp);
        if bytes.len() <= LONGEST || !may_move || self.large.is_refused(hop.to, now) {
            return None;
        }
        let trunks = self.config.trunks.iter();
        let mut places = trunks.flat_map(|trunk| self.places(trunk));
        places.find(|place| place.address == hop.to)?;
        let hop = Hop {
            transport: Transport::Tcp,
            ..hop
        };
        Some((hop, over_tcp(bytes)?))
    }
}

// We write our Via first; a Contact that names no transport is one of UDP, and this dialog goes by TCP from now on.
fn over_tcp(bytes: &Bytes) -> Option<Bytes> {
    const UDP: &[u8] = b"\r\nVia: SIP/2.0/UDP ";
    const TCP: &[u8] = b"\r\nVia: SIP/2.0/TCP ";
    const CONTACT: &[u8] = b"\r\nContact: <sip:";
    let via = memchr::memmem::find(bytes, UDP)?;
    let head = memchr::memmem::find(bytes, b"\r\n\r\n")?;
    let mut moved = Vec::with_capacity(bytes.len() + 16);
    moved.extend_from_slice(&bytes[..via]);
    moved.extend_from_slice(TCP);
    let rest = via + UDP.len();
    let contact = memchr::memmem::find(&bytes[rest..head], CONTACT).map(|at| rest + at);
    let end = contact.and_then(|at| Some(at + memchr::memchr(b'>', &bytes[at..head])?));
    match end {
        Some(end) => {
            moved.extend_from_slice(&bytes[rest..end]);
            moved.extend_from_slice(b";transport=tcp");
            moved.extend_from_slice(&bytes[end..]);
        }
        None => moved.extend_from_slice(&bytes[rest..]),
    }
    Some(Bytes::from(moved))
}
