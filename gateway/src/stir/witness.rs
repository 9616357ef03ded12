//! Calls that wait to be checked: what the endpoint tells of one is held until it has been.

use std::{collections::BTreeMap, sync::Arc};

use metrics::counter;
use sip::{
    endpoint::{Arrival, CallKey, Command, Event, Peer},
    stir::{Flaw, Judged, Verdict},
};
use tokio::sync::mpsc;

use super::{Stir, seconds};

/// Verdicts that may wait for the endpoint, and calls that are checked at a time; more are told to be unchecked.
pub const VERDICTS: usize = 256;

/// Who sees calls before the hub does.
pub struct Witness {
    stir: Stir,
    held: BTreeMap<CallKey, Vec<Event>>,
    answer: mpsc::Sender<(CallKey, Judged)>,
}

impl Witness {
    /// Begins without calls; verdicts go to `answer`.
    pub fn new(stir: Stir, answer: mpsc::Sender<(CallKey, Judged)>) -> Self {
        Self {
            stir,
            held: BTreeMap::new(),
            answer,
        }
    }

    /// Checks and signs as `stir` says from now on; calls that are held are judged as before.
    pub fn replace(&mut self, stir: Stir) {
        self.stir = stir;
    }

    /// Signs a call that leaves.
    pub fn vouch(&self, command: &mut Command) {
        if !self.stir.signs.is_empty() {
            self.stir.vouch(command, seconds());
        }
    }

    /// Takes what the endpoint tells; returns it unless it has to wait.
    pub fn take(&mut self, mut event: Event) -> Option<Event> {
        if let Some(held) = event.call().and_then(|call| self.held.get_mut(&call)) {
            held.push(event);
            return None;
        }
        let Event::Arrived { call, arrival } = &mut event else {
            return Some(event);
        };
        let Peer::Trunk(trunk) = &arrival.peer else {
            return Some(event);
        };
        let Some(check) = self.stir.checks.get(trunk).map(Arc::clone) else {
            return Some(event);
        };
        arrival.must_be_vouched = check.required;
        let call = *call;
        // It goes on with the call, in case that is sent on.
        let Some(signed) = arrival.signed.clone() else {
            arrival.verdict = Some(Verdict::Absent);
            count_refusal(arrival);
            return Some(event);
        };
        if self.held.len() >= VERDICTS {
            arrival.verdict = Some(Verdict::Failed(Flaw::Unreachable));
            count_refusal(arrival);
            return Some(event);
        }
        self.held.insert(call, vec![event]);
        let answer = self.answer.clone();
        tokio::spawn(async move {
            // Should judging break, the call is told all the same.
            let judged = tokio::spawn(async move { check.judge(&signed, seconds()).await }).await;
            let judged = judged.unwrap_or(Verdict::Failed(Flaw::Unreachable).into());
            if answer.send((call, judged)).await.is_err() {
                tracing::debug!("a verdict on a number came when the daemon had left");
            }
        });
        None
    }

    /// Takes a verdict; returns what waited for it, in order.
    pub fn judged(&mut self, call: CallKey, judged: &Judged) -> Vec<Event> {
        let mut held = self.held.remove(&call).unwrap_or_default();
        for event in &mut held {
            if let Event::Arrived { arrival, .. } = event {
                arrival.verdict = Some(judged.verdict);
                arrival.diverted.clone_from(&judged.diverted);
                count_refusal(arrival);
            }
        }
        held
    }
}

// Nothing else is left of a call that the edge refuses: it never becomes an interaction.
fn count_refusal(arrival: &Arrival) {
    let refusal = arrival.verdict.and_then(Verdict::refusal);
    if let Some((code, _)) = refusal.filter(|_| arrival.must_be_vouched) {
        counter!("tandem_unvouched_calls_total", "answer" => code.to_string()).increment(1);
    }
}
