//! Who hears whom, and how: a leg that hears one other which speaks as it listens has its packets passed on undecoded;
//! any other mixes. What a leg's peer says is decoded once, however many mix it, and only while somebody does.

use std::net::SocketAddr;
use std::time::Instant;

use sip::codec::{Frame, SILENCE};
use sip::media::{IgnoredReason, LegKey};
use sip::rooms::mix;
use sip::rtp::Playout;

use super::Switchboard;
use crate::media::leg::{Feed, Leg};
use crate::media::stream::Received;
use crate::media::wire::{LegIndex, Wire};

impl Switchboard {
    /// Lets two legs hear each other and nobody else, and ends what is played to them.
    pub fn bridge(&mut self, a: LegKey, b: LegKey, now: Instant) {
        if a == b || self.index(a).is_none() || self.index(b).is_none() {
            return;
        }
        self.unbridge(a, now);
        self.unbridge(b, now);
        self.hear(a, &[b], now);
        self.hear(b, &[a], now);
        self.stop_playing(a);
        self.stop_playing(b);
    }

    /// Says whom a leg hears.
    pub fn hear(&mut self, key: LegKey, whom: &[LegKey], now: Instant) {
        let Some(index) = self.index(key) else { return };
        let mut row: Vec<LegIndex> = whom.iter().filter_map(|&leg| self.index(leg)).collect();
        row.retain(|&heard| heard != index);
        row.sort_unstable();
        row.dedup();
        let before = self.set_row(index, row);
        self.feed(index, Some(now));
        for heard in before {
            self.tap(heard);
        }
    }

    /// Takes a leg out of all it hears and is heard by.
    pub fn unbridge(&mut self, key: LegKey, now: Instant) {
        if let Some(index) = self.index(key) {
            self.isolate(index, now);
        }
    }

    pub(super) fn isolate(&mut self, index: LegIndex, now: Instant) {
        let before = self.set_row(index, Vec::new());
        self.feed(index, None);
        for heard in before {
            self.tap(heard);
        }
        let listeners = self.legs[index.0]
            .as_mut()
            .map(|leg| std::mem::take(&mut leg.heard_by));
        for listener in listeners.into_iter().flatten() {
            let Some(leg) = &mut self.legs[listener.0] else {
                continue;
            };
            leg.hears.retain(|&heard| heard != index);
            let alone = leg.hears.is_empty();
            self.feed(listener, (!alone).then_some(now));
        }
        self.tap(index);
    }

    /// Looks anew at how a leg is heard, and hears, after it agreed on something else or spoke otherwise.
    pub(super) fn refeed(&mut self, index: LegIndex, now: Instant) {
        let Some(leg) = &self.legs[index.0] else {
            return;
        };
        let placed = !matches!(leg.feed, Feed::Nothing);
        let listeners = leg.heard_by.clone();
        if placed {
            self.feed(index, Some(now));
        }
        for listener in listeners {
            self.feed(listener, Some(now));
        }
    }

    fn set_row(&mut self, index: LegIndex, row: Vec<LegIndex>) -> Vec<LegIndex> {
        let Some(leg) = &mut self.legs[index.0] else {
            return Vec::new();
        };
        let before = std::mem::replace(&mut leg.hears, row.clone());
        for heard in &before {
            if let Some(leg) = &mut self.legs[heard.0] {
                leg.heard_by.retain(|&listener| listener != index);
            }
        }
        for heard in row {
            if let Some(leg) = &mut self.legs[heard.0] {
                leg.heard_by.push(index);
            }
        }
        before
    }

    // How a leg comes by what it hears; without a moment it hears nothing any more.
    fn feed(&mut self, index: LegIndex, now: Option<Instant>) {
        let Some(leg) = &self.legs[index.0] else {
            return;
        };
        let alone = match leg.hears[..] {
            [only] => self.legs[only.0].as_ref(),
            _ => None,
        };
        let relays = alone.is_some_and(|other| leg.understands(other));
        let feed = match (now, relays, &leg.feed) {
            (None, _, Feed::Nothing) | (Some(_), false, Feed::Mix(_)) => None,
            (None, _, Feed::Relay | Feed::Mix(_)) => Some(Feed::Nothing),
            (Some(_), true, Feed::Nothing | Feed::Relay | Feed::Mix(_)) => Some(Feed::Relay),
            (Some(now), false, Feed::Nothing | Feed::Relay) => {
                Some(Feed::Mix(Playout::new(self.shared.grid(now))))
            }
        };
        if let (Some(feed), Some(leg)) = (feed, &mut self.legs[index.0]) {
            leg.feed(feed);
        }
        self.arm(index);
        let heard = self.legs[index.0].as_ref().map(|leg| leg.hears.clone());
        for heard in heard.into_iter().flatten() {
            self.tap(heard);
        }
    }

    // Decodes a leg while somebody mixes it, or its recording needs it.
    pub(super) fn tap(&mut self, index: LegIndex) {
        let Some(leg) = &self.legs[index.0] else {
            return;
        };
        let mixes = |listener: &LegIndex| {
            let listener = self.legs[listener.0].as_ref();
            listener.is_some_and(|leg| matches!(leg.feed, Feed::Mix(_)) || leg.taping.is_some())
        };
        let on = leg.taping.is_some() || leg.heard_by.iter().any(mixes);
        if let Some(leg) = &mut self.legs[index.0] {
            leg.set_tap(on);
        }
    }

    /// What a leg's peer says in the 20 ms of a number.
    pub(super) fn voice(&mut self, index: LegIndex, tick: u64) -> Frame {
        let leg = self.legs[index.0].as_mut();
        let Some(tap) = leg.and_then(|leg| leg.tap.as_mut()) else {
            return SILENCE;
        };
        tap.advance(tick);
        *tap.frame()
    }

    /// Adds up what a leg hears in the 20 ms of a number.
    pub(super) fn mix(&mut self, index: LegIndex, tick: u64) -> Frame {
        let Some(leg) = &mut self.legs[index.0] else {
            return mix([]);
        };
        let row = std::mem::take(&mut leg.hears);
        for &heard in &row {
            if let Some(tap) = self.legs[heard.0].as_mut().and_then(|leg| leg.tap.as_mut()) {
                tap.advance(tick);
            }
        }
        let taps = row
            .iter()
            .filter_map(|heard| self.legs[heard.0].as_ref()?.tap.as_ref());
        let sum = mix(taps.map(|tap| tap.frame()));
        if let Some(leg) = &mut self.legs[index.0] {
            leg.hears = row;
        }
        sum
    }

    /// Judges a datagram of a leg's peer and lets everybody have it who hears the leg.
    pub(super) fn relay(
        &mut self,
        index: LegIndex,
        source: SocketAddr,
        datagram: &mut [u8],
        wire: &mut impl Wire,
        now: Instant,
    ) -> Result<(), IgnoredReason> {
        let Some(Some(leg)) = self.legs.get_mut(index.0) else {
            return Ok(());
        };
        #[cfg(test)]
        assert_ne!(
            leg.key,
            crate::media::tests::TRAP,
            "a test lets this leg fail"
        );
        let manner = leg.manner();
        let received = leg.receive(source, datagram, &mut self.shared, now);
        let listeners = leg.heard_by.len();
        match received {
            Ok(received) => {
                leg.listen(&received, datagram);
                let other = leg.manner() != manner;
                if received.begins {
                    self.arm(index);
                }
                if other {
                    self.refeed(index, now);
                }
                self.hand_out(index, listeners, &received, datagram, wire, now)
            }
            Err(reason @ (IgnoredReason::Direction | IgnoredReason::PayloadType)) => {
                for at in 0..listeners {
                    if let Some(listener) = self.listener(index, at) {
                        listener.leave_out();
                    }
                }
                Err(reason)
            }
            Err(reason) => Err(reason),
        }
    }

    // It is ignored when nobody could be given it.
    fn hand_out(
        &mut self,
        index: LegIndex,
        listeners: usize,
        received: &Received,
        datagram: &mut [u8],
        wire: &mut impl Wire,
        now: Instant,
    ) -> Result<(), IgnoredReason> {
        let mut outcome = Err(IgnoredReason::NoListener);
        let mut copy = std::mem::take(&mut self.shared.copy);
        for at in 0..listeners {
            // It is rewritten where it lies, so all but the last are given a copy.
            let last = at + 1 == listeners;
            if !last {
                copy.clear();
                copy.extend_from_slice(datagram);
            }
            let given = if last { &mut *datagram } else { &mut copy[..] };
            let place = self.legs[index.0]
                .as_ref()
                .and_then(|leg| leg.heard_by.get(at).copied());
            let listener = place.and_then(|listener| self.legs[listener.0].as_mut());
            let Some(listener) = listener else { continue };
            let passed = listener.forward(received, given, &mut self.shared, wire, now);
            if at == 0 || passed.is_ok() {
                outcome = passed;
            }
        }
        self.shared.copy = copy;
        outcome
    }

    fn listener(&mut self, index: LegIndex, at: usize) -> Option<&mut Leg> {
        let listener = *self.legs[index.0].as_ref()?.heard_by.get(at)?;
        self.legs[listener.0].as_mut()
    }
}
