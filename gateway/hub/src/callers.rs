//! Which telephone numbers are promised a call, and which are in one: a fold over facts.

use std::collections::{BTreeMap, BTreeSet};

use ws::id::{CallbackId, LegId, Number};

use crate::interaction::Interaction;

/// Promises and customers' telephones by number, each as it was told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Callers {
    promised: BTreeMap<Number, BTreeSet<CallbackId>>,
    phones: BTreeMap<Number, BTreeSet<LegId>>,
}

impl Callers {
    pub(crate) fn promise(&mut self, number: Number, callback: CallbackId) {
        self.promised.entry(number).or_default().insert(callback);
    }

    pub(crate) fn end_promise(&mut self, number: &Number, callback: CallbackId) {
        remove(&mut self.promised, number, &callback);
    }

    pub(crate) fn begin_call(&mut self, number: Number, leg: LegId) {
        self.phones.entry(number).or_default().insert(leg);
    }

    pub(crate) fn end_call(&mut self, number: &Number, leg: LegId) {
        remove(&mut self.phones, number, &leg);
    }

    /// Has a customer's telephone be another one.
    pub(crate) fn move_call(&mut self, from: &Number, to: Number, leg: LegId) {
        self.end_call(from, leg);
        self.begin_call(to, leg);
    }

    /// Tells whether nobody is promised a call.
    pub(crate) fn is_empty(&self) -> bool {
        self.promised.is_empty()
    }

    /// Returns the open promises to a number.
    pub(crate) fn promises(&self, number: &Number) -> impl Iterator<Item = CallbackId> {
        self.promised.get(number).into_iter().flatten().copied()
    }

    /// Returns all open promises.
    pub(crate) fn all(&self) -> impl Iterator<Item = CallbackId> {
        self.promised.values().flatten().copied()
    }

    /// Returns the live legs of customers' telephones that show a number.
    pub(crate) fn phones(&self, number: &Number) -> impl Iterator<Item = LegId> {
        self.phones.get(number).into_iter().flatten().copied()
    }
}

impl Interaction {
    /// Tells whether a phone of the customer's is on the line or rings.
    pub fn has_customer_phone(&self) -> bool {
        let mut live = self.legs.values().filter(|leg| leg.is_live());
        live.any(|leg| leg.is_phone() && leg.is_customer())
    }
}

fn remove<T: Ord>(of: &mut BTreeMap<Number, BTreeSet<T>>, number: &Number, what: &T) {
    if let Some(left) = of.get_mut(number) {
        left.remove(what);
        if left.is_empty() {
            of.remove(number);
        }
    }
}
