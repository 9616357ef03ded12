//! The keys pressed for us on one leg, and their pace.

use std::time::Instant;

use sip::dtmf::{Digit, DigitSender, EventPacket};
use sip::rtp::Playout;

/// Keys being sent, or none.
#[derive(Clone, Debug, Default)]
pub(super) enum Keypad {
    /// Nothing is left to send.
    #[default]
    Idle,
    /// Packets leave every 20 ms.
    Pressing {
        /// What is left to send.
        keys: DigitSender,
        /// When the next packet is due.
        pace: Playout,
    },
}

impl Keypad {
    /// Lets a key wait its turn; the first one starts at `first`. False when too many wait.
    pub(super) fn press(&mut self, digit: Digit, first: Instant) -> bool {
        match self {
            Self::Pressing { keys, .. } => keys.press(digit),
            Self::Idle => {
                let mut keys = DigitSender::default();
                let taken = keys.press(digit);
                let pace = Playout::new(first);
                *self = Self::Pressing { keys, pace };
                taken
            }
        }
    }

    /// When [`Self::packet`] is next due.
    pub(super) const fn due(&self) -> Option<Instant> {
        match self {
            Self::Idle => None,
            Self::Pressing { pace, .. } => Some(pace.due()),
        }
    }

    /// The packet that is due, if one is; between two keys there is none.
    pub(super) fn packet(&mut self, now: Instant) -> Option<EventPacket> {
        let Self::Pressing { keys, pace } = self else {
            return None;
        };
        pace.take(now)?;
        let packet = keys.tick();
        if keys.is_idle() {
            *self = Self::Idle;
        }
        packet
    }
}

#[cfg(test)]
mod tests {
    use sip::rtp::FRAME;

    use super::*;

    #[test]
    fn a_key_is_sent_at_its_pace_and_then_nothing_is_due() {
        let start = Instant::now();
        let mut keypad = Keypad::default();
        assert!(keypad.press(Digit::try_from('5').unwrap(), start));

        let mut packets = 0;
        while let Some(due) = keypad.due() {
            assert_eq!(keypad.packet(due - FRAME / 2), None);
            packets += u32::from(keypad.packet(due).is_some());
        }

        assert_eq!(packets, 7);
    }
}
