//! The one clock of the daemon: milliseconds since 1970 that never go back, also when the machine's clock is set.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ws::id::Timestamp;

/// A clock that took the wall's time once and counts on from there.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
    at: Duration,
}

impl Clock {
    /// Starts now, and not before `least`, the time of the last thing that was written down.
    pub fn start(least: Timestamp) -> Self {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            began: Instant::now(),
            at: wall.max(Duration::from_millis(least.0)),
        }
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        let since = self.at + self.began.elapsed();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// Returns the same time for the SIP machines, which count from 1970 too.
    pub fn sip_now(&self) -> sip::Instant {
        sip::Instant::after_start(self.at + self.began.elapsed())
    }

    /// Returns when `at` will be, for a timer.
    pub fn instant_of(&self, at: Timestamp) -> Instant {
        self.began + Duration::from_millis(at.0).saturating_sub(self.at)
    }

    /// Returns when a time of the SIP machines will be, for a timer.
    pub fn instant_of_sip(&self, at: sip::Instant) -> Instant {
        self.began + at.since_start().saturating_sub(self.at)
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
