//! Callers to whom a call is promised: it joins what it was promised in, where that can be theirs.
//!
//! Whoever types a number proves nothing, and the promise is for the number all the same. Where it is known as somebody
//! else's, the call is theirs: it begins an interaction of its own, and the promise goes along with it, so that nothing of
//! the call is in the contact of who typed it. Where nobody is known by it, the call joins, and still proves nothing.

use ws::{
    id::{CallbackId, InteractionId, Number, QueueId},
    timeline::Author,
};

use crate::{
    event::{CallbackEnd, Event, OfferEnd},
    hub::Hub,
    input::{Arrival, Peer},
    interaction::Interaction,
};

/// What a call is to a promise to call where it comes from.
pub(crate) enum Awaited {
    /// A part of that interaction.
    Here(InteractionId),
    /// Somebody else's, with which the promise goes.
    Apart {
        /// Where they were promised to be called by.
        queue: QueueId,
        /// The promise.
        callback: CallbackId,
    },
}

impl Hub {
    /// Returns what a call is to the promises to call its number.
    pub(crate) fn awaited(&self, arrival: &Arrival) -> Option<Awaited> {
        if let Peer::Phone(_) | Peer::Browser(_) = arrival.peer {
            return None;
        }
        let number = arrival.sought()?;
        let (mut here, mut apart) = (None, None);
        for callback in self.state.callbacks_to(number) {
            let id = callback.interaction;
            let Some(found) = self.state.interaction(id) else {
                continue;
            };
            let attempting = self.attempting(id).is_some();
            if self.is_anothers(found, number) {
                let queue = found.queue.clone();
                apart.get_or_insert(Awaited::Apart { queue, callback });
            } else if attempting {
                return Some(Awaited::Here(id));
            } else if found.call.is_none() && self.can_answer(found) {
                here.get_or_insert(Awaited::Here(id));
            }
        }
        here.or(apart)
    }

    // Whether a number that was only typed is known as somebody else's.
    fn is_anothers(&self, found: &Interaction, number: &Number) -> bool {
        let customers = self.state.customers();
        let owner = self.owner_of(number);
        let another = owner.is_some_and(|owner| owner != customers.root(found.customer));
        another && found.only_typed(number)
    }

    pub(crate) fn join(&mut self, id: InteractionId, arrival: Arrival) {
        // An attempt gives way to the customer on the line; the promise stands until an agent speaks with them.
        if let Some(callback) = self.attempting(id) {
            self.give_way(callback);
        }
        if let Some(number) = arrival.from.clone() {
            self.give_way_to(&number);
        }
        self.adopt(id, arrival);
    }

    /// Takes a call for itself, with a promise that was made elsewhere. The number of who withholds it is written nowhere,
    /// so such a call goes without.
    pub(crate) fn take_promised(&mut self, arrival: Arrival, queue: QueueId, callback: CallbackId) {
        let (call, shown) = (arrival.candidate, arrival.from.clone());
        self.take_call(arrival, queue, None);
        let Some(number) = shown else {
            return;
        };
        self.give_way_to(&number);
        let found = self.state.interaction(callback.interaction);
        if let Some(promise) = found.and_then(|found| found.callback(callback)).cloned() {
            let to = self.promise_on(call, promise);
            self.hand_on(callback, to);
        }
    }

    /// Ends a promise that stands in another interaction from now on.
    pub(crate) fn hand_on(&mut self, callback: CallbackId, to: CallbackId) {
        let id = callback.interaction;
        let found = self.state.interaction(id);
        let entry = found.and_then(|found| found.entry.as_ref());
        if entry.is_some_and(|entry| entry.callback == Some(callback)) {
            self.end_offer(id, OfferEnd::Withdrawn);
        }
        let end = CallbackEnd::Moved { to };
        self.tell(Some(id), Event::CallbackEnded { callback, end });
    }
}

impl Interaction {
    /// Tells whether a number is one that the customer asked to be called at, and nothing more: they did not call from there
    /// before they asked, nor answer.
    pub(crate) fn only_typed(&self, number: &Number) -> bool {
        let mut promises = self.callbacks.values();
        !self.reached.contains(number)
            && promises.any(|promise| promise.number == *number && promise.by == Author::Customer)
    }
}
