//! What becomes of recordings' files.

use ws::{id::RecordingId, timeline::Author};

use crate::{
    event::{Event, Recorded},
    hub::Hub,
};

/// What became of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its file is whole.
    Kept(Kept),
    /// There is none.
    Lost {
        /// Why.
        reason: String,
    },
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub file: String,
    /// Its length in milliseconds.
    pub ms: u64,
    /// Its size.
    pub bytes: u64,
    /// How much of it is missing, in milliseconds.
    pub lost_ms: u64,
    /// Whether a later start of the daemon finished it.
    pub cut: bool,
    /// Its SHA-512, in hex.
    pub sha512: String,
}

impl Hub {
    /// Takes what became of a recording.
    pub(crate) fn recording_ended(&mut self, recording: RecordingId, outcome: Outcome) {
        let id = recording.interaction;
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let tapes = &found.recordings;
        let nothing = |kept: &Kept| self.is_nothing(found, recording.n, kept);
        let nothing = matches!(&outcome, Outcome::Kept(kept) if nothing(kept));
        let (refused, running) = (tapes.refused, tapes.running.clone());
        // One that was given up already. Its file is removed by whoever keeps the files, as no fact will name it.
        let Some(running) = running.filter(|one| one.n == recording.n && one.file) else {
            return;
        };
        if running.stopped.is_none() && running.recorder.is_none() {
            self.stop_recording(id, &running, Author::System, false);
        }
        let n = running.n;
        let step = match outcome {
            // A crash came between the refusal and the file, or it was being finished; the store deletes it.
            Outcome::Kept(_) if refused => Recorded::Failed {
                n,
                reason: "the customer did not want it".to_owned(),
            },
            Outcome::Kept(_) if nothing => Recorded::Failed {
                n,
                reason: "the caller said nothing".to_owned(),
            },
            Outcome::Kept(kept) => Recorded::Kept {
                n,
                file: kept.file,
                ms: kept.ms,
                bytes: kept.bytes,
                lost_ms: kept.lost_ms,
                cut: kept.cut,
                sha512: kept.sha512,
            },
            Outcome::Lost { reason } => Recorded::Failed { n, reason },
        };
        self.tell(Some(id), Event::Recording(step));
    }
}
