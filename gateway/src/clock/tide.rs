//! The time of the house, made of a clock that never goes back and of the machine's own, which may be set. Pure: both come in.
//! It is the machine's while that is not behind; it goes half as fast while it is, so that deadlines still come and the
//! machine's clock catches up, after twice as long as it was set back by. It never goes back. A clock that is set weeks away from it,
//! either way, is not believed: the time goes on by itself until that is near again.

use std::time::Duration;

/// Where the time stands, and what it was read from last. Times are since 1970, but for `steady`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tide {
    at: Duration,
    /// The clock that never goes back, since the start.
    steady: Duration,
    /// The machine's clock.
    wall: Duration,
    /// Where it stood at the start.
    began: Duration,
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

/// A clock that is so far from the time, or after the newest that was written, may be wrong: what is written, done and deleted by it
/// cannot be taken back.
pub const FAR: Duration = Duration::from_secs(30 * 86_400);

/// Whether the machine's clock is believed at a start where it is far after the newest that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is not: what it ends, dials and deletes too early is lost.
    Doubts,
    /// Somebody says that it is right.
    Blind,
}

/// Why the daemon does not start by such a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the machine's clock is {days} days after the newest time in the store, and by a wrong clock promises would be missed and records deleted: set the clock, or if it is right and the daemon did not run for so long, start once with `tandem serve --clock-is-right`"
)]
pub struct Untrusted {
    days: u64,
}

impl Trust {
    /// Tells whether a start goes on in spite of a doubt.
    pub fn accept(self, doubt: Doubt) -> Result<(), Untrusted> {
        match (self, doubt) {
            (Self::Doubts, Doubt::Leap(by)) => Err(Untrusted {
                days: by.as_secs() / 86_400,
            }),
            // The time goes on from the newest: nothing comes too early.
            (Self::Doubts | Self::Blind, Doubt::Behind(_)) | (Self::Blind, Doubt::Leap(_)) => {
                Ok(())
            }
        }
    }
}

impl Doubt {
    /// Holds what the machine's clock says against the time of the newest that was written, none in a new store.
    pub fn of(wall: Duration, newest: Option<Duration>) -> Option<Self> {
        let newest = newest?;
        match newest.checked_sub(wall) {
            Some(behind) if behind > SLIGHT => Some(Self::Behind(behind)),
            Some(_) => None,
            None => Some(wall - newest).filter(|by| *by > FAR).map(Self::Leap),
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
            began: wall.max(least),
        }
    }

    /// Takes in what both clocks say; tells whether the machine's was set since the last time.
    pub fn read(&mut self, steady: Duration, wall: Duration) -> Option<Step> {
        let passed = steady.saturating_sub(self.steady);
        let expected = self.wall + passed;
        let level = self.at + passed;
        self.at = match wall.abs_diff(level) > FAR {
            true => level,
            false => wall.max(self.at + passed / 2),
        };
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

    /// Returns by how many milliseconds the time went on more than passed since the start; below zero, less. Steps that are small add up in it,
    /// and what two readings differ by does not.
    pub fn drift(&self) -> i64 {
        let level = self.began + self.steady;
        let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        match self.at.checked_sub(level) {
            Some(ahead) => millis(ahead),
            None => -millis(level - self.at),
        }
    }

    /// Returns how far the machine's clock is from the time, either way.
    pub fn distance(&self) -> Duration {
        self.wall.abs_diff(self.at)
    }

    /// Tells whether the machine's clock is so far from the time that it is not believed.
    pub fn is_doubted(&self) -> bool {
        self.distance() > FAR
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
        match self.is_doubted() {
            true => left,
            false => left + left.min(self.ahead()),
        }
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
        assert_eq!(tide.drift(), 7_200_000);
    }

    #[test]
    fn only_what_the_time_itself_jumps_by_is_a_jump() {
        // The machine's clock is set forward by less than the time is ahead of it.
        let mut tide = Tide::start(START, START + HOUR);
        tide.read(secs(2), START + secs(2) + HOUR / 2);
        assert_eq!(tide.drift(), -1_000, "it goes half as fast");
        // What a reading wobbles by is none either.
        let mut tide = Tide::start(START, Duration::ZERO);
        for second in 1..=10_000 {
            let late = Duration::from_millis(second % 2 * 20);
            tide.read(secs(second), START + secs(second) + late);
        }
        assert_eq!(tide.drift(), 0);
    }

    #[test]
    fn small_steps_add_up() {
        let mut tide = Tide::start(START, Duration::ZERO);
        for second in 1..=100 {
            tide.read(secs(second), START + secs(2 * second));
        }
        assert_eq!((tide.drift(), tide.ahead()), (100_000, secs(0)));
        // A second back in every ten, of which the time is slower for two.
        for second in 101..=200 {
            let back = secs((second - 100) / 10);
            tide.read(secs(second), START + secs(second + 100) - back);
        }
        assert!((90_000..91_000).contains(&tide.drift()), "{tide:?}");
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
    fn a_start_weeks_after_the_newest_fact_wants_somebody_s_word() {
        let leap = Doubt::Leap(365 * 24 * HOUR);
        let told = Trust::Doubts.accept(leap).unwrap_err().to_string();
        assert!(
            told.starts_with("the machine's clock is 365 days after"),
            "{told}"
        );
        assert_eq!(Trust::Blind.accept(leap), Ok(()));
        assert_eq!(Trust::Doubts.accept(Doubt::Behind(48 * HOUR)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_weeks_away_is_not_believed_until_it_is_near_again() {
        let year = 365 * 24 * HOUR;
        for wrong in [START + year, START - year, Duration::ZERO] {
            let mut tide = Tide::start(START, Duration::ZERO);
            let step = tide.read(secs(1), wrong + secs(1));
            assert!(step.is_some(), "it is told all the same");
            assert!(tide.is_doubted());
            assert_eq!(tide.until(START + secs(21)), secs(20));
            tide.read(secs(60), wrong + secs(60));
            assert_eq!(tide.at(), START + secs(60), "it goes on by itself");

            tide.read(secs(61), START + secs(91));

            assert!(!tide.is_doubted());
            assert_eq!(tide.at(), START + secs(91));
            assert_eq!(tide.drift(), 30_000);
        }
    }

    #[test]
    fn what_passes_while_the_time_goes_slower_is_counted() {
        let mut tide = Tide::start(START, Duration::ZERO);
        pass(&mut tide, (0, 10), Duration::ZERO);
        assert_eq!(tide.drift(), 0);

        pass(&mut tide, (10, 7_200), HOUR);

        assert_eq!(tide.ahead(), Duration::ZERO);
        assert_eq!(tide.drift(), -3_600_000);
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
