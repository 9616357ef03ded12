//! A message sent again with growing pauses: timers A, E and G.

use std::time::Duration;

use crate::Instant;

/// When to send something again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeat {
    due: Instant,
    pause: Duration,
    longest: Duration,
}

impl Repeat {
    /// Starts with a pause of `first` that doubles up to `longest`.
    pub fn new(first: Duration, longest: Duration, now: Instant) -> Self {
        Self {
            due: now + first,
            pause: first,
            longest,
        }
    }

    /// Returns when the next sending is due.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// Tells whether [`Self::fires`] would be true.
    pub fn is_due(&self, now: Instant) -> bool {
        self.due <= now
    }

    /// Tells whether to send now, and if so sets the next time.
    pub fn fires(&mut self, now: Instant) -> bool {
        if now < self.due {
            return false;
        }
        self.pause = (self.pause * 2).min(self.longest);
        self.due = now + self.pause;
        true
    }

    /// Makes every pause the longest one (RFC 3261 §17.1.2.2: timer E in Proceeding).
    pub fn slow_down(&mut self) {
        self.pause = self.longest;
    }
}
