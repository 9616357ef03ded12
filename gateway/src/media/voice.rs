//! What we say to one peer ourselves: encoded, and cut into packets as long as the peer asked for.

use sip::codec::{Decoder, Encoder, FRAME_SAMPLES, Frame, SILENCE};
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
    /// What Opus has not encoded yet: it makes a packet at a time.
    samples: Vec<i16>,
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
            samples: Vec::new(),
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
        self.samples.clear();
        std::mem::take(&mut self.skipped).wrapping_add(units)
    }

    /// Says 20 ms, after `skipped` times 20 ms of nothing.
    pub(super) fn say(&mut self, frame: &Frame, skipped: u32) {
        let units = self.encoder.codec().clock_rate() / 50;
        self.skipped = self.skipped.wrapping_add(skipped.wrapping_mul(units));
        match self.encoder.codec() {
            Codec::Pcmu | Codec::Pcma | Codec::G722 => {
                self.encoder.encode(frame, &mut self.pending);
            }
            Codec::Opus => self.samples.extend(frame),
        }
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
        let ptime = self.ptime.clamp(SHORTEST, LONGEST);
        let (payload, length) = match self.encoder.codec() {
            Codec::Pcmu | Codec::Pcma | Codec::G722 => {
                // A byte is a timestamp unit: eight a millisecond.
                let bytes = 8 * usize::from(ptime);
                if self.pending.len() < bytes {
                    return None;
                }
                (self.pending.drain(..bytes).collect(), bytes as u32)
            }
            Codec::Opus => {
                let length = opus_length(ptime);
                let count = usize::from(length) * FRAME_SAMPLES / 20;
                if self.samples.len() < count {
                    return None;
                }
                let mut payload = Vec::new();
                self.encoder.encode(&self.samples[..count], &mut payload);
                self.samples.drain(..count);
                let units = Codec::Opus.clock_rate() / 1000;
                (payload, u32::from(length) * units)
            }
        };
        Some(Utterance {
            payload,
            length,
            skipped: std::mem::take(&mut self.skipped),
        })
    }
}

// RFC 6716 §2.1.4: the longest frame that is not longer than asked for. Those below 10 ms are for music.
const fn opus_length(ptime: u8) -> u8 {
    match ptime {
        ..20 => 10,
        20..40 => 20,
        40..60 => 40,
        60.. => 60,
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
    }

    #[test]
    fn packets_of_opus_are_one_frame_as_long_as_the_peer_asked() {
        for (asked, length, packets) in [
            (5, 10, 24),
            (10, 10, 24),
            (20, 20, 12),
            (30, 20, 12),
            (40, 40, 6),
            (60, 60, 4),
            (120, 60, 4),
        ] {
            let mut voice = Voice::new(Codec::Opus, asked);
            let mut decoder = Decoder::new(Codec::Opus);
            let mut heard = Vec::new();
            for _ in 0..12 {
                voice.say(&SILENCE, 0);
                while let Some(packet) = voice.packet() {
                    let mut samples = Vec::new();
                    decoder.decode(&packet.payload, &mut samples);
                    heard.push((samples.len(), packet.length));
                }
            }

            let expected = (16 * length as usize, 48 * length);
            assert_eq!(heard, vec![expected; packets], "{asked} ms");
        }
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
