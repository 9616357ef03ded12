//! The border between the switchboard and the sockets.

use std::net::SocketAddr;

/// Where the datagrams of a switchboard go.
pub trait Wire {
    /// Sends a datagram from the ports of a leg. Failures are the wire's to count: RTP is not
    /// repeated.
    fn send(&mut self, through: LegIndex, channel: Channel, to: SocketAddr, datagram: &[u8]);
}

/// Which of a leg's two ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The even port: media, and reports when multiplexed.
    Rtp,
    /// The odd port: reports.
    Rtcp,
}

/// The place of an open leg, small and dense. It is used again after the leg is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegIndex(pub usize);
