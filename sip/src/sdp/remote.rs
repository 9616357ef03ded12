//! What an exchange of descriptions agreed on, as the media path needs it.

use std::net::{IpAddr, SocketAddr};

use super::{Codec, Direction, PayloadTypes, Protection};

/// The agreed audio stream of one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteMedia {
    /// Where the peer says it receives RTP.
    pub address: SocketAddr,
    /// The host that its SIP comes from, where that is known; no description says it.
    pub signals_from: Option<IpAddr>,
    /// Where the peer says it receives RTCP; equal to `address` with `rtcp_mux`.
    pub rtcp: SocketAddr,
    /// Whether RTCP shares the RTP port (RFC 5761).
    pub rtcp_mux: bool,
    /// The codec we send.
    pub codec: Codec,
    /// The payload types the peer receives: what we write into packets.
    pub send: PayloadTypes,
    /// The payload types we receive: what we read in packets.
    pub receive: PayloadTypes,
    /// What *we* may do on the stream. A caller on hold by its own wish has
    /// [`Direction::RecvOnly`] or [`Direction::Inactive`] here.
    pub direction: Direction,
    /// Milliseconds of audio the peer wants in a packet, 20 when it did not say, and never more than it said that it takes.
    pub ptime: u8,
    /// Whether the peer can use what a packet of Opus brings once more of the one before (RFC 7587 §7, `useinbandfec`).
    pub fec: bool,
    /// How its packets are secured.
    pub protection: Protection,
}

impl RemoteMedia {
    /// The same once the peer has taken the stream out (RFC 3264 §8.2): nothing goes either way, no report either.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.address.set_port(0);
        self.rtcp.set_port(0);
        self.direction = Direction::Inactive;
        self
    }
}
