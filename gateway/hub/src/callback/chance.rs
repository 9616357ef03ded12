//! When a promise can be kept: while the customer may be called and the queue is open. What follows from it for one with a
//! window, for its owner, and for one that nobody takes.

use std::time::Duration;

use ws::id::{QueueId, Timestamp};

use super::revise::FURTHEST;
use crate::{hours::Opening, interaction::Callback, setup::Setup};

/// How long before the end of a window its last chance is looked for.
const BEFORE_END: Duration = Duration::from_secs(14 * 86_400);

/// A time in which a promise can be kept.
struct Chance {
    begins: Timestamp,
    /// None where that is not within days.
    ends: Option<Timestamp>,
}

impl Setup {
    /// Returns when an agent is looked for at the latest to keep a promise within its window: two offers and two rings
    /// before its last chance ends.
    pub(crate) fn latest_start(&self, queue: &QueueId, promise: &Callback) -> Option<Timestamp> {
        let last = self.last_chance(queue, promise)?;
        Some(self.start_before(last, promise))
    }

    fn start_before(&self, last: Timestamp, promise: &Callback) -> Timestamp {
        let needs = self.spans.offer * 2 + self.spans.ring * 2;
        before(last, needs).max(promise.due)
    }

    /// Returns until when only the owner of a promise may keep it. In a short window others have what they need for it, or half
    /// of it where that is less.
    pub(crate) fn owner_until(
        &self,
        queue: &QueueId,
        promise: &Callback,
        now: Timestamp,
    ) -> Timestamp {
        let until = promise.due + self.callbacks.owner_wait;
        // Hours are looked up while that matters.
        let last = (now < until).then(|| self.last_chance(queue, promise));
        let Some(last) = last.flatten() else {
            return until;
        };
        let middle = promise.due + last.since(promise.due) / 2;
        until.min(self.start_before(last, promise).max(middle))
    }

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

    // When the last chance within the window ends. Where the queue is not open in it, whoever is there all the same has until
    // the customer may not be called any more.
    fn last_chance(&self, queue: &QueueId, promise: &Callback) -> Option<Timestamp> {
        let until = promise.plan.until?;
        let last = |queue| {
            let mut last = None;
            let mut at = before(until, BEFORE_END).max(promise.due);
            while let Some(chance) = self.chance(queue, promise, at, until) {
                let ends = chance.ends.map_or(until, |ends| ends.min(until));
                (last, at) = (Some(ends), ends);
            }
            last
        };
        last(Some(queue)).or_else(|| last(None)).or(Some(until))
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

fn before(at: Timestamp, span: Duration) -> Timestamp {
    let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Timestamp(at.0.saturating_sub(span))
}
