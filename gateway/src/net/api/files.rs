//! Files in chats: sent by visitors and agents, and fetched by those who may see the chat. Whatever is in one, a browser
//! that is led to it saves it and runs nothing.

mod take;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hub::input::Actor;
use rusqlite::OptionalExtension;
use serde::Deserialize;
use utoipa::IntoParams;
use ws::id::{AgentId, FileId, InteractionId, Mid, VisitorId};

use self::take::take;
use super::{agents::Written, id};
use crate::{
    auth::Bearer,
    metrics,
    net::{
        app::App,
        caller::{Caller, bearer},
        origin,
        problem::Problem,
    },
    sharing::{name, shelf::Shelf},
};

/// How the sender calls the file, percent-encoded UTF-8.
pub const NAME: &str = "x-file-name";

/// How a file is sent.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Sending {
    /// The sender's id of it: a repeat gets the first one's answer.
    #[param(value_type = String)]
    mid: Mid,
}

/// Returns the routes. They stand beside the others, whose bodies and answers are JSON and short.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/visitors/interactions/{id}/files", post(visitor_sends))
        .route(
            "/visitors/interactions/{id}/files/{file}",
            get(visitor_fetches),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/files",
            post(agent_sends),
        )
        .route("/interactions/{id}/files/{file}", get(fetch))
}

/// Sends a file into the visitor's own chat. The credential is the visitor's; the body is the file.
#[utoipa::path(post, path = "/api/v1/visitors/interactions/{id}/files", params(("id" = String, Path), Sending, ("x-file-name" = String, Header)), responses(
    (status = 201, body = Written), (status = 401, body = Problem), (status = 403, body = Problem), (status = 408, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 429, body = Problem), (status = 507, body = Problem)))]
pub async fn visitor_sends(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
    Query(Sending { mid }): Query<Sending>,
    request: Request,
) -> Result<(StatusCode, Json<Written>), Problem> {
    let interaction: InteractionId = id(&text)?;
    let visitor = visitor_of(&app, request.headers())?;
    take(&app, interaction, Actor::Visitor(visitor), mid, request).await
}

/// Sends a file into a chat on one's desk. The body is the file.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/files", params(("agent" = String, Path), ("interaction" = String, Path), Sending, ("x-file-name" = String, Header)), security(("bearer" = ["act:agent"])), responses(
    (status = 201, body = Written), (status = 408, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 429, body = Problem), (status = 507, body = Problem)))]
pub async fn agent_sends(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Query(Sending { mid }): Query<Sending>,
    request: Request,
) -> Result<(StatusCode, Json<Written>), Problem> {
    let agent: AgentId = id(&agent)?;
    caller.acts_as(&agent)?;
    let interaction: InteractionId = id(&interaction)?;
    take(&app, interaction, Actor::Agent(agent), mid, request).await
}

/// Fetches a file of the visitor's own chat. The credential is the visitor's.
#[utoipa::path(get, path = "/api/v1/visitors/interactions/{id}/files/{file}", params(("id" = String, Path), ("file" = String, Path)), responses(
    (status = 200), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn visitor_fetches(
    State(app): State<Arc<App>>,
    Path((interaction, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visitor = visitor_of(&app, &headers)?;
    give(&app, &interaction, &file, Some(visitor)).await
}

/// Fetches a file of a chat.
#[utoipa::path(get, path = "/api/v1/interactions/{id}/files/{file}", params(("id" = String, Path), ("file" = String, Path)), security(("bearer" = ["read:records"])), responses(
    (status = 200), (status = 404, body = Problem)))]
pub async fn fetch(
    State(app): State<Arc<App>>,
    Path((interaction, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    give(&app, &interaction, &file, None).await
}

// Who sends a visitor's credential, from a page of its zone.
fn visitor_of(app: &App, headers: &HeaderMap) -> Result<VisitorId, Problem> {
    let Some(token) = bearer(headers) else {
        metrics::refused("credential");
        return Err(Problem::unauthorized(
            "send an Authorization header: Bearer and the visitor's credential",
        ));
    };
    match app.mint.bearer(token, app.now()) {
        Ok(Bearer::Visitor { visitor, zone, .. }) => {
            origin::check_zone(&app.config.load(), &zone, headers)?;
            Ok(visitor)
        }
        Ok(Bearer::Agent(_)) => {
            metrics::refused("scope");
            Err(Problem::forbidden(
                "agents fetch files at /api/v1/interactions/{id}/files/{file}",
            ))
        }
        Err(rejected) => {
            metrics::refused("credential");
            Err(Problem::unauthorized(rejected.to_string()))
        }
    }
}

async fn give(
    app: &App,
    interaction: &str,
    file: &str,
    visitor: Option<VisitorId>,
) -> Result<Response, Problem> {
    let interaction: InteractionId = id(interaction)?;
    let file: FileId = id(file)?;
    let found = app
        .read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name, kind FROM files WHERE file = ?1 AND interaction = ?2
                 AND (?3 IS NULL OR EXISTS (SELECT 1 FROM legs WHERE legs.interaction = files.interaction
                        AND legs.kind = 'customer_chat' AND legs.party = ?3)
                        AND NOT EXISTS (SELECT 1 FROM revisions WHERE revisions.interaction = files.interaction
                            AND revisions.of = files.seq AND revisions.text IS NULL))",
            )?;
            let visitor = visitor.map(|visitor| visitor.to_string());
            let keys = rusqlite::params![file.to_string(), interaction.to_string(), visitor];
            let row = statement.query_row(keys, |row| Ok((row.get(0)?, row.get(1)?)));
            Ok(row.optional()?)
        })
        .await
        .map_err(|error| Problem::fault(&error))?;
    let gone = || Problem::not_found("there is no such file, or it is not kept any more");
    let (name, kind): (String, String) = found.ok_or_else(gone)?;
    let shelf = Shelf::of(&app.store());
    let bytes = tokio::task::spawn_blocking(move || shelf.read(file))
        .await
        .map_err(|error| Problem::fault(&error.into()))?
        .map_err(|error| Problem::fault(&error))?;
    Ok(harmless(&name, &kind, bytes.ok_or_else(gone)?))
}

// Saved, never shown; of the type that was found, never of another; without scripts, forms, frames and origin.
fn harmless(name: &str, kind: &str, bytes: Vec<u8>) -> Response {
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    let values = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name::disposition(name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'; frame-ancestors 'none'".to_owned(),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_led_to_a_file_saves_it() {
        let response = harmless("a.png", "image/png", vec![1]);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();

        assert!(header("content-disposition").starts_with("attachment;"));
        assert!(header("content-security-policy").starts_with("sandbox;"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-type"), "image/png");
    }
}
