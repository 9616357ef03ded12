//! Why an interaction waits, and who would get it now.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
};
use hub::{
    Explanation,
    demand::Skills,
    event::{Candidate, Why},
    priority::Priority,
};
use serde::Serialize;
use utoipa::ToSchema;
use ws::{
    agent::Channel,
    id::{AgentId, InteractionId, QueueId, Timestamp},
};

use super::id;
use crate::net::{app::App, problem::Problem};

/// How many candidates are named; all are counted.
const NAMED: usize = 200;

/// How a waiting interaction stands, worked out at the moment of the question. What was decided is in the interaction's
/// `offers`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Route {
    #[schema(value_type = String)]
    interaction: InteractionId,
    /// On what channel an agent is wanted.
    #[schema(value_type = String)]
    channel: Channel,
    #[schema(value_type = String)]
    queue: QueueId,
    /// Its place in the queue, from 1.
    position: Option<u32>,
    /// Since when it waits.
    #[schema(value_type = u64)]
    since: Timestamp,
    /// The points that move it forward, and the waiting they are worth together, in milliseconds.
    #[schema(value_type = Object)]
    priority: Priority,
    /// What an agent must be able to do now, with the least level.
    #[schema(value_type = Object)]
    skills: Skills,
    /// When less may be asked.
    #[schema(value_type = Option<u64>)]
    relaxes_at: Option<Timestamp>,
    /// Before whom it is.
    #[schema(value_type = Option<String>)]
    offered_to: Option<AgentId>,
    /// For which agent it is kept.
    #[schema(value_type = Option<String>)]
    kept_for: Option<AgentId>,
    /// Until when, if not for good.
    #[schema(value_type = Option<u64>)]
    kept_until: Option<Timestamp>,
    /// Whether the configuration does not name its queue any more: nobody serves it, and it waits until the queue is there
    /// again; a call ends two minutes after the reload.
    queue_unknown: bool,
    /// Whether the way out is closed for its promised call: what was said of the customer or their number forbids it, a
    /// limit on calls is reached, there is no trunk, or the customer is in a call. It is put before nobody while it is so.
    barred: bool,
    /// Whether it is a message that is held because its queue is closed (`hours`).
    out_of_hours: bool,
    /// When the queue opens, and the message is put before somebody; none if it does not within 400 days.
    #[schema(value_type = Option<u64>)]
    held_until: Option<Timestamp>,
    /// Whether it is a promised call that waits for a quiet time of its queue (`blend`).
    held_back: bool,
    /// Who would get it now.
    next: Option<Next>,
    /// How many agents are at the queue, and how they stand.
    agents: BTreeMap<String, usize>,
    /// At most 200 of them.
    candidates: Vec<Looked>,
}

/// Who would get it, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Next {
    #[schema(value_type = String)]
    agent: AgentId,
    /// In one word.
    #[schema(value_type = String)]
    why: Why,
    /// In words for people.
    words: &'static str,
}

/// An agent who was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct Looked {
    /// Who, and how they stand: `is` with its fields.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    candidate: Candidate,
    /// In words for people.
    words: String,
}

/// Tells why an interaction waits, and who would get it now.
#[utoipa::path(get, path = "/api/v1/interactions/{id}/route", params(("id" = String, Path)), security(("bearer" = ["read:queues"])), responses(
    (status = 200, body = Route), (status = 404, body = Problem)))]
pub async fn route(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<Route>, Problem> {
    let interaction: InteractionId = id(&text)?;
    let now = app.now();
    let found = app.look(move |hub| hub.explain(interaction, now)).await?;
    let told = found.ok_or_else(|| {
        Problem::not_found(format!(
            "interaction {interaction} does not wait; /api/v1/interactions/{interaction} has what was decided"
        ))
    })?;
    Ok(Json(Route::tell(interaction, told)))
}

impl Route {
    fn tell(interaction: InteractionId, told: Explanation) -> Self {
        let mut agents: BTreeMap<String, usize> = BTreeMap::new();
        for candidate in &told.candidates {
            *agents
                .entry(candidate.verdict.word().to_owned())
                .or_default() += 1;
        }
        let (kept_for, kept_until) = told.kept_for.unzip();
        let candidates = told.candidates.into_iter().take(NAMED);
        Self {
            interaction,
            channel: told.channel,
            queue: told.queue,
            position: told.position,
            since: told.since,
            priority: told.priority,
            skills: told.skills,
            relaxes_at: told.relaxes_at,
            offered_to: told.offered,
            kept_for,
            kept_until: kept_until.flatten(),
            queue_unknown: told.queue_unknown,
            barred: told.barred,
            out_of_hours: told.out_of_hours,
            held_until: told.held_until,
            held_back: told.held_back,
            next: told.next.map(|(agent, why)| Next {
                agent,
                why,
                words: why.words(),
            }),
            agents,
            candidates: candidates
                .map(|candidate| Looked {
                    words: candidate.verdict.words(),
                    candidate,
                })
                .collect(),
        }
    }
}
