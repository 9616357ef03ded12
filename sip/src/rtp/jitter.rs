//! Puts packets back into their order, and keeps as many waiting as their lateness asks for.

use std::collections::BTreeMap;

/// So many wait before the first is given out: 40 ms of the usual packets.
const BEGIN: usize = 2;
/// More than this are never kept.
const MOST: usize = 50;
/// A number this far off means that the source counts anew.
const FAR: i64 = 1000;
/// Over so many packets the fewest that were left waiting must be more than [`SPARE`] before one is let go.
const WATCH: u32 = 100;
const SPARE: usize = 1;
/// After so many times nothing, waiting begins anew.
const STARVED: u32 = 10;
/// No more than this are missed one after the other while later ones wait: what they would have brought is long past.
const MISSED: u32 = 5;

/// Packets of one source that wait for their time. It keeps no clock: whoever takes a packet when one is due makes it
/// longer when none is there, by not counting on, and what was always there in excess makes it shorter.
#[derive(Clone, Debug)]
pub struct JitterBuffer<T> {
    waiting: BTreeMap<i64, T>,
    /// The number that is given out next, with its wraps; none before the first packet.
    next: Option<i64>,
    /// What lies below was given out, or given up.
    floor: i64,
    playing: bool,
    starved: u32,
    missed: u32,
    watched: u32,
    fewest: usize,
    late: u64,
}

/// What is there when a packet is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due<T> {
    /// The packet.
    Packet(T),
    /// It did not come, but later ones did.
    Lost,
    /// Nothing has come; it may still.
    Nothing,
}

impl<T> Default for JitterBuffer<T> {
    fn default() -> Self {
        Self {
            waiting: BTreeMap::new(),
            next: None,
            floor: i64::MIN,
            playing: false,
            starved: 0,
            missed: 0,
            watched: 0,
            fewest: usize::MAX,
            late: 0,
        }
    }
}

impl<T> JitterBuffer<T> {
    /// Takes the packet of a number. One that comes after its time, or again, is let go.
    pub fn put(&mut self, sequence: u16, packet: T) {
        let next = *self.next.get_or_insert(i64::from(sequence));
        let ahead = sequence.wrapping_sub(next as u16).cast_signed();
        let mut at = next + i64::from(ahead);
        if i64::from(ahead).abs() > FAR {
            self.waiting.clear();
            self.playing = false;
            self.missed = 0;
            at = i64::from(sequence);
            self.next = Some(at);
            self.floor = at;
        } else if at < self.floor {
            self.late += 1;
            return;
        } else if ahead < 0 {
            self.next = Some(at);
        }
        self.waiting.entry(at).or_insert(packet);
        if self.waiting.len() > MOST {
            self.skip();
        }
    }

    /// Gives out what is due now.
    pub fn take(&mut self) -> Due<T> {
        let Some(next) = self.next else {
            return Due::Nothing;
        };
        if !self.playing {
            if self.waiting.len() < BEGIN {
                return Due::Nothing;
            }
            self.playing = true;
            // What did not come until now does not come.
            self.missed = MISSED;
        }
        self.shorten();
        let next = self.leap().or(self.next).unwrap_or(next);
        if let Some(packet) = self.waiting.remove(&next) {
            self.starved = 0;
            self.missed = 0;
            self.go_on(next);
            return Due::Packet(packet);
        }
        if !self.waiting.is_empty() {
            self.missed += 1;
            self.go_on(next);
            return Due::Lost;
        }
        self.starved += 1;
        self.fewest = 0;
        if self.starved >= STARVED {
            self.playing = false;
            self.starved = 0;
        }
        Due::Nothing
    }

    /// The packet whose turn is next, if it is there.
    pub fn next(&self) -> Option<&T> {
        self.waiting.get(&self.next?)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none wait.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether more wait than does at the beginning.
    pub fn is_behind(&self) -> bool {
        self.waiting.len() > BEGIN
    }

    /// How many came too late.
    pub const fn late(&self) -> u64 {
        self.late
    }

    // To those who wait, once enough were missed. One alone may be a stranger, and what comes after it would be too late.
    fn leap(&self) -> Option<i64> {
        let (&first, _) = self.waiting.first_key_value()?;
        let follows = self.waiting.contains_key(&(first + 1));
        (self.missed >= MISSED && follows).then_some(first)
    }

    // Once in a while, when more waited all the time than was of use.
    fn shorten(&mut self) {
        self.fewest = self.fewest.min(self.waiting.len().saturating_sub(1));
        self.watched += 1;
        if self.watched < WATCH {
            return;
        }
        if self.fewest > SPARE {
            self.skip();
        }
        self.watched = 0;
        self.fewest = usize::MAX;
    }

    fn skip(&mut self) {
        if let Some((number, _)) = self.waiting.pop_first() {
            self.go_on(number);
        }
    }

    fn go_on(&mut self, from: i64) {
        self.next = Some(from + 1);
        self.floor = from + 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drain(buffer: &mut JitterBuffer<u16>, count: usize) -> Vec<Due<u16>> {
        (0..count).map(|_| buffer.take()).collect()
    }

    #[test]
    fn packets_come_out_in_their_order_across_the_wrap() {
        let mut buffer = JitterBuffer::default();
        for number in [65_535, 65_534, 0, 2, 1] {
            buffer.put(number, number);
        }

        let out = drain(&mut buffer, 5);

        assert_eq!(out, [65_534, 65_535, 0, 1, 2].map(Due::Packet));
        assert_eq!(buffer.take(), Due::Nothing);
    }

    #[test]
    fn a_gap_is_a_loss_and_an_end_is_not() {
        let mut buffer = JitterBuffer::default();
        for number in [1, 2, 4] {
            buffer.put(number, number);
        }

        let mut out = drain(&mut buffer, 2);
        assert_eq!(buffer.next(), None);
        out.extend(drain(&mut buffer, 1));
        assert_eq!(buffer.next(), Some(&4));
        out.extend(drain(&mut buffer, 2));

        let expected = [
            Due::Packet(1),
            Due::Packet(2),
            Due::Lost,
            Due::Packet(4),
            Due::Nothing,
        ];
        assert_eq!(out, expected);
        // What comes late after a pause that was no loss is still given out.
        buffer.put(5, 5);
        assert_eq!(buffer.take(), Due::Packet(5));
        buffer.put(3, 3);
        assert_eq!((buffer.take(), buffer.late()), (Due::Nothing, 1));
    }

    #[test]
    fn a_source_that_leaps_ahead_is_missed_for_a_tenth_of_a_second() {
        for leap in [2, 5, 6, 50, 200, 999] {
            let mut buffer = JitterBuffer::default();
            for number in 0..20 {
                buffer.put(number, number);
                buffer.take();
            }

            let mut out = Vec::new();
            for number in 19 + leap..19 + leap + 60 {
                buffer.put(number, number);
                out.push(buffer.take());
            }

            let lost = out.iter().filter(|due| **due == Due::Lost).count();
            assert_eq!(lost, usize::from(leap - 1).min(5), "{leap}");
            let from = out.iter().rposition(|due| *due == Due::Lost).unwrap();
            let on = &out[from + 1..];
            let expected = (19 + leap..).map(Due::Packet);
            assert!(on.iter().cloned().eq(expected.take(on.len())), "{leap}");
        }
    }

    #[test]
    fn what_is_lost_for_long_is_not_missed_again_when_the_source_is_back() {
        let mut buffer = JitterBuffer::default();
        for number in 0..20 {
            buffer.put(number, number);
            buffer.take();
        }
        let silence = drain(&mut buffer, 100);
        assert!(silence[1..].iter().all(|due| *due == Due::Nothing));

        let mut out = Vec::new();
        for number in 120..180 {
            buffer.put(number, number);
            out.push(buffer.take());
        }

        assert_eq!(out[..2], [Due::Nothing, Due::Packet(120)]);
        assert!(!out.contains(&Due::Lost));
    }

    #[test]
    fn one_packet_from_far_ahead_changes_nothing() {
        let mut buffer = JitterBuffer::default();
        let mut lost = 0;
        for number in 0..200 {
            buffer.put(number, number);
            if number == 20 {
                buffer.put(700, 700);
            }
            lost += usize::from(buffer.take() == Due::Lost);
        }

        assert_eq!((lost, buffer.late()), (0, 0));
    }

    #[test]
    fn what_waits_in_excess_becomes_less() {
        let mut buffer = JitterBuffer::default();
        let mut number = 0;
        for _ in 0..8 {
            buffer.put(number, number);
            number += 1;
        }

        let mut lost = 0;
        for _ in 0..1500 {
            buffer.put(number, number);
            number += 1;
            lost += usize::from(buffer.take() == Due::Lost);
        }

        assert_eq!((buffer.len(), lost), (1, 0));
    }

    #[test]
    fn a_source_that_counts_anew_is_followed() {
        let mut buffer = JitterBuffer::default();
        for number in [1, 2, 30_000, 30_001] {
            buffer.put(number, number);
        }

        assert_eq!(
            drain(&mut buffer, 2),
            [Due::Packet(30_000), Due::Packet(30_001)]
        );
    }

    proptest! {
        #[test]
        fn nothing_comes_out_twice_or_backwards_and_nothing_grows(
            steps in prop::collection::vec((any::<bool>(), 0u16..400), 0..400),
        ) {
            let mut buffer = JitterBuffer::default();
            let mut last = None;
            for (put, number) in steps {
                if put {
                    buffer.put(number, number);
                } else if let Due::Packet(number) = buffer.take() {
                    prop_assert!(last.is_none_or(|last| last < number));
                    last = Some(number);
                }
                prop_assert!(buffer.len() <= MOST);
            }
        }
    }
}
