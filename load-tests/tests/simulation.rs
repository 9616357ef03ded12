//! A fixed budget of simulated worlds; `tandem-load simulate` runs as many more as wanted.

use std::{collections::BTreeSet, panic};

const STEPS: u64 = 150;
const SEEDS: u64 = 40;

/// What happens in each part of the worlds; a rule that nobody ever comes near proves nothing.
const KINDS: &[&str] = &[
    "a customer is dialled",
    "a far party gives a call away",
    "a file was shared",
    "a mail is taken",
    "a page calls",
    "a rating was acknowledged",
    "a supervisor hears a call",
    "an erasure is finished",
    "callback_reminded",
    "cobrowsed: asked",
    "cobrowsed: granted",
    "consent_changed: suppressed",
    "consent_changed: withdrawn",
    "crash",
    "customers_merged: the world says so",
    "customers_unmerged: the world says so",
    "diverted: message",
    "diverted: queue",
    "handed_over",
    "in_call: conference_joined",
    "in_call: held",
    "in_call: menu_entered",
    "in_call: menu_keyed",
    "in_call: transferred",
    "message_deleted",
    "message_edited",
    "noted",
    "parked",
    "rated",
    "recording: kept",
    "unparked",
];

// In four parts, for as many cores.
fn every_rule_holds(part: u64) {
    panic::set_hook(Box::new(|_| {}));
    let (mut failures, mut heard) = (Vec::new(), BTreeSet::new());
    for seed in (part..SEEDS).step_by(4) {
        match simulation::run(seed, STEPS) {
            Ok(outcome) => heard.extend(outcome.heard.into_keys()),
            Err(failure) => failures.push(failure.to_string()),
        }
    }
    let _ = panic::take_hook();

    assert!(failures.is_empty(), "{}", failures.join("\n"));
    for kind in KINDS {
        assert!(heard.contains(*kind), "{kind} never happened: {heard:?}");
    }
}

#[test]
fn every_rule_holds_in_every_world_1() {
    every_rule_holds(0);
}

#[test]
fn every_rule_holds_in_every_world_2() {
    every_rule_holds(1);
}

#[test]
fn every_rule_holds_in_every_world_3() {
    every_rule_holds(2);
}

#[test]
fn every_rule_holds_in_every_world_4() {
    every_rule_holds(3);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for seed in [3, 1_000, 77_777] {
        assert_eq!(simulation::run(seed, 60), simulation::run(seed, 60));
    }
}
