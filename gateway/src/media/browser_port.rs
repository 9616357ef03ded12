//! The socket of all browsers.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use sip::media::{LegKey, MediaEvent, Security};

use super::browsers::Browsers;
use super::ports::bind;
use super::secure::Identity;
use super::wire::LegIndex;
use crate::dscp::Dscp;

/// The poll token of the socket.
pub(super) const BROWSERS: Token = Token(usize::MAX - 1);

/// The bound port with everything that is known of who comes by it.
pub struct BrowserPort {
    socket: UdpSocket,
    browsers: Browsers,
    is_v6: bool,
}

/// A datagram that came for a leg, or nothing that concerns a leg.
pub(super) type Came = Option<(LegIndex, BytesMut)>;

impl BrowserPort {
    /// Binds the port; an unspecified IPv6 address takes IPv4 too. Browsers are waited for as long as `absence`.
    ///
    /// # Errors
    /// When the address is not ours or the port is taken.
    pub fn bind(
        address: SocketAddr,
        dscp: Dscp,
        identity: Identity,
        absence: Duration,
    ) -> io::Result<Self> {
        let both = address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        Ok(Self {
            socket: bind(address, both, dscp)?,
            browsers: Browsers::new(identity, absence),
            is_v6: address.is_ipv6(),
        })
    }

    /// Where it is bound.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    pub(super) fn watch(&mut self, poll: &Registry) -> io::Result<()> {
        poll.register(&mut self.socket, BROWSERS, Interest::READABLE)
    }

    /// Takes one datagram and answers what is answered at once; [`None`] when there is no more.
    pub(super) fn receive(&mut self, buffer: &mut [u8], now: Instant) -> Option<Came> {
        let (length, source) = match self.socket.recv_from(buffer) {
            Ok(taken) => taken,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
            // An ICMP answer to something sent; the next read goes on.
            Err(_) => return Some(None),
        };
        let source = SocketAddr::new(source.ip().to_canonical(), source.port());
        let came = self.browsers.handle(source, &buffer[..length], now);
        self.flush();
        Some(came)
    }

    /// See [`Browsers::expect`].
    pub(super) fn expect(
        &mut self,
        leg: LegKey,
        index: LegIndex,
        security: Security,
        now: Instant,
    ) -> bool {
        self.browsers.expect(leg, index, security, now)
    }

    /// Whether a leg's peer is a browser.
    pub(super) fn knows(&self, index: LegIndex) -> bool {
        self.browsers.knows(index)
    }

    /// Forgets a leg's browser.
    pub(super) fn forget(&mut self, index: LegIndex) {
        self.browsers.forget(index);
    }

    /// The next report.
    pub(super) fn poll_event(&mut self) -> Option<MediaEvent> {
        self.browsers.poll_event()
    }

    /// When [`Self::handle_timeout`] is next due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.browsers.poll_timeout()
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.browsers.handle_timeout(now);
        self.flush();
    }

    /// Sends a packet to a leg's browser; false when the system did not take it.
    pub(super) fn send(&mut self, index: LegIndex, packet: &[u8], now: Instant) -> bool {
        match self.browsers.seal(index, packet, now) {
            Some((to, sealed)) => self.write(to, &sealed),
            // It is nowhere yet, or may not be sent anything.
            None => true,
        }
    }

    fn flush(&mut self) {
        while let Some((to, datagram)) = self.browsers.poll_transmit() {
            self.write(to, &datagram);
        }
    }

    fn write(&self, to: SocketAddr, datagram: &[u8]) -> bool {
        let to = match to.ip() {
            IpAddr::V4(ip) if self.is_v6 => SocketAddr::new(ip.to_ipv6_mapped().into(), to.port()),
            IpAddr::V4(_) | IpAddr::V6(_) => to,
        };
        let sent = self.socket.send_to(datagram, to);
        if let Err(error) = &sent {
            tracing::trace!(%error, %to, "a packet to a browser was not sent");
        }
        sent.is_ok()
    }
}
