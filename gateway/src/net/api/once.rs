//! Idempotency keys: a request that is sent again with its key is answered as it was the first time, and not carried
//! out a second time. What a crash cut off in the middle is carried out again with the same ids, so that the hub knows
//! it by them; what has no id, such as a note, is looked for first.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CONTENT_TYPE, ETAG, LINK, LOCATION},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use hub::Event;
use rand::{SeedableRng, rngs::StdRng};
use ring::digest::{Context as Digest, SHA256};
use ws::id::Timestamp;

use crate::{
    auth,
    net::{app::App, caller::Caller, problem::Problem},
    store::{
        agents::hex,
        ledger::answers::{self, Answer, Known, Slot},
        read,
    },
};

/// The header with the key.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is one of before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest answer that is kept.
const LONGEST: usize = 1024 * 1024;

/// Requests with a key that run now.
#[derive(Debug, Default)]
pub struct Running(Mutex<BTreeSet<(String, String)>>);

struct Turn {
    app: Arc<App>,
    slot: Slot,
}

impl Turn {
    fn take(app: &Arc<App>, slot: Slot) -> Option<Self> {
        let name = (slot.caller.clone(), slot.key.clone());
        let mut running = app.running.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(name).then(|| Self {
            app: app.clone(),
            slot,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let name = (self.slot.caller.clone(), self.slot.key.clone());
        let running = &self.app.running.0;
        running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&name);
    }
}

/// What is kept of an answer in place of its body, which tells a secret.
#[derive(Clone)]
pub struct Instead(pub Bytes);

/// What ids of this request are made from: the same when it is carried out again under its key.
#[derive(Clone, Copy)]
struct Seed([u8; 32]);

/// When this request was begun once before, where a crash cut it: what makes no ids looks whether it was done.
#[derive(Clone, Copy)]
pub struct Cut(pub Option<Timestamp>);

impl<S: Send + Sync> FromRequestParts<S> for Cut {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(None)))
    }
}

impl Cut {
    /// Makes a refusal to a success where a crash cut the request once it was done: what it asks has then been so since, and is no
    /// conflict. `is_it` tells which fact says so.
    pub async fn unless_done(
        self,
        app: &App,
        answer: Result<StatusCode, Problem>,
        is_it: impl Fn(&Event) -> bool + Send + 'static,
    ) -> Result<StatusCode, Problem> {
        let (Err(problem), Self(Some(since))) = (&answer, self) else {
            return answer;
        };
        if problem.status != StatusCode::CONFLICT.as_u16() {
            return answer;
        }
        let done = app.read(move |connection| read::happened_since(connection, since, is_it));
        if done.await? {
            return Ok(StatusCode::NO_CONTENT);
        }
        answer
    }
}

/// Randomness for the ids a handler makes.
pub struct Ids(pub StdRng);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let seed = parts.extensions.get::<Seed>().copied();
        let Seed(seed) = seed.unwrap_or_else(|| Seed(auth::random()));
        Ok(Self(StdRng::from_seed(seed)))
    }
}

/// Answers a request that was answered before; else carries it out and keeps the answer.
pub async fn answer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let key = request.headers().get(KEY).cloned();
    let caller = request.extensions().get::<Caller>().map(Caller::unique);
    let (Some(key), Some(caller), true) = (key, caller, changes) else {
        return next.run(request).await;
    };
    match begin(app, caller, &key, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn begin(
    app: Arc<App>,
    caller: String,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=255).contains(&key.len()));
    let key = key.ok_or_else(|| {
        Problem::bad_request("Idempotency-Key has 1 to 255 printable ASCII characters")
    })?;
    let slot = Slot {
        caller,
        key: key.to_owned(),
    };
    let turn = Turn::take(&app, slot.clone()).ok_or_else(|| {
        Problem::running("a request with this Idempotency-Key still runs; ask again for its answer")
    })?;
    let (parts, body) = request.into_parts();
    let body = read_body(&app, body).await?;
    let print = fingerprint(&parts, &body);
    let known = app
        .ledger
        .write({
            let (slot, print, now) = (slot.clone(), hex(&print), app.now());
            move |ledger| answers::begin(ledger, &slot, &print, now)
        })
        .await?;
    let cut = match known {
        Known::Another => {
            return Err(Problem::unprocessable(
                "this Idempotency-Key was used for another request; make a new key for a new request",
            ));
        }
        Known::Emptied => {
            return Err(Problem::conflict(
                "this Idempotency-Key was used before a customer was erased, and with the customer went what came of it: look whether it was \
                 done, and make a new key",
            ));
        }
        Known::Answered(answer) => return replay(answer),
        Known::Begun => Cut(None),
        Known::Cut(since) => Cut(Some(since)),
    };
    let mut request = Request::from_parts(parts, Body::from(body));
    request.extensions_mut().insert(seed(&slot, &print));
    request.extensions_mut().insert(cut);
    // Who asked may go away in between; what was begun is carried through all the same.
    let done = tokio::spawn(async move {
        let response = next.run(request).await;
        keep(&turn, response).await
    });
    done.await.context("a request stopped early")?
}

/// Reads a whole body, as long as one may be.
pub async fn read_body(app: &App, body: Body) -> Result<Bytes, Problem> {
    let limit = app.config.load().web.body;
    axum::body::to_bytes(body, limit)
        .await
        .map_err(|_| Problem::too_large(limit))
}

fn fingerprint(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let mut digest = Digest::new(&SHA256);
    digest.update(parts.method.as_str().as_bytes());
    digest.update(b"\n");
    digest.update(parts.uri.to_string().as_bytes());
    digest.update(b"\n");
    digest.update(body);
    bytes(digest)
}

fn seed(slot: &Slot, print: &[u8]) -> Seed {
    let mut digest = Digest::new(&SHA256);
    for part in [slot.caller.as_bytes(), slot.key.as_bytes(), print] {
        digest.update(&(part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    Seed(bytes(digest))
}

fn bytes(digest: Digest) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.finish().as_ref());
    bytes
}

// Our own failures and what may pass by itself are no answers to keep.
async fn keep(turn: &Turn, response: Response) -> Result<Response, Problem> {
    let status = response.status();
    let passing = status.is_server_error()
        || matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::REQUEST_TIMEOUT
                // Nothing was done, and the condition is none of what the key stands for.
                | StatusCode::PRECONDITION_FAILED
        );
    let length = response.body().size_hint().upper();
    let long = length.is_none_or(|length| length > LONGEST as u64);
    let (slot, ledger) = (turn.slot.clone(), &turn.app.ledger);
    if passing || long {
        ledger
            .write(move |ledger| answers::forget(ledger, &slot))
            .await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, LONGEST)
        .await
        .context("reading an answer of our own")?;
    let answer = Answer {
        status: status.as_u16(),
        headers: kept_headers(&parts.headers),
        body: match parts.extensions.get() {
            Some(Instead(kept)) => kept.to_vec(),
            None => body.to_vec(),
        },
    };
    ledger
        .write(move |ledger| answers::end(ledger, &slot, &answer))
        .await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    [CONTENT_TYPE, LOCATION, ETAG, LINK]
        .into_iter()
        .filter_map(|name| {
            let value = headers.get(&name)?.to_str().ok()?.to_owned();
            Some((name.to_string(), value))
        })
        .collect()
}

fn replay(answer: Answer) -> Result<Response, Problem> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).context("reading a kept answer")?;
    for (name, value) in answer.headers {
        let name: HeaderName = name.parse().context("reading a kept answer")?;
        let value: HeaderValue = value.parse().context("reading a kept answer")?;
        response.headers_mut().insert(name, value);
    }
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
