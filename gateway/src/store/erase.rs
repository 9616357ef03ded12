//! Takes what is personal out of journal and tables, a few interactions at a time: because a customer is erased, or
//! because a rule says how long it is kept. What is to be done stands in a table and is taken from it when it is done, so a
//! crash in the middle does it again.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::Context;
use hub::{
    Event, Fact,
    event::{Recorded, Scrub},
    interaction::OUTCOMES,
    reasons::keep_ours,
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use ws::id::RecordingId;

pub use rules::{AT_ONCE, Rule, Texts, apply, apply_to_recordings, apply_to_texts, forgotten};

use self::rules::RECORDINGS;
use super::{JOURNAL, SCHEMAS, Turn, ledger, project, shape};
use crate::{recorder, sharing::shelf::Shelf};

mod rules;

/// How many are scrubbed together, so that nobody who writes waits long.
const TOGETHER: i64 = 8;

/// Rows of the journal as they are to be written anew.
type Anew = BTreeMap<i64, String>;

/// Rows of the journal that leave the interaction they are in.
type Moved = Vec<(String, i64)>;

/// Scrubs some of what is to be scrubbed, with the files of `recordings` and those that were shared; tells whether there may be
/// more.
///
/// Tables and journal are files of their own, and no commit covers both. So the tables are scrubbed first, then the journal,
/// and only then it is noted as done: what a crash cuts short is done again, from the journal as it was. Each step is durable
/// before the next, however lazily the tables are written else; files are gone before the journal forgets how they are called. `turn` is held while the journal is written, so that the
/// appending thread need not poll for it.
pub fn scrub_some(
    connection: &mut Connection,
    recordings: &Path,
    turn: &Turn,
) -> anyhow::Result<bool> {
    let due = due(connection)?;
    if due.is_empty() {
        return Ok(false);
    }
    const LEVEL: &str = "synchronous";
    let usual: i64 = connection.pragma_query_value(Some("main"), LEVEL, |row| row.get(0))?;
    connection
        .pragma_update(Some("main"), LEVEL, "FULL")
        .context("making commits wait for the disk")?;
    let scrubbed = scrub(connection, &due, recordings, turn);
    connection
        .pragma_update(Some("main"), LEVEL, usual)
        .context("letting commits wait for the disk as usual")?;
    scrubbed.map(|()| i64::try_from(due.len()) == Ok(TOGETHER))
}

/// What is to be scrubbed: its kind, which, and what of it.
type Due = Vec<(String, String, u8)>;

// What was said of addresses comes first: once it is scrubbed whose they were, no fold of the journal anew would put it down again.
fn due(connection: &Connection) -> rusqlite::Result<Due> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, id, what FROM scrubs ORDER BY kind <> 'consent', kind, id LIMIT ?1",
    )?;
    let rows = statement.query_map([TOGETHER], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    rows.collect()
}

fn scrub(
    connection: &mut Connection,
    due: &Due,
    recordings: &Path,
    turn: &Turn,
) -> anyhow::Result<()> {
    let mut anew = Anew::new();
    let mut moved = Vec::new();
    let mut emptied = BTreeSet::new();
    let shelf = Shelf::of(&directory(connection));
    let transaction = connection.transaction()?;
    for (kind, id, what) in due {
        let mut scrubbing = Scrubbing {
            on: &transaction,
            recordings,
            shelf: &shelf,
            anew: &mut anew,
            moved: &mut moved,
            emptied: &mut emptied,
        };
        match kind.as_str() {
            "interaction" => scrubbing.interaction(id, *what)?,
            "customer" => scrubbing.rows(CUSTOMER_ROWS, id, *what)?,
            "recordings" => scrubbing.recordings(id)?,
            _ => scrubbing.rows(ONE_ROW, id, *what)?,
        }
    }
    let rewrites = shape::rewrites(&transaction)? + 1;
    if !anew.is_empty() {
        shape::note_rewrites(&transaction, rewrites)?;
    }
    transaction.commit()?;
    for folder in &emptied {
        keep_emptied(folder)?;
    }
    if !anew.is_empty() {
        let _turn = turn.wait();
        rewrite(connection, &anew, &moved, rewrites)?;
    }
    let transaction = connection.transaction()?;
    for (interaction, row) in &moved {
        transaction
            .prepare_cached("DELETE FROM journal_of WHERE interaction = ?1 AND row = ?2")?
            .execute(params![interaction, row])?;
        transaction
            .prepare_cached("DELETE FROM frame_rows WHERE row = ?1")?
            .execute([row])?;
    }
    for (kind, id, _) in due {
        transaction
            .prepare_cached("DELETE FROM scrubs WHERE kind = ?1 AND id = ?2")?
            .execute([kind, id])?;
    }
    Ok(transaction.commit()?)
}

fn rewrite(
    connection: &mut Connection,
    anew: &Anew,
    moved: &Moved,
    rewrites: i64,
) -> anyhow::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute("DELETE FROM journal_file.rewrites", [])?;
    transaction.execute("INSERT INTO journal_file.rewrites VALUES (?1)", [rewrites])?;
    for (row, text) in anew {
        transaction
            .prepare_cached("UPDATE journal SET fact = ?2 WHERE row = ?1")?
            .execute(params![row, text])
            .context("writing a fact anew")?;
    }
    for (_, row) in moved {
        transaction
            .prepare_cached("UPDATE journal SET interaction = NULL WHERE row = ?1")?
            .execute([row])
            .context("taking a fact out of its interaction")?;
    }
    Ok(transaction.commit()?)
}

const INTERACTION_ROWS: &str = "SELECT row FROM journal_of WHERE interaction = ?1";
const CUSTOMER_ROWS: &str = "SELECT row FROM customer_rows WHERE customer = ?1";
const ONE_ROW: &str = "SELECT CAST(?1 AS INTEGER)";

/// What goes on in one transaction of the tables.
struct Scrubbing<'a> {
    on: &'a Transaction<'a>,
    recordings: &'a Path,
    shelf: &'a Shelf,
    anew: &'a mut Anew,
    moved: &'a mut Moved,
    /// Folders that files were deleted in.
    emptied: &'a mut BTreeSet<PathBuf>,
}

impl Scrubbing<'_> {
    // Reads rows of the journal, as they will be.
    fn read(&self, which: &str, id: &str) -> rusqlite::Result<Vec<(i64, String)>> {
        let query = format!("SELECT row, fact FROM journal WHERE row IN ({which}) ORDER BY row");
        let mut statement = self.on.prepare_cached(&query)?;
        let rows = statement.query_map([id], |row| {
            let (row, text) = (row.get(0)?, row.get(1)?);
            Ok((row, self.anew.get(&row).cloned().unwrap_or(text)))
        })?;
        rows.collect()
    }

    // Scrubs journal rows, and with them how the interaction they are in is found.
    fn rows(&mut self, which: &str, id: &str, what: u8) -> anyhow::Result<()> {
        let on = self.on;
        let scrub = Scrub::from_bits(what);
        for (row, text) in self.read(which, id)? {
            let mut fact = project::fact(&text).context("reading a fact from the journal")?;
            let keys = project::keys(&fact.event);
            self.files(&fact, scrub)?;
            let stays = scrub.persons && self.is_anothers(&fact.event)?;
            if stays {
                let of = fact.interaction.take();
                let of = of.map_or_else(|| id.to_owned(), |of| of.to_string());
                self.moved.push((of, row));
            }
            let known = matches!(fact.event, Event::CustomerKnown { .. });
            if !(stays && known) {
                fact.event.scrub(scrub);
            }
            let kept = match stays {
                true => Vec::new(),
                false => project::keys(&fact.event),
            };
            let anew = serde_json::to_string(&fact).context("writing a fact as JSON")?;
            if anew == text {
                continue;
            }
            self.anew.insert(row, anew);
            if let (Event::CustomerKnown { customer, .. }, None) = (&fact.event, fact.interaction) {
                on.prepare_cached("INSERT OR IGNORE INTO customer_rows VALUES (?1, ?2)")?
                    .execute(params![customer.to_string(), row])?;
            }
            for (kind, value) in keys.iter().filter(|key| !kept.contains(key)) {
                on.prepare_cached(
                    "DELETE FROM found_by WHERE kind = ?1 AND value = ?2
                     AND row = (SELECT row FROM interactions WHERE interaction = ?3)",
                )?
                .execute(params![kind, value, id])?;
            }
            for (kind, value) in kept.iter().filter(|key| !keys.contains(key)) {
                on.prepare_cached(
                "INSERT OR IGNORE INTO found_by SELECT ?1, ?2, row FROM interactions WHERE interaction = ?3",
            )?
            .execute(params![kind, value, id])?;
            }
            self.empty(row, &fact.event)?;
        }
        Ok(())
    }

    // Texts that stand in a table by their row.
    fn empty(&self, row: i64, event: &Event) -> rusqlite::Result<()> {
        let statement = match event {
            Event::CustomerNoted { .. } => "UPDATE notes SET text = '' WHERE row = ?1",
            Event::MemoSent(_) => "UPDATE memos SET text = '' WHERE row = ?1",
            Event::InteractionsMerged { .. } => "UPDATE matters SET reason = '' WHERE row = ?1",
            Event::InteractionsUnmerged { .. } => {
                "UPDATE matters SET undone_reason = '' WHERE undone_row = ?1"
            }
            _ => return Ok(()),
        };
        self.on.prepare_cached(statement)?.execute([row]).map(drop)
    }

    // What a customer is known by is of their record, which goes by a rule of its own, and what was said of an address is of the
    // address: both leave the interaction they were learnt in, and the tables are folded from the journal as they were.
    fn is_anothers(&self, event: &Event) -> rusqlite::Result<bool> {
        let Event::CustomerKnown { customer, .. } = event else {
            return Ok(matches!(event, Event::ConsentChanged(_)));
        };
        let known = "SELECT erased_at IS NULL FROM customers WHERE customer = ?1";
        let mut statement = self.on.prepare_cached(known)?;
        let found = statement.query_row([customer.to_string()], |row| row.get(0));
        Ok(found.optional()?.unwrap_or(false))
    }

    // Deletes what lies in a file of its own.
    fn files(&mut self, fact: &Fact, scrub: Scrub) -> anyhow::Result<()> {
        if let Event::Recording(Recorded::Kept { n, file, .. }) = &fact.event
            && scrub.recordings
            && !file.is_empty()
        {
            self.delete(self.recordings.join(file))?;
            self.on
                .prepare_cached(
                    "UPDATE recordings SET mediatype = NULL WHERE interaction = ?1 AND n = ?2",
                )?
                .execute(params![fact.interaction.map(|id| id.to_string()), n])?;
        }
        if let Event::FileShared { file, .. } = &fact.event
            && scrub.messages
            && !file.name.is_empty()
        {
            self.delete(self.shelf.path(file.file))?;
        }
        Ok(())
    }

    // Before the fact forgets its name: after a crash in between it is tried again.
    fn delete(&mut self, file: PathBuf) -> anyhow::Result<()> {
        match std::fs::remove_file(&file) {
            Ok(()) => {
                self.emptied.extend(file.parent().map(Path::to_owned));
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).with_context(|| format!("deleting {}", file.display())),
        }
    }

    // Of recordings that failed no file stays, and none at all where the customer wants none.
    fn recordings(&mut self, id: &str) -> anyhow::Result<()> {
        let mut facts = Vec::new();
        for (row, text) in self.read(INTERACTION_ROWS, id)? {
            let fact = project::fact(&text).context("reading a fact from the journal")?;
            if let Event::Recording(step) = &fact.event {
                facts.push((row, step.clone()));
            }
        }
        let refused = |(_, step): &(i64, Recorded)| matches!(step, Recorded::Refused { .. });
        let refused = facts.iter().any(refused);
        let interaction = id.parse().context("reading the id of an interaction")?;
        for (row, step) in facts {
            match step {
                Recorded::Failed { n, .. } => {
                    for file in recorder::places(RecordingId { interaction, n }) {
                        self.delete(self.recordings.join(file))?;
                    }
                }
                Recorded::Kept { .. } if refused => {
                    self.rows(ONE_ROW, &row.to_string(), RECORDINGS)?;
                }
                Recorded::Kept { .. }
                | Recorded::Announced { .. }
                | Recorded::Refused { .. }
                | Recorded::Wished { .. }
                | Recorded::Started { .. }
                | Recorded::Paused { .. }
                | Recorded::Resumed { .. }
                | Recorded::Stopped { .. }
                | Recorded::MessageLeft { .. }
                | Recorded::RecorderOpened { .. }
                | Recorded::RecorderFailed { .. }
                | Recorded::RecorderRests { .. }
                | Recorded::RecorderClosed { .. } => {}
            }
        }
        Ok(())
    }

    fn interaction(&mut self, id: &str, what: u8) -> anyhow::Result<()> {
        let on = self.on;
        let scrub = Scrub::from_bits(what);
        self.rows(INTERACTION_ROWS, id, what)?;
        let mut statements =
            vec!["UPDATE interactions SET scrubbed = scrubbed | ?2 WHERE interaction = ?1"];
        if scrub.messages {
            statements.extend([
            "UPDATE messages SET text = '' WHERE interaction = ?1 AND ?2 > 0",
            "UPDATE revisions SET text = '' WHERE interaction = ?1 AND ?2 > 0 AND text IS NOT NULL",
            "DELETE FROM files WHERE interaction = ?1 AND ?2 > 0",
            "UPDATE ratings SET comment = NULL WHERE interaction = ?1 AND ?2 > 0",
        ]);
        }
        if scrub.notes {
            statements.extend([
            "UPDATE assignments SET note = NULL, disposition = NULL WHERE interaction = ?1 AND ?2 > 0",
        ]);
            self.outcome(id)?;
        }
        if scrub.persons {
            statements.extend([
            "UPDATE interactions SET page = NULL, referrer = NULL, name = NULL WHERE interaction = ?1 AND ?2 > 0",
            "UPDATE legs SET party = NULL WHERE interaction = ?1 AND ?2 > 0
             AND kind NOT IN ('agent_phone', 'agent_browser', 'agent_chat', 'agent_page')",
            "UPDATE consents SET reason = NULL, interaction = NULL WHERE interaction = ?1 AND ?2 > 0",
            "UPDATE callbacks SET number = '0000' WHERE interaction = ?1 AND ?2 > 0",
            "DELETE FROM external_ids WHERE interaction = ?1 AND ?2 > 0",
        ]);
        }
        for statement in statements {
            on.prepare_cached(statement)?.execute(params![id, what])?;
        }
        if scrub.persons {
            self.reasons(id)?;
        }
        let row: Option<i64> = on
            .prepare_cached("SELECT row FROM interactions WHERE interaction = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        if let Some(row) = row.filter(|_| scrub.messages || scrub.notes) {
            on.prepare_cached("DELETE FROM texts WHERE rowid = ?1")?
                .execute([row])?;
            let text = project::document(on, id)?;
            if !text.trim().is_empty() {
                on.prepare_cached("INSERT INTO texts (rowid, text) VALUES (?1, ?2)")?
                    .execute(params![row, text])?;
            }
        }
        Ok(())
    }

    // How it turned out may be in an agent's words.
    fn outcome(&mut self, id: &str) -> anyhow::Result<()> {
        let ours = serde_json::to_string(&OUTCOMES)?;
        self.on
            .prepare_cached(
                "UPDATE interactions SET outcome = 'served' WHERE interaction = ?1
                 AND outcome NOT IN (SELECT value FROM json_each(?2))",
            )?
            .execute(params![id, ours])?;
        Ok(())
    }

    // Why something ended may be in the words of who else was there, or name who was called.
    fn reasons(&mut self, id: &str) -> anyhow::Result<()> {
        let of_it = "interaction = ?1";
        for (table, column, whose) in [
            ("assignments", "reason", of_it),
            ("interactions", "end_reason", of_it),
            ("legs", "reason", of_it),
            ("callback_attempts", "reason", "callback LIKE ?1 || '.c%'"),
        ] {
            let found: Vec<String> = self
                .on
                .prepare_cached(&format!(
                    "SELECT DISTINCT {column} FROM {table} WHERE {whose} AND {column} <> ''"
                ))?
                .query_map([id], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for reason in found {
                self.on
                    .prepare_cached(&format!(
                        "UPDATE {table} SET {column} = ?3 WHERE {whose} AND {column} = ?2"
                    ))?
                    .execute(params![id, reason, keep_ours(&reason)])?;
            }
        }
        Ok(())
    }
}

// A file that is deleted comes back after a power cut, unless its folder was written.
fn keep_emptied(folder: &Path) -> anyhow::Result<()> {
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("writing the folder {}", folder.display()))
}

// The store's, which the tables lie in.
fn directory(connection: &Connection) -> PathBuf {
    let tables = Path::new(connection.path().unwrap_or_default());
    tables.parent().unwrap_or(tables).to_owned()
}

/// Returns how many erasures wait for their last step: everything is scrubbed, but old pages may still hold what was.
pub fn unfinished(connection: &Connection) -> anyhow::Result<i64> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM erasures WHERE finished_at IS NULL AND NOT EXISTS (SELECT 1 FROM scrubs)
             AND NOT EXISTS (SELECT 1 FROM customers JOIN interactions USING (customer)
                WHERE erased_at IS NOT NULL AND sealed_at IS NULL)",
        )?
        .query_row([], |row| row.get(0))
        .context("looking for erasures")
}

/// The largest database that is rewritten while it serves, in bytes: that takes less than a second.
pub const SMALL: i64 = 64 * 1024 * 1024;
/// At a start any is.
pub const ANY: i64 = i64::MAX;

/// Does the last step of erasures: the answers kept by idempotency key are emptied; then, if the store is not larger than `most`
/// bytes, it is rewritten, as pages keep copies of what was moved in them, and the logs are emptied. Tells whether all of it is
/// done; a reader or the size can be in the way.
///
/// # Errors
///
/// The disk's; a rewrite needs up to twice the store's size more.
pub fn finish(connection: &Connection, turn: &Turn, now: i64, most: i64) -> anyhow::Result<bool> {
    if !ledger::answers::empty(&ledger::open(&directory(connection))?)? {
        return Ok(false);
    }
    let mut size = 0_i64;
    for schema in SCHEMAS {
        let ask = |what| connection.pragma_query_value(Some(schema), what, |row| row.get(0));
        // Pages that are free are not written again.
        let pages: i64 = ask("page_count")?;
        let free: i64 = ask("freelist_count")?;
        let page: i64 = ask("page_size")?;
        size = size.saturating_add((pages - free).saturating_mul(page));
    }
    if size > most {
        return Ok(false);
    }
    for schema in SCHEMAS {
        let _turn = (schema == JOURNAL).then(|| turn.wait());
        connection
            .execute_batch(&format!("VACUUM {schema}"))
            .context("rewriting the store")?;
        let emptied = format!("PRAGMA {schema}.wal_checkpoint(TRUNCATE)");
        let busy: i64 = connection
            .query_row(&emptied, [], |row| row.get(0))
            .context("emptying the write-ahead log")?;
        if busy != 0 {
            return Ok(false);
        }
    }
    connection.execute(
        "UPDATE erasures SET finished_at = ?1 WHERE finished_at IS NULL",
        [now],
    )?;
    Ok(true)
}
