//! Listens to one peer: puts its packets into order, decodes them, and fills in for those that are lost.

use super::{Decoder, FRAME_SAMPLES, Frame, SILENCE, conceal::Concealer};
use crate::{
    rtp::{Due, JitterBuffer},
    sdp::Codec,
};

/// What one packet holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Sound, as its codec wrote it.
    Audio(Codec, Vec<u8>),
    /// From now on there is noise instead of packets (RFC 3389), this many decibels below the loudest.
    Noise(u8),
    /// A key, which takes a number but no time.
    Event,
}

/// One peer's stream as frames, whatever becomes of its packets.
#[derive(Debug)]
pub struct Ear {
    waiting: JitterBuffer<Heard>,
    decoder: Decoder,
    concealer: Concealer,
    /// Sound that was decoded and not asked for yet.
    ready: Vec<i16>,
    /// The samples of the last packet, as a lost one will have had.
    usual: usize,
    noise: Option<Noise>,
}

impl Ear {
    /// Starts to listen to a stream that will be in `codec` first.
    pub fn new(codec: Codec) -> Self {
        Self {
            waiting: JitterBuffer::default(),
            decoder: Decoder::new(codec),
            concealer: Concealer::new(),
            ready: Vec::new(),
            usual: FRAME_SAMPLES,
            noise: None,
        }
    }

    /// Takes a packet.
    pub fn put(&mut self, sequence: u16, heard: Heard) {
        self.waiting.put(sequence, heard);
    }

    /// Gives the next 20 ms, once every 20 ms.
    pub fn frame(&mut self) -> Frame {
        while self.ready.len() < FRAME_SAMPLES {
            match self.waiting.take() {
                Due::Packet(Heard::Audio(codec, payload)) => self.decode(codec, &payload),
                Due::Packet(Heard::Noise(level)) => {
                    self.noise = Some(Noise::new(level));
                }
                Due::Packet(Heard::Event) => {}
                Due::Lost => self.recover(),
                Due::Nothing => self.fill(FRAME_SAMPLES - self.ready.len()),
            }
        }
        let mut frame = SILENCE;
        frame.copy_from_slice(&self.ready[..FRAME_SAMPLES]);
        self.ready.drain(..FRAME_SAMPLES);
        frame
    }

    /// Lets so many times 20 ms go by that nobody asked for: what came meanwhile is heard by nobody.
    pub fn pass(&mut self, frames: u64) {
        for _ in 0..frames {
            if !self.waiting.is_behind() {
                return;
            }
            self.frame();
        }
    }

    fn decode(&mut self, codec: Codec, payload: &[u8]) {
        if self.decoder.codec() != codec {
            self.decoder = Decoder::new(codec);
        }
        let start = self.ready.len();
        self.decoder.decode(payload, &mut self.ready);
        let samples = &mut self.ready[start..];
        if samples.is_empty() {
            return;
        }
        self.usual = samples.len();
        self.noise = None;
        self.concealer.heard(samples);
    }

    // The packet behind a lost one may hold it once more.
    fn recover(&mut self) {
        let start = self.ready.len();
        let whole = match self.waiting.next() {
            Some(Heard::Audio(codec, payload)) if *codec == self.decoder.codec() => {
                self.decoder.recover(payload, self.usual, &mut self.ready)
            }
            Some(Heard::Audio(..) | Heard::Noise(_) | Heard::Event) | None => false,
        };
        match whole {
            true => self.concealer.heard(&mut self.ready[start..]),
            false => self.fill(self.usual),
        }
    }

    fn fill(&mut self, count: usize) {
        match &mut self.noise {
            Some(noise) => self.ready.extend(noise.by_ref().take(count)),
            None if self.concealer.is_silent() => {
                self.ready.extend(std::iter::repeat_n(0, count));
            }
            None => self.concealer.conceal(count, &mut self.ready),
        }
    }
}

/// White noise, the same every time.
#[derive(Clone, Debug)]
struct Noise {
    amplitude: f32,
    state: u32,
}

impl Noise {
    // RFC 3389 §3.1: 0 to 127 dB below the overload point. White noise of an even spread has its power at a third.
    fn new(level: u8) -> Self {
        let rms = 32_767.0 * 10f32.powf(-f32::from(level & 0x7f) / 20.0);
        Self {
            amplitude: rms * 3f32.sqrt(),
            state: 0x2545_f491,
        }
    }
}

impl Iterator for Noise {
    type Item = i16;

    fn next(&mut self) -> Option<i16> {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        let even = self.state as f32 / (u32::MAX as f32 / 2.0) - 1.0;
        Some((self.amplitude * even) as i16)
    }
}
