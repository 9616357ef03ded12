//! Keys that peers press, whichever way they come: as events beside the voice (RFC 4733) or by INFO. Each is told once, and
//! reaches whoever hears the leg by the way their own leg has for keys.

use std::{collections::VecDeque, time::Duration};

use sip::{
    dtmf::Digit,
    endpoint::{CallKey, Command as SipCommand},
    media::{LegKey, MediaCommand},
};
use ws::id::{LegId, Timestamp};

use super::Phones;
use crate::input::{Input, LegNews};

/// So long an INFO waits for an event that tells the same, of a leg that may send both.
const BESIDE: Duration = Duration::from_millis(400);
/// So many keys wait at most; what comes then is taken at once.
const WAITING: usize = 4096;

/// By which way a leg's keys come, where events were agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// None came yet.
    #[default]
    Unknown,
    /// As events; what comes by INFO says the same once more.
    Events,
    /// By INFO alone.
    Info,
}

/// A key that came by INFO and may come as an event yet.
#[derive(Debug)]
pub struct Waiting {
    until: Timestamp,
    leg: LegKey,
    digit: Digit,
}

impl Phones {
    /// Lets keys reach a leg's peer.
    pub(super) fn press(&mut self, id: LegId, digits: &str) {
        let Some(key) = self.by_id.get(&id).copied() else {
            return;
        };
        for digit in digits.chars().filter_map(|c| Digit::try_from(c).ok()) {
            self.press_key(key, digit);
        }
    }

    /// Takes a key that came as an event. The media plane passes it on to whoever takes events.
    pub(super) fn key_by_event(&mut self, key: LegKey, digit: Digit) {
        if let Some(leg) = self.legs.get_mut(&key)
            && leg.keys != Way::Events
        {
            leg.keys = Way::Events;
            self.forget_keys(key);
        }
        self.tell_key(key, digit);
        for listener in self.listeners(key) {
            if !self.takes_events(listener) {
                self.press_key(listener, digit);
            }
        }
    }

    /// Takes a key that came by INFO. A phone that sends each both ways is known by its first event.
    pub(super) fn key_by_info(&mut self, call: CallKey, digit: char) {
        let (Some(key), Ok(digit)) = (self.key_of_call(call), Digit::try_from(digit)) else {
            return;
        };
        let Some(leg) = self.legs.get(&key) else {
            return;
        };
        let events = leg.remote.as_ref().is_some_and(|remote| {
            let agreed = &remote.receive;
            agreed
                .telephone_event
                .or(agreed.telephone_event_48)
                .is_some()
        });
        match leg.keys {
            Way::Events if events => {}
            Way::Unknown if events && self.keys.len() < WAITING => {
                let until = self.now + BESIDE;
                self.keys.push_back(Waiting {
                    until,
                    leg: key,
                    digit,
                });
            }
            Way::Unknown | Way::Events | Way::Info => self.take_key(key, digit),
        }
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.keys.front().map(|key| key.until)
    }

    /// Takes the keys that no event told of in time.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.now = now;
        while let Some(due) = self.keys.front().filter(|key| key.until <= now) {
            let leg = due.leg;
            let all = self.keys.drain(..);
            let (of_leg, others): (VecDeque<_>, _) = all.partition(|key| key.leg == leg);
            self.keys = others;
            if let Some(leg) = self.legs.get_mut(&leg) {
                leg.keys = Way::Info;
            }
            // Those behind it were pressed by the same phone, and keep their order.
            for key in of_leg {
                self.take_key(key.leg, key.digit);
            }
        }
    }

    /// Forgets what waits of a leg.
    pub(super) fn forget_keys(&mut self, leg: LegKey) {
        self.keys.retain(|key| key.leg != leg);
    }

    fn take_key(&mut self, key: LegKey, digit: Digit) {
        self.tell_key(key, digit);
        for listener in self.listeners(key) {
            self.press_key(listener, digit);
        }
    }

    fn tell_key(&mut self, key: LegKey, digit: Digit) {
        if let Some(leg) = self.legs.get(&key).and_then(|leg| leg.id) {
            let digit = digit.into();
            self.tell(Input::Leg(LegNews::Digit { leg, digit }));
        }
    }

    // Who hears the leg, as the media plane was told.
    fn listeners(&self, key: LegKey) -> Vec<LegKey> {
        let near = self.rooms.near(key).into_iter();
        near.filter(|other| self.told.get(other).is_some_and(|row| row.contains(&key)))
            .collect()
    }

    // Of a leg that is not agreed on, the media plane knows more: it may be heard before its answer.
    fn takes_events(&self, key: LegKey) -> bool {
        let remote = self.legs.get(&key).and_then(|leg| leg.remote.as_ref());
        remote.is_none_or(|remote| remote.send.events(remote.codec).is_some())
    }

    fn press_key(&mut self, key: LegKey, digit: Digit) {
        let Some(call) = self.legs.get(&key).map(|leg| leg.call) else {
            return;
        };
        match self.takes_events(key) {
            true => self.media(MediaCommand::Digit { leg: key, digit }),
            false => self.sip(SipCommand::Press { call, digit }),
        }
    }
}
