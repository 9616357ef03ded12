//! Music on hold, composed and synthesised here: soft plucked chords under a wandering melody.
//!
//! Every seed gives its own piece, the same each time. Its tones lie below 1.4 kHz, with one
//! harmonic: they survive G.711 and most codecs behind it.

use std::f32::consts::TAU;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::RATE;

/// The samples of one eighth note: 0.4 s, a calm 75 beats a minute.
const EIGHTH: usize = 3200;
const EIGHTHS_A_BAR: usize = 8;
const BARS: usize = 16;

/// The roots and upper notes of four chords, as semitones above A3 (220 Hz): C6/9, Am7, Fmaj7, G6.
const CHORDS: [[i8; 4]; 4] = [[3, 7, 10, 12], [0, 3, 7, 10], [-4, 0, 3, 7], [-2, 2, 5, 10]];
/// C major pentatonic over an octave and a half, on which no two notes clash.
const SCALE: [i8; 8] = [3, 5, 7, 10, 12, 15, 17, 19];

/// Composes one piece of about 51 seconds whose end leads into its beginning.
pub fn music(seed: u64) -> Vec<i16> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut mix = vec![0.0; BARS * EIGHTHS_A_BAR * EIGHTH];
    let mut melody = SCALE.len() / 2;
    for bar in 0..BARS {
        let chord = CHORDS[(bar / 2) % CHORDS.len()];
        for eighth in 0..EIGHTHS_A_BAR {
            let at = (bar * EIGHTHS_A_BAR + eighth) * EIGHTH;
            if eighth == 0 {
                pluck(&mut mix, at, pitch(chord[0]) / 2.0, 0.30, 2.4);
            }
            pluck(&mut mix, at, pitch(chord[eighth % chord.len()]), 0.14, 1.2);
            // A note of melody every quarter at most, and now and then a rest.
            if eighth % 2 == 0 && random.random_bool(0.7) {
                melody = step(melody, random.random_range(0..5));
                pluck(&mut mix, at, 2.0 * pitch(SCALE[melody]), 0.20, 1.6);
            }
        }
    }
    mix.into_iter().map(to_sample).collect()
}

// One to the left, one to the right, two to the right, two to the left, or stay.
fn step(melody: usize, choice: u8) -> usize {
    let next = match choice {
        0 => melody.saturating_sub(1),
        1 => melody + 1,
        2 => melody + 2,
        3 => melody.saturating_sub(2),
        _stay => melody,
    };
    next.min(SCALE.len() - 1)
}

fn pitch(semitones: i8) -> f32 {
    220.0 * (f32::from(semitones) / 12.0).exp2()
}

/// Adds a plucked note that fades to a thousandth in `seconds`, wrapping at the end of the piece.
fn pluck(mix: &mut [f32], at: usize, frequency: f32, strength: f32, seconds: f32) {
    let rate = RATE as f32;
    let length = (seconds * rate) as usize;
    let decay = 0.001f32.powf(1.0 / (seconds * rate));
    let mut gain = strength;
    let mut phase = 0.0f32;
    for n in 0..length {
        // 10 ms of attack, or it clicks.
        let attack = n.min(80) as f32 / 80.0;
        let wave = (TAU * phase).sin() + 0.25 * (2.0 * TAU * phase).sin();
        mix[(at + n) % mix.len()] += attack * gain * wave;
        gain *= decay;
        phase = (phase + frequency / rate).fract();
    }
}

fn to_sample(level: f32) -> i16 {
    // Soft clipping: chords that pile up bend instead of breaking.
    (16_000.0 * (1.8 * level).tanh()) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_piece() {
        assert_eq!(music(1), music(1));
        assert_ne!(music(1), music(2));
    }

    #[test]
    fn it_is_never_silent_for_long_and_never_loud() {
        let piece = music(1);

        for second in piece.chunks(8000) {
            let peak = second
                .iter()
                .map(|sample| sample.unsigned_abs())
                .max()
                .unwrap();
            assert!((1000..16_000).contains(&peak), "{peak}");
        }
    }

    #[test]
    fn its_end_leads_into_its_beginning_without_a_click() {
        let piece = music(1);

        let seam = i32::from(piece[0]) - i32::from(piece[piece.len() - 1]);
        assert!(seam.abs() < 4000, "{seam}");
    }
}
