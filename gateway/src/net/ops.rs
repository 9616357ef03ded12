//! The listener for operations: `/metrics`, `/healthz`, `/readyz`.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{mpsc, oneshot};

use super::{app::App, sip::Control};
use crate::{metrics, store::Health};

/// What it shows.
#[derive(Clone)]
pub struct Ops {
    /// The daemon.
    pub app: Arc<App>,
    /// The metrics.
    pub metrics: PrometheusHandle,
    /// The SIP endpoint.
    pub sip: mpsc::Sender<Control>,
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
    let read = ops.app.glance(move |hub| metrics::read(hub, now)).await;
    let (answer, counted) = oneshot::channel();
    let asked = ops.sip.send(Control::Count(answer)).await;
    match (read, asked, counted.await) {
        (Ok(()), Ok(()), Ok(counters)) => metrics::read_sip(&counters),
        _ => return (StatusCode::SERVICE_UNAVAILABLE, "the daemon is stopping\n").into_response(),
    }
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
    match ops.app.glance(|_| ()).await {
        Ok(()) => "alive\n".into_response(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the hub's loop has stopped\n",
        )
            .into_response(),
    }
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
