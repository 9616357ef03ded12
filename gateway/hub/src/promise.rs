//! What a promise to call says beside number and time: whose it is, within which window, in which order it is dialled.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ws::{
    callback::Order,
    id::{AgentId, Timestamp},
};

use crate::input::CauseKind;

/// How a promised call is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Whether the customer wished it not before some time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timed: bool,
    /// Not after this time; none means whenever an agent is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The customer's time zone by its IANA name; none means that of the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Whose promise it is; nobody's goes to whoever is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AgentId>,
    /// Whom to dial first; none means as the queue has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// Since when the customer waited already: the call takes this place in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Timestamp>,
    /// How many seconds before the call the customer is reminded; none means not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<u64>,
    /// How many calls before this one reached a voicemail.
    #[serde(default)]
    pub voicemails: u8,
    /// How many attempts were made before it came here from another interaction.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts: u8,
    /// How many of those failed for what.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed: BTreeMap<CauseKind, u8>,
}

impl Plan {
    /// Whether nothing is said of it.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(attempts: &u8) -> bool {
    *attempts == 0
}
