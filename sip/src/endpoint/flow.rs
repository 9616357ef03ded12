//! Where a message came from and what it leaves by.

use std::net::SocketAddr;

/// What carries SIP messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// One message a datagram; the only one that retransmits.
    Udp,
    /// RFC 3261 §18.
    Tcp,
    /// TCP under TLS.
    Tls,
    /// SIP over WebSocket (RFC 7118), with TLS or behind something that ends it.
    Ws,
}

impl Transport {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Udp, Self::Tcp, Self::Tls, Self::Ws];

    /// Tells whether what is sent arrives, or is reported lost, without us repeating it.
    pub fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp | Self::Tls | Self::Ws => true,
        }
    }

    /// Tells whether a connection is opened to a peer: nobody is called by WebSocket but on the connection they made.
    pub fn opens(self) -> bool {
        match self {
            Self::Udp | Self::Ws => false,
            Self::Tcp | Self::Tls => true,
        }
    }

    /// Returns its name in a Via header field.
    pub fn via_name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Ws => "WS",
        }
    }

    /// Returns its name in a `transport` URI parameter.
    pub fn uri_name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
        }
    }

    /// Returns the port a URI means when it names none (RFC 3261 §19.1.2, RFC 7118 §5.1).
    pub fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
            Self::Ws => 80,
        }
    }
}

/// Where a message came from: the two ends, and which connection when there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// What carried it.
    pub transport: Transport,
    /// Our end.
    pub local: SocketAddr,
    /// The far end, as the socket sees it.
    pub peer: SocketAddr,
    /// The shell's number for the connection, never used twice; 0 for UDP.
    pub connection: u64,
}

impl Flow {
    /// Returns the connection, when there is one.
    pub fn connection(&self) -> Option<u64> {
        match self.transport {
            Transport::Udp => None,
            Transport::Tcp | Transport::Tls | Transport::Ws => Some(self.connection),
        }
    }
}
