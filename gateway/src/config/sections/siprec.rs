//! Recorders outside that recordings are sent to (RFC 7866): `[siprec]`.

use std::{collections::BTreeSet, sync::Arc};

use hub::recorder::RecorderSetup;
use serde::{Deserialize, Serialize};
use ws::id::{QueueId, TrunkId};

use crate::config::value::Span;

/// `[siprec]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Siprec {
    /// The trunks of the recorders, the first that takes a call is used; nothing is sent when empty.
    pub servers: Vec<TrunkId>,
    /// The user part that they are called by.
    pub user: String,
    /// The queues whose recordings are sent to them; all that record when empty.
    pub queues: BTreeSet<QueueId>,
    /// Whether files are made beside.
    pub files: bool,
    /// What becomes of a call that no recorder takes.
    pub unreachable: Unreachable,
    /// How long a recorder may take to answer, until the next is called.
    pub answer: Span,
}

/// What becomes of a call that no recorder takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// It goes on, and the recorders are asked again.
    #[default]
    GoOn,
    /// It ends.
    HangUp,
}

impl Default for Siprec {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            user: "record".to_owned(),
            queues: BTreeSet::new(),
            files: true,
            unreachable: Unreachable::default(),
            answer: Span::secs(5),
        }
    }
}

impl Siprec {
    /// Returns what the hub is told; `domain` is that of the names that recorders are told.
    pub fn setup(&self, domain: &str) -> Option<Arc<RecorderSetup>> {
        if self.servers.is_empty() {
            return None;
        }
        Some(Arc::new(RecorderSetup {
            servers: self.servers.clone(),
            user: self.user.clone(),
            domain: domain.to_owned(),
            queues: self.queues.clone(),
            files: self.files,
            required: self.unreachable == Unreachable::HangUp,
            answer: self.answer.0,
        }))
    }
}
