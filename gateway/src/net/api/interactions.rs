//! Interactions, as they are on record.

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
        read::{self, InteractionLine},
        record::Record,
        search::{self, Search},
    },
};

/// Which interactions are wanted; all of it must fit.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// Those of one customer, with everything that was merged into them.
    customer: Option<String>,
    /// `live` for those that are not sealed.
    state: Option<String>,
    /// A number of the customer in it, as it stands in the record.
    number: Option<String>,
    /// A mail address of the customer in it.
    mail: Option<String>,
    /// Words of the customer's name, each whole.
    name: Option<String>,
    /// A queue it waited in.
    queue: Option<String>,
    /// An agent who had it.
    agent: Option<String>,
    /// How it ended.
    outcome: Option<String>,
    /// Words that were said or noted in it, each whole; in sealed ones.
    text: Option<String>,
    /// Opened at this time or later, in milliseconds since 1970.
    from: Option<i64>,
    /// Opened before this time.
    to: Option<i64>,
    /// How many at a time, 1 to 200.
    limit: Option<u32>,
    /// Those opened before this one, as the `Link` header of the page before names it.
    after: Option<String>,
}

impl Choice {
    pub(super) fn search(self) -> Result<Search, Problem> {
        let live = match self.state.as_deref() {
            None => false,
            Some("live") => true,
            Some(other) => {
                return Err(Problem::bad_request(format!(
                    "state \"{other}\": it can be \"live\", or left out"
                )));
            }
        };
        Ok(Search {
            customer: self.customer.as_deref().map(id).transpose()?,
            live,
            number: self.number,
            mail: self.mail,
            name: self.name,
            queue: self.queue,
            agent: self.agent,
            outcome: self.outcome,
            text: self.text,
            from: self.from,
            to: self.to,
            after: self.after.as_deref().map(id).transpose()?,
            limit: self.limit.unwrap_or(50),
        })
    }
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

/// Lists interactions, or finds them.
#[utoipa::path(get, path = "/api/v1/interactions", params(Choice), security(("bearer" = ["read:records"])), responses(
    (status = 200, body = Interactions)))]
pub async fn list(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Query(choice): Query<Choice>,
) -> Result<Page<Interactions>, Problem> {
    let paging = Paging::of(&uri, choice.limit, choice.after.clone(), 50)?;
    let wanted = Search {
        limit: paging.reach(),
        ..choice.search()?
    };
    let found = app
        .read(move |connection| search::search(connection, &wanted))
        .await?;
    let (interactions, next) = paging.cut(found, |line| line.interaction.clone());
    Ok(Page(Interactions { interactions }, next))
}
