//! What was recorded in an interaction.

use hub::{Fact, event::Recorded};
use serde::Serialize;
use utoipa::ToSchema;
use ws::id::{InteractionId, LegId, RecordingId, Timestamp, TrunkId};

use crate::{recorder::Format, store::recordings::REFUSED};

/// One recording.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordingRecord {
    /// Which.
    #[schema(value_type = String)]
    pub recording: RecordingId,
    /// Its number in the interaction, from 1.
    pub n: u16,
    /// Whose leg it was of: what they said is on the left, what they heard of others on the right.
    #[schema(value_type = String)]
    pub leg: LegId,
    /// Since when.
    #[schema(value_type = u64)]
    pub started_at: Timestamp,
    /// Until when; none while it goes on.
    #[schema(value_type = Option<u64>)]
    pub ended_at: Option<Timestamp>,
    /// What it is; none where there is no file: it failed, goes on, or was deleted.
    pub mediatype: Option<String>,
    /// Its length in milliseconds.
    pub ms: Option<u64>,
    /// Its size.
    pub bytes: Option<u64>,
    /// How much of it is missing, in milliseconds.
    pub lost_ms: Option<u64>,
    /// Whether a crash cut it.
    pub cut: bool,
    /// The SHA-512 of the file, in hex.
    pub sha512: Option<String>,
    /// Why there is none.
    pub failed: Option<String>,
    /// When it became a message that its caller left; none where it is none.
    #[schema(value_type = Option<u64>)]
    pub message_left_at: Option<Timestamp>,
    /// The recorders outside that had it, one after the other.
    pub recorders: Vec<RecorderRecord>,
    /// Why none took it, the last time that none did.
    pub unsent: Option<String>,
    /// Where the file lies.
    #[serde(skip)]
    pub file: Option<String>,
}

/// How a recorder outside had a recording.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecorderRecord {
    /// The trunk that it is behind.
    #[schema(value_type = String)]
    pub recorder: TrunkId,
    /// Since when.
    #[schema(value_type = u64)]
    pub opened_at: Timestamp,
    /// Until when; none while it has it.
    #[schema(value_type = Option<u64>)]
    pub closed_at: Option<Timestamp>,
    /// Why it has it no more.
    pub reason: Option<String>,
}

impl RecordingRecord {
    /// Takes in what a fact says of recordings; tells whether it has its place here.
    pub(super) fn add(all: &mut Vec<Self>, fact: &Fact, step: &Recorded) -> bool {
        let at = fact.at;
        match step {
            Recorded::Started { n, leg, .. } => {
                all.extend(fact.interaction.map(|id| Self::begin(id, *n, *leg, at)));
            }
            Recorded::Stopped { n, .. } => Self::change(all, *n, |found| found.ended_at = Some(at)),
            Recorded::Failed { n, reason } => {
                Self::change(all, *n, |found| found.failed = Some(reason.clone()));
            }
            Recorded::Kept {
                n,
                file,
                ms,
                bytes,
                lost_ms,
                cut,
                sha512,
            } => Self::change(all, *n, |found| {
                found.ms = Some(*ms);
                found.bytes = Some(*bytes);
                found.lost_ms = Some(*lost_ms);
                found.cut = *cut;
                // A file that was deleted is named no more.
                if let Some(format) = Format::of(file) {
                    found.mediatype = Some(format.media_type().to_owned());
                    found.sha512 = Some(sha512.clone());
                    found.file = Some(file.clone());
                }
            }),
            Recorded::MessageLeft { n, .. } => {
                Self::change(all, *n, |found| found.message_left_at = Some(at));
            }
            Recorded::RecorderOpened { n, recorder } => Self::change(all, *n, |found| {
                found.recorders.push(RecorderRecord {
                    recorder: recorder.clone(),
                    opened_at: at,
                    closed_at: None,
                    reason: None,
                });
            }),
            Recorded::RecorderFailed { n, reason } => {
                Self::change(all, *n, |found| found.unsent = Some(reason.clone()));
            }
            Recorded::RecorderClosed { n, reason, .. } => Self::change(all, *n, |found| {
                if let Some(last) = found.recorders.last_mut() {
                    last.closed_at = Some(at);
                    last.reason = Some(reason.clone());
                }
            }),
            Recorded::Refused { .. } => return Self::refuse(all),
            Recorded::Announced { .. }
            | Recorded::RecorderRests { .. }
            | Recorded::Wished { .. }
            | Recorded::Paused { .. }
            | Recorded::Resumed { .. } => return false,
        }
        true
    }

    // It has its place elsewhere.
    fn refuse(all: &mut [Self]) -> bool {
        for found in all {
            found.failed.get_or_insert_with(|| REFUSED.to_owned());
        }
        false
    }

    fn begin(interaction: InteractionId, n: u16, leg: LegId, at: Timestamp) -> Self {
        Self {
            recording: RecordingId { interaction, n },
            n,
            leg,
            started_at: at,
            ended_at: None,
            mediatype: None,
            ms: None,
            bytes: None,
            lost_ms: None,
            cut: false,
            sha512: None,
            failed: None,
            message_left_at: None,
            recorders: Vec::new(),
            unsent: None,
            file: None,
        }
    }

    fn change(all: &mut [Self], n: u16, change: impl FnOnce(&mut Self)) {
        if let Some(found) = all.iter_mut().find(|known| known.n == n) {
            change(found);
        }
    }
}
