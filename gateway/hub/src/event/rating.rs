//! What a sealed interaction leaves for the figures of how well customers were served.

use serde::{Deserialize, Serialize};
use ws::id::QueueId;

/// The matter of an interaction in which the customer and an agent met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// Where it belonged at its end.
    pub queue: QueueId,
    /// How it turned out, in the agent's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    /// Whether it is solved, as far as the agent could say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solved: Option<bool>,
}
