//! What facts about recordings do.

use ws::{
    id::{LegId, RecordingId, Timestamp},
    timeline::Author,
};

use crate::{
    event::Recorded,
    interaction::Interaction,
    recorder::Sending,
    recording::{Announced, Recordings, Running},
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
            Recorded::Started { n, leg, by, to } => {
                let running = Running {
                    n: *n,
                    leg: *leg,
                    paused: false,
                    since: at,
                    stopped: None,
                    file: to.has_file(),
                    recorder: to.has_recorder().then(|| Sending::new(at)),
                };
                self.recording_began(running, by);
            }
            Recorded::Paused { by, .. } => tapes.pause(Some(by.clone())),
            Recorded::Resumed { .. } => tapes.pause(None),
            Recorded::Wished { leg, wish } => tapes.wished(*leg, *wish),
            Recorded::Stopped { asked, .. } => {
                let over = self.call.is_none();
                tapes.stopped(at, *asked, over);
            }
            Recorded::Kept { n, ms, .. } => {
                let interaction = self.id;
                let recording = RecordingId { interaction, n: *n };
                let kept = ws::recording::Recording { recording, ms: *ms };
                tapes.kept.push(kept);
                tapes.file_ended(*n);
            }
            Recorded::MessageLeft { n, ms, .. } => self.message_left(*n, (at, *ms)),
            Recorded::Failed { n, .. } => {
                // Where a recorder has it too, it goes on there.
                let failed = tapes.file_ended(*n);
                if let Some(leg) = failed.filter(|_| !tapes.is_sent()) {
                    (tapes.declined, tapes.wanted) = (Some(leg), None);
                }
            }
            Recorded::RecorderOpened { recorder, .. } => {
                tapes.sending(|sending| sending.opened(recorder.clone(), at));
            }
            Recorded::RecorderFailed { .. } => tapes.sending(|sending| sending.failed(at)),
            Recorded::RecorderRests { on, .. } => tapes.sending(|sending| sending.rests = *on),
            Recorded::RecorderClosed { .. } => tapes.sending(|sending| sending.closed(at)),
        }
        self.recordings.running.take_if(|running| running.is_over());
    }
}

impl Interaction {
    fn message_left(&mut self, n: u16, left: (Timestamp, u64)) {
        if let Some(message) = &mut self.voicemail {
            (message.tape, message.before) = (Some(n), None);
            message.left = Some(left);
        }
        self.chat = true;
        self.message = Some(left.0);
    }

    fn recording_began(&mut self, running: Running, by: &Author) {
        let (n, leg) = (running.n, running.leg);
        let tapes = &mut self.recordings;
        tapes.count = tapes.count.max(n);
        tapes.announced = None;
        let message = self.voicemail.as_mut().filter(|one| one.leg == leg);
        match message.filter(|one| one.tape.is_none()) {
            // Whoever serves the caller later has not asked for it.
            Some(message) => message.tape = Some(n),
            None => {
                tapes.told = Some(leg);
                tapes.wanted = Some(by.clone());
            }
        }
        tapes.running = Some(running);
    }
}

impl Recordings {
    /// Takes that another leg is the customer's now.
    pub(super) fn move_on(&mut self, old: LegId, new: LegId) {
        if self.declined == Some(old) {
            self.declined = Some(new);
        }
        if let Some(announced) = self.announced.as_mut().filter(|it| it.leg == old) {
            announced.leg = new;
        }
    }

    fn pause(&mut self, by: Option<Author>) {
        if let Some(running) = &mut self.running {
            running.paused = by.is_some();
        }
        self.rests = by;
    }

    fn stopped(&mut self, at: Timestamp, asked: bool, over: bool) {
        if let Some(running) = &mut self.running {
            running.stopped = Some(at);
            if asked {
                (self.declined, self.rests) = (Some(running.leg), None);
            }
        }
        if asked || over {
            self.wanted = None;
        }
    }

    // Returns whose file it was.
    fn file_ended(&mut self, n: u16) -> Option<LegId> {
        let running = self.running.as_mut().filter(|one| one.n == n)?;
        running.file = false;
        Some(running.leg)
    }

    fn is_sent(&self) -> bool {
        self.running
            .as_ref()
            .is_some_and(|one| one.recorder.is_some())
    }

    fn sending(&mut self, change: impl FnOnce(&mut Sending)) {
        let running = self.running.as_mut();
        if let Some(sending) = running.and_then(|running| running.recorder.as_mut()) {
            change(sending);
        }
    }
}
