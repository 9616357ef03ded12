//! What an agent does within a running call: hand it on, ask somebody, hold, mute, press keys.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use utoipa::ToSchema;
use ws::{
    agent::{Channel, Request},
    supervision::Supervise,
    transfer::TransferTo,
};

use super::{act, id};
use crate::net::{api::Body, app::App, caller::Caller, problem::Problem};

/// Where a call is to go: one of `agent`, `queue` and `number`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOn {
    /// Such as `{"agent": "bob"}`.
    #[schema(value_type = Object)]
    to: TransferTo,
    /// For whoever takes it, and the record; at most 4,000 characters.
    #[serde(default)]
    note: Option<String>,
}

/// Whom an agent asks: `agent` or `number`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Such as `{"number": "+49301234567"}`.
    #[schema(value_type = Object)]
    to: TransferTo,
}

/// What whoever takes a call is told.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Noted {
    /// At most 4,000 characters.
    note: Option<String>,
}

/// Whether something is to be so.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Whether it is.
    on: bool,
}

/// Keys to be pressed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// 1 to 32 of `0`-`9`, `*`, `#`, `A`-`D`.
    digits: String,
}

/// Hands the call of a contact on at once; the agent's part in it is over, without a wrap-up.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/transfer", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = HandOn, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn transfer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(HandOn { to, note }): Body<HandOn>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(
        &app,
        &caller,
        &agent,
        Request::Transfer {
            interaction,
            to,
            note,
        },
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Calls an agent or a number while the customer hears music.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/consult", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Asked, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn consult(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Asked { to }): Body<Asked>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Consult { interaction, to }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Connects the customer with whoever is consulted, and leaves the call.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/complete", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Noted, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn complete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Noted { note }): Body<Noted>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(
        &app,
        &caller,
        &agent,
        Request::Complete { interaction, note },
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets the customer, whoever is consulted and everybody else in the call hear each other.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/conference", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn conference(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Conference { interaction }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes one who was taken into the conversation out of it again; their call ends, and the others go on.
#[utoipa::path(delete, path = "/api/v1/agents/{agent}/contacts/{interaction}/conference/{leg}", params(("agent" = String, Path), ("interaction" = String, Path), ("leg" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn dismiss(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction, leg)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let (interaction, leg) = (id(&interaction)?, id(&leg)?);
    act(&app, &caller, &agent, Request::Dismiss { interaction, leg }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a supervisor wants in a call or a chat.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Supervised {
    /// `listen`, `whisper`, `barge`, `take_over` or `stop`.
    #[schema(value_type = String)]
    act: Supervise,
    /// `voice`, where nothing is said, or `chat`.
    #[serde(default = "voice")]
    #[schema(value_type = Option<String>)]
    channel: Channel,
}

fn voice() -> Channel {
    Channel::Voice
}

/// What a supervisor writes to the agent of a chat.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Whisper {
    /// 1 to 4,000 characters; the customer never sees it.
    text: String,
}

/// Lets a supervisor listen to a running call by their own phone or read a chat along, speak in it, take it over, or leave it.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/supervised/{interaction}", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Supervised, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn supervise(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Supervised { act: wish, channel }): Body<Supervised>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    let request = Request::Supervise {
        interaction,
        act: wish,
        channel,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes to the agent of a chat alone, as a supervisor who takes part in it.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/supervised/{interaction}/whispers", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Whisper, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn whisper(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Whisper { text }): Body<Whisper>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(
        &app,
        &caller,
        &agent,
        Request::Whisper { interaction, text },
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the consultation and goes back to the customer.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/take-back", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn take_back(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::TakeBack { interaction }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts the customer on hold, or takes them off it.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/hold", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Switch, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn hold(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Switch { on }): Body<Switch>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Hold { interaction, on }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets nothing be heard of the agent, or ends that.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/mute", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Switch, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn mute(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Switch { on }): Body<Switch>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(&app, &caller, &agent, Request::Mute { interaction, on }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Presses keys towards the other side of the call.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/digits", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Keys, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn digits(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Keys { digits }): Body<Keys>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    act(
        &app,
        &caller,
        &agent,
        Request::Digits {
            interaction,
            digits,
        },
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
