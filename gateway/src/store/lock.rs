//! Whose a store is: one process at a time runs on it. The kernel keeps the lock and takes it from a process that is gone,
//! so that nothing a crash leaves keeps the next start away.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::files;

/// The file that is locked. It has the number of the process that did it last.
const FILE: &str = "tandem.lock";
/// A process that is killed gives its lock back once its memory is gone; it is waited for that long.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is tried meanwhile.
const AGAIN: Duration = Duration::from_millis(50);

/// A store that nobody else runs on, until this is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the store in `directory`, which is made where it is not there.
    pub fn take(directory: &Path) -> anyhow::Result<Self> {
        super::make_directory(directory)?;
        let path = directory.join(FILE);
        let mut file = files::unlinked(&mut OpenOptions::new())
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("opening {}", path.display()))?;
        let until = Instant::now() + PATIENCE;
        while let Err(refused) = file.try_lock() {
            match refused {
                TryLockError::Error(error) => {
                    return Err(error).with_context(|| format!("locking {}", path.display()));
                }
                TryLockError::WouldBlock if Instant::now() < until => thread::sleep(AGAIN),
                TryLockError::WouldBlock => bail!(
                    "{} runs on the store in {}; end that first, or give this one a store of its own (store.path)",
                    whose(&mut file),
                    directory.display()
                ),
            }
        }
        // It is for the words of a refusal alone: a full disk keeps nobody from starting.
        if let Err(error) = sign(&mut file) {
            tracing::warn!(%error, "which process runs on the store could not be written down");
        }
        files::give_file(directory, &file)
            .with_context(|| format!("giving {} to whose the store is", path.display()))?;
        Ok(Self { _file: file })
    }

    /// Keeps it until the process ends, whatever still writes then.
    pub fn keep(self) {
        let _kept: &'static mut Self = Box::leak(Box::new(self));
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn whose(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.read_to_string(&mut text).ok();
    let process: Option<u32> = read.and_then(|_| text.trim().parse().ok());
    process.map_or_else(
        || "another process".to_owned(),
        |process| format!("process {process}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_in_its_place_is_not_followed() {
        let directory = crate::store::tests::Directory::new("lock");
        let other = directory.0.join("other");
        std::fs::write(&other, "another's").unwrap();
        std::os::unix::fs::symlink(&other, directory.0.join(FILE)).unwrap();

        Lock::take(&directory.0).unwrap_err();

        assert_eq!(std::fs::read_to_string(&other).unwrap(), "another's");
    }

    #[test]
    fn a_store_is_one_process_s_and_then_the_next_one_s() {
        let directory = crate::store::tests::Directory::new("lock");
        let first = Lock::take(&directory.0).unwrap();

        let refused = Lock::take(&directory.0).unwrap_err().to_string();
        drop(first);

        let own = format!("process {} runs on the store", std::process::id());
        assert!(refused.starts_with(&own), "{refused}");
        Lock::take(&directory.0).unwrap();
    }
}
