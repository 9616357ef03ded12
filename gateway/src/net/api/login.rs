//! Agents sign in, go on, and sign out.

use std::sync::{Arc, LazyLock};

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use ws::id::{AgentId, Timestamp};

use super::{Body, Peer};
use crate::{
    auth::{Bearer, roll::SignIn},
    metrics,
    net::{app::App, caller::Caller, problem::Problem},
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
    /// When whoever goes on should renew it; none where the sign-in ends with it.
    #[schema(value_type = Option<u64>)]
    renew_at: Option<Timestamp>,
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
    // The password may be newer than what is known since the last reload.
    app.learn(&row);
    desk(&app, SignIn::make(&row, app.now()), row.name)
}

/// Gives out a further credential of the same sign-in, no longer than `web.sign_in` after it. The one that asked stays good until
/// it ends.
#[utoipa::path(post, path = "/api/v1/login/renew", security(("bearer" = [])), responses(
    (status = 200, body = Desk), (status = 401, body = Problem)))]
pub async fn renew(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Desk>, Problem> {
    let sign_in = caller.sign_in.ok_or_else(no_sign_in)?;
    let agent = sign_in.agent.clone();
    let row = app
        .read(move |connection| agents::one(connection, &agent))
        .await?;
    let gone =
        || Problem::unauthorized(format!("there is no agent \"{}\" any more", sign_in.agent));
    let name = row.ok_or_else(gone)?.name;
    desk(&app, sign_in, name)
}

/// Ends the sign-in: all its credentials are refused from now on, also after a restart, and its consoles are closed. Other sign-ins of
/// the agent stay.
#[utoipa::path(delete, path = "/api/v1/login", security(("bearer" = [])), responses(
    (status = 204), (status = 401, body = Problem)))]
pub async fn sign_out(State(app): State<Arc<App>>, caller: Caller) -> Result<StatusCode, Problem> {
    let sign_in = caller.sign_in.ok_or_else(no_sign_in)?;
    let longest = app.config.load().web.longest_sign_in();
    // What was given out under other settings may be good for longer.
    let until = caller.until.unwrap_or_default();
    app.sign_out(&sign_in, until.max(sign_in.since + longest))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn no_sign_in() -> Problem {
    Problem::forbidden(
        "a program's token is no sign-in; `DELETE /api/v1/tokens/{token}` revokes it",
    )
}

fn desk(app: &App, sign_in: SignIn, name: String) -> Result<Json<Desk>, Problem> {
    let now = app.now();
    let (span, end) = {
        let web = &app.config.load().web;
        (web.agent_token.0, sign_in.since + web.longest_sign_in())
    };
    let span = span.min(end.since(now));
    let agent = sign_in.agent.clone();
    let (token, expires_at) = app.mint.sign(&Bearer::Agent(sign_in), now, span)?;
    Ok(Json(Desk {
        token,
        agent,
        name,
        expires_at,
        renew_at: (now + span < end).then(|| now + expires_at.since(now) * 9 / 10),
    }))
}
