//! The question how well a customer was served, and its answer.

use ws::{
    agent::Channel,
    id::{AgentId, LegId, QueueId, Timestamp},
    rating::Score,
};

/// The question how well a customer was served.
#[derive(Clone, Debug, PartialEq)]
pub struct Rating {
    /// On what it was asked.
    pub channel: Channel,
    /// Of which queue.
    pub queue: QueueId,
    /// Who had served.
    pub agent: Option<AgentId>,
    /// The phone it was asked on.
    pub leg: Option<LegId>,
    /// When it was asked.
    pub asked: Timestamp,
    /// How long an answer is taken.
    pub until: Timestamp,
    /// What came of it.
    pub answer: Answer,
    /// How often it was told.
    pub told: u32,
}

/// What came of the question how well a customer was served.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing yet.
    Awaited,
    /// The customer told.
    Given {
        /// When.
        at: Timestamp,
        /// How well.
        score: Score,
        /// In their own words.
        comment: Option<String>,
    },
    /// The customer did not want to tell.
    Declined,
}

impl Rating {
    /// Returns the score, if one was given.
    pub fn score(&self) -> Option<Score> {
        match self.answer {
            Answer::Given { score, .. } => Some(score),
            Answer::Awaited | Answer::Declined => None,
        }
    }

    /// Tells whether an answer is still taken.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.until && self.answer != Answer::Declined
    }
}
