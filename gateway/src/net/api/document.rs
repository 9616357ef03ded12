//! The OpenAPI document, made from the code: the routes as they are annotated, and around each what all have in common.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::{
    agents, board, callbacks, consents, crossings, customers, files, interactions, links, login,
    mails, matters, queues, recordings, replies, rewriting, route, staff, texts, tokens,
    transcripts, visitors, zones,
};
use crate::net::problem::Problem;

use super::webhooks;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tandem",
        description = "Visitors, agents and the record of interactions. Times are milliseconds since 1970; ids are as they stand in the journal. Every error is application/problem+json."
    ),
    paths(
        visitors::become_visitor,
        visitors::zone,
        zones::choose,
        transcripts::mail,
        crossings::arrive,
        login::login,
        login::renew,
        login::sign_out,
        interactions::record,
        interactions::container,
        recordings::find,
        recordings::list,
        recordings::sound,
        recordings::change,
        recordings::change_as_agent,
        recordings::sound_for_agent,
        links::merge,
        links::unmerge,
        interactions::list,
        customers::find,
        customers::customer,
        customers::describe,
        customers::note,
        customers::link,
        customers::merge,
        customers::unmerge,
        customers::export,
        customers::erase,
        callbacks::list,
        callbacks::promise,
        callbacks::one,
        callbacks::revise,
        callbacks::cancel,
        consents::standing,
        consents::change,
        consents::history,
        board::board,
        queues::queues,
        queues::one,
        replies::list,
        texts::of,
        files::visitor_sends,
        files::agent_sends,
        files::visitor_fetches,
        files::fetch,
        route::route,
        webhooks::list,
        webhooks::one,
        webhooks::ping,
        webhooks::resume,
        webhooks::dead,
        webhooks::retry_all,
        webhooks::retry,
        webhooks::drop_dead,
        mails::standing,
        mails::dead,
        mails::retry_all,
        mails::retry,
        mails::drop_dead,
        matters::open,
        matters::say,
        matters::escalate,
        matters::promise,
        matters::hang_up,
        matters::end,
        agents::list,
        staff::hire,
        staff::password,
        staff::dismiss,
        agents::one,
        agents::at_desk,
        agents::presence,
        agents::accept,
        agents::decline,
        agents::say,
        rewriting::rewrite,
        rewriting::unwrite,
        agents::typing,
        agents::receipt,
        agents::escalate,
        agents::promise,
        agents::cancel,
        agents::hang_up,
        agents::end,
        agents::wrap_up,
        agents::calls::transfer,
        agents::calls::consult,
        agents::calls::complete,
        agents::calls::take_back,
        agents::calls::conference,
        agents::calls::dismiss,
        agents::calls::supervise,
        agents::calls::whisper,
        agents::pages::page,
        agents::pages::code,
        agents::console::open,
        agents::console::headset,
        agents::console::board,
        agents::console::media,
        agents::console::see,
        agents::console::leave,
        agents::calls::hold,
        agents::calls::mute,
        agents::calls::digits,
        agents::more::park,
        agents::more::memo,
        agents::more::memos_read,
        agents::more::unpark,
        agents::more::note,
        agents::more::hand_over,
        agents::more::invite,
        agents::more::withdraw,
        agents::more::leave,
        agents::more::extend,
        agents::more::presence_of,
        tokens::me,
        tokens::list,
        tokens::one,
        tokens::make,
        tokens::revoke,
    ),
    components(schemas(Problem)),
    modifiers(&Bearers)
)]
struct Document;

struct Bearers;

impl utoipa::Modify for Bearers {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let bearer = SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some(
                    "An API token, or an agent's credential. What it must be allowed to do stands beside each call.",
                ))
                .build(),
        );
        document
            .components
            .get_or_insert_with(Default::default)
            .add_security_scheme("bearer", bearer);
    }
}

/// The methods an operation can have in a path.
pub const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Returns the document.
pub fn document() -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    for (path, method, operation) in operations_mut(&mut document) {
        complete(&method, operation);
        if path.contains("/files") {
            stand_alone(operation);
        }
        tell_headers(operation);
        describe(operation);
        name(operation);
    }
    document["components"]["responses"]["Problem"] = json!({
        "description": "What was wrong, and what would be right.",
        "headers": {
            "Retry-After": answers_header("After so many seconds it may be tried again; with 429 and 503."),
            "Idempotency-Replayed": answers_header(REPLAYED),
        },
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    document
}

/// Returns every operation with its path and its method in lower case.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let found = METHODS.into_iter().filter_map(|method| {
            let operation = item.get(method)?;
            Some((path.as_str(), method, operation))
        });
        found.collect::<Vec<_>>()
    })
}

fn operations_mut(document: &mut Value) -> Vec<(String, String, &mut Map<String, Value>)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let mut found = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                found.push((path.clone(), method.clone(), operation));
            }
        }
    }
    found
}

/// Returns the scopes an operation names; none when everybody may call it.
pub fn scopes_of(operation: &Value) -> Option<Vec<&str>> {
    let requirement = operation.get("security")?.get(0)?.get("bearer")?;
    let scopes = requirement.as_array()?.iter().filter_map(Value::as_str);
    Some(scopes.collect())
}

// Files stand beside conditions and kept answers: what is in one never changes, and their sender's `mid` makes a repeat
// harmless.
fn stand_alone(operation: &mut Map<String, Value>) {
    let left_out = ["Idempotency-Key", "If-Match", "If-None-Match"];
    if let Some(parameters) = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut)
    {
        parameters.retain(|one| {
            one["name"]
                .as_str()
                .is_none_or(|name| !left_out.contains(&name))
        });
    }
    if let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    {
        responses.remove("304");
        responses.remove("412");
    }
}

// What every operation has, so that no annotation can forget it: errors, and the headers of conditions and repeats.
fn complete(method: &str, operation: &mut Map<String, Value>) {
    let secured = operation.contains_key("security");
    let reads = method == "get";
    let mut errors: Vec<u16> = vec![400, 403, 404, 405, 408, 413, 422, 429, 500, 503];
    if secured {
        errors.push(401);
    }
    if !reads {
        errors.extend([409, 412]);
    }
    let scopes = scopes_of(&Value::Object(operation.clone()))
        .map(|scopes| scopes.join(", "))
        .unwrap_or_default();
    if !scopes.is_empty() {
        let told = operation
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let told = format!("{told}\n\nNeeds the scope {scopes}.");
        operation.insert("description".to_owned(), json!(told.trim()));
    }
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let told = responses.as_object().into_iter().flat_map(Map::keys);
    let mut statuses: BTreeSet<String> = told.filter(|status| is_error(status)).cloned().collect();
    statuses.extend(errors.iter().map(u16::to_string));
    for status in statuses {
        responses[status] = json!({ "$ref": "#/components/responses/Problem" });
    }
    let mut parameters = Vec::new();
    let header = |name: &str, what: &str| json!({ "name": name, "in": "header", "required": false, "description": what, "schema": { "type": "string" } });
    if reads {
        responses["304"] = json!({ "description": "It is as the If-None-Match says." });
        parameters.push(header(
            "If-None-Match",
            "ETags already known; 304 if one of them still fits.",
        ));
    } else {
        parameters.push(header(
            "If-Match",
            "The ETag that GET of this path must still have, or 412.",
        ));
        if secured {
            parameters.push(header("Idempotency-Key", "1 to 255 printable characters. For 24 hours the same key and request get the same answer; another request with the key gets 422, one that still runs 409."));
        }
    }
    let known = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(known) = known.as_array_mut() {
        known.extend(parameters);
    }
}

// What answers that are no errors say in their headers.
fn tell_headers(operation: &mut Map<String, Value>) {
    let takes = |name: &str| {
        let known = operation.get("parameters").and_then(Value::as_array);
        known.is_some_and(|known| known.iter().any(|one| one["name"] == name))
    };
    let mut headers = Map::new();
    if takes("If-None-Match") {
        let etag = answers_header("Stands for this very answer.");
        headers.insert("ETag".to_owned(), etag);
    }
    if takes("after") {
        let next =
            "The page behind this one, as `<path>; rel=\"next\"` (RFC 8288); none on the last.";
        headers.insert("Link".to_owned(), answers_header(next));
    }
    if takes("Idempotency-Key") {
        headers.insert("Idempotency-Replayed".to_owned(), answers_header(REPLAYED));
    }
    let responses = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    let well = responses.into_iter().flatten();
    for (_, response) in well.filter(|(status, _)| status.starts_with('2')) {
        response["headers"] = Value::Object(headers.clone());
    }
}

// OpenAPI 3.1 §4.8.17: each response has a description. Where an annotation writes none, its status says it.
fn describe(operation: &mut Map<String, Value>) {
    let responses = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        let is_told = |told: &Value| told.as_str().is_some_and(|text| !text.is_empty());
        if response.get("$ref").is_none() && !response.get("description").is_some_and(is_told) {
            response["description"] = json!(meaning(status));
        }
    }
}

// OpenAPI 3.1 §4.8.10: no two operations have one id. A handler's name is its own within its module only, which is its tag.
fn name(operation: &mut Map<String, Value>) {
    let tag = operation.get("tags").and_then(|tags| tags[0].as_str());
    let handler = operation.get("operationId").and_then(Value::as_str);
    if let (Some(tag), Some(handler)) = (tag, handler) {
        let whole = format!("{}_{handler}", tag.replace("::", "_"));
        operation.insert("operationId".to_owned(), json!(whole));
    }
}

fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "What was asked for.",
        "201" => "It was made.",
        "202" => "It was taken, and happens now.",
        "204" => "It was done; there is no body.",
        "206" => "The part that was asked for.",
        _ => "What its status means (RFC 9110 §15).",
    }
}

const REPLAYED: &str =
    "`true` where this is the answer that an earlier request with the same Idempotency-Key got.";

fn answers_header(what: &str) -> Value {
    json!({ "description": what, "schema": { "type": "string" } })
}

fn is_error(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_has_pages_tells_of_the_next() {
        let document = document();
        let mut lists = 0;

        for (path, method, operation) in operations(&document) {
            let known = operation["parameters"].as_array().unwrap();
            let has_pages = known.iter().any(|one| {
                let told = one["description"].as_str();
                one["in"] == "query" && told.is_some_and(|told| told.contains("`Link` header"))
            });
            let told = operation["responses"]["200"]["headers"]["Link"].is_object();
            assert_eq!(told, has_pages, "{method} {path}");
            lists += usize::from(has_pages);
        }
        assert!(lists >= 5, "{lists}");
    }

    #[test]
    fn every_response_is_described() {
        let document = document();
        let shared = document["components"]["responses"].as_object().unwrap();
        let shared = shared.iter().map(|(name, one)| (name.clone(), one));
        let own = operations(&document).flat_map(|(path, method, operation)| {
            let responses = operation["responses"].as_object().unwrap().iter();
            let own = responses.filter(|(_, response)| response.get("$ref").is_none());
            own.map(move |(status, response)| (format!("{method} {path} {status}"), response))
        });

        let mut described = 0;
        for (what, response) in own.chain(shared) {
            let told = response["description"].as_str().unwrap_or_default();
            assert!(!told.is_empty(), "{what}");
            assert_ne!(
                told,
                meaning("4XX"),
                "{what}: its status has no meaning here"
            );
            described += 1;
        }
        assert!(described > 100, "{described}");
    }

    #[test]
    fn no_two_operations_have_one_id() {
        let document = document();
        let mut known = BTreeSet::new();

        for (path, method, operation) in operations(&document) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(known.insert(id), "{method} {path}: {id}");
        }
        assert!(known.contains("tokens_list") && known.contains("agents_calls_hold"));
    }

    #[test]
    fn every_error_is_told_as_a_problem() {
        let document = document();

        for (path, method, operation) in operations(&document) {
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("400"), "{method} {path}");
            for (status, response) in responses.iter().filter(|(status, _)| is_error(status)) {
                let problem = "#/components/responses/Problem";
                assert_eq!(response["$ref"], problem, "{method} {path} {status}");
            }
        }
    }
}
