//! Texts of languages that are not built in, out of the directory `web.texts`.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use axum::{
    Json,
    extract::{Path as Named, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::Map;

use crate::{
    config::texts,
    net::{app::App, problem::Problem},
};

/// Returns the texts of a language by key, those of the widget in `widget` and so on; nothing where there are none.
#[utoipa::path(get, path = "/api/v1/texts/{lang}", params(("lang" = String, Path)), responses(
    (status = 200, body = Object)))]
pub async fn of(
    State(app): State<Arc<App>>,
    Named(lang): Named<String>,
) -> Result<Response, Problem> {
    if !texts::is_language(&lang) {
        return Err(Problem::not_found(
            "a language is two letters of ISO 639, such as \"fr\"",
        ));
    }
    let directory = app.config.load().web.texts.0.clone();
    let found = match directory {
        None => Map::new(),
        Some(directory) => {
            let file = Path::new(&directory).join(format!("{lang}.json"));
            tokio::task::spawn_blocking(move || texts::read(&file))
                .await
                .context("reading texts")??
        }
    };
    let mut response = Json(found).into_response();
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    Ok(response)
}
