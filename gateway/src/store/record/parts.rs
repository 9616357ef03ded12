//! What a record is made of: legs, stays, waits, offers, promises, and whatever else happened.

use hub::{
    event::{LegCause, Route},
    quality::Measured,
};
use serde::Serialize;
use utoipa::ToSchema;
use ws::{
    agent::Channel,
    id::{AgentId, AssignmentId, CallbackId, CustomerId, LegId, QueueId, Seq, Timestamp},
    timeline::Author,
};

/// Who the customer is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomerCard {
    /// The record.
    #[schema(value_type = String)]
    pub customer: CustomerId,
    /// The name.
    pub name: Option<String>,
    /// The number.
    pub number: Option<String>,
    /// The mail address.
    pub mail: Option<String>,
    /// The subject of a proved identity.
    pub verified: Option<String>,
}

/// One party's participation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LegRecord {
    /// Which.
    #[schema(value_type = String)]
    pub leg: LegId,
    /// `customer_phone`, `agent_phone`, `customer_browser`, `agent_browser`, `customer_chat`, `agent_chat`, `customer_page` or `agent_page`.
    pub kind: String,
    /// A number, an agent or a visitor.
    pub party: Option<String>,
    /// The trunk.
    pub trunk: Option<String>,
    /// The leg it came from.
    #[schema(value_type = Option<String>)]
    pub parent: Option<LegId>,
    /// Why it is there.
    #[schema(value_type = String)]
    pub cause: LegCause,
    /// When it began.
    #[schema(value_type = u64)]
    pub started_at: Timestamp,
    /// When it was answered.
    #[schema(value_type = Option<u64>)]
    pub answered_at: Option<Timestamp>,
    /// When it was over.
    #[schema(value_type = Option<u64>)]
    pub ended_at: Option<Timestamp>,
    /// How it carried speech: `codec`, `mos` (hundredths, 100 to 450), `jitter_ms`, `lost` and `party_lost` (hundredths of
    /// a percent), `round_trip_ms`; none where nothing came of it.
    #[schema(value_type = Option<Object>)]
    pub quality: Option<Measured>,
    /// The kind of the cause, such as `normal` or `busy`.
    pub end_kind: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
    /// The SIP status of that.
    pub status: Option<u16>,
}

/// One agent's stay.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssignmentRecord {
    /// Which.
    #[schema(value_type = String)]
    pub assignment: AssignmentId,
    /// Who.
    #[schema(value_type = String)]
    pub agent: AgentId,
    /// On what.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// From when.
    #[schema(value_type = u64)]
    pub started_at: Timestamp,
    /// When the wrap-up began.
    #[schema(value_type = Option<u64>)]
    pub wrap_up_at: Option<Timestamp>,
    /// To when.
    #[schema(value_type = Option<u64>)]
    pub ended_at: Option<Timestamp>,
    /// How it turned out.
    pub disposition: Option<String>,
    /// The agent's note.
    pub note: Option<String>,
    /// Why it ended.
    pub reason: Option<String>,
}

/// One offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfferRecord {
    /// Before whom.
    #[schema(value_type = String)]
    pub agent: AgentId,
    /// On what.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// When.
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// Why this agent.
    pub why: String,
    /// How the choice came about: what was asked, what moved it forward in the line, who was looked at.
    #[schema(value_type = Object)]
    pub route: Route,
    /// `taken`, or why not; none while it stands.
    pub end: Option<String>,
}

/// One promise to call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CallbackRecord {
    /// Which.
    #[schema(value_type = String)]
    pub callback: CallbackId,
    /// Whom.
    pub number: String,
    /// When it is or was next due.
    #[schema(value_type = u64)]
    pub due: Timestamp,
    /// How often it was dialled.
    pub attempts: u8,
    /// How it ended.
    pub end: Option<String>,
    /// Who took it back, where somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub ended_by: Option<Author>,
}

/// One stay in a queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitRecord {
    /// Where.
    #[schema(value_type = String)]
    pub queue: QueueId,
    /// On what an agent was wanted.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// What the place counts from.
    #[schema(value_type = u64)]
    pub since: Timestamp,
    /// When it came in this time.
    #[schema(value_type = u64)]
    pub entered_at: Timestamp,
    /// The promised call it waited for.
    #[schema(value_type = Option<String>)]
    pub callback: Option<CallbackId>,
    /// The agent who was waited for first.
    #[schema(value_type = Option<String>)]
    pub kept_for: Option<AgentId>,
    /// Until when only they were to be asked, where they were asked for.
    #[schema(value_type = Option<u64>)]
    pub kept_until: Option<Timestamp>,
    /// When it left.
    #[schema(value_type = Option<u64>)]
    pub left_at: Option<Timestamp>,
    /// How long that took since `since`, in milliseconds.
    pub waited_ms: Option<u64>,
    /// Why it left.
    pub reason: Option<String>,
}

/// Something else that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Happening {
    /// When.
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// Its place in the timeline, if it stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub seq: Option<Seq>,
    /// The word of the fact, such as `bridged` or `diverted`.
    pub event: String,
    /// What the fact says.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
}
