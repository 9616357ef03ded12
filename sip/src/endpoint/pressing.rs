//! Keys that peers are told by INFO (`application/dtmf-relay`): one request at a time, so that they come in order.

use std::collections::VecDeque;

use crate::Instant;
use crate::dtmf::Digit;
use crate::message::{Message, Method};
use crate::transaction::ClientId;

use super::call::{Call, State, Up};
use super::{CallKey, Cause, Endpoint, Event};

/// How many keys may wait; more are left out.
const WAITING: usize = 64;
/// The media type of a key.
const KEY: &str = "application/dtmf-relay";

/// Keys of one call that its peer is told.
#[derive(Debug, Default)]
pub(super) struct Pressing {
    /// The key whose INFO has no final response.
    going: Option<(ClientId, Digit)>,
    waiting: VecDeque<Digit>,
}

impl Pressing {
    /// Returns the transaction of our INFO, while it has no final response.
    pub fn client(&self) -> Option<ClientId> {
        self.going.map(|(client, _)| client)
    }
}

impl Up {
    /// Tells whether a transaction is that of our INFO.
    pub fn is_pressing(&self, client: ClientId) -> bool {
        let pressing = self.pressing.as_deref();
        pressing.and_then(Pressing::client) == Some(client)
    }
}

impl Endpoint {
    pub(super) fn press(&mut self, key: CallKey, digit: Digit, now: Instant) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        if let State::Up(up) = &mut call.state {
            let pressing = up.pressing.get_or_insert_default();
            match pressing.waiting.len() {
                ..WAITING => pressing.waiting.push_back(digit),
                WAITING.. => self.tell(Event::KeyRefused {
                    call: key,
                    code: 480,
                }),
            }
        }
        self.press_next(&mut call, now);
        self.keep(call);
    }

    fn press_next(&mut self, call: &mut Call, now: Instant) {
        let State::Up(up) = &mut call.state else {
            return;
        };
        let idle = |pressing: &&mut Box<Pressing>| pressing.going.is_none();
        let next = up.pressing.as_mut().filter(idle);
        if let Some(digit) = next.and_then(|pressing| pressing.waiting.pop_front()) {
            self.send_key(call, digit, now);
        }
    }

    fn send_key(&mut self, call: &mut Call, digit: Digit, now: Instant) {
        let Call { side, state, .. } = call;
        let State::Up(up) = state else { return };
        let cseq = up.dialog.next_cseq();
        let (branch, hop, builder) = self.compose(side, &up.dialog, &Method::Info, cseq);
        let body = format!("Signal={}\r\nDuration=100\r\n", char::from(digit));
        let bytes = builder.body(KEY, body).build();
        let client = self.send(Method::Info, branch, hop, bytes, Some(side.key), now);
        up.pressing.get_or_insert_default().going = Some((client, digit));
    }

    /// Takes a response to our INFO. Who takes no key now is told no other that waits.
    pub(super) fn key_answered(&mut self, mut call: Box<Call>, response: &Message, now: Instant) {
        let code = response.status().map_or(0, |status| status.code());
        let Call { side, state, .. } = &mut *call;
        let State::Up(up) = state else {
            return self.keep(call);
        };
        let overtaken = up.dialog.was_overtaken(response);
        let Some(pressing) = up.pressing.as_mut().filter(|_| code >= 200) else {
            return self.keep(call);
        };
        let digit = pressing.going.take().map(|(_, digit)| digit);
        match code {
            200..300 => {
                side.unchallenged();
                self.press_next(&mut call, now);
            }
            _ if overtaken || matches!(code, 401 | 407) && self.challenged(side, response) => {
                if let Some(digit) = digit {
                    self.send_key(&mut call, digit, now);
                }
            }
            // RFC 3261 §12.2.1.2: the dialog is gone.
            481 => {
                let cause = Cause {
                    sip: Some(code),
                    ..Cause::default()
                };
                return self.lose(call, cause, now);
            }
            _ => return self.key_refused(call, code),
        }
        self.keep(call);
    }

    /// Gives up the keys of a call: the peer takes none, or says nothing to them.
    pub(super) fn key_refused(&mut self, mut call: Box<Call>, code: u16) {
        if let State::Up(up) = &mut call.state
            && up.pressing.take().is_some()
        {
            let call = call.side.key;
            self.tell(Event::KeyRefused { call, code });
        }
        self.keep(call);
    }
}
