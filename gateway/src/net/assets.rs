//! The web front ends, embedded by the build.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use super::{app::App, headers, problem::Problem};
use crate::config::Config;

#[derive(Embed)]
#[folder = "$OUT_DIR/web"]
struct Files;

/// What the build writes where a nonce belongs.
const NONCE: &str = "__CSP_NONCE__";

/// The script that pages include.
const LOADER: &str = "widget.js";

/// What the build writes there where the languages of zones belong.
const LANGUAGES: &str = "__LANGS__";

/// The document that shows visitors' pages to agents.
const VIEWER: &str = "cobrowse/viewer/";

/// Serves a file; a path that ends in a slash is its `index.html`.
pub async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (
            StatusCode::METHOD_NOT_ALLOWED,
            [(header::ALLOW, "GET, HEAD")],
        )
            .into_response();
    }
    let path = request.uri().path();
    if path == "/" {
        return Redirect::temporary("/demo/").into_response();
    }
    let mut name = path.trim_start_matches('/').to_owned();
    if path.ends_with('/') {
        name.push_str("index.html");
    } else if Files::get(&format!("{name}/index.html")).is_some() {
        return Redirect::permanent(&format!("{path}/")).into_response();
    }
    let Some(file) = Files::get(&name) else {
        return Problem::not_found("there is no such page").into_response();
    };
    if name.ends_with(".html") {
        let html = String::from_utf8_lossy(&file.data);
        return page(&request, &name, &html, &app.config.load());
    }
    if name == LOADER {
        let script = String::from_utf8_lossy(&file.data);
        let script = script.replace(LANGUAGES, &languages(&app.config.load()));
        let hash = Sha256::digest(&script).into();
        return lasting(&request, &name, Body::from(script), &hash);
    }
    let hash = file.metadata.sha256_hash();
    lasting(&request, &name, Body::from(file.data), &hash)
}

// An object by the names of zones that have a language, with nothing else in it.
fn languages(config: &Config) -> String {
    let zones = config.zone.iter();
    let zones = zones.filter_map(|(name, zone)| Some((name, zone.language.0.as_ref()?)));
    let zones = zones.map(|(name, lang)| format!(",\"{name}\":\"{lang}\""));
    format!("{{__proto__:null{}}}", zones.collect::<String>())
}

fn lasting(request: &Request, name: &str, content: Body, hash: &[u8; 32]) -> Response {
    let tag = format!("\"{}\"", crate::store::agents::hex(&hash[..12]));
    let mut response = if request
        .headers()
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known == tag.as_str())
    {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(content)
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    // Names with a hash in them never change what they stand for; the loader's name must be asked about.
    let lasting = name.contains("/assets/") || name.starts_with("widget/");
    let keep = if lasting {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=300"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if name.starts_with("widget") {
        // The widget is loaded by other websites; that is what it is for.
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("cross-origin"),
        );
    }
    response
}

fn page(request: &Request, name: &str, html: &str, config: &Config) -> Response {
    let nonce = crate::store::agents::hex(&crate::auth::random::<16>());
    let plain = |host: &&str| {
        host.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
    };
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(plain)
        .unwrap_or("localhost");
    let policy = match name.starts_with(VIEWER) {
        true => headers::viewer_policy(&nonce, config),
        false => headers::page_policy(&nonce, host, false),
    };
    let mut response = Response::new(Body::from(html.replace(NONCE, &nonce)));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "wav" => "audio/wav",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Zone;

    #[test]
    fn the_script_of_pages_is_told_the_languages_of_zones() {
        let mut config = Config::default();
        config.zone.clear();
        assert_eq!(languages(&config), "{__proto__:null}");

        for (name, language) in [
            ("laden", "language = \"de\""),
            ("shop", ""),
            ("x.y@z", "language = \"fr\""),
        ] {
            let zone: Zone = toml::from_str(&format!("queue = \"support\"\n{language}")).unwrap();
            config.zone.insert(name.parse().unwrap(), zone);
        }

        assert_eq!(
            languages(&config),
            "{__proto__:null,\"laden\":\"de\",\"x.y@z\":\"fr\"}"
        );
    }
}
