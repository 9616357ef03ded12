//! Recordings of calls.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::{RecordingId, Timestamp};

/// What is wanted of the recording of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RecordingAct)]
pub enum Record {
    /// To begin one.
    Start,
    /// To put silence in the place of what is said, such as while a card number is.
    Pause,
    /// To go on.
    Resume,
    /// To end it.
    Stop,
    /// To record nothing of this interaction any more, because the customer does not want it.
    Refuse,
}

/// How it stands with the recording of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// It can be recorded, and is not.
    Idle,
    /// The customer is told of it.
    Announced,
    /// What is said is kept.
    Running,
    /// Silence is kept in its place.
    Paused,
    /// The customer does not want it.
    Refused,
}

/// A recording that can be listened to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Recording {
    /// Which.
    pub recording: RecordingId,
    /// Its length in milliseconds.
    #[ts(type = "number")]
    pub ms: u64,
}

/// A message that a caller left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Voicemail {
    /// Its recording.
    pub recording: RecordingId,
    /// Its length in milliseconds.
    #[ts(type = "number")]
    pub ms: u64,
    /// When it was left.
    pub left: Timestamp,
}
