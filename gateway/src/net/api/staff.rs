//! Agents put on record and taken off it, and their passwords, by the API. Who can be made is bounded by what the caller may do themselves:
//! whoever knows a password can be that agent.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use utoipa::ToSchema;
use ws::id::{AgentId, QueueId, Skill};

use super::{Body, id};
use crate::{
    auth::scope::Scope,
    net::{app::App, caller::Caller, problem::Problem},
    store::{
        self,
        agents::{self, NewAgent, Role, SHORTEST},
    },
};

/// The longest name and password, in characters.
const LONGEST: usize = 100;
/// The most chats an agent holds.
const SLOTS: u8 = 6;
/// The highest level of a skill.
const LEVEL: u8 = 10;

/// A new agent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hire {
    /// The name they sign in and register by.
    #[schema(value_type = String)]
    agent: AgentId,
    /// The name customers are shown; the sign-in name when left out.
    #[serde(default)]
    name: Option<String>,
    /// What they sign in with: 8 to 100 characters.
    #[schema(min_length = 8, max_length = 100)]
    password: String,
    /// The queues they serve, each once.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    queues: Vec<QueueId>,
    /// What they can do, with levels from 1 to 10.
    #[serde(default)]
    #[schema(value_type = Object)]
    skills: BTreeMap<Skill, u8>,
    /// Chats at a time, 1 to 6, where it is not the configured number.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 6)]
    chat_slots: Option<u8>,
    /// Whether they watch over the others.
    #[serde(default)]
    supervisor: bool,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// 8 to 100 characters.
    #[schema(min_length = 8, max_length = 100)]
    password: String,
}

/// Puts an agent on record. The house knows of them a moment later, as after a reload.
#[utoipa::path(post, path = "/api/v1/agents", request_body = Hire, security(("bearer" = ["admin:agents"])), responses(
    (status = 201)))]
pub async fn hire(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(hire): Body<Hire>,
) -> Result<StatusCode, Problem> {
    let role = match hire.supervisor {
        true => Role::Supervisor,
        false => Role::Agent,
    };
    may_make(&caller, role)?;
    let new = checked(&app, hire, role)?;
    let (new, password) = new;
    let agent = new.agent.clone();
    let known = app
        .read(move |connection| agents::one(connection, &agent))
        .await?;
    if known.is_some() {
        return Err(Problem::conflict(format!(
            "there is an agent \"{}\" already",
            new.agent
        )));
    }
    let (path, realm) = place(&app);
    app.hash(move || {
        let connection = store::open(&path)?;
        agents::add(&connection, &new, &realm, &password)
    })
    .await?
    .context("adding an agent")?;
    app.reload.notify_one();
    Ok(StatusCode::CREATED)
}

/// Changes an agent's password. A moment later whoever signed in by the one before is signed out: their credentials are refused and
/// their consoles closed, also after a restart. Their phone may use it from then on; a registration by the one before stays until
/// it ends or is to be renewed.
#[utoipa::path(put, path = "/api/v1/agents/{agent}/password", params(("agent" = String, Path)), request_body = NewPassword, security(("bearer" = ["admin:agents"])), responses(
    (status = 204)))]
pub async fn password(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
    Body(new): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    let agent: AgentId = id(&text)?;
    check_password(&new.password)?;
    let Some(role) = app.role(&agent).await? else {
        return Err(Problem::not_found(format!("there is no agent \"{agent}\"")));
    };
    may_make(&caller, role)?;
    let (path, realm) = place(&app);
    app.hash(move || {
        let connection = store::open(&path)?;
        agents::set_password(&connection, &agent, &realm, &new.password)
    })
    .await?
    .context("changing a password")?;
    app.reload.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an agent off the record. A moment later, as after a reload, they are signed out everywhere: their consoles are closed,
/// their credential is refused, their phone is not registered any more, and what they hold goes on to others, but for a call,
/// which goes on until it ends. What they did stays in the records of their contacts.
#[utoipa::path(delete, path = "/api/v1/agents/{agent}", params(("agent" = String, Path)), security(("bearer" = ["admin:agents"])), responses(
    (status = 204)))]
pub async fn dismiss(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let agent: AgentId = id(&text)?;
    let none = || Problem::not_found(format!("there is no agent \"{agent}\""));
    let role = app.role(&agent).await?.ok_or_else(none)?;
    may_make(&caller, role)?;
    let (path, _) = place(&app);
    let leaves = agent.clone();
    let removed = app.hash(move || agents::remove(&store::open(&path)?, &leaves));
    if !removed.await?.context("removing an agent")? {
        return Err(none());
    }
    tracing::info!(%agent, by = caller.name(), "an agent was taken off the record");
    app.reload.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

// Nobody makes themselves somebody who may do more.
fn may_make(caller: &Caller, role: Role) -> Result<(), Problem> {
    let scopes = match role {
        Role::Agent => Scope::of_agent(),
        Role::Supervisor => Scope::of_supervisor(),
    };
    scopes.into_iter().try_for_each(|scope| caller.needs(scope))
}

fn place(app: &App) -> (std::path::PathBuf, String) {
    let config = app.config.load();
    (config.store.path.clone(), config.sip.realm.clone())
}

fn check_password(password: &str) -> Result<(), Problem> {
    let length = password.chars().count();
    if (SHORTEST..=LONGEST).contains(&length) {
        return Ok(());
    }
    Err(Problem::unprocessable(format!(
        "a password has {SHORTEST} to {LONGEST} characters, not {length}"
    )))
}

fn checked(app: &App, hire: Hire, role: Role) -> Result<(NewAgent, String), Problem> {
    check_password(&hire.password)?;
    let config = app.config.load();
    let unknown = |queue: &&QueueId| !config.queue.contains_key(*queue);
    if let Some(queue) = hire.queues.iter().find(unknown) {
        let known: Vec<&str> = config.queue.keys().map(QueueId::as_str).collect();
        return Err(Problem::unprocessable(format!(
            "there is no queue \"{queue}\"; there is {}",
            known.join(", ")
        )));
    }
    if let Some((skill, level)) = hire.skills.iter().find(|(_, l)| !(1..=LEVEL).contains(*l)) {
        return Err(Problem::unprocessable(format!(
            "skill {skill}: a level is 1 to {LEVEL}, not {level}"
        )));
    }
    if let Some(slots) = hire.chat_slots.filter(|slots| !(1..=SLOTS).contains(slots)) {
        return Err(Problem::unprocessable(format!(
            "chat_slots: 1 to {SLOTS}, not {slots}"
        )));
    }
    let name = hire.name.unwrap_or_else(|| hire.agent.to_string());
    if name.trim().is_empty() || name.chars().count() > LONGEST {
        return Err(Problem::unprocessable(format!(
            "a name has 1 to {LONGEST} characters, not all of them spaces"
        )));
    }
    let new = NewAgent {
        agent: hire.agent,
        name,
        role,
        skills: hire.skills,
        queues: hire.queues,
        chat_slots: hire.chat_slots,
        extension: None,
    };
    if let Some(wrong) = new.called_elsewhere(&config) {
        return Err(Problem::conflict(wrong));
    }
    if let Some(queue) = new.queue_named_twice() {
        return Err(Problem::unprocessable(format!(
            "queues: \"{queue}\" is named twice"
        )));
    }
    Ok((new, hire.password))
}
