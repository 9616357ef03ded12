//! Mails to customers: how they stand, what could not be sent, and another try.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{OriginalUri, Path, Query, State},
    http::StatusCode,
    routing::{delete, get, post},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    id,
    paging::{Page, Paging},
    webhooks::{Choice, Letters, Retried},
};
use crate::{
    hooks::reader,
    mail::post::NAME,
    net::{app::App, problem::Problem},
    store::ledger::webhooks::{self, Standing},
};

/// How mails stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mails {
    /// The server that takes them; none are sent without.
    server: Option<String>,
    /// `new` until the first may be sent, `well`, or `resting` while the server is left alone.
    state: &'static str,
    /// How many facts of the journal are behind the cursor, mails or not.
    behind: i64,
    /// How they stand.
    #[serde(flatten)]
    standing: Standing,
}

/// Returns the routes of mails.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/mails", get(standing))
        .route("/mails/dead", get(dead))
        .route("/mails/dead/retry", post(retry_all))
        .route("/mails/dead/{letter}", delete(drop_dead))
        .route("/mails/dead/{letter}/retry", post(retry))
}

/// Returns how mails to customers stand.
#[utoipa::path(get, path = "/api/v1/mails", security(("bearer" = ["admin:webhooks"])), responses(
    (status = 200, body = Mails)))]
pub async fn standing(State(app): State<Arc<App>>) -> Result<Json<Mails>, Problem> {
    let last = app.read(reader::last).await?;
    let standing = app.ledger.read(|ledger| webhooks::standing(ledger, NAME));
    let standing = standing.await?;
    let state = standing.as_ref().map_or("new", Standing::state);
    let standing = standing.unwrap_or_else(|| Standing {
        cursor: last,
        ..Standing::default()
    });
    Ok(Json(Mails {
        server: app.config.load().mail.server.0.clone(),
        state,
        behind: last.saturating_sub(standing.cursor).max(0),
        standing,
    }))
}

/// Lists mails that could not be sent and were given up, the oldest first.
#[utoipa::path(get, path = "/api/v1/mails/dead", params(Choice), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 200, body = Letters)))]
pub async fn dead(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Query(choice): Query<Choice>,
) -> Result<Page<Letters>, Problem> {
    let paging = Paging::of(&uri, choice.limit, choice.after, 100)?;
    let after: i64 = paging.after.as_deref().map(id).transpose()?.unwrap_or(0);
    let reach = paging.reach();
    let ledger = &app.ledger;
    let found = ledger.read(move |ledger| webhooks::dead(ledger, NAME, after, reach));
    let (letters, next) = paging.cut(found.await?, |letter| letter.letter.to_string());
    Ok(Page(Letters { letters }, next))
}

/// Tries every mail again that was given up.
#[utoipa::path(post, path = "/api/v1/mails/dead/retry", security(("bearer" = ["admin:webhooks"])), responses(
    (status = 200, body = Retried)))]
pub async fn retry_all(State(app): State<Arc<App>>) -> Result<Json<Retried>, Problem> {
    let ledger = &app.ledger;
    let retried = ledger.write(|ledger| webhooks::retry(ledger, NAME, None));
    Ok(Json(Retried {
        retried: retried.await?,
    }))
}

/// Tries one mail again that was given up.
#[utoipa::path(post, path = "/api/v1/mails/dead/{letter}/retry", params(("letter" = i64, Path)), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 204)))]
pub async fn retry(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let letter: i64 = id(&text)?;
    let ledger = &app.ledger;
    let retried = ledger.write(move |ledger| webhooks::retry(ledger, NAME, Some(letter)));
    found(retried.await? > 0, letter)
}

/// Drops a mail that was given up; it is never sent.
#[utoipa::path(delete, path = "/api/v1/mails/dead/{letter}", params(("letter" = i64, Path)), security(("bearer" = ["admin:webhooks"])), responses(
    (status = 204)))]
pub async fn drop_dead(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let letter: i64 = id(&text)?;
    let ledger = &app.ledger;
    let dropped = ledger.write(move |ledger| webhooks::drop_dead(ledger, NAME, letter));
    found(dropped.await?, letter)
}

fn found(is: bool, letter: i64) -> Result<StatusCode, Problem> {
    if is {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found(format!(
        "no mail {letter} was given up; GET /api/v1/mails/dead lists all"
    )))
}
