//! A phone's datagram socket. It tells when the system took a datagram in, not when the phone came to read it: a load that
//! falls behind would else measure itself and not the server.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    os::fd::AsRawFd,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use nix::sys::{
    socket::{
        ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt,
        sockopt::ReceiveTimestampns,
    },
    time::TimeSpec,
};
use socket2::{Domain, Protocol, Type};
use tokio::{io::Interest, net::UdpSocket};

/// Kernel buffers for bursts of SIP.
const BUFFER: usize = 8 * 1024 * 1024;

/// The socket.
pub(super) struct Socket(UdpSocket);

/// One datagram.
pub(super) struct Datagram {
    pub length: usize,
    pub peer: SocketAddr,
    /// When the system took it in.
    pub came: Instant,
}

impl Socket {
    pub fn open(local: SocketAddr) -> Result<Self> {
        let socket =
            socket2::Socket::new(Domain::for_address(local), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_recv_buffer_size(BUFFER)?;
        socket.set_send_buffer_size(BUFFER)?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        socket
            .bind(&local.into())
            .with_context(|| format!("a phone needs {local}"))?;
        Ok(Self(UdpSocket::from_std(socket.into())?))
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    pub async fn send_to(&self, bytes: &[u8], to: SocketAddr) -> io::Result<usize> {
        self.0.send_to(bytes, to).await
    }

    pub async fn receive(&self, buffer: &mut [u8]) -> io::Result<Datagram> {
        self.0
            .async_io(Interest::READABLE, || self.try_receive(buffer))
            .await
    }

    fn try_receive(&self, buffer: &mut [u8]) -> io::Result<Datagram> {
        let mut parts = [IoSliceMut::new(buffer)];
        let mut space = nix::cmsg_space!(TimeSpec);
        let message = recvmsg::<SockaddrStorage>(
            self.0.as_raw_fd(),
            &mut parts,
            Some(&mut space),
            MsgFlags::empty(),
        )?;
        let stamp = message.cmsgs()?.find_map(|said| match said {
            ControlMessageOwned::ScmTimestampns(at) => Some(UNIX_EPOCH + Duration::from(at)),
            _ => None,
        });
        let peer = message.address.as_ref().and_then(socket_address);
        let (Some(stamp), Some(peer)) = (stamp, peer) else {
            return Err(io::Error::other("a datagram without a time or a sender"));
        };
        Ok(Datagram {
            length: message.bytes,
            peer,
            came: came(stamp, SystemTime::now(), Instant::now()),
        })
    }
}

// The system stamps by the clock of the day; how long ago that was is all that counts.
fn came(stamp: SystemTime, day: SystemTime, now: Instant) -> Instant {
    let ago = day.duration_since(stamp).unwrap_or_default();
    now.checked_sub(ago).unwrap_or(now)
}

fn socket_address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage
        .as_sockaddr_in()
        .map(|v4| SocketAddr::from(std::net::SocketAddrV4::from(*v4)));
    v4.or_else(|| {
        let v6 = storage.as_sockaddr_in6()?;
        Some(SocketAddr::from(std::net::SocketAddrV6::from(*v6)))
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test]
    async fn a_datagram_is_told_with_its_sender_and_time() {
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (a, b) = (Socket::open(local).unwrap(), Socket::open(local).unwrap());
        a.send_to(b"one", b.address().unwrap()).await.unwrap();

        let mut buffer = [0; 16];
        let one = b.receive(&mut buffer).await.unwrap();

        assert_eq!(&buffer[..one.length], b"one");
        assert_eq!(one.peer, a.address().unwrap());
        assert!(one.came <= Instant::now());
    }

    #[test]
    fn what_is_read_late_came_when_it_was_stamped() {
        let (day, now) = (SystemTime::now(), Instant::now());
        let at = |millis| Duration::from_millis(millis);

        assert_eq!(came(day, day + at(30), now + at(30)), now);
        assert_eq!(came(day, day - at(1), now), now, "its clock was set back");
    }
}
