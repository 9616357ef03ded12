//! What lies in a file of sound: WAV with linear samples or G.711 (RFC 2361), or Ogg Opus (RFC 7845).

use std::f64::consts::PI;

use sip::{
    codec::{Decoder, RATE as WIDE},
    g711::{self, Law},
    sdp::Codec,
    tone,
};

use crate::recorder::packets;

/// The rates that are taken, in Hz.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;
/// Half the width of the filter that brings a rate to the telephone's, in samples of the lower rate.
const REACH: f64 = 16.0;
/// The numbers by which WAV names what its samples are.
const LINEAR: u16 = 1;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
const EXTENSIBLE: u16 = 0xfffe;

/// Reads a file as samples at 8 kHz.
pub fn samples(file: &[u8]) -> Result<Vec<i16>, String> {
    let (samples, rate) = match file.get(..4) {
        Some(b"OggS") => (opus(file)?, WIDE),
        Some(b"RIFF") => wav(file)?,
        Some(_) | None => {
            return Err("is no WAV file and no Ogg file".to_owned());
        }
    };
    let samples = at_telephone_rate(&samples, rate);
    // Music that is nothing would be begun anew for ever.
    if samples.is_empty() {
        return Err("holds no sound".to_owned());
    }
    Ok(samples)
}

/// What the samples of a WAV file are.
#[derive(Clone, Copy)]
struct Shape {
    kind: u16,
    channels: u16,
    rate: u32,
    bits: u16,
}

// One voice at the file's own rate: channels are averaged.
fn wav(file: &[u8]) -> Result<(Vec<i16>, u32), String> {
    let mut shape = None;
    let mut rest = file.get(12..).unwrap_or_default();
    while let (Some(name), Some(length)) = (rest.get(..4), rest.get(4..8)) {
        let length = u32::from_le_bytes(length.try_into().expect("these are four"));
        let body = &rest[8..];
        let whole = usize::try_from(length).unwrap_or(usize::MAX);
        if name == b"data" {
            let shape = shape.ok_or("says nothing of its samples (no \"fmt \" before \"data\")")?;
            let sound = body.get(..whole).ok_or_else(|| {
                format!(
                    "is not complete: {length} bytes of sound are announced, and {} there",
                    body.len()
                )
            })?;
            return Ok((voice(sound, shape), shape.rate));
        }
        if name == b"fmt " {
            shape = Some(describe(body.get(..whole).unwrap_or(body))?);
        }
        // Parts are padded to even lengths.
        let next = whole.saturating_add(whole % 2);
        rest = body.get(next..).unwrap_or_default();
    }
    Err("is no WAV file: it has no sound in it".to_owned())
}

fn describe(body: &[u8]) -> Result<Shape, String> {
    let word = |at: usize| {
        let bytes = body.get(at..at + 2)?;
        Some(u16::from_le_bytes(bytes.try_into().ok()?))
    };
    let rate = body.get(4..8).and_then(|bytes| bytes.try_into().ok());
    let named = word(0).and_then(|kind| match kind {
        // What it really is stands at the beginning of its extension's id.
        EXTENSIBLE => word(24),
        kind => Some(kind),
    });
    let (Some(kind), Some(channels), Some(rate), Some(bits)) = (named, word(2), rate, word(14))
    else {
        return Err("is no WAV file: what it says of its samples is cut".to_owned());
    };
    let shape = Shape {
        kind,
        channels,
        rate: u32::from_le_bytes(rate),
        bits,
    };
    let known = matches!((kind, bits), (LINEAR, 16) | (A_LAW | MU_LAW, 8));
    if known && (1..=2).contains(&channels) && RATES.contains(&shape.rate) {
        return Ok(shape);
    }
    Err(format!(
        "has {} Hz, {channels} channel(s), {bits} bits and the form {kind}; make it 8000 to 48000 Hz, mono or stereo, 16 bits, \
         A-law or \u{b5}-law, such as by `sox IN.wav -r 8000 -c 1 -b 16 OUT.wav`",
        shape.rate
    ))
}

fn voice(sound: &[u8], shape: Shape) -> Vec<i16> {
    let channels = usize::from(shape.channels);
    let mean = |samples: &mut dyn Iterator<Item = i16>| {
        let sum: i32 = samples.map(i32::from).sum();
        (sum / i32::from(shape.channels)) as i16
    };
    let law = match shape.kind {
        A_LAW => Some(Law::A),
        MU_LAW => Some(Law::Mu),
        _ => None,
    };
    match law {
        Some(law) => sound
            .chunks_exact(channels)
            .map(|frame| mean(&mut frame.iter().map(|&byte| g711::decode(law, byte))))
            .collect(),
        None => sound
            .chunks_exact(2 * channels)
            .map(|frame| {
                let samples = frame.chunks_exact(2);
                mean(&mut samples.map(|two| i16::from_le_bytes([two[0], two[1]])))
            })
            .collect(),
    }
}

// One voice at 16 kHz; of two channels the coder makes one itself.
fn opus(file: &[u8]) -> Result<Vec<i16>, String> {
    let packets = packets(file);
    let head = packets.first().map_or(&[][..], Vec::as_slice);
    let advice =
        "make it Ogg Opus of one or two channels, such as by `opusenc IN.wav OUT.ogg`, or WAV";
    if !head.starts_with(b"OpusHead") || head.len() < 19 {
        return Err(format!("holds something other than Opus; {advice}"));
    }
    // RFC 7845 §5.1: mapping family 0 is one stream.
    if head[18] != 0 {
        return Err(format!("holds several streams; {advice}"));
    }
    let skip = u16::from_le_bytes([head[10], head[11]]) / 3;
    let mut decoder = Decoder::new(Codec::Opus);
    let mut samples = Vec::new();
    for packet in packets.iter().skip(2) {
        decoder.decode(packet, &mut samples);
    }
    samples.drain(..usize::from(skip).min(samples.len()));
    Ok(samples)
}

// A windowed sinc, cut off below half the telephone's rate.
fn at_telephone_rate(samples: &[i16], rate: u32) -> Vec<i16> {
    if rate == tone::RATE {
        return samples.to_vec();
    }
    let step = f64::from(rate) / f64::from(tone::RATE);
    let count = (samples.len() as f64 / step) as usize;
    let weight = |distance: f64| {
        let x = distance / step;
        if x.abs() >= REACH {
            return 0.0;
        }
        let sinc = match x.abs() < 1e-9 {
            true => 1.0,
            false => (PI * x * 0.92).sin() / (PI * x * 0.92),
        };
        0.92 * sinc * (0.5 + 0.5 * (PI * x / REACH).cos()) / step
    };
    (0..count)
        .map(|n| {
            let middle = n as f64 * step;
            let first = (middle - REACH * step).ceil().max(0.0) as usize;
            let last = ((middle + REACH * step) as usize).min(samples.len() - 1);
            let sum: f64 = (first..=last)
                .map(|at| f64::from(samples[at]) * weight(at as f64 - middle))
                .sum();
            sum.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use sip::codec::{Encoder, FRAME_SAMPLES, Frame};
    use sip::tone::{Sine, level};

    use super::*;
    use crate::recorder::test_ogg;

    const HUM: u32 = 1_000;

    fn sine(rate: u32, seconds: f64) -> Vec<i16> {
        let step = 2.0 * PI * f64::from(HUM) / f64::from(rate);
        let count = (f64::from(rate) * seconds) as usize;
        (0..count)
            .map(|n| (10_000.0 * (step * n as f64).sin()) as i16)
            .collect()
    }

    fn wav(kind: u16, channels: u16, rate: u32, bits: u16, sound: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
        file.extend_from_slice(&kind.to_le_bytes());
        file.extend_from_slice(&channels.to_le_bytes());
        file.extend_from_slice(&rate.to_le_bytes());
        file.extend_from_slice(&[0; 6]);
        file.extend_from_slice(&bits.to_le_bytes());
        file.extend_from_slice(b"data");
        file.extend_from_slice(&(sound.len() as u32).to_le_bytes());
        file.extend_from_slice(sound);
        file
    }

    fn linear(samples: &[i16], channels: u16) -> Vec<u8> {
        let frames = samples.iter();
        let all = frames.flat_map(|&s| std::iter::repeat_n(s, usize::from(channels)));
        all.flat_map(i16::to_le_bytes).collect()
    }

    #[test]
    fn usual_rates_and_channels_sound_the_same_on_the_telephone() {
        for rate in [8_000, 11_025, 16_000, 44_100, 48_000] {
            for channels in [1, 2] {
                let sound = linear(&sine(rate, 0.5), channels);
                let read = samples(&wav(LINEAR, channels, rate, 16, &sound)).unwrap();

                assert!(read.len().abs_diff(4_000) <= 1, "{rate} {}", read.len());
                let (own, octave) = (level(&read, HUM), level(&read, 2 * HUM));
                assert!(
                    (8_000.0..12_000.0).contains(&own) && octave < 200.0,
                    "{rate} {own} {octave}"
                );
            }
        }
    }

    #[test]
    fn a_file_of_less_than_one_sample_of_the_telephone_holds_no_sound() {
        for (count, is_sound) in [(0, false), (5, false), (6, true)] {
            let read = samples(&wav(LINEAR, 1, 48_000, 16, &linear(&vec![9; count], 1)));

            assert_eq!(read.is_ok(), is_sound, "{count} {read:?}");
        }
    }

    #[test]
    fn what_a_telephone_cannot_carry_is_not_folded_into_what_it_can() {
        let step = 2.0 * PI * 6_000.0 / 48_000.0;
        let high: Vec<i16> = (0..24_000)
            .map(|n| (10_000.0 * (step * f64::from(n)).sin()) as i16)
            .collect();

        let read = samples(&wav(LINEAR, 1, 48_000, 16, &linear(&high, 1))).unwrap();

        let loudest = read[200..3_800].iter().map(|s| s.unsigned_abs()).max();
        assert!(loudest < Some(200), "{loudest:?}");
    }

    #[test]
    fn both_laws_are_read() {
        for (kind, law) in [(A_LAW, Law::A), (MU_LAW, Law::Mu)] {
            let sound: Vec<u8> = sine(8_000, 0.5)
                .iter()
                .map(|&s| g711::encode(law, s))
                .collect();
            let read = samples(&wav(kind, 1, 8_000, 8, &sound)).unwrap();

            assert!(level(&read, HUM) > 8_000.0);
        }
    }

    #[test]
    fn ogg_opus_is_read() {
        let mut encoder = Encoder::new(Codec::Opus);
        let mut hum = Sine::new(HUM / 2, 8_000);
        let packets: Vec<Vec<u8>> = (0..50)
            .map(|_| {
                let frame: Vec<i16> = (&mut hum).take(FRAME_SAMPLES).collect();
                let mut packet = Vec::new();
                encoder.encode(&Frame::try_from(frame).unwrap(), &mut packet);
                packet
            })
            .collect();

        let read = samples(&test_ogg(&packets, 0)).unwrap();

        assert!(read.len().abs_diff(8_000) < 60, "{}", read.len());
        assert!(level(&read[1_000..], HUM) > 2_000.0);
        let told = samples(&test_ogg(&packets, 1)).unwrap_err();
        assert!(told.contains("several streams"), "{told}");
    }

    #[test]
    fn what_cannot_be_read_is_told_what_to_do() {
        let sound = linear(&sine(8_000, 0.01), 1);
        let cut = wav(LINEAR, 1, 8_000, 16, &sound);
        for (bytes, right) in [
            (wav(LINEAR, 1, 96_000, 16, &sound), "48000 Hz"),
            (wav(LINEAR, 6, 8_000, 16, &sound), "mono or stereo"),
            (wav(3, 1, 8_000, 32, &sound), "16 bits"),
            (wav(LINEAR, 1, 8_000, 16, &[]), "no sound"),
            (cut[..cut.len() - 10].to_vec(), "complete"),
            (b"RIFF".to_vec(), "no WAV"),
            (b"ID3\x04".to_vec(), "no Ogg"),
            (b"OggS".to_vec(), "other than Opus"),
        ] {
            let told = samples(&bytes).unwrap_err();
            assert!(told.contains(right), "{told}");
        }
    }
}
