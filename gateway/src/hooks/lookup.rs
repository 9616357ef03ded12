//! Carries the hub's questions about who comes to another system, and what came of them back. Nothing waits for it: a
//! question too many, an answer that is late, too long or no answer at all is counted, and told as nothing known.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use axum::body::Bytes;
use hub::{
    house,
    input::Input,
    lookup::{Found, Question},
};
use rustls::ClientConfig;
use tokio::sync::mpsc;
use ws::id::InteractionId;

use super::{
    answer,
    client::Way,
    line::Line,
    memory::{Advice, Memory, Person, Spans},
    sign::Secret,
};
use crate::{config::Lookup, metrics, net::app::App, run::Told};

/// Questions that may wait for their turn; more are not asked.
pub const QUESTIONS: usize = 256;
/// Questions that are asked at a time.
const TOGETHER: usize = 16;
/// The longest answer.
const LONGEST: usize = 64 * 1024;
/// Causes of trouble that are told once each; beyond them nothing is told at warn.
const CAUSES: usize = 32;

/// How it is asked, as configured.
struct Desk {
    way: Way,
    secret: Option<Secret>,
    deadline: Duration,
    spans: Spans,
    configured: Lookup,
    told: Mutex<BTreeSet<String>>,
}

impl Desk {
    fn open(config: &Lookup, tls: &Arc<ClientConfig>) -> anyhow::Result<Option<Self>> {
        let Some(url) = &config.url.0 else {
            return Ok(None);
        };
        let secret = match config.secret.as_str() {
            "" => None,
            secret => Some(secret.parse()?),
        };
        Ok(Some(Self {
            way: Way::new(url.parse()?, config.private, tls.clone()),
            secret,
            deadline: config.deadline.0,
            spans: Spans {
                found: config.remember.0,
                nothing: config.remember_nothing.0,
            },
            configured: config.clone(),
            told: Mutex::default(),
        }))
    }

    // A system that is wrong is wrong at every question: each cause is told once while the configuration stands.
    fn is_news(&self, cause: &str) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.len() < CAUSES && told.insert(cause.to_owned())
    }
}

/// Takes questions until the hub's loop has stopped.
pub async fn run(app: Arc<App>, mut questions: mpsc::Receiver<Box<Question>>) {
    let tls = match super::client::trust() {
        Ok(tls) => tls,
        Err(error) => {
            return tracing::error!(error = format!("{error:#}"), "nobody can be looked up");
        }
    };
    let memory = Arc::new(Mutex::new(Memory::default()));
    let line = Line::new(TOGETHER, QUESTIONS);
    let mut desk: Option<Arc<Desk>> = None;
    while let Some(question) = questions.recv().await {
        let config = app.config.load();
        if desk
            .as_ref()
            .is_none_or(|desk| desk.configured != config.lookup)
        {
            desk = match Desk::open(&config.lookup, &tls) {
                Ok(opened) => opened.map(Arc::new),
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "nobody can be looked up");
                    None
                }
            };
        }
        let Some(desk) = desk.clone() else { continue };
        let person = Person::from(&*question);
        if person.is_nobody() {
            continue;
        }
        // Who is remembered needs no turn of those who are asked.
        let known = memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .known(&person, app.now());
        if let Some(found) = known {
            metrics::hooks::looked_up("cached");
            tell(&app, question.interaction, found).await;
            continue;
        }
        let Some(place) = line.join(desk.deadline) else {
            metrics::hooks::looked_up("busy");
            tell(&app, question.interaction, None).await;
            continue;
        };
        let (app, memory) = (app.clone(), memory.clone());
        tokio::spawn(async move {
            let found = if let Some(turn) = place.turn().await {
                let found = consult(&app, &desk, &memory, person, &question).await;
                drop(turn);
                found
            } else {
                metrics::hooks::looked_up("busy");
                None
            };
            tell(&app, question.interaction, found).await;
        });
    }
}

// That nothing is known is told as well: what is on record is not asked again after a restart.
async fn tell(app: &App, interaction: InteractionId, found: Option<Box<Found>>) {
    let found = found.unwrap_or_default();
    let input = Box::new(Input::LookedUp { interaction, found });
    // A loop that has stopped wants no answers.
    let _ = app.tell.send(Told::House(house::Told::Input(input))).await;
}

async fn consult(
    app: &App,
    desk: &Desk,
    memory: &Mutex<Memory>,
    person: Person,
    question: &Question,
) -> Option<Box<Found>> {
    let memory = || memory.lock().unwrap_or_else(PoisonError::into_inner);
    let advice = memory().advise(&person, app.now());
    match advice {
        Advice::Known(found) => {
            metrics::hooks::looked_up("cached");
            return found;
        }
        Advice::Leave => {
            metrics::hooks::looked_up("shut");
            return None;
        }
        Advice::Ask => {}
    }
    let (began, asked) = (Instant::now(), app.now());
    let answer = tokio::time::timeout(desk.deadline, ask(app, desk, question)).await;
    metrics::hooks::took(began.elapsed());
    let now = app.now();
    match answer {
        Ok(Ok(found)) => {
            metrics::hooks::looked_up(if found.is_some() { "found" } else { "nothing" });
            memory().answered(person, found.clone(), desk.spans, now);
            found
        }
        Ok(Err(error)) => {
            let error = format!("{error:#}");
            if desk.is_news(&error) {
                tracing::warn!(error, "somebody could not be looked up");
            } else {
                tracing::debug!(error, "somebody could not be looked up");
            }
            metrics::hooks::looked_up("failed");
            memory().failed(asked, now);
            None
        }
        Err(_) => {
            metrics::hooks::looked_up("late");
            memory().failed(asked, now);
            None
        }
    }
}

async fn ask(app: &App, desk: &Desk, question: &Question) -> anyhow::Result<Option<Box<Found>>> {
    let body = Bytes::from(serde_json::to_vec(question).context("writing a question")?);
    let id = question.interaction.to_string();
    let span = &id[..16];
    let mut headers = vec![("traceparent", format!("00-{id}-{span}-01"))];
    if let Some(secret) = &desk.secret {
        headers.extend(secret.headers(&id, app.now(), &body));
    }
    let answer = desk.way.post(&headers, &body, LONGEST).await?;
    match answer.status {
        200 => {
            let body = answer.body.context("the answer is longer than allowed")?;
            let answer::Answer { found, odd } = answer::read(&body)?;
            for field in odd {
                if desk.is_news(field) {
                    tracing::warn!(field, "a field of what is known was odd and left out");
                }
            }
            Ok((found != Found::default()).then(|| Box::new(found)))
        }
        204 | 404 => Ok(None),
        status => {
            bail!("it answered {status}; 200 with what is known, or 204 or 404 would be right")
        }
    }
}
