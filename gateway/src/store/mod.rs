//! What lasts: the journal in SQLite, the tables folded from it in a file beside it, and the agents on record.

pub mod agents;
pub mod archive;
pub mod attempts;
pub mod backup;
mod carry;
pub mod consents;
pub mod erase;
mod health;
pub mod journal;
pub mod ledger;
mod lock;
pub mod matters;
pub mod people;
mod private;
pub mod project;
mod projector;
pub mod read;
mod recent;
pub mod record;
pub mod recordings;
pub mod satisfaction;
pub mod search;
mod shape;
#[cfg(test)]
mod tests;
mod turn;

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::Context;
use hub::{Event, Fact};
use rusqlite::{Connection, OptionalExtension, config::DbConfig};
use sip::registrar::Instance;
use ws::id::Timestamp;

pub use health::Health;
pub use journal::{Journal, Written};
pub use lock::Lock;
pub use projector::{Lag, Retain};
pub use turn::Turn;

/// What the files of tables and journal are called in a connection that has both.
const SCHEMAS: [&str; 2] = ["main", JOURNAL];
const JOURNAL: &str = "journal_file";

/// Memory for pages of the tables while they are folded at a start, in KiB; nobody is served yet.
const START_CACHE: i64 = 64 * 1_024;

/// How long one connection waits for another's write.
const BUSY: Duration = Duration::from_secs(10);

/// How long facts of sealed interactions are replayed at a start, for what is counted over weeks.
pub const FRAMES: Duration = Duration::from_secs(62 * 86_400);

/// Returns the file of the tables in the store's directory.
pub fn file(directory: &Path) -> PathBuf {
    directory.join("tandem.db")
}

// The write-ahead log of the tables. SQLite holds no locks on it that would be given up when another handle of it is closed.
fn log_file(directory: &Path) -> PathBuf {
    directory.join("tandem.db-wal")
}

// The file of the journal.
fn journal_file(directory: &Path) -> PathBuf {
    directory.join("journal.db")
}

/// Makes the store's directory, for this user alone.
pub fn make_directory(directory: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("making the directory {}", directory.display()))
}

/// Takes the store for a daemon that starts, before anything of it is read: from who else runs on it, and from the eyes of others.
pub fn enter(directory: &Path) -> anyhow::Result<Lock> {
    let lock = Lock::take(directory)?;
    private::mend(directory);
    backup::refuse_half(directory)?;
    Ok(lock)
}

/// Opens tables and journal for writing, and makes them where there are none. A store of another version is an error.
pub fn open(directory: &Path) -> anyhow::Result<Connection> {
    open_as(directory, false)
}

/// As [`open`], for a daemon that starts: a store of another version is brought to this one.
pub fn open_at_start(directory: &Path) -> anyhow::Result<Connection> {
    open_as(directory, true)
}

fn open_as(directory: &Path, starting: bool) -> anyhow::Result<Connection> {
    make_directory(directory)?;
    let path = file(directory);
    // What SQLite makes beside them has the same mode.
    crate::files::make_private(&path)?;
    crate::files::make_private(&journal_file(directory))?;
    let connection =
        Connection::open(&path).with_context(|| format!("opening {}", path.display()))?;
    connection.busy_timeout(BUSY)?;
    attach(&connection, directory)?;
    for schema in SCHEMAS {
        prepare(&connection, schema)
            .with_context(|| format!("preparing {schema} in {}", directory.display()))?;
    }
    shape::make(&connection, starting)
        .with_context(|| format!("making the tables in {}", path.display()))?;
    connection.set_prepared_statement_cache_capacity(64);
    plan_once(&connection)?;
    Ok(connection)
}

/// Opens the journal alone, to append to it. [`open`] has made it.
pub fn open_journal(directory: &Path) -> anyhow::Result<Connection> {
    let path = journal_file(directory);
    let connection =
        Connection::open(&path).with_context(|| format!("opening {}", path.display()))?;
    connection.busy_timeout(BUSY)?;
    prepare(&connection, "main").with_context(|| format!("preparing {}", path.display()))?;
    plan_once(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection, schema: &str) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "PRAGMA {schema}.journal_mode = WAL; PRAGMA {schema}.synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA {schema}.journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000;
         PRAGMA {schema}.secure_delete = ON;"
    ))
}

// The journal's table has a name that is nowhere else, so that statements need not say in which file it is.
fn attach(connection: &Connection, directory: &Path) -> anyhow::Result<()> {
    let path = journal_file(directory);
    let name = path.to_str().with_context(|| {
        format!(
            "opening {}: the store's directory must have a name in UTF-8",
            path.display()
        )
    })?;
    connection
        .execute("ATTACH DATABASE ?1 AS journal_file", [name])
        .with_context(|| format!("opening {}", path.display()))?;
    Ok(())
}

// A statement is planned once, whatever is bound to it later; else SQLite plans many of them anew each time they are run.
fn plan_once(connection: &Connection) -> anyhow::Result<()> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .context("asking for plans that last")?;
    Ok(())
}

/// Opens tables and journal for reading.
pub fn open_to_read(directory: &Path) -> anyhow::Result<Connection> {
    let path = file(directory);
    let connection = Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("opening {}", path.display()))?;
    connection.busy_timeout(BUSY)?;
    attach(&connection, directory)?;
    Ok(connection)
}

/// Returns the journal's epoch; makes one at the first start.
pub fn epoch(connection: &Connection) -> anyhow::Result<String> {
    let fresh: [u8; 8] = crate::auth::random();
    connection.execute(
        "INSERT OR IGNORE INTO meta VALUES ('epoch', ?1)",
        [agents::hex(&fresh)],
    )?;
    noted(connection, "epoch")
        .context("reading the journal's epoch")?
        .context("the journal has no epoch")
}

/// Returns the name that we register with carriers by: the journal's, so that it lasts as long.
pub fn instance(connection: &Connection) -> anyhow::Result<Instance> {
    let named = format!("sip instance {}", epoch(connection)?);
    let hash = ring::digest::digest(&ring::digest::SHA256, named.as_bytes());
    let half = hash.as_ref().first_chunk().expect("it has 32 bytes");
    Ok(Instance::of(*half))
}

/// Returns what is noted of the tables as a whole.
fn noted<T: FromStr>(connection: &Connection, key: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| text.parse().ok()))
}

fn note(connection: &Connection, key: &str, value: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
        )?
        .execute((key, value.to_string()))
        .map(drop)
}

/// Folds what is not folded yet and hands every fact a new hub needs to `take`, in order: all of what is not sealed, the
/// frame of what was opened since `since` and is, how the time jumped since the oldest of what is not began, the last presence and
/// phone of each agent, who was erased while something of theirs is not sealed, and what is kept for good; what was said of
/// addresses comes after all else.
/// Whoever is known from before is in the archive.
pub fn restart(
    connection: &mut Connection,
    since: Timestamp,
    mut take: impl FnMut(Fact),
) -> anyhow::Result<u64> {
    connection.pragma_update(Some("main"), "cache_size", -START_CACHE)?;
    project::fold_all(connection).context("folding the journal")?;
    let carried = carry::tell_anew(connection)?;
    if carried > 0 {
        tracing::info!(
            customers = carried,
            "what an older version took from the journal and kept in its tables alone is in the journal again"
        );
    }
    let mut statement = connection.prepare(
        "SELECT row, fact FROM journal WHERE row IN (
            SELECT row FROM kept_rows
            UNION SELECT row FROM step_rows WHERE row > (SELECT min(row) FROM interactions WHERE sealed_at IS NULL)
            UNION SELECT row FROM agent_rows
            UNION SELECT row FROM (SELECT row FROM memos ORDER BY row DESC LIMIT ?2)
            UNION SELECT row FROM frame_rows
                WHERE row >= (SELECT row FROM interactions WHERE opened_at >= ?1 ORDER BY opened_at, row LIMIT 1)
            UNION SELECT journal_of.row FROM interactions JOIN journal_of USING (interaction) WHERE sealed_at IS NULL
            UNION SELECT erasures.row FROM interactions JOIN customers USING (customer)
                JOIN erasures ON erasures.at = customers.erased_at WHERE sealed_at IS NULL
         ) ORDER BY row",
    )?;
    let forgotten = consents::to_be_scrubbed(connection)?;
    let mut rows =
        statement.query([project::sql(since.0), project::sql(hub::memo::KEPT as u64)])?;
    let (mut count, mut of_addresses) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        let text: String = row.get(1)?;
        let mut fact = project::fact(&text).context("reading a fact from the journal")?;
        if let Some(what) = forgotten.get(&row.get(0)?) {
            fact.event.scrub(*what);
        }
        count += 1;
        match &fact.event {
            Event::ConsentChanged(said) if said.subject.is_address() => of_addresses.push(fact),
            _ => take(fact),
        }
    }
    // What is still there of what was said of addresses outlived every erasure. It comes last: who folds an erasure here does not
    // know who else has an address.
    of_addresses.into_iter().for_each(take);
    Ok(count)
}

/// Returns the time in milliseconds since 1970, as the tables have it.
pub fn millis_now() -> anyhow::Result<i64> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.context("the clock stands before 1970")?;
    Ok(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}

// The journal's last row, 0 for none.
fn last_row(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(row), 0) FROM journal", [], |row| {
        row.get(0)
    })
}

/// Notes that a daemon runs at this time, by which the next start judges its clock where nothing was written since.
pub fn note_alive(connection: &Connection, now: i64) -> rusqlite::Result<()> {
    note(connection, "alive", now)
}

/// Returns the newest time that stands in the store: no later one may be before it.
pub fn newest(connection: &Connection) -> anyhow::Result<Option<u64>> {
    let alive = noted(connection, "alive")?;
    Ok(last_time(connection)?.max(alive))
}

/// Returns the time of the journal's last fact.
pub fn last_time(connection: &Connection) -> anyhow::Result<Option<u64>> {
    let at: Option<i64> = connection
        .query_row(
            "SELECT at FROM journal ORDER BY row DESC LIMIT 1",
            [],
            |row| row.get(0),
        )
        .optional()?;
    Ok(at.and_then(|at| u64::try_from(at).ok()))
}
