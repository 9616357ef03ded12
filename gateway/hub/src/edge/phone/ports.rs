//! The RTP ports: which are free, and which rest after a call so that late packets of it reach nobody else.

use std::{collections::VecDeque, ops::RangeInclusive, time::Duration};

use ws::id::Timestamp;

/// Hands out even ports of a range, the longest unused first.
#[derive(Debug)]
pub struct Ports {
    free: VecDeque<Port>,
    rest: Duration,
    all: usize,
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
        Self { free, rest, all }
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

    /// Returns how many are out.
    pub fn in_use(&self) -> usize {
        self.all - self.free.len()
    }

    /// Gives a port back; it rests first.
    pub fn give_back(&mut self, number: u16, now: Timestamp) {
        self.free.push_back(Port {
            number,
            from: now + self.rest,
        });
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
    fn only_even_ports_with_room_for_rtcp_are_used() {
        let mut ports = Ports::new(4001..=4004, Duration::ZERO);

        assert_eq!(ports.take(Timestamp(0)), Some(4002));
        assert_eq!(ports.take(Timestamp(0)), None);
    }
}
