//! The bounds of the house: one line in the log when one is reached and one when there is room again, however many calls are
//! refused between.

use crate::metrics;

/// What is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Calls of SIP at a time (`sip.calls`).
    Calls,
    /// Ports for voice (`rtp.ports`), two a caller.
    Ports,
}

impl What {
    /// Returns the word it is written as.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Ports => "ports",
        }
    }
}

/// One bound.
#[derive(Debug)]
pub struct Limit {
    what: What,
    reached: bool,
}

impl Limit {
    /// Begins with room.
    pub const fn new(what: What) -> Self {
        Self {
            what,
            reached: false,
        }
    }

    /// Takes how many more calls there is room for, of how many; tells whether it is reached where that is news. Who is at a bound
    /// goes to and fro by a call, so that it is over only when a tenth is free.
    pub fn note(&mut self, (left, of): (usize, usize)) -> Option<bool> {
        let reached = match self.reached {
            true => left < (of / 10).max(1),
            false => left == 0,
        };
        if reached == self.reached {
            return None;
        }
        self.reached = reached;
        metrics::bound(self.what.word(), reached);
        match (self.what, reached) {
            (What::Calls, true) => tracing::warn!(
                bound = "calls",
                of,
                "there are as many calls as sip.calls allows: callers are told 503, and customers are not called"
            ),
            (What::Ports, true) => tracing::warn!(
                bound = "ports",
                of,
                "the ports of rtp.ports are used up: callers are told 503, and nobody is called"
            ),
            (What::Calls | What::Ports, false) => tracing::info!(
                bound = self.what.word(),
                left,
                of,
                "there is room for calls again"
            ),
        }
        Some(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_told_once_and_its_end_when_a_tenth_is_free() {
        let mut limit = Limit::new(What::Calls);
        let left = [5, 1, 0, 0, 1, 0, 2, 1, 3, 9, 1, 0];

        let told = left.map(|left| limit.note((left, 30)));

        let news: Vec<_> = (0..)
            .zip(told)
            .filter_map(|(n, it)| Some((n, it?)))
            .collect();
        assert_eq!(news, [(2, true), (8, false), (11, true)]);
    }

    #[test]
    fn a_house_of_few_calls_has_room_again_when_one_is_over() {
        let mut limit = Limit::new(What::Ports);

        assert_eq!(limit.note((0, 1)), Some(true));
        assert_eq!(limit.note((1, 1)), Some(false));
        assert_eq!(limit.note((0, 0)), Some(true));
        assert_eq!(limit.note((0, 0)), None);
    }
}
