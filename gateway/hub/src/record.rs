//! The interaction record: everything that is known of one customer matter, folded from its facts and written for
//! people and programs. `tandem interaction show` and `GET /api/v1/interactions/{id}` give exactly this.

mod fold;

use serde::Serialize;
use ws::{
    agent::Channel,
    id::{
        AgentId, AssignmentId, CallbackId, CustomerId, InteractionId, LegId, Number, QueueId,
        Timestamp, VisitorId, ZoneId,
    },
    timeline::{Author, Entry},
};

use crate::{
    edge::browser::Timeline,
    event::{CallbackEnd, Fact, LegCause, OfferEnd, Party, Route},
    input::Cause,
};

/// One interaction, complete as far as its facts go.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// Which.
    pub interaction: InteractionId,
    /// When it began.
    pub opened_at: Timestamp,
    /// When it was closed for good.
    pub sealed_at: Option<Timestamp>,
    /// The channel it began on.
    pub channel: Channel,
    /// The queue it belongs to.
    pub queue: QueueId,
    /// The zone it came by.
    pub zone: Option<ZoneId>,
    /// The page it came from.
    pub page: Option<String>,
    /// Whose it is.
    pub customer: Person,
    /// Its ids in other systems.
    pub external: Vec<External>,
    /// All legs, in the order they began.
    pub legs: Vec<LegRecord>,
    /// Times spent in queues.
    pub waits: Vec<Wait>,
    /// What was put before whom.
    pub offers: Vec<OfferRecord>,
    /// The stays of agents.
    pub assignments: Vec<Stay>,
    /// The promises to call.
    pub callbacks: Vec<Promise>,
    /// What visitor and agent saw, messages included, in order.
    pub timeline: Vec<Entry>,
    /// What the sweeper mended.
    pub mended: Vec<Mended>,
    /// How the contact ended.
    pub ended: Option<End>,
    /// How it turned out.
    pub outcome: Option<String>,
    #[serde(skip)]
    reader: Timeline,
}

/// Who the customer is, as far as this interaction tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Person {
    /// The known record.
    pub customer: CustomerId,
    /// The name given.
    pub name: Option<String>,
    /// The number they called from or gave.
    pub number: Option<Number>,
    /// The mail address given.
    pub mail: Option<String>,
    /// The browser they came with.
    pub visitor: Option<VisitorId>,
    /// The subject of a signed identity.
    pub verified: Option<String>,
}

/// Another system's id of the interaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct External {
    /// The system, by its header's name.
    pub system: String,
    /// The id.
    pub id: String,
}

/// One leg.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LegRecord {
    /// Which.
    pub leg: LegId,
    /// Whose, and on what.
    pub party: Party,
    /// Why.
    pub cause: LegCause,
    /// The leg it was made for.
    pub parent: Option<LegId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it rang.
    pub ringing_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When its first media came.
    pub flowing_at: Option<Timestamp>,
    /// When it was found silent in a bridge.
    pub silent_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Why it was over.
    pub reason: Option<Cause>,
}

/// A time in a queue.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wait {
    /// Which queue.
    pub queue: QueueId,
    /// On what channel an agent was wanted.
    pub channel: Channel,
    /// The priority, 0 to 9.
    pub priority: u8,
    /// Set when it was a callback that fell due.
    pub callback: Option<CallbackId>,
    /// Since when its place counts.
    pub since: Timestamp,
    /// When it entered.
    pub entered_at: Timestamp,
    /// When it left.
    pub left_at: Option<Timestamp>,
    /// Why it left.
    pub reason: Option<String>,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfferRecord {
    /// Whom.
    pub agent: AgentId,
    /// On what channel.
    pub channel: Channel,
    /// When it was made.
    pub at: Timestamp,
    /// When it would have gone to somebody else.
    pub deadline: Timestamp,
    /// Why them.
    pub route: Route,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How; nothing when it was taken, or is open.
    pub end: Option<OfferEnd>,
    /// Whether it was taken.
    pub taken: bool,
}

/// An agent's stay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stay {
    /// Its id.
    pub assignment: AssignmentId,
    /// Whose.
    pub agent: AgentId,
    /// The name customers were shown.
    pub name: String,
    /// The channels it was for.
    pub channels: Vec<Channel>,
    /// When it began.
    pub started_at: Timestamp,
    /// When the wrap-up began.
    pub wrap_up_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How it turned out.
    pub disposition: Option<String>,
    /// The agent's note.
    pub note: Option<String>,
    /// Why it was over.
    pub reason: Option<String>,
}

/// A promise to call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Promise {
    /// Which.
    pub callback: CallbackId,
    /// Where.
    pub number: Number,
    /// When it was promised.
    pub promised_at: Timestamp,
    /// By whom.
    pub by: Author,
    /// Not before.
    pub due: Timestamp,
    /// The attempts, in order.
    pub attempts: Vec<Attempt>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How.
    pub end: Option<CallbackEnd>,
}

/// One dialling of a callback.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attempt {
    /// Its number, from 1.
    pub attempt: u8,
    /// When.
    pub at: Timestamp,
    /// For which agent.
    pub agent: AgentId,
    /// The customer's leg.
    pub customer_leg: LegId,
    /// The agent's leg.
    pub agent_leg: LegId,
    /// When it failed.
    pub failed_at: Option<Timestamp>,
    /// Why it failed.
    pub reason: Option<Cause>,
    /// When the next one was due.
    pub next_due: Option<Timestamp>,
}

/// Something the sweeper mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// When.
    pub at: Timestamp,
    /// What, in words for people.
    pub what: String,
}

/// How the contact ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Author,
    /// Why, in words for people.
    pub reason: String,
}

/// Folds the facts of one interaction, in the journal's order; facts of others are passed over. Nothing comes of facts
/// that do not begin with the opening.
pub fn fold<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Option<Record> {
    let mut facts = facts.into_iter();
    let mut record = facts.find_map(Record::open)?;
    let id = Some(record.interaction);
    for fact in facts.filter(|fact| fact.interaction == id) {
        record.apply(fact);
    }
    Some(record)
}

#[cfg(test)]
mod tests;
