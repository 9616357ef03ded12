//! Interactions begun and led by programs: for the house, or for a customer who reaches it by another program.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use hub::{
    input::{Actor, Asker, Done, Input, Introduction, Signed},
    scope::{SUBJECT, check_id, check_mail},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use ws::id::{InteractionId, Mid, Number, Seq, VisitorId, ZoneId};

use super::{
    Body,
    agents::{Escalation, Promise, Written, new_mid, wish::Wish, written},
    id,
    once::Ids,
};
use crate::net::{app::App, caller::Caller, problem::Problem};

/// A chat that a program opens for a customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The zone it comes by.
    #[schema(value_type = String)]
    zone: ZoneId,
    /// What the customer says first: 1 to 4,000 characters.
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
    /// Who the customer was in an earlier answer; a new one when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    visitor: Option<VisitorId>,
    /// Their name.
    #[serde(default)]
    name: Option<String>,
    /// Their mail address; 422 where it is none.
    #[serde(default)]
    mail: Option<String>,
    /// Where they come from.
    #[serde(default)]
    page: Option<String>,
    /// The page that led there.
    #[serde(default)]
    referrer: Option<String>,
    /// Your own id of the person, if you have proved who they are: 1 to 200 characters, as `sub` of a signed identity; with
    /// who numbers them before it, where the zone has an `identity_issuer`, such as `shop:42`. No card number.
    #[serde(default)]
    verified: Option<String>,
    /// The first message's id.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    mid: Option<Mid>,
}

impl Opening {
    // What a program says of a customer is held to what is asked of a signed identity and of a customer's record.
    fn check(&self, app: &App) -> Result<(), Problem> {
        let mail = self.mail.as_deref().filter(|mail| !mail.is_empty());
        mail.map_or(Ok(()), check_mail)?;
        let Some(verified) = &self.verified else {
            return Ok(());
        };
        let config = app.config.load();
        let zone = config.zone.get(&self.zone);
        let own = zone.and_then(|zone| zone.own_id(verified));
        check_id("customer's id", own.unwrap_or(verified), SUBJECT)?;
        Ok(())
    }
}

/// A chat that was opened, or goes on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Opened {
    #[schema(value_type = String)]
    interaction: InteractionId,
    /// Who the customer is from now on.
    #[schema(value_type = String)]
    visitor: VisitorId,
    #[schema(value_type = String)]
    mid: Mid,
    /// The first message's place in the timeline.
    #[schema(value_type = u64)]
    seq: Seq,
}

/// Who writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    /// The customer, whose words the program passes on.
    Customer,
    /// The house itself.
    #[default]
    House,
}

/// A message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomerMessage)]
pub struct Message {
    /// 1 to 4,000 characters.
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
    /// Who writes; the house when left out.
    #[serde(default)]
    from: Writer,
    /// Made by the writer; a repeat gets the first one's answer. Made from the Idempotency-Key when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    mid: Option<Mid>,
}

/// Opens a chat for a customer; the chat they have already in the zone goes on.
#[utoipa::path(post, path = "/api/v1/interactions", request_body = Opening, security(("bearer" = ["write:interactions"])), responses(
    (status = 201, body = Opened)))]
pub async fn open(
    State(app): State<Arc<App>>,
    Ids(mut ids): Ids,
    Body(opening): Body<Opening>,
) -> Result<(StatusCode, Json<Opened>), Problem> {
    if let Some(problem) = app.unready() {
        return Err(problem);
    }
    opening.check(&app)?;
    let candidate = InteractionId::mint(&mut ids);
    let visitor = opening.visitor.unwrap_or_else(|| VisitorId::mint(&mut ids));
    let mid = opening.mid.map_or_else(|| new_mid(&mut ids), Ok)?;
    // Whoever may open matters is believed.
    let verified = opening.verified.map(|subject| Signed {
        subject,
        name: opening.name.clone(),
        mail: opening.mail.clone(),
        number: None,
    });
    let who = Introduction {
        visitor,
        zone: opening.zone,
        name: opening.name,
        mail: opening.mail,
        verified,
        page: opening.page,
        referrer: opening.referrer,
        form: None,
    };
    let text = opening.text;
    let done = app
        .ask(|re| Input::OpenChat {
            candidate,
            who,
            mid,
            text,
            re,
        })
        .await?;
    let Done::Written {
        interaction,
        mid,
        seq,
    } = done
    else {
        return Err(Problem::otherwise("an opening"));
    };
    let opened = Opened {
        interaction,
        visitor,
        mid,
        seq,
    };
    Ok((StatusCode::CREATED, Json(opened)))
}

/// Writes into a chat, for the house or for its customer. A program writes nothing as the house to who is not to be contacted by `chat`.
#[utoipa::path(post, path = "/api/v1/interactions/{id}/messages", params(("id" = String, Path)), request_body = Message, security(("bearer" = ["write:interactions"])), responses(
    (status = 201, body = Written)))]
pub async fn say(
    State(app): State<Arc<App>>,
    caller: Caller,
    Ids(mut ids): Ids,
    Path(text): Path<String>,
    Body(message): Body<Message>,
) -> Result<(StatusCode, Json<Written>), Problem> {
    let interaction: InteractionId = id(&text)?;
    let by = match message.from {
        Writer::House => caller.actor(),
        Writer::Customer => customer(&app, interaction).await?,
    };
    let mid = message.mid.map_or_else(|| new_mid(&mut ids), Ok)?;
    let text = message.text;
    let done = app
        .ask(|re| Input::Say {
            interaction,
            by,
            mid,
            text,
            re,
        })
        .await?;
    written(done)
}

async fn customer(app: &App, interaction: InteractionId) -> Result<Actor, Problem> {
    let visitor = app
        .look(move |hub| {
            let found = hub.state().interaction(interaction)?;
            Some(found.visitor)
        })
        .await?;
    match visitor {
        Some(Some(visitor)) => Ok(Actor::Visitor(visitor)),
        Some(None) => Err(Problem::conflict(
            "there is no chat in this interaction, so its customer cannot write",
        )),
        None => Err(Problem::not_found(
            "there is no such interaction, or its record is closed",
        )),
    }
}

/// Turns a chat into a call to the customer's number.
#[utoipa::path(post, path = "/api/v1/interactions/{id}/escalate", params(("id" = String, Path)), request_body = Escalation, security(("bearer" = ["write:interactions"])), responses(
    (status = 202)))]
pub async fn escalate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
    Body(to): Body<Escalation>,
) -> Result<StatusCode, Problem> {
    let number: Number = to.number;
    lead(&app, &caller, &text, |interaction, by, re| {
        Input::Escalate {
            interaction,
            by,
            number,
            re,
        }
    })
    .await?;
    Ok(StatusCode::ACCEPTED)
}

/// Promises a call in an interaction.
#[utoipa::path(post, path = "/api/v1/interactions/{id}/callbacks", params(("id" = String, Path)), request_body = Wish, security(("bearer" = ["write:callbacks"])), responses(
    (status = 201, body = Promise)))]
pub async fn promise(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Promise>), Problem> {
    let done = lead(&app, &caller, &text, |interaction, by, re| {
        Input::AskCallback {
            interaction,
            queue: None,
            by,
            number: wish.number.clone(),
            at: wish.at,
            wish: wish.more(),
            re,
        }
    })
    .await?;
    let Done::Promised { callback } = done else {
        return Err(Problem::otherwise("a promise"));
    };
    Ok((StatusCode::CREATED, Json(Promise { callback })))
}

/// Ends the call of an interaction; its chat, if there is one, stays open.
#[utoipa::path(post, path = "/api/v1/interactions/{id}/hang-up", params(("id" = String, Path)), security(("bearer" = ["write:interactions"])), responses(
    (status = 204)))]
pub async fn hang_up(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    lead(&app, &caller, &text, |interaction, by, re| Input::HangUp {
        interaction,
        by,
        re,
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the contact.
#[utoipa::path(post, path = "/api/v1/interactions/{id}/end", params(("id" = String, Path)), security(("bearer" = ["write:interactions"])), responses(
    (status = 204)))]
pub async fn end(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    lead(&app, &caller, &text, |interaction, by, re| Input::End {
        interaction,
        by,
        re,
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn lead(
    app: &App,
    caller: &Caller,
    text: &str,
    make: impl FnOnce(InteractionId, Actor, Asker) -> Input,
) -> Result<Done, Problem> {
    let interaction = id(text)?;
    let by = caller.actor();
    app.ask(|re| make(interaction, by, re)).await
}
