//! What those who wait are told, and what came of their waiting.

use serde::{Deserialize, Serialize};
use ws::id::Timestamp;

/// What somebody who waits was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promised {
    /// When.
    pub at: Timestamp,
    /// Their place, from 1.
    pub position: u32,
    /// How much longer they would wait, in milliseconds, as far as that could be told. Callers hear it in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_ms: Option<u64>,
}

/// The first and the last that somebody was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promises {
    /// The first.
    pub first: Promised,
    /// The last.
    pub last: Promised,
}

/// What came of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitEnd {
    /// An agent took the chat, or spoke with the caller.
    Answered,
    /// They left, or were lost.
    Abandoned,
    /// They wait in another queue.
    Elsewhere,
    /// They left a message in place of a chat, or were let leave one in place of a call.
    Message,
    /// They were turned away.
    TurnedAway,
    /// They will be called back in their place.
    Callback,
}

impl Promised {
    /// Returns by how much it was wrong when the wait ended at `ended`, in milliseconds: more than nothing where it lasted
    /// longer.
    pub fn error_ms(&self, ended: Timestamp) -> Option<i64> {
        let expected = i64::try_from(self.expected_ms?).ok()?;
        let came = i64::try_from(ended.since(self.at).as_millis()).ok()?;
        Some(came.saturating_sub(expected))
    }

    /// Returns how much longer they would wait at `now` by what they were told.
    pub fn left_ms(&self, now: Timestamp) -> Option<u64> {
        let passed = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        Some(self.expected_ms?.saturating_sub(passed))
    }
}

impl WaitEnd {
    /// Returns the word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::Elsewhere => "elsewhere",
            Self::Message => "message",
            Self::TurnedAway => "turned_away",
            Self::Callback => "callback",
        }
    }
}
