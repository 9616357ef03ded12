//! Files of the store that others may read: a version before made them so, or somebody put them there.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use super::backup::{DATABASES, KEYS};

/// What SQLite has beside a database.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];
/// Folders of the store, and a file with an address in it.
const FURTHER: [&str; 4] = ["recordings", "files", "certs", "address"];
/// What others may do with a file.
const OTHERS: u32 = 0o077;

/// Takes the rights of others away from what lies in the store's `directory`, and logs from what.
pub fn mend(directory: &Path) {
    let databases = DATABASES.iter();
    let databases = databases.flat_map(|name| BESIDE.map(|ending| format!("{name}{ending}")));
    let further = KEYS.iter().chain(&FURTHER).map(|&name| name.to_owned());
    let mut mended = Vec::new();
    for name in databases.chain(further) {
        match close(&directory.join(&name)) {
            Ok(true) => mended.push(name),
            Ok(false) => {}
            Err(error) => tracing::warn!(
                file = name,
                %error,
                "others may read this of the store, and it cannot be changed"
            ),
        }
    }
    if !mended.is_empty() {
        let files = mended.join(", ");
        tracing::warn!(
            files,
            "others could read this of the store; it is this user's alone now"
        );
    }
}

// What stands elsewhere is left to who put it there.
fn close(path: &Path) -> io::Result<bool> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if about.is_symlink() || about.mode() & OTHERS == 0 {
        return Ok(false);
    }
    fs::set_permissions(path, Permissions::from_mode(about.mode() & !OTHERS))?;
    Ok(true)
}
