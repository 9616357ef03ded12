//! When a promise can be kept: while the customer may be called and the queue is open. What follows from it for one that
//! nobody takes.

use std::time::Duration;

use ws::id::{QueueId, Timestamp};

use super::revise::FURTHEST;
use crate::{hours::Opening, interaction::Callback, setup::Setup};

/// A time in which a promise can be kept.
struct Chance {
    begins: Timestamp,
    /// None where that is not within days.
    ends: Option<Timestamp>,
}

impl Setup {
    /// Returns until when a promise stands that nobody takes: as long as an interaction may live, of which only the time counts in
    /// which it could be kept. One with a window ends with that. There is an end to it in any case, for a queue may never open.
    pub(crate) fn stands_until(
        &self,
        queue: &QueueId,
        promise: &Callback,
        now: Timestamp,
    ) -> Timestamp {
        let mut left = self.spans.longest;
        let least = promise.wanted + left;
        // It is looked at again then, and not reckoned out before.
        if now < least {
            return least;
        }
        let most = least + FURTHEST;
        if let Some(until) = promise.plan.until {
            return (until + left).min(most);
        }
        let mut at = promise.wanted;
        while let Some(chance) = self.chance(Some(queue), promise, at, most) {
            let over = (chance.begins + left).min(most);
            let Some(ends) = chance.ends.filter(|ends| *ends < over) else {
                return over;
            };
            left -= ends.since(chance.begins);
            at = ends;
        }
        most
    }

    // The first chance from `at` on that begins before `end`.
    fn chance(
        &self,
        queue: Option<&QueueId>,
        promise: &Callback,
        mut at: Timestamp,
        end: Timestamp,
    ) -> Option<Chance> {
        let (hours, number) = (&self.callbacks.hours, &promise.number);
        let zone = promise.plan.zone.as_deref();
        let queue = queue.and_then(|queue| self.queues.get(queue)?.hours.as_ref());
        loop {
            let begins = hours.next(number, zone, at).filter(|next| *next < end)?;
            let closes = match queue.map(|queue| queue.at(begins)) {
                Some(Opening::Closed { opens }) => {
                    at = opens.filter(|opens| *opens < end)?;
                    continue;
                }
                Some(Opening::Open { until }) => until,
                None => None,
            };
            let ends = hours.closes(number, zone, begins);
            let ends = ends.into_iter().chain(closes).min();
            return Some(Chance { begins, ends });
        }
    }
}
