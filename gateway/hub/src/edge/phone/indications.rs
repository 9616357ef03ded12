//! What phones that can show it are told of recordings (RFC 7866 §6.2): whether what they say is recorded, by their own or
//! that of whoever they talk with. Others are told by the announcement alone, which these hear too.

use std::collections::{BTreeMap, BTreeSet};

use sip::{
    endpoint::{CallKey, Command as SipCommand},
    media::LegKey,
    sdp::{Direction, Recorded},
};

use super::{Phones, leg::Stage};

/// Whose calls are recorded, and who shows it.
#[derive(Debug, Default)]
pub(super) struct Indications {
    /// The customers' legs, and whether their recording is paused.
    recorded: BTreeMap<LegKey, bool>,
    /// The legs that show it, and whether an offer that tells them waits for its answer.
    shown: BTreeMap<LegKey, bool>,
}

impl Indications {
    pub fn forget(&mut self, key: LegKey) {
        self.recorded.remove(&key);
        self.shown.remove(&key);
    }
}

impl Phones {
    /// Takes that the phone of a leg shows whether it is recorded.
    pub(super) fn shows_recording(&mut self, call: CallKey) {
        if let Some(key) = self.key_of_call(call) {
            self.indications.shown.insert(key, false);
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
            self.indicate_to(key);
        }
    }

    /// Tells a leg that shows it what it does not know. One offer is made at a time.
    pub(super) fn indicate_to(&mut self, key: LegKey) {
        let state = self.recorded_around(key);
        let Some(asking @ false) = self.indications.shown.get_mut(&key) else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        // A call that is not confirmed is told then; a browser is none of these.
        if !matches!(leg.stage, Stage::Up) || leg.sdp.recorded() == state {
            return;
        }
        *asking = true;
        leg.sdp.set_recorded(state);
        let call = leg.call;
        let sdp = leg.sdp.make_offer(Direction::SendRecv);
        self.sip(SipCommand::Offer { call, sdp });
    }

    /// Writes the offer anew that waits for its turn: the peer makes one meanwhile, and a description may not fall behind
    /// another.
    pub(super) fn indicate_anew(&mut self, key: LegKey) {
        let asking = self.indications.shown.get(&key);
        let asking = asking.is_some_and(|asking| *asking);
        let Some(leg) = self.legs.get_mut(&key).filter(|_| asking) else {
            return;
        };
        let call = leg.call;
        let sdp = leg.sdp.make_offer(Direction::SendRecv);
        self.sip(SipCommand::Offer { call, sdp });
    }

    /// Takes that a leg answered an offer.
    pub(super) fn indicated(&mut self, key: LegKey) {
        if let Some(asking) = self.indications.shown.get_mut(&key) {
            *asking = false;
            self.indicate_to(key);
        }
    }

    /// Takes that a leg refused an offer: it is told again when something else is to be told.
    pub(super) fn not_indicated(&mut self, call: CallKey) {
        let Some(key) = self.key_of_call(call) else {
            return;
        };
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.sdp.withdraw_offer();
        }
        self.indicated(key);
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
