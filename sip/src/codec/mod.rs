//! Sound in and out of codecs, as linear samples of 16 kHz: what a mixer, a recorder or another codec needs.
//!
//! One rate serves all. Telephones carry speech up to 3.4 kHz (G.711) or 7 kHz (G.722), for which 16 kHz is enough; Opus
//! is decoded to 16 kHz and encoded from it by its own coder, so nothing is ever resampled from or to 48 kHz. What
//! remains is a factor of two for G.711: a half-band filter of 23 products a sample, with a delay of 1.5 ms. The crates
//! that resample work in blocks with delays of their own and are made for arbitrary ratios.

mod conceal;
mod decoder;
mod ear;
mod encoder;
mod halfband;

pub use decoder::Decoder;
pub use ear::{Ear, Heard};
pub use encoder::Encoder;

/// Samples a second.
pub const RATE: u32 = 16_000;

/// The samples in 20 ms.
pub const FRAME_SAMPLES: usize = 320;

/// 20 ms of sound.
pub type Frame = [i16; FRAME_SAMPLES];

/// 20 ms of nothing.
pub const SILENCE: Frame = [0; FRAME_SAMPLES];

#[cfg(test)]
mod tests;
