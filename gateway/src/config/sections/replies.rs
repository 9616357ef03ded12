//! Replies that agents insert instead of typing them: `[replies.NAME]`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ws::id::QueueId;

/// One reply; its name is the shortcut that agents type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reply {
    /// In whose contacts it is offered; in all when empty.
    pub queues: Vec<QueueId>,
    /// What is written, by language.
    pub text: BTreeMap<String, String>,
}
