//! The sockets of the open legs.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use metrics::Counter;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use sip::families::{Families, Family};
use sip::media::OpenError;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::browser_port::BrowserPort;
use super::seals::{Sealed, Seals};
use super::wire::{Channel, LegIndex, Note, Wire};
use crate::dscp::Dscp;
use crate::recorder::Recorder;

/// The sockets of every open leg, by the leg's index.
pub(super) struct Ports {
    /// The port of all browsers, if they are served.
    pub(super) browsers: Option<BrowserPort>,
    /// What SIP legs are secured by.
    pub(super) seals: Seals,
    /// What packets of SIP legs are marked with.
    pub(super) dscp: Dscp,
    /// The way to whoever writes recordings.
    recorder: Option<Recorder>,
    legs: Vec<Option<Families<Pair>>>,
    unsent: Counter,
    now: Instant,
}

/// RTP and RTCP of one leg at an address of ours, bound.
pub(super) struct Pair {
    rtp: UdpSocket,
    rtcp: UdpSocket,
}

/// Binds a pair at each address, all at one `port` and the one above; chosen by the system when `port` is 0.
pub(super) fn bind_pairs(
    addresses: Families<IpAddr>,
    port: u16,
    dscp: Dscp,
) -> Result<Families<Pair>, OpenError> {
    let mut port = port;
    addresses.try_map(|address| {
        let pair = Pair::bind(address, port, dscp)?;
        port = pair.port().map_err(open_error)?;
        Ok(pair)
    })
}

impl Pair {
    fn bind(address: IpAddr, port: u16, dscp: Dscp) -> Result<Self, OpenError> {
        let above = match port {
            0 => 0,
            port => port.checked_add(1).ok_or(OpenError::AddressNotAvailable)?,
        };
        let rtp = bind(SocketAddr::new(address, port), false, dscp).map_err(open_error)?;
        let rtcp = bind(SocketAddr::new(address, above), false, dscp).map_err(open_error)?;
        Ok(Self { rtp, rtcp })
    }

    /// The RTP port.
    pub(super) fn port(&self) -> io::Result<u16> {
        Ok(self.rtp.local_addr()?.port())
    }
}

/// Binds a socket for media; one of IPv6 takes IPv4 too where `both` says so.
pub(super) fn bind(address: SocketAddr, both: bool, dscp: Dscp) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(!both)?;
    }
    dscp.mark(&socket, address);
    socket.bind(&SockAddr::from(address))?;
    Ok(UdpSocket::from_std(socket.into()))
}

fn open_error(error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::AddrInUse => OpenError::PortInUse,
        io::ErrorKind::AddrNotAvailable => OpenError::AddressNotAvailable,
        // ErrorKind has no end: the rest is told as it is.
        other => OpenError::System(other),
    }
}

impl Ports {
    pub(super) fn new(
        browsers: Option<BrowserPort>,
        recorder: Option<Recorder>,
        seals: Seals,
        dscp: Dscp,
        now: Instant,
    ) -> Self {
        metrics::describe_counter!(
            "tandem_rtp_unsent_packets_total",
            "Media datagrams the system did not take."
        );
        Self {
            browsers,
            seals,
            dscp,
            recorder,
            now,
            legs: Vec::new(),
            unsent: metrics::counter!("tandem_rtp_unsent_packets_total"),
        }
    }

    /// Takes note of the time, which packets to browsers need.
    pub(super) const fn tick(&mut self, now: Instant) {
        self.now = now;
    }

    /// Starts to watch the sockets of a leg.
    pub(super) fn insert(
        &mut self,
        index: LegIndex,
        mut pairs: Families<Pair>,
        poll: &Registry,
    ) -> io::Result<()> {
        for (family, pair) in pairs.iter_mut() {
            let place = |channel| Place {
                index,
                channel,
                family,
            };
            poll.register(
                &mut pair.rtp,
                token(place(Channel::Rtp)),
                Interest::READABLE,
            )?;
            poll.register(
                &mut pair.rtcp,
                token(place(Channel::Rtcp)),
                Interest::READABLE,
            )?;
        }
        if self.legs.len() <= index.0 {
            self.legs.resize_with(index.0 + 1, || None);
        }
        self.legs[index.0] = Some(pairs);
        Ok(())
    }

    /// Closes the sockets of a leg.
    pub(super) fn remove(&mut self, index: LegIndex) {
        self.close_pairs(index);
        self.seals.forget(index);
        if let Some(browsers) = &mut self.browsers {
            browsers.forget(index);
        }
    }

    /// Closes the sockets of a leg whose peer comes to the port of all browsers.
    pub(super) fn close_pairs(&mut self, index: LegIndex) {
        if let Some(slot) = self.legs.get_mut(index.0) {
            *slot = None;
        }
    }

    /// Takes one datagram; [`None`] when there is no more, or no socket any more.
    pub(super) fn receive(
        &self,
        place: Place,
        buffer: &mut [u8],
    ) -> Option<io::Result<(usize, SocketAddr)>> {
        let socket = self.socket(place)?;
        match socket.recv_from(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            other => Some(other),
        }
    }

    /// Sends what handshakes have to say.
    pub(super) fn flush(&mut self) {
        while let Some((index, channel, to, datagram)) = self.seals.poll_transmit() {
            self.write(index, channel, to, &datagram);
        }
    }

    fn write(&self, through: LegIndex, channel: Channel, to: SocketAddr, datagram: &[u8]) {
        let place = Place {
            index: through,
            channel,
            family: Family::of(to.ip()),
        };
        let Some(socket) = self.socket(place) else {
            return;
        };
        if let Err(error) = socket.send_to(datagram, to) {
            tracing::trace!(%error, %to, "a media packet was not sent");
            self.unsent.increment(1);
        }
    }

    // That of the family, or the only one.
    fn socket(&self, place: Place) -> Option<&UdpSocket> {
        let pair = self.pairs(place.index)?.near(place.family);
        Some(match place.channel {
            Channel::Rtp => &pair.rtp,
            Channel::Rtcp => &pair.rtcp,
        })
    }

    /// Whether a leg has sockets of its own.
    pub(super) fn has_pairs(&self, index: LegIndex) -> bool {
        self.pairs(index).is_some()
    }

    fn pairs(&self, index: LegIndex) -> Option<&Families<Pair>> {
        self.legs.get(index.0)?.as_ref()
    }
}

impl Wire for Ports {
    fn send(&mut self, through: LegIndex, channel: Channel, to: SocketAddr, datagram: &[u8]) {
        if self.pairs(through).is_none() {
            let browsers = self.browsers.as_mut();
            if browsers.is_some_and(|port| !port.send(through, datagram, self.now)) {
                self.unsent.increment(1);
            }
            return;
        }
        match self.seals.seal(through, channel, datagram) {
            Sealed::Clear => self.write(through, channel, to, datagram),
            Sealed::Packet(sealed) => self.write(through, channel, to, &sealed),
            Sealed::Nothing => {}
        }
    }

    fn tape(&mut self, recording: &Arc<str>, note: Note) {
        if let Some(recorder) = &mut self.recorder {
            recorder.tape(recording, note);
        }
    }
}

/// One socket of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) index: LegIndex,
    pub(super) channel: Channel,
    pub(super) family: Family,
}

/// The poll token of a socket.
pub(super) const fn token(place: Place) -> Token {
    let channel = match place.channel {
        Channel::Rtp => 0,
        Channel::Rtcp => 1,
    };
    let family = match place.family {
        Family::V4 => 0,
        Family::V6 => 2,
    };
    Token(4 * place.index.0 + family + channel)
}

/// The socket of a poll token.
pub(super) const fn owner(token: Token) -> Place {
    let channel = match token.0 % 2 {
        0 => Channel::Rtp,
        _ => Channel::Rtcp,
    };
    let family = match token.0 / 2 % 2 {
        0 => Family::V4,
        _ => Family::V6,
    };
    Place {
        index: LegIndex(token.0 / 4),
        channel,
        family,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_socket_of_a_leg_has_a_token_of_its_own() {
        for index in [LegIndex(0), LegIndex(7)] {
            for channel in [Channel::Rtp, Channel::Rtcp] {
                for family in [Family::V4, Family::V6] {
                    let place = Place {
                        index,
                        channel,
                        family,
                    };

                    assert_eq!(owner(token(place)), place);
                }
            }
        }
    }
}
