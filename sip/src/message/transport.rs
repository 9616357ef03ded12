//! The transports a Via names.

use std::fmt;

/// How a SIP message travels, as named in a Via or in a `transport` parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A byte stream.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// SCTP.
    Sctp,
    /// WebSocket (RFC 7118).
    Ws,
    /// WebSocket over TLS (RFC 7118).
    Wss,
    /// One we have no name for; the Via still prints what came in.
    Other,
}

impl Transport {
    /// Reads a transport in any case.
    pub fn read(name: &str) -> Self {
        [
            Self::Udp,
            Self::Tcp,
            Self::Tls,
            Self::Sctp,
            Self::Ws,
            Self::Wss,
        ]
        .into_iter()
        .find(|transport| transport.as_str().eq_ignore_ascii_case(name))
        .unwrap_or(Self::Other)
    }

    /// Reads a transport in the spelling of its RFC.
    pub(super) fn known(name: &str) -> Option<Self> {
        match name {
            "UDP" => Some(Self::Udp),
            "TCP" => Some(Self::Tcp),
            "TLS" => Some(Self::Tls),
            "SCTP" => Some(Self::Sctp),
            "WS" => Some(Self::Ws),
            "WSS" => Some(Self::Wss),
            _ => None,
        }
    }

    /// Returns the name as a Via spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Sctp => "SCTP",
            Self::Ws => "WS",
            Self::Wss => "WSS",
            Self::Other => "UNKNOWN",
        }
    }

    /// Whether the transport itself retransmits, so that timers A, E and G stay silent.
    pub fn is_reliable(self) -> bool {
        match self {
            Self::Udp | Self::Other => false,
            Self::Tcp | Self::Tls | Self::Sctp | Self::Ws | Self::Wss => true,
        }
    }

    /// Returns the port used when none is named (RFC 3261 §19.1.2, RFC 7118 §5).
    pub fn default_port(self) -> u16 {
        match self {
            Self::Tls => 5061,
            Self::Ws => 80,
            Self::Wss => 443,
            Self::Udp | Self::Tcp | Self::Sctp | Self::Other => 5060,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
