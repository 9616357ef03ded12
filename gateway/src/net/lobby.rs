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

/// INVITEs that came as datagrams and would begin a call, and what cancels them.
#[derive(Debug, Default)]
pub struct Lobby {
    waiting: VecDeque<Newcomer>,
    // A CANCEL must not overtake its INVITE, whichever end of those who wait that one leaves from.
    cancels: VecDeque<Newcomer>,
    entered: u64,
}

/// A datagram that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// What came.
    pub bytes: Bytes,
    /// From whom.
    pub peer: SocketAddr,
    /// When.
    pub came: Instant,
    number: u64,
}

impl Lobby {
    /// Lets one wait; tells whether there is room.
    pub fn enter(&mut self, bytes: Bytes, peer: SocketAddr, now: Instant) -> bool {
        let room = self.waiting.len() + self.cancels.len() < ROOM;
        if room {
            self.entered += 1;
            let cancels = bytes.starts_with(b"CANCEL ");
            let newcomer = Newcomer {
                bytes,
                peer,
                came: now,
                number: self.entered,
            };
            match cancels {
                true => self.cancels.push_back(newcomer),
                false => self.waiting.push_back(newcomer),
            }
        }
        room
    }

    /// Forgets those who have called again meanwhile; returns how many there were.
    pub fn air(&mut self, now: Instant) -> u64 {
        let mut gone = 0;
        for line in [&mut self.waiting, &mut self.cancels] {
            let stale = |newcomer: &Newcomer| now.duration_since(newcomer.came) >= STALE;
            while line.front().is_some_and(stale) {
                line.pop_front();
                gone += 1;
            }
        }
        gone
    }

    /// Returns who has waited longest.
    pub fn oldest(&mut self) -> Option<Newcomer> {
        let number = |line: &VecDeque<Newcomer>| line.front().map(|newcomer| newcomer.number);
        match (number(&self.waiting), number(&self.cancels)) {
            (Some(call), Some(cancel)) if cancel < call => self.cancels.pop_front(),
            (Some(_), _) => self.waiting.pop_front(),
            (None, _) => self.cancels.pop_front(),
        }
    }

    /// Returns who has waited longest, if they came before `since`.
    pub fn oldest_before(&mut self, since: Instant) -> Option<Newcomer> {
        let first = [self.waiting.front(), self.cancels.front()];
        let late = first.into_iter().flatten().any(|one| one.came < since);
        late.then(|| self.oldest()).flatten()
    }

    /// Returns the call that came last.
    pub fn newest(&mut self) -> Option<Newcomer> {
        self.waiting.pop_back()
    }

    /// Tells whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.cancels.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> SocketAddr {
        "192.0.2.1:5060".parse().unwrap()
    }

    fn text(newcomer: Option<Newcomer>) -> Option<String> {
        newcomer.map(|one| String::from_utf8(one.bytes.to_vec()).unwrap())
    }

    #[test]
    fn who_waited_too_long_or_finds_no_room_is_dropped() {
        let (mut lobby, start) = (Lobby::default(), Instant::now());
        for number in 0..ROOM {
            let came = start + Duration::from_micros(number as u64);
            assert!(lobby.enter(Bytes::from(number.to_string()), peer(), came));
        }

        assert!(!lobby.enter(Bytes::new(), peer(), start));
        assert!(!lobby.enter(Bytes::from("CANCEL sip:a"), peer(), start));
        assert_eq!(lobby.air(start + STALE + Duration::from_micros(9)), 10);
        let next = lobby.oldest().unwrap();
        assert_eq!(next.came, start + Duration::from_micros(10));
        assert_eq!(text(Some(next)).as_deref(), Some("10"));
        assert_eq!(lobby.air(start + STALE * 2), ROOM as u64 - 11);
        assert!(lobby.is_empty() && lobby.oldest().is_none());
    }

    #[test]
    fn a_cancel_never_overtakes_its_call_from_whichever_end_that_one_is_taken() {
        let (mut lobby, now) = (Lobby::default(), Instant::now());
        let at = |millis| now + Duration::from_millis(millis);
        let came = ["one", "two", "CANCEL two", "three", "CANCEL three"];
        for (millis, what) in came.into_iter().enumerate() {
            lobby.enter(Bytes::from(what), peer(), at(millis as u64));
        }

        assert_eq!(text(lobby.newest()).as_deref(), Some("three"));
        assert_eq!(text(lobby.newest()).as_deref(), Some("two"));
        assert_eq!(lobby.oldest_before(at(0)), None);
        assert_eq!(text(lobby.oldest_before(at(1))).as_deref(), Some("one"));
        assert_eq!(text(lobby.newest()), None);
        assert_eq!(lobby.oldest_before(at(2)), None);
        assert_eq!(text(lobby.oldest()).as_deref(), Some("CANCEL two"));
        assert!(!lobby.is_empty());
        assert_eq!(text(lobby.oldest()).as_deref(), Some("CANCEL three"));
        assert!(lobby.is_empty());
    }

    #[test]
    fn a_cancel_comes_before_who_called_later() {
        let (mut lobby, now) = (Lobby::default(), Instant::now());
        for what in ["one", "CANCEL one", "two"] {
            lobby.enter(Bytes::from(what), peer(), now);
        }

        let next = [(); 3].map(|()| text(lobby.oldest()).unwrap());
        assert_eq!(next, ["one", "CANCEL one", "two"]);
    }
}
