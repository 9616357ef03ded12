//! Whether somebody speaks, by how loud they are: louder than what was quietest of late by so much, and than a line's noise.
//! A tone or a hum that goes on becomes noise after some seconds, as a call of which only that is left is over.

use std::time::Duration;

use crate::codec::{FRAME_SAMPLES, Frame};

/// What is listened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// So much speech in all is told, once.
    pub speech: Duration,
    /// A silence as long as this is told, once.
    pub silence: Duration,
}

/// What was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// As much was said as was listened for.
    Speech,
    /// Nothing was said for as long as was listened for.
    Silence,
}

/// How long one frame is.
const FRAME: Duration = Duration::from_millis(20);
/// What is quieter is never speech: 44 dB below the overload point.
const QUIET: f32 = 200.0;
/// How much louder than the noise speech is: 9 dB.
const ABOVE: f32 = 2.8;
/// How fast louder sound becomes noise: 1.5 dB a second.
const RISE: f32 = 1.003_5;
/// How long speech goes on after its last sound, in frames: words have gaps.
const HANGOVER: u32 = 10;

/// Listens to one voice.
#[derive(Clone, Debug)]
pub struct Listener {
    listen: Listen,
    noise: f32,
    /// Frames of speech so far, and of silence since.
    spoken: u32,
    silent: u32,
    /// What speech still goes on without a sound.
    hangover: u32,
    told_speech: bool,
    told_silence: bool,
}

impl Listener {
    /// Begins to listen.
    pub fn new(listen: Listen) -> Self {
        Self {
            listen,
            noise: QUIET / ABOVE,
            spoken: 0,
            silent: 0,
            hangover: 0,
            told_speech: false,
            told_silence: false,
        }
    }

    /// Takes 20 ms of the voice, and tells what they make whole.
    pub fn hear(&mut self, frame: &Frame) -> Option<Noticed> {
        let loud = loudness(frame);
        let sounds = loud > QUIET && loud > self.noise * ABOVE;
        self.noise = (self.noise * RISE).min(loud).max(QUIET / ABOVE);
        self.hangover = match sounds {
            true => HANGOVER,
            false => self.hangover.saturating_sub(1),
        };
        if self.hangover > 0 {
            self.spoken = self.spoken.saturating_add(1);
            self.silent = 0;
        } else {
            self.silent = self.silent.saturating_add(1);
        }
        if FRAME * self.spoken >= self.listen.speech && !self.told_speech {
            self.told_speech = true;
            return Some(Noticed::Speech);
        }
        if FRAME * self.silent >= self.listen.silence && !self.told_silence {
            self.told_silence = true;
            return Some(Noticed::Silence);
        }
        None
    }
}

// The root of the mean square.
fn loudness(frame: &Frame) -> f32 {
    let squares = frame.iter().map(|&sample| f32::from(sample).powi(2));
    (squares.sum::<f32>() / FRAME_SAMPLES as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::SILENCE;

    const LISTEN: Listen = Listen {
        speech: Duration::from_secs(1),
        silence: Duration::from_secs(3),
    };

    // A square wave as loud as this.
    fn hum(loud: i16) -> Frame {
        let mut frame = SILENCE;
        for (at, sample) in frame.iter_mut().enumerate() {
            *sample = if at % 40 < 20 { loud } else { -loud };
        }
        frame
    }

    // Hears so many frames of a loudness; returns which of them told what.
    fn hear(listener: &mut Listener, loud: i16, frames: u32) -> Vec<(u32, Noticed)> {
        let heard = (1..=frames).filter_map(|n| Some((n, listener.hear(&hum(loud))?)));
        heard.collect()
    }

    #[test]
    fn speech_and_the_silence_after_it_are_each_told_once() {
        let mut listener = Listener::new(LISTEN);

        assert_eq!(hear(&mut listener, 0, 100), []);
        assert_eq!(hear(&mut listener, 2_000, 100), [(50, Noticed::Speech)]);
        let silence = hear(&mut listener, 0, 1_000);
        assert_eq!(silence, [(150 + HANGOVER - 1, Noticed::Silence)]);
    }

    #[test]
    fn the_noise_of_a_line_is_silence() {
        for noise in [0, 30, 150] {
            let mut listener = Listener::new(LISTEN);

            let told = hear(&mut listener, noise, 200);

            assert_eq!(told, [(150, Noticed::Silence)], "{noise}");
        }
    }

    #[test]
    fn words_have_gaps_and_are_still_one_speech() {
        let mut listener = Listener::new(LISTEN);

        let told = (0..40).flat_map(|_| {
            let word = hear(&mut listener, 3_000, 10);
            let gap = hear(&mut listener, 20, 25);
            [word, gap].concat()
        });

        let told: Vec<_> = told.map(|(_, noticed)| noticed).collect();
        assert_eq!(told, [Noticed::Speech]);
    }

    #[test]
    fn a_loud_street_is_silence_and_who_speaks_there_is_heard() {
        let mut listener = Listener::new(LISTEN);
        hear(&mut listener, 400, 500);

        assert!(listener.told_silence, "a hum that goes on is noise");
        let before = listener.spoken;
        hear(&mut listener, 4_000, 50);
        assert!(listener.spoken >= before + 50);
    }

    #[test]
    fn a_tone_that_goes_on_is_nobody_after_some_seconds() {
        let mut listener = Listener::new(LISTEN);

        let told = hear(&mut listener, 3_000, 50 * 30);

        assert_eq!(told.len(), 2);
        let (silence, _) = told[1];
        assert!((50 * 8..50 * 25).contains(&silence), "{silence}");
    }
}
