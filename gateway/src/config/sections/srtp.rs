//! How voice with SIP peers is secured.

use std::{fmt, str::FromStr};

use hub::edge::phone::KeyWay;
use serde::{Deserialize, Serialize};
use sip::sdp::Demand;

/// Whether voice is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SrtpName {
    /// Never.
    #[default]
    Off,
    /// Where the peer can.
    Offer,
    /// Always.
    Require,
}

impl From<SrtpName> for Demand {
    fn from(name: SrtpName) -> Self {
        match name {
            SrtpName::Off => Self::Off,
            SrtpName::Offer => Self::Offer,
            SrtpName::Require => Self::Require,
        }
    }
}

impl fmt::Display for SrtpName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Offer => "offer",
            Self::Require => "require",
        })
    }
}

/// It is none of the names.
#[derive(Debug, thiserror::Error)]
#[error("write \"off\", \"offer\" or \"require\"")]
pub struct NotSrtp;

impl FromStr for SrtpName {
    type Err = NotSrtp;

    fn from_str(text: &str) -> Result<Self, NotSrtp> {
        let all = [Self::Off, Self::Offer, Self::Require];
        let named = all.into_iter().find(|name| name.to_string() == text);
        named.ok_or(NotSrtp)
    }
}

/// A way to agree on keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeysName {
    /// They stand in SIP messages (RFC 4568).
    Sdes,
    /// A handshake on the media ports makes them (RFC 5763).
    Dtls,
}

impl From<KeysName> for KeyWay {
    fn from(name: KeysName) -> Self {
        match name {
            KeysName::Sdes => Self::Sdes,
            KeysName::Dtls => Self::Dtls,
        }
    }
}
