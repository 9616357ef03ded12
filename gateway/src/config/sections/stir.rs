//! Who vouches for numbers: `[trunk.NAME.stir]`.

use serde::{Deserialize, Serialize};

use crate::config::value::Maybe;

/// `[trunk.NAME.stir]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrunkStir {
    /// What is done about the numbers of those who call by the trunk.
    pub verify: Verify,
    /// Who signs the certificates of networks, PEM.
    pub trust: Maybe<String>,
    /// A directory with the certificates of networks, by the last part of their addresses; they are fetched when empty.
    pub certificates: Maybe<String>,
    /// Whether certificates may be fetched from our own network.
    pub private: bool,
    /// The key that calls to the trunk are signed with: P-256, PKCS #8, PEM.
    pub key_file: Maybe<String>,
    /// Where its certificate can be fetched by whoever checks.
    pub certificate_url: Maybe<String>,
    /// How numbers begin that are ours, beside the trunk's own: they are vouched for in full (A).
    pub ours: Vec<String>,
}

/// What is done about the numbers of those who call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verify {
    /// Nothing.
    #[default]
    Off,
    /// They are checked, and whoever takes the call is told.
    Note,
    /// As `Note`, and a call that nobody vouches for is refused.
    Require,
}
