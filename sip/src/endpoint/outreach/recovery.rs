//! When an account is registered anew whose registration failed, or whose flow did (RFC 5626 §4.5).

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::Instant;
use crate::endpoint::{Endpoint, Event};

use super::account::{BRIEFEST, Registering, SOON};
use super::keeping::Keeping;
use super::{AGAIN, LONGEST};

/// What a registrar may ask us to wait at most.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// Half of the longest wait after the first failure at who keeps flows, where there is no other flow.
const BASE: Duration = Duration::from_secs(30);

impl Endpoint {
    /// Takes that a connection is closed: what was registered by it is registered anew, ever more rarely where connections are
    /// closed soon. It counts until that has failed.
    pub(in crate::endpoint) fn account_cut_off(&mut self, connection: u64, now: Instant) {
        for account in self.outreach.accounts.values_mut() {
            if account.connection != Some(connection) {
                continue;
            }
            account.connection = None;
            let pause = account.cut_off(&mut self.rng, now);
            account.due = account.due.min(now + pause);
            account.until = account.until.map(|until| until.min(now + BRIEFEST * 2));
        }
        self.outreach.schedule();
    }

    pub(super) fn register_failed(
        &mut self,
        name: &str,
        (code, reason): (u16, &str),
        wait: Option<Duration>,
        now: Instant,
    ) {
        let Some(account) = self.outreach.accounts.get_mut(name) else {
            return;
        };
        // A new try begins without the nonce that did not help.
        account.side.auth.clear();
        account.failed = account.failed.saturating_add(1);
        let wait = wait.unwrap_or_default().min(PATIENCE);
        account.due = now + account.pause(wait, &mut self.rng);
        let lost = account.until.is_none_or(|until| until <= account.due);
        if lost {
            account.until = None;
            self.tell(Event::TrunkUnregistered {
                trunk: name.to_owned(),
                code,
                reason: reason.to_owned(),
            });
        }
    }
}

impl Registering {
    // How long to wait after as many failures in a row; the registrar wants us to `wait`.
    fn pause(&self, wait: Duration, rng: &mut StdRng) -> Duration {
        let spread = Duration::from_millis(rng.random_range(0..5_000));
        if self.keeps_flows {
            return recovery(self.failed, rng).max(wait + spread);
        }
        let doublings = self.failed.saturating_sub(1).min(6);
        (AGAIN * 2_u32.pow(doublings)).min(LONGEST).max(wait) + spread
    }

    // How long to wait after the flow was cut off. One that proved itself by an answer is made anew at once.
    fn cut_off(&mut self, rng: &mut StdRng, now: Instant) -> Duration {
        let kept = self.keeping.take();
        if self.keeps_flows && !kept.as_ref().is_some_and(Keeping::is_proven) {
            return recovery(1, rng);
        }
        let soon = self.taken.is_some_and(|at| now < at + BRIEFEST);
        self.cuts = if soon { self.cuts + 1 } else { 0 };
        (SOON * 2_u32.saturating_pow(self.cuts.min(6))).min(BRIEFEST)
    }
}

// RFC 5626 §4.5: half of it is left to chance, so that not all come back at once.
fn recovery(failed: u32, rng: &mut StdRng) -> Duration {
    let most = (BASE * 2_u32.pow(failed.min(10))).min(LONGEST);
    most * rng.random_range(500..=1_000_u32) / 1_000
}
