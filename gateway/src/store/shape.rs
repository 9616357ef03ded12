//! Makes the tables; those that are folded are dropped and folded anew when their shape is another than this program's.

use rusqlite::{Connection, Result};

/// The shape of `tables.sql`. It goes up with every change of that file or of what is folded into it.
pub const SHAPE: i64 = 2;

/// Makes what is missing.
pub fn make(connection: &Connection) -> Result<()> {
    connection.execute_batch(include_str!("schema.sql"))?;
    let shape: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if shape == SHAPE {
        return Ok(());
    }
    let transaction = connection.unchecked_transaction()?;
    // Another process may have done it meanwhile.
    let shape: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if shape != SHAPE {
        drop_folded(&transaction)?;
        transaction.execute_batch(include_str!("tables.sql"))?;
        transaction.execute("DELETE FROM meta WHERE key = 'projected'", [])?;
        transaction.pragma_update(None, "user_version", SHAPE)?;
    }
    transaction.commit()
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
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' AND {which}"
    );
    let mut statement = connection.prepare(&query)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}
