//! The UDP sockets for SIP.

use std::{collections::VecDeque, io, net::SocketAddr};

use bytes::{Bytes, BytesMut};
use sip::families::{Families, Family};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{io::Interest, net::UdpSocket};

use super::undelivered::{self, Kept, Undelivered};
use crate::dscp::Dscp;

/// The longest datagram there can be.
const DATAGRAM: usize = 65_535;
/// Room that is got at once for many datagrams; what the endpoint keeps of them keeps it alive.
const SLAB: usize = 4 * DATAGRAM;
/// The system's buffers, so that a burst is not lost while others have their turn.
const BUFFER: usize = 4 * 1024 * 1024;
/// How often a datagram is sent while the system answers with errors of others.
const TRIES: usize = 8;

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

    /// Takes what the network says of a datagram that it could not deliver, if it says anything.
    pub fn undelivered(&mut self) -> Option<Undelivered> {
        let mut each = self.sockets.iter_mut();
        each.find_map(|(_, socket)| socket.undelivered())
    }

    /// Sends a datagram.
    pub fn send(&mut self, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        self.sockets.near_mut(Family::of(to.ip())).send(to, bytes)
    }
}

/// A socket with its buffer.
pub struct Udp {
    socket: UdpSocket,
    local: SocketAddr,
    buffer: BytesMut,
    /// What could not be delivered, and was heard of while something else was sent.
    undelivered: VecDeque<Undelivered>,
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
        let local = socket.local_addr()?;
        undelivered::ask(&socket, local);
        Ok(Self {
            local,
            socket,
            buffer: BytesMut::new(),
            undelivered: VecDeque::new(),
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

    /// Waits until there is something to receive, or was not delivered.
    pub async fn ready(&self) {
        if !self.undelivered.is_empty() {
            return;
        }
        let wanted = Interest::READABLE | Interest::ERROR;
        if let Err(error) = self.socket.ready(wanted).await {
            tracing::error!(%error, "the SIP socket cannot be waited for");
            std::future::pending().await
        }
    }

    /// Takes what the network says of a datagram, if it says anything.
    pub fn undelivered(&mut self) -> Option<Undelivered> {
        let socket = &self.socket;
        while let Ok(kept) = socket.try_io(Interest::ERROR, || undelivered::take(socket)) {
            self.undelivered.extend(kept.undelivered());
        }
        self.undelivered.pop_front()
    }

    // Takes what is kept now, and tells whether the network said anything.
    fn hears(&mut self) -> bool {
        let mut heard = false;
        while let Ok(kept) = undelivered::take(&self.socket) {
            heard |= kept != Kept::Ours;
            self.undelivered.extend(kept.undelivered());
        }
        heard
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
                // Of something sent earlier, which is kept for who asks.
                Err(error) => tracing::debug!(%error, "the SIP socket reports an earlier error"),
            }
        }
    }

    /// Sends a datagram; a full system buffer loses it, as the network may.
    pub fn send(&mut self, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        for _ in 0..TRIES {
            match self.socket.try_send_to(bytes, to) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // The system says so of one before this, which it did not send.
                Err(_) if self.hears() => {}
                Err(error) => return Err(error),
            }
        }
        crate::metrics::refused("udp_buffer");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACKS: [&str; 2] = ["127.0.0.1:0", "[::1]:0"];

    async fn bound(address: &str) -> Datagrams {
        let address: SocketAddr = address.parse().unwrap();
        let socket = Udp::bind(address).unwrap();
        socket.socket.writable().await.unwrap();
        Datagrams::new(Families::one(Family::of(address.ip()), socket))
    }

    /// Where nobody listens.
    fn closed(address: &str) -> SocketAddr {
        let socket = std::net::UdpSocket::bind(address).unwrap();
        socket.local_addr().unwrap()
    }

    #[tokio::test]
    async fn what_goes_to_a_closed_port_comes_back_with_where_it_was_to_go() {
        for address in LOOPBACKS {
            let mut ours = bound(address).await;
            let to = closed(address);

            ours.send(to, b"OPTIONS sip:closed SIP/2.0\r\n").unwrap();
            let told = loop {
                ours.ready().await;
                if let Some(told) = ours.undelivered() {
                    break told;
                }
            };

            let quoted = Bytes::from_static(b"OPTIONS sip:closed SIP/2.0\r\n");
            assert_eq!(told, Undelivered { to, quoted });
            assert_eq!(ours.undelivered(), None);
            assert!(ours.receive().is_none());
        }
    }

    #[tokio::test]
    async fn what_goes_to_an_open_port_arrives_whatever_came_back_before() {
        for address in LOOPBACKS {
            let (mut ours, mut theirs) = (bound(address).await, bound(address).await);
            let (closed, open) = (closed(address), *theirs.local().first());

            for _ in 0..3 {
                ours.send(closed, b"lost").unwrap();
                ours.send(open, b"found").unwrap();
                theirs.ready().await;
                let found = theirs.receive().unwrap();
                assert_eq!(found, (Bytes::from_static(b"found"), *ours.local().first()));
            }

            let mut lost = Vec::new();
            while lost.len() < 3 {
                ours.ready().await;
                lost.extend(ours.undelivered().map(|one| one.to));
            }
            assert_eq!(lost, [closed; 3]);
        }
    }

    #[tokio::test]
    async fn what_the_system_itself_does_not_send_is_an_error_of_its_own() {
        for address in LOOPBACKS {
            let mut ours = bound(address).await;
            let to = closed(address);

            let sent = ours.send(to, &[0; DATAGRAM + 1]);

            assert!(sent.is_err());
            assert_eq!(ours.undelivered(), None);
        }
    }
}
