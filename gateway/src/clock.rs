//! The one clock of the daemon: milliseconds since 1970 that never go back and follow the machine's clock all the same; and
//! another for SIP, which counts on from the start whatever the machine's clock does.

pub mod tide;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tide::{Doubt, SLIGHT, Step, Tide};
use ws::id::Timestamp;

/// A clock; its copies tell the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Both>);

#[derive(Debug)]
struct Both {
    began: Instant,
    /// What SIP counts from.
    at: Duration,
    tide: Mutex<Tide>,
}

impl Clock {
    /// Starts now, and not before `least`, the time of the last thing that was written down.
    pub fn start(least: Timestamp) -> Self {
        let tide = Tide::start(wall(), Duration::from_millis(least.0));
        Self(Arc::new(Both {
            began: Instant::now(),
            at: tide.at(),
            tide: Mutex::new(tide),
        }))
    }

    /// Tells what is odd about the machine's clock, given the time of the newest that was written.
    pub fn doubt(&self, newest: Option<Timestamp>) -> Option<Doubt> {
        let newest = newest.map(|at| Duration::from_millis(at.0));
        Doubt::of(self.read().wall(), newest)
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        timestamp(self.read().at())
    }

    /// Returns how far the time is ahead of the machine's clock.
    pub fn ahead(&self) -> Duration {
        self.read().ahead()
    }

    /// Returns by how many milliseconds the time went on more, or less, than passed since the start, as it was read last.
    pub fn drift(&self) -> i64 {
        self.0
            .tide
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drift()
    }

    /// Returns what the machine's clock says, which the time is never behind: what others sign by theirs is judged by it, since
    /// the time of the house may be ahead of everybody's for as long as it catches up.
    pub fn machine(&self) -> Timestamp {
        timestamp(self.read().wall())
    }

    /// Tells whether the machine's clock is not believed.
    pub fn is_doubted(&self) -> bool {
        self.read().is_doubted()
    }

    /// Returns the time of the SIP machines, which count from 1970 too. No step of the machine's clock moves it.
    pub fn sip_now(&self) -> sip::Instant {
        sip::Instant::after_start(self.0.at + self.0.began.elapsed())
    }

    /// Returns when `at` will be, for a timer, as far as can be told now.
    pub fn instant_of(&self, at: Timestamp) -> Instant {
        Instant::now() + self.read().until(Duration::from_millis(at.0))
    }

    /// Returns when a time of the SIP machines will be, for a timer.
    pub fn instant_of_sip(&self, at: sip::Instant) -> Instant {
        self.0.began + at.since_start().saturating_sub(self.0.at)
    }

    fn read(&self) -> Tide {
        let (tide, step, doubted) = {
            let mut tide = self.0.tide.lock().unwrap_or_else(PoisonError::into_inner);
            let doubted = tide.is_doubted();
            let step = tide.read(self.0.began.elapsed(), wall());
            (*tide, step, doubted)
        };
        if let Some(step) = step.filter(|step| step.by > SLIGHT) {
            tell(step, doubted, &tide);
        }
        tide
    }
}

fn wall() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

fn timestamp(at: Duration) -> Timestamp {
    Timestamp(u64::try_from(at.as_millis()).unwrap_or(u64::MAX))
}

fn tell(step: Step, doubted: bool, tide: &Tide) {
    metrics::counter!("tandem_clock_steps_total").increment(1);
    let Step { by, forward } = step;
    let (seconds, ahead) = (by.as_secs(), tide.ahead().as_secs());
    match (tide.is_doubted(), doubted, forward) {
        (true, _, _) => tracing::error!(
            seconds,
            forward,
            days = tide.distance().as_secs() / 86_400,
            "the machine's clock was set to more than thirty days from the house's time, which goes on without it, so that nothing ends or is deleted by it; set the clock, or if it is right, stop and start once with `tandem serve --clock-is-right`"
        ),
        (false, true, _) => tracing::warn!(
            seconds,
            forward,
            ahead,
            "the machine's clock is near the house's time again, which follows it"
        ),
        (false, false, true) => tracing::warn!(
            seconds,
            ahead,
            "the machine's clock was set forward; promises and opening hours go by it, who waits has waited as long as before, and what runs (offers, rings, wrap-ups, graces, registrations) has the time left that it had"
        ),
        (false, false, false) => tracing::warn!(
            seconds,
            ahead,
            "the machine's clock was set back; the house's time goes half as fast until the clock has caught up, and waits and what runs take as long as ever"
        ),
    }
}

/// Says a time to people: UTC, to the minute.
pub fn shown(at: Timestamp) -> String {
    let minutes = at.0 / 60_000;
    let (year, month, day) = civil(minutes / 1_440);
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}Z")
}

// The Gregorian date of a day since 1970-01-01: eras of 400 years, and years that begin in March, so that the leap day
// is the last.
fn civil(day: u64) -> (u64, u64, u64) {
    let day = day + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_as_the_calendar_has_it() {
        for (seconds, said) in [
            (0, "1970-01-01 00:00Z"),
            (951_825_599, "2000-02-29 11:59Z"),
            (1_709_164_800, "2024-02-29 00:00Z"),
            (1_709_251_200, "2024-03-01 00:00Z"),
            (1_795_714_080, "2026-11-26 17:28Z"),
            (4_107_542_340, "2100-02-28 23:59Z"),
        ] {
            assert_eq!(shown(Timestamp(seconds * 1_000)), said);
        }
    }
}
