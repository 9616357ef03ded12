//! Offers of ours within a call (RFC 3264 §8): what the peer is to know is whether it is on hold, and whether it is recorded
//! where it shows that. One offer is open at a time in a call; what changes meanwhile is offered when it is answered.

use std::collections::BTreeSet;

use sip::{
    endpoint::{CallKey, Command as SipCommand},
    media::{LegKey, MediaCommand},
    sdp::Direction,
};
use ws::id::LegId;

use super::{
    Phones,
    leg::{Leg, Stage},
};
use crate::{
    command::Program,
    input::{Input, LegNews},
};

/// Whose holds are signalled; others hear music, as these do, and know nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Those of registered phones.
    pub phones: bool,
    /// Those of these trunks' calls.
    pub trunks: BTreeSet<String>,
}

impl Holds {
    /// Whether those of a trunk's calls are, or of phones' without one.
    pub fn are_signalled(&self, trunk: Option<&str>) -> bool {
        trunk.map_or(self.phones, |trunk| self.trunks.contains(trunk))
    }
}

/// A leg's hold, and what its peer was told of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hold {
    /// Whether it hears music because whoever it talked with is away for a while.
    pub on: bool,
    /// Whether that is signalled. A peer that refused it once in a call is not asked again.
    pub signalled: bool,
    /// Whether nothing came from it any more meanwhile.
    pub stopped: bool,
    /// Whether an offer of ours waits for its answer.
    asking: bool,
    /// Whether the last description of ours says that it is held, and the last that the peer agreed to.
    said: bool,
    agreed: bool,
}

impl Hold {
    /// A leg whose holds are signalled, or are not.
    pub fn new(signalled: bool) -> Self {
        Self {
            signalled,
            ..Self::default()
        }
    }

    /// Whether the peer is held as far as it knows: that nothing comes from it is no hold of its own.
    pub const fn is_known(self) -> bool {
        self.agreed
    }

    /// Takes that what the peer was told of it is void.
    pub const fn forget(&mut self) {
        (self.said, self.agreed) = (false, false);
    }

    const fn is_told(self) -> bool {
        self.on && self.signalled
    }
}

impl Leg {
    /// What we would do on the stream: we take nothing from a peer that is held.
    pub const fn direction(&self) -> Direction {
        match self.hold.is_told() {
            true => Direction::SendOnly,
            false => Direction::SendRecv,
        }
    }

    // RFC 3264 §8.4: a stream of a peer that holds us is put on hold as inactive.
    fn offered_direction(&self) -> Direction {
        match self.peer_holds() && self.hold.is_told() {
            true => Direction::Inactive,
            false => self.direction(),
        }
    }

    // Makes an offer of what is so now.
    fn offer(&mut self) -> SipCommand {
        let direction = self.offered_direction();
        (self.hold.asking, self.hold.said) = (true, self.hold.is_told());
        SipCommand::Offer {
            call: self.call,
            sdp: self.sdp.make_offer(direction),
        }
    }
}

impl Phones {
    /// Takes what a leg is to hear now: music because it is held, or something else.
    pub(super) fn hold_by(&mut self, id: LegId, program: &Program) {
        let on = match program {
            Program::Music => true,
            // Somebody is there for it again, or keys are waited for.
            Program::Say(_)
            | Program::Ringback
            | Program::Waiting { .. }
            | Program::Greeting { .. }
            | Program::Promised
            | Program::Stopped
            | Program::Rate
            | Program::Thanks => false,
            // It hears that and nothing else any more.
            Program::Silence | Program::Closed | Program::Sorry | Program::Goodbye => return,
        };
        self.hold(id, on);
    }

    /// Takes that a leg is held, or is not any more.
    pub(super) fn hold(&mut self, id: LegId, on: bool) {
        let Some(leg) = self.leg_of(id) else { return };
        let key = leg.media;
        if std::mem::replace(&mut leg.hold.on, on) == on {
            return;
        }
        if !on && std::mem::take(&mut leg.hold.stopped) {
            self.media(MediaCommand::Watch { leg: key });
        }
        self.restate(key);
    }

    /// Offers a leg what it does not know, where no offer is open. A call that is not confirmed is told then, and a peer that has
    /// taken its stream out when it brings it back; browsers are offered nothing.
    pub(super) fn restate(&mut self, key: LegKey) {
        let recorded = self.indication_to(key);
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        if !matches!(leg.stage, Stage::Up) || leg.hold.asking || leg.browser.is_some() {
            return;
        }
        if leg.sdp.is_taken_out() {
            return;
        }
        let recorded = recorded.filter(|recorded| leg.sdp.recorded() != *recorded);
        if recorded.is_none() && leg.hold.said == leg.hold.is_told() {
            return;
        }
        if let Some(recorded) = recorded {
            leg.sdp.set_recorded(recorded);
        }
        let offer = leg.offer();
        self.sip(offer);
    }

    /// Writes the offer anew that waits for its turn: the peer makes one meanwhile, and a description may not fall behind
    /// another.
    pub(super) fn offer_anew(&mut self, key: LegKey) {
        if let Some(leg) = self.legs.get_mut(&key)
            && leg.hold.asking
        {
            let offer = leg.offer();
            self.sip(offer);
        }
    }

    /// Takes that a leg answers an offer, before what it answers.
    pub(super) fn offer_answered(&mut self, key: LegKey) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.hold.asking = false;
            leg.hold.agreed = leg.hold.said;
        }
    }

    /// Takes that a leg's offer was answered: what it was told of its hold is so now.
    pub(super) fn took_their_offer(&mut self, key: LegKey) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.hold.said = leg.hold.is_told();
            leg.hold.agreed = leg.hold.said;
        }
    }

    /// Takes that a leg refused an offer: the call goes on as it was. Who does not take a hold hears its music and is not asked
    /// again; of a recording it is told again when something else is to be told.
    pub(super) fn offer_refused(&mut self, call: CallKey, status: u16) {
        let Some(key) = self.key_of_call(call) else {
            return;
        };
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.sdp.withdraw_offer();
            leg.hold.asking = false;
            let refused = leg.hold.said && !leg.hold.agreed;
            if refused {
                (leg.hold.signalled, leg.hold.said) = (false, false);
            }
            if let Some(leg) = leg.id.filter(|_| refused) {
                self.tell(Input::Leg(LegNews::HoldRefused { leg, status }));
            }
            self.restate(key);
        }
    }
}
