//! Whether a peer was there for all of what was played to it. Who listens may send nothing by design, so that silence says nothing:
//! packets that are missing do, and so does one whose reports do not come either.

use std::time::{Duration, Instant};

/// A gap as long as this between packets is one in which the peer was gone, where packets are missing from it. A peer that describes
/// its silence, or says nothing in it, goes on by the next number.
const GONE: Duration = Duration::from_secs(1);
/// A muted peer reports every five seconds, and by half as much later (RFC 3550 §6.2); so long without any it was gone.
const UNREPORTED: Duration = Duration::from_secs(10);
/// A peer's spans between reports are from half to one and a half of its own interval (RFC 3550 §6.3.1): one is at most three of
/// another.
const UNEVEN: u32 = 3;

/// How long a muted peer may say nothing, by how long it said nothing before it reported earlier. Some report every half minute: what is
/// said to them would be said again without end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rhythm(Duration);

impl Default for Rhythm {
    fn default() -> Self {
        Self(UNREPORTED)
    }
}

impl Rhythm {
    /// Takes a report that came after so long a silence.
    pub(super) fn learn(&mut self, silence: Duration) {
        self.0 = self.0.max(silence * UNEVEN);
    }
}

/// Watches over one program.
#[derive(Debug)]
pub(super) struct Witness {
    /// When the peer gave its last sign of life; none where nothing ever came.
    last: Option<Instant>,
    missed: bool,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The program is played.
    Playing,
    /// It is over, and nothing came since.
    Over { turn: u32 },
    /// The peer gave a sign of life after it.
    Alive { turn: u32 },
}

impl Witness {
    /// Begins with a program.
    pub(super) const fn new(last: Option<Instant>) -> Self {
        Self {
            last,
            missed: false,
            stage: Stage::Playing,
        }
    }

    /// Takes a packet; `broken` says whether others are missing before it.
    pub(super) fn packet(&mut self, broken: bool, now: Instant) {
        self.missed |= broken && self.was_silent(GONE, now);
        self.sign(now);
    }

    /// Takes a report, of a peer of which `rhythm` was known before it.
    pub(super) fn report(&mut self, rhythm: Rhythm, now: Instant) {
        self.missed |= self.was_silent(rhythm.0, now);
        self.sign(now);
    }

    /// Takes that the program of a turn came to its end.
    pub(super) const fn end(&mut self, turn: u32) {
        self.stage = Stage::Over { turn };
    }

    /// Returns the turn that came to its end and whether its peer was gone for some of it, once that is known; `mute` says that
    /// the peer need not send anything.
    pub(super) fn verdict(&self, mute: bool) -> Option<(u32, bool)> {
        match self.stage {
            Stage::Playing => None,
            Stage::Over { .. } if self.last.is_some() && !mute => None,
            Stage::Over { turn } | Stage::Alive { turn } => Some((turn, self.missed)),
        }
    }

    fn was_silent(&self, span: Duration, now: Instant) -> bool {
        self.last.is_some_and(|last| now >= last + span)
    }

    fn sign(&mut self, now: Instant) {
        self.last = Some(now);
        if let Stage::Over { turn } = self.stage {
            self.stage = Stage::Alive { turn };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(20);
    const SECOND: Duration = Duration::from_secs(1);

    fn begun(now: Instant) -> Witness {
        Witness::new(Some(now))
    }

    #[test]
    fn who_never_sent_anything_has_nothing_against_them() {
        let mut witness = Witness::new(None);
        assert_eq!(witness.verdict(false), None);

        witness.end(7);

        assert_eq!(witness.verdict(false), Some((7, false)));
    }

    #[test]
    fn who_sent_something_is_there_once_they_send_again_after_the_end() {
        let start = Instant::now();
        let mut witness = begun(start);
        witness.packet(false, start + FRAME);

        witness.end(7);
        assert_eq!(witness.verdict(false), None);
        witness.packet(false, start + FRAME * 2);

        assert_eq!(witness.verdict(false), Some((7, false)));
    }

    #[test]
    fn silence_in_which_no_packet_is_missing_is_none_however_long() {
        let start = Instant::now();
        let mut witness = begun(start);

        witness.end(7);
        witness.packet(false, start + SECOND * 30);

        assert_eq!(witness.verdict(false), Some((7, false)));
    }

    #[test]
    fn a_second_whose_packets_are_missing_was_not_heard_and_a_moment_was() {
        for (gap, missed) in [(SECOND, true), (SECOND - FRAME, false)] {
            let start = Instant::now();
            let mut witness = begun(start);

            witness.packet(true, start + gap);
            witness.packet(false, start + gap + FRAME);
            witness.end(7);
            witness.packet(false, start + gap + FRAME * 2);

            assert_eq!(witness.verdict(false), Some((7, missed)), "{gap:?}");
        }
    }

    #[test]
    fn a_muted_peer_is_there_while_it_reports() {
        for (gap, missed) in [(SECOND * 7, false), (SECOND * 10, true)] {
            let start = Instant::now();
            let mut witness = begun(start);

            witness.end(7);
            witness.report(Rhythm::default(), start + gap);

            assert_eq!(witness.verdict(false), Some((7, missed)), "{gap:?}");
        }
    }

    #[test]
    fn a_muted_peer_that_reports_less_often_is_there_by_its_own_interval() {
        let mut rhythm = Rhythm::default();
        rhythm.learn(SECOND * 2);
        for (gap, missed) in [(10, true), (29, false), (86, false), (300, true)] {
            let start = Instant::now();
            let mut witness = begun(start);

            witness.end(7);
            witness.report(rhythm, start + SECOND * gap);
            rhythm.learn(SECOND * gap);

            assert_eq!(witness.verdict(false), Some((7, missed)), "{gap}");
        }
    }

    #[test]
    fn of_who_may_not_send_nothing_is_awaited() {
        let mut witness = begun(Instant::now());

        witness.end(7);

        assert_eq!(witness.verdict(true), Some((7, false)));
    }
}
