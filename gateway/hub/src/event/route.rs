//! The choice of an agent, as it is kept.

use serde::{Deserialize, Serialize};
use ws::id::AgentId;

/// Why an agent was chosen, or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Who was chosen.
    pub agent: AgentId,
    /// In words for people.
    pub why: String,
    /// Who was not, and why.
    pub passed_over: Vec<(AgentId, String)>,
}
