//! The UDP sockets for SIP.

use std::{io, net::SocketAddr};

use bytes::{Bytes, BytesMut};
use sip::families::{Families, Family};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

use crate::dscp::Dscp;

/// The longest datagram there can be.
const DATAGRAM: usize = 65_535;
/// Room that is got at once for many datagrams; what the endpoint keeps of them keeps it alive.
const SLAB: usize = 4 * DATAGRAM;
/// The system's buffers, so that a burst is not lost while others have their turn.
const BUFFER: usize = 4 * 1024 * 1024;

/// The sockets of all families.
pub struct Datagrams {
    sockets: Families<Udp>,
    /// Which is read first now.
    turn: Family,
}

impl Datagrams {
    /// Takes sockets that are bound.
    pub const fn new(sockets: Families<Udp>) -> Self {
        Self {
            sockets,
            turn: Family::V4,
        }
    }

    /// Returns the addresses they are bound to.
    pub fn local(&self) -> Families<SocketAddr> {
        self.sockets.as_ref().map(Udp::local)
    }

    /// Returns the address that datagrams of a peer come to.
    pub fn local_to(&self, peer: SocketAddr) -> SocketAddr {
        self.sockets.near(Family::of(peer.ip())).local()
    }

    /// Marks what they send.
    pub fn mark(&self, dscp: Dscp) {
        self.sockets
            .iter()
            .for_each(|(_, socket)| socket.mark(dscp));
    }

    /// Waits until there is something to receive.
    pub async fn ready(&self) {
        match &self.sockets {
            Families::V4(one) | Families::V6(one) => one.ready().await,
            Families::Both { v4, v6 } => tokio::select! {
                () = v4.ready() => {}
                () = v6.ready() => {}
            },
        }
    }

    /// Takes a datagram, if there is one; of both families in turn.
    pub fn receive(&mut self) -> Option<(Bytes, SocketAddr)> {
        let (first, other) = match self.turn {
            Family::V4 => (Family::V4, Family::V6),
            Family::V6 => (Family::V6, Family::V4),
        };
        self.turn = other;
        [first, other].into_iter().find_map(|family| {
            let mut each = self.sockets.iter_mut();
            let (_, socket) = each.find(|(of, _)| *of == family)?;
            socket.receive()
        })
    }

    /// Sends a datagram.
    pub fn send(&self, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        self.sockets.near(Family::of(to.ip())).send(to, bytes)
    }
}

/// A socket with its buffer.
pub struct Udp {
    socket: UdpSocket,
    local: SocketAddr,
    buffer: BytesMut,
}

impl Udp {
    /// Binds.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        // What is told goes by the family, so nobody of the other is let in.
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        // The system gives what it allows.
        let _ = socket.set_recv_buffer_size(BUFFER);
        let _ = socket.set_send_buffer_size(BUFFER);
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        Self::take(socket.into())
    }

    /// Takes a socket that somebody else bound.
    pub fn take(socket: std::net::UdpSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket)?;
        Ok(Self {
            local: socket.local_addr()?,
            socket,
            buffer: BytesMut::new(),
        })
    }

    /// Marks what it sends.
    pub fn mark(&self, dscp: Dscp) {
        dscp.mark(&self.socket, self.local);
    }

    /// Returns the address it is bound to.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Waits until there is something to receive.
    pub async fn ready(&self) {
        if let Err(error) = self.socket.readable().await {
            tracing::error!(%error, "the SIP socket cannot be waited for");
            std::future::pending().await
        }
    }

    /// Takes a datagram, if there is one.
    pub fn receive(&mut self) -> Option<(Bytes, SocketAddr)> {
        loop {
            if self.buffer.capacity() < DATAGRAM {
                self.buffer = BytesMut::with_capacity(SLAB);
            }
            match self.socket.try_recv_buf_from(&mut self.buffer) {
                Ok((length, peer)) => return Some((self.buffer.split_to(length).freeze(), peer)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                // An ICMP error of something sent earlier; the timers of that transaction deal with it.
                Err(error) => tracing::debug!(%error, "the SIP socket reports an earlier error"),
            }
        }
    }

    /// Sends a datagram; a full system buffer loses it, as the network may.
    pub fn send(&self, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        match self.socket.try_send_to(bytes, to) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                crate::metrics::refused("udp_buffer");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
