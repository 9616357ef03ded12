//! What facts about promises to call do.

use ws::{
    id::{CallbackId, Timestamp},
    timeline::{Author, CallState, CallbackState},
};

use crate::{
    event::{CallbackEnd, Event},
    input::CauseKind,
    interaction::{Call, CallKind, Callback, Interaction},
};

impl Interaction {
    pub(super) fn apply_callback(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::CallbackPromised { .. } | Event::CallbackMoved { .. } => self.promise(event),
            Event::CallbackWaits(waits) => {
                if let Some(found) = self.callbacks.get_mut(waits.callback.n) {
                    found.waits.push(waits.clone());
                }
            }
            Event::CallbackReminded { callback, .. } => {
                if let Some(found) = self.callbacks.get_mut(callback.n) {
                    found.reminded = true;
                }
            }
            Event::CallbackAttempted { .. } => self.attempt(event),
            Event::CallbackAttemptFailed {
                callback,
                cause,
                due,
                ..
            } => {
                let reason = cause.text.clone();
                let customer = self.call.as_ref().map(|call| call.customer);
                let dialled = customer.is_some_and(|leg| self.leg(leg).is_some());
                self.end_call(
                    at,
                    CallState::Failed {
                        reason: reason.clone(),
                    },
                );
                if let Some(found) = self.callbacks.get_mut(callback.n) {
                    if cause.is_for_room() {
                        found.attempts = found.attempts.saturating_sub(1);
                    }
                    if dialled && is_try(cause.kind) {
                        let failed = found.failed.entry(cause.kind).or_default();
                        *failed = failed.saturating_add(1);
                    }
                    let due = due.unwrap_or(at);
                    // Neither a restart nor an agent's phone is a try, and only tries are counted.
                    if due > at && cause.kind != CauseKind::Interrupted {
                        found.wanted = due;
                    }
                    found.due = due;
                    found.state = CallbackState::Retrying { reason, due };
                }
            }
            Event::CallbackEnded { callback, end } => self.end_callback(at, *callback, end),
            _ => {}
        }
    }

    fn promise(&mut self, event: &Event) {
        match event {
            Event::CallbackPromised {
                callback,
                number,
                due,
                by,
                plan,
            } => {
                self.number = Some(number.clone());
                let promise = Callback {
                    number: number.clone(),
                    due: *due,
                    wanted: *due,
                    by: by.clone(),
                    plan: (**plan).clone(),
                    attempts: plan.attempts,
                    failed: plan.failed.clone(),
                    reminded: false,
                    waits: Vec::new(),
                    state: CallbackState::Promised { due: *due },
                    unwanted: false,
                    reached: None,
                };
                self.callbacks.insert(callback.n, promise);
            }
            Event::CallbackMoved {
                callback,
                due,
                plan,
                by,
            } => {
                if let Some(found) = self.callbacks.get_mut(callback.n) {
                    if *by != Author::System {
                        found.wanted = *due;
                    }
                    (found.due, found.plan) = (*due, (**plan).clone());
                    found.state = CallbackState::Promised { due: *due };
                    found.reminded = false;
                    found.waits.clear();
                }
            }
            _ => {}
        }
    }

    fn attempt(&mut self, event: &Event) {
        let Event::CallbackAttempted {
            callback,
            attempt,
            customer_leg,
            agent_leg,
            ..
        } = event
        else {
            return;
        };
        if let Some(found) = self.callbacks.get_mut(callback.n) {
            found.attempts = *attempt;
            found.state = CallbackState::Dialling;
            found.waits.clear();
            let number = found.number.clone();
            self.shown = Some((*customer_leg, CallState::Dialling { number }));
        }
        let kind = CallKind::Callback(*callback);
        self.reserve(Call::new(kind, *customer_leg, *agent_leg));
    }

    fn end_callback(&mut self, at: Timestamp, callback: CallbackId, end: &CallbackEnd) {
        let broken_off = self.call.as_ref().is_some_and(|call| {
            call.kind == CallKind::Callback(callback) && call.bridged.is_none()
        });
        if broken_off {
            let reason = end.words().to_owned();
            self.end_call(at, CallState::Failed { reason });
        }
        if let Some(found) = self.callbacks.get_mut(callback.n) {
            found.unwanted = found.attempts == 0 && end.by().is_some();
            if *end == CallbackEnd::Reached {
                found.reached = self.assignment.as_ref().map(|stay| stay.id);
            }
            found.state = end.state();
        }
    }
}

// Nobody knows what came of one that a restart cut, and one to which something came between says nothing of the customer. Whoever
// broke one off, the customer's phone rang.
fn is_try(kind: CauseKind) -> bool {
    kind != CauseKind::Interrupted
}
