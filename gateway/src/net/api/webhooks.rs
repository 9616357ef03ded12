//! Webhooks: how they stand, what they could not deliver, and another try.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{OriginalUri, Path, Query, State},
    http::{StatusCode, Uri},
    routing::{delete, get, post},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    id,
    paging::{Page, Paging, Whole},
};
use crate::{
    config,
    hooks::{
        office::{self, Pong, Post},
        reader,
    },
    net::{app::App, problem::Problem},
    store::ledger::webhooks::{self, DeadLetter, Standing},
};

/// One webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct Webhook {
    /// Its name in the configuration.
    webhook: String,
    /// Where it posts to, without a query.
    url: String,
    /// Which events it is told.
    #[schema(value_type = Vec<String>)]
    events: Vec<crate::hooks::message::Wanted>,
    /// `new` until it has begun, `well`, `resting` while the receiver is left alone, `gone` since it answered 410.
    state: &'static str,
    /// How many facts of the journal are behind its cursor, wanted or not.
    behind: i64,
    /// How it stands.
    #[serde(flatten)]
    standing: Standing,
}

/// All webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Webhooks {
    webhooks: Vec<Webhook>,
}

/// What could not be delivered, the oldest first. What is in a letter is the record's to tell.
#[derive(Debug, Serialize, ToSchema)]
pub struct Letters {
    pub letters: Vec<DeadLetter>,
}

/// How many are tried again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Retried {
    pub retried: usize,
}

/// Which letters are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// How many at a time, 1 to 200.
    pub limit: Option<u32>,
    /// Those behind this one, as the `Link` header of the page before names it.
    pub after: Option<String>,
}

/// Returns the routes of webhooks.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/webhooks", get(list))
        .route("/webhooks/{webhook}", get(one))
        .route("/webhooks/{webhook}/ping", post(ping))
        .route("/webhooks/{webhook}/resume", post(resume))
        .route("/webhooks/{webhook}/dead", get(dead))
        .route("/webhooks/{webhook}/dead/retry", post(retry_all))
        .route("/webhooks/{webhook}/dead/{letter}", delete(drop_dead))
        .route("/webhooks/{webhook}/dead/{letter}/retry", post(retry))
}

/// Lists webhooks and how they stand.
#[utoipa::path(get, path = "/api/v1/webhooks", security(("bearer" = ["admin:webhooks"])), responses(
    (status = 200, body = Webhooks)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Query(Whole {}): Query<Whole>,
) -> Result<Json<Webhooks>, Problem> {
    let configured = app.config.load().webhook.clone();
    let mut found = Vec::new();
    for (name, hook) in configured {
        found.push(shown(&app, name, hook).await?);
    }
    Ok(Json(Webhooks { webhooks: found }))
}

/// Returns one webhook and how it stands.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}", params(("webhook" = String, Path)), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 200, body = Webhook)))]
pub async fn one(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<Webhook>, Problem> {
    let hook = configured(&app, &name)?;
    Ok(Json(shown(&app, name, hook).await?))
}

fn configured(app: &App, name: &str) -> Result<config::Webhook, Problem> {
    let config = app.config.load();
    config.webhook.get(name).cloned().ok_or_else(|| {
        Problem::not_found(format!(
            "there is no webhook \"{name}\"; the configuration's [webhook.NAME] sections name all"
        ))
    })
}

async fn shown(app: &App, name: String, hook: config::Webhook) -> anyhow::Result<Webhook> {
    let (state, behind, standing) = stands(app, name.clone()).await?;
    let url = hook.url.split('?').next().unwrap_or_default().to_owned();
    Ok(Webhook {
        webhook: name,
        url,
        events: hook.events,
        state,
        behind,
        standing,
    })
}

/// Returns how a courier stands: its state in a word, how many facts are behind its cursor, and the rest.
pub(super) async fn stands(
    app: &App,
    name: String,
) -> anyhow::Result<(&'static str, i64, Standing)> {
    let last = app.read(reader::last).await?;
    let ledger = &app.ledger;
    let standing = ledger.read(move |ledger| webhooks::standing(ledger, &name));
    let standing = standing.await?;
    let state = standing.as_ref().map_or("new", Standing::state);
    // One that has only just been configured begins where the journal ends.
    let standing = standing.unwrap_or_else(|| Standing {
        cursor: last,
        ..Standing::default()
    });
    let behind = last.saturating_sub(standing.cursor).max(0);
    Ok((state, behind, standing))
}

/// What places in such lists are signed for.
const DEAD: &str = "dead letters";

/// Returns a page of what a courier gave up.
pub(super) async fn given_up(
    app: &App,
    name: String,
    uri: &Uri,
    choice: Choice,
) -> Result<Page<Letters>, Problem> {
    let paging = Paging::of(uri, choice.limit, choice.after, 100)?;
    let places = app.mint.cursors();
    let after: i64 = paging.behind(places, DEAD)?.unwrap_or(0);
    let reach = paging.reach();
    let ledger = &app.ledger;
    let found = ledger.read(move |ledger| webhooks::dead(ledger, &name, after, reach));
    let (letters, next) = paging.cut(found.await?, |letter| {
        places.sign_name(DEAD, &letter.letter.to_string())
    });
    Ok(Page(Letters { letters }, next))
}

/// Posts a signed message of the type `ping` at once, and tells what came of it.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/ping", params(("webhook" = String, Path)), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 200, body = Pong)))]
pub async fn ping(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<Pong>, Problem> {
    let hook = configured(&app, &name)?;
    let post = Post::open(&name, &hook, office::trust().await?)?;
    Ok(Json(post.ping(app.now()).await))
}

/// Goes on with a webhook whose receiver answered 410, from where it was, or with one that is left alone for a while, at once.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/resume", params(("webhook" = String, Path)), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 204)))]
pub async fn resume(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    configured(&app, &name)?;
    let of = name.clone();
    let ledger = &app.ledger;
    let resumed = ledger.write(move |ledger| webhooks::resume(ledger, &of));
    if !resumed.await? {
        return Err(Problem::conflict(format!(
            "webhook {name} goes on already; only one whose receiver answered 410 stands still, and one that rests is left alone"
        )));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Lists what could not be delivered and was given up.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/dead", params(("webhook" = String, Path), Choice), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 200, body = Letters)))]
pub async fn dead(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    OriginalUri(uri): OriginalUri,
    Query(choice): Query<Choice>,
) -> Result<Page<Letters>, Problem> {
    configured(&app, &name)?;
    given_up(&app, name, &uri, choice).await
}

/// Tries everything again that was given up.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/dead/retry", params(("webhook" = String, Path)), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 200, body = Retried)))]
pub async fn retry_all(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<Retried>, Problem> {
    configured(&app, &name)?;
    let ledger = &app.ledger;
    let retried = ledger.write(move |ledger| webhooks::retry(ledger, &name, None));
    Ok(Json(Retried {
        retried: retried.await?,
    }))
}

/// Tries one letter again that was given up.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/dead/{letter}/retry", params(("webhook" = String, Path), ("letter" = i64, Path)), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 204)))]
pub async fn retry(
    State(app): State<Arc<App>>,
    Path((name, text)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    configured(&app, &name)?;
    let letter: i64 = id(&text)?;
    let of = name.clone();
    let ledger = &app.ledger;
    let retried = ledger.write(move |ledger| webhooks::retry(ledger, &of, Some(letter)));
    found(retried.await? > 0, &name, letter)
}

/// Drops a letter that was given up; it is never delivered.
#[utoipa::path(delete, path = "/api/v1/webhooks/{webhook}/dead/{letter}", params(("webhook" = String, Path), ("letter" = i64, Path)), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 204)))]
pub async fn drop_dead(
    State(app): State<Arc<App>>,
    Path((name, text)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    configured(&app, &name)?;
    let letter: i64 = id(&text)?;
    let of = name.clone();
    let ledger = &app.ledger;
    let dropped = ledger.write(move |ledger| webhooks::drop_dead(ledger, &of, letter));
    found(dropped.await?, &name, letter)
}

fn found(is: bool, name: &str, letter: i64) -> Result<StatusCode, Problem> {
    if is {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found(format!(
        "webhook {name} has no letter {letter} that was given up"
    )))
}
