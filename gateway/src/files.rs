//! Files that only this user may read, and texts that people wrote.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use anyhow::Context;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a text that a person wrote, without the byte order mark with which some editors begin one.
pub fn read_text(path: &Path) -> std::io::Result<String> {
    let mut text = std::fs::read_to_string(path)?;
    if text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len_utf8());
    }
    Ok(text)
}

/// Writes `text` to a file of mode 600, in place of what was there, all of it or nothing.
pub fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    replace(path, |file| file.write_all(text.as_bytes()))
        .with_context(|| format!("writing {}", path.display()))
}

/// Copies a file to one of mode 600, in place of what was there, all of it or nothing.
pub fn copy_private(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copy = || {
        let mut read = File::open(from)?;
        replace(to, |file| std::io::copy(&mut read, file).map(drop))
    };
    copy().with_context(|| format!("copying {} to {}", from.display(), to.display()))
}

/// Makes an empty file of mode 600 where there is none.
pub fn make_private(path: &Path) -> anyhow::Result<()> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).with_context(|| format!("making {}", path.display())),
    }
}

/// Gives what root made to whose the folder is.
pub fn give_to_owner(folder: &Path, path: &Path) -> anyhow::Result<()> {
    let give = || {
        let (owner, of) = (std::fs::metadata(folder)?, std::fs::symlink_metadata(path)?);
        if of.uid() != 0 || owner.uid() == 0 {
            return Ok(());
        }
        std::os::unix::fs::lchown(path, Some(owner.uid()), Some(owner.gid()))
    };
    give().with_context(|| format!("giving {} to whose the store is", path.display()))
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    write(&mut file)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
