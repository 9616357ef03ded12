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
