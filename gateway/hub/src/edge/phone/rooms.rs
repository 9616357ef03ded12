//! Who hears whom: conversations, those who listen in on them, mute and hold. What is said to the media plane is what
//! changed in a leg's row; two who talk with each other are bridged.

use std::collections::BTreeSet;

use sip::{
    media::{LegKey, MediaCommand, Program},
    rooms::Aside,
};
use ws::id::LegId;

use super::{
    Phones,
    leg::{After, Silence},
};

impl Phones {
    /// Lets two legs talk with each other, and with nobody else.
    pub(super) fn bridge(&mut self, a: LegId, b: LegId) {
        let keys = self.by_id.get(&a).copied().zip(self.by_id.get(&b).copied());
        let Some((a, b)) = keys else { return };
        let mut near = self.near([a, b]);
        self.rooms.begin(a, b);
        near.extend(self.near([a, b]));
        self.media(MediaCommand::Bridge { a, b });
        self.forget_told(a, &near);
        self.forget_told(b, &near);
        for (key, other) in [(a, b), (b, a)] {
            self.told.insert(key, BTreeSet::from([other]));
            if let Some(leg) = self.legs.get_mut(&key) {
                leg.music = false;
                leg.silence = Silence::None;
                leg.after = After::Music;
                leg.begin_turn();
            }
        }
        self.tell_rows(near);
    }

    /// Lets a leg into the conversation of another.
    pub(super) fn join(&mut self, id: LegId, to: LegId) {
        let keys = self
            .by_id
            .get(&id)
            .copied()
            .zip(self.by_id.get(&to).copied());
        let Some((key, to_key)) = keys.filter(|(key, to)| key != to) else {
            return;
        };
        let mut near = self.near([key, to_key]);
        if !self.rooms.join(key, to_key) {
            // They are in none: the two begin one.
            return self.bridge(id, to);
        }
        near.extend(self.near([key]));
        self.stop_playing(key);
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.music = false;
            leg.silence = Silence::None;
            leg.after = After::Music;
        }
        self.tell_rows(near);
    }

    /// Lets a leg listen to another, heard by it or not.
    pub(super) fn attach(&mut self, id: LegId, to: LegId, whisper: bool) {
        let keys = self
            .by_id
            .get(&id)
            .copied()
            .zip(self.by_id.get(&to).copied());
        let Some((key, to)) = keys else { return };
        let mut near = self.near([key]);
        let how = match whisper {
            true => Aside::Whisper,
            false => Aside::Listen,
        };
        self.rooms.attach(key, to, how);
        near.extend(self.near([key]));
        // Nobody is heard while something is played.
        let silent = |leg: &super::Leg| leg.silence == Silence::Played;
        if whisper && self.legs.get(&to).is_some_and(silent) {
            self.hush(to);
        }
        self.tell_rows(near);
    }

    /// Lets a leg that listens to another listen no more.
    pub(super) fn detach(&mut self, key: LegKey) {
        let near = self.near([key]);
        self.rooms.detach(key);
        self.tell_rows(near);
    }

    /// Takes a leg that stays out of its conversation.
    pub(super) fn unbridge(&mut self, id: LegId) {
        let Some(key) = self.by_id.get(&id).copied() else {
            return;
        };
        let mut near = self.near([key]);
        self.rooms.part(key);
        near.extend(self.near([key]));
        self.take_out(key, &near);
        self.tell_rows(near);
    }

    /// Takes a leg that goes out of everything.
    pub(super) fn leave_room(&mut self, key: LegKey) {
        let near = self.near([key]);
        let placed = self.rooms.is_placed(key);
        self.rooms.forget(key);
        if placed || self.told.contains_key(&key) {
            self.take_out(key, &near);
        }
        self.tell_rows(near);
    }

    /// Lets nothing be heard of a leg, or ends that. Who hears nobody else hears silence in packets, as some phones clear
    /// a call without any.
    pub(super) fn mute(&mut self, id: LegId, on: bool) {
        let Some(key) = self.by_id.get(&id).copied() else {
            return;
        };
        self.rooms.mute(key, on);
        let near = self.near([key]);
        self.tell_rows(near);
    }

    /// Starts or ends hold music around a leg, as its stream now stands. A peer that holds but sends (`sendonly`) brings
    /// its own music, which is passed on; among more than two nobody hears any.
    pub(super) fn adjust_hold(&mut self, key: LegKey) {
        let near = self.rooms.others(key).collect();
        self.adjust_music(near);
    }

    /// Tells whom a leg hears, and who hears it, where that is new.
    pub(super) fn tell_place(&mut self, key: LegKey) {
        let near = self.near([key]);
        self.tell_rows(near);
    }

    // Everybody whose row may change with these: those they talk with, and who listens in on them.
    fn near(&self, keys: impl IntoIterator<Item = LegKey>) -> BTreeSet<LegKey> {
        keys.into_iter()
            .flat_map(|key| self.rooms.near(key))
            .collect()
    }

    // Who waits in silence is alone, but for who whispers to them.
    fn is_placed(&self, key: LegKey) -> bool {
        let silent = |leg: &super::Leg| leg.silence == Silence::Whispered;
        let waits = self.legs.get(&key).is_some_and(silent);
        self.rooms.is_placed(key) || waits && !self.rooms.hears(key).is_empty()
    }

    // Whoever whispered to one who waits is gone.
    fn fall_silent(&mut self, key: LegKey) {
        let whispered = |leg: &super::Leg| leg.silence == Silence::Whispered;
        if self.legs.get(&key).is_some_and(whispered) {
            self.let_hear(key, Program::Silence);
        }
    }

    fn take_out(&mut self, key: LegKey, near: &BTreeSet<LegKey>) {
        self.media(MediaCommand::Unbridge { leg: key });
        self.forget_told(key, near);
    }

    // The media plane does the same: who heard this one alone hears nothing.
    fn forget_told(&mut self, key: LegKey, near: &BTreeSet<LegKey>) {
        self.told.remove(&key);
        self.seats_are_cut(key);
        for listener in near {
            let Some(row) = self.told.get_mut(listener) else {
                continue;
            };
            if row.remove(&key) && row.is_empty() {
                self.told.remove(listener);
            }
        }
    }

    // Tells the media plane which rows are different now.
    fn tell_rows(&mut self, near: BTreeSet<LegKey>) {
        for &key in &near {
            if !self.legs.contains_key(&key) {
                continue;
            }
            let row = self.rooms.hears(key);
            match (self.is_placed(key), self.told.get(&key)) {
                (true, Some(told)) if *told == row => {}
                (true, _) => {
                    self.media(MediaCommand::Hear {
                        leg: key,
                        whom: row.iter().copied().collect(),
                    });
                    self.told.insert(key, row);
                }
                (false, Some(_)) => {
                    self.take_out(key, &near);
                    self.fall_silent(key);
                }
                (false, None) => self.fall_silent(key),
            }
        }
        self.recorders_follow(&near);
        self.indicate(&near);
        self.adjust_music(near);
    }

    fn adjust_music(&mut self, near: BTreeSet<LegKey>) {
        for key in near {
            let mut others = self.rooms.others(key);
            let alone = others.next().filter(|_| others.next().is_none());
            drop(others);
            let silent = alone
                .and_then(|other| self.legs.get(&other))
                .is_some_and(super::Leg::peer_is_silent);
            let Some(leg) = self.legs.get_mut(&key).filter(|leg| leg.music != silent) else {
                continue;
            };
            leg.music = silent;
            leg.after = After::Music;
            match silent {
                true => self.let_hear(key, Program::Music),
                false => self.stop_playing(key),
            }
        }
    }
}
