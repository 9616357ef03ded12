//! Sounds made here, 8 kHz linear: tones, ring-back and music on hold, and an ear for tones.

mod goertzel;
mod music;
mod ringback;
mod sine;

pub use goertzel::level;
pub use music::music;
pub use ringback::ringback;
pub use sine::Sine;

/// Samples a second.
pub const RATE: u32 = 8000;
