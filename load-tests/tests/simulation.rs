//! A fixed budget of simulated worlds; `tandem-load simulate` runs as many more as wanted.

use std::{
    collections::BTreeSet,
    panic,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

const STEPS: u64 = 150;
const SEEDS: u64 = 72;

/// What happens in some of the worlds; a rule that nobody ever comes near proves nothing.
const KINDS: &[&str] = &[
    "a call is to take the place of another",
    "a caller hears early media",
    "a customer is dialled",
    "a far party gives a call away",
    "a far party is put on hold",
    "a far party is taken back from hold",
    "a far party refuses to be put on hold",
    "a file was shared",
    "a guest is taken out",
    "a mail is taken",
    "a page calls",
    "a promise: a place is kept",
    "a promise: a reminder",
    "a promise: a time zone",
    "a promise: a window",
    "a promise: agent first",
    "a promise: an owner",
    "a promise: customer first",
    "a rating was acknowledged",
    "a recording is paused",
    "a recorder dies midway",
    "a recorder does not follow a change",
    "a recorder follows a change",
    "a recorder hears nothing in a pause",
    "a recorder is told the last word",
    "a recorder leaves a call",
    "a recorder refuses",
    "a recorder says nothing",
    "a recorder takes a recording",
    "a socket is cut",
    "a supervisor hears a call",
    "a webhook comes again",
    "a webhook finds nobody",
    "a webhook is not wanted any more",
    "a webhook is taken",
    "a write was durable and nobody knew",
    "a muted agent is on another phone",
    "an agent is muted",
    "an erasure is finished",
    "callback_reminded",
    "callback_waits",
    "cobrowsed: asked",
    "cobrowsed: granted",
    "consent_changed: suppressed",
    "consent_changed: withdrawn",
    "crash",
    "customers_merged: the world says so",
    "customers_unmerged: the world says so",
    "diverted: message",
    "diverted: queue",
    "diverted: voicemail",
    "handed_over",
    "in_call: conference_joined",
    "in_call: hears",
    "in_call: held",
    "in_call: menu_entered",
    "in_call: menu_keyed",
    "in_call: replaced",
    "in_call: transferred",
    "in_chat: invitation_ended",
    "in_chat: invited",
    "in_chat: member_ended",
    "in_chat: member_started",
    "message_deleted",
    "message_edited",
    "noted",
    "parked",
    "rated",
    "recording: kept",
    "recording: message_left",
    "recording: recorder_closed",
    "recording: recorder_failed",
    "recording: recorder_opened",
    "the clock is set",
    "the time fell behind",
    "the time jumped",
    "the daemon is held up",
    "the disk refuses",
    "unparked",
];

// On as many cores as there are. What happens is looked for in all worlds together: a part of them may lack what is rare.
#[test]
fn every_rule_holds_in_every_world_and_everything_happens_in_some() {
    panic::set_hook(Box::new(|_| {}));
    let next = AtomicU64::new(0);
    let worker = || {
        let (mut failures, mut heard) = (Vec::new(), BTreeSet::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SEEDS {
                return (failures, heard);
            }
            match simulation::run(seed, STEPS) {
                Ok(outcome) => heard.extend(outcome.heard.into_keys()),
                Err(failure) => failures.push(failure.to_string()),
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (mut failures, mut heard) = (Vec::new(), BTreeSet::new());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            let (failed, happened) = worker.join().expect("a broken rule is caught inside");
            failures.extend(failed);
            heard.extend(happened);
        }
    });
    let _ = panic::take_hook();

    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let missing: Vec<_> = KINDS
        .iter()
        .filter(|kind| !heard.contains(**kind))
        .collect();
    assert!(missing.is_empty(), "never happened: {missing:?}");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for seed in [3, 1_000, 77_777] {
        assert_eq!(simulation::run(seed, 60), simulation::run(seed, 60));
    }
}
