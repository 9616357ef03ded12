//! Agents: who is there, what is before them, and everything they can do at their desk, done by a program or by
//! themselves. Each request of the console has its twin here.

pub mod calls;
pub mod console;
pub mod more;
pub mod pages;
mod spent;
pub mod wish;

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, Query, State},
    http::StatusCode,
};
use hub::{Hub, edge::browser::desk, input::Done};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::{
    agent::{Presence, Request},
    id::{AgentId, CallbackId, InteractionId, Mid, Number, QueueId, Seq, Timestamp},
};

use self::wish::Wish;
use super::{
    Body, id,
    once::Ids,
    paging::{Page, Paging},
};
use crate::net::{app::App, caller::Caller, problem::Problem};

/// One agent, as the house sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentView {
    #[schema(value_type = String)]
    agent: AgentId,
    /// The name customers are shown.
    name: String,
    /// `{"is": "ready"}`, `{"is": "away", "reason": …}` or `{"is": "gone"}`.
    #[schema(value_type = Object)]
    presence: Presence,
    /// Whether their phone can be reached.
    phone: bool,
    /// The queues they serve.
    #[schema(value_type = Vec<String>)]
    queues: Vec<QueueId>,
    /// How many offers are before them.
    offers: usize,
    /// How many chats they hold.
    chats: usize,
    /// How many chats they hold at most.
    chat_slots: usize,
    /// How many calls they hold.
    calls: usize,
    /// What they do: `ready`, `call`, `chat`, `wrap_up`, `away` or `gone`.
    activity: &'static str,
    /// Since when, in milliseconds since 1970; none where they were never seen.
    #[schema(value_type = Option<u64>)]
    activity_since: Option<Timestamp>,
    /// What they spent the day with (UTC), up to now.
    today: Vec<spent::Spent>,
}

/// Agents by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agents {
    agents: Vec<AgentView>,
}

/// Which agents are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// Those who serve this queue.
    queue: Option<String>,
    /// How many at a time, 1 to 200.
    limit: Option<u32>,
    /// Those behind this one, as the `Link` header of the page before names it.
    after: Option<String>,
}

/// A message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// 1 to 4,000 characters.
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
    /// Made by the writer; a repeat gets the first one's answer. Made from the Idempotency-Key when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    mid: Option<Mid>,
}

/// A message that is in the journal.
#[derive(Debug, Serialize, ToSchema)]
pub struct Written {
    #[schema(value_type = String)]
    interaction: InteractionId,
    #[schema(value_type = String)]
    mid: Mid,
    /// Its place in the timeline.
    #[schema(value_type = u64)]
    seq: Seq,
}

/// Whether somebody is writing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Typing {
    on: bool,
}

/// What arrived and what was seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The highest entry that arrived.
    #[schema(value_type = u64)]
    delivered: Seq,
    /// The highest entry that was on screen.
    #[schema(value_type = u64)]
    read: Seq,
}

/// Whom to call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// The customer's number.
    #[schema(value_type = String)]
    pub number: Number,
}

/// A promise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactPromise)]
pub struct Promise {
    /// Which.
    #[schema(value_type = String)]
    pub callback: CallbackId,
}

/// How a contact turned out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WrapUp {
    /// In a word, at most 100 characters.
    #[serde(default)]
    disposition: Option<String>,
    /// For the record, at most 4,000 characters.
    #[serde(default)]
    note: Option<String>,
    /// Whether the matter is settled, where the agent knows.
    #[serde(default)]
    solved: Option<bool>,
}

/// What places in the list of agents are signed for.
const LIST: &str = "agents";

/// Lists agents with their presence and what they hold.
#[utoipa::path(get, path = "/api/v1/agents", params(Choice), security(("bearer" = ["read:agents"])), responses(
    (status = 200, body = Agents)))]
pub async fn list(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Query(choice): Query<Choice>,
) -> Result<Page<Agents>, Problem> {
    let paging = Paging::of(&uri, choice.limit, choice.after, 100)?;
    let places = app.mint.cursors();
    let after: Option<AgentId> = paging.behind(places, LIST)?;
    let queue: Option<QueueId> = choice.queue.as_deref().map(id).transpose()?;
    let (reach, now) = (paging.reach() as usize, app.now());
    let found = app
        .look(move |hub| {
            let agents = hub.setup().agents.iter();
            agents
                .filter(|(agent, _)| after.as_ref().is_none_or(|after| *agent > after))
                .filter(|(_, setup)| queue.as_ref().is_none_or(|it| setup.queues.contains(it)))
                .filter_map(|(agent, _)| view(agent, hub, now))
                .take(reach)
                .collect::<Vec<_>>()
        })
        .await?;
    let (agents, next) = paging.cut(found, |view| places.sign_name(LIST, view.agent.as_str()));
    Ok(Page(Agents { agents }, next))
}

/// Returns one agent.
#[utoipa::path(get, path = "/api/v1/agents/{agent}", params(("agent" = String, Path)), security(("bearer" = ["read:agents"])), responses(
    (status = 200, body = AgentView)))]
pub async fn one(
    State(app): State<Arc<App>>,
    Path(agent): Path<String>,
) -> Result<Json<AgentView>, Problem> {
    let agent: AgentId = id(&agent)?;
    let (wanted, now) = (agent.clone(), app.now());
    let found = app.look(move |hub| view(&wanted, hub, now)).await?;
    found.map(Json).ok_or_else(|| nobody(&agent))
}

/// Returns an agent's desk: offers, contacts, cards and queues, as the console shows them.
#[utoipa::path(get, path = "/api/v1/agents/{agent}/desk", params(("agent" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 200, body = Object)))]
pub async fn at_desk(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(agent): Path<String>,
) -> Result<Json<ws::agent::Desk>, Problem> {
    let agent: AgentId = id(&agent)?;
    caller.acts_as(&agent)?;
    let wanted = agent.clone();
    let found = app.look(move |hub| desk::of(&wanted, hub)).await?;
    found.map(Json).ok_or_else(|| nobody(&agent))
}

fn view(agent: &AgentId, hub: &Hub, now: Timestamp) -> Option<AgentView> {
    let times = hub.times();
    let activity = times.activity(agent);
    let setup = hub.setup().agents.get(agent)?;
    let known = hub.state().agents().get(agent);
    let offered = desk::of(agent, hub).map_or(0, |desk| desk.offers.len());
    Some(AgentView {
        agent: agent.clone(),
        name: setup.name.clone(),
        presence: known.map_or(Presence::Gone, |known| known.presence.clone()),
        phone: hub.is_phone_reachable(agent),
        queues: setup.queues.clone(),
        offers: offered,
        chats: known.map_or(0, |known| known.chats.len()),
        chat_slots: setup.chat_slots.count(),
        calls: known.map_or(0, |known| known.calls.len()),
        activity: activity.map_or("gone", |(of, _)| of.word()),
        activity_since: activity.map(|(_, since)| since),
        today: spent::told(times.today(agent, now)),
    })
}

/// Makes an agent ready or away. A program sits at the desk from then on, until it asks for nothing for five minutes or
/// says `{"is": "gone"}`.
#[utoipa::path(put, path = "/api/v1/agents/{agent}/presence", params(("agent" = String, Path)), request_body = Object, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn presence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(agent): Path<String>,
    Body(presence): Body<Presence>,
) -> Result<StatusCode, Problem> {
    act(&app, &caller, &agent, Request::Presence { presence }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an offer.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/offers/{interaction}/accept", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn accept(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Accept { interaction }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Turns an offer down.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/offers/{interaction}/decline", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn decline(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Decline { interaction }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes into a chat as its agent.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/messages", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Message, security(("bearer" = ["act:agent"])), responses(
    (status = 201, body = Written)))]
pub async fn say(
    State(app): State<Arc<App>>,
    caller: Caller,
    Ids(mut ids): Ids,
    Path((agent, interaction)): Path<(String, String)>,
    Body(message): Body<Message>,
) -> Result<(StatusCode, Json<Written>), Problem> {
    let request = Request::Message {
        interaction: id(&interaction)?,
        mid: message.mid.map_or_else(|| new_mid(&mut ids), Ok)?,
        text: message.text,
    };
    written(act(&app, &caller, &agent, request).await?)
}

/// Tells the customer that the agent is writing, or stopped.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/typing", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Typing, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn typing(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Typing { on }): Body<Typing>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Typing { interaction, on }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells what arrived and what was seen; only ever grows.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/receipts", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Receipt, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn receipt(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Receipt { delivered, read }): Body<Receipt>,
) -> Result<StatusCode, Problem> {
    let request = Request::Receipt {
        interaction: id(&interaction)?,
        delivered,
        read,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Turns a chat into a call to the customer's number.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/escalate", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Escalation, security(("bearer" = ["act:agent"])), responses(
    (status = 202)))]
pub async fn escalate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Escalation { number }): Body<Escalation>,
) -> Result<StatusCode, Problem> {
    let request = Request::Escalate {
        interaction: id(&interaction)?,
        number,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Promises a call in a contact.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/callbacks", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Wish, security(("bearer" = ["act:agent"])), responses(
    (status = 201, body = Promise)))]
pub async fn promise(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Promise>), Problem> {
    let request = Request::Callback {
        interaction: id(&interaction)?,
        number: wish.number.clone(),
        at: wish.at,
        wish: Some(Box::new(wish.more())),
    };
    let done = act(&app, &caller, &agent, request).await?;
    let Done::Promised { callback } = done else {
        return Err(Problem::otherwise("a request"));
    };
    Ok((StatusCode::CREATED, Json(Promise { callback })))
}

/// Takes a promised call of a contact back.
#[utoipa::path(delete, path = "/api/v1/agents/{agent}/callbacks/{callback}", params(("agent" = String, Path), ("callback" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, callback)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let callback = id(&callback)?;
    act(&app, &caller, &agent, Request::CancelCallback { callback }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the call of a contact; its chat, if there is one, stays open.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/hang-up", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn hang_up(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::HangUp { interaction }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a contact; wrap-up follows.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/end", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn end(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::End { interaction }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Finishes the wrap-up of a contact, with how it turned out and a note for the record.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/wrap-up", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = WrapUp, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn wrap_up(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(wrapped): Body<WrapUp>,
) -> Result<StatusCode, Problem> {
    let request = Request::WrapUp {
        interaction: id(&interaction)?,
        disposition: wrapped.disposition,
        note: wrapped.note,
        solved: wrapped.solved,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a program, or the agent, act as an agent.
pub(super) async fn act(
    app: &App,
    caller: &Caller,
    agent: &str,
    request: Request,
) -> Result<Done, Problem> {
    act_at(app, caller, (agent, None), request).await
}

/// The same at a console that a program opened.
pub(super) async fn act_at(
    app: &App,
    caller: &Caller,
    (agent, console): (&str, Option<u64>),
    request: Request,
) -> Result<Done, Problem> {
    let agent: AgentId = id(agent)?;
    caller.acts_as(&agent)?;
    app.act(agent, console, request).await
}

/// Makes a message's id.
pub fn new_mid(ids: &mut rand::rngs::StdRng) -> Result<Mid, Problem> {
    InteractionId::mint(ids)
        .to_string()
        .parse()
        .map_err(|error| Problem::fault(&anyhow::Error::from(error)))
}

/// Answers with the place a message got.
pub fn written(done: Done) -> Result<(StatusCode, Json<Written>), Problem> {
    let Done::Written {
        interaction,
        mid,
        seq,
    } = done
    else {
        return Err(Problem::otherwise("a request"));
    };
    let written = Written {
        interaction,
        mid,
        seq,
    };
    Ok((StatusCode::CREATED, Json(written)))
}

fn nobody(agent: &AgentId) -> Problem {
    Problem::not_found(format!("there is no agent \"{agent}\""))
}

#[cfg(test)]
mod tests;
