//! Files that only this user may read, and texts that people wrote.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, fchown, lchown},
    path::Path,
};

use anyhow::{Context, ensure};
use rustix::fs::OFlags;

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
    replace(path, None, |file| file.write_all(text.as_bytes()))
        .with_context(|| format!("writing {}", path.display()))
}

/// Copies a file, which may be no link, to one of mode 600, in place of what was there, all of it or nothing. What root copies is
/// given to whose the folder `whose` is.
pub fn copy_private(from: &Path, to: &Path, whose: Option<&Path>) -> anyhow::Result<()> {
    let copy = || {
        let mut read = unlinked(OpenOptions::new().read(true)).open(from)?;
        replace(to, whose, |file| std::io::copy(&mut read, file).map(drop))
    };
    copy().with_context(|| format!("copying {} to {}", from.display(), to.display()))
}

/// Makes an empty file of mode 600 where there is none.
pub fn make_private(path: &Path) -> anyhow::Result<()> {
    match create(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).with_context(|| format!("making {}", path.display())),
    }
}

/// Lets a file be opened where it lies alone: who may write in its folder could have put a link to another one there.
pub fn unlinked(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
}

/// Refuses a link that somebody else put there: they would say what is read or written for who runs this.
pub fn refuse_link(path: &Path) -> anyhow::Result<()> {
    let Ok(about) = std::fs::symlink_metadata(path) else {
        return Ok(());
    };
    ensure!(
        !about.is_symlink() || about.uid() == rustix::process::geteuid().as_raw(),
        "{} is a link that is not of the user who runs this; name the place itself in the configuration, or make the link as this user",
        path.display()
    );
    Ok(())
}

/// Gives the folder that root made to whose the folder `whose` is.
pub fn give_folder(whose: &Path, folder: &Path) -> anyhow::Result<()> {
    let give = || match owner(whose, &std::fs::symlink_metadata(folder)?)? {
        Some((user, group)) => lchown(folder, Some(user), Some(group)),
        None => Ok(()),
    };
    give().with_context(|| format!("giving {} to whose the store is", folder.display()))
}

/// Gives the file that root made to whose the folder `whose` is.
pub fn give_file(whose: &Path, file: &File) -> std::io::Result<()> {
    match owner(whose, &file.metadata()?)? {
        Some((user, group)) => fchown(file, Some(user), Some(group)),
        None => Ok(()),
    }
}

// Whose it is to be, where it is root's and the folder is not.
fn owner(whose: &Path, of: &std::fs::Metadata) -> std::io::Result<Option<(u32, u32)>> {
    let owner = std::fs::metadata(whose)?;
    Ok((of.uid() == 0 && owner.uid() != 0).then(|| (owner.uid(), owner.gid())))
}

fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

fn replace(
    path: &Path,
    whose: Option<&Path>,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    // What was cut short lies there, or what somebody else put there: it is not written to.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = create(&beside)?;
    if let Some(whose) = whose {
        give_file(whose, &file)?;
    }
    write(&mut file)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
