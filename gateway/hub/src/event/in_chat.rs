//! What supervisors and colleagues do in a running chat, in the words of [`InCall`](super::InCall).

use serde::{Deserialize, Serialize};
use ws::{
    id::{AgentId, AssignmentId, LegId, Timestamp},
    supervision::Supervision,
    timeline::Author,
};

use super::OfferEnd;
use crate::input::Cause;

/// One step of a supervisor, or a colleague who is asked in, within a running chat.
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
    /// A supervisor barged in, or a colleague came: what they write is everybody's to read. In the timeline.
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
    /// The agent asks a colleague in.
    Invited {
        agent: AgentId,
        by: Author,
        deadline: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A colleague who was asked does not come.
    InvitationEnded { agent: AgentId, end: OfferEnd },
    /// A colleague who was asked takes part from now on, by a `leg` of their own.
    MemberStarted {
        agent: AgentId,
        name: String,
        leg: LegId,
    },
    /// They do not take part any more, or have the chat now.
    MemberEnded {
        agent: AgentId,
        leg: LegId,
        cause: Cause,
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
            Self::Invited { .. } => "invited",
            Self::InvitationEnded { .. } => "invitation_ended",
            Self::MemberStarted { .. } => "member_started",
            Self::MemberEnded { .. } => "member_ended",
        }
    }

    /// Returns the leg it is about, where it is about one.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::SupervisionStarted { leg, .. }
            | Self::Supervised { leg, .. }
            | Self::SupervisionEnded { leg, .. }
            | Self::MemberStarted { leg, .. }
            | Self::MemberEnded { leg, .. } => Some(*leg),
            Self::Joined { .. }
            | Self::Left { .. }
            | Self::Whispered { .. }
            | Self::TakenOver { .. }
            | Self::Invited { .. }
            | Self::InvitationEnded { .. } => None,
        }
    }
}
