//! The page behind the link of a mail, by which a customer takes a promised call back or moves it, or says not to be called
//! or written to any more. Reading it changes nothing, since mail programs read links ahead; a button does. It needs no
//! script, and who has the link needs no other credential.

use std::{collections::BTreeSet, convert::Infallible, fmt::Write, sync::Arc, time::Duration};

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::stream;
use hub::{
    Event,
    callback::Revision,
    calling::clock_of,
    consent::{Change, Source, Statement, Subject},
    input::{Actor, Input},
    mail::Matter,
};
use jiff::{civil::DateTime, tz::TimeZone};
use multer::Multipart;
use serde::Deserialize;
use ws::{
    consent::ContactChannel,
    id::{CallbackId, CustomerId, Number, Timestamp},
};

use super::{app::App, problem::Problem};
use crate::{
    auth::Rejected,
    hooks::reader,
    mail::{
        letter,
        words::{local, zone_of},
    },
    store::{
        attempts,
        read::{self, CallbackLine},
    },
};

mod words;

use words::Words;

/// How a page looks, in the colours of the other pages, dark ones where they are liked; the policy names it by its hash.
const STYLE: &str = concat!(
    include_str!("../../../ws/web/src/design/tokens.css"),
    include_str!("link/page.css")
);

/// How far ahead a call may be moved.
const FURTHEST: Duration = Duration::from_secs(90 * 86_400);

/// What a link is about.
struct About {
    customer: CustomerId,
    to: String,
    topic: Topic,
}

/// What the mail told of.
enum Topic {
    /// A call that was promised, as far as it is known still.
    Call(Option<Promise>),
    /// A chat that is over.
    Chat,
}

/// A promised call.
struct Promise {
    callback: CallbackId,
    number: Number,
    due: Timestamp,
    zone: TimeZone,
    open: bool,
}

/// What a button says, or a mail program for its user (RFC 8058).
#[derive(Debug, Default, Deserialize)]
struct Form {
    #[serde(rename = "do")]
    act: Option<String>,
    at: Option<String>,
    #[serde(rename = "List-Unsubscribe")]
    unsubscribe: Option<String>,
}

/// Why a link or a button leads nowhere.
enum Wrong {
    Expired,
    Forged,
    /// What was asked cannot be done any more.
    Late(StatusCode),
    /// No call can be made at the time that was chosen.
    NoTime,
    Broken(Problem),
}

impl From<Rejected> for Wrong {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Expired => Self::Expired,
            Rejected::Forged | Rejected::Withdrawn => Self::Forged,
        }
    }
}

impl From<anyhow::Error> for Wrong {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(Problem::fault(&error))
    }
}

impl From<Problem> for Wrong {
    fn from(problem: Problem) -> Self {
        match StatusCode::from_u16(problem.status) {
            Ok(StatusCode::UNPROCESSABLE_ENTITY) => Self::NoTime,
            Ok(status) if status.is_client_error() => Self::Late(StatusCode::CONFLICT),
            Ok(_) | Err(_) => Self::Broken(problem),
        }
    }
}

impl Wrong {
    fn page(self, words: &Words) -> Response {
        let (status, title) = match self {
            Self::Expired => (StatusCode::GONE, words.expired),
            Self::Forged => (StatusCode::NOT_FOUND, words.forged),
            Self::Late(status) => (status, words.late),
            Self::NoTime => {
                let again = format!("<p>{}</p>", words.choose_again);
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return page(status, words, words.no_time, &again);
            }
            Self::Broken(problem) => return problem.into_response(),
        };
        page(status, words, title, "")
    }
}

/// Shows what was promised and what can be done about it.
pub async fn show(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let words = words(&app, &headers);
    match about(&app, &token).await {
        Ok(about) => shown(words, &about, &asking(&app, words, &about)),
        Err(wrong) => wrong.page(words),
    }
}

/// Does what a button says.
pub async fn act(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let words = words(&app, &headers);
    let form = read_form(&headers, body).await;
    match carry_out(&app, words, &token, &form).await {
        Ok((about, said)) => {
            let done = format!("<p role=\"status\"><strong>{said}</strong></p>");
            shown(words, &about, &(done + &asking(&app, words, &about)))
        }
        Err(wrong) => wrong.page(words),
    }
}

// Tells what was done, and what the link is about as it stands now.
async fn carry_out(
    app: &App,
    words: &Words,
    token: &str,
    form: &Form,
) -> Result<(About, &'static str), Wrong> {
    let before = about(app, token).await?;
    let act = match form.unsubscribe.as_deref() {
        Some("One-Click") => Some("mails"),
        Some(_) => None,
        None => form.act.as_deref(),
    };
    let said = match act {
        Some("cancel") => {
            cancel(app, &before).await?;
            words.done_cancel
        }
        Some("move") => {
            reschedule(app, &before, form.at.as_deref()).await?;
            words.done_move
        }
        Some("calls") => {
            // The number that was asked for may be anybody's; which ones are theirs the house knows.
            withdraw(app, &before, ContactChannel::Voice, None).await?;
            words.done_calls
        }
        Some("mails") => {
            let address = Subject::mail(&before.to);
            withdraw(app, &before, ContactChannel::Mail, address).await?;
            words.done_mails
        }
        Some(_) | None => return Err(Wrong::Late(StatusCode::BAD_REQUEST)),
    };
    Ok((about(app, token).await?, said))
}

// Browsers write a form as a query is written; mail programs so or, as RFC 8058 section 3.2 would rather have it, in parts.
async fn read_form(headers: &HeaderMap, body: Bytes) -> Form {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok());
    match kind.and_then(|kind| multer::parse_boundary(kind).ok()) {
        Some(boundary) => read_parts(boundary, body).await.unwrap_or_default(),
        None => read_query(&body),
    }
}

async fn read_parts(boundary: String, body: Bytes) -> Result<Form, multer::Error> {
    let whole = stream::once(async { Ok::<_, Infallible>(body) });
    let mut parts = Multipart::new(whole, boundary);
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await? {
        let place = match part.name() {
            Some("do") => &mut form.act,
            Some("at") => &mut form.at,
            Some("List-Unsubscribe") => &mut form.unsubscribe,
            Some(_) | None => continue,
        };
        *place = Some(part.text().await?);
    }
    Ok(form)
}

fn read_query(body: &[u8]) -> Form {
    let body = String::from_utf8_lossy(body);
    let uri = format!("/?{}", body.trim()).parse::<Uri>();
    let read = uri.ok().map(|uri| Query::<Form>::try_from_uri(&uri));
    match read {
        Some(Ok(Query(form))) => form,
        Some(Err(_)) | None => Form::default(),
    }
}

fn words(app: &App, headers: &HeaderMap) -> &'static Words {
    let asked = headers.get(header::ACCEPT_LANGUAGE);
    let asked = asked.and_then(|value| value.to_str().ok());
    let language = asked.and_then(words::first);
    Words::of(language.unwrap_or(app.config.load().mail.language))
}

async fn about(app: &App, token: &str) -> Result<About, Wrong> {
    let row = app.mint.links().read(token, app.now())?;
    let found = app.read(move |connection| {
        let Some(fact) = reader::fact(connection, row)? else {
            return Ok(None);
        };
        let Event::MailPosted {
            to,
            customer,
            matter,
        } = fact.event
        else {
            return Ok(None);
        };
        let call = match matter {
            Matter::Reminder { callback, .. } => {
                let callback = attempts::stands(connection, callback)?;
                let line = read::callback(connection, callback)?;
                Some(line.map(|line| (callback, line)))
            }
            Matter::Transcript { .. } => None,
        };
        Ok(Some((to, customer, call)))
    });
    let (to, customer, call) = found.await?.ok_or(Wrong::Forged)?;
    if to.is_empty() {
        // The customer was erased, and the mail with them.
        return Err(Wrong::Expired);
    }
    let topic = match call {
        Some(call) => Topic::Call(call.and_then(|(callback, line)| promise(app, callback, &line))),
        None => Topic::Chat,
    };
    Ok(About {
        customer,
        to,
        topic,
    })
}

fn promise(app: &App, callback: CallbackId, line: &CallbackLine) -> Option<Promise> {
    let number: Number = line.number.parse().ok()?;
    let callbacks = &app.config.load().callback;
    let clock = clock_of(&number, &callbacks.zones, &callbacks.zone);
    Some(Promise {
        callback,
        due: Timestamp(line.due.unsigned_abs()),
        zone: zone_of(line.zone.as_deref().unwrap_or(clock)),
        open: line.state != "ended",
        number,
    })
}

impl About {
    fn promise(&self) -> Option<&Promise> {
        match &self.topic {
            Topic::Call(promise) => promise.as_ref(),
            Topic::Chat => None,
        }
    }
}

async fn cancel(app: &App, about: &About) -> Result<(), Wrong> {
    let gone = Wrong::Late(StatusCode::CONFLICT);
    let callback = about.promise().ok_or(gone)?.callback;
    let by = Actor::Customer(about.customer);
    let asked = app.ask(|re| Input::CancelCallback { callback, by, re });
    asked.await?;
    Ok(())
}

async fn reschedule(app: &App, about: &About, at: Option<&str>) -> Result<(), Wrong> {
    let gone = Wrong::Late(StatusCode::CONFLICT);
    let promise = about.promise().ok_or(gone)?;
    let at = at.and_then(|text| chosen(text, &promise.zone, app.now()));
    let at = at.ok_or(Wrong::NoTime)?;
    let (callback, by) = (promise.callback, Actor::Customer(about.customer));
    let change = Revision {
        at: Some(at),
        ..Revision::default()
    };
    let asked = app.ask(|re| Input::ReviseCallback {
        callback,
        by,
        change,
        re,
    });
    asked.await?;
    Ok(())
}

// A time as a browser writes it: `2026-11-28T10:00`, by the customer's clock. Where that shows it twice, the first that is still
// ahead.
fn chosen(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let at: DateTime = text.parse().ok()?;
    let at = zone.to_ambiguous_timestamp(at);
    let both = [at.compatible(), at.later()].into_iter().flatten();
    let mut both = both.filter_map(|at| at.as_millisecond().try_into().ok().map(Timestamp));
    both.find(|at| *at > now)
}

// Of the record, and of the address that the mail came to: who comes with it later is the same person.
async fn withdraw(
    app: &App,
    about: &About,
    channel: ContactChannel,
    address: Option<Subject>,
) -> Result<(), Wrong> {
    let subjects: BTreeSet<_> = [Some(Subject::Customer(about.customer)), address]
        .into_iter()
        .flatten()
        .collect();
    for subject in subjects {
        let said = Statement {
            subject,
            channel,
            change: Change::Withdrawn,
            source: Source::Link,
            reason: None,
            until: None,
            by: None,
        };
        let by = Actor::Customer(about.customer);
        app.ask(|re| Input::SetConsent {
            said,
            interaction: None,
            by,
            re,
        })
        .await?;
    }
    Ok(())
}

fn asking(app: &App, words: &Words, about: &About) -> String {
    let mut text = match &about.topic {
        Topic::Call(Some(promise)) if promise.open => promised(app, words, promise),
        Topic::Call(_) => format!("<p>{}</p>", words.over),
        Topic::Chat => format!("<p>{}</p>", words.mailed),
    };
    for (act, label) in [("calls", words.calls), ("mails", words.mails)] {
        text.push_str(&button(act, label));
    }
    text
}

fn promised(app: &App, words: &Words, promise: &Promise) -> String {
    let Promise { due, zone, .. } = promise;
    let name = zone.iana_name().unwrap_or("UTC");
    let time = words.spoken.time(*due, name);
    let end = letter::end_of(&promise.number);
    let (first, last) = (app.now(), app.now() + FURTHEST);
    let written = |at: Timestamp| local(at, zone).strftime("%Y-%m-%dT%H:%M").to_string();
    let mut text = format!("<p>{} {end}: <strong>{time}</strong>.</p>", words.promised);
    text.push_str(&button("cancel", words.cancel));
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "<form method=\"post\"><input type=\"hidden\" name=\"do\" value=\"move\">\
         <p><label for=\"at\">{} ({name})</label>\
         <input type=\"datetime-local\" id=\"at\" name=\"at\" required min=\"{}\" max=\"{}\" value=\"{}\"> \
         <button>{}</button></p></form>",
        words.another,
        written(first),
        written(last),
        written((*due).max(first)),
        words.reschedule,
    );
    text
}

fn button(act: &str, label: &str) -> String {
    format!("<form method=\"post\"><button name=\"do\" value=\"{act}\">{label}</button></form>")
}

// A page about what the link is about.
fn shown(words: &Words, about: &About, body: &str) -> Response {
    let title = match &about.topic {
        Topic::Call(_) => words.call,
        Topic::Chat => words.contact,
    };
    page(StatusCode::OK, words, title, body)
}

fn page(status: StatusCode, words: &Words, title: &str, body: &str) -> Response {
    let language = words.spoken.code();
    let text = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>\n"
    );
    let hash = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        STANDARD.encode(hash)
    );
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept-Language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_form_is_read_as_browsers_and_mail_programs_write_it() {
        let written = |kind: &'static str, body: &str| {
            let kind = (header::CONTENT_TYPE, HeaderValue::from_static(kind));
            let (headers, body) = (HeaderMap::from_iter([kind]), body.to_owned());
            async move { read_form(&headers, body.into()).await }
        };
        let query = "application/x-www-form-urlencoded";
        let moved = written(query, "do=move&at=2026-11-28T10%3A00").await;
        assert_eq!(moved.act.as_deref(), Some("move"));
        assert_eq!(moved.at.as_deref(), Some("2026-11-28T10:00"));
        let one_click = written(query, "List-Unsubscribe=One-Click").await;
        assert_eq!(one_click.unsubscribe.as_deref(), Some("One-Click"));
        for text in ["", "do", "a b", "\u{0}", "do=x&do=y"] {
            let read = written(query, text).await;
            assert!(read.unsubscribe.is_none(), "{text}");
        }

        let parts = "multipart/form-data; boundary=\"a-b\"";
        let body = "--a-b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--a-b--\r\n";
        let one_click = written(parts, body).await;
        assert_eq!(one_click.unsubscribe.as_deref(), Some("One-Click"));
        for cut in [0, 20, 60, body.len() - 10] {
            let read = written(parts, &body[..cut]).await;
            assert!(read.unsubscribe.is_none(), "{cut}");
        }
        let none = written("multipart/form-data", body).await;
        assert!(none.unsubscribe.is_none());
    }

    #[test]
    fn a_time_is_chosen_by_the_customers_clock() {
        let berlin = zone_of("Europe/Berlin");

        // 2026-11-27, 13:30 UTC.
        let at = Timestamp(1_795_786_200_000);
        let before = Timestamp(at.0 - 1);
        assert_eq!(chosen("2026-11-27T14:30", &berlin, before), Some(at));
        assert_eq!(chosen("2026-11-27T14:30", &berlin, at), None);
        assert_eq!(chosen("tomorrow", &berlin, before), None);
    }

    #[test]
    fn a_time_that_a_clock_shows_twice_is_the_next_of_the_two() {
        let berlin = zone_of("Europe/Berlin");
        let minutes = |minutes: u64| Timestamp(1_824_940_800_000 + minutes * 60_000);
        let half_past_two = |now| chosen("2027-10-31T02:30", &berlin, now);

        // 00:30 and 01:30 UTC of 2027-10-31, which the clock shows as 02:30 each.
        assert_eq!(half_past_two(minutes(10)), Some(minutes(30)));
        assert_eq!(half_past_two(minutes(70)), Some(minutes(90)));
        assert_eq!(half_past_two(minutes(90)), None);
        // 02:30 of 2027-03-28 is on no clock there, which goes from 02:00 to 03:00.
        let gap = chosen("2027-03-28T02:30", &berlin, Timestamp(0));
        assert_eq!(gap, chosen("2027-03-28T03:30", &berlin, Timestamp(0)));
    }
}
