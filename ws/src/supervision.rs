//! Supervisors in running calls and chats.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    agent::{Card, Channel, Note},
    id::{AgentId, InteractionId, QueueId},
};

/// How a supervisor takes part in a call or a chat; in a chat to hear is to read, and to be heard is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Supervision {
    /// Hears, and is not heard.
    Listen,
    /// Hears, and is heard by the agent alone.
    Whisper,
    /// Hears, and is heard by all.
    Barge,
}

/// What a supervisor wants in a call or a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Supervise {
    /// To hear it.
    Listen,
    /// To be heard by the agent, too.
    Whisper,
    /// To be heard by all, too.
    Barge,
    /// To have it instead of the agent.
    TakeOver,
    /// To leave it.
    Stop,
}

/// A supervisor in a call or a chat, as boards show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Supervisor {
    /// Who.
    pub agent: AgentId,
    /// On what.
    pub channel: Channel,
    /// How.
    pub how: Supervision,
    /// Whether they are there; else their phone rings.
    pub joined: bool,
}

/// A chat in which a supervisor takes part, as their own desk shows it; its timeline follows as that of a contact does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = SupervisedChat)]
pub struct Supervised {
    /// Which.
    pub interaction: InteractionId,
    /// Out of which queue it came.
    pub queue: QueueId,
    /// How they take part.
    pub how: Supervision,
    /// Who has it; nobody while it waits.
    pub agent: Option<AgentId>,
    /// Their name.
    pub name: Option<String>,
    /// Who the customer is.
    pub card: Card,
    /// What supervisors whispered in it, the oldest first.
    pub whispers: Vec<Note>,
    /// What colleagues noted in it, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Note>>")]
    pub notes: Vec<Note>,
}

/// Returns what `supervise` is about where nothing is said of it.
pub(crate) fn voice() -> Channel {
    Channel::Voice
}

/// Tells whether nothing need be said of it.
pub(crate) fn is_voice(channel: &Channel) -> bool {
    *channel == Channel::Voice
}
