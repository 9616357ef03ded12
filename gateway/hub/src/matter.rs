//! Whether customers had to come again: which interactions are about the matter of an earlier one, and the figures of
//! how well customers were served, by queue and day.
//!
//! An interaction repeats an earlier one when the same customer began it, on any channel, within the configured window
//! after the earlier one, in which an agent was met, had ended, and both belong to the same queue or were given the same
//! disposition. An earlier one is repeated once, however often the customer comes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use ws::{
    agent::Channel,
    id::{CustomerId, InteractionId, QueueId, Timestamp},
    rating::Score,
};

use crate::{
    event::{Event, Served},
    hub::Hub,
    ids::ByRandomId,
    interaction::Interaction,
};

/// The longest window within which a repeat can be configured to count.
pub const LONGEST: Duration = Duration::from_secs(31 * 86_400);
/// How many served interactions of one customer are kept.
const KEPT: usize = 10;
/// A day.
const DAY: u64 = 86_400_000;
/// How many days the figures reach back: the longest window and as much again.
pub const DAYS: u64 = 62;

/// Served interactions that may be repeated, and figures; part of what lasts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matters {
    live: ByRandomId<CustomerId, BTreeSet<InteractionId>>,
    closed: ByRandomId<CustomerId, VecDeque<Closed>>,
    /// Whose a closed interaction is.
    whose: ByRandomId<InteractionId, CustomerId>,
    order: VecDeque<(Timestamp, CustomerId)>,
    days: BTreeMap<QueueId, BTreeMap<u64, Tally>>,
}

/// A sealed interaction in which an agent was met.
#[derive(Clone, Debug, PartialEq)]
struct Closed {
    interaction: InteractionId,
    queue: QueueId,
    disposition: Option<String>,
    ended: Timestamp,
    repeated: bool,
}

/// What happened to the interactions of a queue that ended on one day (UTC), or over several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sealed ones in which an agent was met.
    pub served: u32,
    /// Those of them that were repeated.
    pub repeated: u32,
    /// Those of them that an agent marked as solved.
    pub solved: u32,
    /// Scores given after chats, 1 to 5.
    pub chats: [u32; 5],
    /// Scores given after calls, 1 to 5.
    pub calls: [u32; 5],
}

/// First-contact resolution of a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Over the days whose window is past: no repeat can change it any more.
    pub settled: Tally,
    /// Over the days since: it may still sink.
    pub provisional: Tally,
}

impl Tally {
    /// Returns the share of served interactions that were not repeated, none where none was served.
    pub fn resolved(&self) -> Option<f64> {
        let kept = self.served.saturating_sub(self.repeated);
        (self.served > 0).then(|| f64::from(kept) / f64::from(self.served))
    }

    /// Returns how many scores there are and their mean, none where there are none.
    pub fn score(&self, channel: Channel) -> Option<(u32, f64)> {
        let scores = match channel {
            Channel::Chat => &self.chats,
            Channel::Voice => &self.calls,
        };
        let count: u32 = scores.iter().sum();
        let sum: u32 = (1..).zip(scores).map(|(score, n)| score * n).sum();
        (count > 0).then(|| (count, f64::from(sum) / f64::from(count)))
    }

    fn scores(&mut self, channel: Channel, score: Score) -> &mut u32 {
        let scores = match channel {
            Channel::Chat => &mut self.chats,
            Channel::Voice => &mut self.calls,
        };
        &mut scores[usize::from(score.number() - 1)]
    }

    /// Adds the figures of another.
    pub fn add(&mut self, other: &Self) {
        self.served += other.served;
        self.repeated += other.repeated;
        self.solved += other.solved;
        for (mine, theirs) in [
            (&mut self.chats, &other.chats),
            (&mut self.calls, &other.calls),
        ] {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine += theirs;
            }
        }
    }
}

fn day(at: Timestamp) -> u64 {
    at.0 / DAY
}

impl Matters {
    /// Returns the figures of one queue since the day of `from`.
    pub fn since(&self, queue: &QueueId, from: Timestamp) -> Tally {
        let mut sum = Tally::default();
        let days = self.days.get(queue).into_iter();
        for (_, tally) in days.flat_map(|days| days.range(day(from)..)) {
            sum.add(tally);
        }
        sum
    }

    /// Returns the first-contact resolution of one queue as of `now`, for a window. A day is settled when the window of
    /// its last moment is past.
    pub fn resolution(&self, queue: &QueueId, window: Duration, now: Timestamp) -> Resolution {
        let mut found = Resolution::default();
        let window = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
        for (day, tally) in self.days.get(queue).into_iter().flatten() {
            let past = (day + 1).saturating_mul(DAY).saturating_add(window) <= now.0;
            match past {
                true => found.settled.add(tally),
                false => found.provisional.add(tally),
            }
        }
        found
    }

    fn tally(&mut self, queue: &QueueId, at: Timestamp) -> &mut Tally {
        let days = self.days.entry(queue.clone()).or_default();
        let today = day(at);
        while let Some((first, _)) = days.first_key_value()
            && first + DAYS < today
        {
            days.pop_first();
        }
        days.entry(today).or_default()
    }

    pub(crate) fn open(&mut self, customer: CustomerId, id: InteractionId) {
        self.live.entry(customer).or_default().insert(id);
    }

    /// Returns a record's interactions that are not sealed.
    pub(crate) fn of(&self, customer: CustomerId) -> impl Iterator<Item = InteractionId> + '_ {
        self.live.get(&customer).into_iter().flatten().copied()
    }

    pub(crate) fn rate(&mut self, event: &Event) {
        if let Event::Rated {
            channel,
            queue,
            score,
            asked,
            before,
            ..
        } = event
        {
            let tally = self.tally(queue, *asked);
            *tally.scores(*channel, *score) += 1;
            if let Some(before) = before {
                let count = tally.scores(*channel, *before);
                *count = count.saturating_sub(1);
            }
        }
    }

    /// Marks a closed interaction as repeated; tells whether it is closed.
    pub(crate) fn repeat(&mut self, earlier: InteractionId) -> bool {
        let customer = self.whose.get(&earlier);
        let closed = customer.and_then(|customer| self.closed.get_mut(customer));
        let closed = closed.into_iter().flatten();
        let Some(found) = closed.into_iter().find(|c| c.interaction == earlier) else {
            return false;
        };
        if !std::mem::replace(&mut found.repeated, true) {
            let (queue, ended) = (found.queue.clone(), found.ended);
            self.tally(&queue, ended).repeated += 1;
        }
        true
    }

    /// Forgets what agents said of the contacts of people who are erased.
    pub(crate) fn erase(&mut self, records: &[CustomerId]) {
        for customer in records {
            for closed in self.closed.get_mut(customer).into_iter().flatten() {
                closed.disposition = None;
            }
        }
    }

    /// Takes in that an interaction is sealed, with the disposition that may be remembered.
    pub(crate) fn seal(
        &mut self,
        sealed: &Interaction,
        served: Option<&Served>,
        disposition: Option<String>,
        at: Timestamp,
    ) {
        if let Some(live) = self.live.get_mut(&sealed.customer) {
            live.remove(&sealed.id);
            if live.is_empty() {
                self.live.remove(&sealed.customer);
            }
        }
        let Some(served) = served else {
            return;
        };
        let ended = sealed.ended.as_ref().map_or(at, |ending| ending.at);
        let tally = self.tally(&served.queue, ended);
        tally.served += 1;
        tally.repeated += u32::from(sealed.repeated);
        tally.solved += u32::from(served.solved == Some(true));
        let closed = self.closed.entry(sealed.customer).or_default();
        for old in closed.drain((KEPT - 1).min(closed.len())..) {
            self.whose.remove(&old.interaction);
        }
        self.whose.insert(sealed.id, sealed.customer);
        closed.push_front(Closed {
            interaction: sealed.id,
            queue: served.queue.clone(),
            disposition,
            ended,
            repeated: sealed.repeated,
        });
        self.order.push_back((at, sealed.customer));
        self.forget(at);
    }

    // What no window reaches any more goes.
    fn forget(&mut self, now: Timestamp) {
        while let Some((at, customer)) = self.order.front().copied()
            && at + LONGEST < now
        {
            self.order.pop_front();
            if let Some(closed) = self.closed.get_mut(&customer) {
                closed.retain(|closed| {
                    let kept = closed.ended + LONGEST >= now;
                    if !kept {
                        self.whose.remove(&closed.interaction);
                    }
                    kept
                });
                if closed.is_empty() {
                    self.closed.remove(&customer);
                }
            }
        }
    }

    fn latest(
        &self,
        customers: &[CustomerId],
        opened: Timestamp,
        window: Duration,
        fits: impl Fn(&QueueId, Option<&String>) -> bool,
    ) -> Option<InteractionId> {
        let closed = customers.iter().filter_map(|id| self.closed.get(id));
        let closed = closed.flatten();
        let recent = closed.filter(|c| c.ended <= opened && opened.since(c.ended) <= window);
        recent
            .filter(|c| fits(&c.queue, c.disposition.as_ref()))
            .max_by_key(|c| (c.ended, c.interaction))
            .map(|c| c.interaction)
    }
}

impl Hub {
    // All records that are one person, however many were merged.
    fn one_person(&self, customer: CustomerId) -> Vec<CustomerId> {
        let customers = self.state.customers();
        customers.family(customers.root(customer))
    }

    /// Links a new interaction to the last one of the same customer and queue, if that is within the window.
    pub(crate) fn link_by_queue(&mut self, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let window = self.setup.spans.repeat;
        let matters = self.state.matters();
        let one = self.one_person(found.customer);
        // One that has ended and is not sealed yet is newer than all that are.
        let live = one.iter().filter_map(|id| matters.live.get(id)).flatten();
        let live = live.filter_map(|other| {
            let other = self.state.interaction(*other).filter(|o| o.id != id)?;
            let ended = other.ended.as_ref()?.at;
            let fits = other.met && other.queue == found.queue && !other.chat;
            (fits && found.opened.since(ended) <= window).then_some((ended, other.id))
        });
        let earlier = live.max().map(|(_, other)| other).or_else(|| {
            let same = |queue: &QueueId, _: Option<&String>| *queue == found.queue;
            matters.latest(&one, found.opened, window, same)
        });
        if let Some(earlier) = earlier {
            let queue = found.queue.clone();
            self.tell(Some(id), Event::RepeatOf { earlier, queue });
        }
    }

    /// Links an interaction that is about to be sealed to an earlier one of another queue that was given the same
    /// disposition.
    pub(crate) fn link_by_disposition(&mut self, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let Some(disposition) = found
            .disposition
            .as_ref()
            .filter(|_| found.repeat_of.is_none())
        else {
            return;
        };
        let window = self.setup.spans.repeat;
        let same = |_: &QueueId, other: Option<&String>| other == Some(disposition);
        let matters = self.state.matters();
        let one = self.one_person(found.customer);
        if let Some(earlier) = matters.latest(&one, found.opened, window, same) {
            let queue = found.queue.clone();
            self.tell(Some(id), Event::RepeatOf { earlier, queue });
        }
    }
}
