//! Recordings: which leg's, and what its peer is told before.

use std::sync::Arc;

use sip::{
    media::{LegKey, MediaCommand, Program, PromptId},
    sdp, speech,
};
use ws::id::{LegId, RecordingId};

use super::{Phones, leg::After};
use crate::{
    command::Listen,
    input::{Input, LegNews},
    recording::Preference,
};

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
            self.let_hear(key, Program::Prompt(said));
        } else if before == After::Before {
            self.stop_playing(key);
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
            self.is_recorded(leg, Some(false));
        }
    }

    pub(super) fn pause_recording(&mut self, id: LegId, on: bool) {
        self.pause_recorder(id, on);
        if let Some(leg) = self.by_id.get(&id).copied() {
            self.media(MediaCommand::PauseRecording { leg, on });
            self.recording_pauses(leg, on);
        }
    }

    pub(super) fn stop_recording(&mut self, id: LegId, keep: bool) {
        self.leave_recorder(id, keep);
        if let Some(leg) = self.by_id.get(&id).copied() {
            self.media(MediaCommand::StopRecording { leg, keep });
            self.is_recorded(leg, None);
        }
    }

    /// Tells the hub whether a leg's party hears what is sent to it, where that is news.
    pub(super) fn tell_hearing(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let on = leg.hears();
        if let Some(id) = leg.id.filter(|_| leg.deaf == on) {
            leg.deaf = !on;
            self.tell(Input::Leg(LegNews::Hears { leg: id, on }));
        }
    }

    /// Tells the hub what a leg's party would like, where that is news.
    pub(super) fn hear_wish(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let said = leg.sdp.preference().map(preference);
        let Some((id, wish)) = leg.id.zip(said).filter(|_| leg.wish != said) else {
            return;
        };
        leg.wish = said;
        self.tell(Input::Leg(LegNews::Wished { leg: id, wish }));
    }
}

const fn preference(said: sdp::Preference) -> Preference {
    match said {
        sdp::Preference::On => Preference::On,
        sdp::Preference::Off => Preference::Off,
        sdp::Preference::Pause => Preference::Pause,
        sdp::Preference::Nothing => Preference::Nothing,
    }
}
