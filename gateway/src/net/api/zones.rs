//! The zone of a page that names none.

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use ws::id::ZoneId;

use super::Body;
use crate::{
    config::choice,
    net::{app::App, origin, problem::Problem},
};

/// The most segments a page tells.
const SEGMENTS: usize = 20;

/// A page that wants to know its zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its path, such as `/cart/pay`.
    path: String,
    /// The segments its visitor is of, at most 20.
    #[serde(default)]
    segments: Vec<String>,
    /// The visitor's identity, signed by the website (JWT, HS256), whose `segments` count too.
    #[serde(default)]
    identity: Option<String>,
}

/// The zone of a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Chosen {
    #[schema(value_type = String)]
    zone: ZoneId,
    /// Whether it proves identities; one that does not is shown none.
    identity: bool,
}

/// Chooses the zone of a page by its website, path and visitor's segments.
#[utoipa::path(post, path = "/api/v1/zones", request_body = Page, responses(
    (status = 200, body = Chosen), (status = 404, body = Problem)))]
pub async fn choose(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(page): Body<Page>,
) -> Result<Json<Chosen>, Problem> {
    if !page.path.starts_with('/') {
        return Err(Problem::unprocessable(
            "path: a page's path begins with a slash, such as \"/cart\"",
        ));
    }
    if page.segments.len() > SEGMENTS {
        return Err(Problem::unprocessable(format!(
            "segments: a visitor is of at most {SEGMENTS}"
        )));
    }
    let config = app.config.load();
    let from = origin::From::read(&headers);
    let asked = choice::Page {
        origin: match &from {
            origin::From::NoPage => None,
            origin::From::Page { origin, .. } => Some(origin),
        },
        path: &page.path,
        segments: &page.segments,
        identity: page.identity.as_deref(),
        now: app.clock.machine(),
    };
    let allowed = |zone: &ZoneId| origin::is_of_zone(&config, zone, &from);
    match choice::choose(&config, &asked, allowed) {
        Some(zone) => Ok(Json(Chosen {
            identity: config
                .zone
                .get(zone)
                .is_some_and(|it| !it.identity_secret.is_empty()),
            zone: zone.clone(),
        })),
        None => Err(Problem::not_found("no zone is for this page")),
    }
}
