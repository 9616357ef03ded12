//! Where a contact can be handed on to.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::{AgentId, LegId, Number, QueueId};

/// Where a contact is handed on to: one of an agent, a queue and a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferTo {
    /// An agent.
    Agent(AgentId),
    /// Whoever is next in a queue.
    Queue(QueueId),
    /// A number outside that a rule of the house allows.
    Number(Number),
}

impl fmt::Display for TransferTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(agent) => write!(f, "{agent}"),
            Self::Queue(queue) => write!(f, "{queue}"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// To whom a chat is handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandOverTo {
    /// A colleague, who must be free for it.
    Agent(AgentId),
    /// Whoever of a queue is next.
    Queue(QueueId),
}

/// Another agent, as a console shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Colleague {
    /// Who.
    pub agent: AgentId,
    /// The name customers are shown.
    pub name: String,
}

/// A colleague in a chat, or asked in, as a console shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Member {
    /// Who.
    pub agent: AgentId,
    /// The name customers are shown.
    pub name: String,
    /// Whether they are there; else they are asked and did not answer yet.
    pub joined: bool,
}

/// Somebody an agent asks while the customer hears music, as a console shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Consult {
    /// Whom.
    pub to: TransferTo,
    /// Whether they are on the line; else their phone rings.
    pub joined: bool,
}

/// Somebody who was asked or in the conversation and is gone, as a console shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Parted {
    /// Their leg.
    pub leg: LegId,
    /// What they are called: an agent's name, else the queue or number.
    pub name: String,
    /// Why they are gone.
    pub why: PartedWhy,
}

/// Why somebody who was asked about a call, or taken into it, is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartedWhy {
    /// They did not want to.
    Declined,
    /// They are busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// They could not be reached.
    Unreachable,
    /// They hung up, or were lost.
    Left,
}

/// Somebody who was taken into the conversation of customer and agent, as a console shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Guest {
    /// Their leg.
    pub leg: LegId,
    /// Who they are.
    #[serde(flatten)]
    pub who: TransferTo,
}
