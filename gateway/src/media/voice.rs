//! What we say to one peer ourselves: encoded, and cut into packets as long as the peer asked for.

use sip::codec::{Decoder, Encoder, Frame, SILENCE};
use sip::sdp::Codec;

use super::player::FRAME_BYTES;

/// The shortest and the longest packet we make, in milliseconds.
const SHORTEST: u8 = 10;
const LONGEST: u8 = 60;

/// An encoder and what it wrote that is not a packet yet.
pub(super) struct Voice {
    encoder: Encoder,
    /// Reads clips, which are kept in A-law.
    reader: Decoder,
    ptime: u8,
    /// The percentage of packets that is expected to be lost.
    loss: u8,
    pending: Vec<u8>,
    /// Timestamp units left out before what is pending.
    skipped: u32,
}

/// One packet to send.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Utterance {
    pub(super) payload: Vec<u8>,
    /// Its length, and what was left out before it, in timestamp units.
    pub(super) length: u32,
    pub(super) skipped: u32,
}

impl Voice {
    /// Starts to speak `codec` in packets of `ptime` milliseconds.
    pub(super) fn new(codec: Codec, ptime: u8) -> Self {
        Self {
            encoder: Encoder::new(codec),
            reader: Decoder::new(Codec::Pcma),
            ptime,
            loss: 0,
            pending: Vec::new(),
            skipped: 0,
        }
    }

    /// Whether it speaks like that.
    pub(super) fn speaks(&self, codec: Codec, ptime: u8) -> bool {
        self.encoder.codec() == codec && self.ptime == ptime
    }

    /// See [`Encoder::expect_loss`].
    pub(super) fn expect_loss(&mut self, percent: u8) {
        if self.loss != percent {
            self.loss = percent;
            self.encoder.expect_loss(percent);
        }
    }

    /// Forgets what was not sent yet. Returns how long that was, in timestamp units of G.711 and G.722.
    pub(super) fn clear(&mut self) -> u32 {
        let units = u32::try_from(self.pending.len()).unwrap_or(u32::MAX);
        self.pending.clear();
        std::mem::take(&mut self.skipped).wrapping_add(units)
    }

    /// Says 20 ms, after `skipped` times 20 ms of nothing.
    pub(super) fn say(&mut self, frame: &Frame, skipped: u32) {
        let units = self.encoder.codec().clock_rate() / 50;
        self.skipped = self.skipped.wrapping_add(skipped.wrapping_mul(units));
        self.encoder.encode(frame, &mut self.pending);
    }

    /// Says 20 ms of a clip, an A-law byte a sample.
    pub(super) fn say_clip(&mut self, clip: &[u8; FRAME_BYTES], skipped: u32) {
        let mut samples = Vec::new();
        self.reader.decode(clip, &mut samples);
        let mut frame = SILENCE;
        frame.copy_from_slice(&samples);
        self.say(&frame, skipped);
    }

    /// Takes the next packet, if one is full.
    pub(super) fn packet(&mut self) -> Option<Utterance> {
        let codec = self.encoder.codec();
        let (bytes, length) = match codec {
            // A byte is a timestamp unit: eight a millisecond.
            Codec::Pcmu | Codec::Pcma | Codec::G722 => {
                let bytes = 8 * usize::from(self.ptime.clamp(SHORTEST, LONGEST));
                (bytes, bytes as u32)
            }
            // A packet holds its own length, and everybody takes 20 ms (RFC 7587 §4.2).
            Codec::Opus => (self.pending.len().max(1), codec.clock_rate() / 50),
        };
        if self.pending.len() < bytes {
            return None;
        }
        Some(Utterance {
            payload: self.pending.drain(..bytes).collect(),
            length,
            skipped: std::mem::take(&mut self.skipped),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(codec: Codec, ptime: u8, frames: usize) -> Vec<(usize, u32)> {
        let mut voice = Voice::new(codec, ptime);
        let mut out = Vec::new();
        for _ in 0..frames {
            voice.say(&SILENCE, 0);
            while let Some(packet) = voice.packet() {
                out.push((packet.payload.len(), packet.length));
            }
        }
        out
    }

    #[test]
    fn packets_are_as_long_as_the_peer_asked() {
        assert_eq!(lengths(Codec::Pcma, 10, 1), [(80, 80); 2]);
        assert_eq!(lengths(Codec::Pcmu, 20, 2), [(160, 160); 2]);
        assert_eq!(lengths(Codec::G722, 30, 3), [(240, 240); 2]);
        assert_eq!(lengths(Codec::Pcma, 60, 6), [(480, 480); 2]);
        // Nobody is sent datagrams that do not fit.
        assert_eq!(lengths(Codec::Pcma, 200, 6), [(480, 480); 2]);
        assert_eq!(lengths(Codec::Opus, 60, 2).len(), 2);
    }

    #[test]
    fn what_was_left_out_is_told_with_the_next_packet() {
        let mut voice = Voice::new(Codec::Pcma, 40);
        voice.say(&SILENCE, 3);
        assert_eq!(voice.packet(), None);
        voice.say(&SILENCE, 0);

        assert_eq!(voice.packet().map(|packet| packet.skipped), Some(480));
    }
}
