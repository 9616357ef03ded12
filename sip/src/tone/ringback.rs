//! The tone a caller hears while the other side rings (ETSI cadence: 425 Hz, 1 s on, 4 s off).

use super::{RATE, Sine};

const FREQUENCY: u32 = 425;
/// About -15 dBm0.
const AMPLITUDE: i16 = 5000;
const SECONDS_ON: u32 = 1;
const SECONDS_OFF: u32 = 4;
/// The edges are faded over this many samples, or they click.
const FADE: u32 = 80;

/// One round of the cadence; repeated it goes on without a seam.
pub fn ringback() -> Vec<i16> {
    let on = SECONDS_ON * RATE;
    let tone = Sine::new(FREQUENCY, AMPLITUDE)
        .zip(0..on)
        .map(|(sample, at)| {
            let gain = FADE.min(at).min(on - at);
            let faded = i32::from(sample) * gain.cast_signed() / FADE.cast_signed();
            i16::try_from(faded).expect("a gain of at most one")
        });
    let silence = (0..SECONDS_OFF * RATE).map(|_| 0);
    tone.chain(silence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::level;

    #[test]
    fn the_cadence_is_one_second_of_tone_in_five() {
        let samples = ringback();

        assert_eq!(samples.len(), 40_000);
        assert!(level(&samples[..8000], 425) > 4800.0);
        assert!(samples[8000..].iter().all(|&sample| sample == 0));
    }
}
