//! Sends presses as event packets, 20 ms apart.

use std::collections::VecDeque;

use super::{Digit, EventPayload};

/// The samples between two packets.
const STEP: u16 = 160;
/// How long a press lasts: 100 ms.
const PRESS: u16 = 800;
/// RFC 4733 §2.5.1.4: the last packet is sent three times.
const ENDS: u8 = 3;
/// Ticks of silence between two presses: 80 ms.
const PAUSE: u8 = 4;
/// A power of -10 dBm0.
const VOLUME: u8 = 10;
/// More presses than this waiting are refused.
const WAITING_MAX: usize = 64;

/// One packet to send now. All packets of a press carry the timestamp of the first one, which is
/// the one with the marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventPacket {
    /// Whether it starts a press.
    pub marker: bool,
    /// What it says.
    pub payload: EventPayload,
}

/// The presses that wait to be sent on one stream.
#[derive(Clone, Debug, Default)]
pub struct DigitSender {
    waiting: VecDeque<Digit>,
    state: State,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Idle,
    Pressing {
        digit: Digit,
        duration: u16,
    },
    Ending {
        digit: Digit,
        left: u8,
    },
    Pausing {
        left: u8,
    },
}

impl DigitSender {
    /// Lets `digit` wait its turn. Returns false when too many wait already.
    pub fn press(&mut self, digit: Digit) -> bool {
        let room = self.waiting.len() < WAITING_MAX;
        if room {
            self.waiting.push_back(digit);
        }
        room
    }

    /// Whether nothing is left to send.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle) && self.waiting.is_empty()
    }

    /// The packet of this tick, if there is one. To be called every 20 ms until idle.
    pub fn tick(&mut self) -> Option<EventPacket> {
        match self.state {
            State::Idle => {
                let digit = self.waiting.pop_front()?;
                self.state = State::Pressing {
                    digit,
                    duration: STEP,
                };
                Some(packet(digit, STEP, true, false))
            }
            State::Pressing { digit, duration } => {
                let duration = duration + STEP;
                let end = duration >= PRESS;
                self.state = if end {
                    State::Ending {
                        digit,
                        left: ENDS - 1,
                    }
                } else {
                    State::Pressing { digit, duration }
                };
                Some(packet(digit, duration, false, end))
            }
            State::Ending { digit, left } => {
                self.state = match left - 1 {
                    0 => State::Pausing { left: PAUSE },
                    left => State::Ending { digit, left },
                };
                Some(packet(digit, PRESS, false, true))
            }
            State::Pausing { left } => {
                self.state = match left - 1 {
                    0 => State::Idle,
                    left => State::Pausing { left },
                };
                None
            }
        }
    }
}

const fn packet(digit: Digit, duration: u16, marker: bool, end: bool) -> EventPacket {
    EventPacket {
        marker,
        payload: EventPayload {
            event: digit.event(),
            end,
            volume: VOLUME,
            duration,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtmf::DigitReceiver;
    use crate::rtp::Header;

    #[test]
    fn what_is_sent_is_received_once_each_in_order() {
        let mut sender = DigitSender::default();
        let mut receiver = DigitReceiver::default();
        for key in "1992#".chars() {
            assert!(sender.press(Digit::try_from(key).unwrap()));
        }

        let mut heard = String::new();
        let mut header = Header::default();
        let mut now = 0;
        while !sender.is_idle() {
            now += 160;
            if let Some(packet) = sender.tick() {
                if packet.marker {
                    header.timestamp = now;
                }
                header.marker = packet.marker;
                heard.extend(receiver.handle(&header, &packet.payload).map(char::from));
            }
        }

        assert_eq!(heard, "1992#");
    }

    #[test]
    fn a_press_ends_in_three_equal_packets() {
        let mut sender = DigitSender::default();
        sender.press(Digit::try_from('0').unwrap());

        let packets: Vec<_> = (0..20).filter_map(|_| sender.tick()).collect();

        let ends = packets.iter().filter(|packet| packet.payload.end);
        assert_eq!(packets.len(), 7);
        assert!(ends.clone().all(|end| end.payload.duration == PRESS));
        assert_eq!(ends.count(), 3);
    }

    #[test]
    fn too_many_presses_are_refused() {
        let mut sender = DigitSender::default();
        let digit = Digit::try_from('0').unwrap();

        let taken = (0..100).filter(|_| sender.press(digit)).count();

        assert_eq!(taken, WAITING_MAX);
    }
}
