//! How an interaction turned out.

use ws::timeline::CallState;

use super::Interaction;

impl Interaction {
    /// Says how it turned out, in one word or the agent's own.
    pub(crate) fn outcome(&self) -> String {
        if let Some(disposition) = &self.disposition {
            return disposition.clone();
        }
        let reached = self
            .shown
            .as_ref()
            .is_some_and(|(_, call)| matches!(call, CallState::Ended { .. }));
        let unserved = self.served.is_none() && self.callbacks.is_empty();
        if self.turned.is_some() && unserved {
            return "turned away".to_owned();
        }
        if self.informed && unserved {
            return "informed".to_owned();
        }
        match (&self.served, self.callbacks.is_empty()) {
            // An agent whose phone was not answered took the call and served nobody.
            (Some(_), true) if self.met => "served",
            (Some(_), false) if reached || self.visitor.is_some() => "served",
            (Some(_) | None, true) => "abandoned",
            (None, false) if self.callbacks.values().all(|promise| promise.unwanted) => "cancelled",
            (Some(_) | None, false) => "not reached",
        }
        .to_owned()
    }
}
