//! The AsyncAPI document, made from the types: everything that is said on the two WebSockets.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};
use ws::{agent, frame::Refusal, visitor};

const SCHEMAS: &str = "#/components/schemas/";

/// Returns the document.
pub fn document() -> Value {
    let mut made = Made::default();
    made.side::<visitor::Request, visitor::Done, visitor::Push>(
        "visitor",
        "/ws/visitor",
        "A page of a website's visitor. The first request is `hello` with the token from `POST /api/v1/visitors`.",
    );
    made.side::<agent::Request, agent::Done, agent::Push>(
        "agent",
        "/ws/agent",
        "An agent's console or a supervisor's board. The first request is `hello` with the token from `POST /api/v1/login`.",
    );
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tandem's WebSockets",
            "version": ws::SUBPROTOCOL,
            "description": "Each frame is one JSON object. A request has an `id` of its sender's; its answer has it as `re`. What is pushed has neither. How to resume, what is limited and how sockets are closed stands in PROTOCOL.md.",
        },
        "defaultContentType": "application/json",
        "channels": made.channels,
        "operations": made.operations,
        "components": { "messages": made.messages, "schemas": made.schemas },
    });
    open(&mut document);
    document
}

#[derive(Default)]
struct Made {
    channels: Map<String, Value>,
    operations: Map<String, Value>,
    messages: Map<String, Value>,
    schemas: BTreeMap<String, Value>,
}

impl Made {
    // One socket: what its clients ask, what they are answered, and what they are told unasked.
    fn side<R: ToSchema, D: ToSchema, P: ToSchema>(
        &mut self,
        name: &str,
        address: &str,
        about: &str,
    ) {
        let done = self.keep::<D>();
        let refusal = self.keep::<Refusal>();
        let mut told = Map::new();
        for (word, field, schema, about) in [
            ("done", "ok", done, "The request was carried out."),
            (
                "refused",
                "error",
                refusal,
                "The request was refused; nothing was changed.",
            ),
        ] {
            let payload = json!({
                "type": "object",
                "required": ["re", field],
                "properties": { "re": number("The `id` of the request."), field: reference(&schema) },
            });
            self.message(&mut told, name, word, about, payload, Some("re"));
        }
        let answers: Vec<_> = told.keys().map(|word| within(name, word)).collect();
        for (word, variant, about) in self.variants::<R>("op") {
            let asked = json!({
                "type": "object",
                "required": ["id"],
                "properties": { "id": number("Chosen by the client, unique among its open requests on this socket.") },
            });
            let payload = json!({ "allOf": [variant, asked] });
            self.message(&mut told, name, &word, &about, payload, Some("id"));
            self.operations.insert(
                format!("{name}_{word}"),
                json!({
                    "action": "receive",
                    "channel": channel(name),
                    "summary": about,
                    "messages": [within(name, &word)],
                    "reply": { "channel": channel(name), "messages": answers },
                }),
            );
        }
        for (word, variant, about) in self.variants::<P>("push") {
            let word = format!("push_{word}");
            self.message(&mut told, name, &word, &about, variant, None);
            self.operations.insert(
                format!("{name}_{word}"),
                json!({ "action": "send", "channel": channel(name), "summary": about, "messages": [within(name, &word)] }),
            );
        }
        let protocol = json!({ "type": "object", "required": ["Sec-WebSocket-Protocol"],
            "properties": { "Sec-WebSocket-Protocol": { "type": "string", "const": ws::SUBPROTOCOL } } });
        self.channels.insert(
            name.to_owned(),
            json!({
                "address": address,
                "description": about,
                "messages": told,
                "bindings": { "ws": { "method": "GET", "headers": protocol, "bindingVersion": "0.1.0" } },
            }),
        );
    }

    fn message(
        &mut self,
        channel: &mut Map<String, Value>,
        side: &str,
        word: &str,
        about: &str,
        payload: Value,
        correlation: Option<&str>,
    ) {
        let key = format!("{side}_{word}");
        channel.insert(
            word.to_owned(),
            json!({ "$ref": format!("#/components/messages/{key}") }),
        );
        let mut message = json!({ "name": word, "summary": about, "payload": payload });
        if let Some(field) = correlation {
            message["correlationId"] = json!({ "location": format!("$message.payload#/{field}") });
        }
        self.messages.insert(key, message);
    }

    // Keeps the schema of a type with those of everything in it; returns its name.
    fn keep<T: ToSchema>(&mut self) -> String {
        self.keep_parts::<T>();
        let name = T::name().into_owned();
        self.schemas.insert(name.clone(), written(&T::schema()));
        name
    }

    fn keep_parts<T: ToSchema>(&mut self) {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        for (name, schema) in parts {
            self.schemas.insert(name, written(&schema));
        }
    }

    // The members of a tagged enum, each with its word and what it means.
    fn variants<T: ToSchema>(&mut self, tag: &str) -> Vec<(String, Value, String)> {
        self.keep_parts::<T>();
        let whole = written(&<T as PartialSchema>::schema());
        let members = whole["oneOf"].as_array().cloned().unwrap_or_default();
        members
            .into_iter()
            .filter_map(|member| {
                let word = word(&member, tag)?;
                let about = member["description"].as_str().unwrap_or_default();
                let about = about.to_owned();
                Some((word, member, about))
            })
            .collect()
    }
}

fn word(member: &Value, tag: &str) -> Option<String> {
    let parts = member["allOf"].as_array().into_iter().flatten();
    let own = std::iter::once(member).chain(parts);
    own.filter_map(|part| part["properties"][tag]["enum"][0].as_str())
        .map(str::to_owned)
        .next()
}

fn written(schema: &impl serde::Serialize) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}

fn number(about: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": about })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("{SCHEMAS}{name}") })
}

fn channel(name: &str) -> Value {
    json!({ "$ref": format!("#/channels/{name}") })
}

fn within(name: &str, word: &str) -> Value {
    json!({ "$ref": format!("#/channels/{name}/messages/{word}") })
}

// Links between the types' own words lead nowhere here; and what is closed by itself could be no part of a frame that has its
// `id` and `op` beside.
fn open(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("[`") => {
            *text = text.replace("[`", "`").replace("`]", "`");
        }
        Value::Array(members) => members.iter_mut().for_each(open),
        Value::Object(fields) => {
            fields.retain(|name, field| name != "additionalProperties" || *field != json!(false));
            fields.values_mut().for_each(open);
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(members) => members.iter().for_each(|one| references(one, found)),
            Value::Object(fields) => {
                if let Some(to) = fields.get("$ref").and_then(Value::as_str) {
                    found.insert(to.to_owned());
                }
                fields.values().for_each(|one| references(one, found));
            }
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);

        assert!(found.len() > 100);
        for to in found {
            let path = to.strip_prefix('#').unwrap();
            assert!(document.pointer(path).is_some(), "{to}");
        }
    }

    #[test]
    fn each_request_has_its_operation_with_both_answers() {
        let document = document();
        let open = &document["operations"]["visitor_open"];

        assert_eq!(open["action"], "receive");
        assert_eq!(open["reply"]["messages"].as_array().unwrap().len(), 2);
        assert_eq!(document["operations"]["agent_push_entry"]["action"], "send");
        let payload = &document["components"]["messages"]["visitor_open"]["payload"];
        assert_eq!(payload["allOf"][1]["required"], json!(["id"]));
    }

    #[test]
    fn a_part_of_a_frame_is_not_closed_by_itself() {
        let text = document().to_string();

        assert!(!text.contains(r#""additionalProperties":false"#));
        assert!(!text.contains("[`"));
    }

    #[test]
    fn a_name_means_one_schema() {
        fn gather<T: ToSchema>(
            all: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
        ) {
            T::schemas(all);
        }
        let mut all = Vec::new();
        gather::<visitor::Request>(&mut all);
        gather::<visitor::Done>(&mut all);
        gather::<visitor::Push>(&mut all);
        gather::<agent::Request>(&mut all);
        gather::<agent::Done>(&mut all);
        gather::<agent::Push>(&mut all);
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        for (name, schema) in all {
            let schema = written(&schema);
            let first = known.entry(name.clone()).or_insert_with(|| schema.clone());
            assert_eq!(*first, schema, "{name}");
        }
    }
}
