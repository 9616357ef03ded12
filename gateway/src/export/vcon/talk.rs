//! What was said by telephone: a stretch for everybody the customer was put through to, with who came, was put on hold, muted and
//! left when. So a call that was given to a colleague is two.

use std::collections::BTreeMap;

use hub::event::InCall;
use serde_json::{Value, json};
use ws::{
    id::{LegId, Timestamp},
    supervision::Supervision,
};

use super::{CUSTOMER, parties::Parties};
use crate::{
    export::rfc3339,
    store::record::{Happening, LegRecord, Record},
};

/// One stretch, from the moment in which the customer and somebody else hear each other.
pub(super) struct Talk {
    pub(super) since: Timestamp,
    /// The customer's leg.
    pub(super) customer: LegId,
    other: LegId,
    /// When the customer was put through to somebody else.
    put_through: Option<Timestamp>,
    steps: Vec<(Timestamp, InCall)>,
}

/// Returns the stretches of a record, in order.
pub(super) fn talks(record: &Record) -> Vec<Talk> {
    let mut talks: Vec<Talk> = Vec::new();
    for happening in &record.happenings {
        let at = happening.at;
        let open = talks.last_mut().filter(|talk| talk.is_open(record, at));
        match told(record, happening) {
            Some(Told::Bridged { customer, other }) => {
                if let Some(talk) = open {
                    if (talk.customer, talk.other) == (customer, other) {
                        continue;
                    }
                    talk.put_through = Some(at);
                }
                talks.push(Talk::new(at, customer, other));
            }
            Some(Told::Step(InCall::Replaced { old, new })) => {
                let Some(talk) = open else { continue };
                if talk.customer == old {
                    talk.put_through = Some(at);
                    let other = talk.other;
                    talks.push(Talk::new(at, new, other));
                } else if talk.other == old {
                    talk.other = new;
                }
            }
            Some(Told::Step(step)) => {
                if let Some(talk) = open {
                    talk.steps.push((at, step));
                }
            }
            None => {}
        }
    }
    talks
}

enum Told {
    Bridged { customer: LegId, other: LegId },
    Step(InCall),
}

fn told(record: &Record, happening: &Happening) -> Option<Told> {
    match happening.event.as_str() {
        "bridged" => {
            let end =
                |name: &str| -> Option<LegId> { happening.details[name].as_str()?.parse().ok() };
            let (a, b) = (end("a")?, end("b")?);
            let is_customers = |leg| by_id(record, leg).is_some_and(is_customers_call);
            let (customer, other) = match (is_customers(a), is_customers(b)) {
                (true, _) => (a, b),
                (false, true) => (b, a),
                (false, false) => return None,
            };
            Some(Told::Bridged { customer, other })
        }
        "in_call" => {
            let step = serde_json::from_value(happening.details.clone());
            step.ok().map(Told::Step)
        }
        _ => None,
    }
}

/// Tells whether a leg is the customer's by telephone or headset.
pub(super) fn is_customers_call(leg: &LegRecord) -> bool {
    matches!(leg.kind.as_str(), "customer_phone" | "customer_browser")
}

fn by_id(record: &Record, leg: LegId) -> Option<&LegRecord> {
    record.legs.iter().find(|known| known.leg == leg)
}

impl Talk {
    fn new(since: Timestamp, customer: LegId, other: LegId) -> Self {
        Self {
            since,
            customer,
            other,
            put_through: None,
            steps: Vec::new(),
        }
    }

    fn is_open(&self, record: &Record, at: Timestamp) -> bool {
        self.put_through.is_none() && self.until(record).is_none_or(|until| at <= until)
    }

    /// Returns when it was over.
    pub(super) fn until(&self, record: &Record) -> Option<Timestamp> {
        let ended = |leg| by_id(record, leg).and_then(|leg| leg.ended_at);
        let ends = [ended(self.customer), ended(self.other), self.put_through];
        ends.into_iter().flatten().min()
    }

    /// Returns who took part, the customer and whom they talked with first, and what became of each when.
    #[expect(clippy::too_many_lines, reason = "one arm a kind of step")]
    pub(super) fn history(
        &self,
        record: &Record,
        parties: &mut Parties<'_>,
    ) -> (Vec<usize>, Value) {
        let other = by_id(record, self.other).map_or(CUSTOMER, |leg| parties.of_leg(leg));
        let mut history = History {
            events: Vec::new(),
            with: vec![CUSTOMER, other],
            holds: Vec::new(),
        };
        history.note(self.since, CUSTOMER, "join");
        history.note(self.since, other, "join");
        let mut guests = BTreeMap::new();
        for (at, step) in &self.steps {
            let guest = step.leg().and_then(|leg| by_id(record, leg));
            match step {
                InCall::Held { on } => history.hold(*at, CUSTOMER, *on),
                InCall::Muted { on } => {
                    history.note(*at, other, if *on { "mute" } else { "unmute" });
                }
                InCall::ConsultStarted { .. } => history.hold(*at, CUSTOMER, true),
                InCall::ConsultEnded { .. } => history.hold(*at, CUSTOMER, false),
                InCall::ConferenceJoined { leg }
                | InCall::Supervised {
                    leg,
                    how: Supervision::Barge,
                } => {
                    if matches!(step, InCall::ConferenceJoined { .. }) {
                        history.hold(*at, CUSTOMER, false);
                    }
                    if let Some(guest) = guest {
                        let party = parties.of_leg(guest);
                        guests.insert(*leg, party);
                        history.come(*at, party);
                    }
                }
                InCall::ConferenceLeft { leg, .. }
                | InCall::SupervisionEnded { leg, .. }
                | InCall::Supervised {
                    leg,
                    how: Supervision::Listen | Supervision::Whisper,
                } => {
                    if let Some(party) = guests.remove(leg) {
                        history.note(*at, party, "drop");
                    }
                }
                InCall::ConsultJoined { .. }
                | InCall::SupervisionStarted { .. }
                | InCall::Transferred { .. }
                | InCall::TransferFailed { .. }
                | InCall::HandedOut { .. }
                | InCall::HandOutFailed { .. }
                | InCall::MenuEntered { .. }
                | InCall::MenuKeyed { .. }
                | InCall::MenuLeft { .. }
                | InCall::HoldRefused { .. }
                | InCall::Hears { .. }
                | InCall::CallerShown { .. }
                | InCall::Rerouted { .. }
                | InCall::Redirected { .. }
                | InCall::ReplacementStarted { .. }
                | InCall::ReplacementFailed { .. }
                | InCall::Replaced { .. } => {}
            }
        }
        if let Some(until) = self.until(record) {
            let customer = by_id(record, self.customer).and_then(|leg| leg.ended_at);
            let stays = self.put_through.is_some() || customer != Some(until);
            let left = guests.into_values().chain([other]);
            for party in left.chain((!stays).then_some(CUSTOMER)) {
                history.note(until, party, "drop");
            }
        }
        (history.with, json!(history.events))
    }
}

/// Events of parties (draft-ietf-vcon-vcon-core-03, Party Event Object).
struct History {
    events: Vec<Value>,
    with: Vec<usize>,
    holds: Vec<usize>,
}

impl History {
    fn note(&mut self, at: Timestamp, party: usize, event: &str) {
        let event = json!({ "party": party, "time": rfc3339(at), "event": event });
        self.events.push(event);
    }

    fn hold(&mut self, at: Timestamp, party: usize, on: bool) {
        if self.holds.contains(&party) == on {
            return;
        }
        match on {
            true => self.holds.push(party),
            false => self.holds.retain(|held| *held != party),
        }
        self.note(at, party, if on { "hold" } else { "unhold" });
    }

    fn come(&mut self, at: Timestamp, party: usize) {
        if !self.with.contains(&party) {
            self.with.push(party);
        }
        self.note(at, party, "join");
    }
}
