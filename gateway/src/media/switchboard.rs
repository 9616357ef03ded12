//! The pure half of the media plane: who hears whom, and what becomes of every packet.
//!
//! A machine without sockets and clocks. Unlike other machines of the house it hands datagrams to
//! a [`Wire`] at once instead of queueing them: at 100 packets a second and call a queue, and the
//! copy into it, would be most of the work.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use rand::RngExt;
use sip::dtmf::Digit;
use sip::media::{IgnoredReason, LegKey, MediaEvent, Program};
use sip::rtp;
use sip::sdp::RemoteMedia;

use super::leg::Leg;
use super::library::Sounds;
use super::outlet::Outlet;
use super::player::Player;
use super::shared::{Settings, Shared};
use super::tally::Tally;
use super::wire::{LegIndex, Wire};

mod hearing;
mod recording;

pub(super) use recording::Taping;

/// All open legs.
pub struct Switchboard {
    legs: Vec<Option<Leg>>,
    free: Vec<LegIndex>,
    keys: HashMap<LegKey, LegIndex>,
    timers: BTreeSet<(Instant, LegIndex)>,
    sounds: Sounds,
    shared: Shared,
}

impl Switchboard {
    /// Starts without legs. `seed` names our streams and decides where they begin; `ntp` is the
    /// wall clock at `now` as NTP time, for sender reports.
    pub fn new(settings: Settings, sounds: Sounds, seed: u64, ntp: u64, now: Instant) -> Self {
        Self {
            legs: Vec::new(),
            free: Vec::new(),
            keys: HashMap::new(),
            timers: BTreeSet::new(),
            sounds,
            shared: Shared::new(settings, seed, ntp, now),
        }
    }

    /// The next report to the rest of the house.
    pub fn poll_event(&mut self) -> Option<MediaEvent> {
        self.shared.events.pop_front()
    }

    /// Whether [`Self::poll_event`] has one.
    pub fn has_events(&self) -> bool {
        !self.shared.events.is_empty()
    }

    /// Reports something that happened to the sockets.
    pub(super) fn tell(&mut self, event: MediaEvent) {
        self.shared.events.push_back(event);
    }

    /// When [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|&(due, _)| due)
    }

    /// The place of an open leg.
    pub fn index(&self, leg: LegKey) -> Option<LegIndex> {
        self.keys.get(&leg).copied()
    }

    pub(super) const fn tally(&self) -> &Tally {
        &self.shared.tally
    }

    /// Opens a leg whose ports are bound; [`None`] when the key is in use.
    pub fn open(&mut self, key: LegKey) -> Option<LegIndex> {
        if self.keys.contains_key(&key) {
            return None;
        }
        let index = self.free.pop().unwrap_or(LegIndex(self.legs.len()));
        if index.0 == self.legs.len() {
            self.legs.push(None);
        }
        let random = &mut self.shared.random;
        let outlet = Outlet::new(random.random(), random.random(), random.random());
        self.legs[index.0] = Some(Leg::new(key, index, outlet));
        self.keys.insert(key, index);
        Some(index)
    }

    /// Says goodbye to the peer, forgets the leg, and tells its numbers.
    pub fn close(&mut self, key: LegKey, wire: &mut impl Wire, now: Instant) -> Option<LegIndex> {
        self.stop_recording(key, true, wire);
        self.unbridge(key, now);
        let index = self.keys.remove(&key)?;
        let mut leg = self.legs[index.0].take()?;
        leg.report(true, &mut self.shared, wire, now);
        if let Some(armed) = leg.armed {
            self.timers.remove(&(armed, index));
        }
        self.free.push(index);
        let stats = leg.stats();
        self.shared
            .events
            .push_back(MediaEvent::Stats { leg: key, stats });
        Some(index)
    }

    /// Forgets a leg without a word: its sockets could not be used after all, or it failed.
    pub(super) fn forget(&mut self, key: LegKey, now: Instant) -> Option<LegIndex> {
        let index = self.keys.remove(&key)?;
        self.isolate(index, now);
        self.timers.retain(|(_, armed)| *armed != index);
        self.legs[index.0] = None;
        self.free.push(index);
        Some(index)
    }

    /// The leg at a place.
    pub(super) fn key(&self, index: LegIndex) -> Option<LegKey> {
        self.legs.get(index.0)?.as_ref().map(|leg| leg.key)
    }

    /// The open legs, in order.
    pub fn open_legs(&self) -> Vec<LegKey> {
        self.legs.iter().flatten().map(|leg| leg.key).collect()
    }

    /// Takes what SDP agreed on for a leg.
    pub fn agree(&mut self, key: LegKey, media: RemoteMedia, now: Instant) {
        self.with(key, |leg, shared| leg.agree(media, shared, now));
        if let Some(index) = self.index(key) {
            self.refeed(index, now);
        }
    }

    /// Plays a program to a leg's peer.
    pub fn play(&mut self, (key, turn): (LegKey, u32), what: &Program, repeat: bool, now: Instant) {
        let (clips, endless) = self.sounds.library().clips(what);
        self.with(key, |leg, shared| {
            let first = shared.grid(now);
            leg.play(Some(Player::new(turn, clips, repeat || endless, first)));
        });
    }

    /// Lets it be seen whether a leg's peer is there for all of what is played to it.
    pub fn witness(&mut self, key: LegKey) {
        self.with(key, |leg, _| leg.witness());
    }

    /// Ends what is played to a leg's peer.
    pub fn stop_playing(&mut self, key: LegKey) {
        self.with(key, |leg, _| leg.play(None));
    }

    /// Expects packets of a leg's peer again, after they stopped.
    pub fn watch(&mut self, key: LegKey, now: Instant) {
        self.with(key, |leg, _| leg.watch(now));
    }

    /// Presses a key towards a leg's peer. False when the peer takes no telephone events, or too
    /// many keys wait.
    pub fn press(&mut self, key: LegKey, digit: Digit, now: Instant) -> bool {
        self.with(key, |leg, shared| leg.press(digit, shared, now))
            .unwrap_or(false)
    }

    /// Takes a datagram that came in on a leg's RTP port. It may be rewritten in place.
    pub fn handle_rtp(
        &mut self,
        index: LegIndex,
        source: SocketAddr,
        datagram: &mut [u8],
        wire: &mut impl Wire,
        now: Instant,
    ) {
        if rtp::is_rtcp(datagram) {
            self.handle_rtcp(index, source, datagram, now);
        } else if let Err(reason) = self.relay(index, source, datagram, wire, now) {
            self.ignore(index, reason);
        }
    }

    /// Takes a datagram that came in on a leg's RTCP port.
    pub fn handle_rtcp(
        &mut self,
        index: LegIndex,
        source: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) {
        let Some(Some(leg)) = self.legs.get_mut(index.0) else {
            return;
        };
        if let Err(reason) = leg.receive_report(source, datagram, &mut self.shared, now) {
            self.ignore(index, reason);
        }
    }

    /// Does what is due on every leg.
    #[cfg(test)]
    pub fn handle_timeout(&mut self, wire: &mut impl Wire, now: Instant) {
        while let Some(index) = self.poll_due(now) {
            self.handle_due(index, wire, now);
        }
    }

    /// Takes the next leg on which something is due; [`Self::handle_due`] does it.
    pub fn poll_due(&mut self, now: Instant) -> Option<LegIndex> {
        let &(_, index) = self.timers.first().filter(|(due, _)| *due <= now)?;
        self.timers.pop_first();
        Some(index)
    }

    /// Does what is due on a leg.
    pub fn handle_due(&mut self, index: LegIndex, wire: &mut impl Wire, now: Instant) {
        let Some(leg) = &mut self.legs[index.0] else {
            return;
        };
        leg.armed = None;
        leg.handle_timeout(&mut self.shared, wire, now);
        if let Some((tick, skipped)) = leg.take_tick(&self.shared, now) {
            let frame = self.mix(index, tick);
            if let Some(leg) = &mut self.legs[index.0] {
                leg.say(&frame, skipped, &mut self.shared, wire, now);
            }
        }
        self.tape_due(index, wire, now);
        self.arm(index);
    }

    /// Counts a datagram that is not taken.
    pub(super) fn ignore(&mut self, index: LegIndex, reason: IgnoredReason) {
        self.shared.tally.ignore(reason);
        if let Some(leg) = &mut self.legs[index.0] {
            leg.ignore();
        }
    }

    // Every command that may move a deadline goes through here.
    fn with<T>(&mut self, key: LegKey, act: impl FnOnce(&mut Leg, &mut Shared) -> T) -> Option<T> {
        let index = self.index(key)?;
        let leg = self.legs[index.0].as_mut()?;
        let result = act(leg, &mut self.shared);
        self.arm(index);
        Some(result)
    }

    // A leg has one entry among the timers, at the time it says.
    fn arm(&mut self, index: LegIndex) {
        let Some(leg) = &mut self.legs[index.0] else {
            return;
        };
        let due = leg.poll_timeout();
        if due == leg.armed {
            return;
        }
        if let Some(armed) = leg.armed {
            self.timers.remove(&(armed, index));
        }
        self.timers.extend(due.map(|due| (due, index)));
        leg.armed = due;
    }
}
