//! The RTP ports: which are free, and which rest after a call so that late packets of it reach nobody else.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::RangeInclusive,
    time::Duration,
};

use ws::id::Timestamp;

/// Hands out even ports of a range, the longest unused first. Half of them at most are recorders', those that rest after one
/// included, so that none of these takes the last from a call.
#[derive(Debug)]
pub struct Ports {
    free: VecDeque<Port>,
    rest: Duration,
    all: usize,
    recorders: BTreeSet<u16>,
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

    /// Takes a port out for a stream to a recorder, none when recorders have their half.
    pub fn take_for_recorder(&mut self, now: Timestamp) -> Option<u16> {
        while self.rested.front().is_some_and(|until| *until <= now) {
            self.rested.pop_front();
        }
        if self.recorders.len() + self.rested.len() >= self.all / 2 {
            return None;
        }
        let number = self.take(now)?;
        self.recorders.insert(number);
        Some(number)
    }

    /// Returns how many are out.
    pub fn in_use(&self) -> usize {
        self.all - self.free.len()
    }

    /// Gives a port back; it rests first.
    pub fn give_back(&mut self, number: u16, now: Timestamp) {
        let from = now + self.rest;
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
