//! From HTTP to WebSocket: Origin and subprotocol are judged before the upgrade (RFC 6455 §4.2).

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper_util::rt::TokioIo;
use sip::families::Family;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};
use ws::{
    server::Limits,
    side::{AgentSide, VisitorSide},
};

use super::{
    api::Peer,
    app::{App, NoPlace, Place},
    origin,
    problem::Problem,
    socket, streams,
};
use crate::metrics;

/// The one subprotocol spoken by visitors and agents.
const PROTOCOL: &str = "tandem.v1";
/// That of SIP clients (RFC 7118 §4).
const SIP: &str = "sip";
/// The longest SIP message by WebSocket, in bytes.
const SIP_MESSAGE: usize = 65_535;
/// Bytes read at a time, which every socket holds; tungstenite would take 128 KiB.
const READ_BUFFER: usize = 1024;
/// Bytes written at once, and the most that may wait in the socket's own buffer: the outbox holds the rest.
const WRITE_BUFFER: usize = 8 * 1024;
/// How much longer than a limit a frame is still read, so that it is refused in words and not by tungstenite.
const SLACK: usize = 1024;
/// How long the connection may take to become a WebSocket.
const UPGRADE: Duration = Duration::from_secs(10);

/// `GET /ws/visitor`
pub async fn visitor(State(app): State<Arc<App>>, request: Request) -> Response {
    let from = origin::From::read(request.headers());
    if !origin::is_of_any_zone(&app.config.load(), &from) {
        return foreign();
    }
    open(
        app,
        request,
        Limits::visitor(),
        move |socket, app, limits, place| {
            socket::run::<VisitorSide>(socket, app, limits, socket::Page::of(from), place)
        },
    )
}

/// `GET /ws/agent`
pub async fn agent(State(app): State<Arc<App>>, request: Request) -> Response {
    let from = origin::From::read(request.headers());
    if !origin::is_ours(&app.config.load(), &from) {
        return foreign();
    }
    open(
        app,
        request,
        Limits::agent(),
        move |socket, app, limits, place| {
            socket::run::<AgentSide>(socket, app, limits, socket::Page::of(from), place)
        },
    )
}

/// `GET /sip`: SIP clients in browsers.
pub async fn sip(State(app): State<Arc<App>>, request: Request) -> Response {
    let from = origin::From::read(request.headers());
    if !origin::is_ours(&app.config.load(), &from) {
        return foreign();
    }
    let Some(peer) = request.extensions().get::<Peer>().copied() else {
        return Problem::fault(&anyhow::anyhow!("a request came without its peer")).into_response();
    };
    let listen = app.config.load().sip.listen.0;
    let local = *listen.near(Family::of(peer.address.ip()));
    become_socket(
        app,
        request,
        SIP,
        SIP_MESSAGE,
        move |socket, app, place| async move {
            let _place = place;
            streams::run_socket(socket, app.streams.clone(), local, peer.address).await;
        },
    )
}

fn foreign() -> Response {
    metrics::refused("origin");
    Problem::forbidden("pages of this origin may not open a socket here; add it to web.origins or the zone's origins")
        .into_response()
}

/// A connection that became a WebSocket.
pub type Stream = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

fn open<F, T>(app: Arc<App>, request: Request, mut limits: Limits, run: F) -> Response
where
    F: FnOnce(Stream, Arc<App>, Limits, Place) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    limits.frame = app.config.load().web.frame;
    let frame = limits.frame + SLACK;
    become_socket(app, request, PROTOCOL, frame, move |socket, app, place| {
        run(socket, app, limits, place)
    })
}

/// Takes a place for what stays open, or tells why there is none.
pub fn place(app: &Arc<App>, peer: Peer, headers: &HeaderMap) -> Result<Place, Problem> {
    let from = app.address(peer.address.ip(), headers);
    app.place(from).map_err(|none| {
        metrics::refused("sockets");
        match none {
            NoPlace::Full => {
                Problem::unavailable(5, "too many sockets are open; come back in a moment")
            }
            NoPlace::FullFor => Problem::too_many(
                60,
                "too many sockets are open from this address; close some of them",
            ),
        }
    })
}

fn become_socket<F, T>(
    app: Arc<App>,
    mut request: Request,
    protocol: &'static str,
    frame: usize,
    run: F,
) -> Response
where
    F: FnOnce(Stream, Arc<App>, Place) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let accept = match handshake(&request, protocol) {
        Ok(accept) => accept,
        Err(response) => return *response,
    };
    if app.is_draining() {
        return app.unready().into_response_or_gone();
    }
    let Some(peer) = request.extensions().get::<Peer>().copied() else {
        return Problem::fault(&anyhow::anyhow!("a request came without its peer")).into_response();
    };
    let place = match place(&app, peer, request.headers()) {
        Ok(place) => place,
        Err(problem) => return problem.into_response(),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let Ok(Ok(upgraded)) = tokio::time::timeout(UPGRADE, upgrade).await else {
            tracing::debug!("a connection did not become a WebSocket");
            return;
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(usize::MAX)
            .max_message_size(Some(frame))
            .max_frame_size(Some(frame));
        let stream =
            WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config))
                .await;
        run(stream, app, place).await;
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(
        header::SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(protocol),
    );
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

trait OrGone {
    fn into_response_or_gone(self) -> Response;
}

impl OrGone for Option<Problem> {
    fn into_response_or_gone(self) -> Response {
        self.unwrap_or_else(|| Problem::unavailable(5, "the server is leaving"))
            .into_response()
    }
}

// RFC 6455 §4.2.1: what a handshake must have, each with its own answer.
fn handshake(request: &Request, protocol: &str) -> Result<HeaderValue, Box<Response>> {
    let headers = request.headers();
    let refuse = |problem: Problem| {
        metrics::refused("handshake");
        Err(Box::new(problem.into_response()))
    };
    if *request.method() != Method::GET
        || !has_token(headers, &header::CONNECTION, "upgrade")
        || !has_token(headers, &header::UPGRADE, "websocket")
    {
        let mut response =
            Problem::bad_request("this is for WebSockets; send an upgrade").into_response();
        *response.status_mut() = StatusCode::UPGRADE_REQUIRED;
        response
            .headers_mut()
            .insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        return Err(Box::new(response));
    }
    if headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .is_none_or(|version| version != "13")
    {
        let mut response = Problem::bad_request("Sec-WebSocket-Version must be 13").into_response();
        *response.status_mut() = StatusCode::UPGRADE_REQUIRED;
        response.headers_mut().insert(
            header::SEC_WEBSOCKET_VERSION,
            HeaderValue::from_static("13"),
        );
        return Err(Box::new(response));
    }
    if !has_token(headers, &header::SEC_WEBSOCKET_PROTOCOL, protocol) {
        return refuse(Problem::bad_request(format!(
            "Sec-WebSocket-Protocol must offer {protocol}"
        )));
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .filter(|key| key.len() == 24);
    let Some(key) = key else {
        return refuse(Problem::bad_request(
            "Sec-WebSocket-Key must be 16 bytes in base64",
        ));
    };
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).or_else(|_| {
        refuse(Problem::bad_request(
            "Sec-WebSocket-Key must be 16 bytes in base64",
        ))
    })
}

fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(token))
}
