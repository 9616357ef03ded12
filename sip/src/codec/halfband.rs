//! From 8 kHz to 16 kHz and back: a half-band filter, every other tap of which is zero.

use std::f32::consts::PI;

/// The taps on one side that are not zero.
const SIDE: usize = 12;
/// Twice as many, the latest input last.
const SPAN: usize = 2 * SIDE;

/// The taps at odd distances from the middle, as seen from an input; their sum is one half.
fn taps() -> [f32; SIDE] {
    let mut taps = [0.0; SIDE];
    for (k, tap) in taps.iter_mut().enumerate() {
        let distance = (2 * k + 1) as f32;
        let sinc = (PI * distance / 2.0).sin() / (PI * distance);
        // Hamming's window: side lobes 53 dB down.
        let window = 0.54 + 0.46 * (PI * distance / SPAN as f32).cos();
        *tap = sinc * window;
    }
    // What the window took away is given back, so that a constant comes out as it went in.
    let sum: f32 = taps.iter().sum();
    taps.map(|tap| tap / (4.0 * sum))
}

/// Doubles the rate.
#[derive(Clone, Debug)]
pub(super) struct Doubler {
    taps: [f32; SIDE],
    past: [f32; SPAN],
}

impl Doubler {
    pub(super) fn new() -> Self {
        Self {
            taps: taps(),
            past: [0.0; SPAN],
        }
    }

    /// Takes a sample of 8 kHz and gives the two that stand for it, 1.5 ms later.
    pub(super) fn double(&mut self, sample: i16) -> [i16; 2] {
        self.past.copy_within(1.., 0);
        self.past[SPAN - 1] = f32::from(sample);
        let between: f32 = self
            .taps
            .iter()
            .enumerate()
            .map(|(k, tap)| tap * (self.past[SIDE - 1 - k] + self.past[SIDE + k]))
            .sum();
        // Twice, since half of what is filtered are zeros.
        [self.past[SIDE - 1] as i16, round(2.0 * between)]
    }
}

/// Halves the rate.
#[derive(Clone, Debug)]
pub(super) struct Halver {
    taps: [f32; SIDE],
    /// The inputs the middle tap meets, and those between them.
    even: [f32; SPAN],
    odd: [f32; SPAN],
}

impl Halver {
    pub(super) fn new() -> Self {
        Self {
            taps: taps(),
            even: [0.0; SPAN],
            odd: [0.0; SPAN],
        }
    }

    /// Takes two samples of 16 kHz and gives the one that stands for them, 1.5 ms later.
    pub(super) fn halve(&mut self, [first, second]: [i16; 2]) -> i16 {
        self.even.copy_within(1.., 0);
        self.even[SPAN - 1] = f32::from(first);
        self.odd.copy_within(1.., 0);
        self.odd[SPAN - 1] = f32::from(second);
        let around: f32 = self
            .taps
            .iter()
            .enumerate()
            .map(|(k, tap)| tap * (self.odd[SIDE - 1 - k] + self.odd[SIDE + k]))
            .sum();
        round(0.5 * self.even[SIDE] + around)
    }
}

fn round(sample: f32) -> i16 {
    // A cast from a float saturates.
    sample.round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(frequency: f32, rate: f32, count: usize) -> Vec<i16> {
        (0..count)
            .map(|n| (8000.0 * (2.0 * PI * frequency * n as f32 / rate).sin()) as i16)
            .collect()
    }

    // The strength of a frequency, counted in cycles a sample.
    fn level(samples: &[i16], cycles: f32) -> f32 {
        crate::tone::level(samples, (cycles * 8000.0).round() as u32)
    }

    #[test]
    fn speech_is_doubled_without_an_image() {
        for frequency in [300.0, 1000.0, 2000.0, 3300.0] {
            let mut doubler = Doubler::new();
            let samples = sine(frequency, 8000.0, 1600);

            let out: Vec<i16> = samples.iter().flat_map(|&s| doubler.double(s)).collect();

            let found = level(&out[400..], frequency / 16_000.0);
            let image = level(&out[400..], (8000.0 - frequency) / 16_000.0);
            assert!((7600.0..8400.0).contains(&found), "{frequency}: {found}");
            assert!(image < 200.0, "{frequency}: {image}");
        }
    }

    #[test]
    fn speech_is_halved_and_what_lies_above_it_is_gone() {
        for (frequency, least, most) in [
            (300.0, 7600.0, 8400.0),
            (1000.0, 7600.0, 8400.0),
            (3300.0, 7000.0, 8400.0),
            (5000.0, 0.0, 100.0),
            (7000.0, 0.0, 100.0),
        ] {
            let mut halver = Halver::new();
            let samples = sine(frequency, 16_000.0, 3200);

            let out: Vec<i16> = samples
                .chunks_exact(2)
                .map(|pair| halver.halve([pair[0], pair[1]]))
                .collect();

            let folded = if frequency > 4000.0 {
                8000.0 - frequency
            } else {
                frequency
            };
            let found = level(&out[200..], folded / 8000.0);
            assert!((least..=most).contains(&found), "{frequency}: {found}");
        }
    }
}
