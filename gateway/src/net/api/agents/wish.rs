//! What may be asked of a call that is promised in a contact, as the console may.

use serde::Deserialize;
use utoipa::ToSchema;
use ws::{
    callback::{self, Order},
    id::{AgentId, Number, Timestamp},
};

/// A call to be promised.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactCallbackWish)]
pub struct Wish {
    /// Whom.
    #[schema(value_type = String)]
    pub number: Number,
    /// Not before this time; as soon as an agent is free when left out.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    pub at: Option<Timestamp>,
    /// Not after this time.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    until: Option<Timestamp>,
    /// The customer's time zone by its IANA name; that of the number when left out.
    #[serde(default)]
    zone: Option<String>,
    /// The agent who is to call; after a while anybody of the queue may.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    owner: Option<AgentId>,
    /// `together`, `agent_first` or `customer_first`; as the queue has it when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    order: Option<Order>,
    /// How many seconds before the call the customer is to be reminded: not at all where it is 0, as `callback.remind` says when left out.
    #[serde(default)]
    remind: Option<u64>,
    /// Whether the place in the queue is kept, for one who waits now.
    #[serde(default)]
    keep_place: bool,
}

impl Wish {
    /// Returns what is wished beside number and time.
    pub fn more(self) -> callback::Wish {
        let Self {
            number: _,
            at: _,
            until,
            zone,
            owner,
            order,
            remind,
            keep_place,
        } = self;
        callback::Wish {
            until,
            zone,
            owner,
            order,
            remind,
            keep_place,
        }
    }
}
