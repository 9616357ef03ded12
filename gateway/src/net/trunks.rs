//! How the trunks stand, told to the loop when that changed.

use std::time::{Duration, Instant};

use hub::house;
use sip::endpoint::{Endpoint, TrunkStanding};
use tokio::sync::mpsc;

use crate::run::Told;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What the loop was told last, and when it is looked at again.
pub struct Trunks {
    told: Vec<TrunkStanding>,
    due: Instant,
}

impl Trunks {
    /// Begins to look at `now`.
    pub const fn new(now: Instant) -> Self {
        Self {
            told: Vec::new(),
            due: now,
        }
    }

    /// When [`Self::look`] is next due.
    pub const fn due(&self) -> Instant {
        self.due
    }

    /// Tells the loop what it does not know. One that is full, or gone, is not waited for: it is told a second later.
    pub fn look(&mut self, endpoint: &Endpoint, tell: &mpsc::Sender<Told>, now: Instant) {
        if now < self.due {
            return;
        }
        self.due = now + EVERY;
        let standings = endpoint.standings();
        if standings == self.told {
            return;
        }
        let told = Told::House(house::Told::Trunks(standings.clone()));
        if tell.try_send(told).is_ok() {
            self.told = standings;
        }
    }
}
