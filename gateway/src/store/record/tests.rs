//! Every kind of fact is in the record, or is named here as what is not.

use std::collections::BTreeSet;

use hub::event::{CallbackEnd, InCall};
use ws::timeline::Author;

use super::*;
use crate::store::project;

/// One of each kind of fact, in the order of one interaction's life.
fn facts() -> Vec<Fact> {
    let lines = include_str!("../facts.jsonl").lines();
    lines.map(|line| project::fact(line).unwrap()).collect()
}

/// What says nothing about a single interaction.
const ABSENT: [&str; 18] = [
    "clock_stepped",
    "customer_erased",
    "customer_linked",
    "customer_noted",
    "customer_valued",
    "customers_merged",
    "customers_unmerged",
    // Read from the tables: a record that is closed stays as it is.
    "interactions_merged",
    "interactions_unmerged",
    "memo_sent",
    "memos_read",
    "phone_gone",
    "phone_registered",
    "presence_set",
    "started",
    "trunk_down",
    "trunk_up",
    "turned_away",
];

/// Returns the words of all kinds of facts, as the source has them.
fn kinds() -> BTreeSet<String> {
    let source = include_str!("../../../hub/src/event.rs");
    let (_, body) = source.split_once("pub enum Event {").unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let names = body.lines().filter_map(|line| {
        let name = line.strip_prefix("    ")?;
        let end = name
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(name.len());
        let starts = name.starts_with(|c: char| c.is_ascii_uppercase());
        (starts && end > 0).then(|| name[..end].to_owned())
    });
    names.map(|name| snake(&name)).collect()
}

fn snake(name: &str) -> String {
    let mut word = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

fn shown(record: Option<&Record>) -> serde_json::Value {
    serde_json::to_value(record).unwrap()
}

#[test]
fn there_is_an_example_of_every_kind_of_fact() {
    let examples: BTreeSet<_> = facts()
        .iter()
        .map(|fact| project::told(&fact.event).0)
        .collect();

    assert_eq!(examples, kinds());
}

#[test]
fn every_kind_of_fact_changes_the_record_or_is_named_as_absent() {
    let facts = facts();
    let mut absent: BTreeSet<String> = BTreeSet::new();
    let mut told: BTreeSet<String> = BTreeSet::new();

    for (at, fact) in facts.iter().enumerate() {
        let of_it = |facts: &[Fact]| {
            let facts = facts.iter().filter(|fact| fact.interaction.is_some());
            shown(Record::fold(facts).as_ref())
        };
        let (word, _) = project::told(&fact.event);
        if of_it(&facts[..at]) == of_it(&facts[..=at]) {
            absent.insert(word);
        } else {
            told.insert(word);
        }
    }

    let named: BTreeSet<String> = ABSENT.map(str::to_owned).into();
    assert_eq!(&absent - &told, named);
}

#[test]
fn what_was_typed_as_a_name_stands_beside_the_one_a_website_signed() {
    let mut facts = facts();
    for fact in &mut facts {
        match &mut fact.event {
            Event::Opened { name, .. } => *name = Some("Idi".to_owned()),
            Event::CustomerKnown { name, .. } => *name = Some("Ida Lovelace".to_owned()),
            _ => {}
        }
    }

    let record = Record::fold(facts.iter().filter(|fact| fact.interaction.is_some())).unwrap();

    assert_eq!(record.name_typed.as_deref(), Some("Idi"));
    assert_eq!(record.customer.name.as_deref(), Some("Ida Lovelace"));
}

#[test]
fn the_record_says_who_took_a_promise_back() {
    let mut facts = facts();
    let author = Author::Program {
        name: "crm".to_owned(),
    };
    for fact in &mut facts {
        if let Event::CallbackEnded { end, .. } = &mut fact.event {
            let by = author.clone();
            *end = CallbackEnd::Cancelled { by };
        }
    }

    let record = Record::fold(facts.iter().filter(|fact| fact.interaction.is_some())).unwrap();

    assert_eq!(record.callbacks[0].end.as_deref(), Some("cancelled"));
    assert_eq!(record.callbacks[0].ended_by, Some(author));
}

#[test]
fn the_record_has_waits_and_what_else_happened_with_what_it_says() {
    let facts = facts();

    let record = Record::fold(facts.iter().filter(|fact| fact.interaction.is_some())).unwrap();

    let wait = &record.waits[0];
    assert_eq!(wait.waited_ms, Some(6_000));
    assert_eq!(wait.reason.as_deref(), Some("an agent took it"));
    let diverted = record
        .happenings
        .iter()
        .find(|happening| happening.event == "diverted")
        .unwrap();
    assert_eq!(diverted.details["rule"], "slow");
    assert_eq!(record.callbacks[0].end.as_deref(), Some("reached"));
    assert_eq!(record.assignments[0].disposition.as_deref(), Some("solved"));
}

#[test]
fn the_record_holds_what_was_promised_against_what_came() {
    let facts = facts();

    let record = Record::fold(facts.iter().filter(|fact| fact.interaction.is_some())).unwrap();

    let wait = &record.promised_waits[0];
    assert_eq!(wait.end.as_deref(), Some("answered"));
    assert_eq!(wait.promises[0].expected_ms, Some(10_000));
    assert_eq!((wait.error_ms, wait.in_time), (Some(-2_000), Some(true)));
}

#[test]
fn a_wait_that_is_only_put_in_its_line_anew_is_one_wait() {
    let mut facts: Vec<Fact> = facts()
        .into_iter()
        .filter(|fact| fact.interaction.is_some())
        .collect();
    let queued = facts
        .iter()
        .position(|fact| matches!(fact.event, Event::Queued { .. }))
        .unwrap();
    let (again, at) = (facts[queued].clone(), facts[queued].at);
    let moved = Fact {
        seq: None,
        event: Event::Dequeued {
            waited_ms: 0,
            reason: "more is known of the customer".to_owned(),
            anew: true,
        },
        ..again
    };
    facts.splice(queued + 1..queued + 1, [moved, again]);

    let record = Record::fold(&facts).unwrap();

    assert_eq!(record.waits.len(), 1);
    assert_eq!(record.waits[0].entered_at, at);
    assert_eq!(record.waits[0].waited_ms, Some(6_000));
}

#[test]
fn the_record_has_the_number_that_was_dialled_last() {
    let mut facts = facts();
    let caller = facts.iter().find_map(|fact| match &fact.event {
        Event::LegStarted { leg, party, .. } if party.customer_number().is_some() => Some(*leg),
        _ => None,
    });
    let caller = caller.unwrap();
    for fact in &mut facts {
        if let Event::InCall(InCall::Redirected { leg, .. }) = &mut fact.event {
            *leg = caller;
        }
    }

    let record = Record::fold(facts.iter().filter(|fact| fact.interaction.is_some())).unwrap();

    let leg = record.legs.iter().find(|leg| leg.leg == caller).unwrap();
    assert_eq!(leg.party.as_deref(), Some("+4930777"));
    assert_eq!(leg.trunk.as_deref(), Some("carrier"));
}
