//! What a crash left of recordings: files that are not finished are, up to where they are whole, and those that were
//! finished without anybody knowing are found.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
};

use hub::recording::{Kept, Outcome};
use ws::id::RecordingId;

use super::{
    form::{Format, Whole, whole},
    tape::{PART, seal, sum},
};

/// Finishes what is unfinished in `directory`, and tells what became of it and of those that were still `running`.
pub fn rescue(directory: &Path, running: &[RecordingId]) -> Vec<(RecordingId, Outcome)> {
    let mut found = Vec::new();
    for part in parts(directory) {
        let whole = part.with_extension("");
        let name = whole.file_stem().and_then(|name| name.to_str());
        let recording = name.and_then(|name| name.parse::<RecordingId>().ok());
        let Some(recording) = recording else {
            tracing::warn!(file = %part.display(), "this is no recording of ours; it is left alone");
            continue;
        };
        let outcome = finish(directory, &part).unwrap_or_else(|error| Outcome::Lost {
            reason: format!("its file could not be finished after a crash: {error:#}"),
        });
        tracing::info!(%recording, ?outcome, "a recording that was cut is finished");
        found.push((recording, outcome));
    }
    for &recording in running {
        if found.iter().all(|(known, _)| *known != recording) {
            let outcome = complete(directory, recording).unwrap_or_else(|| Outcome::Lost {
                reason: "there is no file of it".to_owned(),
            });
            found.push((recording, outcome));
        }
    }
    found
}

fn parts(directory: &Path) -> Vec<PathBuf> {
    let list = |path: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let shelves = list(directory).into_iter().filter(|path| path.is_dir());
    let files = shelves.flat_map(|shelf| list(&shelf));
    let mut parts: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|ending| ending == PART))
        .collect();
    parts.sort();
    parts
}

fn finish(directory: &Path, part: &Path) -> anyhow::Result<Outcome> {
    let path = part.with_extension("");
    let name = below(directory, &path);
    let format = Format::of(&name).ok_or_else(|| anyhow::anyhow!("{name} is of no known kind"))?;
    let Some(Whole {
        bytes,
        mend,
        frames,
    }) = whole(format, &std::fs::read(part)?)
    else {
        std::fs::remove_file(part)?;
        let reason = "nothing of it had reached the disk".to_owned();
        return Ok(Outcome::Lost { reason });
    };
    let mut file = OpenOptions::new().read(true).write(true).open(part)?;
    let mend = mend.as_ref().map(|(at, with)| (*at, &with[..]));
    let sha512 = seal(&mut file, bytes, mend, part, &path)?;
    Ok(Outcome::Kept(Kept {
        file: name,
        ms: frames * 20,
        bytes,
        lost_ms: 0,
        cut: true,
        sha512,
    }))
}

// A file that was finished just before the end.
fn complete(directory: &Path, recording: RecordingId) -> Option<Outcome> {
    places(recording).into_iter().find_map(|file| {
        let format = Format::of(&file)?;
        let path = directory.join(&file);
        let Whole { bytes, frames, .. } = whole(format, &std::fs::read(&path).ok()?)?;
        let sha512 = sum(&mut std::fs::File::open(&path).ok()?).ok()?;
        Some(Outcome::Kept(Kept {
            file,
            ms: frames * 20,
            bytes,
            lost_ms: 0,
            cut: false,
            sha512,
        }))
    })
}

/// Returns where the file of a recording may lie, below the directory of all: in one format or the other.
pub fn places(recording: RecordingId) -> [String; 2] {
    let name = recording.to_string();
    [Format::Wav, Format::Opus].map(|format| place(&name, format))
}

/// Returns where a file of that name and format lies.
pub fn place(name: &str, format: Format) -> String {
    let shelf = &name[..2.min(name.len())];
    format!("{shelf}/{name}.{}", format.ending())
}

fn below(directory: &Path, path: &Path) -> String {
    let below = path.strip_prefix(directory).unwrap_or(path);
    below.to_string_lossy().into_owned()
}
