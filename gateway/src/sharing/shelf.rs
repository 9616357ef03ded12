//! Where shared files lie: beside the database, each under its random name. What no row names any more goes.

use std::{
    collections::BTreeSet,
    fs, io,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::Context;
use ws::id::FileId;

/// How long a file may lie without a row: it comes before the fact that names it.
const YOUNG: Duration = Duration::from_secs(3_600);

/// The folder of shared files.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// Of a store's directory.
    pub fn of(store: &Path) -> Self {
        Self {
            folder: store.join("files"),
        }
    }

    /// Puts a file down, all of it and durable, for this user only.
    pub fn keep(&self, file: FileId, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.path(file);
        let write = || -> io::Result<()> {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.folder)?;
            let beside = path.with_extension("new");
            let mut new = fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&beside)?;
            new.write_all(bytes)?;
            new.sync_all()?;
            fs::rename(&beside, &path)?;
            fs::File::open(&self.folder)?.sync_all()
        };
        write().with_context(|| format!("writing {}", path.display()))
    }

    /// Reads a file; none where it is gone.
    pub fn read(&self, file: FileId) -> anyhow::Result<Option<Vec<u8>>> {
        let path = self.path(file);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// Takes a file away; one that is gone is no trouble.
    pub fn discard(&self, file: FileId) -> anyhow::Result<()> {
        let path = self.path(file);
        match fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).with_context(|| format!("removing {}", path.display())),
        }
    }

    /// Takes away what is not `named` and older than an hour; tells how many that were.
    pub fn sweep(&self, named: &BTreeSet<String>, now: SystemTime) -> anyhow::Result<usize> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error).context("looking for shared files"),
        };
        let mut gone = 0;
        for entry in entries {
            let entry = entry.context("looking for shared files")?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if named.contains(&name) {
                continue;
            }
            let changed = match entry.metadata().and_then(|about| about.modified()) {
                Ok(changed) => changed,
                // A refused file is taken away, and a new one renamed, while this goes on.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error).context("looking at a shared file"),
            };
            if now.duration_since(changed).is_ok_and(|age| age >= YOUNG) {
                fs::remove_file(entry.path()).context("removing a shared file")?;
                gone += 1;
            }
        }
        Ok(gone)
    }

    /// Returns how many bytes all files have together.
    pub fn bytes(&self) -> anyhow::Result<u64> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error).context("counting shared files"),
        };
        let mut bytes = 0;
        for entry in entries {
            let entry = entry.context("counting shared files")?;
            match entry.metadata() {
                Ok(about) => bytes += about.len(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).context("looking at a shared file"),
            }
        }
        Ok(bytes)
    }

    /// Returns where a file lies.
    pub fn path(&self, file: FileId) -> PathBuf {
        self.folder.join(file.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_row_names_goes_once_it_is_old() {
        let folder = std::env::temp_dir().join(format!("tandem-shelf-{}", std::process::id()));
        let shelf = Shelf::of(&folder);
        let [kept, lost] = [1, 2].map(|n| FileId::new(n).unwrap());
        shelf.keep(kept, b"a").unwrap();
        shelf.keep(lost, b"b").unwrap();
        let named = BTreeSet::from([kept.to_string()]);

        let young = shelf.sweep(&named, SystemTime::now()).unwrap();
        let old = shelf.sweep(&named, SystemTime::now() + YOUNG).unwrap();

        assert_eq!((young, old), (0, 1));
        assert_eq!(shelf.read(kept).unwrap().as_deref(), Some(&b"a"[..]));
        assert_eq!(shelf.read(lost).unwrap(), None);
        shelf.discard(kept).unwrap();
        shelf.discard(kept).unwrap();
        assert_eq!(shelf.read(kept).unwrap(), None);
        fs::remove_dir_all(&folder).unwrap();
    }
}
