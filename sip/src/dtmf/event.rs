//! The four bytes of a telephone event (RFC 4733 §2.3).

/// The payload of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventPayload {
    /// The event code; 0 to 15 are keys.
    pub event: u8,
    /// Whether the event is over.
    pub end: bool,
    /// The power in -dBm0, 0 to 63.
    pub volume: u8,
    /// How long the event has lasted, in timestamp units.
    pub duration: u16,
}

impl EventPayload {
    /// Reads a payload; [`None`] when it is shorter than an event.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let &[event, flags, d0, d1] = payload.first_chunk::<4>()?;
        Some(Self {
            event,
            end: flags & 0x80 != 0,
            volume: flags & 0x3f,
            duration: u16::from_be_bytes([d0, d1]),
        })
    }

    /// The payload as bytes.
    pub const fn to_bytes(self) -> [u8; 4] {
        let [d0, d1] = self.duration.to_be_bytes();
        let end = if self.end { 0x80 } else { 0 };
        [self.event, end | (self.volume & 0x3f), d0, d1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_reads_back() {
        let payload = EventPayload {
            event: 11,
            end: true,
            volume: 10,
            duration: 800,
        };

        assert_eq!(payload.to_bytes(), [11, 0x8a, 3, 0x20]);
        assert_eq!(EventPayload::parse(&payload.to_bytes()), Some(payload));
        assert_eq!(EventPayload::parse(&[1, 2, 3]), None);
    }
}
