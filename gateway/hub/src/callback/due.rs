//! Which promises of an interaction may be dialled once due, and which never will be.

use ws::id::CallbackId;

use crate::{event::CallbackEnd, hub::Hub, interaction::Interaction};

impl Hub {
    /// Returns a callback to somebody who may not be called when it is due, or whom the house does not call any more.
    pub(crate) fn forbidden_callback(
        &self,
        found: &Interaction,
    ) -> Option<(CallbackId, CallbackEnd)> {
        let mut pending = found.callbacks.iter().filter(|(_, c)| c.is_pending());
        pending.find_map(|(n, promise)| {
            let (number, at) = (&promise.number, promise.due.max(self.now));
            let end = if self.bar_call(number, Some(found.customer), at).is_some() {
                CallbackEnd::Suppressed
            } else if self.denies_toll(number) || !self.is_readable(number) {
                CallbackEnd::Denied
            } else {
                return None;
            };
            Some((found.callback_id(n), end))
        })
    }

    /// Returns the callbacks that may be dialled once due, with their times.
    pub(crate) fn ready_callbacks<'a>(
        &'a self,
        found: &'a Interaction,
    ) -> impl Iterator<Item = (u16, ws::id::Timestamp)> + 'a {
        let ready = found.has_time_for_promises();
        let waits = found.entry.as_ref().and_then(|entry| entry.callback);
        found
            .callbacks
            .iter()
            .filter(move |_| ready)
            .filter(|(_, callback)| callback.is_pending())
            // One that waits already goes on waiting while the way out is closed.
            .filter(move |(n, callback)| {
                waits.is_some_and(|waits| waits.n == *n)
                    || match self.admit_attempt(found, callback) {
                        Ok(_) => true,
                        Err(closed) => closed.is_barred(),
                    }
            })
            .map(|(n, callback)| (n, callback.due))
    }
}

impl Interaction {
    /// Tells whether nothing else of it goes on, or comes first, but a chat that an agent has.
    pub(super) fn has_time_for_promises(&self) -> bool {
        let stay = self.assignment.as_ref();
        self.call.is_none()
            && stay.is_none_or(|stay| stay.chat && stay.wrap_up.is_none())
            && !(self.chat && stay.is_none())
            // Their phone is busy while it is told that it will be called.
            && !self.has_customer_phone()
    }
}
