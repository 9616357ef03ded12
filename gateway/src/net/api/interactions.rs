//! Interactions and customers, as they are on record.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, Query, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::id::InteractionId;

use super::{
    id,
    paging::{Page, Paging},
};
use crate::{
    net::{app::App, problem::Problem},
    store::{
        read::{self, CustomerLine, InteractionLine, Wanted},
        record::Record,
    },
};

/// Which interactions are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// Those of one customer.
    customer: Option<String>,
    /// `live` for those that are not sealed.
    state: Option<String>,
    /// How many at a time, 1 to 200.
    limit: Option<u32>,
    /// Those opened before this one, as the `Link` header of the page before names it.
    after: Option<String>,
}

/// A list of interactions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Interactions {
    interactions: Vec<InteractionLine>,
}

/// Returns one interaction: legs, assignments, offers, timeline, callbacks, outcome.
#[utoipa::path(get, path = "/api/v1/interactions/{id}", params(("id" = String, Path)), security(("bearer" = ["read:records"])), responses(
    (status = 200, body = Record)))]
pub async fn record(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<Record>, Problem> {
    let interaction: InteractionId = id(&text)?;
    let record = app
        .read(move |connection| read::record(connection, interaction))
        .await?;
    record
        .map(Json)
        .ok_or_else(|| Problem::not_found(format!("there is no interaction {interaction}")))
}

/// Lists interactions.
#[utoipa::path(get, path = "/api/v1/interactions", params(Choice), security(("bearer" = ["read:records"])), responses(
    (status = 200, body = Interactions)))]
pub async fn list(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Query(choice): Query<Choice>,
) -> Result<Page<Interactions>, Problem> {
    let live = match choice.state.as_deref() {
        None => false,
        Some("live") => true,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "state \"{other}\": it can be \"live\", or left out"
            )));
        }
    };
    let paging = Paging::of(&uri, choice.limit, choice.after, 50)?;
    let wanted = Wanted {
        customer: choice.customer.as_deref().map(id).transpose()?,
        live,
        after: paging.after.as_deref().map(id).transpose()?,
        limit: paging.reach(),
    };
    let found = app
        .read(move |connection| read::interactions(connection, &wanted))
        .await?;
    let (interactions, next) = paging.cut(found, |line| line.interaction.clone());
    Ok(Page(Interactions { interactions }, next))
}

/// Returns a customer with their newest interactions.
#[utoipa::path(get, path = "/api/v1/customers/{id}", params(("id" = String, Path)), security(("bearer" = ["read:customers"])), responses(
    (status = 200, body = CustomerLine)))]
pub async fn customer(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<CustomerLine>, Problem> {
    let customer = id(&text)?;
    let found = app
        .read(move |connection| read::customer(connection, customer))
        .await?;
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found(format!("there is no customer {customer}")))
}
