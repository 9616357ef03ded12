//! Files of recordings that were given up. One that is finished after that is named by no fact, and by none later either: what
//! was given up is not to be there.

use std::{
    io,
    path::Path,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use ws::id::RecordingId;

use super::{Format, rescue::places};

/// What is younger may be named any moment.
const YOUNG: Duration = Duration::from_secs(3_600);
/// What is older was looked at every hour of this time.
const OLD: Duration = Duration::from_secs(7 * 86_400);

/// Returns whose files lie in `directory` that were finished some time ago, and not long ago.
pub fn finished(directory: &Path, now: SystemTime) -> anyhow::Result<Vec<RecordingId>> {
    let mut found = Vec::new();
    for shelf in list(directory)? {
        let files = match shelf.is_dir() {
            true => list(&shelf)?,
            false => Vec::new(),
        };
        for file in files {
            let name = file.file_name().and_then(|name| name.to_str());
            if name.and_then(Format::of).is_none() {
                continue;
            }
            let stem = file.file_stem().and_then(|stem| stem.to_str());
            let recording = stem.and_then(|stem| stem.parse::<RecordingId>().ok());
            // A file that is deleted meanwhile is no trouble.
            let changed = file.metadata().and_then(|about| about.modified()).ok();
            let age = changed.and_then(|changed| now.duration_since(changed).ok());
            if age.is_some_and(|age| (YOUNG..OLD).contains(&age)) {
                found.extend(recording);
            }
        }
    }
    Ok(found)
}

/// Removes the files of recordings; tells how many that were.
pub fn remove(directory: &Path, recordings: &[RecordingId]) -> anyhow::Result<usize> {
    let mut gone = 0;
    for file in recordings.iter().flat_map(|recording| places(*recording)) {
        let file = directory.join(file);
        match std::fs::remove_file(&file) {
            Ok(()) => gone += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("removing {}", file.display()));
            }
        }
    }
    Ok(gone)
}

fn list(directory: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let looking = || format!("looking for recordings in {}", directory.display());
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(looking),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.collect::<io::Result<_>>().with_context(looking)
}
