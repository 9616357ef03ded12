//! A queue's line: who waits before whom, with places counted in little time.

use ws::id::{InteractionId, Timestamp};

use crate::{priority::Priority, step::Jump};

/// Where an entry stands: by the time it began to wait less its lead. Keys of all queues can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    // Milliseconds since 1970; before that where the lead is long.
    stands_since: i64,
    /// Since when it waits.
    pub since: Timestamp,
    // Who came first stands first where the clock tells no difference.
    came: u64,
    /// Which interaction.
    pub interaction: InteractionId,
}

/// Where those stand who stand behind all others: longer than anybody waits.
const BEHIND: i64 = i64::MAX / 2;

impl Key {
    /// Makes the key of an entry: of which interaction, and how many came before that.
    pub fn new(
        priority: &Priority,
        since: Timestamp,
        (came, interaction): (u64, InteractionId),
    ) -> Self {
        let milliseconds = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        Self {
            stands_since: milliseconds(since.0).saturating_sub(milliseconds(priority.lead_ms)),
            since,
            came,
            interaction,
        }
    }

    /// Makes the key of an entry that waits for a quiet time: behind all who came, in the same order among its like.
    pub(crate) fn behind_all(self) -> Self {
        Self {
            stands_since: self.stands_since.saturating_add(BEHIND),
            ..self
        }
    }

    /// Returns the same place by the time after a jump.
    pub(crate) fn step(self, jump: Jump) -> Self {
        let (before, since) = (self.since.0, jump.shift(self.since));
        let by = i64::try_from(since.0).unwrap_or(i64::MAX) - i64::try_from(before).unwrap_or(0);
        Self {
            stands_since: self.stands_since.saturating_add(by),
            since,
            ..self
        }
    }

    /// Tells whether it stands behind all who came, until it is quiet.
    pub fn waits_for_quiet(&self) -> bool {
        self.stands_since >= BEHIND / 2
    }
}

/// Keys in order, kept in short runs: a place is found by adding up the lengths of the runs before it.
#[derive(Clone, Debug, Default)]
pub struct Line {
    runs: Vec<Vec<Key>>,
    len: usize,
}

/// A run is split in two when it grows beyond this.
const RUN: usize = 256;

impl Line {
    /// Returns how many wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Walks the line from the front.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.runs.iter().flatten()
    }

    /// Returns the place of `key`, from 1, if it waits here.
    pub fn position(&self, key: &Key) -> Option<u32> {
        let run = self.run(key);
        let place = self.runs.get(run)?.binary_search(key).ok()?;
        let before: usize = self.runs[..run].iter().map(Vec::len).sum();
        u32::try_from(before + place + 1).ok()
    }

    pub(crate) fn insert(&mut self, key: Key) {
        let run = self.run(&key).min(self.runs.len().saturating_sub(1));
        if self.runs.is_empty() {
            self.runs.push(Vec::new());
        }
        let keys = &mut self.runs[run];
        if let Err(place) = keys.binary_search(&key) {
            keys.insert(place, key);
            self.len += 1;
        }
        if keys.len() > RUN {
            let tail = keys.split_off(RUN / 2);
            self.runs.insert(run + 1, tail);
        }
    }

    pub(crate) fn remove(&mut self, key: &Key) {
        let run = self.run(key);
        let Some(keys) = self.runs.get_mut(run) else {
            return;
        };
        if let Ok(place) = keys.binary_search(key) {
            keys.remove(place);
            self.len -= 1;
        }
        if keys.is_empty() {
            self.runs.remove(run);
        }
    }

    // The first run whose last key is not before `key`.
    fn run(&self, key: &Key) -> usize {
        self.runs
            .partition_point(|keys| keys.last().is_some_and(|last| last < key))
    }
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(lead: u64, since: u64, n: u128) -> Key {
        let priority = Priority {
            lead_ms: lead,
            ..Priority::default()
        };
        Key::new(
            &priority,
            Timestamp(since),
            (0, InteractionId::new(n).expect("not nil")),
        )
    }

    #[test]
    fn who_has_a_lead_stands_before_all_who_waited_less_than_that_longer() {
        let mut line = Line::default();
        let (early, late, urgent) = (key(0, 10, 1), key(0, 25, 2), key(10, 30, 3));

        for key in [late, early, urgent] {
            line.insert(key);
        }

        assert_eq!(
            [&early, &urgent, &late].map(|key| line.position(key)),
            [Some(1), Some(2), Some(3)]
        );
    }

    #[test]
    fn who_came_first_within_one_millisecond_stands_first_whatever_they_are_called() {
        let key = |came, n| {
            let interaction = InteractionId::new(n).expect("not nil");
            Key::new(&Priority::default(), Timestamp(10), (came, interaction))
        };
        let (first, second) = (key(1, 9), key(2, 3));
        let mut line = Line::default();

        line.insert(second);
        line.insert(first);

        let places = [first, second].map(|key| line.position(&key));
        assert_eq!(places, [Some(1), Some(2)]);
    }

    #[test]
    fn places_stay_right_through_thousands_of_arrivals_and_departures() {
        let mut line = Line::default();
        let mut plain = std::collections::BTreeSet::new();
        let mut dice = 12_345_u64;

        for n in 1..5_000_u64 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let key = key(dice >> 60, dice >> 50, u128::from(n));
            line.insert(key);
            plain.insert(key);
            if n % 3 == 0 {
                let gone = *plain
                    .iter()
                    .nth((dice >> 40) as usize % plain.len())
                    .unwrap();
                line.remove(&gone);
                plain.remove(&gone);
                assert_eq!(line.position(&gone), None);
            }
        }

        assert!(line.iter().eq(plain.iter()));
        for (place, key) in plain.iter().enumerate() {
            assert_eq!(line.position(key), Some(place as u32 + 1));
        }
    }
}
