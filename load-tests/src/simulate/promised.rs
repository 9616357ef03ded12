//! The promises to call in an interaction, as the journal tells them.

use hub::{Event, Fact, event::CallbackEnd};
use ws::id::{LegId, Number};

use crate::matter::Matter;

/// One promise to call.
#[derive(Debug)]
pub struct Promise {
    pub number: Number,
    pub attempts: u8,
    /// How many more found no room, or nothing at the other end that answers.
    pub without_room: usize,
    /// The customer's leg of the attempt under way.
    pub dialling: Option<LegId>,
    pub end: Option<CallbackEnd>,
}

impl Promise {
    /// How often it may have been dialled.
    pub fn dials(&self) -> usize {
        usize::from(self.attempts) + self.without_room
    }
}

impl Matter {
    /// Takes in what became of a promise.
    pub fn handle_promise(&mut self, fact: &Fact) {
        match &fact.event {
            Event::CallbackPromised {
                callback,
                number,
                plan,
                ..
            } => {
                let promise = Promise {
                    number: number.clone(),
                    // One that comes from a matter that is part of this now was dialled there.
                    attempts: plan.attempts,
                    without_room: 0,
                    dialling: None,
                    end: None,
                };
                let twice = self.promises.insert(*callback, promise);
                assert!(twice.is_none(), "a callback is promised once: {fact:?}");
            }
            Event::CallbackAttempted {
                callback,
                attempt,
                customer_leg,
                ..
            } => {
                let other = self.promises.values().find(|p| p.dialling.is_some());
                assert!(other.is_none(), "one attempt at a time: {fact:?}");
                let promise = self.promises.get_mut(callback).expect("it was promised");
                assert_eq!(promise.end, None, "what is over is not dialled: {fact:?}");
                assert_eq!(
                    *attempt,
                    promise.attempts + 1,
                    "attempts are counted: {fact:?}"
                );
                promise.attempts = *attempt;
                promise.dialling = Some(*customer_leg);
            }
            Event::CallbackAttemptFailed {
                callback, cause, ..
            } => {
                let promise = self.promises.get_mut(callback).expect("it was promised");
                assert!(promise.dialling.take().is_some(), "it failed: {fact:?}");
                if cause.is_for_room() {
                    promise.attempts -= 1;
                    promise.without_room += 1;
                }
            }
            Event::CallbackEnded { callback, end } => {
                let promise = self.promises.get_mut(callback).expect("it was promised");
                let again = *end == CallbackEnd::Voicemail;
                let before = again.then_some(CallbackEnd::Reached);
                assert_eq!(promise.end, before, "a callback ends once: {fact:?}");
                promise.dialling = None;
                promise.end = Some(end.clone());
            }
            _ => {}
        }
    }
}
