//! Promised calls.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use hub::input::{Actor, Done, Input};
use rand::SeedableRng;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::id::{CallbackId, InteractionId, Number, QueueId, Timestamp};

use super::{Body, id, staff};
use crate::{
    auth::{self, Bearer},
    net::{app::App, problem::Problem},
    store::read::{self, CallbackLine},
};

/// Which callbacks are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// `open` for those that are not over.
    state: Option<String>,
    /// At most so many, 200 at most.
    limit: Option<u32>,
}

/// A list of callbacks, the latest due first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Callbacks {
    callbacks: Vec<CallbackLine>,
}

/// A call to be promised.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Whom.
    #[schema(value_type = String)]
    number: Number,
    /// Not before this time; as soon as an agent is free when left out.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    at: Option<Timestamp>,
    /// Where it waits for an agent.
    #[schema(value_type = String)]
    queue: QueueId,
    /// Taken so that callers may send it, and not kept; the customer is found by the number.
    #[serde(default)]
    #[allow(dead_code, reason = "only checked to be text")]
    name: Option<String>,
}

/// A promise.
#[derive(Debug, Serialize, ToSchema)]
pub struct Promise {
    #[schema(value_type = String)]
    callback: CallbackId,
    #[schema(value_type = String)]
    interaction: InteractionId,
}

/// Lists callbacks.
#[utoipa::path(get, path = "/api/v1/callbacks", params(Choice), security(("bearer" = [])), responses(
    (status = 200, body = Callbacks), (status = 401, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Result<Json<Callbacks>, Problem> {
    staff(&app, &headers)?;
    let open = match choice.state.as_deref() {
        None => false,
        Some("open") => true,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "state \"{other}\": it can be \"open\", or left out"
            )));
        }
    };
    let limit = choice.limit.unwrap_or(100);
    let callbacks = app
        .read(move |connection| read::callbacks(connection, open, limit))
        .await?;
    Ok(Json(Callbacks { callbacks }))
}

/// Promises a call, in an interaction of its own.
#[utoipa::path(post, path = "/api/v1/callbacks", request_body = Wish, security(("bearer" = [])), responses(
    (status = 201, body = Promise), (status = 401, body = Problem), (status = 409, body = Problem), (status = 503, body = Problem)))]
pub async fn promise(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Promise>), Problem> {
    let bearer = staff(&app, &headers)?;
    if let Some(problem) = app.unready() {
        return Err(problem);
    }
    if !app.config.load().queue.contains_key(&wish.queue) {
        return Err(Problem::not_found(format!(
            "there is no queue \"{}\"",
            wish.queue
        )));
    }
    let interaction = InteractionId::mint(&mut rand::rngs::StdRng::from_seed(auth::random()));
    let done = app
        .ask(|re| Input::AskCallback {
            interaction,
            queue: Some(wish.queue),
            by: actor(bearer),
            number: wish.number,
            at: wish.at,
            re,
        })
        .await?;
    match done {
        // The customer may have had a promise already, in an interaction of its own.
        Done::Promised { callback } => Ok((
            StatusCode::CREATED,
            Json(Promise {
                callback,
                interaction: callback.interaction,
            }),
        )),
        Done::Written { .. } | Done::Ok => Err(Problem::fault(&anyhow::anyhow!(
            "a promise was answered with something else"
        ))),
    }
}

/// Takes a promise back.
#[utoipa::path(delete, path = "/api/v1/callbacks/{id}", params(("id" = String, Path)), security(("bearer" = [])), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn cancel(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let by = actor(staff(&app, &headers)?);
    let callback: CallbackId = id(&text)?;
    app.ask(|re| Input::CancelCallback { callback, by, re })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

// An agent acts in their own interactions; by the API they act for the house, as a program does.
fn actor(bearer: Bearer) -> Actor {
    match bearer {
        Bearer::Agent(_) | Bearer::Api(_) => Actor::Api,
        Bearer::Visitor { visitor, .. } => Actor::Visitor(visitor),
    }
}
