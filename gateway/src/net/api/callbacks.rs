//! Promised calls.

use std::sync::Arc;

use anyhow::Context;
use axum::{
    Json,
    extract::{OriginalUri, Path, Query, State},
    http::StatusCode,
};
use hub::{
    callback::Revision,
    input::{Done, Input},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::{
    callback::Order,
    id::{AgentId, CallbackId, InteractionId, Number, QueueId, Timestamp},
};

use super::{
    Body, id,
    once::Ids,
    paging::{Page, Paging},
};
use crate::{
    auth::cursor::Place,
    net::{app::App, caller::Caller, problem::Problem},
    store::{
        attempts::{self, AttemptLine},
        read::{self, CallbackLine, CallbacksWanted},
    },
};

/// Which callbacks are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// `open` for those that are not over, or one of `promised`, `dialling`, `retrying` and `ended`.
    state: Option<String>,
    /// Those to one number.
    number: Option<String>,
    /// Those of one agent.
    owner: Option<String>,
    /// Those of one queue.
    queue: Option<String>,
    /// `soonest` for the soonest due first.
    order: Option<String>,
    /// How many at a time, 1 to 200.
    limit: Option<u32>,
    /// Those behind this one, as the `Link` header of the page before names it.
    after: Option<String>,
}

/// A list of callbacks, the latest due first, or the soonest where that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Callbacks {
    callbacks: Vec<CallbackLine>,
}

/// A call to be promised.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallbackWish)]
pub struct Wish {
    /// Whom.
    #[schema(value_type = String)]
    number: Number,
    /// Not before this time; as soon as an agent is free when left out.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    at: Option<Timestamp>,
    /// Not after this time.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    until: Option<Timestamp>,
    /// The customer's time zone by its IANA name; that of the number when left out. Nobody is called outside the
    /// calling hours there.
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
    let (open, state) = match choice.state.as_deref() {
        None => (false, None),
        Some("open") => (true, None),
        Some(word @ ("promised" | "dialling" | "retrying" | "ended")) => {
            (false, Some(word.to_owned()))
        }
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "state \"{other}\": it can be \"open\", \"promised\", \"dialling\", \"retrying\" or \"ended\", or left out"
            )));
        }
    };
    let soonest = match choice.order.as_deref() {
        None => false,
        Some("soonest") => true,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "order \"{other}\": it can be \"soonest\", or left out for the latest due first"
            )));
        }
    };
    let paging = Paging::of(&uri, choice.limit, choice.after, 100)?;
    let number: Option<Number> = choice.number.as_deref().map(id).transpose()?;
    let after = paging.after.as_deref();
    let after = after.map(|text| {
        let place = app.mint.cursors().read(text);
        place.map_err(|error| Problem::bad_request(format!("after \"{text}\" {error}")))
    });
    let wanted = CallbacksWanted {
        open,
        state,
        number: number.map(|number| app.read_number(&number).to_string()),
        owner: choice.owner,
        queue: choice.queue,
        soonest,
        after: after.transpose()?,
        limit: paging.reach(),
    };
    let found = app
        .read(move |connection| read::callbacks(connection, &wanted))
        .await?;
    // A promise moves while it is called again or put off; the place where it stood does not.
    let places = app.mint.cursors();
    let (callbacks, next) = paging.try_cut(found, |line| {
        let place = Place {
            due: line.due,
            callback: line.callback.parse().context("reading a kept callback")?,
        };
        anyhow::Ok(places.sign(place))
    })?;
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
            wish: ws::callback::Wish {
                until: wish.until,
                zone: wish.zone,
                owner: wish.owner,
                order: wish.order,
                remind: wish.remind,
                keep_place: false,
            },
            re,
        })
        .await?;
    let Done::Promised { callback } = done else {
        return Err(Problem::otherwise("a promise"));
    };
    // The customer may have had a promise already, in an interaction of its own.
    let interaction = callback.interaction;
    let promise = Promise {
        callback,
        interaction,
    };
    Ok((StatusCode::CREATED, Json(promise)))
}

/// One promised call with its attempts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallbackView {
    #[serde(flatten)]
    line: CallbackLine,
    /// Its attempts, in order.
    history: Vec<AttemptLine>,
}

/// What is to be changed of a promise; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Not before this time. A window of before ends with it.
    #[schema(value_type = Option<u64>)]
    at: Option<Timestamp>,
    /// Not after this time.
    #[schema(value_type = Option<u64>)]
    until: Option<Timestamp>,
    /// The agent who is to call; null for whoever is free.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    owner: Option<Option<AgentId>>,
    /// The agent who is to call as far as the caller knows, null for whoever is free: where that is not so any more, nothing is
    /// changed and the answer is 409.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    owner_was: Option<Option<AgentId>>,
}

// What is null was given; what is left out was not.
pub(super) fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Returns one promised call with its attempts.
#[utoipa::path(get, path = "/api/v1/callbacks/{id}", params(("id" = String, Path)), security(("bearer" = ["read:callbacks"])), responses(
    (status = 200, body = CallbackView)))]
pub async fn one(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<CallbackView>, Problem> {
    Ok(Json(view(&app, id(&text)?).await?))
}

/// Moves a promise, or gives it to somebody else. One that is being dialled or is over cannot be changed.
#[utoipa::path(patch, path = "/api/v1/callbacks/{id}", params(("id" = String, Path)), request_body = Change, security(("bearer" = ["write:callbacks"])), responses(
    (status = 200, body = CallbackView)))]
pub async fn revise(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<CallbackView>, Problem> {
    let by = caller.actor();
    let callback: CallbackId = id(&text)?;
    let change = Revision {
        at: change.at,
        until: change.until,
        owner: change.owner,
        owner_was: change.owner_was,
    };
    let done = app
        .ask(|re| Input::ReviseCallback {
            callback,
            by,
            change,
            re,
        })
        .await;
    if let Err(problem) = done {
        return Err(explained(&app, callback, problem).await);
    }
    Ok(Json(view(&app, callback).await?))
}

async fn view(app: &App, callback: CallbackId) -> Result<CallbackView, Problem> {
    let (line, history) = app
        .read(move |connection| {
            let line = read::callback(connection, callback)?;
            Ok((line, attempts::of(connection, callback)?))
        })
        .await?;
    let line =
        line.ok_or_else(|| Problem::not_found(format!("there is no callback {callback}")))?;
    Ok(CallbackView { line, history })
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
    let done = app
        .ask(|re| Input::CancelCallback { callback, by, re })
        .await;
    if let Err(problem) = done {
        return Err(explained(&app, callback, problem).await);
    }
    Ok(StatusCode::NO_CONTENT)
}

// What the hub has forgotten stands in the journal still: a promise that ended was no mistake of the address.
async fn explained(app: &App, callback: CallbackId, problem: Problem) -> Problem {
    if problem.status != StatusCode::NOT_FOUND.as_u16() {
        return problem;
    }
    match view(app, callback).await {
        Ok(CallbackView { line, .. }) => match line.end {
            Some(end) => Problem::conflict(format!("the callback is over: {end}")),
            None => problem,
        },
        Err(problem) => problem,
    }
}
