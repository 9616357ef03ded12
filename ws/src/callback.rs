//! What may be wished of a call back, as widgets, consoles and programs say it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::{AgentId, Number, Timestamp};

/// Whom a call back dials first, once an agent took it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Agent and customer at once; a customer who answers first hears that the agent comes.
    #[default]
    Together,
    /// The agent's phone; the customer's when it was answered, so that no customer ever waits.
    AgentFirst,
    /// The customer; the agent's phone when the customer answered, who hears music meanwhile.
    CustomerFirst,
}

/// What may be wished of a call back beside number and time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Wish {
    /// Not after this time.
    pub until: Option<Timestamp>,
    /// The customer's time zone by its IANA name, such as `Europe/Berlin`; none means that of the number.
    pub zone: Option<String>,
    /// The agent who is to call; after a while anybody may.
    pub owner: Option<AgentId>,
    /// Whom to dial first; none means as the queue has it.
    pub order: Option<Order>,
    /// How many seconds before the call the customer is reminded; not at all where it is 0, and as the house does where it is none.
    #[ts(type = "number | null")]
    pub remind: Option<u64>,
    /// Whether the place in the queue is kept, for one who waits now.
    pub keep_place: bool,
}

/// A call that a visitor wants later, in place of a chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(rename = "WantedCall")]
#[schema(as = WantedCall)]
pub struct Wanted {
    /// Where.
    pub number: Number,
    /// Not before this time; none means as soon as an agent is free.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// What else is wished of it; its owner and order are the house's to choose.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub wish: Option<Box<Wish>>,
}
