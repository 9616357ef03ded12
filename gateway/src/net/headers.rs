//! Headers that keep browsers strict.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

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

/// Returns the policy of the document that shows visitors' pages: only its own script runs, it reaches nothing, and what a
/// page looks like may come from anywhere, because that is where the page has it from.
pub fn viewer_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'unsafe-inline' https: http:; \
         img-src 'self' data: https: http:; font-src 'self' data: https: http:; frame-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'"
    )
}

/// Allows a page of `origin` to read the answer.
pub fn share(headers: &mut HeaderMap, origin: &str) {
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
