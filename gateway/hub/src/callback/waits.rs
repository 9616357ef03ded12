//! Why a promise whose time has come is not kept at once.

use serde::{Deserialize, Serialize};
use ws::id::{AgentId, CallbackId, InteractionId, Timestamp};

use crate::{
    event::Event,
    gate::Closed,
    hub::Hub,
    interaction::{Callback, Interaction},
};

/// What a promise waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaits {
    /// Its customer may not be called at this time of their day.
    Hours,
    /// Who comes is served first, as the queue's `blend` says.
    Quiet,
    /// One agent alone is to keep it for now, and is not free.
    Agent,
    /// Nobody who serves the queue is free.
    NobodyFree,
    /// The configuration does not name its queue.
    QueueUnknown,
    /// Something else of the same contact goes on, or comes first.
    Contact,
    /// The gate is closed for now.
    Gate,
}

/// That a promise waits, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    /// Which.
    pub callback: CallbackId,
    /// For what.
    pub why: Awaits,
    /// For whom, where one agent alone is to keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// Why the gate is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// Until when at most, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Waits {
    pub(super) fn new(callback: CallbackId, why: Awaits) -> Self {
        Self {
            callback,
            why,
            agent: None,
            closed: None,
            until: None,
        }
    }

    // A reason that comes again is no news.
    fn says_the_same(&self, other: &Self) -> bool {
        (self.why, &self.agent, self.closed) == (other.why, &other.agent, other.closed)
    }
}

impl Hub {
    /// Tells why the promises of an interaction wait whose time has come: each reason once, until the promise is moved or dialled.
    pub(crate) fn tell_waits(&mut self, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let due = found
            .callbacks
            .iter()
            .filter(|(_, promise)| promise.is_pending() && promise.due <= self.now);
        let news: Vec<_> = due
            .filter_map(|(n, promise)| {
                let waits = self.why_waits(found, found.callback_id(n), promise)?;
                let mut told = promise.waits.iter();
                (!told.any(|told| told.says_the_same(&waits))).then_some(waits)
            })
            .collect();
        for waits in news {
            self.tell(Some(id), Event::CallbackWaits(waits));
        }
    }

    fn why_waits(
        &self,
        found: &Interaction,
        callback: CallbackId,
        promise: &Callback,
    ) -> Option<Waits> {
        let waits = |why| Some(Waits::new(callback, why));
        if !found.has_time_for_promises() {
            return waits(Awaits::Contact);
        }
        if let Err(closed) = self.admit_attempt(found, promise) {
            // One that is barred is over.
            return (!closed.is_barred()).then(|| Waits {
                closed: Some(closed),
                ..Waits::new(callback, Awaits::Gate)
            });
        }
        let entry = found.entry.as_ref()?;
        if entry.callback != Some(callback) {
            return waits(Awaits::Contact);
        }
        if found.offer.is_some() {
            return None;
        }
        if self.is_forsaken(found) {
            return waits(Awaits::QueueUnknown);
        }
        if self.holds_back(found) {
            return Some(Waits {
                until: self.waits_for_quiet_until(found),
                ..Waits::new(callback, Awaits::Quiet)
            });
        }
        let Some(kept) = self.view().kept(found, entry) else {
            return waits(Awaits::NobodyFree);
        };
        Some(Waits {
            agent: kept.seat.map(|seat| self.roster.name(seat).clone()),
            until: kept.until,
            ..Waits::new(callback, Awaits::Agent)
        })
    }
}
