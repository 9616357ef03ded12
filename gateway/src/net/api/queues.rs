//! How it stands in the queues.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use hub::Hub;
use serde::Serialize;
use utoipa::ToSchema;
use ws::{
    agent::Presence,
    id::{QueueId, Timestamp},
};

use crate::net::{app::App, problem::Problem};

/// One queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueView {
    #[schema(value_type = String)]
    queue: QueueId,
    /// How many wait.
    waiting: usize,
    /// How long the first has waited, in seconds.
    longest_wait: f64,
    /// How many agents serve it, by presence.
    agents: BTreeMap<&'static str, usize>,
}

/// All queues.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queues {
    queues: Vec<QueueView>,
}

/// Lists the queues with their lengths, waits and agents.
#[utoipa::path(get, path = "/api/v1/queues", security(("bearer" = ["read:queues"])), responses(
    (status = 200, body = Queues)))]
pub async fn queues(State(app): State<Arc<App>>) -> Result<Json<Queues>, Problem> {
    let now = app.now();
    let queues = app
        .look(move |hub| {
            hub.setup()
                .queues
                .keys()
                .map(|queue| view(hub, queue, now))
                .collect()
        })
        .await?;
    Ok(Json(Queues { queues }))
}

fn view(hub: &Hub, queue: &QueueId, now: Timestamp) -> QueueView {
    let mut agents = BTreeMap::from([("ready", 0), ("away", 0), ("gone", 0)]);
    for (agent, setup) in &hub.setup().agents {
        if !setup.queues.contains(queue) {
            continue;
        }
        let word = match hub.state().agents().get(agent).map(|agent| &agent.presence) {
            Some(Presence::Ready) => "ready",
            Some(Presence::Away { .. }) => "away",
            Some(Presence::Gone) | None => "gone",
        };
        *agents.entry(word).or_default() += 1;
    }
    let oldest = hub
        .state()
        .queues()
        .get(queue)
        .and_then(hub::queue::Queue::oldest);
    QueueView {
        queue: queue.clone(),
        waiting: hub.state().queues().length(queue),
        longest_wait: oldest.map_or(0.0, |(since, _)| now.since(since).as_secs_f64()),
        agents,
    }
}
