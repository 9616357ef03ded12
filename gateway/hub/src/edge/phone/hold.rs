//! Hold: what the partner of a leg hears while that leg neither sends nor listens.

use sip::media::{LegKey, MediaCommand, Program};

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
