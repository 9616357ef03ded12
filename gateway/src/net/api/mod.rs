//! The HTTP API under `/api/v1`, and its description.

pub mod access;
mod agents;
pub mod asyncapi;
mod board;
mod body;
mod callbacks;
mod condition;
mod consents;
mod crossings;
mod customers;
pub mod document;
mod files;
mod format;
mod interactions;
mod links;
mod login;
mod mails;
mod matters;
pub mod once;
pub mod paging;
mod queues;
mod recordings;
mod replies;
mod rewriting;
mod route;
mod staff;
mod texts;
mod tokens;
mod transcripts;
mod visitors;
mod webhooks;
mod zones;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post, put},
};

use super::{
    app::App,
    assets, headers, intake, link, origin,
    problem::{self, Problem},
    upgrade,
};
use crate::metrics;
pub use body::Body;
use condition::Judge;

/// Where a request came from, put there by the listener.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The address.
    pub address: SocketAddr,
    /// Whether it came over TLS.
    pub tls: bool,
}

/// Returns the routes of the web side.
pub fn router(app: Arc<App>) -> Router {
    let body = app.config.load().web.body;
    let api = Router::new()
        .merge(webhooks::routes())
        .merge(mails::routes())
        .route("/visitors", post(visitors::become_visitor))
        .route("/visitors/transcripts", post(transcripts::mail))
        .route("/visitors/crossings", post(crossings::arrive))
        .route("/zones", post(zones::choose))
        .route("/zones/{zone}", get(visitors::zone))
        .route("/texts/{lang}", get(texts::of))
        .route("/login", post(login::login).delete(login::sign_out))
        .route("/login/renew", post(login::renew))
        .route("/interactions/{id}", get(interactions::record))
        .route("/interactions/{id}/route", get(route::route))
        .route("/interactions/{id}/vcon", get(interactions::container))
        .merge(recordings::routes())
        .route("/interactions/{id}/merge", post(links::merge))
        .route("/interactions/{id}/unmerge", post(links::unmerge))
        .route("/interactions", get(interactions::list).post(matters::open))
        .route("/interactions/{id}/messages", post(matters::say))
        .route("/interactions/{id}/escalate", post(matters::escalate))
        .route("/interactions/{id}/callbacks", post(matters::promise))
        .route("/interactions/{id}/hang-up", post(matters::hang_up))
        .route("/interactions/{id}/end", post(matters::end))
        .merge(lines())
        .route("/me", get(tokens::me))
        .route("/tokens", get(tokens::list).post(tokens::make))
        .route("/tokens/{token}", get(tokens::one).delete(tokens::revoke))
        .merge(people())
        .merge(desks())
        .fallback(nothing);
    let judge = Judge::new(app.clone(), api.clone().with_state(app.clone()));
    // The last layer is the first to see a request.
    let api = api
        .layer(middleware::from_fn_with_state(judge, condition::judge))
        .layer(middleware::from_fn_with_state(app.clone(), once::answer))
        .merge(files::routes())
        .merge(agents::console::events())
        .layer(middleware::from_fn_with_state(app.clone(), access::check))
        .layer(middleware::map_response(in_our_words));
    Router::new()
        .nest("/api/v1", api)
        .route("/api/openapi.json", get(describe))
        .route("/api/asyncapi.json", get(describe_sockets))
        .route("/.well-known/jwks.json", get(interactions::keys))
        .route("/ws/visitor", get(upgrade::visitor))
        .route("/ws/agent", get(upgrade::agent))
        .route("/sip", get(upgrade::sip))
        .route("/link/{token}", get(link::show).post(link::act))
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::max(body))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .with_state(app)
}

/// Returns the routes of customers.
fn people() -> Router<Arc<App>> {
    Router::new()
        .route("/customers", get(customers::find))
        .route(
            "/customers/{id}",
            get(customers::customer).patch(customers::describe),
        )
        .route("/customers/{id}/notes", post(customers::note))
        .route("/customers/{id}/external/{system}", put(customers::link))
        .route("/customers/{id}/merge", post(customers::merge))
        .route("/customers/{id}/unmerge", post(customers::unmerge))
        .route("/customers/{id}/export", get(customers::export))
        .route("/customers/{id}/erase", post(customers::erase))
}

/// Returns the routes of queues, and of what is promised and forbidden.
fn lines() -> Router<Arc<App>> {
    Router::new()
        .route("/callbacks", get(callbacks::list).post(callbacks::promise))
        .route(
            "/callbacks/{id}",
            get(callbacks::one)
                .patch(callbacks::revise)
                .delete(callbacks::cancel),
        )
        .route(
            "/consents/{subject}",
            get(consents::standing).put(consents::change),
        )
        .route("/consents/{subject}/history", get(consents::history))
        .route("/board", get(board::board))
        .route("/queues", get(queues::queues))
        .route("/replies", get(replies::list))
        .route("/queues/{queue}", get(queues::one))
}

/// Returns the routes of agents and their desks.
fn desks() -> Router<Arc<App>> {
    Router::new()
        .route("/agents", get(agents::list).post(staff::hire))
        .route("/agents/{agent}/password", put(staff::password))
        .route("/agents/{agent}", get(agents::one).delete(staff::dismiss))
        .route("/agents/{agent}/desk", get(agents::at_desk))
        .route("/agents/{agent}/presence", put(agents::presence))
        .route(
            "/agents/{agent}/offers/{interaction}/accept",
            post(agents::accept),
        )
        .route(
            "/agents/{agent}/offers/{interaction}/decline",
            post(agents::decline),
        )
        .route(
            "/agents/{agent}/callbacks/{callback}",
            delete(agents::cancel),
        )
        .route(
            "/agents/{agent}/others/{other}/presence",
            put(agents::more::presence_of),
        )
        .merge(agents::console::routes())
        .merge(contacts())
}

/// Returns the routes of what an agent does within a running call.
fn calls() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/agents/{agent}/contacts/{interaction}/transfer",
            post(agents::calls::transfer),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/consult",
            post(agents::calls::consult),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/complete",
            post(agents::calls::complete),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/take-back",
            post(agents::calls::take_back),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/conference",
            post(agents::calls::conference),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/conference/{leg}",
            delete(agents::calls::dismiss),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/page",
            post(agents::pages::page),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/page/code",
            post(agents::pages::code),
        )
        .route(
            "/agents/{agent}/supervised/{interaction}",
            post(agents::calls::supervise),
        )
        .route("/agents/{agent}/memos", post(agents::more::memo))
        .route("/agents/{agent}/memos/read", put(agents::more::memos_read))
        .route(
            "/agents/{agent}/supervised/{interaction}/whispers",
            post(agents::calls::whisper),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/hold",
            post(agents::calls::hold),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/mute",
            post(agents::calls::mute),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/digits",
            post(agents::calls::digits),
        )
}

/// Returns the routes of what an agent does in a contact.
fn contacts() -> Router<Arc<App>> {
    calls()
        .route(
            "/agents/{agent}/contacts/{interaction}/messages",
            post(agents::say),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/messages/{mid}",
            put(rewriting::rewrite).delete(rewriting::unwrite),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/typing",
            post(agents::typing),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/receipts",
            post(agents::receipt),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/escalate",
            post(agents::escalate),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/callbacks",
            post(agents::promise),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/hang-up",
            post(agents::hang_up),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/end",
            post(agents::end),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/wrap-up",
            post(agents::wrap_up),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/wrap-up/extend",
            post(agents::more::extend),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/park",
            post(agents::more::park),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/unpark",
            post(agents::more::unpark),
        )
        .merge(colleagues())
}

// What an agent asks of colleagues.
fn colleagues() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/agents/{agent}/contacts/{interaction}/notes",
            post(agents::more::note),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/hand-over",
            post(agents::more::hand_over),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/invitations",
            post(agents::more::invite),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/invitations/{colleague}",
            delete(agents::more::withdraw),
        )
        .route(
            "/agents/{agent}/contacts/{interaction}/leave",
            post(agents::more::leave),
        )
}

/// The longest a library's words may be.
const LIBRARY: usize = 4_096;

/// How long a request's body and its answer may take together. A WebSocket is upgraded long before.
const WHOLE: Duration = Duration::from_secs(30);

async fn nothing() -> Problem {
    Problem::not_found("there is no such call; /api/openapi.json has all")
}

// What a library refuses, a path or a query that cannot be read, is told as everything else is.
async fn in_our_words(response: Response) -> Response {
    let status = response.status();
    let told = response.headers().get(header::CONTENT_TYPE);
    if !(status.is_client_error() || status.is_server_error())
        || told.is_some_and(|kind| kind == problem::KIND)
    {
        return response;
    }
    let text = axum::body::to_bytes(response.into_body(), LIBRARY)
        .await
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    Problem::of_status(status, text).into_response()
}

async fn describe(State(app): State<Arc<App>>) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, app.openapi.clone()).into_response()
}

async fn describe_sockets(State(app): State<Arc<App>>) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, app.asyncapi.clone()).into_response()
}

// Limits, Origin and headers, before and after everything else.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(peer) = request.extensions().get::<Peer>().copied() else {
        return Problem::fault(&anyhow::anyhow!("a request came without its peer")).into_response();
    };
    let from = origin::From::read(request.headers());
    let is_api = request.uri().path().starts_with("/api/");
    let whole = if is_file(&request) {
        intake::whole(app.config.load().files.largest)
    } else {
        WHOLE
    };
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
    } else if let Ok(response) = tokio::time::timeout(whole, next.run(request)).await {
        response
    } else {
        metrics::refused("slow");
        Problem::too_slow(whole.as_secs()).into_response()
    };
    if let (origin::From::Page { origin, .. }, true) = (&from, is_api) {
        headers::share(response.headers_mut(), origin);
    }
    headers::secure(response.headers_mut(), peer.tls);
    response
}

// What a body's length says before any of it is read; one that says nothing is cut while it is read.
fn too_large(app: &App, request: &Request) -> Option<usize> {
    let config = app.config.load();
    let limit = if is_file(request) {
        config.files.largest
    } else {
        config.web.body
    };
    let length = request.headers().get(header::CONTENT_LENGTH)?;
    let length: u64 = length.to_str().ok()?.parse().ok()?;
    (length > limit as u64).then_some(limit)
}

fn is_file(request: &Request) -> bool {
    let path = request.uri().path();
    request.method() == Method::POST && path.starts_with("/api/v1/") && path.ends_with("/files")
}

fn may_read(app: &App, request: &Request, from: &origin::From) -> bool {
    let config = app.config.load();
    let path = request.uri().path();
    let mut for_visitors = ["/api/v1/visitors", "/api/v1/zones", "/api/v1/texts/"].iter();
    let for_visitors = for_visitors.any(|it| path.starts_with(it));
    if for_visitors {
        origin::is_of_any_zone(&config, from)
    } else {
        origin::is_ours(&config, from)
    }
}

fn preflight(app: &App, request: &Request, from: &origin::From) -> Response {
    if !may_read(app, request, from) {
        metrics::refused("origin");
        return Problem::forbidden("pages of this origin may not use this server").into_response();
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let allowed = [
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            "GET, POST, PUT, PATCH, DELETE",
        ),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, idempotency-key, if-match, if-none-match, x-file-name",
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

/// Reads an id out of a path.
pub fn id<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|error| Problem::bad_request(format!("\"{text}\": {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_in_the_document() {
        let document = document::document();
        let source: String = include_str!("mod.rs").split_whitespace().collect();
        let routes = source.split(".route(\"/").skip(1);
        let routes = routes.filter_map(|rest| rest.split('"').next());

        let missing: Vec<_> = routes
            .filter(|path| {
                !["api/", "ws/", "sip", "link/", ".well-known/"]
                    .iter()
                    .any(|it| path.starts_with(it))
            })
            .filter(|path| document["paths"].get(format!("/api/v1/{path}")).is_none())
            .collect();

        assert_eq!(missing, Vec::<&str>::new());
    }

    #[test]
    fn every_operation_is_open_on_purpose_or_asks_for_known_scopes() {
        let document = document::document();
        assert!(access::Accesses::read(&document).is_ok());

        let open: Vec<_> = document::operations(&document)
            .filter(|(_, _, operation)| document::scopes_of(operation).is_none())
            .map(|(path, ..)| path)
            .collect();

        assert_eq!(
            open,
            [
                "/api/v1/login",
                "/api/v1/texts/{lang}",
                "/api/v1/visitors",
                "/api/v1/visitors/crossings",
                "/api/v1/visitors/interactions/{id}/files",
                "/api/v1/visitors/interactions/{id}/files/{file}",
                "/api/v1/visitors/transcripts",
                "/api/v1/zones",
                "/api/v1/zones/{zone}"
            ]
        );
    }
}
