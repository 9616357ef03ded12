//! Who set an agent's presence.

use serde::{Deserialize, Serialize};
use ws::id::AgentId;

/// Who set an agent's presence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum SetBy {
    /// The agent.
    #[default]
    Agent,
    /// A supervisor.
    Supervisor {
        /// Who.
        agent: AgentId,
    },
    /// A program with an API credential.
    Api {
        /// The name of its token; facts of earlier versions have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        program: Option<String>,
    },
    /// Tandem: just signed in, missed offers, a lost console.
    System,
}
