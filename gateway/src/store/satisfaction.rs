//! What is on record of how well customers were served: ratings, and contacts that repeat an earlier one.

use hub::{Event, Fact};
use rusqlite::{Result, Transaction, params};
use serde::Serialize;
use utoipa::ToSchema;
use ws::{
    agent::Channel,
    id::{AgentId, InteractionId, QueueId, Timestamp},
    rating::Score,
};

use super::project::{frame, sql, word};

/// What a customer said of how they were served.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RatingRecord {
    /// On what they were asked.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// Of which queue.
    #[schema(value_type = String)]
    pub queue: QueueId,
    /// Who had served them.
    #[schema(value_type = Option<String>)]
    pub agent: Option<AgentId>,
    /// When they were asked.
    #[schema(value_type = u64)]
    pub asked_at: Timestamp,
    /// When they said it last.
    #[schema(value_type = Option<u64>)]
    pub rated_at: Option<Timestamp>,
    /// From 1, badly, to 5, very well.
    #[schema(value_type = Option<u8>)]
    pub score: Option<Score>,
    /// In their own words.
    pub comment: Option<String>,
    /// Whether they did not want to say.
    pub declined: bool,
}

impl RatingRecord {
    /// Begins, or goes on, with a fact about the rating of one interaction.
    pub fn add(rating: &mut Option<Self>, fact: &Fact) {
        match (&fact.event, rating) {
            (
                Event::RatingAsked {
                    channel,
                    queue,
                    agent,
                    ..
                },
                rating,
            ) => {
                *rating = Some(Self {
                    channel: *channel,
                    queue: queue.clone(),
                    agent: agent.clone(),
                    asked_at: fact.at,
                    rated_at: None,
                    score: None,
                    comment: None,
                    declined: false,
                });
            }
            (Event::Rated { score, comment, .. }, Some(rating)) => {
                rating.rated_at = Some(fact.at);
                rating.score = Some(*score);
                rating.comment.clone_from(comment);
            }
            (Event::RatingDeclined { .. }, Some(rating)) => rating.declined = true,
            _ => {}
        }
    }
}

/// Folds a fact of an interaction into the tables; `row` is its row of the journal.
pub fn fold(
    to: &Transaction<'_>,
    row: i64,
    id: InteractionId,
    at: Timestamp,
    event: &Event,
) -> Result<()> {
    let (id, at) = (id.to_string(), sql(at.0));
    match event {
        Event::RatingAsked {
            channel,
            queue,
            agent,
            ..
        } => to
            .prepare_cached(
                "INSERT OR IGNORE INTO ratings (interaction, channel, queue, agent, asked_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![id, word(channel), queue.as_str(), agent.as_ref().map(|agent| agent.as_str()), at])
            .map(drop),
        Event::Rated { score, comment, .. } => {
            frame(to, row)?;
            to.prepare_cached("UPDATE ratings SET rated_at = ?2, score = ?3, comment = ?4 WHERE interaction = ?1")?
                .execute(params![id, at, score.number(), comment])
                .map(drop)
        }
        Event::RatingDeclined { .. } => to
            .prepare_cached("UPDATE ratings SET declined = 1 WHERE interaction = ?1")?
            .execute([id])
            .map(drop),
        Event::RepeatOf { earlier, queue } => {
            frame(to, row)?;
            to.prepare_cached("INSERT OR IGNORE INTO repeats VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![id, earlier.to_string(), queue.as_str(), at])
                .map(drop)
        }
        _ => Ok(()),
    }
}
