//! Supervisors in running calls.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::AgentId;

/// How a supervisor takes part in a call.
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

/// What a supervisor wants in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Supervise {
    /// To hear it.
    Listen,
    /// To be heard by the agent, too.
    Whisper,
    /// To be heard by all, too.
    Barge,
    /// To have the call instead of the agent.
    TakeOver,
    /// To leave it.
    Stop,
}

/// A supervisor in a call, as boards show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Supervisor {
    /// Who.
    pub agent: AgentId,
    /// How.
    pub how: Supervision,
    /// Whether they are on the line; else their phone rings.
    pub joined: bool,
}
