//! A disk that is full for a while, while calls and messages are recorded.

use std::{
    collections::HashMap,
    fs::File,
    io::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
};

use hub::recording::Outcome;
use sip::codec::FRAME_SAMPLES;
use sip::tone;

use super::super::{Disk, Ended, Format, Writer};
use super::{NAME, SIDES, Shelf, hum, kept, sides};
use crate::media::Note;

/// A second, in 20 ms.
const SECOND: usize = 50;

/// The thread that writes, without a thread.
struct Desk {
    shelf: Shelf,
    writer: Writer,
    ended: mpsc::Receiver<Ended>,
    lost: Arc<AtomicU64>,
    files: HashMap<Arc<str>, File>,
}

impl Desk {
    fn new(name: &str, format: Format) -> Self {
        let shelf = Shelf::new(&format!("{name}-{}", format.ending()));
        let lost = Arc::new(AtomicU64::new(0));
        let (tell, ended) = mpsc::channel();
        let writer = Writer {
            directory: shelf.0.clone(),
            format,
            tapes: HashMap::new(),
            disk: Disk::new(metrics::Counter::from_arc(Arc::clone(&lost))),
            waiting: Arc::new(AtomicUsize::new(usize::MAX / 2)),
            ended: tell,
        };
        Self {
            shelf,
            writer,
            ended,
            lost,
            files: HashMap::new(),
        }
    }

    fn begin(&mut self, name: &Arc<str>, message: bool) {
        self.writer.take(name, Note::Begin { message });
    }

    fn says(&mut self, name: &Arc<str>, skipped: u32, frames: usize) {
        let mut hum = hum();
        for at in 0..frames {
            let skipped = if at == 0 { skipped } else { 0 };
            let sound = Some(hum());
            self.writer.take(name, Note::Sound { skipped, sound });
        }
    }

    /// Fills the disk as far as a recording is concerned, or makes room again.
    fn is_full(&mut self, name: &Arc<str>, full: bool) {
        let tape = self.writer.tapes.get_mut(name).unwrap();
        let file = match full {
            true => File::options().write(true).open("/dev/full").unwrap(),
            false => self.files.remove(name).unwrap(),
        };
        let before = tape.replace_file(file);
        if full {
            self.files.insert(Arc::clone(name), before);
        }
    }

    fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// What became of the recording that ended next; none where none has.
    fn outcome(&self) -> Option<Outcome> {
        match self.ended.try_recv().ok()? {
            Ended::Tape { tape, keep, .. } => Some(tape.finish(keep)),
            Ended::Never { reason, .. } => Some(Outcome::Lost { reason }),
        }
    }

    fn parts(&self) -> usize {
        let shelf = std::fs::read_dir(self.shelf.0.join("0a")).unwrap();
        shelf.count()
    }
}

/// The lines that are logged meanwhile.
fn lines(work: impl FnOnce()) -> Vec<String> {
    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);
    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let sink = Sink::default();
    let to = sink.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || to.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, work);
    let written = sink.0.lock().unwrap().clone();
    let text = String::from_utf8(written).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn name(n: u16) -> Arc<str> {
    format!("{}{n}", &NAME[..NAME.len() - 1]).into()
}

/// How loud the own tone of each side is in a second of a file.
fn loudness(sides: &[Vec<i16>; 2], second: usize) -> [f32; 2] {
    let length = SECOND * FRAME_SAMPLES;
    // A coder takes a moment at the edges.
    let edge = 10 * FRAME_SAMPLES;
    let within = second * length + edge..(second + 1) * length - edge;
    [0, 1].map(|at| tone::level(&sides[at][within.clone()], SIDES[at] / 2))
}

#[test]
fn silence_stands_for_what_a_full_disk_took_not_and_what_comes_later_is_where_it_was_said() {
    for format in [Format::Wav, Format::Opus] {
        let mut desk = Desk::new("full", format);
        let one = name(1);
        desk.begin(&one, false);
        desk.says(&one, 0, 2 * SECOND);
        desk.is_full(&one, true);
        desk.says(&one, 0, 3 * SECOND);
        assert_eq!(desk.lost(), 150);
        desk.is_full(&one, false);
        desk.says(&one, 0, 2 * SECOND);
        // What nobody could take in time, for long and shortly.
        desk.says(&one, 100, SECOND);
        desk.says(&one, 25, 25);
        desk.writer.take(&one, Note::End { keep: true });

        let kept = kept(desk.outcome().unwrap());

        assert_eq!((kept.ms, kept.lost_ms), (11_000, 5_500), "{format:?}");
        let file = desk.shelf.read(&kept.file);
        assert_eq!(file.len() as u64, kept.bytes);
        let sides = sides(&file, format);
        assert_eq!(sides[0].len(), 11 * SECOND * FRAME_SAMPLES);
        for second in 0..10 {
            let heard = [0, 1, 5, 6, 9].contains(&second);
            let levels = loudness(&sides, second);
            let fits = |level: f32| match heard {
                true => level > 2000.0,
                false => level < 20.0,
            };
            assert!(
                levels.into_iter().all(fits),
                "{format:?} {second} {levels:?}"
            );
        }
    }
}

#[test]
fn a_full_disk_is_told_once_and_that_it_goes_on_once_however_many_are_recorded() {
    let mut desk = Desk::new("told", Format::Opus);
    let names = [name(1), name(2)];
    for one in &names {
        desk.begin(one, false);
        desk.says(one, 0, SECOND);
    }

    let told = lines(|| {
        names.iter().for_each(|one| desk.is_full(one, true));
        for one in [&names[0], &names[1], &names[0], &names[1]] {
            desk.says(one, 0, SECOND);
        }
        desk.is_full(&names[0], false);
        desk.says(&names[0], 0, SECOND);
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains(" WARN ") && told[0].contains("os error 28"),
        "{told:?}"
    );
    assert_eq!(desk.lost(), 200);

    let told = lines(|| {
        desk.is_full(&names[1], false);
        for one in [&names[1], &names[0], &names[1]] {
            desk.says(one, 0, SECOND);
        }
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains(" INFO ") && told[0].contains("lost_ms=4000"),
        "{told:?}"
    );
    assert_eq!(desk.lost(), 200);
}

#[test]
fn a_call_of_which_the_disk_took_nothing_has_no_recording_and_says_so() {
    for format in [Format::Wav, Format::Opus] {
        let mut desk = Desk::new("nothing", format);
        let one = name(1);
        desk.begin(&one, false);
        desk.is_full(&one, true);
        desk.says(&one, 0, 3 * SECOND + 10);
        desk.writer.take(&one, Note::End { keep: true });

        let told = desk.outcome().unwrap();
        let says = |reason: &str| reason.starts_with("the disk took nothing of it: ");
        assert!(
            matches!(&told, Outcome::Lost { reason } if says(reason)),
            "{told:?}"
        );
        assert_eq!(desk.lost(), 160, "{format:?}");
        assert_eq!(desk.parts(), 0);
    }
}

#[test]
fn a_message_is_over_when_the_disk_takes_no_more_of_it() {
    for (before, format) in [
        (0, Format::Wav),
        (0, Format::Opus),
        (2, Format::Wav),
        (2, Format::Opus),
    ] {
        let mut desk = Desk::new("message", format);
        let one = name(1);
        desk.begin(&one, true);
        desk.says(&one, 0, before * SECOND);
        assert_eq!(desk.outcome(), None);

        let told = lines(|| {
            desk.is_full(&one, true);
            desk.says(&one, 0, SECOND);
        });

        let errors = told.iter().filter(|line| line.contains("ERROR"));
        assert_eq!(errors.count(), 1, "{told:?}");
        // What it took is kept; the file itself has room.
        let Some(Ended::Tape { mut tape, keep, .. }) = desk.ended.try_recv().ok() else {
            panic!("the caller goes on speaking to nobody");
        };
        tape.replace_file(desk.files.remove(&one).unwrap());
        match tape.finish(keep) {
            Outcome::Kept(kept) => assert_eq!((kept.ms, before), (2_000, 2), "{format:?}"),
            Outcome::Lost { reason } => assert!(
                before == 0 && reason.starts_with("the disk took nothing"),
                "{reason}"
            ),
        }
        desk.says(&one, 0, 5);
        desk.writer.take(&one, Note::End { keep: true });
        assert_eq!(desk.outcome(), None, "it is told once");
        assert_eq!(desk.lost(), 55);
    }
}

#[test]
fn a_file_that_cannot_be_begun_leaves_nothing() {
    let shelf = Shelf::new("begun");
    std::fs::create_dir_all(shelf.0.join("0a")).unwrap();
    let part = shelf.0.join("0a/begun.wav.part");
    std::fs::write(&part, "").unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();

    let begun = super::super::Tape::begin(
        full,
        (
            part.clone(),
            shelf.0.join("0a/begun.wav"),
            "0a/begun.wav".to_owned(),
        ),
        (&name(1), Format::Wav, false),
    );

    assert!(begun.is_err());
    assert!(!part.exists());
}
