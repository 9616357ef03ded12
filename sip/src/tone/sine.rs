//! A steady tone.

use std::f32::consts::TAU;

use super::RATE;

/// An endless sine wave.
#[derive(Clone, Debug)]
pub struct Sine {
    frequency: u32,
    amplitude: f32,
    /// The position in one second, in samples times hertz, so that it never drifts.
    phase: u32,
}

impl Sine {
    /// A tone of `frequency` Hz that swings between plus and minus `amplitude`.
    pub fn new(frequency: u32, amplitude: i16) -> Self {
        Self {
            frequency: frequency % RATE,
            amplitude: f32::from(amplitude),
            phase: 0,
        }
    }

    /// The next sample.
    pub fn sample(&mut self) -> i16 {
        let angle = TAU * self.phase as f32 / RATE as f32;
        self.phase = (self.phase + self.frequency) % RATE;
        (self.amplitude * angle.sin()) as i16
    }
}

impl Iterator for Sine {
    type Item = i16;

    fn next(&mut self) -> Option<i16> {
        Some(self.sample())
    }
}
