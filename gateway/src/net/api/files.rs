//! Files in chats: sent by visitors and agents, and fetched by those who may see the chat. Whatever is in one, a browser
//! that is led to it saves it and runs nothing.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hub::input::{Actor, Done, Input};
use rand::SeedableRng;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::{
    file::SharedFile,
    id::{AgentId, FileId, InteractionId, Mid, Seq, VisitorId},
};

use super::id;
use crate::{
    auth::{self, Bearer},
    metrics,
    net::{app::App, caller::Caller, origin, problem::Problem},
    sharing::{kind, name, shelf::Shelf},
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

/// The place a file got in the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kept {
    #[schema(value_type = String)]
    interaction: InteractionId,
    #[schema(value_type = String)]
    mid: Mid,
    #[schema(value_type = u64)]
    seq: Seq,
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
    (status = 201, body = Kept), (status = 401, body = Problem), (status = 403, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn visitor_sends(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
    Query(Sending { mid }): Query<Sending>,
    request: Request,
) -> Result<(StatusCode, Json<Kept>), Problem> {
    let interaction: InteractionId = id(&text)?;
    let visitor = visitor_of(&app, request.headers())?;
    take(&app, interaction, Actor::Visitor(visitor), mid, request).await
}

/// Sends a file into a chat on one's desk. The body is the file.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/files", params(("agent" = String, Path), ("interaction" = String, Path), Sending, ("x-file-name" = String, Header)), security(("bearer" = ["act:agent"])), responses(
    (status = 201, body = Kept), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn agent_sends(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Query(Sending { mid }): Query<Sending>,
    request: Request,
) -> Result<(StatusCode, Json<Kept>), Problem> {
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
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()?.split_once(' '));
    let token = given
        .and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()));
    let Some(token) = token else {
        metrics::refused("credential");
        return Err(Problem::unauthorized(
            "send an Authorization header: Bearer and the visitor's credential",
        ));
    };
    match app.mint.bearer(token) {
        Ok(Bearer::Visitor { visitor, zone, .. }) => {
            let from = origin::From::read(headers);
            if origin::is_of_zone(&app.config.load(), &zone, headers, &from) {
                return Ok(visitor);
            }
            metrics::refused("origin");
            Err(Problem::forbidden(format!(
                "pages of this origin are not of zone \"{zone}\""
            )))
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

async fn take(
    app: &App,
    interaction: InteractionId,
    by: Actor,
    mid: Mid,
    request: Request,
) -> Result<(StatusCode, Json<Kept>), Problem> {
    if let Some(problem) = app.unready() {
        return Err(problem);
    }
    let rules = app.config.load().files.clone();
    if !rules.enabled {
        return Err(Problem::forbidden("this house takes no files in chats"));
    }
    let said = request.headers().get(NAME);
    let said = said.and_then(|value| name::decoded(value.to_str().ok()?));
    let Some(said) = said else {
        return Err(Problem::bad_request(format!(
            "send the file's name in the header {NAME}, percent-encoded UTF-8"
        )));
    };
    let _turn = app.upload().await?;
    let bytes = axum::body::to_bytes(request.into_body(), rules.largest)
        .await
        .map_err(|_| {
            metrics::refused("body");
            Problem::too_large(rules.largest)
        })?;
    let (kind, name) = judged(&bytes, &said, &rules.types)?;
    let mut ids = rand::rngs::StdRng::from_seed(auth::random());
    let file = FileId::mint(&mut ids);
    let shelf = Shelf::of(&app.store());
    let (keeper, length) = (shelf.clone(), bytes.len() as u64);
    tokio::task::spawn_blocking(move || keeper.keep(file, &bytes))
        .await
        .map_err(|error| Problem::fault(&error.into()))?
        .map_err(|error| Problem::fault(&error))?;
    let shared = SharedFile {
        file,
        name,
        kind: kind.to_owned(),
        bytes: length,
    };
    let done = app
        .ask(|re| Input::Share {
            interaction,
            by,
            mid,
            file: shared,
            most: rules.most,
            re,
        })
        .await;
    match done {
        Ok(Done::Written {
            interaction,
            mid,
            seq,
        }) => Ok((
            StatusCode::CREATED,
            Json(Kept {
                interaction,
                mid,
                seq,
            }),
        )),
        Ok(Done::Promised { .. } | Done::Code { .. } | Done::Media { .. } | Done::Ok) => Err(
            Problem::fault(&anyhow::anyhow!("a file was answered with something else")),
        ),
        Err(problem) => {
            // After a fault nobody knows whether the fact is written; then the sweep decides.
            if problem.status < 500
                && let Err(error) = shelf.discard(file)
            {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "a refused file stays until the next sweep"
                );
            }
            Err(problem)
        }
    }
}

// What a file is and how it is called, or why it is not taken.
fn judged(bytes: &[u8], said: &str, types: &[String]) -> Result<(&'static str, String), Problem> {
    let refused = |detail: String| {
        metrics::refused("file");
        Err(Problem::unsupported(detail))
    };
    let taken = types.join(", ");
    let Some(kind) = kind::of(bytes) else {
        return refused(format!(
            "what is in this file is of no known type; taken are {taken}"
        ));
    };
    if !types.iter().any(|known| known == kind.media) {
        return refused(format!(
            "files of type {} are not taken; taken are {taken}",
            kind.media
        ));
    }
    let name = name::clean(said, kind);
    if !name::fits(&name, kind) {
        return refused(format!(
            "its content is {}, and such a name ends in .{}",
            kind.media,
            kind.endings.join(", .")
        ));
    }
    Ok((kind.media, name))
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
                        AND legs.kind = 'customer_chat' AND legs.party = ?3))",
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
    use crate::config::Files;

    fn answer(bytes: &[u8], said: &str) -> Result<(&'static str, String), u16> {
        judged(bytes, said, &Files::default().types).map_err(|problem| problem.status)
    }

    #[test]
    fn a_file_is_taken_for_what_it_is() {
        let png = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>";

        assert_eq!(answer(png, "a.png"), Ok(("image/png", "a.png".to_owned())));
        assert_eq!(
            answer(png, "a.svg"),
            Err(415),
            "a name that says something else"
        );
        assert_eq!(
            answer(b"<html><script>x</script>", "a.png"),
            Err(415),
            "a page as an image"
        );
        assert_eq!(answer(b"<html><script>x</script>", "a.html"), Err(415));
        assert_eq!(answer(b"<svg onload=\"x\"/>", "a.svg"), Err(415));
        assert_eq!(answer(b"MZ\x90\0\x03", "a.png"), Err(415));
        assert_eq!(
            answer(b"PK\x03\x04", "a.zip"),
            Err(415),
            "known, and not taken"
        );
        assert_eq!(answer(b"", "a.txt"), Err(415));
    }

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
