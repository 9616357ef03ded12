use std::{path::PathBuf, sync::LazyLock};

use ::sip::endpoint::Counters;
use axum::body::to_bytes;
use hub::Hub;
use ws::id::Timestamp;

use super::*;
use crate::{
    auth::{self, Mint},
    clock::Clock,
    config::Config,
    dscp::Dscp,
    net::streams::Streams,
    run::Glance,
    store::{Journal, agents, ledger::Ledger},
};

// A process has one.
static METRICS: LazyLock<PrometheusHandle> = LazyLock::new(|| metrics::install().unwrap());

/// A daemon's operations; nothing of the daemon runs but its journal.
struct Still {
    ops: Ops,
    store: PathBuf,
}

impl Still {
    /// With what its loop and its SIP endpoint would be asked by.
    fn new() -> (Self, mpsc::Receiver<Glance>, mpsc::Receiver<Control>) {
        let name = format!("tandem-still-{}", agents::hex(&auth::random::<8>()));
        let mut config = Config::default();
        config.store.path = std::env::temp_dir().join(name);
        let store = config.store.path.clone();
        drop(crate::store::open_at_start(&store).unwrap());
        let journal = Journal::start(&store, store.join("recordings")).unwrap().0;
        let (tell, _) = mpsc::channel(1);
        let (glance, glances) = mpsc::channel(1);
        let streams = Streams::new(1, Duration::MAX, Dscp::CS3, mpsc::channel(1).0);
        let app = App::new(
            config,
            (tell, glance),
            Mint::new(&[7; 32]),
            Clock::start(Timestamp(0)),
            (journal, Ledger::start(&store).unwrap()),
            Arc::new(streams),
            (Default::default(), Vec::new()),
        );
        let (sip, asked) = mpsc::channel(1);
        let ops = Ops {
            app: Arc::new(app.unwrap()),
            metrics: METRICS.clone(),
            sip,
            told: Arc::default(),
        };
        (Self { ops, store }, glances, asked)
    }

    async fn healthz(&self) -> (u16, String) {
        read(alive(State(self.ops.clone())).await).await
    }

    async fn metrics(&self) -> (u16, String) {
        read(render(State(self.ops.clone())).await).await
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.store).unwrap();
    }
}

fn stopped(why: &str) -> (u16, String) {
    (503, why.to_owned())
}

async fn read(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The hub's loop, as far as it answers who watches it.
async fn come_round(mut glances: mpsc::Receiver<Glance>) {
    let hub = Hub::new(Config::default().setup(&[]), [7; 32]);
    while let Some(glance) = glances.recv().await {
        glance(&hub);
    }
}

/// The SIP endpoint, as far as it does.
async fn count(mut asked: mpsc::Receiver<Control>) {
    while let Some(Control::Count(answer)) = asked.recv().await {
        answer.send(Counters::default()).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn pain_2_a_loop_that_stands_still_is_told_and_holds_up_nobody_who_watches() {
    let (still, glances, asked) = Still::new();
    let sip = tokio::spawn(count(asked));

    assert_eq!(
        still.healthz().await,
        stopped("the hub's loop stands still\n")
    );
    let (status, shown) = still.metrics().await;
    assert_eq!(status, 200);
    assert!(shown.contains("\ntandem_routing_age_seconds "), "{shown}");

    let hub = tokio::spawn(come_round(glances));
    assert_eq!(still.healthz().await, (200, "alive\n".to_owned()));

    hub.abort();
    assert!(hub.await.unwrap_err().is_cancelled());
    assert_eq!(
        still.healthz().await,
        stopped("the hub's loop has stopped\n")
    );
    assert_eq!(still.metrics().await, stopped("the daemon is stopping\n"));
    sip.abort();
}

#[tokio::test(start_paused = true)]
async fn pain_4_calls_that_stand_still_do_not_hide_how_the_rest_is() {
    let (still, glances, _asked) = Still::new();
    let hub = tokio::spawn(come_round(glances));

    assert_eq!(still.healthz().await.0, 200);
    let (status, shown) = still.metrics().await;
    assert_eq!(status, 200);
    assert!(
        shown.contains("\ntandem_agents{presence=\"gone\"} 0\n"),
        "{shown}"
    );
    hub.abort();
}
