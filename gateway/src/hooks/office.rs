//! Couriers: one for each webhook that is configured, and one for mails; begun, changed and ended as the configuration is.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Context;
use axum::body::Bytes;
use hub::Event;
use rusqlite::Connection;
use rustls::ClientConfig;
use serde::Serialize;
use tokio::{sync::watch, task::JoinHandle, time::Instant};
use utoipa::ToSchema;
use ws::id::{InteractionId, Timestamp};

use super::{
    client::{self, Answer, Way},
    courier::{Carrier, Courier, Letter, failed},
    message::{self, Wanted},
    sign::Secret,
    spool::Outcome,
};
use crate::{
    config::{Config, Mail, Origin, Webhook},
    mail::post,
    metrics::hooks as metrics,
    net::app::App,
    store::ledger::webhooks,
};

/// The most that is read of an answer.
const LONGEST: usize = 64 * 1024;
/// How often the configuration is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How long a courier that broke is left alone.
const REST: Duration = Duration::from_secs(10);

/// The way to one webhook's receiver.
pub struct Post {
    name: String,
    way: Way,
    secret: Secret,
    events: Arc<[Wanted]>,
    timeout: Duration,
}

/// What a ping found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Pong {
    /// Whether the receiver took it.
    pub ok: bool,
    /// What it answered, if it did.
    pub status: Option<u16>,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
    /// What went wrong, if something did.
    pub error: Option<String>,
}

impl Post {
    /// Makes the way as configured.
    pub fn open(name: &str, hook: &Webhook, tls: Arc<ClientConfig>) -> anyhow::Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            way: Way::new(hook.url.parse()?, hook.private, tls),
            secret: hook.secret.parse()?,
            events: hook.events.clone().into(),
            timeout: hook.timeout.0,
        })
    }

    /// Posts a message that only tests the way.
    pub async fn ping(&self, now: Timestamp) -> Pong {
        let id = format!(
            "ping-{}",
            crate::store::agents::hex(&crate::auth::random::<8>())
        );
        let body = serde_json::json!({
            "id": id, "type": message::PING, "time": now, "interaction": null, "seq": null,
            "data": { "webhook": self.name },
        });
        let began = Instant::now();
        let posted = self.post(&id, None, body.to_string().into()).await;
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (status, error) = match posted {
            Ok(answer) => (Some(answer.status), refusal(answer.status)),
            Err(failure) => (None, Some(failure.words())),
        };
        Pong {
            ok: error.is_none(),
            status,
            took_ms,
            error,
        }
    }

    async fn post(
        &self,
        id: &str,
        interaction: Option<InteractionId>,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        // The receiver judges by the time of the attempt, whenever the fact was.
        let now = crate::clock::Clock::start(Timestamp(0)).now();
        let mut headers = Vec::from(self.secret.headers(id, now, &body));
        if let Some(interaction) = interaction {
            let trace = interaction.to_string();
            let span = crate::store::agents::hex(&crate::auth::random::<8>());
            headers.push(("traceparent", format!("00-{trace}-{span}-01")));
        }
        let posted = self.way.post(&headers, &body, LONGEST);
        match tokio::time::timeout(self.timeout, posted).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Failure::Broken(error)),
            Err(_) => Err(Failure::Late(self.timeout)),
        }
    }
}

/// Why there is no answer.
enum Failure {
    Broken(anyhow::Error),
    Late(Duration),
}

impl Failure {
    fn words(&self) -> String {
        match self {
            Self::Broken(error) => format!("{error:#}"),
            Self::Late(span) => format!("it did not answer within {span:?}"),
        }
    }
}

fn refusal(status: u16) -> Option<String> {
    match status {
        200..300 => None,
        _ => Some(format!("it answered {status}; 2xx would be right")),
    }
}

impl Carrier for Post {
    fn wants(&self) -> impl Fn(&Event) -> bool + Send + 'static {
        let events = self.events.clone();
        move |event| message::is_wanted(&events, event)
    }

    async fn carry(&self, letter: Letter) -> Outcome {
        let body = match message::body(&letter.id, &letter.fact) {
            Ok(body) => Bytes::from(body),
            Err(error) => return failed(format!("{error:#}")),
        };
        let began = Instant::now();
        let posted = self.post(&letter.id, letter.fact.interaction, body).await;
        metrics::posted_in(&self.name, began.elapsed());
        let (result, outcome) = match posted {
            Ok(answer) => judge(&answer),
            Err(failure @ Failure::Late(_)) => ("late", failed(failure.words())),
            Err(failure @ Failure::Broken(_)) => ("broken", failed(failure.words())),
        };
        metrics::posted(&self.name, result);
        outcome
    }

    fn stand(&self, backlog: i64, dead: i64) {
        metrics::stand(&self.name, backlog, dead);
    }
}

fn judge(answer: &Answer) -> (&'static str, Outcome) {
    match (answer.status, refusal(answer.status)) {
        (_, None) => ("delivered", Outcome::Delivered),
        (410, Some(_)) => ("gone", Outcome::Gone),
        (status, Some(error)) => {
            let obeyed = matches!(status, 429 | 503);
            let after = answer.retry_after.filter(|_| obeyed);
            ("refused", Outcome::Failed { error, after })
        }
    }
}

/// Whom a courier goes to.
#[derive(Clone, Debug, PartialEq)]
enum Receiver {
    Hook(Box<Webhook>),
    /// Customers, with where their links lead.
    Customers(Box<Mail>, Option<Origin>),
}

/// A courier at work.
struct Desk {
    configured: Receiver,
    stop: watch::Sender<bool>,
    task: JoinHandle<anyhow::Result<()>>,
}

/// Keeps a courier for each webhook until the daemon leaves.
pub async fn run(app: Arc<App>, mut left: watch::Receiver<bool>) {
    let mut desks: BTreeMap<String, Desk> = BTreeMap::new();
    let mut resting: BTreeMap<String, Instant> = BTreeMap::new();
    let mut tls = None;
    loop {
        let wanted = receivers(&app.config.load());
        let ended = desks.iter().filter(|(name, desk)| {
            wanted.get(*name) != Some(&desk.configured) || desk.task.is_finished()
        });
        let ended: Vec<_> = ended.map(|(name, _)| name.clone()).collect();
        for name in ended {
            if let Some(desk) = desks.remove(&name)
                && !end(&name, desk).await
            {
                resting.insert(name, Instant::now() + REST);
            }
        }
        resting.retain(|_, until| *until > Instant::now());
        for (name, receiver) in &wanted {
            if desks.contains_key(name) || resting.contains_key(name) {
                continue;
            }
            match begin(&app, name, receiver, &mut tls).await {
                Ok(desk) => drop(desks.insert(name.clone(), desk)),
                Err(error) => {
                    tracing::error!(courier = name, error = format!("{error:#}"), "not begun");
                    resting.insert(name.clone(), Instant::now() + REST);
                }
            }
        }
        tokio::select! {
            _ = left.changed() => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    for desk in desks.values() {
        desk.stop.send_replace(true);
    }
    for (name, desk) in desks {
        end(&name, desk).await;
    }
}

fn receivers(config: &Config) -> BTreeMap<String, Receiver> {
    let hooks = config.webhook.iter();
    let hooks = hooks.map(|(name, hook)| (name.clone(), Receiver::Hook(Box::new(hook.clone()))));
    let customers = config.mail.server.0.as_ref().map(|_| {
        let (mail, url) = (Box::new(config.mail.clone()), config.web.url.0.clone());
        (post::NAME.to_owned(), Receiver::Customers(mail, url))
    });
    hooks.chain(customers).collect()
}

async fn begin(
    app: &Arc<App>,
    name: &str,
    receiver: &Receiver,
    tls: &mut Option<Arc<ClientConfig>>,
) -> anyhow::Result<Desk> {
    let (stop, stopped) = watch::channel(false);
    let task = match receiver {
        Receiver::Hook(hook) => {
            let trusted = match tls {
                Some(tls) => tls.clone(),
                None => tls.insert(trust().await?).clone(),
            };
            let carrier = Post::open(name, hook, trusted)?;
            metrics::begin(name);
            start(app, name, carrier, hook.give_up.0, stopped)
        }
        Receiver::Customers(mail, _) => {
            let (opened, configured) = (app.clone(), mail.clone());
            let open = move || post::Post::open(&opened, &configured);
            let carrier = tokio::task::spawn_blocking(open);
            let carrier = carrier.await.context("reading certificates")??;
            start(app, name, carrier, mail.give_up.0, stopped)
        }
    };
    Ok(Desk {
        configured: receiver.clone(),
        stop,
        task,
    })
}

fn start<C: Carrier>(
    app: &Arc<App>,
    name: &str,
    carrier: C,
    give_up: Duration,
    stopped: watch::Receiver<bool>,
) -> JoinHandle<anyhow::Result<()>> {
    let courier = Courier {
        name: name.to_owned(),
        app: app.clone(),
        carrier: Arc::new(carrier),
        give_up,
    };
    tokio::spawn(courier.run(stopped))
}

/// Puts down where webhooks and mails begin, before anything can happen that they are to tell of.
pub fn begin_all(ledger: &Connection, config: &Config, last: i64) -> anyhow::Result<()> {
    for name in receivers(config).keys() {
        webhooks::open(ledger, name, last)?;
    }
    Ok(())
}

/// Returns what TLS rests on, read from the disk.
pub async fn trust() -> anyhow::Result<Arc<ClientConfig>> {
    let read = tokio::task::spawn_blocking(client::trust);
    read.await.context("reading the system's certificates")?
}

// Tells whether it had done well.
async fn end(name: &str, desk: Desk) -> bool {
    desk.stop.send_replace(true);
    let done = desk.task.await;
    match desk.configured {
        Receiver::Hook(_) => metrics::stand(name, 0, 0),
        Receiver::Customers(..) => crate::metrics::mail::stand(0, 0),
    }
    match done {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!(
                courier = name,
                error = format!("{error:#}"),
                "it broke, and is begun again"
            );
            false
        }
        Err(error) => {
            tracing::error!(courier = name, %error, "it broke, and is begun again");
            false
        }
    }
}
