//! Streams through codecs, loss and jitter, judged by ear.

use super::*;
use crate::{rooms::mix, sdp::Codec, tone};

/// The strength of a frequency in samples of 16 kHz: the ear counts 8,000 a second.
fn level(samples: &[i16], frequency: u32) -> f32 {
    tone::level(samples, frequency / 2)
}

fn tone(frequency: u32, frames: usize) -> Vec<Frame> {
    let step = std::f32::consts::TAU * frequency as f32 / RATE as f32;
    (0..frames)
        .map(|at| {
            std::array::from_fn(|n| {
                let n = (at * FRAME_SAMPLES + n) as f32;
                (8000.0 * (step * n).sin()) as i16
            })
        })
        .collect()
}

fn encoded(codec: Codec, frames: &[Frame]) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(codec);
    frames
        .iter()
        .map(|frame| {
            let mut payload = Vec::new();
            encoder.encode(frame, &mut payload);
            payload
        })
        .collect()
}

#[test]
fn a_tone_passes_every_codec_and_nothing_else_comes_with_it() {
    for codec in Codec::ALL {
        let mut ear = Ear::new(codec);
        let mut heard = Vec::new();
        for (n, payload) in encoded(codec, &tone(1000, 60)).into_iter().enumerate() {
            ear.put(n as u16, Heard::Audio(codec, payload));
            heard.extend(ear.frame());
        }

        let heard = &heard[heard.len() - 16_000..];
        let found = level(heard, 1000);
        assert!((6000.0..9500.0).contains(&found), "{codec:?}: {found}");
        assert!(level(heard, 1400) < 300.0, "{codec:?}");
    }
}

#[test]
fn one_packet_in_ten_lost_leaves_the_tone_without_a_hole() {
    for codec in Codec::ALL {
        let mut ear = Ear::new(codec);
        let mut heard = Vec::new();
        for (n, payload) in encoded(codec, &tone(400, 100)).into_iter().enumerate() {
            if n % 10 != 7 {
                ear.put(n as u16, Heard::Audio(codec, payload));
            }
            heard.extend(ear.frame());
        }

        for part in heard[3200..].chunks(FRAME_SAMPLES) {
            assert!(level(part, 400) > 2500.0, "{codec:?}");
        }
    }
}

#[test]
fn a_source_whose_numbers_leap_is_heard_on_after_a_tenth_of_a_second() {
    for leap in [50, 300, 999] {
        for codec in Codec::ALL {
            let mut ear = Ear::new(codec);
            let mut heard = Vec::new();
            for (n, payload) in encoded(codec, &tone(400, 150)).into_iter().enumerate() {
                let number = if n < 50 { n } else { n + leap };
                ear.put(number as u16, Heard::Audio(codec, payload));
                heard.extend(ear.frame());
            }

            let parts = heard[3200..].chunks(FRAME_SAMPLES);
            let holes = parts.filter(|part| level(part, 400) < 2500.0).count();
            assert!(holes <= 6, "{codec:?} leaps {leap}: {holes} frames");
        }
    }
}

/// A siren of two notes a second: what was is no guide to what is.
fn siren(frames: usize) -> Vec<Frame> {
    let high = |at: usize| at / 25 % 2 == 1;
    let (low_note, high_note) = (tone(300, frames), tone(900, frames));
    (0..frames)
        .map(|at| {
            if high(at) {
                high_note[at]
            } else {
                low_note[at]
            }
        })
        .collect()
}

#[test]
fn who_sends_the_last_packet_once_more_is_heard_without_what_was_lost() {
    let frames = siren(200);
    // The first frame of every note is lost.
    let lost = |n: usize| n.is_multiple_of(25) && n > 50;
    let right = |expected: u8| {
        let mut encoder = Encoder::new(Codec::Opus);
        encoder.expect_loss(expected);
        let mut ear = Ear::new(Codec::Opus);
        let mut heard = Vec::new();
        for (n, frame) in frames.iter().enumerate() {
            let mut payload = Vec::new();
            encoder.encode(frame, &mut payload);
            if !lost(n) {
                ear.put(n as u16, Heard::Audio(Codec::Opus, payload));
            }
            heard.push(ear.frame());
        }
        // What is heard is a frame and a little behind what was said; the middle of a lost frame is looked at.
        (0..200)
            .filter(|&n| lost(n))
            .map(|n| {
                let note = if n / 25 % 2 == 1 { 900 } else { 300 };
                let both = [&heard[n + 1][..], &heard[n + 2][..]].concat();
                level(&both[160..480], note)
            })
            .fold(f32::MAX, f32::min)
    };

    let (with, without) = (right(10), right(0));

    assert!(with > 3000.0 && with > 2.0 * without, "{with} {without}");
}

#[test]
fn packets_of_every_length_are_played_at_their_pace() {
    for ptime in [10, 20, 30, 40, 60] {
        let bytes: Vec<u8> = encoded(Codec::Pcma, &tone(1000, 120)).concat();
        let packets: Vec<&[u8]> = bytes.chunks_exact(8 * ptime).collect();
        let mut ear = Ear::new(Codec::Pcma);
        let (mut heard, mut sent) = (Vec::new(), 0);

        for tick in 0..110 {
            while (sent + 1) * ptime <= (tick + 1) * 20 && sent < packets.len() {
                let payload = packets[sent].to_vec();
                ear.put(sent as u16, Heard::Audio(Codec::Pcma, payload));
                sent += 1;
            }
            heard.extend(ear.frame());
        }

        let quiet = heard[6400..]
            .chunks(FRAME_SAMPLES)
            .filter(|part| level(part, 1000) < 6000.0)
            .count();
        assert_eq!(quiet, 0, "{ptime} ms");
    }
}

#[test]
fn late_bursts_are_waited_for_and_then_played_whole() {
    let packets = encoded(Codec::Pcmu, &tone(1000, 300));
    let mut ear = Ear::new(Codec::Pcmu);
    let mut heard = Vec::new();

    // Every fourth time four come at once.
    for tick in 0..300usize {
        if tick % 4 == 3 {
            for (n, packet) in packets.iter().enumerate().take(tick + 1).skip(tick - 3) {
                ear.put(n as u16, Heard::Audio(Codec::Pcmu, packet.clone()));
            }
        }
        heard.extend(ear.frame());
    }

    for part in heard[32_000..].chunks(1600) {
        assert!(level(part, 1000) > 6500.0);
    }
}

#[test]
fn comfort_noise_is_heard_until_there_is_sound_again() {
    let packets = encoded(Codec::Pcma, &tone(1000, 40));
    let mut ear = Ear::new(Codec::Pcma);
    let mut heard = Vec::new();
    for (n, payload) in packets.iter().enumerate() {
        let heard_now = match n {
            10 => Some(Heard::Noise(40)),
            11..30 => None,
            _ => Some(Heard::Audio(Codec::Pcma, payload.clone())),
        };
        let number = if n < 30 { n } else { n - 19 };
        if let Some(packet) = heard_now {
            ear.put(number as u16, packet);
        }
        heard.extend(ear.frame());
    }

    let part = &heard[18 * FRAME_SAMPLES..25 * FRAME_SAMPLES];
    let power = part
        .iter()
        .map(|&s| f32::from(s) * f32::from(s))
        .sum::<f32>()
        / part.len() as f32;
    assert!((200.0..500.0).contains(&power.sqrt()), "{}", power.sqrt());
    assert!(level(part, 1000) < 100.0);
    assert!(level(&heard[34 * FRAME_SAMPLES..38 * FRAME_SAMPLES], 1000) > 6000.0);
}

#[test]
fn a_key_in_the_stream_is_no_loss() {
    let packets = encoded(Codec::Pcma, &tone(1000, 40));
    let mut ear = Ear::new(Codec::Pcma);
    let mut heard = Vec::new();
    let mut number = 0;
    for payload in packets {
        ear.put(number, Heard::Audio(Codec::Pcma, payload));
        ear.put(number + 1, Heard::Event);
        number += 2;
        heard.extend(ear.frame());
    }

    assert!(level(&heard[6 * FRAME_SAMPLES..], 1000) > 7500.0);
}

#[test]
fn loud_voices_together_bend_at_the_limit_instead_of_wrapping() {
    let loud: Frame = [30_000; FRAME_SAMPLES];
    let low: Frame = [-30_000; FRAME_SAMPLES];

    assert_eq!(mix([&loud, &loud, &loud]), [i16::MAX; FRAME_SAMPLES]);
    assert_eq!(mix([&low, &low]), [i16::MIN; FRAME_SAMPLES]);
    assert_eq!(mix([&loud, &low]), SILENCE);
    assert_eq!(mix([]), SILENCE);
}
