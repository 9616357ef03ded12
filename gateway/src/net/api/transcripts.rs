//! A visitor has a chat of theirs mailed, once it ended: to few addresses, once to each.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use hub::{Event, Fact, event::Party, input::Input};
use serde::Deserialize;
use utoipa::ToSchema;
use ws::id::{CustomerId, InteractionId, VisitorId};

use super::{Body, Peer};
use crate::{
    auth::Bearer,
    mail::conversation::mailed,
    metrics,
    net::{app::App, origin, problem::Problem},
    store::read,
};

/// The addresses one chat is mailed to at most.
const ADDRESSES: usize = 3;
/// Seconds.
const HOUR: u64 = 3_600;

/// Which chat is to be mailed where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// The chat; it has ended.
    #[schema(value_type = String)]
    interaction: InteractionId,
    /// The mail address.
    mail: String,
}

/// Mails what was said in a chat that an agent took and that ended to an address that its visitor names; once to each, and to three at
/// most. It takes the visitor's credential, from a page of its zone. Asked again for the same address, it answers the same and mails nothing.
#[utoipa::path(post, path = "/api/v1/visitors/transcripts", request_body = Transcript, responses(
    (status = 202), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub async fn mail(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(wish): Body<Transcript>,
) -> Result<StatusCode, Problem> {
    app.admit_visitor(peer.address.ip(), &headers, "requests")?;
    let visitor = visitor(&app, &headers)?;
    let id = wish.interaction;
    let found = app.read(move |connection| {
        let facts = read::facts(connection, id)?;
        let customer = theirs(&facts, visitor);
        let mailed = customer.map(|customer| mailed(connection, customer, id));
        let any = |is: fn(&Event) -> bool| facts.iter().any(|fact| is(&fact.event));
        let ended = any(|event| matches!(event, Event::Ended { .. }));
        let met = any(|event| matches!(event, Event::Assigned { .. }));
        let mailed = mailed.transpose()?.unwrap_or_default();
        Ok((customer, (ended, met), mailed))
    });
    let (customer, (ended, met), mailed) = found.await?;
    let customer =
        customer.ok_or_else(|| Problem::forbidden("this interaction belongs to somebody else"))?;
    if !ended {
        return Err(Problem::conflict(
            "this chat goes on; ask when it has ended",
        ));
    }
    if !met {
        return Err(Problem::conflict(
            "no agent was in this chat; only a conversation is mailed",
        ));
    }
    if mailed
        .iter()
        .any(|(_, to)| to.eq_ignore_ascii_case(&wish.mail))
    {
        return Ok(StatusCode::ACCEPTED);
    }
    if mailed.len() >= ADDRESSES {
        return Err(Problem::conflict(format!(
            "this chat was mailed to {ADDRESSES} addresses already, which is the most"
        )));
    }
    if !app
        .limits
        .transcript(app.address(peer.address.ip(), &headers), &wish.mail)
    {
        metrics::refused("rate");
        return Err(Problem::too_many(
            HOUR,
            "too many chats were mailed from, or to, this address; try again in an hour",
        ));
    }
    let to = wish.mail;
    app.ask(|re| Input::MailTranscript {
        interaction: id,
        customer,
        to,
        re,
    })
    .await?;
    Ok(StatusCode::ACCEPTED)
}

fn visitor(app: &App, headers: &HeaderMap) -> Result<VisitorId, Problem> {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = shown.and_then(|text| text.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| {
        Problem::unauthorized("show the visitor's credential as `Authorization: Bearer …`")
    })?;
    match app.mint.bearer(token, app.now()) {
        Ok(Bearer::Visitor { visitor, zone, .. }) => {
            origin::check_zone(&app.config.load(), &zone, headers)?;
            Ok(visitor)
        }
        Ok(Bearer::Agent(_)) => Err(Problem::forbidden("an agent has no chats as a visitor")),
        Err(rejected) => Err(Problem::unauthorized(rejected.to_string())),
    }
}

// Whose record it is, where the chat was this visitor's.
fn theirs(facts: &[Fact], visitor: VisitorId) -> Option<CustomerId> {
    let mut own = false;
    let mut customer = None;
    for fact in facts {
        match &fact.event {
            Event::Opened {
                customer: known, ..
            }
            | Event::CustomerKnown {
                customer: known, ..
            } => customer = Some(*known),
            Event::LegStarted {
                party: Party::CustomerChat { visitor: theirs },
                ..
            } => own |= *theirs == visitor,
            _ => {}
        }
    }
    customer.filter(|_| own)
}
