//! What comes from a leg before its answer (RFC 3261 §13.2.1, RFC 3960 §2): who waits for that answer hears it in place of
//! ring-back tone. It is heard only; the session is agreed on by the answer, or by what
//! followed on a reliable description before it (RFC 3311). What callers hear before ours is described by the
//! answer that follows (RFC 3262 §5 where both sides can repeat it).

use bytes::Bytes;
use sip::{
    endpoint::{Command as SipCommand, Fork},
    media::{LegKey, MediaCommand},
    sdp::RemoteMedia,
};
use ws::id::LegId;

use super::{
    Leg, Phones, cause,
    leg::{Stage, Wanted},
};
use crate::{
    command::Program,
    input::{Input, LegNews},
};

impl Phones {
    /// Lets a caller hear what is played before the answer. One without an offer would have to be made ours, and to accept it
    /// first: it is answered.
    pub(super) fn speak_early(&mut self, id: LegId) {
        let Some(leg) = self.leg_of(id) else { return };
        let (key, open) = (leg.media, leg.open);
        let Stage::Arrived { offer, wanted, .. } = &mut leg.stage else {
            return;
        };
        if offer.is_none() {
            return self.answer(id);
        }
        if *wanted != Wanted::Nothing {
            return;
        }
        *wanted = Wanted::Early;
        if open {
            self.speak_now(key);
        }
    }

    /// Describes what is sent before the answer, and lets it flow.
    pub(super) fn speak_now(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let Stage::Arrived { answer, wanted, .. } = &mut leg.stage else {
            return;
        };
        *wanted = Wanted::Speaking;
        let sdp = Some(answer.clone());
        let (call, id, remote) = (leg.call, leg.id, leg.remote.clone());
        self.sip(SipCommand::Ring {
            call,
            code: 183,
            reason: None,
            sdp,
        });
        if let Some(media) = remote {
            self.media(MediaCommand::Remote { leg: key, media });
        }
        if let Some(leg) = id {
            self.tell(Input::Leg(LegNews::Early { leg }));
        }
    }

    /// Lets a leg wait for another's answer.
    pub(super) fn await_answer(&mut self, id: LegId, of: LegId) {
        let dialled = self.by_id.get(&of).copied();
        if let Some(leg) = dialled.and_then(|key| self.legs.get_mut(&key)) {
            leg.awaited_by = Some(id);
        }
        match dialled.is_some_and(|key| self.early_remote(key).is_some()) {
            true => self.hear_early(id, of),
            false => self.play(id, Program::Ringback),
        }
    }

    /// Takes the description of what a leg sends before its answer. One that is no answer to our offer is passed over: the
    /// answer itself will say so again, and that ends the call.
    pub(super) fn speaks_early(&mut self, key: LegKey) {
        let Some(media) = self.early_remote(key) else {
            return;
        };
        self.media(MediaCommand::Remote { leg: key, media });
        let leg = self.legs.get(&key);
        if let Some((id, of)) = leg.and_then(|leg| leg.awaited_by.zip(leg.id)) {
            self.hear_early(id, of);
        }
    }

    /// Lets who waited for a leg that is gone hear ring-back tone again, until the hub says what follows.
    pub(super) fn early_is_over(&mut self, leg: &Leg) {
        let heard = match &leg.stage {
            Stage::Dialled { early, .. } => early.is_heard(),
            Stage::Arrived { .. } | Stage::Answered | Stage::Opening { .. } | Stage::Up => false,
        };
        if let Some(waits) = leg.awaited_by.filter(|_| heard) {
            self.ring_back(waits);
        }
    }

    /// Forgets what came of a leg before somebody else is dialled for it: who waits hears ring-back tone until that one speaks.
    pub(super) fn dialled_anew(&mut self, id: LegId) {
        let Some(leg) = self.leg_of(id) else { return };
        let Stage::Dialled { early, .. } = &mut leg.stage else {
            return;
        };
        let heard = std::mem::take(early).is_heard();
        let Some(waits) = leg.awaited_by.filter(|_| heard) else {
            return;
        };
        if let Some(key) = self.by_id.get(&waits).copied() {
            self.detach(key);
        }
        self.ring_back(waits);
    }

    fn ring_back(&mut self, id: LegId) {
        if self.waiting(id).is_some() {
            self.play(id, Program::Ringback);
        }
    }

    fn early_remote(&self, key: LegKey) -> Option<RemoteMedia> {
        let leg = self.legs.get(&key)?;
        match &leg.stage {
            Stage::Dialled { early, .. } => early.heard().cloned(),
            Stage::Arrived { .. } | Stage::Answered | Stage::Opening { .. } | Stage::Up => None,
        }
    }

    /// Answers what an end offers that a leg rings at; where it is who is heard, it is heard from there.
    pub(super) fn offered_by_fork(
        &mut self,
        key: LegKey,
        fork: Option<Fork>,
        offer: Option<Bytes>,
    ) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let (call, direction) = (leg.call, leg.direction());
        let Stage::Dialled { early, .. } = &mut leg.stage else {
            return;
        };
        let before = early.heard().cloned();
        let offer = offer.as_deref();
        match offer.and_then(|offer| early.negotiate(fork, offer, direction)) {
            Some(Ok(sdp)) => {
                let heard = early.heard().filter(|now| before.as_ref() != Some(*now));
                let heard = heard.cloned();
                self.sip(SipCommand::AcceptOffer { call, fork, sdp });
                if let Some(media) = heard {
                    self.media(MediaCommand::Remote { leg: key, media });
                }
            }
            Some(Err(error)) => {
                let (code, warning) = cause::of_description(&error);
                self.sip(SipCommand::RefuseOffer {
                    call,
                    fork,
                    code,
                    warning,
                });
            }
            // Nothing was agreed on that could be changed.
            None => self.sip(SipCommand::RefuseOffer {
                call,
                fork,
                code: 488,
                warning: None,
            }),
        }
    }

    fn hear_early(&mut self, id: LegId, of: LegId) {
        if let Some(key) = self.waiting(id) {
            self.stop_playing(key);
            self.attach(id, of, false);
        }
    }

    // Whoever talks with somebody meanwhile is left alone.
    fn waiting(&self, id: LegId) -> Option<LegKey> {
        let key = self.by_id.get(&id).copied()?;
        (!self.rooms.is_placed(key)).then_some(key)
    }
}
