//! How calls end (RFC 3261 §15), and what is still done after their end has been reported.

use crate::Instant;
use crate::dialog::Dialog;
use crate::message::{Message, Method};

use super::call::{Call, Exchange, Leaving, State, Up};
use super::referring::Referring;
use super::reply::{self, Refusal};
use super::{CallKey, Cause, EndedBy, Endpoint, Event};

impl Endpoint {
    pub(super) fn hang_up(&mut self, key: CallKey, cause: Cause, now: Instant) {
        let Some(call) = self.take(key) else { return };
        match &call.state {
            State::Incoming(incoming) => {
                let server = incoming.server;
                self.hang_up_incoming(call, server, cause, now);
            }
            State::Dialing(_) => self.stop_dialing(call, 487, "Request Terminated", cause, now),
            State::Up(_) => self.end(call, EndedBy::Us, cause, now),
            State::Leaving(_) => self.keep(call),
        }
    }

    /// Ends an answered call from our end: reports it, and sends BYE as soon as that is allowed.
    pub(super) fn end(&mut self, mut call: Box<Call>, by: EndedBy, cause: Cause, now: Instant) {
        self.tell(Event::Ended {
            call: call.side.key,
            by,
            cause: Some(cause.clone()),
        });
        let Some(up) = self.settle_up(&mut call, now) else {
            return self.keep(call);
        };
        match up.ack {
            // RFC 3261 §15: whoever was called waits for the ACK first.
            Some(ack) if by != EndedBy::NoAck => {
                let leaving = Leaving::AwaitingAck {
                    dialog: up.dialog,
                    ack,
                    cause,
                };
                call.state = State::Leaving(Box::new(leaving));
                self.keep(call);
            }
            Some(_) | None => self.say_bye(call, up.dialog, cause, now),
        }
    }

    /// Ends a call whose peer is no longer there. BYE is sent all the same, in case it is.
    pub(super) fn lose(&mut self, call: Box<Call>, cause: Cause, now: Instant) {
        self.end(call, EndedBy::Lost, cause, now);
    }

    /// Takes an answered call out of the tables after their BYE.
    pub(super) fn release_up(&mut self, mut call: Box<Call>, now: Instant) {
        if let Some(up) = self.settle_up(&mut call, now) {
            let told = Leaving::Told { dialog: up.dialog };
            call.state = State::Leaving(Box::new(told));
        }
        self.leave(call);
    }

    /// Drops a call that is over. What its peer waits to be told of a transfer is a usage of the dialog of its own, and goes
    /// on (RFC 5057 §4.1, RFC 3515 §2.4.7).
    pub(super) fn leave(&mut self, mut call: Box<Call>) {
        let dialog = take_leaving(&mut call).and_then(Leaving::into_dialog);
        match dialog.filter(|_| call.is_told()) {
            Some(dialog) => {
                call.state = State::Leaving(Box::new(Leaving::Told { dialog }));
                self.tell_on(call);
            }
            None => self.release(call),
        }
    }

    // Closes what is under way in an answered call and returns what is left of it.
    fn settle_up(&mut self, call: &mut Call, now: Instant) -> Option<Box<Up>> {
        let placeholder = State::Leaving(Box::new(Leaving::Gone));
        let up = match std::mem::replace(&mut call.state, placeholder) {
            State::Up(up) => up,
            other @ (State::Incoming(_) | State::Dialing(_) | State::Leaving(_)) => {
                call.state = other;
                return None;
            }
        };
        if let Some(client) = up.upkeep.client {
            self.clients.abandon(client, &self.config.timing, now);
        }
        if let Some(client) = up.pressing.as_ref().and_then(|one| one.client()) {
            self.clients.abandon(client, &self.config.timing, now);
        }
        if let Some(client) = up.referring.as_ref().and_then(Referring::client) {
            self.clients.abandon(client, &self.config.timing, now);
        }
        match up.exchange {
            Exchange::Ours { client, .. } => self.clients.abandon(client, &self.config.timing, now),
            // RFC 3261 §15.1.2: what is pending is still answered.
            Exchange::Theirs { server, .. } => {
                self.respond_plainly(server, &Refusal::new(487), &call.side, now)
            }
            Exchange::Idle | Exchange::OursLater { .. } => {}
        }
        Some(up)
    }

    /// Sends BYE.
    pub(super) fn say_bye(
        &mut self,
        mut call: Box<Call>,
        mut dialog: Dialog,
        cause: Cause,
        now: Instant,
    ) {
        let cseq = dialog.next_cseq();
        let (branch, hop, builder) = self.compose(&mut call.side, &dialog, &Method::Bye, cseq);
        let builder = reply::write_cause(builder, &cause);
        let bytes = call.side.farewell(builder).build();
        let client = self.send(Method::Bye, branch, hop, bytes, Some(call.side.key), now);
        call.state = State::Leaving(Box::new(Leaving::Bye {
            dialog,
            client,
            cause,
        }));
        self.keep(call);
    }

    pub(super) fn bye_answered(&mut self, mut call: Box<Call>, response: &Message, now: Instant) {
        let code = response.status().map_or(0, |status| status.code());
        if code < 200 {
            return self.keep(call);
        }
        if matches!(code, 401 | 407) && self.challenged(&mut call.side, response) {
            let State::Leaving(leaving) = &call.state else {
                return self.keep(call);
            };
            if let Leaving::Bye { dialog, cause, .. } = &**leaving {
                let (dialog, cause) = (dialog.clone(), cause.clone());
                return self.say_bye(call, dialog, cause, now);
            }
        }
        self.leave(call);
    }

    pub(super) fn acknowledged_leaving(
        &mut self,
        mut call: Box<Call>,
        request: &Message,
        now: Instant,
    ) {
        let number = request.cseq().number;
        match take_leaving(&mut call) {
            Some(Leaving::AwaitingAck { dialog, ack, cause }) if ack.cseq == number => {
                self.say_bye(call, dialog, cause, now);
            }
            Some(other) => {
                call.state = State::Leaving(Box::new(other));
                self.keep(call);
            }
            None => self.keep(call),
        }
    }

    /// Does what is due for a call whose end has been reported.
    pub(super) fn leaving_timeout(&mut self, mut call: Box<Call>, now: Instant) {
        match take_leaving(&mut call) {
            Some(Leaving::AwaitingAck {
                dialog,
                mut ack,
                cause,
            }) => {
                if ack.until <= now {
                    return self.say_bye(call, dialog, cause, now);
                }
                if ack.again.fires(now) {
                    self.counters.retransmissions += 1;
                    self.transmit(ack.hop, ack.response.clone());
                }
                call.state = State::Leaving(Box::new(Leaving::AwaitingAck { dialog, ack, cause }));
            }
            Some(other) => call.state = State::Leaving(Box::new(other)),
            None => {}
        }
        self.keep_told(call);
    }
}

fn take_leaving(call: &mut Call) -> Option<Leaving> {
    match &mut call.state {
        State::Leaving(leaving) => Some(std::mem::replace(&mut **leaving, Leaving::Gone)),
        State::Incoming(_) | State::Dialing(_) | State::Up(_) => None,
    }
}
