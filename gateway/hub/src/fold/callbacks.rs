//! What facts about promises to call do.

use ws::{
    id::{CallbackId, Timestamp},
    timeline::{CallState, CallbackState},
};

use crate::{
    event::{CallbackEnd, Event},
    interaction::{Call, CallKind, Callback, Interaction},
};

impl Interaction {
    pub(super) fn apply_callback(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::CallbackPromised {
                callback,
                number,
                due,
                by,
            } => {
                self.number = Some(number.clone());
                let promise = Callback {
                    number: number.clone(),
                    due: *due,
                    by: by.clone(),
                    attempts: 0,
                    state: CallbackState::Promised { due: *due },
                };
                self.callbacks.insert(callback.n, promise);
            }
            Event::CallbackAttempted { .. } => self.attempt(event),
            Event::CallbackAttemptFailed {
                callback,
                cause,
                due,
                ..
            } => {
                let reason = cause.text.clone();
                self.end_call(CallState::Failed {
                    reason: reason.clone(),
                });
                if let Some(found) = self.callbacks.get_mut(&callback.n) {
                    let due = due.unwrap_or(at);
                    found.due = due;
                    found.state = CallbackState::Retrying { reason, due };
                }
            }
            Event::CallbackEnded { callback, end } => self.end_callback(*callback, end),
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
        if let Some(found) = self.callbacks.get_mut(&callback.n) {
            found.attempts = *attempt;
            found.state = CallbackState::Dialling;
            let number = found.number.clone();
            self.shown = Some((*customer_leg, CallState::Dialling { number }));
        }
        self.reserve(Call {
            kind: CallKind::Callback(*callback),
            customer: *customer_leg,
            agent: Some(*agent_leg),
            bridged: None,
        });
    }

    fn end_callback(&mut self, callback: CallbackId, end: &CallbackEnd) {
        let broken_off = self.call.as_ref().is_some_and(|call| {
            call.kind == CallKind::Callback(callback) && call.bridged.is_none()
        });
        if broken_off {
            let reason = end.words().to_owned();
            self.end_call(CallState::Failed { reason });
        }
        if let Some(found) = self.callbacks.get_mut(&callback.n) {
            found.state = match end {
                CallbackEnd::Reached | CallbackEnd::CalledIn => CallbackState::Done,
                CallbackEnd::Cancelled { .. } | CallbackEnd::GivenUp | CallbackEnd::Suppressed => {
                    CallbackState::Ended {
                        reason: end.words().to_owned(),
                    }
                }
            };
        }
    }
}
