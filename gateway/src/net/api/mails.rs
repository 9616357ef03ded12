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
    paging::Page,
    webhooks::{Choice, Letters, Retried, given_up, stands},
};
use crate::{
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
    let (state, behind, standing) = stands(&app, NAME.to_owned()).await?;
    Ok(Json(Mails {
        server: app.config.load().mail.server.0.clone(),
        state,
        behind,
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
    given_up(&app, NAME.to_owned(), &uri, choice).await
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
