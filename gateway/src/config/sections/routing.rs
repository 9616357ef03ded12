//! Who goes first, and what waiting changes: `[priority]`, and the steps of `[queue.NAME]`.

use serde::{Deserialize, Serialize};
use ws::id::Skill;

use crate::config::value::Span;

/// `[priority]`: see [`hub::priority::Worth`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the fields are those of hub::priority::Worth")]
pub struct Priority {
    pub queue: Span,
    pub zone: Span,
    pub value: Span,
    pub callback: Span,
}

impl Default for Priority {
    fn default() -> Self {
        let worth = hub::priority::Worth::default();
        Self {
            queue: Span(worth.queue),
            zone: Span(worth.zone),
            value: Span(worth.value),
            callback: Span(worth.callback),
        }
    }
}

impl From<&Priority> for hub::priority::Worth {
    fn from(priority: &Priority) -> Self {
        Self {
            queue: priority.queue.0,
            zone: priority.zone.0,
            value: priority.value.0,
            callback: priority.callback.0,
        }
    }
}

/// One of `relax` in `[queue.NAME]`: see [`hub::setup::Relax`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are those of hub::setup::Relax")]
pub struct Relax {
    pub after: Span,
    pub skill: Skill,
    pub level: u8,
}

impl From<&Relax> for hub::setup::Relax {
    fn from(step: &Relax) -> Self {
        Self {
            after: step.after.0,
            skill: step.skill.clone(),
            level: step.level,
        }
    }
}
