//! Who hears whom: conversations, and those who listen in on one side of them.
//!
//! Everybody in a conversation hears everybody else in it, and nobody hears themselves. A supervisor is attached to one
//! member: they hear that member and all the conversation says to the member; whispering, they are heard by that member alone.
//! Barging in is joining the conversation. So listening changes nobody's row, and a whisper changes one.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{FRAME_SAMPLES, Frame};

/// How somebody outside a conversation takes part in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// Hears, and is not heard.
    Listen,
    /// Hears, and is heard by the one they are attached to.
    Whisper,
}

/// Every conversation there is, by the names of its members.
#[derive(Clone, Debug)]
pub struct Rooms<K> {
    /// The conversation of each member.
    room: BTreeMap<K, u64>,
    members: BTreeMap<u64, BTreeSet<K>>,
    asides: BTreeMap<K, (K, Aside)>,
    muted: BTreeSet<K>,
    next: u64,
}

impl<K> Default for Rooms<K> {
    fn default() -> Self {
        Self {
            room: BTreeMap::new(),
            members: BTreeMap::new(),
            asides: BTreeMap::new(),
            muted: BTreeSet::new(),
            next: 0,
        }
    }
}

impl<K: Copy + Ord> Rooms<K> {
    /// Begins a conversation of two, who leave those they were in.
    pub fn begin(&mut self, a: K, b: K) {
        self.next += 1;
        for member in [a, b] {
            self.enter(member, self.next);
        }
    }

    /// Lets `who` into the conversation of `of`; they leave the one they were in, and are attached to nobody any more.
    /// False when `of` is in none.
    pub fn join(&mut self, who: K, of: K) -> bool {
        let Some(&room) = self.room.get(&of) else {
            return false;
        };
        self.enter(who, room);
        true
    }

    /// Takes somebody out of their conversation; one who is left alone is in none any more. Whoever is attached to them
    /// stays so.
    pub fn part(&mut self, who: K) {
        let Some(room) = self.room.remove(&who) else {
            return;
        };
        let Some(members) = self.members.get_mut(&room) else {
            return;
        };
        members.remove(&who);
        if members.len() < 2 {
            let left = self.members.remove(&room);
            for member in left.into_iter().flatten() {
                self.room.remove(&member);
            }
        }
    }

    /// Attaches somebody to `to`; they leave the conversation they were in.
    pub fn attach(&mut self, who: K, to: K, how: Aside) {
        if who != to {
            self.part(who);
            self.asides.insert(who, (to, how));
        }
    }

    /// Ends that somebody is attached to another.
    pub fn detach(&mut self, who: K) {
        self.asides.remove(&who);
    }

    /// Lets nothing be heard of somebody, or ends that.
    pub fn mute(&mut self, who: K, on: bool) {
        if on {
            self.muted.insert(who);
        } else {
            self.muted.remove(&who);
        }
    }

    /// Forgets somebody who is gone, and that others were attached to them.
    pub fn forget(&mut self, who: K) {
        self.part(who);
        self.muted.remove(&who);
        self.asides.remove(&who);
        self.asides.retain(|_, (to, _)| *to != who);
    }

    /// Whom somebody hears.
    pub fn hears(&self, who: K) -> BTreeSet<K> {
        let mut heard: BTreeSet<K> = match self.asides.get(&who) {
            Some(&(to, _)) => self.others(to).chain([to]).collect(),
            None => self.others(who).chain(self.whispering(who)).collect(),
        };
        heard.retain(|other| *other != who && !self.muted.contains(other));
        heard
    }

    // Who whispers to a member: others who listen in on that member do not hear it.
    fn whispering(&self, to: K) -> impl Iterator<Item = K> + '_ {
        self.asides
            .iter()
            .filter(move |(_, aside)| **aside == (to, Aside::Whisper))
            .map(|(name, _)| *name)
    }

    /// Who else is in somebody's conversation, mute or not.
    pub fn others(&self, who: K) -> impl Iterator<Item = K> + '_ {
        let members = self.room.get(&who).and_then(|room| self.members.get(room));
        members
            .into_iter()
            .flatten()
            .copied()
            .filter(move |other| *other != who)
    }

    /// Whether somebody is in a conversation, or attached to one who may be.
    pub fn is_placed(&self, who: K) -> bool {
        self.room.contains_key(&who) || self.asides.contains_key(&who)
    }

    /// Everybody whose row may change when somebody's place does: they, whom they talk with or are attached to, and who is
    /// attached to any of these.
    pub fn near(&self, who: K) -> BTreeSet<K> {
        let to = self.asides.get(&who).map(|(to, _)| *to);
        let mut near: BTreeSet<K> = self.others(who).chain([who]).chain(to).collect();
        let attached = self.asides.iter().filter(|(_, (to, _))| near.contains(to));
        let attached: Vec<K> = attached.map(|(name, _)| *name).collect();
        near.extend(attached);
        near
    }

    fn enter(&mut self, who: K, room: u64) {
        if self.room.get(&who) == Some(&room) {
            return;
        }
        self.part(who);
        self.asides.remove(&who);
        self.room.insert(who, room);
        self.members.entry(room).or_default().insert(who);
    }
}

/// Adds voices up, sample by sample; what is too loud stays at the limit.
pub fn mix<'a>(voices: impl IntoIterator<Item = &'a Frame>) -> Frame {
    let mut sums = [0i32; FRAME_SAMPLES];
    for voice in voices {
        for (sum, &sample) in sums.iter_mut().zip(voice) {
            *sum += i32::from(sample);
        }
    }
    sums.map(|sum| sum.clamp(i16::MIN.into(), i16::MAX.into()) as i16)
}

#[cfg(test)]
mod tests;
