//! Conditional requests (RFC 9110 §13): an ETag on every answer to GET, 304 for who has it already, and 412 for who
//! wants to change what is no longer as they saw it.

use std::sync::Arc;

use anyhow::Context;
use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{MatchedPath, Request, State},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::RwLock;
use tower::ServiceExt;

use super::{access::Access, once};
use crate::{
    net::{app::App, caller::Caller, problem::Problem},
    store::agents::hex,
};

/// The longest answer that gets an ETag; longer ones are streams.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Requests that wait for somebody else, a receiver or a turn to hash a password, and change nothing that has an ETag.
const SLOW: [&str; 2] = ["/api/v1/login", "/api/v1/webhooks/{webhook}/ping"];

/// What conditions are judged with.
#[derive(Clone)]
pub struct Judge {
    app: Arc<App>,
    /// The handlers alone, to see how a thing stands.
    routes: Router,
    /// Held alone by who changes something on a condition, and together by all others who change something.
    changes: Arc<RwLock<()>>,
}

impl Judge {
    /// Takes the routes whose conditions it judges.
    pub fn new(app: Arc<App>, routes: Router) -> Self {
        Self {
            app,
            routes,
            changes: Arc::default(),
        }
    }

    // How the thing behind a path stands, as its caller may see it.
    async fn current(
        &self,
        uri: &Uri,
        extensions: &Extensions,
    ) -> Result<Option<HeaderValue>, Problem> {
        let path = extensions.get::<MatchedPath>();
        let access = path.and_then(|path| self.app.accesses.of(path.as_str(), &Method::GET));
        let caller = extensions.get::<Caller>();
        match access {
            None => {
                return Err(Problem::unmet(
                    "nothing can be read at this path, so there is no ETag that If-Match could name",
                ));
            }
            Some(Access::Open) => {}
            Some(Access::Scoped(scopes)) => {
                let caller = caller.context("a secured route has no caller")?;
                scopes.iter().try_for_each(|scope| caller.needs(*scope))?;
            }
        }
        let mut look = Request::new(Body::empty());
        *look.uri_mut() = uri.path().parse().context("reading a path")?;
        // What the router found on the way here must not be found twice.
        if let Some(caller) = extensions.get::<Caller>() {
            look.extensions_mut().insert(caller.clone());
        }
        let seen = match self.routes.clone().oneshot(look).await {
            Ok(seen) => seen,
            Err(never) => match never {},
        };
        let seen = tag(seen).await?;
        Ok((seen.status() == StatusCode::OK)
            .then(|| seen.headers().get(header::ETAG).cloned())
            .flatten())
    }
}

/// Judges the conditions of a request and of its answer.
pub async fn judge(State(judge): State<Judge>, request: Request, next: Next) -> Response {
    match judged(judge, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn judged(judge: Judge, request: Request, next: Next) -> Result<Response, Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let known = listed(request.headers(), &header::IF_NONE_MATCH);
        let response = tag(next.run(request).await).await?;
        return Ok(unchanged(response, &known));
    }
    let wanted = listed(request.headers(), &header::IF_MATCH);
    if wanted.is_empty() && request.headers().contains_key(header::IF_MATCH) {
        return Err(Problem::unmet(
            "If-Match names no ETag, and so nothing that could still be as it was",
        ));
    }
    // Nobody is kept waiting by a body that comes slowly.
    let (parts, body) = request.into_parts();
    let body = once::read_body(&judge.app, body).await?;
    let request = Request::from_parts(parts, Body::from(body));
    let path = request.extensions().get::<MatchedPath>();
    let is_slow = path.is_some_and(|path| SLOW.contains(&path.as_str()));
    if wanted.is_empty() && is_slow {
        return Ok(next.run(request).await);
    }
    if wanted.is_empty() {
        let _among_others = judge.changes.read().await;
        return Ok(next.run(request).await);
    }
    // One thing is changed by many paths: a customer by a merge, by a note, by what an agent does. So a condition holds until it is
    // acted on because nothing is changed over the API meanwhile.
    let _alone = judge.changes.write().await;
    let current = judge
        .current(&request.uri().clone(), &request.extensions().clone())
        .await?;
    // RFC 9110 §13.1.1: compared strongly; a star means that there is anything at all.
    let met = current.is_some_and(|current| {
        let current = current.to_str().unwrap_or_default();
        let strong = !current.starts_with("W/");
        wanted
            .iter()
            .any(|tag| tag == "*" || (strong && tag == current))
    });
    if !met {
        return Err(Problem::unmet(
            "it has changed since the ETag in If-Match; read it again",
        ));
    }
    Ok(next.run(request).await)
}

/// Gives a whole answer its ETag.
async fn tag(response: Response) -> Result<Response, Problem> {
    let length = response.body().size_hint().exact();
    let taggable = response.status() == StatusCode::OK
        && !response.headers().contains_key(header::ETAG)
        && length.is_some_and(|length| length <= LONGEST);
    if !taggable {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .context("reading an answer of our own")?;
    parts.headers.insert(
        header::ETAG,
        HeaderValue::from_str(&tag_of(&body)).context("writing an ETag")?,
    );
    parts
        .headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn tag_of(body: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, body);
    format!("\"{}\"", hex(&digest.as_ref()[..16]))
}

/// Returns the weak ETag (RFC 9110 §8.8.1) of what says the same though its bytes differ; `said` is what they have in common.
pub fn weak_tag(said: &[u8]) -> anyhow::Result<HeaderValue> {
    HeaderValue::from_str(&format!("W/{}", tag_of(said))).context("writing an ETag")
}

// RFC 9110 §13.1.2: compared weakly.
fn unchanged(response: Response, known: &[String]) -> Response {
    let weak = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let etag = response.headers().get(header::ETAG);
    let etag = etag.and_then(|etag| etag.to_str().ok()).map(weak);
    let same = response.status() == StatusCode::OK
        && etag.is_some_and(|etag| known.iter().any(|tag| tag == "*" || weak(tag) == etag));
    if !same {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

fn listed(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| !tag.is_empty())
        .collect()
}
