//! How long what is personal is kept: `[retention]`.

use serde::{Deserialize, Serialize};

/// `[retention]`: days after an interaction is sealed; 0 keeps for good.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// What was written, in chats and in calls that have a chat.
    pub chat_messages: u32,
    /// What agents noted of what began as a chat, how they say they turned out, and why contacts were merged.
    pub chat_notes: u32,
    /// Names, numbers, addresses and pages of what began as a chat.
    pub chat_persons: u32,
    /// What agents noted of what began as a call, how they say they turned out, and why contacts were merged.
    pub call_notes: u32,
    /// Recordings, also of chats that became calls.
    pub call_recordings: u32,
    /// Names and numbers of what began as a call.
    pub call_persons: u32,
    /// Notes about customers, after they were written.
    pub customer_notes: u32,
    /// Customers nobody heard of; they are erased.
    pub customers: u32,
}
