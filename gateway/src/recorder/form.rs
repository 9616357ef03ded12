//! How sound lies in a file: WAV, two voices of 16 bits at 16 kHz, or Ogg Opus (RFC 7845), two streams that know nothing
//! of each other. Joint stereo would let each voice be heard faintly on the other side.

use serde::{Deserialize, Serialize};
use sip::codec::{Encoder, FRAME_SAMPLES, Frame, RATE, SILENCE};
use sip::sdp::Codec;

use super::page::{self, Page, Place};

/// The bytes before the sound in a WAV file of ours.
pub const WAV_HEADER: usize = 44;
/// The bytes of 20 ms of two voices.
const WAV_FRAME: u64 = 4 * FRAME_SAMPLES as u64;
/// Units of 48 kHz in 20 ms (RFC 7845 §4).
const OPUS_FRAME: u64 = 960;
/// What a decoder leaves out at the beginning (RFC 7845 §4.2): what the encoder looks ahead, 6.5 ms.
const PRE_SKIP: u16 = 312;
/// A packet for 20 ms in which nothing was coded (RFC 6716 §3.1: SILK, wideband, 20 ms, mono, one frame; §2.1.9).
const NOTHING: u8 = 9 << 3;

/// After how many times 20 ms of silence a coder says the same again.
const SETTLES: usize = 25;

/// The file format of recordings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// 64 kB a second, nothing lost.
    Wav,
    /// 6 kB a second.
    #[default]
    Opus,
}

impl Format {
    /// How its files' names end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Opus => "ogg",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Opus => "audio/ogg",
        }
    }

    /// Returns the format of a file by its name.
    pub fn of(name: &str) -> Option<Self> {
        let ending = name.rsplit('.').next()?;
        [Self::Wav, Self::Opus]
            .into_iter()
            .find(|format| format.ending() == ending)
    }
}

/// A file being written, as bytes.
pub enum Form {
    /// WAV.
    Wav {
        /// The sound that is not written yet.
        pending: Vec<u8>,
    },
    /// Ogg Opus.
    Opus {
        /// One coder a voice.
        voices: Box<[Encoder; 2]>,
        /// The packets that are not written yet.
        pending: Vec<Vec<u8>>,
        /// The stream's name in its pages.
        serial: u32,
        /// The number of the next page.
        number: u32,
        /// A packet of silence, once it was needed.
        quiet: Option<Vec<u8>>,
    },
}

impl Form {
    /// Begins a file, and returns what it begins with.
    pub fn begin(format: Format, name: &str) -> (Self, Vec<u8>) {
        match format {
            Format::Wav => {
                let pending = Vec::new();
                // As long as can be: what is cut off can be played so.
                (Self::Wav { pending }, wav_header(u32::MAX).to_vec())
            }
            Format::Opus => {
                let serial = name
                    .bytes()
                    .fold(5381u32, |sum, byte| sum.wrapping_mul(33) ^ u32::from(byte));
                let head = page::write(&[opus_head()], Place::First, 0, serial, 0);
                let tags = page::write(&[opus_tags(name)], Place::Within, 0, serial, 1);
                let form = Self::Opus {
                    voices: Box::new([Encoder::new(Codec::Opus), Encoder::new(Codec::Opus)]),
                    pending: Vec::new(),
                    serial,
                    number: 2,
                    quiet: None,
                };
                (form, [head, tags].concat())
            }
        }
    }

    /// Takes 20 ms: left and right, or silence.
    pub fn push(&mut self, sound: Option<&[Frame; 2]>) {
        let [left, right] = sound.map_or([&SILENCE; 2], |[left, right]| [left, right]);
        match self {
            Self::Wav { pending } => {
                for (left, right) in left.iter().zip(right) {
                    pending.extend_from_slice(&left.to_le_bytes());
                    pending.extend_from_slice(&right.to_le_bytes());
                }
            }
            Self::Opus {
                voices, pending, ..
            } => {
                pending.push(coded(voices, [left, right]));
            }
        }
    }

    /// Takes so many times 20 ms of silence in the place of what was lost. Returns how many bytes of nothing stand for them
    /// where that is silence; else it is written as sound is.
    pub fn rest(&mut self, frames: u64) -> u64 {
        match self {
            Self::Wav { .. } => frames * WAV_FRAME,
            Self::Opus { pending, quiet, .. } => {
                let quiet = quiet.get_or_insert_with(silence);
                pending.extend((0..frames).map(|_| quiet.clone()));
                0
            }
        }
    }

    /// Takes away what is not written yet.
    pub fn set_aside(&mut self) -> Pending {
        match self {
            Self::Wav { pending } => Pending::Wav(std::mem::take(pending)),
            Self::Opus { pending, .. } => Pending::Opus(std::mem::take(pending)),
        }
    }

    /// Takes again what was set aside, in the place of what is not written yet.
    pub fn put_back(&mut self, aside: Pending) {
        match (self, aside) {
            (Self::Wav { pending }, Pending::Wav(sound)) => *pending = sound,
            (Self::Opus { pending, .. }, Pending::Opus(packets)) => *pending = packets,
            // It is of another form.
            (Self::Wav { .. }, Pending::Opus(_)) | (Self::Opus { .. }, Pending::Wav(_)) => {}
        }
    }

    /// Forgets what is not written yet.
    pub fn forget(&mut self) {
        self.set_aside();
    }

    /// Returns what is to be written next; `frames` counts the 20 ms of the file with it.
    pub fn take(&mut self, frames: u64, place: Place) -> Vec<u8> {
        match self {
            Self::Wav { pending } => std::mem::take(pending),
            Self::Opus {
                pending,
                serial,
                number,
                ..
            } => {
                let packets = std::mem::take(pending);
                if packets.is_empty() && place != Place::Last {
                    return Vec::new();
                }
                let position = frames * OPUS_FRAME;
                let page = page::write(&packets, place, position, *serial, *number);
                *number += 1;
                page
            }
        }
    }

    /// Forgets what was taken last, which was not written after all.
    pub fn take_back(&mut self) {
        if let Self::Opus { number, .. } = self {
            *number = number.saturating_sub(1).max(2);
        }
    }
}

/// What is not written yet of a file.
pub enum Pending {
    /// Of a WAV file.
    Wav(Vec<u8>),
    /// Of a file of Ogg Opus.
    Opus(Vec<Vec<u8>>),
}

// 20 ms as a packet of two streams.
fn coded(voices: &mut [Encoder; 2], sound: [&Frame; 2]) -> Vec<u8> {
    let [first, second] = voices;
    let mut coded = [Vec::new(), Vec::new()];
    first.encode(sound[0], &mut coded[0]);
    second.encode(sound[1], &mut coded[1]);
    both(&coded[0], &coded[1])
}

// A packet of silence as it follows on silence, which may be repeated.
fn silence() -> Vec<u8> {
    let mut voices = [Encoder::new(Codec::Opus), Encoder::new(Codec::Opus)];
    let mut packet = Vec::new();
    for _ in 0..SETTLES {
        packet = coded(&mut voices, [&SILENCE; 2]);
    }
    packet
}

/// Returns what a WAV file begins with that holds so many bytes of sound.
pub fn wav_header(sound: u32) -> [u8; WAV_HEADER] {
    let mut header = [0; WAV_HEADER];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        header[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(b"RIFF");
    put(&sound.saturating_add(36).to_le_bytes());
    put(b"WAVEfmt ");
    put(&16u32.to_le_bytes());
    put(&1u16.to_le_bytes());
    put(&2u16.to_le_bytes());
    put(&RATE.to_le_bytes());
    put(&(4 * RATE).to_le_bytes());
    put(&4u16.to_le_bytes());
    put(&16u16.to_le_bytes());
    put(b"data");
    put(&sound.to_le_bytes());
    header
}

/// What of an unfinished file can be kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Whole {
    /// So many bytes of it.
    pub bytes: u64,
    /// What is written over it, and where.
    pub mend: Option<(u64, Vec<u8>)>,
    /// How many 20 ms it then holds.
    pub frames: u64,
}

/// Finds what of an unfinished file can be kept; none where there is no sound in it.
pub fn whole(format: Format, file: &[u8]) -> Option<Whole> {
    let found = match format {
        Format::Wav => whole_wav(file.len() as u64),
        Format::Opus => whole_opus(file),
    };
    found.filter(|whole| whole.frames > 0)
}

fn whole_wav(length: u64) -> Option<Whole> {
    let sound = length.checked_sub(WAV_HEADER as u64)?;
    let frames = sound / WAV_FRAME;
    let sound = u32::try_from(frames * WAV_FRAME).ok()?;
    Some(Whole {
        bytes: WAV_HEADER as u64 + u64::from(sound),
        mend: Some((0, wav_header(sound).to_vec())),
        frames,
    })
}

fn whole_opus(file: &[u8]) -> Option<Whole> {
    let (mut at, mut last) = (0, None);
    while let Some(page) = Page::read(&file[at..]) {
        last = Some((at, page));
        at += page.length();
    }
    let (start, last) = last?;
    Some(Whole {
        bytes: at as u64,
        mend: Some((start as u64, last.as_last())),
        frames: last.position().unwrap_or_default() / OPUS_FRAME,
    })
}

// RFC 7845 §5.1: two channels, left and right, each a stream of its own.
fn opus_head() -> Vec<u8> {
    let mut head = b"OpusHead".to_vec();
    head.extend_from_slice(&[1, 2]);
    head.extend_from_slice(&PRE_SKIP.to_le_bytes());
    head.extend_from_slice(&RATE.to_le_bytes());
    head.extend_from_slice(&[0, 0, 1, 2, 0, 0, 1]);
    head
}

// RFC 7845 §5.2.
fn opus_tags(name: &str) -> Vec<u8> {
    let mut tags = b"OpusTags".to_vec();
    put(&mut tags, "tandem");
    tags.extend_from_slice(&1u32.to_le_bytes());
    put(&mut tags, &format!("TITLE={name}"));
    tags
}

fn put(tags: &mut Vec<u8>, text: &str) {
    tags.extend_from_slice(&(text.len() as u32).to_le_bytes());
    tags.extend_from_slice(text.as_bytes());
}

// Two streams in one packet (RFC 7845 §3): the first says its own length (RFC 6716 appendix B).
fn both(first: &[u8], second: &[u8]) -> Vec<u8> {
    // One frame a packet is what 20 ms are coded as; anything else could not be put so.
    let one = |packet: &[u8]| packet.first().is_some_and(|toc| toc & 3 == 0);
    let (toc, body) = match one(first) {
        true => (first[0], &first[1..]),
        false => (NOTHING, &[][..]),
    };
    let mut packet = vec![toc];
    match body.len() {
        short @ 0..=251 => packet.push(short as u8),
        long => {
            let low = 252 + (long & 3);
            packet.extend_from_slice(&[low as u8, ((long - low) / 4) as u8]);
        }
    }
    packet.extend_from_slice(body);
    match one(second) {
        true => packet.extend_from_slice(second),
        false => packet.push(NOTHING),
    }
    packet
}
