//! What facts about recordings do.

use ws::id::{RecordingId, Timestamp};

use crate::{
    event::Recorded,
    interaction::Interaction,
    recording::{Announced, Running},
};

impl Interaction {
    #[allow(clippy::too_many_lines, reason = "one arm a kind of step")]
    pub(super) fn apply_recording(&mut self, at: Timestamp, step: &Recorded) {
        let tapes = &mut self.recordings;
        match step {
            Recorded::Announced { leg, by } => {
                tapes.announced = Some(Announced {
                    leg: *leg,
                    by: by.clone(),
                });
            }
            Recorded::Refused { .. } => {
                tapes.refused = true;
                // The store deletes their files.
                tapes.kept.clear();
                (tapes.announced, tapes.wanted) = (None, None);
            }
            Recorded::Started { n, leg, by } => {
                tapes.count = tapes.count.max(*n);
                tapes.announced = None;
                let message = self.voicemail.as_mut().filter(|one| one.leg == *leg);
                match message.filter(|one| one.tape.is_none()) {
                    // Whoever serves the caller later has not asked for it.
                    Some(message) => message.tape = Some(*n),
                    None => {
                        tapes.told = Some(*leg);
                        tapes.wanted = Some(by.clone());
                    }
                }
                tapes.running = Some(Running {
                    n: *n,
                    leg: *leg,
                    paused: false,
                    since: at,
                    stopped: None,
                });
            }
            Recorded::Paused { .. } | Recorded::Resumed { .. } => {
                if let Some(running) = &mut tapes.running {
                    running.paused = matches!(step, Recorded::Paused { .. });
                }
            }
            Recorded::Stopped { asked, .. } => {
                if let Some(running) = &mut tapes.running {
                    running.stopped = Some(at);
                    if *asked {
                        tapes.declined = Some(running.leg);
                    }
                }
                if *asked || self.call.is_none() {
                    tapes.wanted = None;
                }
            }
            Recorded::Kept { n, ms, .. } => {
                let interaction = self.id;
                let recording = RecordingId { interaction, n: *n };
                tapes
                    .kept
                    .push(ws::recording::Recording { recording, ms: *ms });
                tapes.running.take_if(|running| running.n == *n);
            }
            Recorded::MessageLeft { n, ms, opens, .. } => {
                if let Some(message) = &mut self.voicemail {
                    (message.tape, message.before) = (Some(*n), None);
                    message.left = Some((at, *ms));
                }
                self.chat = true;
                self.message = Some(opens.unwrap_or(at));
            }
            Recorded::Failed { n, .. } => {
                if let Some(failed) = tapes.running.take_if(|running| running.n == *n) {
                    tapes.declined = Some(failed.leg);
                    tapes.wanted = None;
                }
            }
        }
    }
}
