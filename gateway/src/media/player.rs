//! Plays clips to one leg, a frame every 20 ms.

use std::sync::Arc;
use std::time::Instant;

use sip::g711::{self, Law};
use sip::rtp::{FRAME_SAMPLES, Playout};

use super::library::Clip;

/// The bytes of one G.711 frame.
pub(super) const FRAME_BYTES: usize = FRAME_SAMPLES as usize;

/// Clips in a row and the place reached in them.
#[derive(Clone, Debug)]
pub(super) struct Player {
    turn: u32,
    clips: Vec<Arc<Clip>>,
    /// Which clip is playing; past the last one when all is played.
    clip: usize,
    position: usize,
    repeat: bool,
    playout: Playout,
}

impl Player {
    /// Starts with the first frame at `first`.
    pub(super) const fn new(
        turn: u32,
        clips: Vec<Arc<Clip>>,
        repeat: bool,
        first: Instant,
    ) -> Self {
        Self {
            turn,
            clips,
            clip: 0,
            position: 0,
            repeat,
            playout: Playout::new(first),
        }
    }

    /// What its end is told by.
    pub(super) const fn turn(&self) -> u32 {
        self.turn
    }

    /// Begins to keep time anew, at the same place in the clips.
    pub(super) fn restart_clock(&mut self, first: Instant) {
        self.playout = Playout::new(first);
    }

    /// When [`Self::frame`] is next due.
    pub(super) const fn due(&self) -> Instant {
        self.playout.due()
    }

    /// Whether every clip was played to its end.
    pub(super) fn is_over(&self) -> bool {
        self.clip >= self.clips.len()
    }

    /// Writes the frame that is due, if one is, and returns how many were skipped before it.
    pub(super) fn frame(
        &mut self,
        law: Law,
        frame: &mut [u8; FRAME_BYTES],
        now: Instant,
    ) -> Option<u32> {
        let skipped = self.playout.take(now)?;
        let mut filled = 0;
        while let Some(clip) = self.clips.get(self.clip)
            && filled < FRAME_BYTES
        {
            let rest = &clip.encoded(law)[self.position..];
            let part = rest.len().min(FRAME_BYTES - filled);
            frame[filled..filled + part].copy_from_slice(&rest[..part]);
            filled += part;
            self.position += part;
            if part == rest.len() {
                self.next_clip();
            }
        }
        frame[filled..].fill(g711::silence(law));
        Some(skipped)
    }

    fn next_clip(&mut self) {
        self.position = 0;
        self.clip += 1;
        if self.is_over() && self.repeat {
            self.clip = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use sip::rtp::FRAME;

    use super::*;

    fn clip(samples: usize) -> Arc<Clip> {
        Arc::new(Clip::new(&vec![8000; samples]))
    }

    fn frames(player: &mut Player, start: Instant, count: u32) -> Vec<u8> {
        let mut all = Vec::new();
        let mut frame = [0; FRAME_BYTES];
        for n in 0..count {
            assert_eq!(
                player.frame(Law::Mu, &mut frame, start + FRAME * n),
                Some(0)
            );
            all.extend(frame);
        }
        all
    }

    #[test]
    fn clips_follow_each_other_without_a_gap_and_end_in_silence() {
        let start = Instant::now();
        let mut player = Player::new(1, vec![clip(200), clip(100)], false, start);

        let heard = frames(&mut player, start, 2);

        let quiet = g711::silence(Law::Mu);
        assert!(heard[..300].iter().all(|&byte| byte != quiet));
        assert!(heard[300..].iter().all(|&byte| byte == quiet));
        assert!(player.is_over());
    }

    #[test]
    fn a_repeated_clip_has_no_seam() {
        let start = Instant::now();
        let mut player = Player::new(1, vec![clip(100)], true, start);

        let heard = frames(&mut player, start, 3);

        assert!(heard.iter().all(|&byte| byte != g711::silence(Law::Mu)));
        assert!(!player.is_over());
    }
}
