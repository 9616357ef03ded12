//! A peer that ended the association which its keys came of (DTLS `close_notify`): it leaves, comes anew, or goes on by its keys.

use std::time::{Duration, Instant};

/// So long it has to come anew, or to show that it is there yet: no longer than a browser may be silent until it is away.
const WAITED: Duration = Duration::from_secs(10);
/// So long what it sent before may be on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// Since when a peer seems to leave.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaving(Instant);

impl Leaving {
    pub(super) const fn since(now: Instant) -> Self {
        Self(now)
    }

    /// Until when it is waited for.
    pub(super) fn until(self) -> Instant {
        self.0 + WAITED
    }

    /// Whether it was waited for long enough.
    pub(super) fn is_over(self, now: Instant) -> bool {
        self.until() <= now
    }

    /// Whether what comes of it now was sent after.
    pub(super) fn is_denied(self, now: Instant) -> bool {
        self.0 + ON_ITS_WAY < now
    }
}
