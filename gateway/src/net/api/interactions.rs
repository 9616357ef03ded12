//! Interactions, as they are on record.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::id::{InteractionId, Timestamp};

use super::{
    condition::weak_tag,
    format::{self, Format},
    id,
    paging::{Page, Paging},
};
use crate::{
    export::{
        self,
        vcon::{self, Staff},
    },
    moment::Moment,
    net::{app::App, problem::Problem},
    store::{
        agents, matters,
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
    /// Words that were said or noted in it, each whole. Of what goes on, one page is of the newest 2,000; it may be short, and lead on.
    text: Option<String>,
    /// Opened at this time or later: a day such as 2026-11-26 (UTC), a time as RFC 3339 has it, or milliseconds since 1970.
    #[param(value_type = Option<String>)]
    from: Option<Moment>,
    /// Opened before this time.
    #[param(value_type = Option<String>)]
    to: Option<Moment>,
    /// How many at a time, 1 to 200.
    limit: Option<u32>,
    /// Those opened before this one, as the `Link` header of the page before names it.
    after: Option<String>,
    /// `json` or `csv`; else as the Accept header says.
    format: Option<String>,
}

/// In which form a record is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Form {
    /// `json`, or `csv` for one line an event; else as the Accept header says.
    format: Option<String>,
}

/// In which form a container is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Sealing {
    /// `signed`, as a JWS, or `unsigned`; signed when left out.
    form: Option<String>,
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
            from: self.from.map(Moment::millis),
            to: self.to.map(Moment::millis),
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

/// Returns one interaction: legs, waits, assignments, offers, timeline, callbacks, outcome; or its events as CSV.
#[utoipa::path(get, path = "/api/v1/interactions/{id}", params(("id" = String, Path), Form), security(("bearer" = ["read:records"])), responses(
    (status = 200, content((Record = "application/json"), (String = "text/csv")))))]
pub async fn record(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
    Query(form): Query<Form>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let interaction: InteractionId = id(&text)?;
    let format = Format::wanted(form.format.as_deref(), &headers)?;
    let answer = match format {
        Format::Json => {
            let record = app
                .read(move |connection| read::record(connection, interaction))
                .await?;
            let record = record.ok_or_else(|| unknown(interaction))?;
            Json(record).into_response()
        }
        Format::Csv => {
            let facts = app
                .read(move |connection| matters::facts(connection, interaction))
                .await?;
            if facts.is_empty() {
                return Err(unknown(interaction));
            }
            format::csv(export::csv::events(&facts)?, &interaction.to_string())
        }
    };
    Ok(format::varies(answer))
}

/// Returns one interaction as a vCon (draft-ietf-vcon-vcon-core), signed by the key that `/.well-known/jwks.json` has.
#[utoipa::path(get, path = "/api/v1/interactions/{id}/vcon", params(("id" = String, Path), Sealing), security(("bearer" = ["read:records"])), responses(
    (status = 200, content((Object = "application/vcon")))))]
pub async fn container(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
    Query(sealing): Query<Sealing>,
) -> Result<Response, Problem> {
    let interaction: InteractionId = id(&text)?;
    let signed = match sealing.form.as_deref() {
        None | Some("signed") => true,
        Some("unsigned") => false,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "form \"{other}\": it can be \"signed\" or \"unsigned\""
            )));
        }
    };
    let (record, staff) = app
        .read(move |connection| {
            let staff = Staff::of(&agents::all(connection)?);
            Ok((read::record(connection, interaction)?, staff))
        })
        .await?;
    let record = record.ok_or_else(|| unknown(interaction))?;
    let config = app.config.load();
    let site = config.web.site();
    // The time of the export and the signature are others each time.
    let same = vcon::vcon(&record, &staff, Timestamp(0), site).to_string();
    let etag = weak_tag(same.as_bytes())?;
    let mut container = vcon::vcon(&record, &staff, app.now(), site);
    if signed {
        container = app.seal.sign(&container, &export::uuid(&interaction))?;
    }
    let kind = HeaderValue::from_static("application/vcon");
    let headers = [(header::CONTENT_TYPE, kind), (header::ETAG, etag)];
    Ok((headers, container.to_string()).into_response())
}

/// Returns the public keys that exports are signed by, as a JWK set.
pub async fn keys(State(app): State<Arc<App>>) -> Response {
    let kind = HeaderValue::from_static("application/jwk-set+json");
    ([(header::CONTENT_TYPE, kind)], app.seal.keys().to_string()).into_response()
}

/// Lists interactions, or finds them; as JSON or as CSV.
#[utoipa::path(get, path = "/api/v1/interactions", params(Choice), security(("bearer" = ["read:records"])), responses(
    (status = 200, content((Interactions = "application/json"), (String = "text/csv")))))]
pub async fn list(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = Format::wanted(choice.format.as_deref(), &headers)?;
    let paging = Paging::of(&uri, choice.limit, choice.after.clone(), 50)?;
    let wanted = Search {
        limit: paging.reach(),
        ..choice.search()?
    };
    let found = app
        .read(move |connection| match wanted.after {
            Some(after) if !read::is_listed(connection, after)? => Ok(None),
            Some(_) | None => search::search(connection, &wanted).map(Some),
        })
        .await?;
    let found = found.ok_or_else(|| paging.unknown())?;
    let (interactions, next) = paging.cut(found.lines, |line| line.interaction.clone());
    let next = paging.or_behind(next, found.until);
    let answer = match format {
        Format::Json => Page(Interactions { interactions }, next).into_response(),
        Format::Csv => {
            let table = export::csv::lines(&interactions)?;
            next.lead(format::csv(table, "interactions"))
        }
    };
    Ok(format::varies(answer))
}

fn unknown(interaction: InteractionId) -> Problem {
    Problem::not_found(format!("there is no interaction {interaction}"))
}
