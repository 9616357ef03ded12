//! The RTP ports: which are free, and which rest after a call so that late packets of it reach nobody else.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::RangeInclusive,
    time::Duration,
};

use ws::id::Timestamp;

/// Hands out even ports of a range, the longest unused first. Half of them at most are recorders', those that rest after one
/// included, so that none of these takes the last from a call. For each caller who is alone
/// in a call one is kept, so that somebody can be there for them.
#[derive(Debug)]
pub struct Ports {
    free: VecDeque<Port>,
    rest: Duration,
    all: usize,
    recorders: BTreeSet<u16>,
    /// Those of callers who are alone in their call.
    alone: BTreeSet<u16>,
    /// Until when those that were recorders' rest, the first to be free first.
    rested: VecDeque<Timestamp>,
}

#[derive(Clone, Copy, Debug)]
struct Port {
    number: u16,
    from: Timestamp,
}

impl Ports {
    /// Takes the even ports of `range` whose successor lies in it too; a port given back rests for `rest`.
    pub fn new(range: RangeInclusive<u16>, rest: Duration) -> Self {
        let last = *range.end();
        let free: VecDeque<Port> = range
            .filter(|port| port % 2 == 0 && *port < last)
            .map(|number| Port {
                number,
                from: Timestamp(0),
            })
            .collect();
        let all = free.len();
        Self {
            free,
            rest,
            all,
            recorders: BTreeSet::new(),
            alone: BTreeSet::new(),
            rested: VecDeque::new(),
        }
    }

    /// Takes a port out, none when all are in use or at rest.
    pub fn take(&mut self, now: Timestamp) -> Option<u16> {
        let first = *self.free.front()?;
        if first.from > now {
            return None;
        }
        self.free.pop_front();
        Some(first.number)
    }

    /// Takes a port out for a caller, none without another for whoever answers them.
    pub fn take_for_caller(&mut self, now: Timestamp) -> Option<u16> {
        if self.room(now).0 == 0 {
            return None;
        }
        let number = self.take(now)?;
        self.alone.insert(number);
        Some(number)
    }

    /// Takes a port out for somebody who is called, none of those that are kept for callers.
    pub fn take_for_called(&mut self, now: Timestamp) -> Option<u16> {
        match self.unkept(now) {
            0 => None,
            _ => self.take(now),
        }
    }

    /// Takes that whoever has a port is not alone in their call, or is.
    pub fn set_alone(&mut self, number: u16, on: bool) {
        match on {
            true => self.alone.insert(number),
            false => self.alone.remove(&number),
        };
    }

    /// Gives a port back for another, which has what was kept for it.
    pub fn exchange(&mut self, number: u16, now: Timestamp) -> Option<u16> {
        let alone = self.alone.contains(&number);
        self.give_back(number, now);
        let other = self.take(now)?;
        self.set_alone(other, alone);
        Some(other)
    }

    // How many are neither out, nor at rest, nor kept for callers. Ports rest in the order in which they came back.
    fn unkept(&self, now: Timestamp) -> usize {
        let free = self.free.partition_point(|port| port.from <= now);
        free.saturating_sub(self.alone.len())
    }

    /// Takes a port out for a stream to a recorder, none when recorders have their half.
    pub fn take_for_recorder(&mut self, now: Timestamp) -> Option<u16> {
        while self.rested.front().is_some_and(|until| *until <= now) {
            self.rested.pop_front();
        }
        if self.recorders.len() + self.rested.len() >= self.all / 2 || self.unkept(now) == 0 {
            return None;
        }
        let number = self.take(now)?;
        self.recorders.insert(number);
        Some(number)
    }

    /// Returns for how many more callers there are ports, each with one for whoever answers, and for how many there are at most.
    pub fn room(&self, now: Timestamp) -> (usize, usize) {
        (self.unkept(now) / 2, self.all / 2)
    }

    /// Returns how many are out.
    pub fn in_use(&self) -> usize {
        self.all - self.free.len()
    }

    /// Gives a port back; it rests first.
    pub fn give_back(&mut self, number: u16, now: Timestamp) {
        let from = now + self.rest;
        self.alone.remove(&number);
        if self.recorders.remove(&number) {
            self.rested.push_back(from);
        }
        self.free.push_back(Port { number, from });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_rests_after_a_call_and_comes_back() {
        let mut ports = Ports::new(4000..=4003, Duration::from_secs(10));
        let start = Timestamp(1_000);

        assert_eq!(ports.take(start), Some(4000));
        assert_eq!(ports.take(start), Some(4002));
        assert_eq!(ports.take(start), None);
        ports.give_back(4002, start);

        assert_eq!(ports.take(start + Duration::from_secs(9)), None);
        assert_eq!(ports.take(start + Duration::from_secs(10)), Some(4002));
    }

    #[test]
    fn a_caller_is_taken_in_only_with_a_port_for_whoever_answers() {
        let mut ports = Ports::new(4000..=4007, Duration::from_secs(10));
        let start = Timestamp(1_000);

        assert_eq!(ports.room(start), (2, 2));
        let callers: Vec<_> = (0..3).map(|_| ports.take_for_caller(start)).collect();
        assert_eq!(ports.room(start), (0, 2));
        assert_eq!(callers, [Some(4000), Some(4002), None]);
        assert_eq!(ports.take_for_called(start), None, "both are kept");
        assert_eq!(ports.take_for_recorder(start), None);

        ports.set_alone(4000, false);
        assert_eq!(ports.take_for_called(start), Some(4004));
        assert_eq!(ports.take_for_caller(start), None);
        ports.set_alone(4002, false);
        assert_eq!(ports.take_for_called(start), Some(4006));
    }

    #[test]
    fn a_port_that_could_not_be_bound_is_exchanged_with_what_is_kept_for_it() {
        let mut ports = Ports::new(4000..=4005, Duration::from_secs(10));
        let start = Timestamp(1_000);
        ports.take_for_caller(start);

        assert_eq!(ports.exchange(4000, start), Some(4002));

        assert_eq!(ports.take_for_called(start), None, "it is kept still");
        ports.give_back(4002, start);
        assert_eq!(ports.take_for_called(start), Some(4004));
    }

    #[test]
    fn recorders_have_half_of_the_ports_at_most_those_at_rest_included() {
        let mut ports = Ports::new(4000..=4011, Duration::from_secs(10));
        let start = Timestamp(1_000);
        let rested = start + Duration::from_secs(10);
        let theirs: Vec<_> = (0..4).map(|_| ports.take_for_recorder(start)).collect();

        assert_eq!(theirs, [Some(4000), Some(4002), Some(4004), None]);
        ports.give_back(4000, start);
        assert_eq!(ports.take_for_recorder(start), None, "it rests");
        let calls: Vec<_> = (0..4).map(|_| ports.take(start)).collect();
        assert_eq!(calls, [Some(4006), Some(4008), Some(4010), None]);
        // What recorders had may be a call's, and is none of theirs then.
        assert_eq!(ports.take(rested), Some(4000));
        ports.give_back(4006, start);
        assert_eq!(ports.take_for_recorder(rested), Some(4006));
        assert_eq!(
            ports.take_for_recorder(rested),
            None,
            "they have their half"
        );
    }

    #[test]
    fn only_even_ports_with_room_for_rtcp_are_used() {
        let mut ports = Ports::new(4001..=4004, Duration::ZERO);

        assert_eq!(ports.take(Timestamp(0)), Some(4002));
        assert_eq!(ports.take(Timestamp(0)), None);
    }
}
