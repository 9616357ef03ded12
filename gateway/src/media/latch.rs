//! Where a peer is: what its SDP said, until its packets say it better.

use std::net::{IpAddr, SocketAddr};

/// How many packets from where a peer was before it moved are taken for late ones. A peer that sends on from there for two seconds
/// has said another address and not moved.
const LATE: u8 = 100;

/// Symmetric RTP with a pinned source: before the first packet we send to the stated address, after
/// it to where that packet came from, and nothing from elsewhere is taken until SDP changes. But who sends from the stated
/// host is believed more than who came first from another (RFC 7362 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Latch {
    stated: SocketAddr,
    pinned: Option<SocketAddr>,
    /// Where the peer was before it said another place, and how many packets came from there since.
    left: Option<(SocketAddr, u8)>,
}

impl Latch {
    pub(super) const fn new(stated: SocketAddr) -> Self {
        Self {
            stated,
            pinned: None,
            left: None,
        }
    }

    /// Takes a new statement. Only another address loosens the pin.
    pub(super) fn state(&mut self, stated: SocketAddr) {
        // c=0.0.0.0 is an old way to say "on hold", not a place to move to.
        if stated != self.stated && !stated.ip().is_unspecified() {
            let left = self.pinned.filter(|left| *left != stated);
            *self = Self {
                left: left.map(|left| (left, 0)),
                ..Self::new(stated)
            };
        }
    }

    /// Whether a packet from `source` is the peer's. The first one pins, but for those that are on their way from where the
    /// peer was before it moved (RFC 3264 §8.3.1): they are taken, and we send to where it said it is.
    pub(super) fn admit(&mut self, source: SocketAddr) -> bool {
        if let (None, Some((left, count))) = (self.pinned, &mut self.left)
            && *left == source
            && *count < LATE
        {
            *count += 1;
            return true;
        }
        let is_there = |at: SocketAddr| at.ip() == self.stated.ip();
        match self.pinned {
            Some(pinned) if pinned == source => true,
            Some(pinned) if is_there(pinned) || !is_there(source) => false,
            Some(_) | None => {
                self.pinned = Some(source);
                self.left = None;
                true
            }
        }
    }

    /// Whether a peer that fell silent may be at `source` now: behind another port of its NAT, or, where its packets never came
    /// from the stated host, behind another NAT. Its packets have to show that they go on with its stream.
    pub(super) fn may_follow(&self, source: SocketAddr) -> bool {
        self.pinned
            .is_some_and(|pinned| pinned.ip() == source.ip() || pinned.ip() != self.stated.ip())
    }

    /// Pins to `source` instead.
    pub(super) const fn follow(&mut self, source: SocketAddr) {
        self.pinned = Some(source);
        self.left = None;
    }

    /// Lets the next source pin.
    pub(super) const fn loosen(&mut self) {
        self.pinned = None;
    }

    /// Whether a source is pinned.
    pub(super) const fn is_pinned(&self) -> bool {
        self.pinned.is_some()
    }

    /// Whether `source` is the peer for certain.
    pub(super) fn is_pinned_to(&self, source: SocketAddr) -> bool {
        self.pinned == Some(source)
    }

    /// Whether the peer is known to be at this machine.
    pub(super) fn is_at(&self, address: IpAddr) -> bool {
        self.pinned.is_some_and(|pinned| pinned.ip() == address)
    }

    /// Where to send; [`None`] when there is no such place.
    pub(super) fn target(&self) -> Option<SocketAddr> {
        let target = self.pinned.unwrap_or(self.stated);
        (!target.ip().is_unspecified() && target.port() != 0).then_some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    fn the_first_source_is_pinned_until_sdp_changes() {
        let mut latch = Latch::new(at(1000));
        assert_eq!(latch.target(), Some(at(1000)));

        assert!(latch.admit(at(2000)));
        assert!(!latch.admit(at(3000)));
        assert_eq!(latch.target(), Some(at(2000)));

        latch.state(at(1000));
        assert!(!latch.admit(at(3000)));
        latch.state("0.0.0.0:9".parse().unwrap());
        assert!(!latch.admit(at(3000)));

        latch.state(at(4000));
        assert_eq!(latch.target(), Some(at(4000)));
        assert!(latch.admit(at(3000)));
    }

    #[test]
    fn what_is_on_its_way_from_where_a_peer_was_takes_nothing_from_where_it_is() {
        let mut latch = Latch::new(at(1000));
        assert!(latch.admit(at(1000)));

        latch.state(at(2000));
        assert!(latch.admit(at(1000)));
        assert_eq!(latch.target(), Some(at(2000)));
        assert!(latch.admit(at(2000)));
        assert!(!latch.admit(at(1000)));
        assert_eq!(latch.target(), Some(at(2000)));
    }

    #[test]
    fn who_says_another_place_and_stays_is_sent_to_where_they_are() {
        let mut latch = Latch::new("10.0.0.7:1000".parse().unwrap());
        assert!(latch.admit(at(5000)));

        latch.state(at(2000));
        for _ in 0..LATE {
            assert!(latch.admit(at(5000)));
            assert_eq!(latch.target(), Some(at(2000)));
        }

        assert!(latch.admit(at(5000)));
        assert_eq!(latch.target(), Some(at(5000)));
        assert!(!latch.admit(at(6000)));
    }

    #[test]
    fn who_sends_from_the_stated_host_has_the_stream_from_a_stranger_who_was_first() {
        let stranger = "192.0.2.66:4000".parse().unwrap();
        let mut latch = Latch::new(at(1000));

        assert!(latch.admit(stranger));
        assert!(latch.admit(at(1002)));
        assert!(!latch.admit(stranger));
        assert_eq!(latch.target(), Some(at(1002)));
        // Whoever is at home keeps it.
        assert!(!latch.admit(at(1004)));
    }

    #[test]
    fn a_peer_may_be_followed_to_another_port_and_from_one_nat_to_another() {
        let mut latch = Latch::new("10.0.0.7:1000".parse().unwrap());
        assert!(!latch.may_follow(at(5000)));

        assert!(latch.admit(at(5000)));
        assert!(latch.may_follow(at(5001)));
        assert!(latch.may_follow("192.0.2.66:4000".parse().unwrap()));
        latch.follow(at(5001));
        assert!(!latch.admit(at(5000)));
        assert_eq!(latch.target(), Some(at(5001)));
    }

    #[test]
    fn who_is_at_the_stated_host_is_followed_nowhere_else() {
        let mut latch = Latch::new(at(1000));
        assert!(latch.admit(at(1000)));

        assert!(latch.may_follow(at(1002)));
        assert!(!latch.may_follow("192.0.2.66:4000".parse().unwrap()));
    }

    #[test]
    fn nowhere_is_no_target() {
        assert_eq!(Latch::new("0.0.0.0:4000".parse().unwrap()).target(), None);
        assert_eq!(Latch::new(at(0)).target(), None);
    }
}
