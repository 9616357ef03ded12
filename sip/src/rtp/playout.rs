//! The pace of a sender: one frame every 20 ms, on a grid that does not drift.

use std::time::{Duration, Instant};

/// The audio in one packet of ours.
pub const FRAME: Duration = Duration::from_millis(20);

/// The samples in [`FRAME`] at 8 kHz.
pub const FRAME_SAMPLES: u32 = 160;

/// Further behind than this, frames are skipped rather than sent in a burst.
const PATIENCE: Duration = Duration::from_millis(200);

/// Says when the next frame is due. Late calls do not move the grid.
#[derive(Clone, Debug)]
pub struct Playout {
    next: Instant,
}

impl Playout {
    /// Starts with a frame due at `first`.
    pub const fn new(first: Instant) -> Self {
        Self { next: first }
    }

    /// When the next frame is due.
    pub const fn due(&self) -> Instant {
        self.next
    }

    /// Takes the frame that is due, if one is. The number counts the frames to leave out before
    /// it, so that the stream stays in step with the clock after a stall.
    pub fn take(&mut self, now: Instant) -> Option<u32> {
        let late = now.checked_duration_since(self.next)?;
        let skipped = if late > PATIENCE {
            u32::try_from(late.as_nanos() / FRAME.as_nanos()).unwrap_or(u32::MAX)
        } else {
            0
        };
        self.next += FRAME * skipped + FRAME;
        Some(skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_calls_catch_up_on_the_same_grid() {
        let start = Instant::now();
        let mut playout = Playout::new(start);

        assert_eq!(playout.take(start), Some(0));
        assert_eq!(playout.take(start + FRAME / 2), None);
        assert_eq!(playout.take(start + FRAME * 2 + FRAME / 2), Some(0));
        assert_eq!(playout.take(start + FRAME * 2 + FRAME / 2), Some(0));
        assert_eq!(playout.due(), start + FRAME * 3);
    }

    #[test]
    fn a_long_stall_is_skipped() {
        let start = Instant::now();
        let mut playout = Playout::new(start);

        assert_eq!(playout.take(start + FRAME * 50), Some(50));
        assert_eq!(playout.due(), start + FRAME * 51);
    }
}
