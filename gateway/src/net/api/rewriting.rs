//! Messages that an agent writes anew or takes back.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use utoipa::ToSchema;
use ws::agent::Request;

use super::{Body, agents::act, id};
use crate::net::{app::App, caller::Caller, problem::Problem};

/// What a message says from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rewriting {
    /// 1 to 4,000 characters.
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
}

/// Writes a message of the agent's own anew, for as long as the house allows.
#[utoipa::path(put, path = "/api/v1/agents/{agent}/contacts/{interaction}/messages/{mid}", params(("agent" = String, Path), ("interaction" = String, Path), ("mid" = String, Path)), request_body = Rewriting, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn rewrite(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction, mid)): Path<(String, String, String)>,
    Body(Rewriting { text }): Body<Rewriting>,
) -> Result<StatusCode, Problem> {
    let request = Request::Revise {
        interaction: id(&interaction)?,
        mid: id(&mid)?,
        text: Some(text),
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a message or a file of the agent's own back, for as long as the house allows.
#[utoipa::path(delete, path = "/api/v1/agents/{agent}/contacts/{interaction}/messages/{mid}", params(("agent" = String, Path), ("interaction" = String, Path), ("mid" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn unwrite(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction, mid)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let request = Request::Revise {
        interaction: id(&interaction)?,
        mid: id(&mid)?,
        text: None,
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
