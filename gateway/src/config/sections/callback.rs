//! How promised calls are made: `[callback]`.

use std::collections::BTreeMap;

use hub::{
    calling::CallingHours,
    hours::{HoursError, Stretch},
    input::CauseKind,
    setup::CallbackSetup,
};
use serde::{Deserialize, Serialize};
use ws::{callback::Order, id::QueueId};

use super::Queue;
use crate::config::value::{Maybe, Span};

/// `[callback]`: see [`hub::setup::CallbackSetup`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Callback {
    /// When customers may be called, by their own clock; at all times without.
    pub calling_hours: Maybe<Stretch>,
    /// The time zone of numbers whose prefix tells none.
    pub zone: String,
    /// The time zones of prefixes, before those known of countries.
    pub zones: BTreeMap<String, String>,
    /// How long only the agent whose promise it is may keep it.
    pub owner_wait: Span,
    /// Between attempts, by what came of them; the others go by `work.retries`.
    pub retries: Retries,
    /// Until the next call after one that reached a voicemail, one span each.
    pub voicemail: Vec<Span>,
    /// The dispositions by which an agent says that it was one.
    pub voicemail_words: Vec<String>,
    /// Whether a waiting caller may press 1 to be called back in their place.
    pub keep_place: bool,
    /// Whether a customer may press 9 in a call of ours to be called no more.
    pub stop_key: bool,
    /// How long before a call its customer is reminded; not at all where it is left out.
    pub remind: Maybe<Span>,
}

/// `[callback.retries]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// Busy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busy: Option<Vec<Span>>,
    /// It rang and nobody answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_answer: Option<Vec<Span>>,
    /// Rejected on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Vec<Span>>,
    /// Not to be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<Vec<Span>>,
}

impl Default for Callback {
    fn default() -> Self {
        let setup = CallbackSetup::default();
        let spans = |spans: Vec<std::time::Duration>| spans.into_iter().map(Span).collect();
        Self {
            calling_hours: Maybe("08:00-21:00".parse().ok()),
            zone: "UTC".to_owned(),
            zones: BTreeMap::new(),
            owner_wait: Span(setup.owner_wait),
            retries: Retries::default(),
            voicemail: spans(setup.voicemail),
            voicemail_words: setup.voicemail_words,
            keep_place: setup.keep_place,
            stop_key: setup.stop_key,
            remind: Maybe(setup.remind.map(Span)),
        }
    }
}

impl Callback {
    /// Returns when customers may be called.
    pub fn hours(&self) -> Result<CallingHours, HoursError> {
        match self.calling_hours.0 {
            Some(stretch) => CallingHours::new(stretch, self.zones.clone(), &self.zone),
            None => Ok(CallingHours::default()),
        }
    }

    /// Returns what the hub is told; the configuration was checked.
    pub fn setup(&self, queues: &BTreeMap<QueueId, Queue>) -> CallbackSetup {
        let spans = |spans: &Vec<Span>| spans.iter().map(|span| span.0).collect();
        let retries = [
            (CauseKind::Busy, &self.retries.busy),
            (CauseKind::NoAnswer, &self.retries.no_answer),
            (CauseKind::Rejected, &self.retries.rejected),
            (CauseKind::Unreachable, &self.retries.unreachable),
        ];
        let retries = retries.into_iter();
        let orders = queues.iter().map(|(name, queue)| (name, queue.call_order));
        let orders = orders.filter(|(_, order)| *order != Order::default());
        CallbackSetup {
            hours: self.hours().expect("checked with the configuration"),
            orders: orders.map(|(name, order)| (name.clone(), order)).collect(),
            owner_wait: self.owner_wait.0,
            retries: retries
                .filter_map(|(kind, own)| Some((kind, spans(own.as_ref()?))))
                .collect(),
            voicemail: spans(&self.voicemail),
            voicemail_words: self.voicemail_words.clone(),
            keep_place: self.keep_place,
            stop_key: self.stop_key,
            remind: self.remind.0.map(|span| span.0),
        }
    }
}
