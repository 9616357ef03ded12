//! The class that packets are marked with, so that routers let voice go first (RFC 2474).

use std::{fmt, net::SocketAddr, str::FromStr};

use socket2::SockRef;

/// A differentiated services code point, 0 to 63.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dscp(u8);

impl Dscp {
    /// Expedited forwarding, the class of voice (RFC 4594 §4.1).
    pub const EF: Self = Self(46);
    /// Class selector 3, usual for the signalling of calls.
    pub const CS3: Self = Self(24);
    const MOST: u8 = 63;

    /// Marks what `socket`, which is bound or goes to `address`, sends from now on. It is a wish: not every network namespace
    /// allows it, and packets go without, too.
    pub fn mark<'s>(self, socket: impl Into<SockRef<'s>>, address: SocketAddr) {
        let socket = socket.into();
        // The two lower bits are those of congestion notification.
        let byte = u32::from(self.0) << 2;
        let marked = match address {
            SocketAddr::V4(_) => socket.set_tos_v4(byte),
            // A socket of both families sends IPv4 under the mark of IPv4; one of IPv6 alone takes no harm.
            SocketAddr::V6(_) => socket
                .set_tclass_v6(byte)
                .and_then(|()| socket.set_tos_v4(byte)),
        };
        if let Err(error) = marked {
            tracing::debug!(%error, dscp = %self, "packets go out unmarked");
        }
    }
}

/// It names no class.
#[derive(Debug, thiserror::Error)]
#[error("write \"ef\", \"cs0\" to \"cs7\", \"af11\" to \"af43\", or a number from 0 to 63")]
pub struct NotDscp;

impl FromStr for Dscp {
    type Err = NotDscp;

    fn from_str(text: &str) -> Result<Self, NotDscp> {
        let named = match text.as_bytes() {
            b"ef" => Some(Self::EF.0),
            [b'c', b's', class @ b'0'..=b'7'] => Some((class - b'0') * 8),
            // RFC 2597 §6: four classes with three precedences each.
            [b'a', b'f', class @ b'1'..=b'4', drop @ b'1'..=b'3'] => {
                Some((class - b'0') * 8 + (drop - b'0') * 2)
            }
            _other => text.parse().ok().filter(|number| *number <= Self::MOST),
        };
        named.map(Self).ok_or(NotDscp)
    }
}

impl fmt::Display for Dscp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (*self, self.0 % 8) {
            (Self::EF, _) => f.write_str("ef"),
            (Self(number), 0) => write!(f, "cs{}", number / 8),
            (Self(number), drop @ (2 | 4 | 6)) if (10..=38).contains(&number) => {
                write!(f, "af{}{}", number / 8, drop / 2)
            }
            (Self(number), _) => write!(f, "{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_written_as_it_is_read() {
        for (text, number) in [
            ("ef", 46),
            ("cs0", 0),
            ("cs3", 24),
            ("cs7", 56),
            ("af11", 10),
            ("af43", 38),
            ("5", 5),
            ("63", 63),
        ] {
            let dscp: Dscp = text.parse().unwrap();
            assert_eq!((dscp.0, dscp.to_string().as_str()), (number, text));
        }
        for wrong in ["", "64", "-1", "cs8", "af14", "af50", "EF", "voice"] {
            assert!(wrong.parse::<Dscp>().is_err(), "{wrong}");
        }
        for number in 0..=63 {
            let dscp = Dscp(number);
            assert_eq!(dscp.to_string().parse::<Dscp>().unwrap(), dscp);
        }
    }

    #[test]
    fn a_mark_can_be_read_back_off_both_families() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let socket = std::net::UdpSocket::bind(address).unwrap();

            Dscp::EF.mark(&socket, socket.local_addr().unwrap());

            let marked = SockRef::from(&socket);
            let read = match address.starts_with('[') {
                true => marked.tclass_v6(),
                false => marked.tos_v4(),
            };
            assert_eq!(read.unwrap(), 0xb8, "{address}");
        }
    }
}
