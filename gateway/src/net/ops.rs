//! The listener for operations: `/metrics`, `/healthz`, `/readyz`.

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{mpsc, oneshot};

use super::{
    app::{Alive, App},
    sip::Control,
};
use crate::{metrics, store::Health};

/// How long an owner of something may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// What it shows.
#[derive(Clone)]
pub struct Ops {
    /// The daemon.
    pub app: Arc<App>,
    /// The metrics.
    pub metrics: PrometheusHandle,
    /// The SIP endpoint.
    pub sip: mpsc::Sender<Control>,
    /// What was told of queues.
    pub told: Arc<Mutex<metrics::Told>>,
}

/// Returns its routes.
pub fn router(ops: Ops) -> Router {
    Router::new()
        .route("/metrics", get(render))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(ops)
}

async fn render(State(ops): State<Ops>) -> Response {
    let now = ops.app.now();
    metrics::clock(&ops.app.clock);
    let told = ops.told.clone();
    let read = ops.app.glance(move |hub| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        metrics::read(hub, &mut told, now);
    });
    let count = async {
        let (answer, counted) = oneshot::channel();
        ops.sip.send(Control::Count(answer)).await.ok()?;
        counted.await.ok()
    };
    // What stands still shows what it showed last, and the rest is seen all the same.
    let (read, counted) = tokio::join!(in_time(read), in_time(count));
    match (read, counted) {
        (Some(Err(_)), _) | (_, Some(None)) => {
            return (StatusCode::SERVICE_UNAVAILABLE, "the daemon is stopping\n").into_response();
        }
        (_, Some(Some(counters))) => metrics::read_sip(&counters),
        (_, None) => {}
    }
    metrics::routed(ops.app.pulse.age(Instant::now()));
    let well = *ops.app.health.borrow() == Health::Well;
    metrics::journal(well, ops.app.journal.lag().rows());
    metrics::tasks();
    ops.metrics.run_upkeep();
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        ops.metrics.render(),
    )
        .into_response()
}

// Alive is who answers: the hub's loop as well as this listener.
async fn alive(State(ops): State<Ops>) -> Response {
    let why = match ops.app.alive(PATIENCE).await {
        Alive::ComesRound => return "alive\n".into_response(),
        Alive::StandsStill => "the hub's loop stands still\n",
        Alive::HasStopped => "the hub's loop has stopped\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
}

// A loop that stands still must not make those stand still who watch it.
async fn in_time<T>(answer: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, answer).await.ok()
}

async fn ready(State(ops): State<Ops>) -> Response {
    if ops.app.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "leaving\n").into_response();
    }
    match &*ops.app.health.borrow() {
        Health::Well => "ready\n".into_response(),
        Health::Refusing(why) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("the journal cannot be written: {why}\n"),
        )
            .into_response(),
    }
}
