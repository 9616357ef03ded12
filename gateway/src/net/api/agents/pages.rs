//! What an agent does about a customer's page, and on it.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use hub::input::Done;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use ws::{
    agent::Request,
    cobrowse::{AgentAct, Grant, Guide},
    id::Timestamp,
};

use super::{act, id};
use crate::net::{api::Body, app::App, caller::Caller, problem::Problem};

/// What is to be done about the customer's page.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum PageAct {
    /// The customer is asked whether they allow this; seeing the page comes first.
    Ask {
        /// `view`, `point`, `push` and `control`.
        grants: BTreeSet<Grant>,
    },
    /// The sharing ends, or the question is taken back.
    Stop {},
    /// A page is suggested.
    Suggest {
        /// At most 2,000 characters; begins as one of the configured addresses.
        url: String,
        /// What it is called, at most 100 characters.
        #[serde(default)]
        title: Option<String>,
    },
    /// The page that shows this code comes into the contact.
    Pair {
        /// Six digits.
        code: String,
    },
    /// Points at it, marks, scrolls, fills in.
    Guide {
        /// The recording in whose picture this is done, as what a console is told of the page names it.
        stream: String,
        /// How.
        guide: Guide,
    },
}

impl From<PageAct> for AgentAct {
    fn from(act: PageAct) -> Self {
        match act {
            PageAct::Ask { grants } => Self::Ask { grants },
            PageAct::Stop {} => Self::Stop {},
            PageAct::Suggest { url, title } => Self::Page { url, title },
            PageAct::Pair { code } => Self::Pair { code },
            PageAct::Guide { stream, guide } => Self::Guide { stream, guide },
        }
    }
}

/// A code that the customer types on their page.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageCode {
    /// Six digits.
    code: String,
    /// How long it is good.
    #[schema(value_type = u64)]
    until: Timestamp,
}

/// Asks the customer of a contact to share their page, ends that, suggests a page, brings one in by its code, or does something on it.
/// What the page shows is told at a console.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/page", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = PageAct, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(wish): Body<PageAct>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    let request = Request::Cobrowse {
        interaction,
        act: Box::new(wish.into()),
    };
    act(&app, &caller, &agent, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a code that the customer of a contact types on their page, which then comes into it.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/page/code", params(("agent" = String, Path), ("interaction" = String, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 201, body = PageCode)))]
pub async fn code(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
) -> Result<(StatusCode, Json<PageCode>), Problem> {
    let interaction = id(&interaction)?;
    let request = Request::Cobrowse {
        interaction,
        act: Box::new(AgentAct::Code {}),
    };
    match act(&app, &caller, &agent, request).await? {
        Done::Code { code, until, .. } => Ok((StatusCode::CREATED, Json(PageCode { code, until }))),
        _ => Err(Problem::otherwise("a code")),
    }
}
