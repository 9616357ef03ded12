//! Where new calls wait until everything that belongs to calls already going on had its turn.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;

/// New calls that may wait; more are dropped, as the network may, and come again by themselves.
const ROOM: usize = 4_096;
/// Who has waited this long has called again meanwhile (RFC 3261 §17.1.1.2: timer A, 500 ms).
const STALE: Duration = Duration::from_millis(450);

/// INVITEs that came as datagrams and would begin a call.
#[derive(Debug, Default)]
pub struct Lobby {
    waiting: VecDeque<(Bytes, SocketAddr, Instant)>,
}

impl Lobby {
    /// Lets one wait; tells whether there is room.
    pub fn enter(&mut self, bytes: Bytes, peer: SocketAddr, now: Instant) -> bool {
        let room = self.waiting.len() < ROOM;
        if room {
            self.waiting.push_back((bytes, peer, now));
        }
        room
    }

    /// Forgets those who have called again meanwhile; returns how many there were.
    pub fn air(&mut self, now: Instant) -> u64 {
        let before = self.waiting.len();
        while self
            .waiting
            .front()
            .is_some_and(|(_, _, came)| now.duration_since(*came) >= STALE)
        {
            self.waiting.pop_front();
        }
        (before - self.waiting.len()) as u64
    }

    /// Returns who is next, and since when they wait.
    pub fn next(&mut self) -> Option<(Bytes, SocketAddr, Instant)> {
        self.waiting.pop_front()
    }

    /// Tells whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waited_too_long_or_finds_no_room_is_dropped() {
        let (mut lobby, start) = (Lobby::default(), Instant::now());
        let peer: SocketAddr = "192.0.2.1:5060".parse().unwrap();
        for number in 0..ROOM {
            let came = start + Duration::from_micros(number as u64);
            assert!(lobby.enter(Bytes::from(number.to_string()), peer, came));
        }

        assert!(!lobby.enter(Bytes::new(), peer, start));
        assert_eq!(lobby.air(start + STALE + Duration::from_micros(9)), 10);
        let came = start + Duration::from_micros(10);
        assert_eq!(lobby.next(), Some((Bytes::from("10"), peer, came)));
        assert_eq!(lobby.air(start + STALE * 2), ROOM as u64 - 11);
        assert!(lobby.is_empty() && lobby.next().is_none());
    }
}
