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
    /// By how much the time jumped, all in all.
    jumped: Duration,
}

/// By how much the machine's clock may be set without a word, and without anything being made of it.
pub const SLIGHT: Duration = Duration::from_secs(2);

/// That the machine's clock was set, as seen between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// By how much.
    pub by: Duration,
    /// Which way.
    pub forward: bool,
}

/// What is odd about the machine's clock at a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The newest that was written is of a time to come, so much later.
    Behind(Duration),
    /// Nothing was written for so long, or it is set that far ahead.
    Leap(Duration),
}

/// A clock that is so far after the newest that was written may be wrong: what is written by it cannot be taken back.
const LEAP: Duration = Duration::from_secs(30 * 86_400);

impl Doubt {
    /// Holds what the machine's clock says against the time of the newest that was written, none in a new store.
    pub fn of(wall: Duration, newest: Option<Duration>) -> Option<Self> {
        let newest = newest?;
        match newest.checked_sub(wall) {
            Some(behind) if behind > SLIGHT => Some(Self::Behind(behind)),
            Some(_) => None,
            None => Some(wall - newest).filter(|by| *by > LEAP).map(Self::Leap),
        }
    }
}

impl Tide {
    /// Begins at what the machine's clock says, and not before `least`.
    pub fn start(wall: Duration, least: Duration) -> Self {
        Self {
            at: wall.max(least),
            steady: Duration::ZERO,
            wall,
            jumped: Duration::ZERO,
        }
    }

    /// Takes in what both clocks say; tells whether the machine's was set since the last time.
    pub fn read(&mut self, steady: Duration, wall: Duration) -> Option<Step> {
        let passed = steady.saturating_sub(self.steady);
        let expected = self.wall + passed;
        let level = self.at + passed;
        self.at = wall.max(self.at + passed / 2);
        let jump = self.at.saturating_sub(level);
        if jump > SLIGHT {
            self.jumped += jump;
        }
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

    /// Returns by how much the time jumped ahead of what passed, since the start.
    pub fn jumped(&self) -> Duration {
        self.jumped
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
        assert_eq!(tide.jumped(), 2 * HOUR);
    }

    #[test]
    fn only_what_the_time_itself_jumps_by_is_a_jump() {
        let mut tide = Tide::start(START, START + HOUR);
        // The machine's clock is set forward by less than the time is ahead of it.
        tide.read(secs(1), START + secs(1) + HOUR / 2);
        assert_eq!(tide.jumped(), Duration::ZERO);
        // What a reading wobbles by is none either.
        let mut tide = Tide::start(START, Duration::ZERO);
        tide.read(secs(1), START + secs(3));
        assert_eq!(tide.jumped(), Duration::ZERO);

        tide.read(secs(2), START + secs(64));

        assert_eq!(tide.jumped(), secs(60));
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
    fn a_clock_that_is_far_from_what_was_written_last_is_doubted() {
        let year = 365 * 24 * HOUR;
        for (wall, newest, doubt) in [
            (START, None, None),
            (START, Some(START), None),
            (START, Some(START + SLIGHT), None),
            (START, Some(START + HOUR), Some(Doubt::Behind(HOUR))),
            (START + 24 * HOUR, Some(START), None),
            (START + year, Some(START), Some(Doubt::Leap(year))),
        ] {
            assert_eq!(Doubt::of(wall, newest), doubt, "{wall:?} {newest:?}");
        }
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
