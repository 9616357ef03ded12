//! Finds the presses in a stream of event packets: each once, however many packets tell it.

use super::{Digit, EventPayload};
use crate::rtp::Header;

/// A packet with a timestamp up to this far behind the current press is a straggler (10 s).
const STRAGGLER: u32 = 80_000;

/// Watches one stream's telephone events.
#[derive(Clone, Debug, Default)]
pub struct DigitReceiver {
    last: Option<Press>,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    ssrc: u32,
    event: u8,
    timestamp: u32,
    duration: u16,
    ended: bool,
}

impl DigitReceiver {
    /// Takes an event packet and returns the key when it tells of a press not told before. A press
    /// is told at its first packet that arrives, be that the last one sent.
    pub fn handle(&mut self, header: &Header, payload: &EventPayload) -> Option<Digit> {
        if let Some(last) = &mut self.last
            && last.ssrc == header.ssrc
        {
            let ahead = header.timestamp.wrapping_sub(last.timestamp);
            if ahead == 0 && payload.event == last.event {
                last.duration = last.duration.max(payload.duration);
                last.ended |= payload.end;
                return None;
            }
            if ahead.wrapping_neg() <= STRAGGLER && ahead != 0 {
                return None;
            }
            if last.continues(header, payload) {
                *last = Press::new(header, payload);
                return None;
            }
        }
        let digit = Digit::from_event(payload.event)?;
        self.last = Some(Press::new(header, payload));
        Some(digit)
    }
}

impl Press {
    const fn new(header: &Header, payload: &EventPayload) -> Self {
        Self {
            ssrc: header.ssrc,
            event: payload.event,
            timestamp: header.timestamp,
            duration: payload.duration,
            ended: payload.end,
        }
    }

    // RFC 4733 §2.5.1.3: a press too long for its duration field goes on in a new segment, which
    // starts where the last one stopped and has no marker. Phones that move the timestamp with
    // every packet of one press look the same.
    fn continues(&self, header: &Header, payload: &EventPayload) -> bool {
        let ahead = header.timestamp.wrapping_sub(self.timestamp);
        !self.ended
            && !header.marker
            && payload.event == self.event
            && ahead <= u32::from(self.duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(receiver: &mut DigitReceiver, packets: &[(u32, bool, u8, bool, u16)]) -> String {
        packets
            .iter()
            .filter_map(|&(timestamp, marker, event, end, duration)| {
                let header = Header {
                    timestamp,
                    marker,
                    ..Header::default()
                };
                let payload = EventPayload {
                    event,
                    end,
                    volume: 10,
                    duration,
                };
                receiver.handle(&header, &payload)
            })
            .map(char::from)
            .collect()
    }

    #[test]
    fn pain_24_a_press_is_told_once() {
        let mut receiver = DigitReceiver::default();

        let pressed = feed(
            &mut receiver,
            &[
                (1000, true, 5, false, 160),
                (1000, false, 5, false, 320),
                (1000, false, 5, true, 480),
                (1000, false, 5, true, 480),
                (1000, false, 5, true, 480),
            ],
        );

        assert_eq!(pressed, "5");
    }

    #[test]
    fn pain_24_a_press_is_told_although_only_its_last_packet_arrives() {
        let mut receiver = DigitReceiver::default();

        assert_eq!(feed(&mut receiver, &[(1000, false, 11, true, 800)]), "#");
    }

    #[test]
    fn pain_24_the_same_key_twice_is_two_presses() {
        let mut receiver = DigitReceiver::default();

        let with_ends = [(1000, true, 5, true, 480), (2000, true, 5, true, 480)];
        assert_eq!(feed(&mut receiver, &with_ends), "55");
        let ends_lost = [(4000, true, 5, false, 160), (5000, true, 5, false, 160)];
        assert_eq!(feed(&mut receiver, &ends_lost), "55");
        let starts_lost = [(7000, false, 5, true, 480), (8000, false, 5, true, 480)];
        assert_eq!(feed(&mut receiver, &starts_lost), "55");
    }

    #[test]
    fn pain_24_late_packets_of_an_earlier_press_are_not_a_press() {
        let mut receiver = DigitReceiver::default();

        let crossed = [
            (1000, true, 5, false, 160),
            (2000, true, 6, false, 160),
            (1000, false, 5, true, 480),
            (2000, false, 6, true, 480),
        ];

        assert_eq!(feed(&mut receiver, &crossed), "56");
    }

    #[test]
    fn a_long_press_in_segments_is_one_press() {
        let mut receiver = DigitReceiver::default();

        let long = [
            (0, true, 1, false, 0xffff),
            (0xffff, false, 1, false, 160),
            (0xffff, false, 1, true, 320),
        ];

        assert_eq!(feed(&mut receiver, &long), "1");
    }

    #[test]
    fn flash_is_not_a_key() {
        let mut receiver = DigitReceiver::default();

        assert_eq!(feed(&mut receiver, &[(1000, true, 16, true, 800)]), "");
    }
}
