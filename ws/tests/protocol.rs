//! PROTOCOL.md is held to what it says: each example is parsed and printed again, and nothing is without an example.

#![allow(clippy::unwrap_used, reason = "a test may stop here")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use ts_rs::{Config, TS};
use ws::{
    agent,
    close::Close,
    cobrowse,
    frame::{Asked, Code, Told},
    timeline, visitor,
};

const PAGE: &str = include_str!("../../PROTOCOL.md");

fn examples() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut kind = None;
    for line in PAGE.lines() {
        match (line.strip_prefix("```"), kind) {
            (Some(mark), None) => kind = Some(mark.strip_prefix("json ").unwrap_or(mark)),
            (Some(_), Some(_)) => kind = None,
            (None, Some(kind)) => found.entry(kind).or_default().push(line),
            (None, None) => {}
        }
    }
    found
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(_, field)| !field.is_null() && **field != Value::Array(Vec::new()))
                .map(|(name, field)| (name.clone(), without_nulls(field)))
                .collect(),
        ),
        Value::Array(values) => values.iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn check<T: Serialize + DeserializeOwned + Debug + PartialEq>(example: &str) -> T {
    let parsed: T =
        serde_json::from_str(example).unwrap_or_else(|error| panic!("{error}:\n{example}"));
    let printed = serde_json::to_string(&parsed).unwrap();
    let again: T = serde_json::from_str(&printed).unwrap();
    assert_eq!(again, parsed, "{example}");
    let (said, meant) = (
        serde_json::from_str(&printed).unwrap(),
        serde_json::from_str(example).unwrap(),
    );
    if !example.contains("+49 30") {
        assert_eq!(without_nulls(&said), without_nulls(&meant), "{example}");
    }
    parsed
}

// The values a tag can have, read from the generated type.
fn variants<T: TS>(tag: &str) -> BTreeSet<String> {
    let text = T::inline(&Config::new());
    let mark = format!("\"{tag}\": \"");
    let after = text.split(mark.as_str()).skip(1);
    after
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

fn tags(examples: &[&str], tag: &str) -> BTreeSet<String> {
    fn walk(value: &Value, tag: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get(tag).and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|field| walk(field, tag, found));
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, tag, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = BTreeSet::new();
    for example in examples {
        walk(&serde_json::from_str(example).unwrap(), tag, &mut found);
    }
    found
}

#[test]
fn every_example_is_a_frame_and_survives_being_printed() {
    for (kind, examples) in examples() {
        for example in examples {
            match kind {
                "visitor asks" => drop(check::<Asked<visitor::Request>>(example)),
                "visitor told" => drop(check::<Told<visitor::Done, visitor::Push>>(example)),
                "agent asks" => drop(check::<Asked<agent::Request>>(example)),
                "agent told" => drop(check::<Told<agent::Done, agent::Push>>(example)),
                "entry" => drop(check::<timeline::Entry>(example)),
                other => panic!("an example of unknown kind {other:?}"),
            }
        }
    }
}

#[test]
fn every_frame_has_an_example() {
    let all = examples();
    let all_told: Vec<_> = all.values().flatten().copied().collect();

    assert_eq!(
        tags(&all["visitor asks"], "op"),
        variants::<visitor::Request>("op")
    );
    assert_eq!(
        tags(&all["visitor told"], "done"),
        variants::<visitor::Done>("done")
    );
    assert_eq!(
        tags(&all["visitor told"], "push"),
        variants::<visitor::Push>("push")
    );
    assert_eq!(
        tags(&all["agent asks"], "op"),
        variants::<agent::Request>("op")
    );
    assert_eq!(
        tags(&all["agent told"], "done"),
        variants::<agent::Done>("done")
    );
    assert_eq!(
        tags(&all["agent told"], "push"),
        variants::<agent::Push>("push")
    );
    assert_eq!(
        tags(&all["entry"], "what"),
        variants::<timeline::What>("what")
    );
    assert!(tags(&all_told, "is").is_superset(&variants::<timeline::CallState>("is")));
    assert!(tags(&all_told, "is").is_superset(&variants::<timeline::CallbackState>("is")));
    assert!(tags(&all_told, "is").is_superset(&variants::<agent::Presence>("is")));
    assert!(tags(&all_told, "is").is_superset(&variants::<cobrowse::Act>("is")));
    assert!(tags(&all_told, "is").is_superset(&variants::<cobrowse::VisitorNews>("is")));
    assert!(tags(&all_told, "is").is_superset(&variants::<cobrowse::AgentNews>("is")));
    assert!(tags(&all_told, "how").is_superset(&variants::<cobrowse::Guide>("how")));
    assert_eq!(
        tags(&all["agent asks"], "do"),
        variants::<cobrowse::AgentAct>("do")
    );
    assert_eq!(
        tags(&all["visitor asks"], "do"),
        variants::<cobrowse::VisitorAct>("do")
    );
    assert!(tags(&all_told, "party").is_superset(&variants::<timeline::Author>("party")));
    // Some changes carry no field of their own name besides the tag inside the push.
    let changes: BTreeSet<_> = variants::<agent::Change>("change");
    for change in changes {
        let tag = format!("{{\"change\": \"{change}\"");
        assert!(PAGE.contains(&tag), "no example of change {change}");
    }
}

#[test]
fn every_code_is_explained() {
    for close in Close::ALL {
        let row = format!("| {} |", close.code());
        assert!(PAGE.contains(&row), "{close:?}");
    }
    let codes = Code::inline(&Config::new());
    for code in codes
        .split('"')
        .filter(|code| code.starts_with(char::is_alphabetic))
    {
        assert!(PAGE.contains(&format!("| `{code}` |")), "{code}");
    }
}

#[test]
fn the_limits_on_the_page_are_those_in_force() {
    let (visitor, agent) = (ws::server::Limits::visitor(), ws::server::Limits::agent());
    let rate = |rate: ws::server::Rate| {
        let per_second = 1_000 / rate.interval.as_millis();
        format!("{per_second}, {}", rate.burst)
    };
    for (what, of) in [
        ("frames", (visitor.frames, agent.frames)),
        ("messages", (visitor.messages, agent.messages)),
        ("typing and receipts", (visitor.passing, agent.passing)),
    ] {
        let row = format!(
            "| {what} a second, and at once | {} | {} |",
            rate(of.0),
            rate(of.1)
        );
        assert!(PAGE.contains(&row), "{row}");
    }
    let parts = format!(
        "| parts of a page and of its style sheets a second, and at once | {} | |",
        rate(visitor.parts)
    );
    assert!(PAGE.contains(&parts), "{parts}");
    assert_eq!((ws::server::BATCH, agent.page), (3_145_728, 8_388_608));
    assert_eq!(ws::server::SHEET, 1_048_576);
    assert_eq!((visitor.frame, agent.frame), (16_384, 16_384));
    assert_eq!((visitor.outbox, agent.outbox), (262_144, 1_048_576));
}
