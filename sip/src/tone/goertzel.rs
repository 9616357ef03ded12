//! Finds one frequency in samples (Goertzel's algorithm).

use std::f32::consts::TAU;

use super::RATE;

/// The amplitude of `frequency` Hz in `samples`, on the scale of a sample: a sine of amplitude
/// 8000 measures about 8000, anything else near 0. At least 800 samples make neighbours 20 Hz
/// apart clear.
pub fn level(samples: &[i16], frequency: u32) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let (frequency, length) = (frequency as f32, samples.len() as f32);
    let coefficient = 2.0 * (TAU * frequency / RATE as f32).cos();
    let (mut s1, mut s2) = (0.0f32, 0.0f32);
    for &sample in samples {
        let s0 = f32::from(sample) + coefficient * s1 - s2;
        (s1, s2) = (s0, s1);
    }
    let power = (s1 * s1 + s2 * s2 - coefficient * s1 * s2).max(0.0);
    2.0 * power.sqrt() / length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::Sine;

    #[test]
    fn a_tone_is_found_at_its_strength_and_nowhere_else() {
        let samples: Vec<i16> = Sine::new(440, 8000).take(1600).collect();

        assert!((level(&samples, 440) - 8000.0).abs() < 80.0);
        assert!(level(&samples, 480) < 80.0);
        assert!(level(&samples, 1000) < 80.0);
        assert!(level(&[0; 800], 440) < 1.0);
        assert!(level(&[], 440) < 1.0);
    }
}
