//! One recording being written. A disk that takes nothing costs what was to be written then, and is tried again: the file
//! stays whole up to there.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use hub::recording::{Kept, Outcome};
use sha2::{Digest, Sha512};
use sip::codec::Frame;

use super::{
    form::{Form, Format, WAV_HEADER, wav_header},
    page::Place,
    rescue::place,
};

/// How much is written at once, in 20 ms: what a crash costs at most.
const TOGETHER: usize = 50;
/// The most silence that takes the place of what was lost at once, in 20 ms; the rest is missing.
const STOPGAP: u32 = 3_000;
/// What a file is called while it is written.
pub const PART: &str = "part";

/// One recording being written.
pub struct Tape {
    file: File,
    part: PathBuf,
    /// Where it will lie, and that below the directory of all recordings.
    path: PathBuf,
    name: String,
    format: Format,
    form: Form,
    /// What is written and right, in bytes and in 20 ms.
    bytes: u64,
    frames: u64,
    /// What is not written yet, and what never will be, in 20 ms.
    waiting: usize,
    lost: u64,
    /// Why the disk last took nothing.
    trouble: Option<io::Error>,
}

impl Tape {
    /// Begins a file in `directory`.
    pub fn create(directory: &Path, name: &str, format: Format) -> io::Result<Self> {
        let name = place(name, format);
        let path = directory.join(&name);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path.parent().unwrap_or(directory))?;
        let part = directory.join(format!("{name}.{PART}"));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&part)?;
        let (form, begin) = Form::begin(format, &name);
        let mut tape = Self {
            file,
            part,
            path,
            name,
            format,
            form,
            bytes: 0,
            frames: 0,
            waiting: 0,
            lost: 0,
            trouble: None,
        };
        tape.file.write_all(&begin)?;
        tape.bytes = begin.len() as u64;
        Ok(tape)
    }

    /// Takes 20 ms, after so many that were lost.
    pub fn push(&mut self, skipped: u32, sound: Option<&[Frame; 2]>) {
        let stopgap = skipped.min(STOPGAP);
        self.lost += u64::from(skipped);
        for _ in 0..stopgap {
            self.add(None);
        }
        self.add(sound);
    }

    fn add(&mut self, sound: Option<&[Frame; 2]>) {
        self.form.push(sound);
        self.waiting += 1;
        if self.waiting >= TOGETHER {
            self.flush(Place::Within);
        }
    }

    fn flush(&mut self, place: Place) {
        let frames = self.waiting as u64;
        let bytes = self.form.take(self.frames + frames, place);
        self.waiting = 0;
        match self.write(&bytes) {
            Ok(()) => {
                self.bytes += bytes.len() as u64;
                self.frames += frames;
            }
            Err(error) => {
                self.form.take_back();
                self.lost += frames;
                self.trouble = Some(error);
            }
        }
    }

    // What was written in part before is written over.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.format == Format::Wav && self.bytes + bytes.len() as u64 > u64::from(u32::MAX - 44)
        {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.file.seek(SeekFrom::Start(self.bytes))?;
        self.file.write_all(bytes)
    }

    /// Finishes the file under its name, or deletes it.
    pub fn finish(mut self, keep: bool) -> Outcome {
        if !keep {
            let reason = "it was not to be kept".to_owned();
            return lost(&self.part, reason);
        }
        self.flush(Place::Last);
        if self.frames == 0 {
            let reason = self.trouble.map_or_else(
                || "nothing was said".to_owned(),
                |error| format!("the disk took nothing of it: {error}"),
            );
            return lost(&self.part, reason);
        }
        let header = match self.format {
            Format::Wav => {
                let sound = self.bytes - WAV_HEADER as u64;
                Some(wav_header(u32::try_from(sound).unwrap_or(u32::MAX)))
            }
            Format::Opus => None,
        };
        let mend = header.as_ref().map(|header| (0, &header[..]));
        let ended = seal(&mut self.file, self.bytes, mend, &self.part, &self.path);
        match ended {
            Ok(sha512) => Outcome::Kept(Kept {
                file: self.name,
                ms: self.frames * 20,
                bytes: self.bytes,
                lost_ms: self.lost * 20,
                cut: false,
                sha512,
            }),
            Err(error) => Outcome::Lost {
                reason: format!("its file could not be finished: {error}"),
            },
        }
    }
}

fn lost(part: &Path, reason: String) -> Outcome {
    if let Err(error) = std::fs::remove_file(part) {
        tracing::error!(%error, "a recording that is not kept was not deleted");
    }
    Outcome::Lost { reason }
}

/// Cuts a file to what is right, mends it, and gives it its name once it is on the disk; returns its SHA-512 in hex.
pub fn seal(
    file: &mut File,
    bytes: u64,
    mend: Option<(u64, &[u8])>,
    part: &Path,
    path: &Path,
) -> io::Result<String> {
    file.set_len(bytes)?;
    if let Some((at, with)) = mend {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(with)?;
    }
    let sum = sum(file)?;
    file.sync_all()?;
    std::fs::rename(part, path)?;
    if let Some(shelf) = path.parent() {
        File::open(shelf)?.sync_all()?;
    }
    Ok(sum)
}

/// Returns the SHA-512 of a file, in hex.
pub fn sum(file: &mut File) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut sum = Sha512::new();
    let mut room = vec![0; 1 << 16];
    loop {
        match file.read(&mut room)? {
            0 => break,
            read => sum.update(&room[..read]),
        }
    }
    let sum = sum.finalize();
    Ok(sum.iter().map(|byte| format!("{byte:02x}")).collect())
}
