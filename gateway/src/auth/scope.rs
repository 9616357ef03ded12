//! What a credential for the API may be used for.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One thing a program may do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
pub enum Scope {
    /// Read interactions: their records, lists and exports.
    #[serde(rename = "read:records")]
    ReadRecords,
    /// Listen to recordings.
    #[serde(rename = "read:recordings")]
    ReadRecordings,
    /// Read customers.
    #[serde(rename = "read:customers")]
    ReadCustomers,
    /// Change customers: notes, value, consent, merging.
    #[serde(rename = "write:customers")]
    WriteCustomers,
    /// Read promised calls.
    #[serde(rename = "read:callbacks")]
    ReadCallbacks,
    /// Promise calls and take them back.
    #[serde(rename = "write:callbacks")]
    WriteCallbacks,
    /// Read how queues stand.
    #[serde(rename = "read:queues")]
    ReadQueues,
    /// See the supervisors' board: everybody who waits or is served by name, choices of agents, ratings.
    #[serde(rename = "read:board")]
    ReadBoard,
    /// Read agents: who is there and what is before them.
    #[serde(rename = "read:agents")]
    ReadAgents,
    /// Open interactions and act in any of them for the house or for its customer.
    #[serde(rename = "write:interactions")]
    WriteInteractions,
    /// Act as an agent: one of those the token names, or any where it names none.
    #[serde(rename = "act:agent")]
    ActAgent,
    /// Add and change agents.
    #[serde(rename = "admin:agents")]
    AdminAgents,
    /// Export and erase what is kept of a customer.
    #[serde(rename = "admin:privacy")]
    AdminPrivacy,
    /// Make and revoke tokens.
    #[serde(rename = "admin:tokens")]
    AdminTokens,
    /// See webhooks and mails, and retry or drop what they could not deliver.
    #[serde(rename = "admin:webhooks")]
    AdminWebhooks,
}

/// Why a text names no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no scope; there is {}", Scope::list())]
pub struct Unknown;

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 15] = [
        Self::ReadRecords,
        Self::ReadRecordings,
        Self::ReadCustomers,
        Self::WriteCustomers,
        Self::ReadCallbacks,
        Self::WriteCallbacks,
        Self::ReadQueues,
        Self::ReadBoard,
        Self::ReadAgents,
        Self::WriteInteractions,
        Self::ActAgent,
        Self::AdminAgents,
        Self::AdminPrivacy,
        Self::AdminTokens,
        Self::AdminWebhooks,
    ];

    /// Returns how it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadRecords => "read:records",
            Self::ReadRecordings => "read:recordings",
            Self::ReadCustomers => "read:customers",
            Self::WriteCustomers => "write:customers",
            Self::ReadCallbacks => "read:callbacks",
            Self::WriteCallbacks => "write:callbacks",
            Self::ReadQueues => "read:queues",
            Self::ReadBoard => "read:board",
            Self::ReadAgents => "read:agents",
            Self::WriteInteractions => "write:interactions",
            Self::ActAgent => "act:agent",
            Self::AdminAgents => "admin:agents",
            Self::AdminPrivacy => "admin:privacy",
            Self::AdminTokens => "admin:tokens",
            Self::AdminWebhooks => "admin:webhooks",
        }
    }

    /// Returns what an agent who signed in may do; what they do as an agent they do as themselves, and so they listen to the
    /// recordings of their own contacts alone.
    pub fn of_agent() -> BTreeSet<Self> {
        BTreeSet::from([
            Self::ReadRecords,
            Self::ReadCustomers,
            Self::WriteCustomers,
            Self::ReadCallbacks,
            Self::WriteCallbacks,
            Self::ReadQueues,
            Self::ReadAgents,
            Self::ActAgent,
        ])
    }

    /// Returns what a supervisor may do: everything but make credentials, which is the operator's.
    pub fn of_supervisor() -> BTreeSet<Self> {
        let all = Self::ALL.into_iter();
        all.filter(|scope| *scope != Self::AdminTokens).collect()
    }

    fn list() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or(Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_is_written_alike_everywhere() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert_eq!(
                serde_json::to_value(scope).unwrap(),
                serde_json::json!(scope.as_str())
            );
        }
        assert_eq!(Scope::ALL.into_iter().collect::<BTreeSet<_>>().len(), 15);
    }

    #[test]
    fn the_board_is_for_supervisors() {
        assert!(!Scope::of_agent().contains(&Scope::ReadBoard));
        assert!(Scope::of_supervisor().contains(&Scope::ReadBoard));
    }

    #[test]
    fn who_signs_in_cannot_make_credentials() {
        assert!(!Scope::of_agent().contains(&Scope::AdminTokens));
        assert!(!Scope::of_supervisor().contains(&Scope::AdminTokens));
    }
}
