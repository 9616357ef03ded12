//! Where a peer is: what its SDP said, until its packets say it better.

use std::net::{IpAddr, SocketAddr};

/// Symmetric RTP with a pinned source: before the first packet we send to the stated address, after
/// it to where that packet came from, and nothing from elsewhere is taken until SDP changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Latch {
    stated: SocketAddr,
    pinned: Option<SocketAddr>,
}

impl Latch {
    pub(super) const fn new(stated: SocketAddr) -> Self {
        Self {
            stated,
            pinned: None,
        }
    }

    /// Takes a new statement. Only another address loosens the pin.
    pub(super) fn state(&mut self, stated: SocketAddr) {
        // c=0.0.0.0 is an old way to say "on hold", not a place to move to.
        if stated != self.stated && !stated.ip().is_unspecified() {
            *self = Self::new(stated);
        }
    }

    /// Whether a packet from `source` is the peer's. The first one pins.
    pub(super) fn admit(&mut self, source: SocketAddr) -> bool {
        *self.pinned.get_or_insert(source) == source
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
    fn nowhere_is_no_target() {
        assert_eq!(Latch::new("0.0.0.0:4000".parse().unwrap()).target(), None);
        assert_eq!(Latch::new(at(0)).target(), None);
    }
}
