//! A console that a program opens: everything an agent's page is told, as server-sent events, and what is done at one.

use std::{convert::Infallible, sync::Arc, time::Instant};

use axum::{
    Extension, Json, Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::{get, post, put},
};
use futures_util::stream;
use hub::{edge::browser::AgentResume, house, input::Done};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use utoipa::ToSchema;
use ws::{
    agent::Request,
    close::Close,
    cobrowse::AgentAct,
    id::{AgentId, LegId, SheetName},
    server::{Limits, Output, Session},
    side::AgentSide,
    voice::AgentVoice,
};

use super::{act_at, id};
use crate::{
    metrics,
    net::{
        api::{Body, Peer},
        app::{App, Place},
        caller::Caller,
        problem::Problem,
        socket::pass,
        upgrade,
    },
    run::{Told, sockets::ToSocket},
};

/// What a proxy (nginx) reads as: pass each event on at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The first event.
#[derive(Debug, Serialize)]
struct Opened {
    console: u64,
}

/// The last event.
#[derive(Debug, Serialize)]
struct Closed {
    code: u16,
    reason: &'static str,
}

/// Whether calls ring at a console.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HeadsetWish)]
pub struct Headset {
    /// Whether they ring there, instead of at the phone.
    on: bool,
}

/// What is known already of a page that is to be seen.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The style sheets that are known, 64 at most; they are not told again.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    sheets: Vec<SheetName>,
}

/// A session description.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MediaOffer)]
pub struct Offer {
    /// What is offered (RFC 8866, RFC 8829): audio over DTLS-SRTP with ICE.
    sdp: String,
    /// The console of the agent's that is told when another page takes the leg.
    #[serde(default)]
    console: Option<u64>,
}

/// What a leg agreed to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agreed {
    /// Which.
    #[schema(value_type = String)]
    leg: LegId,
    /// The answer to what was offered.
    sdp: String,
}

/// Returns the route by which a console is opened. It stands beside the others, whose answers end.
pub fn events() -> Router<Arc<App>> {
    Router::new().route("/agents/{agent}/console", get(open))
}

/// Returns the routes of what is done at a console.
pub fn routes() -> Router<Arc<App>> {
    let console = "/agents/{agent}/console/{console}";
    Router::new()
        .route(&format!("{console}/headset"), put(headset))
        .route(&format!("{console}/board"), put(board))
        .route(
            &format!("{console}/pages/{{interaction}}"),
            put(see).delete(leave),
        )
        .route("/agents/{agent}/legs/{leg}/media", post(media))
}

/// Opens a console and tells everything that one is told, as server-sent events. The first, `console`, has its number; then each push
/// of the agents' socket follows as it stands in PROTOCOL.md; the last, `close`, has a close code and its reason. A `ping` comes every 25
/// seconds and need not be answered. The console is open for as long as the answer is being read.
#[utoipa::path(get, path = "/api/v1/agents/{agent}/console", params(("agent" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 200, body = String, content_type = "text/event-stream"), (status = 503, body = Problem)))]
pub async fn open(
    State(app): State<Arc<App>>,
    caller: Caller,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Path(agent): Path<String>,
) -> Result<Response, Problem> {
    let agent: AgentId = id(&agent)?;
    caller.acts_as(&agent)?;
    if let Some(problem) = app.is_draining().then(|| app.unready()).flatten() {
        return Err(problem);
    }
    if app.role(&agent).await?.is_none() {
        return Err(super::nobody(&agent));
    }
    let place = upgrade::place(&app, peer, &headers)?;
    let (events, told) = mpsc::channel(1);
    let socket = app.number();
    let mut session = Session::listening(Limits::agent(), Instant::now());
    if let Some(until) = caller.until {
        session.end_at(Instant::now() + until.since(app.now()));
    }
    let console = Console {
        session,
        changes: app.changes(),
        told: app.sockets.agents.open(socket),
        app,
        socket,
        events,
        agent,
        headers,
    };
    tokio::spawn(console.run(place));
    let told = stream::unfold(told, async |mut told: mpsc::Receiver<Event>| {
        let event = told.recv().await?;
        Some((Ok::<_, Infallible>(event), told))
    });
    let unbuffered = [(UNBUFFERED, HeaderValue::from_static("no"))];
    Ok((unbuffered, Sse::new(told)).into_response())
}

/// One console: from the hub's loop to whoever reads the events.
struct Console {
    session: Session<AgentSide>,
    told: mpsc::Receiver<ToSocket<AgentSide>>,
    /// Tells that somebody who signed in may not be let in any more.
    changes: watch::Receiver<()>,
    app: Arc<App>,
    socket: u64,
    events: mpsc::Sender<Event>,
    agent: AgentId,
    /// What the credential is asked of again.
    headers: HeaderMap,
}

impl Console {
    async fn run(mut self, place: Place) {
        let _held = (place, metrics::socket("program"));
        let reason = self.drive().await;
        tracing::debug!(socket = self.socket, reason, "a program's console closed");
        self.app.sockets.agents.close(self.socket);
        // The loop has stopped when nobody takes this any more.
        let closed = house::Told::Closed {
            socket: self.socket,
            went: false,
        };
        let _ = self.app.tell.send(Told::House(closed)).await;
    }

    async fn drive(&mut self) -> &'static str {
        let hello = house::Told::AgentHello {
            socket: self.socket,
            re: 0,
            agent: self.agent.clone(),
            resume: Box::new(AgentResume::default()),
        };
        if self.app.tell.send(Told::House(hello)).await.is_err() {
            return "the server is leaving";
        }
        let events = self.events.clone();
        let opened = Opened {
            console: self.socket,
        };
        let mut next = Some(event("console", &opened));
        let mut last = false;
        loop {
            if next.is_none() {
                (next, last) = match self.session.poll_output() {
                    Some(Output::Text(text)) => (Some(Event::default().data(text)), false),
                    Some(Output::Close(close)) => (Some(goodbye(close)), true),
                    None => (None, false),
                };
            }
            let due = self.session.poll_timeout().unwrap_or_else(Instant::now);
            tokio::select! {
                // Nothing more is taken out of the session before this is, so that its bounds are felt.
                room = events.reserve(), if next.is_some() => match (room, next.take()) {
                    (Ok(room), Some(event)) => {
                        room.send(event);
                        if last {
                            return "the server closed";
                        }
                    }
                    (Ok(_), None) => {}
                    (Err(_), _) => return "the reader left",
                },
                () = events.closed() => return "the reader left",
                told = self.told.recv() => match told {
                    Some(told) => pass(told, &mut self.session),
                    None => self.session.close(Close::Slow),
                },
                Ok(()) = self.changes.changed(), if !last => self.judge().await,
                () = tokio::time::sleep_until(due.into()), if !last => {
                    self.judge().await;
                    self.session.handle_timeout(Instant::now());
                }
            }
        }
    }

    // A program that may act for the agent no more is told so with the next ping at the latest, an agent at once.
    async fn judge(&mut self) {
        let caller = self.app.caller(&self.headers).await;
        if let Err(problem) = caller.and_then(|caller| caller.acts_as(&self.agent)) {
            tracing::debug!(
                socket = self.socket,
                detail = problem.detail,
                "a console is closed"
            );
            self.session.close(Close::Unauthorized);
        }
    }
}

fn event(name: &str, data: &impl Serialize) -> Event {
    let data = serde_json::to_string(data).expect("two fields of a struct are JSON");
    Event::default().event(name).data(data)
}

fn goodbye(close: Close) -> Event {
    metrics::closed(close);
    let closed = Closed {
        code: close.code(),
        reason: close.text(),
    };
    event("close", &closed)
}

/// Lets calls ring at a console instead of at the phone, or ends that. It ends by itself when the console closes.
#[utoipa::path(put, path = "/api/v1/agents/{agent}/console/{console}/headset", params(("agent" = String, Path), ("console" = u64, Path)), request_body = Headset, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn headset(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, console)): Path<(String, u64)>,
    Body(Headset { on }): Body<Headset>,
) -> Result<StatusCode, Problem> {
    let act = Box::new(AgentVoice::Headset { on });
    let request = Request::Voice { act };
    act_at(&app, &caller, (&agent, Some(console)), request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells the supervisors' board at a console, and what changes on it.
#[utoipa::path(put, path = "/api/v1/agents/{agent}/console/{console}/board", params(("agent" = String, Path), ("console" = u64, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn board(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, console)): Path<(String, u64)>,
) -> Result<StatusCode, Problem> {
    let request = Request::Watch { resume: None };
    act_at(&app, &caller, (&agent, Some(console)), request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a call that rings at a console of the agent, or takes it up again after its network changed.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/legs/{leg}/media", params(("agent" = String, Path), ("leg" = String, Path)), request_body = Offer, security(("bearer" = ["act:agent"])), responses(
    (status = 200, body = Agreed)))]
pub async fn media(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, leg)): Path<(String, String)>,
    Body(Offer { sdp, console }): Body<Offer>,
) -> Result<Json<Agreed>, Problem> {
    let leg = id(&leg)?;
    let request = Request::Voice {
        act: Box::new(AgentVoice::Media { leg, sdp }),
    };
    match act_at(&app, &caller, (&agent, console), request).await? {
        Done::Media { leg, sdp } => Ok(Json(Agreed { leg, sdp })),
        _ => Err(Problem::otherwise("an offer")),
    }
}

/// Tells at a console what a shared page shows, from how it looks now; a supervisor's in any interaction.
#[utoipa::path(put, path = "/api/v1/agents/{agent}/console/{console}/pages/{interaction}", params(("agent" = String, Path), ("console" = u64, Path), ("interaction" = String, Path)), request_body = Known, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn see(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, console, interaction)): Path<(String, u64, String)>,
    Body(Known { sheets }): Body<Known>,
) -> Result<StatusCode, Problem> {
    let request = Request::Cobrowse {
        interaction: id(&interaction)?,
        act: Box::new(AgentAct::Watch { sheets }),
    };
    act_at(&app, &caller, (&agent, Some(console)), request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells at a console no more what a page shows.
#[utoipa::path(delete, path = "/api/v1/agents/{agent}/console/{console}/pages/{interaction}", params(("agent" = String, Path), ("console" = u64, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn leave(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, console, interaction)): Path<(String, u64, String)>,
) -> Result<StatusCode, Problem> {
    let request = Request::Cobrowse {
        interaction: id(&interaction)?,
        act: Box::new(AgentAct::Leave {}),
    };
    act_at(&app, &caller, (&agent, Some(console)), request).await?;
    Ok(StatusCode::NO_CONTENT)
}
