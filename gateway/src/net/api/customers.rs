//! Customers: one record each, found, described, merged, exported and erased.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use hub::{
    Event,
    customer::{Field, Identity, Order},
    input::Input,
    redact::redact,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use ws::id::{CustomerId, Number};

use super::{Body, callbacks::given, id, once::Cut};
use crate::{
    net::{app::App, caller::Caller, problem::Problem},
    store::{
        archive, matters,
        people::{self, CustomerLine, Export},
    },
};

/// By what a customer is looked for: one of these.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Clue {
    /// A number, as it stands in the record.
    number: Option<String>,
    /// A mail address that came with a signed identity.
    mail: Option<String>,
    /// The subject of a signed identity.
    subject: Option<String>,
    /// An id of another system, such as `crm:4711`.
    external: Option<String>,
}

/// Whoever was found: none or one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    customers: Vec<CustomerLine>,
}

/// What is to be known of a customer; what is left out stays as it is, and null or an empty text clears it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Description {
    /// The name.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    /// A number, beside those that are known; cleared, the one that is shown goes, and nobody is found by it.
    #[serde(deserialize_with = "given_number")]
    #[schema(value_type = Option<String>)]
    number: Option<Option<Number>>,
    /// A mail address, likewise.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    mail: Option<Option<String>>,
    /// What they are worth to the house, 0 to 9; cleared, 0.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<u8>)]
    value: Option<Option<u8>>,
}

// An empty text is no number.
fn given_number<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Number>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let text = text.filter(|text| !text.is_empty());
    let number = text.map(|text| text.parse()).transpose();
    number.map(Some).map_err(serde::de::Error::custom)
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// 1 to 4,000 characters.
    text: String,
}

/// Another system's id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// At most 100 characters.
    id: String,
}

/// A record that is the same person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// Which; it becomes part of the one in the path.
    #[schema(value_type = String)]
    customer: CustomerId,
    /// Why, at most 200 characters.
    reason: String,
}

/// Why something is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// At most 200 characters.
    pub(super) reason: String,
}

/// Finds a customer by what they are known by.
#[utoipa::path(get, path = "/api/v1/customers", params(Clue), security(("bearer" = ["read:customers"])), responses(
    (status = 200, body = Found)))]
pub async fn find(
    State(app): State<Arc<App>>,
    Query(clue): Query<Clue>,
) -> Result<Json<Found>, Problem> {
    let external = clue.external.map(|text| {
        let wrong =
            || Problem::bad_request("external: write the system and its id, such as crm:4711");
        let (system, id) = text.split_once(':').ok_or_else(wrong)?;
        Ok::<_, Problem>(Identity::External {
            system: system.to_owned(),
            id: id.to_owned(),
        })
    });
    let clues = [
        clue.number
            .as_deref()
            .map(|number| id(number).map(|number| Identity::Number(app.read_number(&number)))),
        clue.mail.as_deref().and_then(Identity::mail).map(Ok),
        clue.subject.map(|subject| Ok(Identity::Subject(subject))),
        external,
    ];
    let clues: Vec<Identity> = clues.into_iter().flatten().collect::<Result<_, _>>()?;
    let [identity] = <[Identity; 1]>::try_from(clues).map_err(|clues| {
        Problem::bad_request(format!(
            "{} clues: give one of number, mail, subject or external",
            clues.len()
        ))
    })?;
    let found = app
        .read(move |connection| {
            let Some(found) = archive::leads_to(connection, &identity)? else {
                return Ok(None);
            };
            match found.parse() {
                Ok(customer) => people::customer(connection, customer),
                Err(_) => Ok(None),
            }
        })
        .await?;
    let customers = found.into_iter().collect();
    Ok(Json(Found { customers }))
}

/// Returns a customer with their newest interactions; of a merged record, the customer it is part of.
#[utoipa::path(get, path = "/api/v1/customers/{id}", params(("id" = String, Path)), security(("bearer" = ["read:customers"])), responses(
    (status = 200, body = CustomerLine)))]
pub async fn customer(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<CustomerLine>, Problem> {
    let customer = id(&text)?;
    let found = app
        .read(move |connection| people::customer(connection, customer))
        .await?;
    found.map(Json).ok_or_else(|| unknown(customer))
}

/// Says how a customer is called and reached, and what they are worth.
#[utoipa::path(patch, path = "/api/v1/customers/{id}", params(("id" = String, Path)), request_body = Description, security(("bearer" = ["write:customers"])), responses(
    (status = 204)))]
pub async fn describe(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
    Body(said): Body<Description>,
) -> Result<StatusCode, Problem> {
    let mut cleared = Vec::new();
    let written = |text: &String| !text.is_empty();
    let name = said.name.map(|name| name.filter(written));
    let name = settle(name, Field::Name, &mut cleared);
    let mail = said.mail.map(|mail| mail.filter(written));
    let mail = settle(mail, Field::Mail, &mut cleared);
    let number = settle(said.number, Field::Number, &mut cleared);
    let value = said.value.map(Option::unwrap_or_default);
    let said = match (&name, &number, &mail, value) {
        (None, None, None, None) if cleared.is_empty() => return Ok(StatusCode::NO_CONTENT),
        (None, None, None, Some(value)) if cleared.is_empty() => Order::Value(value),
        _ => Order::Describe {
            cleared,
            name,
            number,
            mail,
            value,
        },
    };
    order(&app, &caller, &text, said).await
}

// What is given and empty is cleared.
fn settle<T>(said: Option<Option<T>>, field: Field, cleared: &mut Vec<Field>) -> Option<T> {
    if matches!(said, Some(None)) {
        cleared.push(field);
    }
    said.flatten()
}

/// Notes something about a customer.
#[utoipa::path(post, path = "/api/v1/customers/{id}/notes", params(("id" = String, Path)), request_body = Note, security(("bearer" = ["write:customers"])), responses(
    (status = 204)))]
pub async fn note(
    State(app): State<Arc<App>>,
    caller: Caller,
    Cut(since): Cut,
    Path(customer): Path<String>,
    Body(Note { text }): Body<Note>,
) -> Result<StatusCode, Problem> {
    if let Some(since) = since {
        let (customer, wanted) = (id(&customer)?, redact(&text).into_owned());
        let found = app
            .read(move |connection| people::customer(connection, customer))
            .await?;
        let notes = found.iter().flat_map(|found| &found.notes);
        let mut notes = notes.filter(|note| note.at >= since.0.cast_signed());
        if notes.any(|note| note.text == wanted) {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    order(&app, &caller, &customer, Order::Note { text }).await
}

/// Says what id another system has for a customer.
#[utoipa::path(put, path = "/api/v1/customers/{id}/external/{system}", params(("id" = String, Path), ("system" = String, Path)), request_body = Link, security(("bearer" = ["write:customers"])), responses(
    (status = 204)))]
pub async fn link(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((text, system)): Path<(String, String)>,
    Body(link): Body<Link>,
) -> Result<StatusCode, Problem> {
    let link = Order::Link {
        system,
        id: link.id,
    };
    order(&app, &caller, &text, link).await
}

/// Makes another record part of this one.
#[utoipa::path(post, path = "/api/v1/customers/{id}/merge", params(("id" = String, Path)), request_body = Merge, security(("bearer" = ["write:customers"])), responses(
    (status = 204)))]
pub async fn merge(
    State(app): State<Arc<App>>,
    caller: Caller,
    cut: Cut,
    Path(text): Path<String>,
    Body(merge): Body<Merge>,
) -> Result<StatusCode, Problem> {
    let (whole, part): (CustomerId, _) = (id(&text)?, merge.customer);
    let merge = Order::Merge {
        other: merge.customer,
        reason: merge.reason,
    };
    let done = order(&app, &caller, &text, merge).await;
    // Either may stand for the record that it was part of already.
    let is_it = move |event: &Event| matches!(event, Event::CustomersMerged { kept, merged, .. } if *kept == whole || *merged == part);
    cut.unless_done(&app, done, is_it).await
}

/// Takes a record out of the one it was merged into; both are as they were.
#[utoipa::path(post, path = "/api/v1/customers/{id}/unmerge", params(("id" = String, Path)), request_body = Reason, security(("bearer" = ["write:customers"])), responses(
    (status = 204)))]
pub async fn unmerge(
    State(app): State<Arc<App>>,
    caller: Caller,
    cut: Cut,
    Path(text): Path<String>,
    Body(reason): Body<Reason>,
) -> Result<StatusCode, Problem> {
    let customer: CustomerId = id(&text)?;
    let across = app
        .read(move |connection| matters::across(connection, customer))
        .await?;
    if !across.is_empty() {
        return Err(Problem::conflict(format!(
            "contacts of the two are merged, and each would tell of the other: take {} apart first (POST /api/v1/interactions/{{id}}/unmerge)",
            across.join(", ")
        )));
    }
    let unmerge = Order::Unmerge {
        reason: reason.reason,
    };
    let done = order(&app, &caller, &text, unmerge).await;
    let is_it = move |event: &Event| matches!(event, Event::CustomersUnmerged { merged, .. } if *merged == customer);
    cut.unless_done(&app, done, is_it).await
}

/// Returns everything there is about a customer.
#[utoipa::path(get, path = "/api/v1/customers/{id}/export", params(("id" = String, Path)), security(("bearer" = ["admin:privacy"])), responses(
    (status = 200, body = Export)))]
pub async fn export(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<Export>, Problem> {
    let customer = id(&text)?;
    let found = app
        .read(move |connection| people::export(connection, customer))
        .await?;
    found.map(Json).ok_or_else(|| unknown(customer))
}

/// Erases everything personal of a customer, in all their records. What goes on with them ends. `erased.finished_at` of
/// the customer says when nothing is left. What of the reason tells who they were is written as `…`.
#[utoipa::path(post, path = "/api/v1/customers/{id}/erase", params(("id" = String, Path)), request_body = Reason, security(("bearer" = ["admin:privacy"])), responses(
    (status = 202)))]
pub async fn erase(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
    Body(reason): Body<Reason>,
) -> Result<StatusCode, Problem> {
    let erase = Order::Erase {
        reason: reason.reason,
    };
    order(&app, &caller, &text, erase).await?;
    Ok(StatusCode::ACCEPTED)
}

async fn order(
    app: &App,
    caller: &Caller,
    text: &str,
    order: Order,
) -> Result<StatusCode, Problem> {
    if let Some(problem) = app.unready() {
        return Err(problem);
    }
    let customer = id(text)?;
    let by = caller.actor();
    app.ask(|re| Input::Customer {
        customer,
        order,
        by,
        re,
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn unknown(customer: CustomerId) -> Problem {
    Problem::not_found(format!("there is no customer {customer}"))
}
