//! Recordings as files. The media plane hands sound over and never waits; one thread codes and writes it, another finishes
//! files, since a disk takes its time for that. What the first cannot take is lost, counted, and silence in the file.

mod disk;
mod form;
pub mod leftover;
mod page;
mod rescue;
mod tape;

use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use hub::recording::Outcome;
use ws::id::RecordingId;

use crate::media::Note;
use disk::Disk;
pub use form::Format;
pub use page::packets;
pub use rescue::{places, rescue};
pub use tape::PART;
use tape::Tape;

/// How many times 20 ms may wait to be written, of all recordings together: 5 MB.
const WAITING: usize = 4_096;

/// Hears what became of a recording.
pub type Report = Box<dyn Fn(RecordingId, Outcome) + Send>;

/// The way to the thread that writes.
pub struct Recorder {
    notes: mpsc::Sender<(Arc<str>, Note)>,
    waiting: Arc<AtomicUsize>,
    /// What of each recording was not taken since it last was, in 20 ms.
    missed: HashMap<Arc<str>, u32>,
    /// Whether it took something not, and has not fallen to half of what may wait since.
    stalls: bool,
    lost: metrics::Counter,
}

/// Waits until all is finished.
pub struct Finishing(JoinHandle<()>);

impl Finishing {
    /// Returns when every file is finished; every [`Recorder`] is to be gone before.
    pub fn join(self) {
        if self.0.join().is_err() {
            tracing::error!("the writer of recordings had failed");
        }
    }
}

impl Recorder {
    /// Starts to write recordings into `directory`, each told to `report` when it is over.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        directory: PathBuf,
        format: Format,
        report: Report,
    ) -> io::Result<(Self, Finishing)> {
        metrics::describe_counter!(
            "tandem_recordings_lost_frames_total",
            "Sound that was to be recorded and that the disk did not take in time, in frames of 20 ms."
        );
        let waiting = Arc::new(AtomicUsize::new(0));
        let (notes, inbox) = mpsc::channel();
        let (ended, last) = mpsc::channel();
        let finisher = std::thread::Builder::new()
            .name("recordings".to_owned())
            .spawn(move || finish_all(&last, &report))?;
        let lost = metrics::counter!("tandem_recordings_lost_frames_total");
        let mut writer = Writer {
            directory,
            format,
            tapes: HashMap::new(),
            disk: Disk::new(lost.clone()),
            waiting: Arc::clone(&waiting),
            ended,
        };
        let writing = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                while let Ok((name, note)) = inbox.recv() {
                    writer.take(&name, note);
                }
                writer.end();
                drop(writer);
                if finisher.join().is_err() {
                    tracing::error!("the finisher of recordings had failed");
                }
            })?;
        let recorder = Self {
            notes,
            waiting,
            missed: HashMap::new(),
            stalls: false,
            lost,
        };
        Ok((recorder, Finishing(writing)))
    }

    /// Hands something over. Beginnings and ends are always taken: there are no more of them than of calls.
    pub fn tape(&mut self, name: &Arc<str>, note: Note) {
        let note = match note {
            Note::Sound { skipped, sound } => {
                let missed = self.missed.remove(name).unwrap_or_default();
                let skipped = skipped.saturating_add(missed);
                if self.is_behind() {
                    self.lost.increment(1);
                    self.missed
                        .insert(Arc::clone(name), skipped.saturating_add(1));
                    return;
                }
                self.waiting.fetch_add(1, Ordering::Relaxed);
                Note::Sound { skipped, sound }
            }
            Note::End { keep } => {
                self.missed.remove(name);
                Note::End { keep }
            }
            Note::Begin { .. } | Note::Missed => note,
        };
        if self.notes.send((Arc::clone(name), note)).is_err() {
            tracing::error!("the writer of recordings has stopped");
        }
    }

    // Whether as much waits as may. Told once when it begins, and once when half of it is written.
    fn is_behind(&mut self) -> bool {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting >= WAITING && !std::mem::replace(&mut self.stalls, true) {
            tracing::warn!(
                "the disk takes recordings too slowly: silence takes the place of what is lost"
            );
        }
        if waiting <= WAITING / 2 && std::mem::take(&mut self.stalls) {
            tracing::info!("the disk takes recordings in time again");
        }
        waiting >= WAITING
    }
}

/// An Ogg Opus file of these packets, of one stream where `family` is 0.
#[cfg(test)]
pub fn test_ogg(packets: &[Vec<u8>], family: u8) -> Vec<u8> {
    let mut head = b"OpusHead\x01\x01\x38\x01\x80\x3e\0\0\0\0".to_vec();
    head.push(family);
    let mut file = page::write(&[head], page::Place::First, 0, 7, 0);
    file.extend(page::write(
        &[b"OpusTags".to_vec()],
        page::Place::Within,
        0,
        7,
        1,
    ));
    for (n, packet) in packets.iter().enumerate() {
        let position = 960 * (n as u64 + 1);
        let one = std::slice::from_ref(packet);
        file.extend(page::write(
            one,
            page::Place::Within,
            position,
            7,
            n as u32 + 2,
        ));
    }
    file
}

/// What is finished, and how it is to end.
enum Ended {
    Tape {
        name: Arc<str>,
        tape: Box<Tape>,
        keep: bool,
    },
    Never {
        name: Arc<str>,
        reason: String,
    },
}

struct Writer {
    directory: PathBuf,
    format: Format,
    tapes: HashMap<Arc<str>, Box<Tape>>,
    disk: Disk,
    waiting: Arc<AtomicUsize>,
    ended: mpsc::Sender<Ended>,
}

impl Writer {
    fn take(&mut self, name: &Arc<str>, note: Note) {
        match note {
            Note::Begin { message } => self.begin(name, message),
            Note::Missed => self.never(name, "the call was over".to_owned()),
            Note::Sound { skipped, sound } => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                let Some(tape) = self.tapes.get_mut(name) else {
                    // Nothing could be begun, or it is over.
                    return self.disk.count(u64::from(skipped) + 1);
                };
                tape.push(skipped, sound.as_deref(), &mut self.disk);
                if let Some(error) = tape.cut_by() {
                    tracing::error!(recording = %name, %error, "a message is cut, as the disk takes no more of it");
                    self.finish(name, true);
                }
            }
            Note::End { keep } => {
                if let Some(tape) = self.tapes.get_mut(name).filter(|_| keep) {
                    tape.end(&mut self.disk);
                }
                self.finish(name, keep);
            }
        }
    }

    fn begin(&mut self, name: &Arc<str>, message: bool) {
        match Tape::create(&self.directory, name, self.format, message) {
            Ok(tape) => {
                self.tapes.insert(Arc::clone(name), Box::new(tape));
            }
            Err(error) => {
                let at = self.directory.display();
                self.never(name, format!("no file could be made in {at}: {error}"));
            }
        }
    }

    fn finish(&mut self, name: &Arc<str>, keep: bool) {
        self.disk.forget(name);
        if let Some(tape) = self.tapes.remove(name) {
            let name = Arc::clone(name);
            self.hand_over(Ended::Tape { name, tape, keep });
        }
    }

    fn never(&self, name: &Arc<str>, reason: String) {
        tracing::error!(recording = %name, reason, "a call is not recorded");
        let name = Arc::clone(name);
        self.hand_over(Ended::Never { name, reason });
    }

    fn hand_over(&self, ended: Ended) {
        if self.ended.send(ended).is_err() {
            tracing::error!("the finisher of recordings has stopped");
        }
    }

    fn end(&mut self) {
        for (name, mut tape) in std::mem::take(&mut self.tapes) {
            let keep = true;
            tape.end(&mut self.disk);
            self.hand_over(Ended::Tape { name, tape, keep });
        }
    }
}

fn finish_all(ended: &mpsc::Receiver<Ended>, report: &Report) {
    while let Ok(ended) = ended.recv() {
        let (name, outcome) = match ended {
            Ended::Tape { name, tape, keep } => (name, tape.finish(keep)),
            Ended::Never { name, reason } => (name, Outcome::Lost { reason }),
        };
        match name.parse() {
            Ok(recording) => report(recording, outcome),
            Err(error) => tracing::error!(%name, %error, "a recording of nobody"),
        }
    }
}

#[cfg(test)]
mod tests;
