//! What an agent spends the day with.

use hub::times::Spent as Times;
use serde::Serialize;
use utoipa::ToSchema;
use ws::board::Activity;

/// How long an agent did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct Spent {
    /// What.
    activity: &'static str,
    /// The reason to be away.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// For how long.
    seconds: u64,
}

/// Says what an agent spent a day with.
pub(super) fn told(spent: Times) -> Vec<Spent> {
    let spent = spent.into_iter().map(|(activity, milliseconds)| Spent {
        activity: activity.word(),
        reason: match activity {
            Activity::Away { reason } => Some(reason),
            Activity::Ready
            | Activity::Call
            | Activity::Chat
            | Activity::WrapUp
            | Activity::Gone => None,
        },
        seconds: milliseconds / 1_000,
    });
    spent.collect()
}
