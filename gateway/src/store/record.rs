//! The consolidated record of one interaction, folded from its facts.

mod fold;
mod parts;
mod promised;
mod recordings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use hub::{Event, Fact, edge::browser::Timeline};
use serde::Serialize;
use utoipa::ToSchema;
use ws::{
    agent::Channel,
    id::{InteractionId, QueueId, Timestamp, ZoneId},
    timeline::Entry,
};

pub use parts::{
    AssignmentRecord, CallbackRecord, CustomerCard, Happening, LegRecord, OfferRecord, WaitRecord,
};

pub use promised::PromisedWait;
pub use recordings::RecordingRecord;

use super::{consents::ConsentRecord, matters::MatterLine, satisfaction::RatingRecord};

/// All that is known of one interaction. Times are milliseconds since 1970.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Record {
    /// Which.
    #[schema(value_type = String)]
    pub interaction: InteractionId,
    /// When it began.
    #[schema(value_type = u64)]
    pub opened_at: Timestamp,
    /// When it became complete.
    #[schema(value_type = Option<u64>)]
    pub sealed_at: Option<Timestamp>,
    /// What it began on.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// Where it waited.
    #[schema(value_type = String)]
    pub queue: QueueId,
    /// The part of the website it came by.
    #[schema(value_type = Option<String>)]
    pub zone: Option<ZoneId>,
    /// The page it came from.
    pub page: Option<String>,
    /// The page that led there.
    pub referrer: Option<String>,
    /// Whose matter it is.
    pub customer: CustomerCard,
    /// Ids that other systems gave it.
    pub external_ids: BTreeMap<String, String>,
    /// Who took part, on what.
    pub legs: Vec<LegRecord>,
    /// Where it waited, each time.
    pub waits: Vec<WaitRecord>,
    /// What the customer was told while waiting, and what came.
    pub promised_waits: Vec<PromisedWait>,
    /// Which agents had it.
    pub assignments: Vec<AssignmentRecord>,
    /// Before whom it was put.
    pub offers: Vec<OfferRecord>,
    /// What visitor and agent saw.
    #[schema(value_type = Vec<Object>)]
    pub timeline: Vec<Entry>,
    /// Calls that were promised.
    pub callbacks: Vec<CallbackRecord>,
    /// What was recorded of its calls.
    pub recordings: Vec<RecordingRecord>,
    /// What was said about contact in it.
    pub consents: Vec<ConsentRecord>,
    /// What the customer said of how they were served, once they were asked.
    pub rating: Option<RatingRecord>,
    /// The earlier interaction whose matter it is about again.
    #[schema(value_type = Option<String>)]
    pub repeat_of: Option<InteractionId>,
    /// Whether the matter is solved, as far as the last agent could say.
    pub solved: Option<bool>,
    /// How it ended.
    pub outcome: Option<String>,
    /// What was typed as the customer's name, also where a signed identity says another.
    pub name_typed: Option<String>,
    /// What the customer answered to the zone's form, as `field`, `label`, `value` and, of a choice, `words`.
    #[schema(value_type = Vec<Object>)]
    pub answers: Vec<ws::form::Answer>,
    /// The interaction it is part of, where the two turned out to be one matter.
    #[schema(value_type = Option<String>)]
    pub merged_into: Option<InteractionId>,
    /// The records of those that are part of it, oldest first.
    #[schema(no_recursion)]
    pub merged: Vec<Record>,
    /// How it came to be merged with others, newest first, with what was taken back.
    pub merges: Vec<MatterLine>,
    /// What else happened, in order: bridges, diversions, parking, lookups, refusals and the like.
    pub happenings: Vec<Happening>,
}

impl Record {
    /// Begins with the first fact, if it is one that opens an interaction.
    fn begin(fact: &Fact) -> Option<Self> {
        let Event::Opened {
            channel,
            queue,
            zone,
            page,
            referrer,
            customer,
            name,
            answers,
        } = &fact.event
        else {
            return None;
        };
        Some(Self {
            interaction: fact.interaction?,
            opened_at: fact.at,
            sealed_at: None,
            channel: *channel,
            queue: queue.clone(),
            zone: zone.clone(),
            page: page.clone(),
            referrer: referrer.clone(),
            customer: CustomerCard {
                customer: *customer,
                name: name.clone(),
                number: None,
                mail: None,
                verified: None,
            },
            name_typed: name.clone(),
            answers: answers.clone(),
            external_ids: BTreeMap::new(),
            legs: Vec::new(),
            waits: Vec::new(),
            promised_waits: Vec::new(),
            assignments: Vec::new(),
            offers: Vec::new(),
            timeline: Vec::new(),
            callbacks: Vec::new(),
            recordings: Vec::new(),
            consents: Vec::new(),
            rating: None,
            repeat_of: None,
            solved: None,
            outcome: None,
            merged_into: None,
            merged: Vec::new(),
            merges: Vec::new(),
            happenings: Vec::new(),
        })
    }

    /// Folds all facts of one interaction, in order; none when they do not begin with its opening.
    pub fn fold<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Option<Self> {
        let mut record: Option<Self> = None;
        let mut timeline = Timeline::default();
        for fact in facts {
            timeline.handle_fact(fact);
            match &mut record {
                None => record = Self::begin(fact),
                Some(record) => record.add(fact),
            }
        }
        record.map(|record| Self {
            timeline: timeline.entries().to_vec(),
            ..record
        })
    }
}
