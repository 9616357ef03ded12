//! Interactions that turned out to be one matter: merged and taken apart again.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use hub::{Event, input::Input, link::Order};
use serde::Deserialize;
use utoipa::ToSchema;
use ws::id::InteractionId;

use super::{Body, customers::Reason, id, once::Cut};
use crate::net::{app::App, caller::Caller, problem::Problem};

/// An interaction that is about the same.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// Which; it becomes part of the one in the path.
    #[schema(value_type = String)]
    interaction: InteractionId,
    /// Why, at most 200 characters.
    reason: String,
}

/// Makes another interaction of the same customer part of this one. Both records stay as they are; this one shows the
/// other, and calls that name the other join this one.
#[utoipa::path(post, path = "/api/v1/interactions/{id}/merge", params(("id" = String, Path)), request_body = Matter, security(("bearer" = ["write:customers"])), responses(
    (status = 204)))]
pub async fn merge(
    State(app): State<Arc<App>>,
    caller: Caller,
    cut: Cut,
    Path(text): Path<String>,
    Body(matter): Body<Matter>,
) -> Result<StatusCode, Problem> {
    let (whole, part): (InteractionId, _) = (id(&text)?, matter.interaction);
    let order = Order::Merge {
        other: matter.interaction,
        reason: matter.reason,
    };
    let done = link(&app, &caller, &text, order).await;
    // Either may stand for the interaction that it was part of already.
    let is_it = move |event: &Event| matches!(event, Event::InteractionsMerged { kept, merged, .. } if *kept == whole || *merged == part);
    cut.unless_done(&app, done, is_it).await
}

/// Takes an interaction out of the one it was merged into.
#[utoipa::path(post, path = "/api/v1/interactions/{id}/unmerge", params(("id" = String, Path)), request_body = Reason, security(("bearer" = ["write:customers"])), responses(
    (status = 204)))]
pub async fn unmerge(
    State(app): State<Arc<App>>,
    caller: Caller,
    cut: Cut,
    Path(text): Path<String>,
    Body(reason): Body<Reason>,
) -> Result<StatusCode, Problem> {
    let interaction: InteractionId = id(&text)?;
    let order = Order::Unmerge {
        reason: reason.reason,
    };
    let done = link(&app, &caller, &text, order).await;
    let is_it = move |event: &Event| matches!(event, Event::InteractionsUnmerged { merged, .. } if *merged == interaction);
    cut.unless_done(&app, done, is_it).await
}

async fn link(app: &App, caller: &Caller, text: &str, order: Order) -> Result<StatusCode, Problem> {
    if let Some(problem) = app.unready() {
        return Err(problem);
    }
    let interaction: InteractionId = id(text)?;
    let by = caller.actor();
    // What was sealed a moment ago has to stand in the tables, where the hub finds whose it was.
    app.journal.settle().await?;
    app.ask(|re| Input::Link {
        interaction,
        order,
        by,
        re,
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
