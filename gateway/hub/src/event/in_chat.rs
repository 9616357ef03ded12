//! What supervisors do in a running chat, in the words of [`InCall`](super::InCall).

use serde::{Deserialize, Serialize};
use ws::{
    id::{AgentId, AssignmentId, LegId},
    supervision::Supervision,
    timeline::Author,
};

use crate::input::Cause;

/// One step of a supervisor within a running chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "the fields carry the words of the types beside them"
)]
pub enum InChat {
    /// A supervisor reads it from now on, by a `leg` of their own.
    SupervisionStarted {
        agent: AgentId,
        leg: LegId,
        how: Supervision,
    },
    /// They take part like that from now on.
    Supervised { leg: LegId, how: Supervision },
    /// They do not take part any more.
    SupervisionEnded {
        agent: AgentId,
        leg: LegId,
        cause: Cause,
    },
    /// A supervisor barged in: what they write is everybody's to read. In the timeline.
    Joined { agent: AgentId, name: String },
    /// They write to all no more. In the timeline.
    Left { agent: AgentId },
    /// A supervisor wrote to the agent alone.
    Whispered {
        by: Author,
        to: AgentId,
        text: String,
    },
    /// A supervisor has the chat instead of the agent, the end of whose stay follows.
    TakenOver {
        assignment: AssignmentId,
        from: AgentId,
        by: AgentId,
    },
}

impl InChat {
    /// Says it in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::SupervisionStarted { .. } => "supervision_started",
            Self::Supervised { how, .. } => match how {
                Supervision::Listen => "listening",
                Supervision::Whisper => "whispering",
                Supervision::Barge => "barged_in",
            },
            Self::SupervisionEnded { .. } => "supervision_ended",
            Self::Joined { .. } => "joined",
            Self::Left { .. } => "left",
            Self::Whispered { .. } => "whispered",
            Self::TakenOver { .. } => "taken_over",
        }
    }

    /// Returns the leg it is about, where it is about one.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::SupervisionStarted { leg, .. }
            | Self::Supervised { leg, .. }
            | Self::SupervisionEnded { leg, .. } => Some(*leg),
            Self::Joined { .. }
            | Self::Left { .. }
            | Self::Whispered { .. }
            | Self::TakenOver { .. } => None,
        }
    }
}
