//! `[tls]`: certificates by the name that a client asks for.

use serde::{Deserialize, Serialize};

/// `[tls]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Shown by HTTPS and by SIP to clients that ask for a name in them (SNI); whoever asks for none of them is shown that of
    /// `[web]`, or of `[sip]`.
    pub certificates: Vec<Further>,
}

/// A further certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Further {
    /// The chain, PEM.
    pub certificate: String,
    /// Its key, PEM.
    pub key_file: String,
}
