//! Headers that keep browsers strict.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::{Config, Origin};

/// Puts the headers every answer has.
pub fn secure(headers: &mut HeaderMap, tls: bool) {
    let fixed: [(HeaderName, &str); 3] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::SERVER, "Tandem"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if tls {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
    }
}

/// Returns the policy of a page: everything from here, scripts and styles by `nonce` or from here, sockets to `host`.
pub fn page_policy(nonce: &str, host: &str, frames: bool) -> String {
    let ancestors = if frames { "'self'" } else { "'none'" };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; font-src 'self'; media-src 'self' blob:; manifest-src 'self'; \
         frame-src 'self'; connect-src 'self' ws://{host} wss://{host}; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
    )
}

/// Returns the policy of the document that shows visitors' pages: only its own script runs, and what a page looks like comes
/// from the websites that use the widget and where the configuration says that theirs lies. A visitor's page can make an
/// agent's browser ask nobody else.
pub fn viewer_policy(nonce: &str, config: &Config) -> String {
    let mut from: BTreeSet<&str> = BTreeSet::new();
    from.extend(config.web.origins.iter().map(Origin::as_str));
    from.extend(config.cobrowse.assets.iter().map(Origin::as_str));
    for zone in config.zone.values() {
        from.extend(zone.origins.iter().map(Origin::as_str));
    }
    let from: String = from
        .into_iter()
        .map(|origin| format!(" {origin}"))
        .collect();
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'unsafe-inline'{from}; \
         img-src 'self' data:{from}; font-src 'self' data:{from}; frame-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'"
    )
}

/// What a page of another origin may read of an answer beside its body.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Disposition, ETag, Idempotency-Replayed, Link, Location, Retry-After",
);

/// Allows a page of `origin` to read the answer.
pub fn share(headers: &mut HeaderMap, origin: &str) {
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
