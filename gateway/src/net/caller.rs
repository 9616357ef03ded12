//! Who calls the API: an agent who signed in, or a program with a token; and what they may do.

use std::collections::BTreeSet;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use hub::input::{Actor, By};
use ws::id::{AgentId, Timestamp};

use super::{app::App, problem::Problem};
use crate::{
    auth::{
        Bearer,
        key::{Key, TokenId},
        roll::SignIn,
        scope::Scope,
    },
    metrics,
    store::{agents::Role, ledger::tokens},
};

/// Who calls; found by [`super::api::access`] before a handler runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub who: Who,
    /// What they may do.
    pub scopes: BTreeSet<Scope>,
    /// Until when their credential is good, if it ends.
    pub until: Option<Timestamp>,
    /// The sign-in it is of, where it is an agent's.
    pub sign_in: Option<SignIn>,
}

/// The kinds of callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// An agent or supervisor, by the credential they signed in for.
    Agent(AgentId),
    /// A program.
    Program {
        /// Its token.
        token: TokenId,
        /// What the token is called.
        name: String,
        /// Whom it may act as; none means anybody.
        agents: Vec<AgentId>,
    },
}

impl Caller {
    /// Refuses who may not use `scope`, and names it.
    pub fn needs(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        metrics::refused("scope");
        Err(Problem::forbidden(format!(
            "this needs the scope {scope}, which {} has not",
            match &self.who {
                Who::Agent(agent) => format!("the role of {agent}"),
                Who::Program { name, .. } => format!("the token \"{name}\""),
            }
        )))
    }

    /// Refuses who may not act as `agent`: agents act as themselves, programs as those their token names.
    pub fn acts_as(&self, agent: &AgentId) -> Result<(), Problem> {
        self.needs(Scope::ActAgent)?;
        let (allowed, whom) = match &self.who {
            Who::Agent(own) => (own == agent, "you act as yourself only".to_owned()),
            Who::Program { name, agents, .. } => (
                agents.is_empty() || agents.contains(agent),
                format!("the token \"{name}\" does not name {agent}"),
            ),
        };
        if allowed {
            return Ok(());
        }
        metrics::refused("scope");
        Err(Problem::forbidden(whom))
    }

    /// Returns who this is to the hub: by the API everybody acts for the house.
    pub fn actor(&self) -> Actor {
        Actor::House(match &self.who {
            Who::Agent(agent) => By::Agent(agent.clone()),
            Who::Program { name, .. } => By::Program(name.clone()),
        })
    }

    /// Returns a name that no other caller has.
    pub fn unique(&self) -> String {
        match &self.who {
            Who::Agent(agent) => format!("agent:{agent}"),
            Who::Program { token, .. } => format!("token:{token}"),
        }
    }

    /// Returns a name for people.
    pub fn name(&self) -> String {
        match &self.who {
            Who::Agent(agent) => format!("agent:{agent}"),
            Who::Program { name, .. } => format!("token:{name}"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // A handler that asks who calls stands behind a route that asked for a credential.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            Problem::fault(&anyhow::anyhow!("a route without security has a caller"))
        })
    }
}

impl App {
    /// Tells who calls, by the Bearer token (RFC 6750 §2.1).
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let Some(token) = bearer(headers) else {
            return Err(unknown(
                "send an Authorization header: Bearer and a credential",
            ));
        };
        if Key::is_claimed(token) {
            return self.program(token).await;
        }
        match self.mint.proved(token, self.now()) {
            Ok((Bearer::Agent(sign_in), until)) => self.signed_in(sign_in, until).await,
            Ok((Bearer::Visitor { .. }, _)) => {
                metrics::refused("scope");
                Err(Problem::forbidden(
                    "a visitor's credential opens a visitor's socket and nothing else",
                ))
            }
            Err(rejected) => Err(unknown(rejected.to_string())),
        }
    }

    async fn signed_in(&self, sign_in: SignIn, until: Timestamp) -> Result<Caller, Problem> {
        let judged = self.judge(&sign_in).await?;
        let role = judged.map_err(|rejected| unknown(rejected.to_string()))?;
        let scopes = match role {
            Role::Agent => Scope::of_agent(),
            Role::Supervisor => Scope::of_supervisor(),
        };
        Ok(Caller {
            who: Who::Agent(sign_in.agent.clone()),
            scopes,
            until: Some(until),
            sign_in: Some(sign_in),
        })
    }

    async fn program(&self, token: &str) -> Result<Caller, Problem> {
        let Some(key) = Key::read(token) else {
            return Err(unknown(tokens::Shut::Unknown.to_string()));
        };
        let now = self.now();
        let found = self
            .ledger
            .read(move |ledger| tokens::find(ledger, &key, now))
            .await?;
        let token = found.map_err(|shut| unknown(shut.to_string()))?;
        if tokens::is_stale(&token, now) {
            let id = token.token.clone();
            self.ledger
                .write(move |ledger| tokens::note_use(ledger, &id, now))
                .await?;
        }
        Ok(Caller {
            who: Who::Program {
                token: token.token,
                name: token.name,
                agents: token.agents,
            },
            scopes: token.scopes,
            until: token.expires_at,
            sign_in: None,
        })
    }
}

/// Returns the credential of the Authorization header, where it says `Bearer` (RFC 6750 §2.1).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::AUTHORIZATION)?;
    let (scheme, token) = given.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unknown(detail: impl Into<String>) -> Problem {
    metrics::refused("credential");
    Problem::unauthorized(detail)
}
