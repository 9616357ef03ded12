//! How it stands in the queues, and what came of those who came.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, Query, State},
};
use hub::{Hub, figures};
use serde::Serialize;
use utoipa::ToSchema;
use ws::{
    agent::{Channel, Presence},
    id::{QueueId, Timestamp},
};

use super::{id, paging::Whole};
use crate::net::{app::App, problem::Problem};

/// One queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueView {
    #[schema(value_type = String)]
    queue: QueueId,
    /// Whether the configuration names it. One that it does not name any more is listed while somebody waits or a call is
    /// promised there; nobody serves it.
    configured: bool,
    /// How many wait.
    waiting: usize,
    /// How many promised calls wait for a quiet time beside them.
    held_back: usize,
    /// How many calls are promised there, those that are due and wait included.
    promised: usize,
    /// How many of those who wait left a message, written or spoken, and are not there.
    messages: u32,
    /// How long the longest has waited who left no message, in seconds.
    longest_wait: f64,
    /// How many agents serve it, by presence.
    agents: BTreeMap<&'static str, usize>,
}

/// All queues.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queues {
    queues: Vec<QueueView>,
}

/// One queue with its figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueFigures {
    #[serde(flatten)]
    queue: QueueView,
    /// Within how many seconds those who wait should be answered; 0 where it is not configured.
    target: f64,
    /// By channel, `voice` and `chat`.
    channels: BTreeMap<&'static str, ChannelView>,
    /// Both channels together.
    all: Spans,
}

/// One channel of a queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueChannelView)]
pub struct ChannelView {
    /// How many wait for it.
    waiting: u32,
    /// How long one who comes now is expected to wait, in seconds, as far as that can be told; not while the queue is closed and
    /// something else is done than to let them wait.
    expected_wait: Option<f64>,
    #[serde(flatten)]
    spans: Spans,
}

/// Figures over the day so far (UTC) and over the last hour, which begins with a quarter.
#[derive(Debug, Serialize, ToSchema)]
pub struct Spans {
    today: FiguresView,
    hour: FiguresView,
}

/// What came of those who came. Means and shares are left out where nobody counts; times are in seconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct FiguresView {
    /// Who came and waited, once their wait is over.
    arrived: u32,
    /// Whose wait ended, however.
    offered: u32,
    /// Who was answered: whose chat an agent took, or who spoke with one.
    answered: u32,
    /// Those of them who waited no longer than the target.
    in_time: u32,
    /// Who left unserved.
    abandoned: u32,
    /// Those of them who left within the target.
    abandoned_early: u32,
    /// Who was sent elsewhere: to another queue, to leave a message, away, or to be called back.
    diverted: u32,
    /// in_time / (answered + abandoned).
    service_level_of_answered: Option<f64>,
    /// in_time / (offered - abandoned_early).
    service_level_of_offered: Option<f64>,
    /// abandoned / offered.
    abandon_rate: Option<f64>,
    /// What those who were answered had waited, on average.
    speed_of_answer: Option<f64>,
    /// How long an agent had a contact on average, wrap-up included; since the start of the server.
    handle_time: Option<f64>,
    /// Those answered who had been told how long it would take.
    promised: u32,
    /// By how much what they were told first was wrong, on average, whichever way.
    promise_error: Option<f64>,
}

impl From<figures::Tally> for FiguresView {
    fn from(tally: figures::Tally) -> Self {
        let level = tally.level();
        Self {
            arrived: tally.arrived,
            offered: tally.offered(),
            answered: tally.answered,
            in_time: tally.in_time,
            abandoned: tally.abandoned,
            abandoned_early: tally.abandoned_early,
            diverted: tally.diverted,
            service_level_of_answered: level.of_answered,
            service_level_of_offered: level.of_offered,
            abandon_rate: tally.abandon_rate(),
            speed_of_answer: tally.speed_of_answer(),
            handle_time: tally.handle_time(),
            promised: tally.promised,
            promise_error: tally.promise_error(),
        }
    }
}

/// Lists the queues, and those that were taken out while they hold work, with their lengths, waits and agents.
#[utoipa::path(get, path = "/api/v1/queues", security(("bearer" = ["read:queues"])), responses(
    (status = 200, body = Queues)))]
pub async fn queues(
    State(app): State<Arc<App>>,
    Query(Whole {}): Query<Whole>,
) -> Result<Json<Queues>, Problem> {
    let now = app.now();
    let queues = app
        .look(move |hub| {
            let promised = hub.promised();
            let queues = hub.queues_in_use().into_iter();
            let queues = queues.map(|queue| {
                let promised = promised.get(queue).copied();
                view(hub, queue, promised.unwrap_or_default(), now)
            });
            queues.collect()
        })
        .await?;
    Ok(Json(Queues { queues }))
}

/// Returns one queue with its figures: service level, abandons, speed of answer, promised waits.
#[utoipa::path(get, path = "/api/v1/queues/{queue}", params(("queue" = String, Path)), security(("bearer" = ["read:queues"])), responses(
    (status = 200, body = QueueFigures)))]
pub async fn one(
    State(app): State<Arc<App>>,
    Path(queue): Path<String>,
) -> Result<Json<QueueFigures>, Problem> {
    let queue: QueueId = id(&queue)?;
    let (now, wanted) = (app.now(), queue.clone());
    let found = app.look(move |hub| counted(hub, &wanted, now)).await?;
    let nothing = || Problem::not_found(format!("there is no queue \"{queue}\""));
    found.map(Json).ok_or_else(nothing)
}

fn counted(hub: &Hub, queue: &QueueId, now: Timestamp) -> Option<QueueFigures> {
    let setup = hub.setup().queues.get(queue);
    if setup.is_none() && !hub.queues_in_use().contains(queue) {
        return None;
    }
    let promised = hub.promised().get(queue).copied();
    let mut sums = (figures::Tally::default(), figures::Tally::default());
    let mut channels = BTreeMap::new();
    for (word, channel) in [("voice", Channel::Voice), ("chat", Channel::Chat)] {
        let today = hub.today(queue, channel, now);
        let hour = hub.hour(queue, channel, now);
        sums.0.add(&today);
        sums.1.add(&hour);
        let line = hub.state().queues().get(queue);
        let expected = hub.expected_wait(queue, channel, now);
        let seen = ChannelView {
            waiting: line.map_or(0, |line| line.length_in(channel)),
            expected_wait: expected.map(|wait| wait.as_secs_f64()),
            spans: Spans {
                today: today.into(),
                hour: hour.into(),
            },
        };
        channels.insert(word, seen);
    }
    Some(QueueFigures {
        queue: view(hub, queue, promised.unwrap_or_default(), now),
        target: setup.map_or(0.0, |setup| setup.target.as_secs_f64()),
        channels,
        all: Spans {
            today: sums.0.into(),
            hour: sums.1.into(),
        },
    })
}

fn view(hub: &Hub, queue: &QueueId, promised: usize, now: Timestamp) -> QueueView {
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
    let found = hub.state().queues().get(queue);
    let longest = hub.state().waits_since(queue);
    QueueView {
        queue: queue.clone(),
        configured: hub.is_configured(queue),
        waiting: hub.state().queues().length(queue),
        held_back: found.map_or(0, |queue| queue.quiet().len()),
        promised,
        messages: hub.state().messages(queue),
        longest_wait: longest.map_or(0.0, |since| now.since(since).as_secs_f64()),
        agents,
    }
}
