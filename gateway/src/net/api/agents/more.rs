//! What an agent does with the time and the room they have: parked chats, a longer wrap-up, the states of others.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use hub::{Event, redact::redact};
use serde::Deserialize;
use utoipa::ToSchema;
use ws::{
    agent::{Presence, Request},
    id::{AgentId, Mid},
    memo::MemoTo,
    transfer::HandOverTo,
};

use super::{act, id};
use crate::{
    net::{
        api::{Body, once::Cut},
        app::App,
        caller::Caller,
        problem::Problem,
    },
    store::read,
};

/// How much longer a wrap-up may last.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Longer {
    /// By how many seconds, up to the queue's ceiling.
    seconds: u32,
}

/// Gives the slot of a silent chat back; it comes back when the customer writes.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/park", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn park(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Park { interaction }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a parked chat up again, if there is a slot.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/unpark", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn unpark(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Unpark { interaction }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a wrap-up longer, up to the queue's ceiling.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/wrap-up/extend", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Longer, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn extend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Longer { seconds }): Body<Longer>,
) -> Result<StatusCode, Problem> {
    let request = Request::ExtendWrapUp {
        interaction: id(&interaction)?,
        seconds,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A note for colleagues.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InternalNote {
    /// 1 to 4,000 characters; the customer never sees it.
    text: String,
}

/// To whom a chat is handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// `{"agent": …}` or `{"queue": …}`.
    #[schema(value_type = Object)]
    to: HandOverTo,
    /// What they should know, at most 4,000 characters.
    #[serde(default)]
    note: Option<String>,
}

/// Notes something in a contact, for colleagues and the record.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/notes", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = InternalNote, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn note(
    State(app): State<Arc<App>>,
    caller: Caller,
    Cut(since): Cut,
    Path((agent, interaction)): Path<(String, String)>,
    Body(InternalNote { text }): Body<InternalNote>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    if let Some(since) = since {
        caller.acts_as(&id(&agent)?)?;
        let wanted = redact(&text).into_owned();
        let facts = app
            .read(move |connection| read::facts(connection, interaction))
            .await?;
        let is_it = |event: &Event| matches!(event, Event::Noted { text, .. } if *text == wanted);
        if facts
            .iter()
            .any(|fact| fact.at >= since && is_it(&fact.event))
        {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    act(&app, &caller, &agent, Request::Note { interaction, text }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hands a chat over to a colleague or a queue. Who does not take it leaves it to who handed it over, then to the queue.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/hand-over", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = HandOver, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn hand_over(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(HandOver { to, note }): Body<HandOver>,
) -> Result<StatusCode, Problem> {
    let request = Request::HandOver {
        interaction: id(&interaction)?,
        to,
        note,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A colleague who is asked into a chat.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Whom.
    agent: AgentId,
    /// What they should know, at most 4,000 characters; the customer never sees it.
    #[serde(default)]
    note: Option<String>,
}

/// Asks a colleague into a chat. It is an offer to them, which they accept or decline; the chat stays with who asks.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/invitations", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Invitation, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn invite(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Invitation { agent: whom, note }): Body<Invitation>,
) -> Result<StatusCode, Problem> {
    let request = Request::Invite {
        interaction: id(&interaction)?,
        agent: whom,
        note,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back an invitation that was not answered yet. Whom it was for loses the offer.
#[utoipa::path(delete, path = "/api/v1/agents/{agent}/contacts/{interaction}/invitations/{colleague}", params(("agent" = String, Path), ("interaction" = String, Path), ("colleague" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn withdraw(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction, colleague)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let request = Request::Withdraw {
        interaction: id(&interaction)?,
        agent: id(&colleague)?,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves a chat without ending it. The agent's own goes to the colleague in it who came first.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/leave", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn leave(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Leave { interaction }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes another agent ready or away, as a supervisor.
#[utoipa::path(put, path = "/api/v1/agents/{agent}/others/{other}/presence", params(("agent" = String, Path), ("other" = String, Path)), request_body = Object, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn presence_of(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, other)): Path<(String, String)>,
    Body(presence): Body<Presence>,
) -> Result<StatusCode, Problem> {
    let request = Request::PresenceOf {
        agent: id(&other)?,
        presence,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is written to colleagues.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMemo {
    /// Made by the writer; a repeat changes nothing.
    #[schema(value_type = String)]
    mid: Mid,
    /// `{"agent": …}`, `{"queue": …}`, `"supervisors"` or `"everybody"`.
    #[schema(value_type = Object)]
    to: MemoTo,
    /// 1 to 2,000 characters.
    text: String,
}

/// How far memos were read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemosRead {
    /// The number of the last that was read.
    upto: u64,
}

/// Writes to a colleague, all agents of a queue, all supervisors or everybody. The desk has what was written.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/memos", params(("agent" = String, Path)), request_body = NewMemo, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn memo(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(agent): Path<String>,
    Body(NewMemo { mid, to, text }): Body<NewMemo>,
) -> Result<StatusCode, Problem> {
    act(&app, &caller, &agent, Request::Memo { mid, to, text }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells up to which memo was read.
#[utoipa::path(put, path = "/api/v1/agents/{agent}/memos/read", params(("agent" = String, Path)), request_body = MemosRead, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn memos_read(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(agent): Path<String>,
    Body(MemosRead { upto }): Body<MemosRead>,
) -> Result<StatusCode, Problem> {
    act(&app, &caller, &agent, Request::MemosRead { upto }).await?;
    Ok(StatusCode::NO_CONTENT)
}
