//! What the network says of datagrams that it could not deliver (RFC 3261 §18.4). Linux keeps it beside what arrives, for who
//! asks for it.

use std::{
    io::{self, IoSliceMut},
    net::{SocketAddr, SocketAddrV4, SocketAddrV6},
    os::fd::{AsFd, AsRawFd},
};

use bytes::Bytes;
use nix::{
    cmsg_space, libc,
    sys::socket::{
        ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt,
        sockopt::{Ipv4RecvErr, Ipv6RecvErr},
    },
};

/// The most that is quoted of a datagram (RFC 4443 §2.4; IPv4 quotes less).
const QUOTED: usize = 1_280;

/// A datagram that did not arrive.
#[derive(Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// Where it was to go.
    pub to: SocketAddr,
    /// How it began.
    pub quoted: Bytes,
}

/// What the system keeps of a datagram that was sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// It did not arrive, and another will not.
    Lost(Undelivered),
    /// What the network says of it is over with it.
    Passing,
    /// The system did not send it, and said so.
    Ours,
}

impl Kept {
    /// Returns what did not arrive for good.
    pub fn undelivered(self) -> Option<Undelivered> {
        match self {
            Self::Lost(undelivered) => Some(undelivered),
            Self::Passing | Self::Ours => None,
        }
    }
}

/// Has the system keep what comes back of what a socket sends, which is bound to `local`.
pub fn ask(socket: &impl AsFd, local: SocketAddr) {
    let asked = match local {
        SocketAddr::V4(_) => setsockopt(socket, Ipv4RecvErr, &true),
        SocketAddr::V6(_) => setsockopt(socket, Ipv6RecvErr, &true),
    };
    if let Err(error) = asked {
        tracing::warn!(%error, "where nobody listens is found by waiting");
    }
}

/// Takes the oldest error that is kept.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] where none is kept.
pub fn take(socket: &impl AsRawFd) -> io::Result<Kept> {
    let mut quoted = [0; QUOTED];
    let mut parts = [IoSliceMut::new(&mut quoted)];
    let mut told = cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let found = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut told), flags)?;
    let mut errors = found.cmsgs()?.filter_map(|message| match message {
        ControlMessageOwned::Ipv4RecvErr(error, _) | ControlMessageOwned::Ipv6RecvErr(error, _) => {
            Some(error)
        }
        _ => None,
    });
    let error = errors.next();
    let told = error.map(|error| (error.ee_origin, error.ee_type, error.ee_code));
    let (to, length) = (found.address.as_ref().and_then(address), found.bytes);
    Ok(match (told, to) {
        (Some(told), Some(to)) if is_final(told) => Kept::Lost(Undelivered {
            to,
            quoted: Bytes::copy_from_slice(&quoted[..length]),
        }),
        (Some((libc::SO_EE_ORIGIN_LOCAL, ..)), _) | (None, _) => Kept::Ours,
        (Some(_), _) => Kept::Passing,
    })
}

fn address(told: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = told.as_sockaddr_in().map(|one| SocketAddrV4::from(*one));
    let v6 = || told.as_sockaddr_in6().map(|one| SocketAddrV6::from(*one));
    v4.map(SocketAddr::from)
        .or_else(|| v6().map(SocketAddr::from))
}

// RFC 3261 §18.4: what is unreachable and what could not be read is, but not what took too long or went too fast. That something is
// too large is between routers and the system, which sends the next in parts.
fn is_final((origin, kind, code): (u8, u8, u8)) -> bool {
    const V4: u8 = libc::SO_EE_ORIGIN_ICMP;
    const V6: u8 = libc::SO_EE_ORIGIN_ICMP6;
    match (origin, kind, code) {
        // RFC 792, RFC 1191: destination unreachable; fragmentation needed.
        (V4, 3, 4) => false,
        // Parameter problem.
        (V4, 3 | 12, _) => true,
        // RFC 4443: destination unreachable, parameter problem.
        (V6, 1 | 4, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unreachable_is_so_for_good_and_what_was_slow_or_large_is_not() {
        const V4: u8 = libc::SO_EE_ORIGIN_ICMP;
        const V6: u8 = libc::SO_EE_ORIGIN_ICMP6;
        for (told, expected) in [
            // Network, host, protocol, port; too large; prohibited.
            ((V4, 3, 0), true),
            ((V4, 3, 1), true),
            ((V4, 3, 2), true),
            ((V4, 3, 3), true),
            ((V4, 3, 4), false),
            ((V4, 3, 13), true),
            // Source quench, time exceeded, parameter problem.
            ((V4, 4, 0), false),
            ((V4, 11, 0), false),
            ((V4, 12, 0), true),
            // Port; too large, time exceeded, parameter problem.
            ((V6, 1, 4), true),
            ((V6, 2, 0), false),
            ((V6, 3, 0), false),
            ((V6, 4, 0), true),
            // What the system itself says is said where it is sent.
            ((libc::SO_EE_ORIGIN_LOCAL, 3, 3), false),
        ] {
            assert_eq!(is_final(told), expected, "{told:?}");
        }
    }
}
