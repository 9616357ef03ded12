//! Makes the tables; those that are folded are dropped and folded anew when their shape is another than this program's.

use anyhow::ensure;
use rusqlite::{Connection, Result, Transaction, TransactionBehavior};

use super::{carry, project};

/// The shape of `tables.sql`. It goes up with every change of that file or of what is folded into it.
pub const SHAPE: i64 = 20;

/// Makes what is missing, in the tables' file and in the attached one of the journal. What is there in another shape is made anew
/// by who is `starting` alone: nobody takes it from under a daemon of another version.
pub fn make(connection: &Connection, starting: bool) -> anyhow::Result<()> {
    if is_of_another_version(connection)? {
        ensure!(
            starting,
            "the store is of another version than this program; start the daemon of this version first, then try again"
        );
        move_journal(connection)?;
    }
    connection.execute_batch(include_str!("journal.sql"))?;
    connection.execute_batch(include_str!("schema.sql"))?;
    if fits(connection)? {
        return Ok(());
    }
    ensure!(
        project::mark(connection)? == 0 || super::last_row(connection)? > 0,
        "tandem.db has tables and journal.db has nothing that they could be folded from; put back the journal.db that belongs to it"
    );
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another process may have done it meanwhile.
    if !fits(&transaction)? {
        keep_finished(&transaction)?;
        let shape: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        // Tables that were put back, or lack what was scrubbed since, know what nobody is to know.
        let scrubbed = known_rewrites(&transaction)? >= rewrites(&transaction)?;
        if shape != SHAPE
            && scrubbed
            && project::mark(&transaction)? <= super::last_row(&transaction)?
        {
            carry::put_aside(&transaction)?;
        }
        drop_folded(&transaction)?;
        transaction.execute_batch(include_str!("tables.sql"))?;
        transaction.execute("DELETE FROM meta WHERE key = 'projected'", [])?;
        note_rewrites(&transaction, rewrites(&transaction)?)?;
        transaction.pragma_update(None, "user_version", SHAPE)?;
    }
    Ok(transaction.commit()?)
}

// A new store is of no version yet.
fn is_of_another_version(connection: &Connection) -> Result<bool> {
    let shape: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(has_journal_inside(connection)? || !(shape == 0 || shape == SHAPE))
}

fn has_journal_inside(connection: &Connection) -> Result<bool> {
    let there = "SELECT EXISTS (SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = 'journal')";
    connection.query_row(there, [], |row| row.get(0))
}

/// Returns how often the journal was written anew.
pub(super) fn rewrites(connection: &Connection) -> Result<i64> {
    connection.query_row(
        "SELECT coalesce(max(n), 0) FROM journal_file.rewrites",
        [],
        |row| row.get(0),
    )
}

/// Notes in the tables that they know as much of what was scrubbed.
pub(super) fn note_rewrites(connection: &Connection, rewrites: i64) -> Result<()> {
    super::note(connection, "rewrites", rewrites)
}

fn known_rewrites(connection: &Connection) -> Result<i64> {
    Ok(super::noted(connection, "rewrites")?.unwrap_or(0))
}

// Whether the tables are of this shape and folded from this journal: who puts back copies of both files may have taken
// that of the journal first. Tables that were put back from before an erasure have what is scrubbed in the journal.
fn fits(connection: &Connection) -> Result<bool> {
    let shape: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if shape != SHAPE {
        return Ok(false);
    }
    if known_rewrites(connection)? < rewrites(connection)? {
        return Ok(false);
    }
    Ok(project::mark(connection)? <= super::last_row(connection)?)
}

// Up to version 0.1 the journal stood among the tables. A crash on the way leaves it there, and it is moved again.
fn move_journal(connection: &Connection) -> anyhow::Result<()> {
    if !has_journal_inside(connection)? {
        return Ok(());
    }
    connection.execute_batch(include_str!("journal.sql"))?;
    // After a move that was cut short it has none, or the same.
    let others: bool = connection.query_row(
        "SELECT EXISTS (SELECT row, shard, at, interaction, fact FROM journal_file.journal
            EXCEPT SELECT row, shard, at, interaction, fact FROM main.journal)",
        [],
        |row| row.get(0),
    )?;
    ensure!(
        !others,
        "tandem.db holds a journal of an older version, and journal.db another one; put the one away that is not wanted"
    );
    tracing::info!("the journal moves into a file of its own");
    connection.execute_batch(
        "INSERT OR REPLACE INTO journal_file.journal SELECT row, shard, at, interaction, fact FROM main.journal;
         DROP TABLE main.journal;",
    )?;
    Ok(())
}

// When the last trace of somebody was gone is in no fact.
fn keep_finished(connection: &Connection) -> Result<()> {
    let there =
        "SELECT EXISTS (SELECT 1 FROM pragma_table_info('erasures') WHERE name = 'finished_at')";
    if !connection.query_row(there, [], |row| row.get(0))? {
        return Ok(());
    }
    connection.execute_batch(
        "INSERT OR IGNORE INTO finished SELECT row, customer, finished_at FROM erasures WHERE finished_at IS NOT NULL",
    )
}

// Everything that `schema.sql` does not make is folded.
fn drop_folded(connection: &Connection) -> Result<()> {
    let plain = Connection::open_in_memory()?;
    plain.execute_batch(include_str!("schema.sql"))?;
    let kept: Vec<String> = made(&plain, "1")?
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for kind in [
        "type = 'view'",
        "sql LIKE 'CREATE VIRTUAL%'",
        "type = 'table'",
    ] {
        for (name, kind) in made(connection, kind)? {
            if !kept.contains(&name) {
                connection.execute_batch(&format!("DROP {kind} IF EXISTS \"{name}\""))?;
            }
        }
    }
    Ok(())
}

fn made(connection: &Connection, which: &str) -> Result<Vec<(String, String)>> {
    let query = format!(
        "SELECT name, type FROM main.sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' AND {which}"
    );
    let mut statement = connection.prepare(&query)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use sha2::{Digest, Sha256};

    use super::*;

    type Columns = BTreeMap<String, BTreeSet<String>>;

    // A heading with the table's name, and a row for each column.
    fn documented() -> Columns {
        let mut tables = Columns::new();
        let mut table = None;
        for line in include_str!("TABLES.md").lines() {
            let quoted = |line: &str| line.split('`').nth(1).map(str::to_owned);
            if line.starts_with('#') {
                table = line.strip_prefix("### ").and_then(quoted);
                if let Some(name) = &table {
                    let again = tables.insert(name.clone(), BTreeSet::new());
                    assert_eq!(again, None, "{name} stands there twice");
                }
            } else if let (Some(name), true) = (&table, line.starts_with("| `")) {
                let column = quoted(line).unwrap();
                let meaning = line.split('|').nth(2).unwrap_or_default();
                assert!(!meaning.trim().is_empty(), "{name}.{column} means nothing");
                tables.get_mut(name).unwrap().insert(column);
            }
        }
        tables
    }

    fn there() -> Columns {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(include_str!("tables.sql"))
            .unwrap();
        let mut columns = connection
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .unwrap();
        let mut tables = Columns::new();
        for (name, _) in made(&connection, "1").unwrap() {
            // What FTS5 makes for itself.
            if name.starts_with("texts_") {
                continue;
            }
            let found = columns.query_map([&name], |row| row.get(0)).unwrap();
            tables.insert(name, found.map(Result::unwrap).collect());
        }
        tables
    }

    #[test]
    fn the_shape_goes_up_when_the_tables_change() {
        let digest = Sha256::digest(include_bytes!("tables.sql"));
        let begins: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();

        assert_eq!(
            (SHAPE, begins.as_str()),
            (20, "1cf908096d1ca457"),
            "tables.sql has changed: SHAPE goes up by one, and both stand here anew"
        );
    }

    #[test]
    fn a_store_of_another_shape_has_the_tables_of_this_one() {
        let connection = crate::store::tests::in_memory();
        connection
            .execute_batch("DROP TABLE memos; PRAGMA user_version = 6;")
            .unwrap();

        make(&connection, true).unwrap();

        let found = made(&connection, "name = 'memos'").unwrap();
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn every_outcome_of_ours_is_documented() {
        let rows = include_str!("TABLES.md").lines();
        let mut rows = rows.filter(|line| line.starts_with("| `outcome` | how it turned out"));
        let row = rows.next().unwrap();
        for word in hub::interaction::OUTCOMES {
            assert!(row.contains(&format!("`{word}`")), "{word}");
        }
    }

    #[test]
    fn every_table_view_and_column_is_documented_and_nothing_that_is_not_there() {
        let (documented, there) = (documented(), there());

        assert_eq!(
            documented.keys().collect::<Vec<_>>(),
            there.keys().collect::<Vec<_>>()
        );
        for (table, columns) in &there {
            assert_eq!(&documented[table], columns, "{table}");
        }
    }
}
