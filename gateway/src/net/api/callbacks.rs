//! Promised calls.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, Query, State},
    http::StatusCode,
};
use hub::input::{Done, Input};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::id::{CallbackId, InteractionId, Number, QueueId, Timestamp};

use super::{
    Body, id,
    once::Ids,
    paging::{Page, Paging},
};
use crate::{
    net::{app::App, caller::Caller, problem::Problem},
    store::read::{self, CallbackLine},
};

/// Which callbacks are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// `open` for those that are not over.
    state: Option<String>,
    /// How many at a time, 1 to 200.
    limit: Option<u32>,
    /// Those behind this one, as the `Link` header of the page before names it.
    after: Option<String>,
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
#[utoipa::path(get, path = "/api/v1/callbacks", params(Choice), security(("bearer" = ["read:callbacks"])), responses(
    (status = 200, body = Callbacks)))]
pub async fn list(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Query(choice): Query<Choice>,
) -> Result<Page<Callbacks>, Problem> {
    let open = match choice.state.as_deref() {
        None => false,
        Some("open") => true,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "state \"{other}\": it can be \"open\", or left out"
            )));
        }
    };
    let paging = Paging::of(&uri, choice.limit, choice.after, 100)?;
    let (after, reach) = (paging.after.as_deref().map(id).transpose()?, paging.reach());
    let found = app
        .read(move |connection| read::callbacks(connection, open, after, reach))
        .await?;
    let (callbacks, next) = paging.cut(found, |line| line.callback.clone());
    Ok(Page(Callbacks { callbacks }, next))
}

/// Promises a call, in an interaction of its own.
#[utoipa::path(post, path = "/api/v1/callbacks", request_body = Wish, security(("bearer" = ["write:callbacks"])), responses(
    (status = 201, body = Promise)))]
pub async fn promise(
    State(app): State<Arc<App>>,
    caller: Caller,
    Ids(mut ids): Ids,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Promise>), Problem> {
    if let Some(problem) = app.unready() {
        return Err(problem);
    }
    if !app.config.load().queue.contains_key(&wish.queue) {
        return Err(Problem::not_found(format!(
            "there is no queue \"{}\"",
            wish.queue
        )));
    }
    let interaction = InteractionId::mint(&mut ids);
    let done = app
        .ask(|re| Input::AskCallback {
            interaction,
            queue: Some(wish.queue),
            by: caller.actor(),
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
#[utoipa::path(delete, path = "/api/v1/callbacks/{id}", params(("id" = String, Path)), security(("bearer" = ["write:callbacks"])), responses(
    (status = 204)))]
pub async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let by = caller.actor();
    let callback: CallbackId = id(&text)?;
    app.ask(|re| Input::CancelCallback { callback, by, re })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
