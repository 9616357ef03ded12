//! How far the number of a caller can be relied on.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::Number;

/// What is known of a call and who makes it, beside a number that may be made up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = CallerShown)]
pub struct Shown {
    /// Whether the caller does not want to be shown (RFC 3323).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub withheld: bool,
    /// What came of checking the signature of the caller's network, where that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub attestation: Option<Attestation>,
    /// Why the signature counts for nothing, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub flaw: Option<Flaw>,
    /// What the trunk says came of its own check (`verstat`); nobody but the carrier stands behind that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub carrier: Option<CarrierSays>,
    /// The number that was called first, where who diverted the call from it has signed that (RFC 8946); `attestation` is of the
    /// caller's network then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub diverted: Option<Number>,
    /// What another system says by User-to-User (RFC 7433), as it was received, of a trunk that is trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub user_to_user: Option<String>,
}

impl Shown {
    /// Tells whether there is anything to tell.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// What the network that a call comes from vouches for (RFC 8588), and whether its signature holds (RFC 8224).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Attestation {
    /// A: it knows the caller, and that the number is theirs.
    Full,
    /// B: it knows the caller.
    Partial,
    /// C: it knows where the call came in, and nothing of the caller.
    Gateway,
    /// The signature does not hold, or is about another call.
    Failed,
    /// There is none.
    Absent,
    /// It could not be checked in time.
    Unchecked,
}

impl Attestation {
    /// Returns the word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::Gateway => "gateway",
            Self::Failed => "failed",
            Self::Absent => "absent",
            Self::Unchecked => "unchecked",
        }
    }
}

/// What a carrier says of a number that it has checked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CarrierSays {
    /// Its signature holds.
    Passed,
    /// Its signature does not hold.
    Failed,
    /// It was not checked.
    Unchecked,
}

/// Why a signature counts for nothing.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// It cannot be read, or is of a kind that is not known.
    Form,
    /// It is older than a minute, or from the future.
    Stale,
    /// It is about other numbers than the call's.
    Number,
    /// Its certificate could not be had in time.
    Unreachable,
    /// Its certificate is not one that is trusted.
    Certificate,
    /// Its certificate is for other numbers.
    Authority,
    /// It does not hold.
    Signature,
}
