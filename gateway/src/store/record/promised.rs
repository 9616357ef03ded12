//! What customers were told while they waited, held against what came.

use hub::{Event, event::Promised};
use serde::Serialize;
use utoipa::ToSchema;
use ws::{
    agent::Channel,
    id::{QueueId, Timestamp},
};

/// A customer's wait in one queue, which may have been interrupted by offers that came to nothing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromisedWait {
    /// Where.
    #[schema(value_type = String)]
    pub queue: QueueId,
    /// For what.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// Since when; none while it goes on.
    #[schema(value_type = Option<u64>)]
    pub came_at: Option<Timestamp>,
    /// Until when.
    #[schema(value_type = Option<u64>)]
    pub ended_at: Option<Timestamp>,
    /// `answered`, `abandoned`, `elsewhere`, `message`, `turned_away` or `callback`.
    pub end: Option<String>,
    /// Whether it ended within the queue's target of that time.
    pub in_time: Option<bool>,
    /// What the customer was told.
    pub promises: Vec<PromiseRecord>,
    /// By how many milliseconds the wait was longer than what was told first; less than nothing where it was shorter.
    pub error_ms: Option<i64>,
}

/// What somebody who waits was told once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromiseRecord {
    /// When.
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// Their place, from 1.
    pub position: u32,
    /// How much longer they would wait, in milliseconds. Callers hear it in minutes.
    pub expected_ms: Option<u64>,
}

impl PromisedWait {
    /// Takes in what a fact says of waits.
    pub(super) fn add(waits: &mut Vec<Self>, at: Timestamp, event: &Event) {
        match event {
            Event::WaitPromised {
                queue,
                channel,
                told,
            } => Self::open(waits, queue, *channel)
                .promises
                .push(promise(told)),
            Event::WaitEnded {
                queue,
                channel,
                came,
                end,
                target_ms,
                promises,
                ..
            } => {
                let wait = Self::open(waits, queue, *channel);
                let waited = at.since(*came).as_millis();
                wait.came_at = Some(*came);
                wait.ended_at = Some(at);
                wait.end = Some(end.word().to_owned());
                wait.in_time = Some(waited <= u128::from(*target_ms));
                wait.error_ms = promises.and_then(|promises| promises.first.error_ms(at));
            }
            _ => {}
        }
    }

    fn open<'a>(waits: &'a mut Vec<Self>, queue: &QueueId, channel: Channel) -> &'a mut Self {
        if waits.last().is_none_or(|last| last.ended_at.is_some()) {
            waits.push(Self {
                queue: queue.clone(),
                channel,
                came_at: None,
                ended_at: None,
                end: None,
                in_time: None,
                promises: Vec::new(),
                error_ms: None,
            });
        }
        waits.last_mut().expect("one was pushed above")
    }
}

fn promise(told: &Promised) -> PromiseRecord {
    PromiseRecord {
        at: told.at,
        position: told.position,
        expected_ms: told.expected_ms,
    }
}
