//! The HTTP API under `/api/v1`, and its description.

mod callbacks;
mod interactions;
mod login;
mod queues;
mod visitors;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde::de::DeserializeOwned;
use utoipa::OpenApi;

use super::{app::App, assets, headers, origin, problem::Problem, upgrade};
use crate::{auth::Bearer, metrics};

/// Where a request came from, put there by the listener.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The address.
    pub address: SocketAddr,
    /// Whether it came over TLS.
    pub tls: bool,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Tandem", description = "Visitors, agents and the record of interactions. Times are milliseconds since 1970; ids are as they stand in the journal."),
    paths(
        visitors::become_visitor,
        visitors::zone,
        login::login,
        interactions::record,
        interactions::list,
        interactions::customer,
        callbacks::list,
        callbacks::promise,
        callbacks::cancel,
        queues::queues,
    ),
    components(schemas(Problem)),
    modifiers(&Bearers)
)]
struct Document;

struct Bearers;

impl utoipa::Modify for Bearers {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let bearer = SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .build(),
        );
        document
            .components
            .get_or_insert_with(Default::default)
            .add_security_scheme("bearer", bearer);
    }
}

/// Returns the OpenAPI document, made from the code.
pub fn document() -> String {
    Document::openapi().to_json().unwrap_or_default()
}

/// Returns the routes of the web side.
pub fn router(app: Arc<App>) -> Router {
    let body = app.config.load().web.body;
    let api = Router::new()
        .route("/visitors", post(visitors::become_visitor))
        .route("/zones/{zone}", get(visitors::zone))
        .route("/login", post(login::login))
        .route("/interactions/{id}", get(interactions::record))
        .route("/interactions", get(interactions::list))
        .route("/customers/{id}", get(interactions::customer))
        .route("/callbacks", get(callbacks::list).post(callbacks::promise))
        .route("/callbacks/{id}", delete(callbacks::cancel))
        .route("/queues", get(queues::queues))
        .fallback(nothing);
    Router::new()
        .nest("/api/v1", api)
        .route("/api/openapi.json", get(describe))
        .route("/ws/visitor", get(upgrade::visitor))
        .route("/ws/agent", get(upgrade::agent))
        .route("/sip", get(upgrade::sip))
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::max(body))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .with_state(app)
}

/// How long a request's body and its answer may take together. A WebSocket is upgraded long before.
const WHOLE: Duration = Duration::from_secs(30);

async fn nothing() -> Problem {
    Problem::not_found("there is no such call; /api/openapi.json has all")
}

async fn describe(State(app): State<Arc<App>>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        app.openapi.clone(),
    )
        .into_response()
}

// Limits, Origin and headers, before and after everything else.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(peer) = request.extensions().get::<Peer>().copied() else {
        return Problem::fault(&anyhow::anyhow!("a request came without its peer")).into_response();
    };
    let from = origin::From::read(request.headers());
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = if !app
        .limits
        .request(app.address(peer.address.ip(), request.headers()))
    {
        metrics::refused("rate");
        Problem::too_many(1, "this address asks too often; wait a second").into_response()
    } else if is_api && request.method() == Method::OPTIONS {
        preflight(&app, &request, &from)
    } else if is_api && !may_read(&app, &request, &from) {
        metrics::refused("origin");
        Problem::forbidden("pages of this origin may not use this server; add it to web.origins or the zone's origins")
            .into_response()
    } else if let Some(limit) = too_large(&app, &request) {
        metrics::refused("body");
        Problem::too_large(limit).into_response()
    } else if let Ok(response) = tokio::time::timeout(WHOLE, next.run(request)).await {
        response
    } else {
        metrics::refused("slow");
        Problem::too_slow(WHOLE.as_secs()).into_response()
    };
    if let (origin::From::Page(page), true) = (&from, is_api) {
        headers::share(response.headers_mut(), page);
    }
    headers::secure(response.headers_mut(), peer.tls);
    response
}

// What a body's length says before any of it is read; one that says nothing is cut while it is read.
fn too_large(app: &App, request: &Request) -> Option<usize> {
    let limit = app.config.load().web.body;
    let length = request.headers().get(header::CONTENT_LENGTH)?;
    let length: u64 = length.to_str().ok()?.parse().ok()?;
    (length > limit as u64).then_some(limit)
}

fn may_read(app: &App, request: &Request, from: &origin::From) -> bool {
    let config = app.config.load();
    let path = request.uri().path();
    let for_visitors = path == "/api/v1/visitors" || path.starts_with("/api/v1/zones/");
    if for_visitors {
        origin::is_of_any_zone(&config, request.headers(), from)
    } else {
        origin::is_ours(&config, request.headers(), from)
    }
}

fn preflight(app: &App, request: &Request, from: &origin::From) -> Response {
    if !may_read(app, request, from) {
        metrics::refused("origin");
        return Problem::forbidden("pages of this origin may not use this server").into_response();
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    for (name, value) in allowed {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A JSON body, refused in our words when it is none.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    Problem::unprocessable("the body is longer than allowed")
                } else {
                    Problem::bad_request(rejection.body_text())
                }
            })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Problem::bad_request(format!(
                "the body is not the JSON that is expected here: {error}"
            ))
        })
    }
}

/// Lets agents and programs pass, and nobody else.
pub fn staff(app: &App, headers: &axum::http::HeaderMap) -> Result<Bearer, Problem> {
    match app.bearer(headers)? {
        Bearer::Visitor { .. } => {
            metrics::refused("scope");
            Err(Problem::forbidden(
                "a visitor's credential opens a visitor's socket and nothing else",
            ))
        }
        bearer @ (Bearer::Agent(_) | Bearer::Api(_)) => Ok(bearer),
    }
}

/// Reads an id out of a path.
pub fn id<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|error| Problem::bad_request(format!("\"{text}\": {error}")))
}
