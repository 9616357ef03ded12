//! Recordings: listed, listened to, and begun, paused and ended by programs.

use std::{
    io::SeekFrom,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use axum::{
    Json, Router,
    body::Body as Answer,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::stream;
use hub::input::{Input, Wish};
use serde::{Deserialize, Serialize};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};
use utoipa::{IntoParams, ToSchema};
use ws::{agent::Request, id::InteractionId, recording::Record as Act};

use super::{
    Body, agents, id,
    paging::{Page, Paging},
};
use crate::{
    moment::Moment,
    net::{app::App, caller::Caller, problem::Problem},
    store::{
        read,
        record::{Record, RecordingRecord},
        recordings::{self, RecordingLine},
    },
};

/// How much of a file is read at once.
const PIECE: u64 = 64 * 1024;

/// The recordings of an interaction, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recordings {
    recordings: Vec<RecordingRecord>,
}

/// Which recordings are wanted; all of it must fit.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// A queue the contact waited in.
    queue: Option<String>,
    /// An agent who had it.
    agent: Option<String>,
    /// A number of the customer in it, as it stands in the record.
    number: Option<String>,
    /// Begun at this time or later: a day such as 2026-11-26 (UTC), a time as RFC 3339 has it, or milliseconds since 1970.
    #[param(value_type = Option<String>)]
    from: Option<Moment>,
    /// Begun before this time.
    #[param(value_type = Option<String>)]
    to: Option<Moment>,
    /// `whole` for those that can be heard.
    state: Option<String>,
    /// How many at a time, 1 to 200.
    limit: Option<u32>,
    /// Those begun before this one, as the `Link` header of the page before names it.
    after: Option<String>,
}

/// A list of recordings, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundRecordings {
    recordings: Vec<RecordingLine>,
}

/// What is wanted of the recording of a call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// `start`, `pause`, `resume`, `stop` or `refuse`.
    #[schema(value_type = String)]
    act: Act,
}

/// Their routes, below the API's.
pub fn routes() -> Router<Arc<App>> {
    let contact = "/agents/{agent}/contacts/{interaction}";
    Router::new()
        .route("/recordings", get(find))
        .route("/interactions/{id}/recordings", get(list))
        .route("/interactions/{id}/recordings/{n}", get(sound))
        .route("/interactions/{id}/recording", post(change))
        .route(&format!("{contact}/recording"), post(change_as_agent))
        .route(&format!("{contact}/recordings/{{n}}"), get(sound_for_agent))
}

/// Finds recordings of all interactions.
#[utoipa::path(get, path = "/api/v1/recordings", params(Choice), security(("bearer" = ["read:recordings", "read:records"])), responses(
    (status = 200, body = FoundRecordings)))]
pub async fn find(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Query(choice): Query<Choice>,
) -> Result<Page<FoundRecordings>, Problem> {
    let whole = match choice.state.as_deref() {
        None => false,
        Some("whole") => true,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "state \"{other}\": it can be \"whole\", or left out"
            )));
        }
    };
    let paging = Paging::of(&uri, choice.limit, choice.after, 50)?;
    let wanted = recordings::Wanted {
        queue: choice.queue,
        agent: choice.agent,
        number: choice.number,
        from: choice.from.map(Moment::millis),
        to: choice.to.map(Moment::millis),
        whole,
        after: paging.after.as_deref().map(id).transpose()?,
        limit: paging.reach(),
    };
    let found = app
        .read(move |connection| match wanted.after {
            Some(after) if !recordings::is_listed(connection, after)? => Ok(None),
            Some(_) | None => recordings::find(connection, &wanted).map(Some),
        })
        .await?;
    let found = found.ok_or_else(|| paging.unknown())?;
    let (recordings, next) = paging.cut(found.lines, |line| line.recording.clone());
    let next = paging.or_behind(next, found.until.map(|last| last.to_string()));
    Ok(Page(FoundRecordings { recordings }, next))
}

/// Lists what was recorded in an interaction.
#[utoipa::path(get, path = "/api/v1/interactions/{id}/recordings", params(("id" = String, Path)), security(("bearer" = ["read:recordings"])), responses(
    (status = 200, body = Recordings)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<Recordings>, Problem> {
    let recordings = record(&app, id(&text)?).await?.recordings;
    Ok(Json(Recordings { recordings }))
}

/// Gives the sound of a recording, whole or a range of it (RFC 9110 §14).
#[utoipa::path(get, path = "/api/v1/interactions/{id}/recordings/{n}", params(("id" = String, Path), ("n" = u16, Path)), security(("bearer" = ["read:recordings"])), responses(
    (status = 200, content((Vec<u8> = "audio/ogg"), (Vec<u8> = "audio/wav"))), (status = 206)))]
pub async fn sound(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((text, n)): Path<(String, u16)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let record = record(&app, id(&text)?).await?;
    give(&app, &caller, (&record, n), &headers).await
}

/// Gives the sound of a recording to an agent who has, or had, the contact.
#[utoipa::path(get, path = "/api/v1/agents/{agent}/contacts/{interaction}/recordings/{n}", params(("agent" = String, Path), ("interaction" = String, Path), ("n" = u16, Path)), security(("bearer" = ["act:agent"])), responses(
    (status = 200, content((Vec<u8> = "audio/ogg"), (Vec<u8> = "audio/wav"))), (status = 206)))]
pub async fn sound_for_agent(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, text, n)): Path<(String, String, u16)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let agent = id(&agent)?;
    caller.acts_as(&agent)?;
    let record = record(&app, id(&text)?).await?;
    if record.assignments.iter().all(|stay| stay.agent != agent) {
        return Err(Problem::forbidden("you never had this contact"));
    }
    give(&app, &caller, (&record, n), &headers).await
}

/// Records the call of an interaction, pauses that, or ends it; `refuse` is the customer's no.
#[utoipa::path(post, path = "/api/v1/interactions/{id}/recording", params(("id" = String, Path)), request_body = Wanted, security(("bearer" = ["write:interactions"])), responses(
    (status = 204)))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
    Body(Wanted { act }): Body<Wanted>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&text)?;
    let by = caller.actor();
    let wish = Wish::Record { act };
    app.ask(|re| Input::InCall {
        interaction,
        by,
        wish,
        re,
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Records the call of a contact as its agent, or as a supervisor.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/contacts/{interaction}/recording", params(("agent" = String, Path), ("interaction" = String, Path)), request_body = Wanted, security(("bearer" = ["act:agent"])), responses(
    (status = 204)))]
pub async fn change_as_agent(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((agent, interaction)): Path<(String, String)>,
    Body(Wanted { act }): Body<Wanted>,
) -> Result<StatusCode, Problem> {
    let interaction = id(&interaction)?;
    agents::act(&app, &caller, &agent, Request::Record { interaction, act }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn record(app: &App, interaction: InteractionId) -> Result<Record, Problem> {
    let found = app
        .read(move |connection| read::record(connection, interaction))
        .await?;
    found.ok_or_else(|| Problem::not_found(format!("there is no interaction {interaction}")))
}

async fn give(
    app: &App,
    caller: &Caller,
    (record, n): (&Record, u16),
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let mut found = record.recordings.iter();
    let found = found.find(|recording| recording.n == n);
    let found = found.ok_or_else(|| Problem::not_found(format!("there is no recording {n}")))?;
    let (Some(file), Some(kind)) = (&found.file, &found.mediatype) else {
        return Err(Problem::not_found(match &found.failed {
            Some(why) => format!("recording {n} failed: {why}"),
            None => format!("recording {n} is not finished, or was deleted"),
        }));
    };
    let config = app.config.load();
    let directory: PathBuf = config.recording.directory(&config.store);
    let opened = open(&directory.join(file)).await;
    let (file, length) =
        opened.map_err(|error| Problem::not_found(format!("recording {n} is gone: {error}")))?;
    tracing::info!(recording = %found.recording, by = %caller.name(), "a recording is given out");
    serve(file, length, kind, headers).await
}

async fn open(path: &FilePath) -> std::io::Result<(File, u64)> {
    let file = File::open(path).await?;
    let length = file.metadata().await?.len();
    Ok((file, length))
}

async fn serve(
    mut file: File,
    length: u64,
    kind: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let asked = headers.get(header::RANGE).and_then(|it| it.to_str().ok());
    let range = asked.and_then(|text| Range::read(text, length));
    let (status, first, last) = match range {
        None => (StatusCode::OK, 0, length.saturating_sub(1)),
        Some(Range::Within { first, last }) => (StatusCode::PARTIAL_CONTENT, first, last),
        Some(Range::Beyond) => {
            let whole = format!("bytes */{length}");
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok((status, [(header::CONTENT_RANGE, whole)]).into_response());
        }
    };
    file.seek(SeekFrom::Start(first))
        .await
        .map_err(|error| Problem::fault(&error.into()))?;
    let size = if length == 0 { 0 } else { last - first + 1 };
    let mut answer = Response::new(Answer::from_stream(pieces(file, size)));
    *answer.status_mut() = status;
    let put = answer.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            put.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, kind);
    set(header::CONTENT_LENGTH, &size.to_string());
    set(header::ACCEPT_RANGES, "bytes");
    // It is a person's voice: kept by nobody on the way, and never taken for a page.
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CONTENT_DISPOSITION, "attachment");
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox",
    );
    if status == StatusCode::PARTIAL_CONTENT {
        set(
            header::CONTENT_RANGE,
            &format!("bytes {first}-{last}/{length}"),
        );
    }
    Ok(answer)
}

fn pieces(file: File, size: u64) -> impl stream::Stream<Item = std::io::Result<Vec<u8>>> {
    stream::unfold(Some((file, size)), |state| async move {
        let (mut file, left) = state.filter(|(_, left)| *left > 0)?;
        let mut piece = vec![0; left.min(PIECE) as usize];
        match file.read(&mut piece).await {
            // A file that became shorter ends the answer early, which the length in front shows.
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(piece), Some((file, left - read as u64))))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// The part of a file that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Within { first: u64, last: u64 },
    Beyond,
}

impl Range {
    // One range of bytes (RFC 9110 §14.1.2); anything else is answered with the whole.
    fn read(text: &str, length: u64) -> Option<Self> {
        let (first, last) = text.strip_prefix("bytes=")?.trim().split_once('-')?;
        let within = |first: u64, last: u64| match first < length && first <= last {
            true => Self::Within {
                first,
                last: last.min(length - 1),
            },
            false => Self::Beyond,
        };
        match (first, last) {
            ("", last) => {
                let last: u64 = last.parse().ok()?;
                Some(match last {
                    0 => Self::Beyond,
                    last => within(length.saturating_sub(last), u64::MAX),
                })
            }
            (first, "") => Some(within(first.parse().ok()?, u64::MAX)),
            (first, last) => {
                let (first, last) = (first.parse().ok()?, last.parse().ok()?);
                (first <= last).then(|| within(first, last))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let within = |first, last| Some(Range::Within { first, last });
        for (text, range) in [
            ("bytes=0-9", within(0, 9)),
            ("bytes=90-", within(90, 99)),
            ("bytes=90-500", within(90, 99)),
            ("bytes=-10", within(90, 99)),
            ("bytes=-500", within(0, 99)),
            ("bytes=100-", Some(Range::Beyond)),
            ("bytes=-0", Some(Range::Beyond)),
            ("bytes=9-0", None),
            ("bytes=0-1,5-6", None),
            ("bytes=a-b", None),
            ("items=0-9", None),
        ] {
            assert_eq!(Range::read(text, 100), range, "{text}");
        }
        assert_eq!(Range::read("bytes=0-", 0), Some(Range::Beyond));
    }
}
