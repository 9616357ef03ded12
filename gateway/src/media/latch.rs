//! Where a peer is: what its SDP said, until its packets say it better.

use std::net::{IpAddr, SocketAddr};

/// How many packets from where a peer was before it moved are taken for late ones. A peer that sends on from there for two seconds
/// has said another address and not moved.
const LATE: u8 = 100;

/// So many packets of one stream, one after the other, show that a peer sends from another host than it says and signals from.
const KNOCKS: u8 = 100;
/// How much a number may leap in such a row: what is lost on the way breaks none.
const LEAP: u16 = 5;

/// Symmetric RTP with a pinned source: before the first packet we send to the stated address, after it to where that packet
/// came from, and nothing from elsewhere is taken until SDP changes. But the stated address itself is believed whoever came
/// first, such as another phone of a forked call (RFC 3264 §8.3.1); and who sends from the stated host, or from the one that
/// the peer's SIP comes from, is believed more than who came first from another (RFC 7362 §4). Where both are one host nobody
/// else is sent to for a packet or two: the peer may be muted, and a stranger would hear the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Latch {
    stated: SocketAddr,
    /// The host that its SIP comes from, where that is known.
    signals: Option<IpAddr>,
    pinned: Option<SocketAddr>,
    knocking: Option<Row>,
    /// Where the peer was before it said another place, and how many packets came from there since.
    left: Option<(SocketAddr, u8)>,
}

/// Packets of one stream that come from a host which is not the peer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    source: SocketAddr,
    ssrc: u32,
    sequence: u16,
    count: u8,
}

impl Latch {
    /// A peer that says it is at `stated`, and whose SIP comes from `signals`.
    pub(super) const fn new(stated: SocketAddr, signals: Option<IpAddr>) -> Self {
        Self {
            stated,
            signals,
            pinned: None,
            knocking: None,
            left: None,
        }
    }

    /// Takes a new statement. Another address loosens the pin, and so does the same one where the peer is at that host for
    /// certain and packets came from another.
    pub(super) fn state(&mut self, stated: SocketAddr, signals: Option<IpAddr>) {
        self.signals = signals;
        // c=0.0.0.0 is an old way to say "on hold", not a place to move to.
        if stated.ip().is_unspecified() {
            return;
        }
        let strayed = self.is_sure() && self.pinned.is_some_and(|at| !self.is_home(at));
        if stated != self.stated || strayed {
            let left = self.pinned.filter(|left| *left != stated);
            *self = Self {
                left: left.map(|left| (left, 0)),
                ..Self::new(stated, signals)
            };
        }
    }

    // Whether the peer states the very host that it signals from, so that no address translation is between us that it does
    // not know of.
    fn is_sure(&self) -> bool {
        (self.signals).is_some_and(|host| host.to_canonical() == self.stated.ip().to_canonical())
    }

    fn is_home(&self, at: SocketAddr) -> bool {
        let host = at.ip().to_canonical();
        let homes = [Some(self.stated.ip()), self.signals];
        homes.contains(&Some(at.ip()))
            || (homes.iter().flatten()).any(|home| home.to_canonical() == host)
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
        match self.pinned {
            Some(pinned) if pinned == source => true,
            Some(_) if source == self.stated => {
                self.follow(source);
                true
            }
            Some(pinned) if self.is_home(pinned) || !self.is_home(source) => false,
            None if self.is_sure() && !self.is_home(source) => false,
            Some(_) | None => {
                self.follow(source);
                true
            }
        }
    }

    /// Takes a packet of a stream that was not admitted, and tells whether the peer may be there all the same: as many came from
    /// there one after the other, and none from where the peer said it is.
    pub(super) fn knocks(&mut self, source: SocketAddr, ssrc: u32, sequence: u16) -> bool {
        if self.pinned.is_some() {
            return false;
        }
        let goes_on = |row: &Row| {
            let ahead = sequence.wrapping_sub(row.sequence);
            row.source == source && row.ssrc == ssrc && (1..=LEAP).contains(&ahead)
        };
        let count = self.knocking.filter(goes_on).map_or(0, |row| row.count);
        let row = Row {
            source,
            ssrc,
            sequence,
            count: count.saturating_add(1),
        };
        self.knocking = Some(row);
        row.count >= KNOCKS
    }

    /// Whether a peer that fell silent may be at `source` now: behind another port of its NAT, or, where its packets never came
    /// from the stated host, behind another NAT. Its packets have to show that they go on with its stream.
    pub(super) fn may_follow(&self, source: SocketAddr) -> bool {
        self.pinned
            .is_some_and(|pinned| pinned.ip() == source.ip() || !self.is_home(pinned))
    }

    /// Pins to `source` instead.
    pub(super) const fn follow(&mut self, source: SocketAddr) {
        self.pinned = Some(source);
        self.left = None;
        self.knocking = None;
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
        let mut latch = Latch::new(at(1000), None);
        assert_eq!(latch.target(), Some(at(1000)));

        assert!(latch.admit(at(2000)));
        assert!(!latch.admit(at(3000)));
        assert_eq!(latch.target(), Some(at(2000)));

        latch.state(at(1000), None);
        assert!(!latch.admit(at(3000)));
        latch.state("0.0.0.0:9".parse().unwrap(), None);
        assert!(!latch.admit(at(3000)));

        latch.state(at(4000), None);
        assert_eq!(latch.target(), Some(at(4000)));
        assert!(latch.admit(at(3000)));
    }

    #[test]
    fn what_is_on_its_way_from_where_a_peer_was_takes_nothing_from_where_it_is() {
        let mut latch = Latch::new(at(1000), None);
        assert!(latch.admit(at(1000)));

        latch.state(at(2000), None);
        assert!(latch.admit(at(1000)));
        assert_eq!(latch.target(), Some(at(2000)));
        assert!(latch.admit(at(2000)));
        assert!(!latch.admit(at(1000)));
        assert_eq!(latch.target(), Some(at(2000)));
    }

    #[test]
    fn who_says_another_place_and_stays_is_sent_to_where_they_are() {
        let mut latch = Latch::new("10.0.0.7:1000".parse().unwrap(), None);
        assert!(latch.admit(at(5000)));

        latch.state(at(2000), None);
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
        let mut latch = Latch::new(at(1000), None);

        assert!(latch.admit(stranger));
        assert!(latch.admit(at(1002)));
        assert!(!latch.admit(stranger));
        assert_eq!(latch.target(), Some(at(1002)));
        // Whoever is at home keeps it.
        assert!(!latch.admit(at(1004)));
    }

    #[test]
    fn who_sends_from_the_stated_address_has_the_stream_from_another_port_of_that_host() {
        let mut latch = Latch::new(at(1000), Some(at(5060).ip()));
        assert!(latch.admit(at(2000)), "early media of another phone there");

        latch.state(at(1004), Some(at(5060).ip()));
        assert!(latch.admit(at(2002)), "nobody is known to be there yet");
        assert!(latch.admit(at(1004)));
        assert_eq!(latch.target(), Some(at(1004)));
        assert!(!latch.admit(at(2002)));
        assert_eq!(latch.target(), Some(at(1004)));
    }

    #[test]
    fn a_peer_may_be_followed_to_another_port_and_from_one_nat_to_another() {
        let mut latch = Latch::new("10.0.0.7:1000".parse().unwrap(), None);
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
        let mut latch = Latch::new(at(1000), None);
        assert!(latch.admit(at(1000)));

        assert!(latch.may_follow(at(1002)));
        assert!(!latch.may_follow("192.0.2.66:4000".parse().unwrap()));
    }

    fn stranger() -> SocketAddr {
        "192.0.2.66:4000".parse().unwrap()
    }

    fn sure() -> Latch {
        Latch::new(at(1000), Some(at(5060).ip()))
    }

    #[test]
    fn a_stranger_takes_nothing_from_a_peer_that_says_where_its_sip_comes_from() {
        let mut latch = sure();

        for _ in 0..1_000 {
            assert!(!latch.admit(stranger()));
        }
        assert_eq!(latch.target(), Some(at(1000)));
        assert!(latch.admit(at(2000)));
        assert_eq!(latch.target(), Some(at(2000)));
        latch.state(at(1000), Some(at(5060).ip()));
        assert!(!latch.admit(at(3000)));
    }

    #[test]
    fn a_row_of_one_stream_is_followed_and_a_row_that_breaks_is_none() {
        let mut latch = sure();
        let row = |latch: &mut Latch, from: u16, many: u16| {
            let last = (from..from + many).map(|n| latch.knocks(stranger(), 7, n));
            last.last().unwrap()
        };

        assert!(!row(&mut latch, 1, 99));
        assert!(!latch.knocks(stranger(), 8, 100));
        assert!(!row(&mut latch, 200, 99));
        assert!(!latch.knocks("192.0.2.67:4000".parse().unwrap(), 7, 299));
        assert!(!row(&mut latch, 400, 60));
        assert!(row(&mut latch, 462, 40), "what is lost breaks no row");
        latch.follow(stranger());
        assert_eq!(latch.target(), Some(stranger()));
        assert!(
            latch.admit(at(2000)),
            "the peer has it back with one packet"
        );
        assert!(!row(&mut latch, 502, 200));
    }

    #[test]
    fn a_description_said_again_looks_again_where_the_peer_is() {
        let mut latch = sure();
        latch.follow(stranger());

        latch.state(at(1000), Some(at(5060).ip()));

        assert_eq!(latch.target(), Some(at(1000)));
        assert!(latch.admit(stranger()), "it is heard for a while");
        assert_eq!(latch.target(), Some(at(1000)));
        assert!(latch.admit(at(1000)));
        assert!(!latch.admit(stranger()));
    }

    #[test]
    fn behind_a_nat_the_host_of_its_sip_is_believed_more_than_who_came_first() {
        let nat: SocketAddr = "203.0.113.7:5060".parse().unwrap();
        let speaks = SocketAddr::new(nat.ip(), 40_000);
        let mut latch = Latch::new("10.0.0.7:1000".parse().unwrap(), Some(nat.ip()));

        assert!(
            latch.admit(stranger()),
            "it may have another way for its media"
        );
        assert!(latch.admit(speaks));
        assert_eq!(latch.target(), Some(speaks));
        assert!(!latch.admit(stranger()));
        latch.state("10.0.0.7:1000".parse().unwrap(), Some(nat.ip()));
        assert_eq!(latch.target(), Some(speaks));
    }

    #[test]
    fn nowhere_is_no_target() {
        assert_eq!(
            Latch::new("0.0.0.0:4000".parse().unwrap(), None).target(),
            None
        );
        assert_eq!(Latch::new(at(0), None).target(), None);
    }
}
