use std::{
    sync::{Arc, mpsc},
    time::{Duration, SystemTime},
};

use hub::recording::{Kept, Outcome};
use sip::codec::{Decoder, FRAME_SAMPLES, Frame};
use sip::sdp::Codec;
use sip::tone::{self, Sine};
use ws::id::RecordingId;

use super::{Format, Recorder, leftover, page, rescue};
use crate::media::Note;

mod full;

const NAME: &str = "0af7651916cd43dd8448eb211c80319c.r1";
const SIDES: [u32; 2] = [400, 1000];

struct Shelf(std::path::PathBuf);

impl Shelf {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tandem-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn read(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.0.join(file)).unwrap()
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn hum() -> impl FnMut() -> Box<[Frame; 2]> {
    // A sine of 8,000 samples a second is half as high at 16,000.
    let mut sines = SIDES.map(|frequency| Sine::new(frequency / 2, 8000));
    move || {
        let frame = |sine: &mut Sine| {
            let samples: Vec<i16> = sine.take(FRAME_SAMPLES).collect();
            Frame::try_from(samples).unwrap()
        };
        let [left, right] = &mut sines;
        Box::new([frame(left), frame(right)])
    }
}

fn record(shelf: &Shelf, format: Format, frames: u32, keep: bool) -> (RecordingId, Outcome) {
    let (tell, told) = mpsc::channel();
    let report = Box::new(move |recording, outcome| tell.send((recording, outcome)).unwrap());
    let (mut recorder, finishing) = Recorder::start(shelf.0.clone(), format, report).unwrap();
    let name: Arc<str> = NAME.into();
    let mut hum = hum();
    recorder.tape(&name, Note::Begin { message: false });
    for _ in 0..frames {
        let (skipped, sound) = (0, Some(hum()));
        recorder.tape(&name, Note::Sound { skipped, sound });
    }
    recorder.tape(&name, Note::End { keep });
    drop(recorder);
    finishing.join();
    let mut told: Vec<_> = told.into_iter().collect();
    assert_eq!(told.len(), 1);
    told.remove(0)
}

fn kept(outcome: Outcome) -> Kept {
    match outcome {
        Outcome::Kept(kept) => kept,
        Outcome::Lost { reason } => panic!("{reason}"),
    }
}

/// Both sides of a file, at 16 kHz.
fn sides(file: &[u8], format: Format) -> [Vec<i16>; 2] {
    let mut sides = [Vec::new(), Vec::new()];
    match format {
        Format::Wav => {
            let mut reader = hound::WavReader::new(file).unwrap();
            assert_eq!(
                (reader.spec().channels, reader.spec().sample_rate),
                (2, 16_000)
            );
            for (at, sample) in reader.samples::<i16>().enumerate() {
                sides[at % 2].push(sample.unwrap());
            }
        }
        Format::Opus => {
            let mut decoders = [Decoder::new(Codec::Opus), Decoder::new(Codec::Opus)];
            let packets = page::packets(file);
            assert!(packets[0].starts_with(b"OpusHead") && packets[1].starts_with(b"OpusTags"));
            for packet in &packets[2..] {
                let (length, start) = match packet[1] {
                    short @ 0..252 => (usize::from(short), 2),
                    low => (usize::from(low) + 4 * usize::from(packet[2]), 3),
                };
                let first = [&packet[..1], &packet[start..start + length]].concat();
                decoders[0].decode(&first, &mut sides[0]);
                decoders[1].decode(&packet[start + length..], &mut sides[1]);
            }
        }
    }
    sides
}

fn assert_two_voices(file: &[u8], format: Format, frames: usize) {
    let sides = sides(file, format);
    for (side, at) in sides.iter().zip([0, 1]) {
        assert_eq!(side.len(), frames * FRAME_SAMPLES);
        let level = |frequency: u32| tone::level(&side[FRAME_SAMPLES * 10..], frequency / 2);
        let (own, other) = (level(SIDES[at]), level(SIDES[1 - at]));
        assert!(
            own > 2000.0 && other < own / 100.0,
            "{format:?} {own} {other}"
        );
    }
}

#[test]
fn both_formats_keep_two_voices_apart() {
    for format in [Format::Wav, Format::Opus] {
        let shelf = Shelf::new(format.ending());
        let (recording, outcome) = record(&shelf, format, 160, true);

        let kept = kept(outcome);
        assert_eq!(recording.to_string(), NAME);
        assert_eq!(kept.file, format!("0a/{NAME}.{}", format.ending()));
        assert_eq!((kept.ms, kept.lost_ms, kept.cut), (3_200, 0, false));
        let file = shelf.read(&kept.file);
        assert_eq!(file.len() as u64, kept.bytes);
        assert_two_voices(&file, format, 160);
        assert!(rescue(&shelf.0, &[]).is_empty(), "nothing is left over");
    }
}

#[test]
fn what_a_crash_cuts_is_finished_up_to_where_it_is_whole() {
    for format in [Format::Wav, Format::Opus] {
        let shelf = Shelf::new(&format!("cut-{}", format.ending()));
        let outcome = record(&shelf, format, 120, true).1;
        let whole = kept(outcome).file;
        let part = format!("{whole}.part");
        let mut torn = shelf.read(&whole);
        torn.truncate(torn.len() - 700);
        if format == Format::Wav {
            torn[..44].copy_from_slice(&super::form::wav_header(u32::MAX));
        }
        std::fs::write(shelf.0.join(&part), &torn).unwrap();
        std::fs::remove_file(shelf.0.join(&whole)).unwrap();

        let mut found = rescue(&shelf.0, &[NAME.parse().unwrap()]);

        assert_eq!(found.len(), 1);
        let kept = kept(found.remove(0).1);
        assert!(kept.cut && !shelf.0.join(part).exists());
        let frames = (kept.ms / 20) as usize;
        assert!((100..120).contains(&frames), "{frames}");
        assert_two_voices(&shelf.read(&kept.file), format, frames);
    }
}

#[test]
fn who_refused_leaves_no_file_and_what_nobody_told_is_found() {
    let shelf = Shelf::new("refused");
    let (recording, outcome) = record(&shelf, Format::Wav, 120, false);
    assert!(matches!(outcome, Outcome::Lost { .. }));
    assert!(matches!(
        rescue(&shelf.0, &[recording])[..],
        [(_, Outcome::Lost { .. })]
    ));

    let told = kept(record(&shelf, Format::Wav, 120, true).1);
    let found = rescue(&shelf.0, &[recording]);
    assert_eq!(found, [(recording, Outcome::Kept(told))]);
}

#[test]
fn a_directory_that_cannot_be_written_to_is_told_once() {
    let shelf = Shelf::new("nowhere");
    std::fs::write(&shelf.0, "a file").unwrap();

    let (_, outcome) = record(&shelf, Format::Opus, 10, true);

    assert!(
        matches!(outcome, Outcome::Lost { reason } if reason.contains("no file could be made"))
    );
    std::fs::remove_file(&shelf.0).unwrap();
}

#[test]
fn a_rescue_leaves_what_is_not_ours_alone_and_drops_what_is_empty() {
    let shelf = Shelf::new("strange");
    std::fs::create_dir_all(shelf.0.join("0a")).unwrap();
    let strange = shelf.0.join("0a/notes.wav.part");
    std::fs::write(&strange, "hello").unwrap();
    std::fs::write(shelf.0.join(format!("0a/{NAME}.ogg.part")), "OggS").unwrap();

    let found = rescue(&shelf.0, &[]);

    assert!(matches!(found[..], [(_, Outcome::Lost { .. })]));
    assert!(strange.exists());
}

#[test]
fn what_was_finished_after_it_was_given_up_is_found_and_removed() {
    let shelf = Shelf::new("late");
    let (recording, outcome) = record(&shelf, Format::Opus, 120, true);
    let file = shelf.0.join(kept(outcome).file);
    std::fs::write(shelf.0.join("0a/notes.txt"), "hello").unwrap();
    std::fs::write(shelf.0.join("0a/notes.wav"), "hello").unwrap();
    let now = SystemTime::now();
    let later = |hours: u64| now + Duration::from_secs(hours * 3_600);
    let found = |at| leftover::finished(&shelf.0, at).unwrap();

    assert_eq!(found(now), [], "it may be named yet");
    assert_eq!(found(later(2)), [recording]);
    assert_eq!(found(later(24 * 8)), [], "it was looked at");
    assert_eq!(leftover::remove(&shelf.0, &[recording]).unwrap(), 1);
    assert!(!file.exists() && shelf.0.join("0a/notes.wav").exists());
    assert_eq!(leftover::remove(&shelf.0, &[recording]).unwrap(), 0);
    let nowhere = shelf.0.join("nowhere");
    assert_eq!(leftover::finished(&nowhere, later(2)).unwrap(), []);
}
