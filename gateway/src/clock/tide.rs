//! The time of the house, made of a clock that never goes back and of the machine's own, which may be set. Pure: both come in.
//! It is the machine's while that is not behind; it goes half as fast while it is, so that deadlines still come and the
//! machine's clock catches up, after twice as long as it was set back by. It never goes back.

use std::time::Duration;

/// Where the time stands, and what it was read from last. Times are since 1970, but for `steady`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tide {
    at: Duration,
    /// The clock that never goes back, since the start.
    steady: Duration,
    /// The machine's clock.
    wall: Duration,
}

/// That the machine's clock was set, as seen between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// By how much.
    pub by: Duration,
    /// Which way.
    pub forward: bool,
}

impl Tide {
    /// Begins at what the machine's clock says, and not before `least`.
    pub fn start(wall: Duration, least: Duration) -> Self {
        Self {
            at: wall.max(least),
            steady: Duration::ZERO,
            wall,
        }
    }

    /// Takes in what both clocks say; tells whether the machine's was set since the last time.
    pub fn read(&mut self, steady: Duration, wall: Duration) -> Option<Step> {
        let passed = steady.saturating_sub(self.steady);
        let expected = self.wall + passed;
        self.at = wall.max(self.at + passed / 2);
        self.steady = self.steady.max(steady);
        self.wall = wall;
        let (by, forward) = match wall.checked_sub(expected) {
            Some(by) => (by, true),
            None => (expected - wall, false),
        };
        (!by.is_zero()).then_some(Step { by, forward })
    }

    /// Returns the time.
    pub fn at(&self) -> Duration {
        self.at
    }

    /// Returns what the machine's clock said.
    pub fn wall(&self) -> Duration {
        self.wall
    }

    /// Returns how far it is ahead of the machine's clock.
    pub fn ahead(&self) -> Duration {
        self.at.saturating_sub(self.wall)
    }

    /// Returns how long it takes until the time is `at`, if the machine's clock is not set meanwhile.
    pub fn until(&self, at: Duration) -> Duration {
        let left = at.saturating_sub(self.at);
        left + left.min(self.ahead())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1_795_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Reads once a second for so long; `set` is how much the machine's clock was set back by. Returns the time at the end.
    fn pass(tide: &mut Tide, (from, seconds): (u64, u64), set: Duration) -> Duration {
        for second in from + 1..=from + seconds {
            let before = tide.at();
            tide.read(secs(second), START + secs(second) - set);
            assert!(tide.at() >= before, "it never goes back");
        }
        tide.at()
    }

    #[test]
    fn it_is_the_machines_time_and_follows_a_step_forward_at_once() {
        let mut tide = Tide::start(START, Duration::ZERO);
        assert_eq!(tide.read(secs(5), START + secs(5)), None);
        assert_eq!(tide.at(), START + secs(5));

        let step = tide.read(secs(6), START + secs(6) + 2 * HOUR);

        let (by, forward) = (2 * HOUR, true);
        assert_eq!(step, Some(Step { by, forward }));
        assert_eq!(tide.at(), START + secs(6) + 2 * HOUR);
        assert_eq!(tide.ahead(), Duration::ZERO);
    }

    #[test]
    fn it_goes_half_as_fast_after_a_step_back_until_the_machine_has_caught_up() {
        let mut tide = Tide::start(START, Duration::ZERO);
        pass(&mut tide, (0, 10), Duration::ZERO);

        let step = tide.read(secs(10), START + secs(10) - HOUR);
        let (by, forward) = (HOUR, false);
        assert_eq!(step, Some(Step { by, forward }));
        assert_eq!(tide.at(), START + secs(10));

        let at = pass(&mut tide, (10, 3_600), HOUR);
        assert_eq!(at, START + secs(10 + 1_800));
        assert_eq!(tide.ahead(), HOUR / 2);
        let at = pass(&mut tide, (3_610, 3_600), HOUR);
        assert_eq!(at, START + secs(10 + 3_600), "it is caught up");
        let at = pass(&mut tide, (7_210, 60), HOUR);
        assert_eq!(at, START + secs(7_270) - HOUR, "and goes as the machine's");
    }

    #[test]
    fn a_start_before_the_last_that_was_written_goes_on_from_there_and_is_caught_up() {
        let day = 24 * HOUR;
        let mut tide = Tide::start(START, START + day);
        assert_eq!((tide.at(), tide.ahead()), (START + day, day));

        pass(&mut tide, (0, 2 * 86_400), Duration::ZERO);

        assert_eq!(tide.ahead(), Duration::ZERO);
        assert_eq!(tide.at(), START + 2 * day);
    }

    #[test]
    fn a_machine_that_slept_has_set_its_clock_forward() {
        let mut tide = Tide::start(START, Duration::ZERO);

        // The steady clock stands meanwhile.
        tide.read(secs(1), START + HOUR);

        assert_eq!(tide.at(), START + HOUR);
    }

    #[test]
    fn a_deadline_is_waited_for_as_long_as_it_takes() {
        let level = Tide::start(START, Duration::ZERO);
        assert_eq!(level.until(START + secs(20)), secs(20));
        assert_eq!(level.until(START - secs(1)), Duration::ZERO);

        // A minute ahead: the next minute takes two, and after it time goes as the machine's.
        let mut ahead = Tide::start(START, START + secs(60));
        assert_eq!(ahead.until(START + secs(80)), secs(40));
        assert_eq!(ahead.until(START + secs(180)), secs(180));
        ahead.read(secs(40), START + secs(40));
        assert_eq!(ahead.at(), START + secs(80));
    }
}
