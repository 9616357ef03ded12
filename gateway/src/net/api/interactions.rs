//! Interactions and customers, as they are on record.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::id::InteractionId;

use super::{id, staff};
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
    /// At most so many, 200 at most.
    limit: Option<u32>,
    /// Those opened before this one: the last of the list before.
    after: Option<String>,
}

/// A list of interactions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Interactions {
    interactions: Vec<InteractionLine>,
}

/// Returns one interaction: legs, assignments, offers, timeline, callbacks, outcome.
#[utoipa::path(get, path = "/api/v1/interactions/{id}", params(("id" = String, Path)), security(("bearer" = [])), responses(
    (status = 200, body = Record), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn record(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Record>, Problem> {
    staff(&app, &headers)?;
    let interaction: InteractionId = id(&text)?;
    let record = app
        .read(move |connection| read::record(connection, interaction))
        .await?;
    record
        .map(Json)
        .ok_or_else(|| Problem::not_found(format!("there is no interaction {interaction}")))
}

/// Lists interactions.
#[utoipa::path(get, path = "/api/v1/interactions", params(Choice), security(("bearer" = [])), responses(
    (status = 200, body = Interactions), (status = 401, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Result<Json<Interactions>, Problem> {
    staff(&app, &headers)?;
    let live = match choice.state.as_deref() {
        None => false,
        Some("live") => true,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "state \"{other}\": it can be \"live\", or left out"
            )));
        }
    };
    let wanted = Wanted {
        customer: choice.customer.as_deref().map(id).transpose()?,
        live,
        after: choice.after.as_deref().map(id).transpose()?,
        limit: choice.limit.unwrap_or(50),
    };
    let interactions = app
        .read(move |connection| read::interactions(connection, &wanted))
        .await?;
    Ok(Json(Interactions { interactions }))
}

/// Returns a customer with their newest interactions.
#[utoipa::path(get, path = "/api/v1/customers/{id}", params(("id" = String, Path)), security(("bearer" = [])), responses(
    (status = 200, body = CustomerLine), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn customer(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Json<CustomerLine>, Problem> {
    staff(&app, &headers)?;
    let customer = id(&text)?;
    let found = app
        .read(move |connection| read::customer(connection, customer))
        .await?;
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found(format!("there is no customer {customer}")))
}
