//! The consolidated record of one interaction, folded from its facts.

use std::collections::BTreeMap;

use hub::{
    Event, Fact,
    edge::browser::Timeline,
    event::{LegCause, Party, Route},
    input::Cause,
};
use serde::Serialize;
use utoipa::ToSchema;
use ws::{
    agent::Channel,
    id::{
        AgentId, AssignmentId, CallbackId, CustomerId, InteractionId, LegId, QueueId, Timestamp,
        ZoneId,
    },
    timeline::Entry,
};

use super::{consents::ConsentRecord, project, satisfaction::RatingRecord};

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
    /// Whose matter it is.
    pub customer: CustomerCard,
    /// Ids that other systems gave it.
    pub external_ids: BTreeMap<String, String>,
    /// Who took part, on what.
    pub legs: Vec<LegRecord>,
    /// Which agents had it.
    pub assignments: Vec<AssignmentRecord>,
    /// Before whom it was put.
    pub offers: Vec<OfferRecord>,
    /// What visitor and agent saw.
    #[schema(value_type = Vec<Object>)]
    pub timeline: Vec<Entry>,
    /// Calls that were promised.
    pub callbacks: Vec<CallbackRecord>,
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
}

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
    /// `customer_phone`, `agent_phone`, `customer_chat` or `agent_chat`.
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
    /// Why.
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
}

impl Record {
    /// Begins with the first fact, if it is one that opens an interaction.
    fn begin(fact: &Fact) -> Option<Self> {
        let Event::Opened {
            channel,
            queue,
            zone,
            page,
            customer,
            name,
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
            customer: CustomerCard {
                customer: *customer,
                name: name.clone(),
                number: None,
                mail: None,
                verified: None,
            },
            external_ids: BTreeMap::new(),
            legs: Vec::new(),
            assignments: Vec::new(),
            offers: Vec::new(),
            timeline: Vec::new(),
            callbacks: Vec::new(),
            consents: Vec::new(),
            rating: None,
            repeat_of: None,
            solved: None,
            outcome: None,
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

    // Events that say nothing to a record are left out by `add_leg` and the others together.
    fn add(&mut self, fact: &Fact) {
        match &fact.event {
            Event::Sealed { outcome, .. } => {
                self.sealed_at = Some(fact.at);
                self.outcome = Some(outcome.clone());
            }
            Event::ConsentChanged(said) => self.consents.push(ConsentRecord::new(fact.at, said)),
            Event::ExternalId { system, id } => {
                self.external_ids.insert(system.clone(), id.clone());
            }
            Event::CustomerKnown {
                customer,
                name,
                number,
                mail,
                verified,
                ..
            } => {
                let card = &mut self.customer;
                card.customer = *customer;
                card.name = name.clone().or(card.name.take());
                card.number = number
                    .as_ref()
                    .map(ToString::to_string)
                    .or(card.number.take());
                card.mail = mail.clone().or(card.mail.take());
                card.verified = verified.clone().or(card.verified.take());
            }
            Event::RepeatOf { earlier, .. } => self.repeat_of = Some(*earlier),
            Event::RatingAsked { .. } | Event::Rated { .. } | Event::RatingDeclined { .. } => {
                RatingRecord::add(&mut self.rating, fact);
            }
            other => {
                self.add_leg(fact.at, other);
                self.add_work(fact.at, other);
                self.add_callback(other);
            }
        }
    }

    fn add_leg(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::LegStarted {
                leg,
                party,
                cause,
                parent,
            } => self.begin_leg(at, *leg, party, *cause, *parent),
            Event::LegAnswered { leg } => {
                if let Some(found) = self.leg(*leg) {
                    found.answered_at = Some(at);
                }
            }
            Event::LegEnded {
                leg,
                cause: Cause { text, status, .. },
            } => {
                if let Some(found) = self.leg(*leg) {
                    found.ended_at = Some(at);
                    found.reason = Some(text.clone());
                    found.status = *status;
                }
            }
            _ => {}
        }
    }

    fn begin_leg(
        &mut self,
        at: Timestamp,
        leg: LegId,
        party: &Party,
        cause: LegCause,
        parent: Option<LegId>,
    ) {
        let (kind, who, trunk) = project::describe(party);
        self.legs.push(LegRecord {
            leg,
            kind: kind.to_owned(),
            party: who,
            trunk,
            parent,
            cause,
            started_at: at,
            answered_at: None,
            ended_at: None,
            reason: None,
            status: None,
        });
    }

    fn leg(&mut self, leg: LegId) -> Option<&mut LegRecord> {
        self.legs.iter_mut().find(|known| known.leg == leg)
    }

    fn add_work(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Offered {
                agent,
                channel,
                route,
                ..
            } => self.offers.push(OfferRecord {
                agent: agent.clone(),
                channel: *channel,
                at,
                why: route.why.words().to_owned(),
                route: Route::clone(route),
                end: None,
            }),
            Event::OfferEnded { agent, end, .. } => self.end_offer(agent, project::word(end)),
            Event::Assigned {
                assignment,
                agent,
                channel,
                ..
            } => {
                self.end_offer(agent, "taken".to_owned());
                self.assignments.push(AssignmentRecord {
                    assignment: *assignment,
                    agent: agent.clone(),
                    channel: *channel,
                    started_at: at,
                    wrap_up_at: None,
                    ended_at: None,
                    disposition: None,
                    note: None,
                    reason: None,
                });
            }
            Event::WrapUpStarted { assignment, .. } => {
                for found in self.stays(*assignment) {
                    found.wrap_up_at = Some(at);
                }
            }
            Event::AssignmentEnded {
                assignment,
                disposition,
                note,
                reason,
                solved,
                ..
            } => {
                self.solved = solved.or(self.solved);
                for found in self.stays(*assignment) {
                    found.ended_at = Some(at);
                    found.disposition.clone_from(disposition);
                    found.note.clone_from(note);
                    found.reason = Some(reason.clone());
                }
            }
            _ => {}
        }
    }

    // A stay that began with the chat and took a call too stands here once for each channel.
    fn stays(&mut self, assignment: AssignmentId) -> impl Iterator<Item = &mut AssignmentRecord> {
        self.assignments
            .iter_mut()
            .filter(move |known| known.assignment == assignment)
    }

    fn end_offer(&mut self, agent: &AgentId, how: String) {
        let open = self
            .offers
            .iter_mut()
            .rev()
            .find(|offer| offer.agent == *agent && offer.end.is_none());
        if let Some(offer) = open {
            offer.end = Some(how);
        }
    }

    fn add_callback(&mut self, event: &Event) {
        match event {
            Event::CallbackPromised {
                callback,
                number,
                due,
                ..
            } => self.callbacks.push(CallbackRecord {
                callback: *callback,
                number: number.to_string(),
                due: *due,
                attempts: 0,
                end: None,
            }),
            Event::CallbackMoved { callback, due, .. } => {
                if let Some(found) = self.callback(*callback) {
                    found.due = *due;
                }
            }
            Event::CallbackAttempted {
                callback, attempt, ..
            } => {
                if let Some(found) = self.callback(*callback) {
                    found.attempts = *attempt;
                }
            }
            Event::CallbackAttemptFailed {
                callback,
                due: Some(due),
                ..
            } => {
                if let Some(found) = self.callback(*callback) {
                    found.due = *due;
                }
            }
            Event::CallbackEnded { callback, end } => {
                if let Some(found) = self.callback(*callback) {
                    found.end = Some(project::ending(end).to_owned());
                }
            }
            _ => {}
        }
    }

    fn callback(&mut self, callback: CallbackId) -> Option<&mut CallbackRecord> {
        self.callbacks
            .iter_mut()
            .find(|known| known.callback == callback)
    }
}
