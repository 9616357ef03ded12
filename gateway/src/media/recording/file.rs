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
const FLOAT: u16 = 3;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
const EXTENSIBLE: u16 = 0xfffe;
/// What stands behind such a number where it is written as the id of a form; an id of another end is no number.
const NUMBERED: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

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
    form: Form,
    channels: u16,
    rate: u32,
}

/// How one sample is written, the least byte first.
#[derive(Clone, Copy)]
enum Form {
    /// From 0 to 255, where 128 is silence: the only whole numbers of WAV without a sign.
    Unsigned8,
    Linear16,
    Linear24,
    Linear32,
    /// From -1 to 1.
    Float32,
    Law(Law),
}

impl Form {
    const fn known(kind: u16, bits: u16) -> Option<Self> {
        match (kind, bits) {
            (LINEAR, 8) => Some(Self::Unsigned8),
            (LINEAR, 16) => Some(Self::Linear16),
            (LINEAR, 24) => Some(Self::Linear24),
            (LINEAR, 32) => Some(Self::Linear32),
            (FLOAT, 32) => Some(Self::Float32),
            (A_LAW, 8) => Some(Self::Law(Law::A)),
            (MU_LAW, 8) => Some(Self::Law(Law::Mu)),
            _other => None,
        }
    }

    /// Returns how many bytes a sample has.
    const fn width(self) -> u16 {
        match self {
            Self::Unsigned8 | Self::Law(_) => 1,
            Self::Linear16 => 2,
            Self::Linear24 => 3,
            Self::Linear32 | Self::Float32 => 4,
        }
    }

    /// Returns one sample, as loud as it is in 32 bits; nothing where it is cut.
    fn read(self, bytes: &[u8]) -> i32 {
        match (self, bytes) {
            (Self::Unsigned8, &[a]) => (i32::from(a) - 128) << 24,
            (Self::Law(law), &[a]) => i32::from(g711::decode(law, a)) << 16,
            (Self::Linear16, &[a, b]) => i32::from_le_bytes([0, 0, a, b]),
            (Self::Linear24, &[a, b, c]) => i32::from_le_bytes([0, a, b, c]),
            (Self::Linear32, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]),
            // What is louder than 1 is as loud as can be, and what is no number is silence.
            (Self::Float32, &[a, b, c, d]) => {
                (f64::from(f32::from_le_bytes([a, b, c, d])) * 2_147_483_648.0) as i32
            }
            _cut => 0,
        }
    }
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
    let (Some(written), Some(channels), Some(rate), Some(block), Some(bits)) =
        (word(0), word(2), rate, word(12), word(14))
    else {
        return Err("is no WAV file: what it says of its samples is cut".to_owned());
    };
    // What an extensible one really is stands at the beginning of its form's id.
    let numbered = body.get(26..40).is_some_and(|id| id == NUMBERED);
    let kind = match written {
        EXTENSIBLE => word(24).filter(|_| numbered).unwrap_or(EXTENSIBLE),
        kind => kind,
    };
    let rate = u32::from_le_bytes(rate);
    // What has gaps between its samples is not read; some programs leave the width of both out.
    let form = Form::known(kind, bits).filter(|form| {
        block == 0 || u32::from(block) == u32::from(form.width()) * u32::from(channels)
    });
    match form {
        Some(form) if (1..=2).contains(&channels) && RATES.contains(&rate) => Ok(Shape {
            form,
            channels,
            rate,
        }),
        Some(_) | None => Err(format!(
            "has {rate} Hz, {channels} channel(s), {bits} bits and the form {kind}; make it 8000 to 48000 Hz, mono or stereo, 8, \
             16, 24 or 32 bits, floating point of 32 bits, A-law or \u{b5}-law, such as by `sox IN.wav -r 8000 -c 1 -b 16 OUT.wav`",
        )),
    }
}

fn voice(sound: &[u8], shape: Shape) -> Vec<i16> {
    let width = usize::from(shape.form.width());
    let frames = sound.chunks_exact(width * usize::from(shape.channels));
    let mean = |frame: &[u8]| {
        let samples = frame.chunks_exact(width);
        let sum: i64 = samples.map(|one| i64::from(shape.form.read(one))).sum();
        sum / i64::from(shape.channels)
    };
    frames.map(|frame| nearest(mean(frame))).collect()
}

// The sample of 16 bits that is nearest to one of 32.
fn nearest(sample: i64) -> i16 {
    i16::try_from((sample + 0x8000) >> 16).unwrap_or(i16::MAX)
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

    /// The samples in every other form that is taken, each by its kind and bits.
    fn forms(samples: &[i16]) -> [(u16, u16, Vec<u8>); 4] {
        let all = |write: &dyn Fn(i16) -> Vec<u8>| samples.iter().flat_map(|&s| write(s)).collect();
        let float = |s: i16| f32::from(s) / 32_768.0;
        [
            (LINEAR, 8, all(&|s| vec![(i32::from(s >> 8) + 128) as u8])),
            (
                LINEAR,
                24,
                all(&|s| [&[0x7f][..], &s.to_le_bytes()].concat()),
            ),
            (
                LINEAR,
                32,
                all(&|s| [&[0xff, 0x7f][..], &s.to_le_bytes()].concat()),
            ),
            (FLOAT, 32, all(&|s| float(s).to_le_bytes().to_vec())),
        ]
    }

    /// What editors write for more than two channels or 16 bits: the form is an id.
    fn extensible(kind: u16, bits: u16, end: [u8; 14], sound: &[u8]) -> Vec<u8> {
        let plain = wav(EXTENSIBLE, 1, 8_000, bits, &[]);
        let at = plain.len() - 8 - 16 - 4;
        let mut file = plain[..at].to_vec();
        file.extend_from_slice(&40_u32.to_le_bytes());
        file.extend_from_slice(&plain[at + 4..at + 20]);
        file.extend_from_slice(&22_u16.to_le_bytes());
        file.extend_from_slice(&bits.to_le_bytes());
        file.extend_from_slice(&4_u32.to_le_bytes());
        file.extend_from_slice(&kind.to_le_bytes());
        file.extend_from_slice(&end);
        file.extend_from_slice(b"data");
        file.extend_from_slice(&(sound.len() as u32).to_le_bytes());
        file.extend_from_slice(sound);
        file
    }

    #[test]
    fn every_form_says_the_same_samples() {
        let said = [0, 256, -256, 9_984, -9_984, 32_512, i16::MIN];
        for (kind, bits, sound) in forms(&said) {
            assert_eq!(samples(&wav(kind, 1, 8_000, bits, &sound)).unwrap(), said);
            let file = extensible(kind, bits, NUMBERED, &sound);
            assert_eq!(samples(&file).unwrap(), said, "{kind} {bits}");
            let twice = samples(&wav(kind, 2, 8_000, bits, &[&sound[..], &sound].concat()));
            assert_eq!(twice.unwrap().len(), said.len());
        }
    }

    #[test]
    fn what_is_louder_than_can_be_said_is_as_loud_as_can_be() {
        let said = [2.0, -2.0, 1.0, f32::NAN, f32::INFINITY].map(f32::to_le_bytes);
        let read = samples(&wav(FLOAT, 1, 8_000, 32, &said.concat())).unwrap();
        assert_eq!(read, [i16::MAX, i16::MIN, i16::MAX, 0, i16::MAX]);

        let loudest = samples(&wav(LINEAR, 1, 8_000, 24, &[0xff, 0xff, 0x7f])).unwrap();
        assert_eq!(loudest, [i16::MAX]);
    }

    #[test]
    fn a_form_that_is_no_number_or_has_gaps_is_refused() {
        let sound = linear(&sine(8_000, 0.01), 1);
        let mut end = NUMBERED;
        end[13] ^= 1;
        let told = samples(&extensible(LINEAR, 16, end, &sound)).unwrap_err();
        assert!(told.contains("the form 65534"), "{told}");

        let mut gaps = wav(LINEAR, 1, 8_000, 16, &sound);
        let at = gaps.windows(4).position(|four| four == b"data").unwrap() - 4;
        gaps[at..at + 2].copy_from_slice(&4_u16.to_le_bytes());
        assert!(samples(&gaps).is_err());
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
            (
                wav(FLOAT, 1, 8_000, 64, &sound),
                "floating point of 32 bits",
            ),
            (wav(LINEAR, 1, 8_000, 12, &sound), "24 or 32 bits"),
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
