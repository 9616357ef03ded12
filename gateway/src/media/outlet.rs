//! The one stream a leg's peer hears, whatever feeds it.

use std::time::Instant;

use sip::rtp::Header;

/// Writes headers with one SSRC, sequence numbers without gaps of our making, and timestamps that
/// keep step with the clock, across every change of source: player, partner, another partner.
#[derive(Clone, Debug)]
pub(super) struct Outlet {
    ssrc: u32,
    source: Source,
    /// Timestamp units a second.
    rate: u32,
    sequence: u16,
    timestamp: u32,
    /// What the last packet of our own holds, in timestamp units.
    length: u32,
    /// When `timestamp` was sent; [`None`] before the first packet.
    sent_at: Option<Instant>,
    event_timestamp: u32,
    /// The source and time of the partner's key that was passed on last.
    passed: Option<(u32, u32)>,
    packets: u64,
    bytes: u64,
    /// Numbers passed over because nothing came to be passed on.
    gaps: u64,
}

/// What feeds the stream.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// Nothing, or something new that has not sent yet.
    Fresh,
    /// Our own player.
    Player,
    /// Our own player, which described silence last.
    Hushed,
    /// Another leg's packets, moved by constant shifts, so that their losses and order show.
    Relay {
        ssrc: u32,
        highest: u16,
        /// The first number that has a place in our stream.
        floor: u16,
        sequence_shift: u16,
        timestamp_shift: u32,
    },
}

impl Outlet {
    /// Starts a stream at a random place (RFC 3550 §5.1).
    pub(super) const fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self {
            ssrc,
            source: Source::Fresh,
            rate: 8000,
            sequence,
            timestamp,
            length: 0,
            sent_at: None,
            event_timestamp: timestamp,
            passed: None,
            packets: 0,
            bytes: 0,
            gaps: 0,
        }
    }

    pub(super) const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    pub(super) const fn packets(&self) -> u64 {
        self.packets
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many numbers of the stream were passed over: losses of whom it relays.
    pub(super) const fn gaps(&self) -> u64 {
        self.gaps
    }

    /// What the stream's clock shows now; [`None`] before its first packet.
    pub(super) fn clock(&self, now: Instant) -> Option<u32> {
        let sent_at = self.sent_at?;
        Some(self.timestamp.wrapping_add(self.units(sent_at, now)))
    }

    /// Counts at `rate` timestamp units a second from now on, as another codec asks.
    pub(super) fn set_rate(&mut self, rate: u32) {
        if self.rate != rate {
            self.rate = rate;
            self.change_source();
        }
    }

    /// Counts a packet that leaves.
    pub(super) fn count(&mut self, payload: usize) {
        self.packets += 1;
        self.bytes += payload as u64;
    }

    /// Forgets the source: the next packet joins on anew, with the marker.
    pub(super) fn change_source(&mut self) {
        self.source = Source::Fresh;
    }

    /// Takes note that a packet of the relayed source was left out on purpose, or that the source counts anew: the next one
    /// joins on anew, so that the peer does not count a loss.
    pub(super) fn leave_out(&mut self) {
        match self.source {
            Source::Relay { .. } => self.source = Source::Fresh,
            Source::Fresh | Source::Player | Source::Hushed => {}
        }
    }

    /// The header of the next packet of our own, `length` timestamp units long, and `skipped` units after the end of
    /// the one before.
    pub(super) fn play(
        &mut self,
        payload_type: u8,
        skipped: u32,
        length: u32,
        now: Instant,
    ) -> Header {
        // RFC 3551 §4.1: the first packet after a silence that was not sent is marked.
        let marker = !matches!(self.source, Source::Player);
        self.go_on(skipped, length, now);
        self.source = Source::Player;
        self.header(marker, payload_type, self.timestamp)
    }

    /// The header of a description of silence (RFC 3389) in the place of a packet of our own.
    pub(super) fn hush(
        &mut self,
        payload_type: u8,
        skipped: u32,
        length: u32,
        now: Instant,
    ) -> Header {
        self.go_on(skipped, length, now);
        self.source = Source::Hushed;
        self.header(false, payload_type, self.timestamp)
    }

    fn go_on(&mut self, skipped: u32, length: u32, now: Instant) {
        self.timestamp = match self.source {
            Source::Player | Source::Hushed => {
                let step = skipped.wrapping_add(self.length);
                self.timestamp.wrapping_add(step)
            }
            Source::Fresh | Source::Relay { .. } => self.resume(now),
        };
        self.length = length;
        self.sequence = self.sequence.wrapping_add(1);
        self.sent_at = Some(now);
    }

    /// The header of a relayed packet; [`None`] when it comes too late to have a place. A source that counts anew is told by
    /// [`Self::leave_out`] first.
    pub(super) fn relay(
        &mut self,
        from: &Header,
        payload_type: u8,
        now: Instant,
    ) -> Option<Header> {
        let joins = !matches!(self.source, Source::Relay { ssrc, .. } if ssrc == from.ssrc);
        if joins {
            self.source = Source::Relay {
                ssrc: from.ssrc,
                highest: from.sequence,
                floor: from.sequence,
                sequence_shift: self.sequence.wrapping_add(1).wrapping_sub(from.sequence),
                timestamp_shift: self.resume(now).wrapping_sub(from.timestamp),
            };
        }
        let Source::Relay {
            highest,
            floor,
            sequence_shift,
            timestamp_shift,
            ..
        } = &mut self.source
        else {
            unreachable!("made a relay above, unless it was one");
        };
        if is_behind(from.sequence, *floor) {
            return None;
        }
        let sequence = from.sequence.wrapping_add(*sequence_shift);
        let timestamp = from.timestamp.wrapping_add(*timestamp_shift);
        if joins || !is_behind(from.sequence, highest.wrapping_add(1)) {
            let step = sequence.wrapping_sub(self.sequence);
            self.gaps += u64::from(step.saturating_sub(1));
            *highest = from.sequence;
            self.sequence = sequence;
            self.timestamp = timestamp;
            self.sent_at = Some(now);
        } else {
            self.gaps = self.gaps.saturating_sub(1);
        }
        Some(Header {
            marker: joins || from.marker,
            payload_type,
            sequence,
            timestamp,
            ssrc: self.ssrc,
        })
    }

    /// The header of a telephone event of our own, between whatever else is sent. Packets of one
    /// press share the timestamp of the first, which has the `marker`.
    pub(super) fn event(&mut self, payload_type: u8, marker: bool, now: Instant) -> Header {
        if marker {
            self.event_timestamp = self.clock(now).unwrap_or(self.timestamp);
            self.sent_at.get_or_insert(now);
        }
        self.sequence = self.sequence.wrapping_add(1);
        if let Source::Relay {
            highest,
            floor,
            sequence_shift,
            ..
        } = &mut self.source
        {
            // The relayed numbers move up by one; what is still on its way has lost its place.
            *sequence_shift = sequence_shift.wrapping_add(1);
            *floor = highest.wrapping_add(1);
        }
        self.header(marker, payload_type, self.event_timestamp)
    }

    /// The header of a partner's telephone event between packets of our own. All packets of a press have one time.
    pub(super) fn pass(&mut self, from: &Header, payload_type: u8, now: Instant) -> Header {
        let press = (from.ssrc, from.timestamp);
        if self.passed.replace(press) != Some(press) {
            self.event_timestamp = self.clock(now).unwrap_or(self.timestamp);
            self.sent_at.get_or_insert(now);
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.header(from.marker, payload_type, self.event_timestamp)
    }

    // A new source begins where the clock stands, and 20 ms after the last packet at least.
    fn resume(&self, now: Instant) -> u32 {
        match self.sent_at {
            Some(sent_at) => self
                .timestamp
                .wrapping_add(self.units(sent_at, now).max(self.rate / 50)),
            None => self.timestamp,
        }
    }

    // Timestamp units between two moments; they wrap, as timestamps do.
    fn units(&self, from: Instant, to: Instant) -> u32 {
        let passed = to.saturating_duration_since(from).as_micros();
        (passed * u128::from(self.rate) / 1_000_000) as u32
    }

    const fn header(&self, marker: bool, payload_type: u8, timestamp: u32) -> Header {
        Header {
            marker,
            payload_type,
            sequence: self.sequence,
            timestamp,
            ssrc: self.ssrc,
        }
    }
}

fn is_behind(sequence: u16, other: u16) -> bool {
    other.wrapping_sub(sequence).wrapping_sub(1) < 0x7fff
}

#[cfg(test)]
mod tests;
