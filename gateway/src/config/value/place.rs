//! Where a trunk is: an address with its port, or a host name.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// Where calls to a trunk are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An address and a port.
    At(SocketAddr),
    /// A host name, in lowercase.
    Named {
        /// The name.
        host: String,
        /// Its port; without one the DNS says it (RFC 3263).
        port: Option<u16>,
    },
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" is nowhere to send to; write an address and a port, such as \"192.0.2.10:5060\", or a host name"
            )
        };
        if let Ok(address) = text.parse::<SocketAddr>() {
            let usable = address.port() != 0 && !address.ip().is_unspecified();
            return usable.then_some(Self::At(address)).ok_or_else(wrong);
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        // RFC 1123 §2.1.
        let label = |label: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            (1..=63).contains(&label.len()) && label.chars().all(plain)
        };
        let sound = host.len() <= 253
            && host.split('.').all(label)
            && host.parse::<IpAddr>().is_err()
            && !host
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
            && port != Some(0);
        sound
            .then_some(Self::Named { host, port })
            .ok_or_else(wrong)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => write!(f, "{address}"),
            Self::Named { host, port: None } => f.write_str(host),
            Self::Named {
                host,
                port: Some(port),
            } => write!(f, "{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_addresses_with_ports_or_names() {
        for text in [
            "192.0.2.10:5060",
            "[2001:db8::1]:5060",
            "carrier.example",
            "carrier.example:5070",
            "sbc-1",
        ] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        assert_eq!(
            "Carrier.Example.".parse::<Place>().unwrap().to_string(),
            "carrier.example"
        );
        for text in [
            "",
            "192.0.2.10",
            "192.0.2.10:0",
            "0.0.0.0:5060",
            "2001:db8::1",
            "carrier..example",
            "carrier.example:0",
            "carrier.example:x",
            "sip:carrier.example",
            "a b",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
