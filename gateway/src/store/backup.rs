//! Copies of a store, made beside the daemon and put back where none runs. No two files are copied in one moment: the tables
//! of a copy are folded anew from its journal, or what was erased in between would stay in them.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{BUSY, Lock};
use crate::{files, recorder};

/// The databases, in the order in which they are copied: what is noted of the journal is not ahead of it.
pub const DATABASES: [&str; 3] = [super::ledger::FILE, "tandem.db", "journal.db"];
/// Keys, and what belongs to them.
pub const KEYS: [&str; 4] = ["token.key", "records.key", "records.pem", "passwords"];
/// Folders with keys and with what was shared.
const CERTIFICATES: &str = "certs";
const FILES: &str = "files";
/// What recordings lie in within a copy.
const RECORDINGS: &str = "recordings";
/// A table of each database; a copy may be without the first alone.
const TABLES: [(&str, &str); 3] = [
    (super::ledger::FILE, "tokens"),
    ("tandem.db", "agents"),
    ("journal.db", "journal"),
];
/// The mark of a store that is being replaced.
const UNFINISHED: &str = "restore.unfinished";
/// The shape of tables that are folded anew, whatever they are.
const OLD_SHAPE: i64 = 1;

/// Copies the store into the new folder `to`, with the recordings and shared files where their place is given. The folder
/// has its name once everything is in it.
pub fn make(store: &Path, recordings: Option<&Path>, to: &Path) -> anyhow::Result<()> {
    ensure!(
        super::file(store).exists() && super::journal_file(store).exists(),
        "there is no store in {}; is this the daemon's configuration?",
        store.display()
    );
    ensure!(
        !to.exists(),
        "{} is there already; name a folder that is not",
        to.display()
    );
    refuse_within(store, to)?;
    if let Some(recordings) = recordings {
        refuse_within(&store.join(FILES), to)?;
        refuse_within(recordings, to)?;
    }
    let begun = named(to, ".part");
    ensure!(
        !begun.exists(),
        "{} is there already, of a backup that was cut short; remove it",
        begun.display()
    );
    super::make_directory(&begun)?;
    for name in DATABASES.iter().filter(|name| store.join(name).exists()) {
        copy_database(&store.join(name), &begun.join(name))?;
    }
    fold_anew(&super::file(&begun))?;
    for name in KEYS.iter().filter(|name| store.join(name).exists()) {
        files::copy_private(&store.join(name), &begun.join(name), None)?;
    }
    copy_folder(&store.join(CERTIFICATES), &begun.join(CERTIFICATES), None)?;
    // After the databases: what they name lies there, unless it was erased since.
    if let Some(recordings) = recordings {
        copy_folder(&store.join(FILES), &begun.join(FILES), None)?;
        copy_folder(recordings, &begun.join(RECORDINGS), None)?;
    }
    fs::rename(&begun, to).with_context(|| format!("naming {}", to.display()))
}

/// Puts the copy in `from` in the place of the store, on which nobody may run. Recordings and shared files that lie there
/// stay.
pub fn put_back(store: &Path, recordings: &Path, from: &Path) -> anyhow::Result<()> {
    let within = [store.join(CERTIFICATES), store.join(FILES)];
    for folder in within.iter().map(PathBuf::as_path).chain([recordings]) {
        files::refuse_link(folder)?;
    }
    make_store(store)?;
    let _lock = Lock::take(store)?;
    let copied = stage_all(store, from).or_else(|error| {
        for name in DATABASES {
            remove(&named(&store.join(name), ".new"))?;
        }
        Err(error)
    })?;
    let unfinished = store.join(UNFINISHED);
    let shown = std::path::absolute(from).with_context(|| format!("finding {}", from.display()))?;
    files::write_private(&unfinished, &format!("{}\n", shown.display()))?;
    for name in copied {
        replace(&store.join(name))?;
    }
    rewind(store)?;
    let whose = Some(store);
    for name in KEYS.iter().filter(|name| from.join(name).exists()) {
        files::copy_private(&from.join(name), &store.join(name), whose)?;
    }
    copy_folder(&from.join(CERTIFICATES), &store.join(CERTIFICATES), whose)?;
    copy_folder(&from.join(FILES), &store.join(FILES), whose)?;
    copy_folder(&from.join(RECORDINGS), recordings, whose)?;
    let synced = File::open(store).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("writing {}", store.display()))?;
    remove(&unfinished)
}

/// Refuses a store in which a copy was put half, or beside what belongs to the database that it took the place of.
pub fn refuse_half(directory: &Path) -> anyhow::Result<()> {
    let unfinished = directory.join(UNFINISHED);
    if unfinished.exists() {
        let from = fs::read_to_string(&unfinished).unwrap_or_default();
        bail!(
            "a restore into {} was cut short; do it once more: tandem restore {}",
            directory.display(),
            from.trim()
        );
    }
    for name in DATABASES {
        let log = directory.join(format!("{name}-wal"));
        let is_there = fs::metadata(&log).is_ok_and(|about| about.len() > 0);
        ensure!(
            !is_there || keeps_log(&directory.join(name))?,
            "{name} in {} is a copy that was put there, and {name}-wal beside it is of the database before; remove {name}-wal and {name}-shm",
            directory.display()
        );
    }
    Ok(())
}

/// Adds what is to be done where SQLite calls a file of the store damaged.
pub fn explain(error: anyhow::Error, directory: &Path) -> anyhow::Error {
    let code = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<rusqlite::Error>())
        .and_then(rusqlite::Error::sqlite_error_code);
    match code {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => error.context(format!(
            "the store in {} is damaged; if a copy was put there by hand, a -wal or -shm of the database before lay beside it: put it back with `tandem restore`",
            directory.display()
        )),
        Some(_) | None => error,
    }
}

// File format of SQLite §1.3: bytes 18 and 19 are 2 where there is a write-ahead log. A file without a header has lost nothing.
fn keeps_log(database: &Path) -> anyhow::Result<bool> {
    let mut head = [0; 20];
    let read = File::open(database).and_then(|mut file| file.read_exact(&mut head));
    match read {
        Ok(()) => Ok(head[18..] != [1, 1]),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof
            ) =>
        {
            Ok(true)
        }
        Err(error) => Err(error).with_context(|| format!("reading {}", database.display())),
    }
}

fn copy_database(from: &Path, to: &Path) -> anyhow::Result<()> {
    files::refuse_link(from)?;
    let copy = || -> anyhow::Result<()> {
        files::make_private(to)?;
        let name = to.to_str().context("a folder needs a name in UTF-8")?;
        let connection = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY)?;
        connection.execute("VACUUM INTO ?1", [name])?;
        Ok(File::open(to)?.sync_all()?)
    };
    copy().with_context(|| format!("copying {} to {}", from.display(), to.display()))
}

// Lays what is copied beside what it is to replace, and tells what that is.
fn stage_all(store: &Path, from: &Path) -> anyhow::Result<Vec<&'static str>> {
    let folders = [CERTIFICATES, FILES, RECORDINGS];
    for name in DATABASES.iter().chain(&KEYS).chain(&folders) {
        refuse_links(&from.join(name))?;
    }
    let copied = DATABASES.iter().filter(|name| from.join(name).exists());
    let copied: Vec<&'static str> = copied.copied().collect();
    for name in &copied {
        stage(store, &from.join(name), &named(&store.join(name), ".new"))?;
    }
    for (name, table) in TABLES {
        if !copied.contains(&name) {
            ensure!(
                name == super::ledger::FILE,
                "{} has no {name}; it is no backup",
                from.display()
            );
            continue;
        }
        prove(&named(&store.join(name), ".new"), table)
            .with_context(|| format!("reading {}", from.join(name).display()))?;
    }
    fold_anew(&named(&super::file(store), ".new"))?;
    Ok(copied)
}

// Lays a copy beside what it is to replace.
fn stage(store: &Path, from: &Path, to: &Path) -> anyhow::Result<()> {
    let log = named(from, "-wal");
    ensure!(
        !fs::metadata(&log).is_ok_and(|about| about.len() > 0),
        "{} has a write-ahead log beside it, so it is no copy that was made by `tandem backup` or VACUUM INTO",
        from.display()
    );
    files::copy_private(from, to, Some(store))
}

fn prove(database: &Path, table: &str) -> anyhow::Result<()> {
    let connection = Connection::open(database)?;
    let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    ensure!(said == "ok", "it is damaged: {said}");
    let there = connection.table_exists(Some("main"), table)?;
    ensure!(there, "it has no table `{table}`");
    Ok(())
}

// What is appended to a journal that was put back is another's continuation: who knows the one before is to begin anew.
fn fold_anew(tables: &Path) -> anyhow::Result<()> {
    let mark = || {
        let connection = Connection::open(tables)?;
        if connection.table_exists(Some("main"), "meta")? {
            connection.execute("DELETE FROM meta WHERE key = 'epoch'", [])?;
        }
        connection.pragma_update(Some("main"), "user_version", OLD_SHAPE)
    };
    mark().with_context(|| format!("marking {}", tables.display()))
}

// A copy may have no ledger, and the one that stays may be ahead of the journal.
fn rewind(store: &Path) -> anyhow::Result<()> {
    let path = store.join(super::ledger::FILE);
    if !path.exists() {
        return Ok(());
    }
    files::refuse_link(&path)?;
    let rewind = || {
        let journal = super::journal_file(store);
        let journal = Connection::open_with_flags(journal, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let last = super::last_row(&journal)?;
        super::ledger::webhooks::rewind(&mut super::ledger::open(store)?, last)
    };
    rewind().with_context(|| format!("taking webhooks back in {}", path.display()))
}

// What the database before has beside it goes first: it would be taken for the copy's.
fn replace(database: &Path) -> anyhow::Result<()> {
    for ending in ["-wal", "-shm", "-journal"] {
        remove(&named(database, ending))?;
    }
    fs::rename(named(database, ".new"), database)
        .with_context(|| format!("putting {} in its place", database.display()))
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("removing {}", path.display())),
    }
}

// What is being written is not copied, and what goes meanwhile was erased.
fn copy_folder(from: &Path, to: &Path, whose: Option<&Path>) -> anyhow::Result<()> {
    let looking = || format!("looking into {}", from.display());
    files::refuse_link(from)?;
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(looking),
    };
    files::refuse_link(to)?;
    make_folder(to, whose)?;
    for entry in entries {
        let entry = entry.with_context(looking)?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().with_context(looking)?;
        let ending = path.extension().and_then(|ending| ending.to_str());
        refuse_links_at(&path, kind)?;
        if kind.is_dir() {
            copy_folder(&path, &to, whose)?;
        } else if kind.is_file() && !matches!(ending, Some(recorder::PART | "new")) {
            match files::copy_private(&path, &to, whose) {
                Err(_) if !path.exists() => {}
                copied => copied?,
            }
        }
    }
    Ok(())
}

// Whoever made a link in a copy would say what is read for who puts it back.
fn refuse_links(path: &Path) -> anyhow::Result<()> {
    let looking = || format!("looking into {}", path.display());
    let kind = match fs::symlink_metadata(path) {
        Ok(about) => about.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(looking),
    };
    refuse_links_at(path, kind)?;
    if kind.is_dir() {
        for entry in fs::read_dir(path).with_context(looking)? {
            refuse_links(&entry.with_context(looking)?.path())?;
        }
    }
    Ok(())
}

fn refuse_links_at(path: &Path, kind: fs::FileType) -> anyhow::Result<()> {
    ensure!(
        !kind.is_symlink(),
        "{} is a link, and links are not copied; put what it leads to in its place, or remove it",
        path.display()
    );
    Ok(())
}

// Makes a folder and those that it is to lie in. Whoever restores as root makes them for whose store it is.
fn make_folder(folder: &Path, whose: Option<&Path>) -> anyhow::Result<()> {
    let missing = folder.ancestors().take_while(|it| !it.exists());
    let missing: Vec<&Path> = missing.filter(|it| !it.as_os_str().is_empty()).collect();
    super::make_directory(folder)?;
    let Some(whose) = whose else { return Ok(()) };
    let mut made = missing.into_iter();
    made.try_for_each(|it| files::give_folder(whose, it))
}

// A store that is not there is whose the folder is that it is to lie in.
fn make_store(store: &Path) -> anyhow::Result<()> {
    let shown = || format!("finding {}", store.display());
    let store = std::path::absolute(store).with_context(shown)?;
    let whose = store.ancestors().find(|it| it.exists());
    make_folder(&store, whose)
}

// A copy within what is copied would be copied too.
fn refuse_within(folder: &Path, to: &Path) -> anyhow::Result<()> {
    let Ok(folder) = folder.canonicalize() else {
        return Ok(());
    };
    let to = std::path::absolute(to).with_context(|| format!("finding {}", to.display()))?;
    let place = to.ancestors().find_map(|it| it.canonicalize().ok());
    ensure!(
        !place.is_some_and(|place| place.starts_with(&folder)),
        "{} would lie in {}, of which it is a copy; name a folder elsewhere",
        to.display(),
        folder.display()
    );
    Ok(())
}

fn named(path: &Path, ending: &str) -> PathBuf {
    // Without the slash that a folder's name may end with.
    let mut name = path.components().as_path().as_os_str().to_owned();
    name.push(ending);
    name.into()
}
