//! Tokens of programs, and who the caller is.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    Extension, Json,
    extract::{OriginalUri, Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::id::AgentId;

use super::{
    Body, id,
    once::Instead,
    paging::{Page, Paging},
};
use crate::{
    auth::{key::TokenId, scope::Scope},
    net::{
        app::App,
        caller::{Caller, Who},
        problem::Problem,
    },
    store::{
        self,
        ledger::tokens::{self, NAME, NewToken, Place, Token},
    },
};

/// The most agents a token names.
const AGENTS: usize = 200;
/// The most days a token is good for.
const DAYS: u32 = 3_650;

/// Who calls.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// `agent` or `program`.
    kind: &'static str,
    /// The agent's name, or what the token is called.
    name: String,
    /// The token, for a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    token: Option<TokenId>,
    /// What this credential may be used for.
    scopes: BTreeSet<Scope>,
    /// As whom it may act: an agent as themselves; a program as these, or as anybody where none is named.
    #[schema(value_type = Vec<String>)]
    agents: Vec<AgentId>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenWish)]
pub struct Wish {
    /// What it is called in lists and logs: 1 to 100 characters, not all spaces, no control characters.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may be used for; only what the caller may do themselves.
    #[schema(min_items = 1)]
    scopes: BTreeSet<Scope>,
    /// The agents it may act as, who must exist; none means any.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 200)]
    agents: Vec<AgentId>,
    /// How many days it is good for; for ever when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    days: Option<u32>,
}

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
pub struct Made {
    /// For the Authorization header. It is shown this once: a repeat under the same Idempotency-Key has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// What is kept of it.
    #[serde(flatten)]
    token: Token,
}

/// All tokens, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    tokens: Vec<Token>,
}

/// Tells who the credential is of and what it may be used for.
#[utoipa::path(get, path = "/api/v1/me", security(("bearer" = [])), responses((status = 200, body = Me)))]
pub async fn me(caller: Caller) -> Json<Me> {
    let scopes = caller.scopes;
    Json(match caller.who {
        Who::Agent(agent) => Me {
            kind: "agent",
            name: agent.to_string(),
            token: None,
            scopes,
            agents: vec![agent],
        },
        Who::Program {
            token,
            name,
            agents,
        } => Me {
            kind: "program",
            name,
            token: Some(token),
            scopes,
            agents,
        },
    })
}

/// How many are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// How many at a time, 1 to 200.
    limit: Option<u32>,
    /// Those behind this one, as the `Link` header of the page before names it.
    after: Option<String>,
}

/// What places in the list of tokens are signed for.
const LIST: &str = "tokens";

/// Lists tokens, revoked and expired ones too.
#[utoipa::path(get, path = "/api/v1/tokens", params(Choice), security(("bearer" = ["admin:tokens"])), responses(
    (status = 200, body = Tokens)))]
pub async fn list(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Query(choice): Query<Choice>,
) -> Result<Page<Tokens>, Problem> {
    let paging = Paging::of(&uri, choice.limit, choice.after, 100)?;
    let places = app.mint.cursors();
    let after: Option<Place> = paging.behind(places, LIST)?;
    let reach = paging.reach();
    let found = app
        .ledger
        .read(move |ledger| tokens::page(ledger, after.as_ref(), reach))
        .await?;
    let (tokens, next) = paging.cut(found, |token| {
        places.sign_name(LIST, &Place::of(token).to_string())
    });
    Ok(Page(Tokens { tokens }, next))
}

/// Returns one token.
#[utoipa::path(get, path = "/api/v1/tokens/{token}", params(("token" = String, Path)), security(("bearer" = ["admin:tokens"])), responses(
    (status = 200, body = Token)))]
pub async fn one(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<Token>, Problem> {
    let token: TokenId = id(&text)?;
    let tokens = app.ledger.read(|ledger| tokens::all(ledger)).await?;
    let found = tokens.into_iter().find(|known| known.token == token);
    found.map(Json).ok_or_else(|| none(&token))
}

/// Makes a token. A caller can give away only what they have themselves.
#[utoipa::path(post, path = "/api/v1/tokens", request_body = Wish, security(("bearer" = ["admin:tokens"])), responses(
    (status = 201, body = Made)))]
pub async fn make(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Extension<Instead>, Json<Made>), Problem> {
    if wish.scopes.is_empty() {
        return Err(Problem::unprocessable("a token has at least one scope"));
    }
    for scope in &wish.scopes {
        caller.needs(*scope)?;
    }
    if wish.scopes.contains(&Scope::ActAgent) {
        gives_away(&caller, &wish.agents)?;
    }
    let now = app.now();
    let new = new_token(wish, caller.name(), now)?;
    exist(&app, &new.agents).await?;
    let (key, token) = app
        .ledger
        .write(move |ledger| tokens::make(ledger, new, now))
        .await?;
    tracing::info!(token = %token.token, by = token.made_by, "a token was made");
    let mut made = Made { key: None, token };
    let kept = serde_json::to_vec(&made).context("writing a token as JSON")?;
    made.key = Some(key.show());
    Ok((
        StatusCode::CREATED,
        Extension(Instead(kept.into())),
        Json(made),
    ))
}

fn new_token(wish: Wish, made_by: String, now: ws::id::Timestamp) -> Result<NewToken, Problem> {
    if !tokens::is_name(&wish.name) {
        return Err(Problem::unprocessable(format!(
            "name: a token's name has 1 to {NAME} characters, not all spaces, and no control characters"
        )));
    }
    if wish.agents.len() > AGENTS {
        return Err(Problem::unprocessable(format!(
            "agents: a token names at most {AGENTS}; without any it is good for all"
        )));
    }
    if wish.days.is_some_and(|days| !(1..=DAYS).contains(&days)) {
        return Err(Problem::unprocessable(format!(
            "days: it can be from 1 to {DAYS}, or left out"
        )));
    }
    Ok(NewToken {
        name: wish.name,
        scopes: wish.scopes,
        agents: wish.agents,
        made_by,
        expires_at: wish
            .days
            .map(|days| now + Duration::from_secs(86_400) * days),
    })
}

async fn exist(app: &App, agents: &[AgentId]) -> Result<(), Problem> {
    let named = agents.to_vec();
    let unknown = app
        .read(move |connection| {
            for agent in named {
                if store::agents::one(connection, &agent)?.is_none() {
                    return Ok(Some(agent));
                }
            }
            Ok(None)
        })
        .await?;
    match unknown {
        Some(agent) => Err(Problem::unprocessable(format!(
            "agents: there is no agent \"{agent}\"; GET /api/v1/agents has all"
        ))),
        None => Ok(()),
    }
}

// A token for some agents cannot make one for others.
fn gives_away(caller: &Caller, agents: &[AgentId]) -> Result<(), Problem> {
    let Who::Program { agents: own, .. } = &caller.who else {
        return agents.iter().try_for_each(|agent| caller.acts_as(agent));
    };
    if !own.is_empty() && agents.is_empty() {
        return Err(Problem::forbidden(
            "your token names agents, so the new one must name some of them",
        ));
    }
    agents.iter().try_for_each(|agent| caller.acts_as(agent))
}

/// Revokes a token, at once and for good.
#[utoipa::path(delete, path = "/api/v1/tokens/{token}", params(("token" = String, Path)), security(("bearer" = ["admin:tokens"])), responses(
    (status = 204)))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let token: TokenId = id(&text)?;
    let now = app.now();
    let revoked = token.clone();
    let found = app
        .ledger
        .write(move |ledger| tokens::revoke(ledger, &revoked, now))
        .await?;
    if !found {
        return Err(none(&token));
    }
    tracing::info!(%token, by = caller.name(), "a token was revoked");
    Ok(StatusCode::NO_CONTENT)
}

fn none(token: &TokenId) -> Problem {
    Problem::not_found(format!("there is no token {token}"))
}
