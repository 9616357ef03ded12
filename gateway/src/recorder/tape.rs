//! One recording being written. A disk that takes nothing costs what was to be written then, and is tried again: the file
//! stays whole up to there, and silence takes the place of what was lost before what comes later.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use hub::recording::{Kept, Outcome};
use sha2::{Digest, Sha512};
use sip::codec::Frame;

use super::{
    disk::Disk,
    form::{Form, Format, WAV_HEADER, wav_header},
    page::Place,
    rescue::place,
};

/// How much is written at once, in 20 ms: what a crash costs at most.
const TOGETHER: u64 = 50;
/// What is lost in between is silence among what waits, where it is no more than that, in 20 ms.
const SHORT: u32 = 50;
/// What a file is called while it is written.
pub const PART: &str = "part";

/// One recording being written.
pub struct Tape {
    file: File,
    part: PathBuf,
    /// Where it will lie, and that below the directory of all recordings.
    path: PathBuf,
    name: String,
    recording: Arc<str>,
    format: Format,
    form: Form,
    /// Whether it is a message that a caller leaves.
    message: bool,
    /// What is written and right, in bytes and in 20 ms, and how much of that is no silence in the place of something.
    bytes: u64,
    frames: u64,
    taken: u64,
    /// What is not written yet, and how much of that is silence in the place of something.
    waiting: u64,
    stopgap: u64,
    /// What was lost, and for how much of that no silence is written yet.
    lost: u64,
    gap: u64,
    /// Why the disk last took nothing.
    trouble: Option<io::Error>,
}

impl Tape {
    /// Begins a file in `directory`, of a message that a caller leaves or of a call.
    pub fn create(
        directory: &Path,
        recording: &Arc<str>,
        format: Format,
        message: bool,
    ) -> io::Result<Self> {
        let name = place(recording, format);
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
        Self::begin(file, (part, path, name), (recording, format, message))
    }

    // What could not be begun leaves nothing.
    pub(super) fn begin(
        mut file: File,
        (part, path, name): (PathBuf, PathBuf, String),
        (recording, format, message): (&Arc<str>, Format, bool),
    ) -> io::Result<Self> {
        let (form, begin) = Form::begin(format, &name);
        if let Err(error) = file.write_all(&begin) {
            remove(&part);
            return Err(error);
        }
        Ok(Self {
            file,
            part,
            path,
            name,
            recording: Arc::clone(recording),
            format,
            form,
            message,
            bytes: begin.len() as u64,
            frames: 0,
            taken: 0,
            waiting: 0,
            stopgap: 0,
            lost: 0,
            gap: 0,
            trouble: None,
        })
    }

    /// Takes 20 ms, after so many that were lost.
    pub fn push(&mut self, skipped: u32, sound: Option<&[Frame; 2]>, disk: &mut Disk) {
        self.lost += u64::from(skipped);
        if skipped > SHORT {
            self.flush(Place::Within, disk);
            self.gap += u64::from(skipped);
        } else {
            for _ in 0..skipped {
                self.stopgap += 1;
                self.add(None, disk);
            }
        }
        self.add(sound, disk);
    }

    fn add(&mut self, sound: Option<&[Frame; 2]>, disk: &mut Disk) {
        self.form.push(sound);
        self.waiting += 1;
        if self.waiting >= TOGETHER {
            self.flush(Place::Within, disk);
        }
    }

    /// Writes what is not written yet: nothing follows.
    pub fn end(&mut self, disk: &mut Disk) {
        self.flush(Place::Last, disk);
    }

    /// Lets it write elsewhere; returns where it wrote until now.
    #[cfg(test)]
    pub fn replace_file(&mut self, file: File) -> File {
        std::mem::replace(&mut self.file, file)
    }

    /// Why it is over, where it is a message of which the disk takes nothing any more.
    pub fn cut_by(&self) -> Option<&io::Error> {
        self.trouble.as_ref().filter(|_| self.message)
    }

    fn flush(&mut self, place: Place, disk: &mut Disk) {
        let frames = std::mem::take(&mut self.waiting);
        let taken = frames - std::mem::take(&mut self.stopgap);
        match self.fill().and_then(|()| self.append(frames, place)) {
            Ok(()) => {
                self.taken += taken;
                disk.took(&self.recording);
            }
            Err(error) => {
                self.form.forget();
                self.gap += frames;
                self.lost += taken;
                self.tell(taken, &error, disk);
                self.trouble = Some(error);
            }
        }
    }

    // That a file is as long as can be is no trouble of the disk's.
    fn tell(&self, frames: u64, error: &io::Error, disk: &mut Disk) {
        let is_full = |error: &io::Error| {
            error.kind() == io::ErrorKind::FileTooLarge && error.raw_os_error().is_none()
        };
        if !is_full(error) {
            return disk.refused(&self.recording, frames, error);
        }
        disk.count(frames);
        if !self.trouble.as_ref().is_some_and(is_full) {
            tracing::warn!(recording = %self.recording, "its file is as long as can be: the rest is lost");
        }
    }

    // Silence takes the place of what was lost.
    fn fill(&mut self) -> io::Result<()> {
        let sound = self.form.set_aside();
        let mut filled = Ok(());
        while self.gap > 0 && filled.is_ok() {
            let frames = self.gap.min(TOGETHER);
            filled = match self.form.rest(frames) {
                0 => self.append(frames, Place::Within),
                hole => self.leave(frames, hole),
            };
            if filled.is_ok() {
                self.gap -= frames;
            }
        }
        self.form.put_back(sound);
        filled
    }

    fn append(&mut self, frames: u64, place: Place) -> io::Result<()> {
        let bytes = self.form.take(self.frames + frames, place);
        let written = self.write(&bytes);
        match written {
            Ok(()) => {
                self.bytes += bytes.len() as u64;
                self.frames += frames;
            }
            Err(_) => self.form.take_back(),
        }
        written
    }

    // What is never written reads as silence, and takes no room.
    fn leave(&mut self, frames: u64, bytes: u64) -> io::Result<()> {
        self.has_room(bytes)?;
        self.bytes += bytes;
        self.frames += frames;
        Ok(())
    }

    fn has_room(&self, bytes: u64) -> io::Result<()> {
        let longest = u64::from(u32::MAX - 44);
        match self.format == Format::Wav && self.bytes + bytes > longest {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok(()),
        }
    }

    // What was written in part before is written over.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.has_room(bytes.len() as u64)?;
        self.file.seek(SeekFrom::Start(self.bytes))?;
        self.file.write_all(bytes)
    }

    /// Finishes the file under its name once all is written, or deletes it.
    pub fn finish(mut self, keep: bool) -> Outcome {
        if !keep {
            let reason = "it was not to be kept".to_owned();
            return lost(&self.part, reason);
        }
        if self.taken == 0 {
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
    remove(part);
    Outcome::Lost { reason }
}

fn remove(part: &Path) {
    if let Err(error) = std::fs::remove_file(part) {
        tracing::error!(%error, "a recording that is not kept was not deleted");
    }
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
