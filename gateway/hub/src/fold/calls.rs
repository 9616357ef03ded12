//! What facts about calls do.

use ws::{id::Timestamp, timeline::CallState};

use crate::{
    event::Event,
    interaction::{Call, CallKind, Interaction},
};

impl Interaction {
    pub(super) fn apply_call(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::EscalationStarted {
                number,
                customer_leg,
                agent_leg,
                ..
            } => {
                self.number = Some(number.clone());
                let kind = CallKind::Escalation;
                self.reserve(Call::new(kind, *customer_leg, Some(*agent_leg)));
                let number = number.clone();
                self.shown = Some((*customer_leg, CallState::Dialling { number }));
            }
            Event::Bridged { .. } => {
                self.tried.clear();
                self.meet();
                self.owed = None;
                if let Some(call) = &mut self.call {
                    call.bridged = Some(at);
                    self.shown = Some((call.customer, CallState::Connected));
                }
            }
            Event::CallEnded { cause, .. } => {
                let reason = cause.text.clone();
                self.end_call(at, CallState::Ended { reason });
            }
            Event::EscalationFailed { cause } => {
                let reason = cause.text.clone();
                self.end_call(at, CallState::Failed { reason });
            }
            _ => {}
        }
    }

    pub(super) fn reserve(&mut self, call: Call) {
        self.call = Some(Box::new(call));
        if let Some(stay) = &mut self.assignment {
            stay.voice = true;
        }
    }

    // Where the chat goes on, the voice slot is free again, and who spoke was not silent; else it is kept through the
    // wrap-up.
    pub(super) fn end_call(&mut self, at: Timestamp, state: CallState) {
        (self.recordings.announced, self.recordings.rests) = (None, None);
        if let Some(call) = self.call.take() {
            self.shown = Some((call.customer, state));
        }
        if let Some(stay) = &mut self.assignment
            && self.chat
            && stay.chat
        {
            stay.voice = false;
            (stay.resumed, stay.taken_up) = (at, at);
        }
    }
}
