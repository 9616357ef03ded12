//! How much and how fast a client may send, and how much may wait for it.

use std::time::{Duration, Instant};

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// One is earned back each time this passes.
    pub interval: Duration,
    /// So many may come at once.
    pub burst: u32,
}

impl Rate {
    /// Allows `burst` at once and `per_second` for good; both at least 1.
    pub fn per_second(per_second: u32, burst: u32) -> Self {
        Self {
            interval: Duration::from_secs(1) / per_second.max(1),
            burst: burst.max(1),
        }
    }
}

/// The limits of one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in one frame.
    pub frame: usize,
    /// All frames.
    pub frames: Rate,
    /// Frames that write into the journal.
    pub messages: Rate,
    /// Typing and receipts.
    pub passing: Rate,
    /// Parts of what a shared page shows.
    pub parts: Rate,
    /// Each `hello` may cost a whole timeline.
    pub hellos: Rate,
    /// Refusals of malformed frames and of those that come too fast, before the socket is closed.
    pub strikes: Rate,
    /// Frames of which not even the `id` can be read, before the socket is closed.
    pub unreadable: u8,
    /// The first `hello` must come within this time.
    pub hello_within: Duration,
    /// Between pings.
    pub ping: Duration,
    /// Bytes that may wait to be sent, beside what answers a `hello`.
    pub outbox: usize,
    /// Bytes of one shared page that may wait beside that.
    pub page: usize,
}

impl Limits {
    /// Returns the limits of a visitor's socket.
    pub fn visitor() -> Self {
        Self {
            frame: 16 * 1024,
            frames: Rate::per_second(10, 40),
            messages: Rate::per_second(2, 10),
            passing: Rate::per_second(4, 10),
            parts: Rate::per_second(100, 600),
            hellos: Rate {
                interval: Duration::from_secs(5),
                burst: 4,
            },
            strikes: Rate::per_second(1, 20),
            unreadable: 3,
            hello_within: Duration::from_secs(10),
            ping: Duration::from_secs(25),
            outbox: 256 * 1024,
            page: 8 * 1024 * 1024,
        }
    }

    /// Returns the limits of an agent's socket, who writes in up to six chats.
    pub fn agent() -> Self {
        Self {
            frames: Rate::per_second(40, 160),
            messages: Rate::per_second(10, 40),
            passing: Rate::per_second(20, 60),
            outbox: 1024 * 1024,
            ..Self::visitor()
        }
    }
}

/// A token bucket, kept as the time at which it would be full again (the generic cell rate algorithm).
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    full_at: Instant,
}

impl Bucket {
    pub(super) fn new(now: Instant) -> Self {
        Self { full_at: now }
    }

    pub(super) fn take(&mut self, rate: Rate, now: Instant) -> bool {
        let full_at = self.full_at.max(now) + rate.interval;
        let fits = full_at.saturating_duration_since(now) <= rate.interval * rate.burst;
        if fits {
            self.full_at = full_at;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_one_an_interval() {
        let rate = Rate::per_second(2, 3);
        let start = Instant::now();
        let mut bucket = Bucket::new(start);

        let at_once = (0..10).filter(|_| bucket.take(rate, start)).count();
        let later = start + Duration::from_millis(500);
        let earned = (0..10).filter(|_| bucket.take(rate, later)).count();
        let rested = later + Duration::from_secs(60);
        let again = (0..10).filter(|_| bucket.take(rate, rested)).count();

        assert_eq!((at_once, earned, again), (3, 1, 3));
    }
}
