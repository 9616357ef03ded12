//! Several promises to one number: one customer is promised one call by a queue, and nobody is dialled who is in a call with
//! the house, for whichever promise.

use ws::{
    callback::Wish,
    id::{CallbackId, CustomerId, InteractionId, Number, QueueId},
    timeline::CallbackState,
};

use crate::{
    event::{CallbackEnd, Event},
    hub::Hub,
    interaction::Callback,
};

impl Hub {
    /// Tells whether a number, in whichever spelling, is dialled for a promise or in a call, in another interaction.
    pub(crate) fn is_on_call(&self, number: &Number, besides: InteractionId) -> bool {
        let all = self.setup.numbering.spellings(number);
        all.iter()
            .any(|one| self.state.is_on_call(one, Some(besides)))
    }

    /// Returns the open promises to a number, in whichever spelling.
    pub(crate) fn promises_to(&self, number: &Number) -> Vec<CallbackId> {
        if !self.state.has_promises() {
            return Vec::new();
        }
        let all = self.setup.numbering.spellings(number);
        let each = all.iter().flat_map(|one| self.state.callbacks_to(one));
        each.collect()
    }

    /// Returns what the same customer is promised already, to the same number by the same queue and in the name of the same
    /// agent or nobody.
    pub(crate) fn twins(
        &self,
        number: &Number,
        customer: Option<CustomerId>,
        queue: Option<&QueueId>,
        wish: &Wish,
    ) -> Vec<CallbackId> {
        let customers = self.state.customers();
        let customer = customer.map(|customer| customers.root(customer));
        let mut all = self.promises_to(number);
        all.retain(|twin| {
            let found = self.state.interaction(twin.interaction);
            let found = found.filter(|found| {
                Some(customers.root(found.customer)) == customer && Some(&found.queue) == queue
            });
            let promise = found.and_then(|found| found.callback(*twin));
            promise.is_some_and(|promise| promise.plan.owner == wish.owner)
        });
        all
    }

    /// Returns the one that is being dialled.
    pub(crate) fn dialled(&self, twins: &[CallbackId]) -> Option<CallbackId> {
        let mut twins = twins.iter().copied();
        twins.find(|twin| {
            let found = self.state.interaction(twin.interaction);
            let promise = found.and_then(|found| found.callback(*twin));
            promise.is_some_and(|promise| promise.state == CallbackState::Dialling)
        })
    }

    /// Has a new promise stand in for those before it.
    pub(crate) fn stand_in(&mut self, twins: Vec<CallbackId>, by: CallbackId) {
        for twin in twins {
            let found = self.state.interaction(twin.interaction);
            let promise = found.and_then(|found| found.callback(twin));
            if promise.is_some_and(Callback::is_pending) {
                self.hand_on(twin, by);
            }
        }
    }

    /// Has every attempt to call a number end, whose customer called.
    pub(crate) fn give_way_to(&mut self, number: &Number) {
        for callback in self.promises_to(number) {
            if self.attempting(callback.interaction) == Some(callback) {
                self.give_way(callback);
            }
        }
    }

    /// Ends what is promised elsewhere to a number whose customer speaks with an agent, having called.
    pub(crate) fn keep_elsewhere(&mut self, number: &Number, here: InteractionId) {
        for callback in self.promises_to(number) {
            let id = callback.interaction;
            let found = self.state.interaction(id).filter(|found| found.id != here);
            let promise = found.and_then(|found| found.callback(callback));
            if promise.is_some_and(Callback::is_pending) {
                let end = CallbackEnd::CalledIn;
                self.tell(Some(id), Event::CallbackEnded { callback, end });
            }
        }
    }

    /// Looks again at what else is promised to a number that is dialled, or not any more.
    pub(crate) fn touch_promised(&mut self, number: &Number, besides: InteractionId) {
        for callback in self.promises_to(number) {
            if callback.interaction != besides {
                self.touch(callback.interaction);
            }
        }
    }
}
