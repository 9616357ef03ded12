//! Time as the pure machines see it: a point on a clock that somebody else reads.

use std::{
    ops::{Add, AddAssign, Sub},
    time::Duration,
};

/// A point in time, counted from an arbitrary start that the owner of the machine chose.
///
/// The shell makes it from its monotonic clock, a test from a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// The start of the clock.
    pub const START: Self = Self(Duration::ZERO);

    /// Returns the point that lies `elapsed` after the start.
    pub const fn after_start(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// Returns the time from the start to this point.
    pub const fn since_start(self) -> Duration {
        self.0
    }

    /// Returns the time from `earlier` to this point, zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_saturates_instead_of_overflowing() {
        let second = Instant::START + Duration::from_secs(1);

        assert_eq!(Instant::START.since(second), Duration::ZERO);
        assert_eq!(second - Duration::from_secs(2), Instant::START);
        assert_eq!((second + Duration::MAX).since_start(), Duration::MAX);
    }
}
