//! What facts about ratings and repeated contacts do.

use ws::id::Timestamp;

use crate::{
    event::Event,
    interaction::{Answer, Interaction, Rating},
};

impl Interaction {
    pub(super) fn apply_rating(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::RepeatOf { earlier, .. } => self.repeat_of = Some(*earlier),
            Event::RatingAsked {
                channel,
                queue,
                agent,
                leg,
                until,
            } => {
                self.rating = Some(Box::new(Rating {
                    channel: *channel,
                    queue: queue.clone(),
                    agent: agent.clone(),
                    leg: *leg,
                    asked: at,
                    until: *until,
                    answer: Answer::Awaited,
                    told: 0,
                }));
            }
            Event::Rated { score, comment, .. } => {
                if let Some(rating) = &mut self.rating {
                    let (score, comment) = (*score, comment.clone());
                    rating.answer = Answer::Given { at, score, comment };
                    rating.told = rating.told.saturating_add(1);
                }
            }
            Event::RatingDeclined { .. } => {
                if let Some(rating) = &mut self.rating {
                    rating.answer = Answer::Declined;
                }
            }
            _ => {}
        }
    }
}
