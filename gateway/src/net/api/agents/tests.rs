use std::collections::{BTreeMap, BTreeSet};

use ws::agent::Request;

use super::wish::Wish;
use crate::net::api::document::document;

/// Each request of the console and its twin in the API.
const TWINS: &[(&str, &str, &str)] = &[
    ("hello", "post", "/api/v1/login"),
    ("presence", "put", "/api/v1/agents/{agent}/presence"),
    (
        "accept",
        "post",
        "/api/v1/agents/{agent}/offers/{interaction}/accept",
    ),
    (
        "decline",
        "post",
        "/api/v1/agents/{agent}/offers/{interaction}/decline",
    ),
    (
        "message",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/messages",
    ),
    (
        "revise",
        "put",
        "/api/v1/agents/{agent}/contacts/{interaction}/messages/{mid}",
    ),
    (
        "typing",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/typing",
    ),
    (
        "receipt",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/receipts",
    ),
    (
        "escalate",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/escalate",
    ),
    (
        "callback",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/callbacks",
    ),
    (
        "cancel_callback",
        "delete",
        "/api/v1/agents/{agent}/callbacks/{callback}",
    ),
    (
        "hang_up",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/hang-up",
    ),
    (
        "transfer",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/transfer",
    ),
    (
        "consult",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/consult",
    ),
    (
        "complete",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/complete",
    ),
    (
        "take_back",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/take-back",
    ),
    (
        "conference",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/conference",
    ),
    (
        "dismiss",
        "delete",
        "/api/v1/agents/{agent}/contacts/{interaction}/conference/{leg}",
    ),
    (
        "supervise",
        "post",
        "/api/v1/agents/{agent}/supervised/{interaction}",
    ),
    ("memo", "post", "/api/v1/agents/{agent}/memos"),
    ("memos_read", "put", "/api/v1/agents/{agent}/memos/read"),
    (
        "whisper",
        "post",
        "/api/v1/agents/{agent}/supervised/{interaction}/whispers",
    ),
    (
        "hold",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/hold",
    ),
    (
        "mute",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/mute",
    ),
    (
        "digits",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/digits",
    ),
    (
        "record",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/recording",
    ),
    (
        "end",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/end",
    ),
    (
        "wrap_up",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/wrap-up",
    ),
    (
        "extend_wrap_up",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/wrap-up/extend",
    ),
    (
        "park",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/park",
    ),
    (
        "unpark",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/unpark",
    ),
    (
        "note",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/notes",
    ),
    (
        "hand_over",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/hand-over",
    ),
    (
        "invite",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/invitations",
    ),
    (
        "withdraw",
        "delete",
        "/api/v1/agents/{agent}/contacts/{interaction}/invitations/{colleague}",
    ),
    (
        "leave",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/leave",
    ),
    (
        "presence_of",
        "put",
        "/api/v1/agents/{agent}/others/{other}/presence",
    ),
    // What it says of an interaction stands in the same record: `gateway/tests/daemon/customers.rs` reads both.
    ("consent", "put", "/api/v1/consents/{subject}"),
    ("watch", "get", "/api/v1/board"),
    // It is seen at a console.
    (
        "cobrowse",
        "post",
        "/api/v1/agents/{agent}/contacts/{interaction}/page",
    ),
    (
        "voice",
        "put",
        "/api/v1/agents/{agent}/console/{console}/headset",
    ),
    // A sign of life: whoever reads the desk is there.
    ("pong", "get", "/api/v1/agents/{agent}/desk"),
];

/// Returns the words of all requests, as the reader of requests names them itself.
fn words() -> BTreeSet<String> {
    let error = serde_json::from_str::<Request>(r#"{"op": "no such request"}"#).unwrap_err();
    let error = error.to_string();
    let (_, known) = error.split_once("expected one of ").unwrap();
    let words = known.split('`').skip(1).step_by(2);
    words.map(str::to_owned).collect()
}

#[test]
fn every_request_of_the_console_has_a_twin_in_the_api() {
    let document = document();
    let twins: BTreeMap<_, _> = TWINS
        .iter()
        .map(|(word, method, path)| ((*word).to_owned(), (*method, *path)))
        .collect();

    let words = words();
    assert!(words.contains("wrap_up"), "{words:?}");
    let without = words.iter().filter(|word| !twins.contains_key(*word));
    let without: Vec<_> = without.collect();
    assert!(
        without.is_empty(),
        "{without:?} can be asked by the console and not over the API: give each a route and name it here"
    );
    for (word, (method, path)) in twins {
        assert!(words.contains(&word), "{word} is asked by nobody");
        assert!(
            document["paths"][path].get(method).is_some(),
            "{word}: the document has no {method} {path}"
        );
    }
}

#[test]
fn a_call_is_promised_in_a_contact_with_all_that_the_console_may_wish() {
    let document = document();
    let wishes = serde_json::to_value(ws::callback::Wish::default()).unwrap();
    let words = wishes.as_object().unwrap().keys().map(String::as_str);
    let words: BTreeSet<&str> = words.chain(["number", "at"]).collect();

    for path in [
        "/api/v1/agents/{agent}/contacts/{interaction}/callbacks",
        "/api/v1/interactions/{id}/callbacks",
    ] {
        let body = &document["paths"][path]["post"]["requestBody"];
        let schema = body["content"]["application/json"]["schema"]["$ref"].as_str();
        let schema = schema.and_then(|it| it.strip_prefix('#')).unwrap();
        let schema = document.pointer(schema).unwrap();
        let taken = schema["properties"].as_object().unwrap().keys();
        assert_eq!(taken.map(String::as_str).collect::<BTreeSet<_>>(), words);
    }
    let wished: Wish = serde_json::from_str(
        r#"{"number": "+4930123456", "at": 1, "until": 2, "zone": "Europe/Berlin", "owner": "anna",
            "order": "agent_first", "remind": 60, "keep_place": true}"#,
    )
    .unwrap();
    let more = ws::callback::Wish {
        until: Some(ws::id::Timestamp(2)),
        zone: Some("Europe/Berlin".to_owned()),
        owner: Some("anna".parse().unwrap()),
        order: Some(ws::callback::Order::AgentFirst),
        remind: Some(60),
        keep_place: true,
    };
    assert_eq!(wished.more(), more);
}
