//! What phones that can show it are told of recordings (RFC 7866 §6.2): whether what they say is recorded, by their own or
//! that of whoever they talk with. Others are told by the announcement alone, which these hear too.

use std::collections::{BTreeMap, BTreeSet};

use sip::{endpoint::CallKey, media::LegKey, sdp::Recorded};

use super::Phones;

/// Whose calls are recorded, and who shows it.
#[derive(Debug, Default)]
pub(super) struct Indications {
    /// The customers' legs, and whether their recording is paused.
    recorded: BTreeMap<LegKey, bool>,
    /// The legs that show it.
    shown: BTreeSet<LegKey>,
}

impl Indications {
    pub fn forget(&mut self, key: LegKey) {
        self.recorded.remove(&key);
        self.shown.remove(&key);
        self.shown.remove(&key);
    }
}

impl Phones {
    /// Takes that the phone of a leg shows whether it is recorded.
    pub(super) fn shows_recording(&mut self, call: CallKey) {
        if let Some(key) = self.key_of_call(call) {
            self.indications.shown.insert(key);
        }
    }

    /// Takes that a leg's call is recorded and whether that is paused, or that it is not any more.
    pub(super) fn is_recorded(&mut self, key: LegKey, paused: Option<bool>) {
        let before = match paused {
            Some(paused) => self.indications.recorded.insert(key, paused),
            None => self.indications.recorded.remove(&key),
        };
        if before != paused {
            let around: BTreeSet<_> = self.rooms.others(key).chain([key]).collect();
            self.indicate(&around);
        }
    }

    /// Takes that a recording pauses or goes on.
    pub(super) fn recording_pauses(&mut self, key: LegKey, on: bool) {
        if self.indications.recorded.contains_key(&key) {
            self.is_recorded(key, Some(on));
        }
    }

    /// Tells those of `near` who show it what they do not know.
    pub(super) fn indicate(&mut self, near: &BTreeSet<LegKey>) {
        if self.indications.shown.is_empty() {
            return;
        }
        for &key in near {
            self.restate(key);
        }
    }

    /// Returns what a leg that shows it is to know.
    pub(super) fn indication_to(&self, key: LegKey) -> Option<Recorded> {
        let shows = self.indications.shown.contains(&key);
        shows.then(|| self.recorded_around(key))
    }

    // A leg of which one is recorded and another paused is recorded.
    fn recorded_around(&self, key: LegKey) -> Recorded {
        let around = self.rooms.others(key).chain([key]);
        let paused = around.filter_map(|key| self.indications.recorded.get(&key));
        match paused.min() {
            Some(false) => Recorded::On,
            Some(true) => Recorded::Paused,
            None => Recorded::Off,
        }
    }
}
