//! What came of those who came today: a fold over facts for the board, from the start of this process on.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use ws::{
    board::{DecisionView, Figures, Quarter, RatingView},
    id::{CustomerId, InteractionId, QueueId, Timestamp},
};

use crate::{
    Hub,
    event::{Event, Fact},
};

/// Within how long somebody should be answered.
pub(super) const TARGET: Duration = Duration::from_secs(20);
/// A quarter of an hour, and a day, in milliseconds.
const QUARTER: u64 = 900_000;
const DAY: u64 = 86_400_000;
/// How many quarters are kept.
const QUARTERS: usize = 96;
/// How many decisions and ratings are kept.
const LAST: usize = 50;

/// Today's figures, the last quarters, the last decisions and ratings.
#[derive(Debug, Default)]
pub(super) struct Day {
    since: Timestamp,
    waits: BTreeMap<InteractionId, Wait>,
    queues: BTreeMap<QueueId, Figures>,
    quarters: VecDeque<Quarter>,
    decisions: VecDeque<DecisionView>,
    ratings: VecDeque<(Option<CustomerId>, RatingView)>,
}

/// Somebody who waits, and what they could expect when they came.
#[derive(Debug)]
struct Wait {
    queue: QueueId,
    since: Timestamp,
    expected: Option<Duration>,
}

impl Day {
    pub(super) fn since(&self) -> Timestamp {
        self.since
    }

    pub(super) fn figures(&self, queue: &QueueId) -> Figures {
        self.queues.get(queue).copied().unwrap_or_default()
    }

    pub(super) fn quarters(&self) -> Vec<Quarter> {
        self.quarters.iter().copied().collect()
    }

    pub(super) fn decisions(&self) -> Vec<DecisionView> {
        self.decisions.iter().cloned().collect()
    }

    pub(super) fn ratings(&self) -> Vec<RatingView> {
        let ratings = self.ratings.iter();
        ratings.map(|(_, rating)| rating.clone()).collect()
    }

    /// Lets time pass: a new day begins at midnight, UTC, and quarters come and go.
    pub(super) fn pass(&mut self, now: Timestamp) {
        if self.since == Timestamp(0) {
            self.since = now;
        }
        if self.since.0 / DAY < now.0 / DAY {
            self.since = Timestamp(now.0 - now.0 % DAY);
            self.queues.clear();
        }
        let at = Timestamp(now.0 - now.0 % QUARTER);
        if self.quarters.back().is_none_or(|last| last.at < at) {
            let figures = Figures::default();
            self.quarters.push_back(Quarter { at, figures });
            let excess = self.quarters.len().saturating_sub(QUARTERS);
            self.quarters.drain(..excess);
        }
    }

    pub(super) fn note(&mut self, fact: &Fact, hub: &Hub) {
        self.pass(fact.at);
        if let Event::CustomerErased { records, .. } = &fact.event {
            self.erase(records);
        }
        let Some(id) = fact.interaction else {
            return;
        };
        match &fact.event {
            Event::Queued {
                callback: None,
                queue,
                since,
                ..
            } => self.queued(id, queue, *since, (fact.at, hub)),
            Event::Assigned { .. } => {
                if let Some(wait) = self.waits.remove(&id) {
                    self.answered(&wait, fact.at);
                }
            }
            Event::Ended { .. } | Event::Sealed { .. } => {
                if let Some(wait) = self.waits.remove(&id) {
                    let early = fact.at.since(wait.since) <= TARGET;
                    self.count(&wait.queue, |figures| {
                        figures.abandoned += 1;
                        figures.abandoned_early += u32::from(early);
                    });
                }
            }
            Event::Offered { .. } | Event::OfferEnded { .. } => {}
            Event::Rated { .. } => self.rated(id, fact, hub),
            _ => {}
        }
        self.decide(id, fact);
    }

    // A move to another queue, or back to the old place, is one wait.
    fn queued(
        &mut self,
        id: InteractionId,
        queue: &QueueId,
        since: Timestamp,
        (at, hub): (Timestamp, &Hub),
    ) {
        if let Some(wait) = self.waits.get_mut(&id) {
            wait.queue = queue.clone();
            return;
        }
        // One that an agent had already comes back; it was counted when it came.
        let found = hub.state().interaction(id);
        if found.is_some_and(|found| found.assignments > 0) {
            return;
        }
        let position = hub.state().position(id);
        let found = hub.state().queues().get(queue);
        let expected = found
            .zip(position)
            .and_then(|(found, at_place)| found.expected_wait(at_place, at));
        let queue = queue.clone();
        self.count(&queue, |figures| figures.arrived += 1);
        self.waits.insert(
            id,
            Wait {
                queue,
                since,
                expected,
            },
        );
    }

    fn answered(&mut self, wait: &Wait, at: Timestamp) {
        let waited = at.since(wait.since);
        self.count(&wait.queue, |figures| {
            figures.answered += 1;
            figures.in_time += u32::from(waited <= TARGET);
            figures.waited += waited.as_secs();
            if let Some(expected) = wait.expected {
                figures.expected += 1;
                figures.error += waited.abs_diff(expected).as_secs();
            }
        });
    }

    fn count(&mut self, queue: &QueueId, add: impl Fn(&mut Figures)) {
        add(self.queues.entry(queue.clone()).or_default());
        if let Some(quarter) = self.quarters.back_mut() {
            add(&mut quarter.figures);
        }
    }

    fn decide(&mut self, id: InteractionId, fact: &Fact) {
        let end = match &fact.event {
            Event::Offered {
                agent,
                channel,
                route,
                ..
            } => {
                self.decisions.truncate(LAST - 1);
                self.decisions.push_front(DecisionView {
                    at: fact.at,
                    interaction: id,
                    channel: *channel,
                    agent: agent.clone(),
                    why: route.why.words().to_owned(),
                    passed_over: route.considered.saturating_sub(1),
                    end: None,
                });
                return;
            }
            Event::OfferEnded { end, .. } => end.words(),
            Event::Assigned { .. } => "it was taken",
            _ => return,
        };
        let mut open = self.decisions.iter_mut();
        if let Some(open) = open.find(|one| one.interaction == id && one.end.is_none()) {
            open.end = Some(end.to_owned());
        }
    }

    // What an erased customer wrote beside a score goes; the score stays in the figures.
    fn erase(&mut self, records: &[CustomerId]) {
        for (customer, rating) in &mut self.ratings {
            if customer.is_some_and(|id| records.contains(&id)) {
                rating.comment = None;
            }
        }
    }

    fn rated(&mut self, id: InteractionId, fact: &Fact, hub: &Hub) {
        let Event::Rated {
            channel,
            queue,
            agent,
            score,
            comment,
            ..
        } = &fact.event
        else {
            return;
        };
        self.ratings.retain(|(_, known)| known.interaction != id);
        self.ratings.truncate(LAST - 1);
        let found = hub.state().interaction(id);
        let rating = RatingView {
            at: fact.at,
            interaction: id,
            channel: *channel,
            queue: queue.clone(),
            agent: agent.clone(),
            score: *score,
            comment: comment.clone(),
        };
        self.ratings
            .push_front((found.map(|found| found.customer), rating));
    }
}

#[cfg(test)]
mod tests {
    use ws::{agent::Channel, rating::Score, timeline::Author};

    use super::*;
    use crate::tests::{Floor, house};

    #[test]
    fn what_an_erased_customer_wrote_beside_a_score_is_on_no_board() {
        let mut floor = Floor::open(house(0, 6));
        let id = floor.call(1, "+4930100");
        let customer = floor.of(id).customer;
        let mut day = Day::default();
        let fact = |interaction, event| Fact {
            at: floor.now,
            interaction,
            seq: None,
            event,
        };
        let rated = Event::Rated {
            channel: Channel::Voice,
            queue: "support".parse().unwrap(),
            agent: None,
            score: Score::try_from(4).unwrap(),
            comment: Some("Ida was kind".to_owned()),
            asked: floor.now,
            before: None,
        };
        day.note(&fact(Some(id), rated), &floor.hub);
        assert!(day.ratings()[0].comment.is_some());

        let erased = Event::CustomerErased {
            customer,
            records: vec![customer],
            by: Author::System,
            reason: "asked for".to_owned(),
        };
        day.note(&fact(None, erased), &floor.hub);

        assert_eq!(day.ratings()[0].comment, None);
        assert_eq!(day.ratings()[0].score.number(), 4);
    }
}
