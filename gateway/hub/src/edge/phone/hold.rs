//! Hold: what the partner of a leg hears while that leg neither sends nor listens.

use sip::media::{LegKey, MediaCommand, Program};
use ws::id::LegId;

use super::{Phones, leg::Leg};

impl Phones {
    /// Starts or ends the hold music of `key`'s partner, as `key`'s stream now stands. A peer that holds but sends
    /// (`sendonly`) brings its own music, which is relayed.
    pub(super) fn adjust_hold(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let Some(partner) = leg.partner else { return };
        let silent = leg.peer_is_silent();
        if leg.holds == silent {
            return;
        }
        leg.holds = silent;
        self.media(if silent {
            MediaCommand::Play {
                leg: partner,
                what: Program::Music,
                repeat: false,
            }
        } else {
            MediaCommand::StopPlaying { leg: partner }
        });
        self.keep_mute(key);
    }

    /// Lets nothing be heard of a leg, or ends that. Its partner hears silence in packets, as some phones clear a call
    /// without any.
    pub(super) fn mute(&mut self, id: LegId, on: bool) {
        let Some(leg) = self.leg_of(id) else { return };
        let (key, partner, holds) = (leg.media, leg.partner, leg.holds);
        leg.muted = on;
        if on {
            self.keep_mute(key);
        } else if let Some(leg) = partner.filter(|_| !holds) {
            self.media(MediaCommand::StopPlaying { leg });
        }
    }

    /// Lets the partner of a mute leg hear nothing of it.
    pub(super) fn keep_mute(&mut self, key: LegKey) {
        let mute = self.legs.get(&key).filter(|leg| leg.muted && !leg.holds);
        if let Some(leg) = mute.and_then(|leg| leg.partner) {
            self.media(MediaCommand::Play {
                leg,
                what: Program::Silence,
                repeat: false,
            });
        }
    }

    /// Ends the bridge of a leg that stays.
    pub(super) fn unbridge(&mut self, id: LegId) {
        let Some(key) = self.by_id.get(&id).copied() else {
            return;
        };
        self.forget_partner(key);
        self.media(MediaCommand::Unbridge { leg: key });
    }

    /// Forgets whom a leg hears, on both sides.
    pub(super) fn forget_partner(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        leg.holds = false;
        let partner = leg.partner.take();
        if let Some(partner) = partner.and_then(|key| self.legs.get_mut(&key)) {
            partner.partner = None;
            partner.holds = false;
        }
    }

    /// Ends the bridge of a leg that is going.
    pub(super) fn part(&mut self, leg: &Leg) {
        let Some(partner) = leg.partner.and_then(|key| self.legs.get_mut(&key)) else {
            return;
        };
        partner.partner = None;
        partner.holds = false;
        self.media(MediaCommand::Unbridge { leg: leg.media });
        if leg.holds
            && let Some(key) = leg.partner
        {
            self.media(MediaCommand::StopPlaying { leg: key });
        }
    }
}
