//! Whether a peer's packets keep coming, or its reports where it is muted.

use std::time::{Duration, Instant};

/// Watches for the first packet and for the last one. A packet costs one store: the deadline is
/// moved only when it is reached.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    patience: Duration,
    flowing: bool,
    last: Instant,
    /// When to look again; [`None`] once a stop was told, or while nothing is expected.
    check: Option<Instant>,
}

impl Flow {
    /// `patience` says after how long without a packet the peer has stopped; [`None`] where the direction does not let it send.
    pub(super) fn new(patience: Option<Duration>, now: Instant) -> Self {
        Self {
            patience: patience.unwrap_or_default(),
            flowing: false,
            last: now,
            check: patience.map(|patience| now + patience),
        }
    }

    /// Takes a change of what the direction lets the peer do.
    pub(super) fn expect(&mut self, patience: Option<Duration>, now: Instant) {
        let Some(patience) = patience else {
            self.check = None;
            return;
        };
        if self.check.is_none() {
            self.last = now;
        }
        if self.check.is_none() || self.patience != patience {
            self.check = Some(self.last + patience);
        }
        self.patience = patience;
    }

    /// Takes a packet; true when it is the first, or the first after a stop.
    pub(super) fn packet(&mut self, now: Instant) -> bool {
        self.last = now;
        let begins = !self.flowing;
        if begins {
            self.flowing = true;
            self.check = Some(now + self.patience);
        }
        begins
    }

    /// When the last packet came, or another sign.
    pub(super) const fn last(&self) -> Instant {
        self.last
    }

    /// Whether no packet came for so long, nor another sign.
    pub(super) fn is_silent(&self, span: Duration, now: Instant) -> bool {
        now >= self.last + span
    }

    /// Takes another sign that a peer whose packets came is there still, such as a report of one that is muted.
    pub(super) fn sign(&mut self, now: Instant) {
        if self.flowing {
            self.last = now;
        }
    }

    /// When [`Self::stopped`] is next due.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.check
    }

    /// Whether the packets have stopped, or never came; told once.
    pub(super) fn stopped(&mut self, now: Instant) -> bool {
        if self.check.is_none_or(|check| check > now) {
            return false;
        }
        let limit = self.last + self.patience;
        let stopped = limit <= now;
        self.check = (!stopped).then_some(limit);
        self.flowing &= !stopped;
        stopped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_stop_is_told_once_and_so_is_the_next_start() {
        let start = Instant::now();
        let mut flow = Flow::new(Some(PATIENCE), start);

        assert!(flow.packet(start + SECOND));
        assert!(!flow.packet(start + SECOND * 5));
        assert!(!flow.stopped(start + SECOND * 11));
        assert_eq!(flow.poll_timeout(), Some(start + SECOND * 15));
        assert!(flow.stopped(start + SECOND * 15));
        assert!(!flow.stopped(start + SECOND * 30));
        assert!(flow.packet(start + SECOND * 31));
    }

    #[test]
    fn who_is_muted_and_gives_signs_has_not_stopped_until_these_do() {
        let start = Instant::now();
        let mut flow = Flow::new(Some(PATIENCE), start);
        flow.packet(start);

        flow.sign(start + SECOND * 8);
        assert!(!flow.stopped(start + PATIENCE));
        assert!(flow.stopped(start + SECOND * 18));
    }

    #[test]
    fn signs_of_one_who_never_sent_anything_are_none() {
        let start = Instant::now();
        let mut flow = Flow::new(Some(PATIENCE), start);

        flow.sign(start + SECOND * 8);
        assert!(flow.stopped(start + PATIENCE));
    }

    #[test]
    fn nothing_at_all_is_a_stop_too() {
        let start = Instant::now();
        let mut flow = Flow::new(Some(PATIENCE), start);

        assert!(flow.stopped(start + PATIENCE));
    }

    #[test]
    fn on_hold_nothing_is_missed() {
        let start = Instant::now();
        let mut flow = Flow::new(Some(PATIENCE), start);
        flow.packet(start);

        flow.expect(None, start + SECOND);
        assert!(!flow.stopped(start + PATIENCE * 3));
        flow.expect(Some(PATIENCE), start + PATIENCE * 3);
        assert!(!flow.stopped(start + PATIENCE * 3 + SECOND));
        assert!(flow.stopped(start + PATIENCE * 4));
    }
    #[test]
    fn of_another_patience_what_came_last_counts() {
        let start = Instant::now();
        let mut flow = Flow::new(Some(PATIENCE), start);
        flow.packet(start + SECOND);

        flow.expect(Some(SECOND * 2), start + SECOND * 2);
        assert_eq!(flow.poll_timeout(), Some(start + SECOND * 3));
        assert!(flow.stopped(start + SECOND * 3));
        flow.expect(Some(PATIENCE), start + SECOND * 20);
        assert!(!flow.stopped(start + SECOND * 29));
        assert!(flow.stopped(start + SECOND * 30));
    }
}
