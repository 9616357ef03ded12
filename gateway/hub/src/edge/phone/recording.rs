//! Recordings: which leg's, and what its peer is told before.

use std::sync::Arc;

use sip::{
    media::{MediaCommand, Program, PromptId},
    speech,
};
use ws::id::{LegId, RecordingId};

use super::{Phones, leg::After};
use crate::command::Listen;

impl Phones {
    /// Lets a leg hear something in between, or cuts that short.
    pub(super) fn notice(&mut self, id: LegId, say: Vec<Arc<str>>) {
        let Some(leg) = self.leg_of(id) else { return };
        let key = leg.media;
        let after = if say.is_empty() {
            After::Music
        } else {
            After::Before
        };
        let before = std::mem::replace(&mut leg.after, after);
        if !say.is_empty() {
            let said = say.into_iter().map(PromptId::Named).collect();
            self.media(MediaCommand::Play {
                leg: key,
                what: Program::Prompt(said),
                repeat: false,
            });
        } else if before == After::Before {
            self.media(MediaCommand::StopPlaying { leg: key });
        }
    }

    pub(super) fn record(&mut self, id: LegId, recording: RecordingId, listen: Option<Listen>) {
        if let Some(leg) = self.by_id.get(&id).copied() {
            let name = recording.to_string().into();
            let listen = listen.map(|listen| speech::Listen {
                speech: listen.speech,
                silence: listen.silence,
            });
            self.media(MediaCommand::Record { leg, name, listen });
        }
    }

    pub(super) fn pause_recording(&mut self, id: LegId, on: bool) {
        self.pause_recorder(id, on);
        if let Some(leg) = self.by_id.get(&id).copied() {
            self.media(MediaCommand::PauseRecording { leg, on });
        }
    }

    pub(super) fn stop_recording(&mut self, id: LegId, keep: bool) {
        self.leave_recorder(id, keep);
        if let Some(leg) = self.by_id.get(&id).copied() {
            self.media(MediaCommand::StopRecording { leg, keep });
        }
    }
}
