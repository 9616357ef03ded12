//! Who may call what, as the OpenAPI document says it: the document is asked before every handler, so that what it
//! promises and what is checked are one thing. What is not in it cannot be called.

use std::{collections::HashMap, sync::Arc};

use anyhow::Context;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::document::{operations, scopes_of};
use crate::{
    auth::scope::Scope,
    net::{app::App, problem::Problem},
};

/// What a route asks of its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Open,
    /// A credential with all of these.
    Scoped(Vec<Scope>),
}

/// What every route asks.
#[derive(Debug, Default)]
pub struct Accesses {
    by_path: HashMap<String, HashMap<Method, Access>>,
}

impl Accesses {
    /// Reads them from the document.
    pub fn read(document: &Value) -> anyhow::Result<Self> {
        let mut by_path: HashMap<String, HashMap<Method, Access>> = HashMap::new();
        for (path, word, operation) in operations(document) {
            let method: Method = word.to_uppercase().parse().context("naming a method")?;
            let access = match scopes_of(operation) {
                None => Access::Open,
                Some(scopes) => Access::Scoped(
                    scopes
                        .into_iter()
                        .map(|scope| {
                            scope
                                .parse()
                                .with_context(|| format!("{word} {path}: \"{scope}\""))
                        })
                        .collect::<anyhow::Result<_>>()?,
                ),
            };
            by_path
                .entry(path.to_owned())
                .or_default()
                .insert(method, access);
        }
        Ok(Self { by_path })
    }

    /// Returns what a route asks, none where the document has no such route.
    pub fn of(&self, path: &str, method: &Method) -> Option<&Access> {
        // RFC 9110 §9.3.2: HEAD is GET without a body.
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        self.by_path.get(path)?.get(method)
    }

    fn allow(&self, path: &str) -> String {
        let methods = self.by_path.get(path).into_iter().flatten();
        let mut words: Vec<_> = methods.map(|(method, _)| method.as_str()).collect();
        if words.contains(&"GET") {
            words.push("HEAD");
        }
        words.sort_unstable();
        words.join(", ")
    }
}

/// Lets a request pass to its handler, with its [`crate::net::caller::Caller`] where the route asks for one.
pub async fn check(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        return next.run(request).await;
    };
    match app.accesses.of(path.as_str(), request.method()) {
        None => {
            let allow = app.accesses.allow(path.as_str());
            let mut response = Problem::method_not_allowed(&allow).into_response();
            if let Ok(allow) = HeaderValue::from_str(&allow) {
                response.headers_mut().insert(header::ALLOW, allow);
            }
            response
        }
        Some(Access::Open) => next.run(request).await,
        Some(Access::Scoped(scopes)) => {
            let caller = app.caller(request.headers()).await;
            let allowed = caller.and_then(|caller| {
                scopes.iter().try_for_each(|scope| caller.needs(*scope))?;
                Ok(caller)
            });
            match allowed {
                Ok(caller) => {
                    request.extensions_mut().insert(caller);
                    next.run(request).await
                }
                Err(problem) => problem.into_response(),
            }
        }
    }
}
