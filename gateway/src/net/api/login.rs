//! Agents sign in.

use std::sync::{Arc, LazyLock};

use axum::{Extension, Json, extract::State, http::HeaderMap};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use ws::id::{AgentId, Timestamp};

use super::{Body, Peer};
use crate::{
    auth::Bearer,
    metrics,
    net::{app::App, problem::Problem},
    store::agents,
};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The agent's name.
    agent: String,
    /// The password.
    password: String,
}

/// An agent's credential.
#[derive(Debug, Serialize, ToSchema)]
pub struct Desk {
    /// For the first frame on `/ws/agent`, and for this API.
    token: String,
    /// Who.
    #[schema(value_type = String)]
    agent: AgentId,
    /// The name customers are shown.
    name: String,
    /// When the credential ends.
    #[schema(value_type = u64)]
    expires_at: Timestamp,
}

/// A hash nobody knows the password of: who is not on record takes as long as who is.
static NOBODY: LazyLock<String> = LazyLock::new(agents::unknowable);

/// Gives out a credential for a name and a password.
#[utoipa::path(post, path = "/api/v1/login", request_body = Login, responses(
    (status = 200, body = Desk), (status = 401, body = Problem)))]
pub async fn login(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<Json<Desk>, Problem> {
    if !app
        .limits
        .login(app.address(peer.address.ip(), &headers), &login.agent)
    {
        metrics::refused("rate");
        return Err(Problem::too_many(60, "too many attempts; wait a minute"));
    }
    let wrong = || {
        metrics::refused("password");
        Problem::unauthorized("the name or the password is wrong")
    };
    if login.password.len() > 1_024 {
        return Err(wrong());
    }
    let row = match login.agent.parse::<AgentId>() {
        Ok(agent) => {
            app.read(move |connection| agents::one(connection, &agent))
                .await?
        }
        Err(_) => None,
    };
    let password = login.password;
    let row = app
        .hash(move || match row {
            Some(row) => row.proves(&password).then_some(row),
            None => {
                agents::verify(&NOBODY, &password);
                None
            }
        })
        .await?
        .ok_or_else(wrong)?;
    let (token, expires_at) = app.mint.sign(
        &Bearer::Agent(row.agent.clone()),
        app.now(),
        app.config.load().web.agent_token.0,
    )?;
    Ok(Json(Desk {
        token,
        agent: row.agent,
        name: row.name,
        expires_at,
    }))
}
