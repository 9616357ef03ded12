//! What is heard in place of lost packets: the last period of the voice again, ever softer.

use super::RATE;

/// How much of the past is looked through: 40 ms.
const PAST: usize = RATE as usize / 25;
/// The shortest and longest period of a voice: 2.5 ms (400 Hz) and 15 ms (66 Hz).
const SHORTEST: usize = RATE as usize / 400;
const LONGEST: usize = 3 * RATE as usize / 200;
/// What is compared to find the period: 10 ms.
const WINDOW: usize = RATE as usize / 100;
/// After this many samples nothing is left: 60 ms.
const FADE: usize = 3 * RATE as usize / 50;
/// Over this many samples the voice goes over into its repetition, and back: 2.5 ms.
const SEAM: usize = RATE as usize / 400;

/// Remembers what was heard, and goes on with it for a while.
#[derive(Clone, Debug)]
pub(super) struct Concealer {
    past: Vec<i16>,
    /// How many samples were made up since the last real one.
    made: usize,
    period: usize,
}

impl Concealer {
    pub(super) const fn new() -> Self {
        Self {
            past: Vec::new(),
            made: 0,
            period: 0,
        }
    }

    /// Takes note of real sound. After a loss its first samples are blended with what was made up.
    pub(super) fn heard(&mut self, samples: &mut [i16]) {
        if self.made > 0 {
            let seam = SEAM.min(samples.len());
            let mut made = Vec::with_capacity(seam);
            self.make(seam, &mut made);
            for (n, (sample, made)) in samples.iter_mut().zip(made).enumerate() {
                let share = n as f32 / seam as f32;
                *sample = (share * f32::from(*sample) + (1.0 - share) * f32::from(made)) as i16;
            }
            self.made = 0;
        }
        self.remember(samples);
    }

    /// Appends `count` samples that nothing came for.
    pub(super) fn conceal(&mut self, count: usize, out: &mut Vec<i16>) {
        if self.made == 0 {
            self.period = self.find_period();
        }
        self.make(count, out);
    }

    /// Whether nothing is left to go on with.
    pub(super) fn is_silent(&self) -> bool {
        self.past.is_empty() || self.made >= FADE
    }

    fn make(&mut self, count: usize, out: &mut Vec<i16>) {
        let Some(start) = self.past.len().checked_sub(self.period.max(1)) else {
            out.extend(std::iter::repeat_n(0, count));
            self.made += count;
            return;
        };
        for _ in 0..count {
            let gain = 1.0 - self.made.min(FADE) as f32 / FADE as f32;
            let sample = self.past[start + self.made % self.period.max(1)];
            out.push((gain * f32::from(sample)) as i16);
            self.made += 1;
        }
    }

    fn remember(&mut self, samples: &[i16]) {
        let latest = &samples[samples.len().saturating_sub(PAST)..];
        let keep = PAST - latest.len();
        let drop = self.past.len().saturating_sub(keep);
        self.past.drain(..drop);
        self.past.extend_from_slice(latest);
    }

    // The distance at which the latest sound is most like what it was before.
    fn find_period(&self) -> usize {
        let Some(start) = self.past.len().checked_sub(WINDOW) else {
            return self.past.len();
        };
        let latest = &self.past[start..];
        (SHORTEST..=LONGEST.min(start))
            .map(|lag| (lag, likeness(latest, &self.past[start - lag..][..WINDOW])))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(WINDOW, |(lag, _)| lag)
    }
}

fn likeness(a: &[i16], b: &[i16]) -> f32 {
    let (mut product, mut power) = (0.0f32, 1.0f32);
    for (&a, &b) in a.iter().zip(b) {
        product += f32::from(a) * f32::from(b);
        power += f32::from(b) * f32::from(b);
    }
    product / power.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::level;

    fn sine(count: usize, from: usize) -> Vec<i16> {
        (from..from + count)
            .map(|n| (8000.0 * (std::f32::consts::TAU * 200.0 * n as f32 / 16_000.0).sin()) as i16)
            .collect()
    }

    #[test]
    fn a_voice_goes_on_over_a_lost_packet_and_no_seam_is_heard() {
        let mut concealer = Concealer::new();
        let mut out = sine(1280, 0);
        concealer.heard(&mut out.clone());

        concealer.conceal(320, &mut out);
        let mut after = sine(1280, 1600);
        concealer.heard(&mut after);
        out.extend(after);

        // The ear counts 8,000 samples a second.
        assert!(level(&out[1280..1600], 100) > 5000.0);
        let steps = out.windows(2).map(|pair| (pair[0] - pair[1]).abs());
        assert!(steps.max() < Some(1500));
    }

    #[test]
    fn a_long_loss_fades_to_silence() {
        let mut concealer = Concealer::new();
        concealer.heard(&mut sine(1280, 0));

        let mut out = Vec::new();
        concealer.conceal(1600, &mut out);

        assert!(out[960..].iter().all(|&sample| sample == 0));
        assert!(concealer.is_silent());
    }

    #[test]
    fn with_nothing_heard_there_is_nothing_to_go_on_with() {
        let mut out = Vec::new();

        Concealer::new().conceal(320, &mut out);

        assert_eq!(out, [0; 320]);
    }
}
