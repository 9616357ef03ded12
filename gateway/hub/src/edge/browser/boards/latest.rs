//! The last decisions and ratings: a fold over facts for the board, from the start of this process on.

use std::collections::VecDeque;

use ws::{
    board::{DecisionView, RatingView},
    id::{CustomerId, InteractionId},
};

use crate::{
    Hub,
    event::{Event, Fact},
};

/// How many decisions and ratings are kept.
const LAST: usize = 50;

/// The last decisions and ratings.
#[derive(Debug, Default)]
pub(super) struct Latest {
    decisions: VecDeque<DecisionView>,
    ratings: VecDeque<(Option<CustomerId>, RatingView)>,
}

impl Latest {
    pub(super) fn decisions(&self) -> Vec<DecisionView> {
        self.decisions.iter().cloned().collect()
    }

    pub(super) fn ratings(&self) -> Vec<RatingView> {
        let ratings = self.ratings.iter();
        ratings.map(|(_, rating)| rating.clone()).collect()
    }

    pub(super) fn note(&mut self, fact: &Fact, hub: &Hub) {
        if let Event::CustomerErased { records, .. } = &fact.event {
            self.erase(records);
        }
        let Some(id) = fact.interaction else {
            return;
        };
        if let Event::Rated { .. } = &fact.event {
            self.rated(id, fact, hub);
        }
        self.decide(id, fact);
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
        let mut latest = Latest::default();
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
        latest.note(&fact(Some(id), rated), &floor.hub);
        assert!(latest.ratings()[0].comment.is_some());

        let erased = Event::CustomerErased {
            customer,
            records: vec![customer],
            by: Author::System,
            reason: "asked for".to_owned(),
        };
        latest.note(&fact(None, erased), &floor.hub);

        assert_eq!(latest.ratings()[0].comment, None);
        assert_eq!(latest.ratings()[0].score.number(), 4);
    }
}
