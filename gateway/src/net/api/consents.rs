//! Who may be contacted by what.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, Query, State},
};
use hub::{
    Hub,
    consent::{Change, Mark, Source, Statement, Subject},
    input::Input,
};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::{
    consent::ContactChannel,
    id::{InteractionId, Timestamp},
};

use super::{
    Body,
    customers::unknown,
    id,
    paging::{Page, Paging},
};
use crate::{
    auth::scope::Scope,
    metrics,
    net::{
        app::App,
        caller::{Caller, Who},
        problem::Problem,
    },
    store::{
        consents::{self, ConsentRecord},
        people,
    },
};

/// How it stands with one subject.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// Whose: `customer:<id>`, `number:<number>` or `mail:<address>`.
    subject: String,
    /// One line a channel.
    channels: Vec<ChannelView>,
}

/// How it stands with one channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelView {
    /// `voice`, `chat` or `mail`.
    channel: &'static str,
    /// Whether the gate lets a contact pass now, as far as this subject is concerned.
    allowed: bool,
    /// Why not: `suppressed`, `withdrawn`, `no_consent` or `listed`.
    reason: Option<&'static str>,
    /// What counts of what the customer said, or what they said last.
    consent: Option<MarkView>,
    /// What counts of what the house said, or what it said last.
    suppression: Option<MarkView>,
}

/// What was said.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarkView {
    /// Whether it lets a contact pass.
    allows: bool,
    /// When it was said.
    at: u64,
    /// From where it was learnt: `keyword`, `keypad`, `link`, `agent`, `api` or `network`.
    source: &'static str,
    /// Why.
    reason: Option<String>,
    /// Until when it counts; for good when there is none.
    until: Option<u64>,
}

/// What is to be said of a subject.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentWish {
    /// `voice`, `chat` or `mail`.
    #[schema(value_type = String)]
    channel: ContactChannel,
    /// `given` or `withdrawn` for the customer; `suppressed` or `unsuppressed` for the house, of which the
    /// last is refused to agents who are no supervisors.
    #[schema(value_type = String)]
    change: Change,
    /// Why, at most 100 characters.
    #[serde(default)]
    reason: Option<String>,
    /// Until when it counts; for good when left out. Afterwards what was said before and forbids contact for longer counts again.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    until: Option<Timestamp>,
    /// In which interaction it was said: one with the customer or by the address, whose record is not closed. It stands in its
    /// record then, and in the history.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    interaction: Option<InteractionId>,
}

/// How much is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Much {
    /// How many at a time, 1 to 200.
    limit: Option<u32>,
    /// Those before this one, as the `Link` header of the page before names it.
    after: Option<String>,
}

/// What was said of a subject, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentHistory {
    history: Vec<ConsentRecord>,
}

/// Tells how it stands with a customer or an address.
#[utoipa::path(get, path = "/api/v1/consents/{subject}", params(("subject" = String, Path, description = "`customer:<id>`, `number:<number>` or `mail:<address>`")), security(("bearer" = ["read:customers"])), responses(
    (status = 200, body = ConsentView)))]
pub async fn standing(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<ConsentView>, Problem> {
    let subject = known(&app, &text).await?;
    Ok(Json(stands(&app, subject).await?))
}

/// Says something of a customer or an address. Promised calls that it forbids end at once. What the house suppressed is lifted by a
/// program or a supervisor, by an agent not (403).
#[utoipa::path(put, path = "/api/v1/consents/{subject}", params(("subject" = String, Path)), request_body = ConsentWish, security(("bearer" = ["write:customers"])), responses(
    (status = 200, body = ConsentView)))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
    Body(wish): Body<ConsentWish>,
) -> Result<Json<ConsentView>, Problem> {
    let subject = app.subject(id(&text)?);
    if wish.change == Change::Unsuppressed && !may_lift(&caller) {
        metrics::refused("scope");
        return Err(Problem::forbidden(
            "what the house blocks is unblocked by a supervisor or a program",
        ));
    }
    let now = app.now();
    if wish.until.is_some_and(|until| until <= now) {
        return Err(Problem::unprocessable(
            "`until` has passed; give a later time, or leave it out for good",
        ));
    }
    let said = Statement {
        subject: subject.clone(),
        channel: wish.channel,
        change: wish.change,
        source: match caller.who {
            Who::Agent(_) => Source::Agent,
            Who::Program { .. } => Source::Api,
        },
        reason: wish.reason,
        until: wish.until,
        by: None,
    };
    let by = caller.actor();
    app.ask(|re| Input::SetConsent {
        said,
        interaction: wish.interaction,
        by,
        re,
    })
    .await?;
    Ok(Json(stands(&app, subject).await?))
}

// An agent says what customers say; who lifts what the house said decides for the house.
fn may_lift(caller: &Caller) -> bool {
    match caller.who {
        Who::Agent(_) => caller.scopes.contains(&Scope::AdminPrivacy),
        Who::Program { .. } => true,
    }
}

/// What places in such lists are signed for.
const HISTORY: &str = "consents";

/// Lists what was said of a customer or an address.
#[utoipa::path(get, path = "/api/v1/consents/{subject}/history", params(("subject" = String, Path), Much), security(("bearer" = ["read:customers"])), responses(
    (status = 200, body = ConsentHistory)))]
pub async fn history(
    State(app): State<Arc<App>>,
    OriginalUri(uri): OriginalUri,
    Path(text): Path<String>,
    Query(much): Query<Much>,
) -> Result<Page<ConsentHistory>, Problem> {
    let subject = known(&app, &text).await?;
    let paging = Paging::of(&uri, much.limit, much.after, 100)?;
    let places = app.mint.cursors();
    let after: Option<i64> = paging.behind(places, HISTORY)?;
    let limit = paging.reach();
    let subjects = app.look(move |hub| hub.of_whom(&subject)).await?;
    let found = app
        .read(move |connection| consents::history(connection, &subjects, after, limit))
        .await?;
    let (page, next) = paging.cut(found, |(row, _)| {
        places.sign_name(HISTORY, &row.to_string())
    });
    let history = page.into_iter().map(|(_, said)| said).collect();
    Ok(Page(ConsentHistory { history }, next))
}

// A subject of which can be told how it stands: any address, and a customer who is or was on record or has said something.
async fn known(app: &App, text: &str) -> Result<Subject, Problem> {
    let subject = app.subject(id(text)?);
    let Subject::Customer(customer) = subject else {
        return Ok(subject);
    };
    let whom = subject.clone();
    let here = move |hub: &Hub| {
        let state = hub.state();
        let said = |channel| state.consents().get(&whom, channel).is_some();
        state.customers().record(customer).is_some() || ContactChannel::ALL.into_iter().any(said)
    };
    if app.look(here).await? {
        return Ok(subject);
    }
    let kept = app.read(move |connection| people::customer(connection, customer));
    match kept.await? {
        Some(_) => Ok(subject),
        None => Err(unknown(customer)),
    }
}

// The hub knows how it stands, the table why.
async fn stands(app: &App, subject: Subject) -> Result<ConsentView, Problem> {
    let (whom, now) = (subject.clone(), app.now());
    let standing = app.look(move |hub| {
        let (consents, all) = (hub.state().consents(), hub.of_whom(&whom));
        let owned = |(whose, mark): (&Subject, &Mark)| (whose.clone(), mark.clone());
        ContactChannel::ALL.map(|channel| {
            let consent = consents.last(&all, channel, now, |known| known.consent.as_ref());
            let house = consents.last(&all, channel, now, |known| known.suppression.as_ref());
            let last = (consent.map(owned), house.map(owned));
            (channel, hub.bar(&whom, channel, now), last)
        })
    });
    let standing = standing.await?;
    let read = app.read(move |connection| {
        let each = standing.into_iter().map(|(channel, bar, last)| {
            let mark = |last: Option<(Subject, Mark)>| {
                let view = |(whose, mark)| MarkView::new(&mark, connection, &whose, channel);
                last.map(view).transpose()
            };
            Ok(ChannelView {
                channel: channel.word(),
                allowed: bar.is_none(),
                reason: bar.map(|bar| hub::gate::Closed::from(bar).word()),
                consent: mark(last.0)?,
                suppression: mark(last.1)?,
            })
        });
        Ok(ConsentView {
            subject: subject.to_string(),
            channels: each.collect::<rusqlite::Result<_>>()?,
        })
    });
    Ok(read.await?)
}

impl MarkView {
    fn new(
        mark: &Mark,
        connection: &Connection,
        subject: &Subject,
        channel: ContactChannel,
    ) -> rusqlite::Result<Self> {
        Ok(Self {
            allows: mark.allows,
            at: mark.at.0,
            source: mark.source.word(),
            reason: consents::reason(connection, subject, channel, mark.at)?,
            until: mark.until.map(|until| until.0),
        })
    }
}
