//! What becomes of recordings.

use serde::{Deserialize, Serialize};
use ws::{
    id::{LegId, QueueId, Timestamp, TrunkId},
    timeline::Author,
};

use crate::{recorder::Destination, recording::Preference};

/// One step in the life of a recording. `n` counts the recordings of the interaction, from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "the fields carry the words of the types beside them"
)]
pub enum Recorded {
    /// The customer is told that the call is to be recorded, and may refuse it.
    Announced { leg: LegId, by: Author },
    /// The customer does not want it: nothing of the interaction is recorded from now on.
    Refused { by: Author },
    /// The phone of a leg says what its party would like (RFC 7866).
    Wished { leg: LegId, wish: Preference },
    /// What the customer of `leg` says, and hears of others, is recorded from now on.
    Started {
        n: u16,
        leg: LegId,
        by: Author,
        #[serde(default, skip_serializing_if = "Destination::is_file_alone")]
        to: Destination,
    },
    /// Silence takes the place of what is said.
    Paused { n: u16, by: Author },
    /// What is said is recorded again.
    Resumed { n: u16, by: Author },
    /// Nothing more is recorded. `asked` where somebody wanted that; else the call was over.
    Stopped { n: u16, by: Author, asked: bool },
    /// It is a whole file. `lost_ms` of it are missing, because the disk did not take them; `cut` where it was finished by a
    /// later start of the daemon.
    Kept {
        n: u16,
        file: String,
        ms: u64,
        bytes: u64,
        #[serde(default)]
        lost_ms: u64,
        #[serde(default)]
        cut: bool,
        /// The SHA-512 of the file, in hex.
        sha512: String,
    },
    /// Nothing, or nothing whole, was kept in a file.
    Failed { n: u16, reason: String },
    /// It is a message that a caller left for `queue`, and waits there; `opens` is when, where the queue is closed.
    MessageLeft {
        n: u16,
        queue: QueueId,
        ms: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens: Option<Timestamp>,
    },
    /// A recorder outside takes it.
    RecorderOpened { n: u16, recorder: TrunkId },
    /// No recorder outside takes it now.
    RecorderFailed { n: u16, reason: String },
    /// The recorder outside that has it lets the customer's stream rest, or takes it again.
    RecorderRests { n: u16, recorder: TrunkId, on: bool },
    /// The recorder outside that had it has it no more.
    RecorderClosed {
        n: u16,
        recorder: TrunkId,
        reason: String,
    },
}

impl Recorded {
    /// Says it in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Announced { .. } => "recording_announced",
            Self::Refused { .. } => "recording_refused",
            Self::Wished { .. } => "recording_wished",
            Self::Started { .. } => "recording_started",
            Self::Paused { .. } => "recording_paused",
            Self::Resumed { .. } => "recording_resumed",
            Self::Stopped { .. } => "recording_stopped",
            Self::Kept { .. } => "recording_kept",
            Self::Failed { .. } => "recording_failed",
            Self::MessageLeft { .. } => "message_left",
            Self::RecorderOpened { .. } => "recorder_opened",
            Self::RecorderFailed { .. } => "recorder_failed",
            Self::RecorderRests { on: true, .. } => "recorder_rests",
            Self::RecorderRests { on: false, .. } => "recorder_goes_on",
            Self::RecorderClosed { .. } => "recorder_closed",
        }
    }

    /// Returns the leg it is about, where it is about one.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::Announced { leg, .. } | Self::Wished { leg, .. } | Self::Started { leg, .. } => {
                Some(*leg)
            }
            Self::Refused { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::Stopped { .. }
            | Self::Kept { .. }
            | Self::Failed { .. }
            | Self::MessageLeft { .. }
            | Self::RecorderOpened { .. }
            | Self::RecorderFailed { .. }
            | Self::RecorderRests { .. }
            | Self::RecorderClosed { .. } => None,
        }
    }

    /// Returns who did it, where somebody did.
    pub fn by(&mut self) -> Option<&mut Author> {
        match self {
            Self::Announced { by, .. }
            | Self::Refused { by }
            | Self::Started { by, .. }
            | Self::Paused { by, .. }
            | Self::Resumed { by, .. }
            | Self::Stopped { by, .. } => Some(by),
            Self::Wished { .. }
            | Self::Kept { .. }
            | Self::Failed { .. }
            | Self::MessageLeft { .. }
            | Self::RecorderOpened { .. }
            | Self::RecorderFailed { .. }
            | Self::RecorderRests { .. }
            | Self::RecorderClosed { .. } => None,
        }
    }
}
