//! When the loop last came round. The hub routes after everything it is told and whenever something is due, so nobody is
//! offered to anybody by a loop that stands still; this is told by something that does not stand still with it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a loop sleeps at most that has nothing to do.
const BEAT: Duration = Duration::from_secs(1);

/// Tells how long ago the loop decided all it was told.
#[derive(Clone, Debug)]
pub struct Pulse {
    born: Instant,
    /// In nanoseconds after that.
    last: Arc<AtomicU64>,
}

impl Pulse {
    /// Starts at `now`, as if it had come round then.
    pub fn start(now: Instant) -> Self {
        Self {
            born: now,
            last: Arc::default(),
        }
    }

    /// The loop came round.
    pub fn beat(&self, now: Instant) {
        let since = now.saturating_duration_since(self.born).as_nanos();
        self.last
            .store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Returns when it should come round again, though nothing happens; who only looks at it does not put that off.
    pub fn due(&self) -> Instant {
        self.born + self.last() + BEAT
    }

    /// Returns how long ago it did.
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.born)
            .saturating_sub(self.last())
    }

    fn last(&self) -> Duration {
        Duration::from_nanos(self.last.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_while_the_loop_stands_still_and_for_all_who_hold_it() {
        let born = Instant::now();
        let pulse = Pulse::start(born);
        let seen = pulse.clone();

        pulse.beat(born + Duration::from_secs(5));

        assert_eq!(seen.age(born + Duration::from_secs(12)).as_secs(), 7);
        assert_eq!(pulse.due(), born + Duration::from_secs(6));
        pulse.beat(born + Duration::from_secs(12));
        assert!(seen.age(born + Duration::from_secs(12)).is_zero());
        // Who asked a moment before it came round is not told nonsense.
        assert!(seen.age(born).is_zero());
    }
}
