//! Sign-ins that agents gave back before their credentials end, kept until those do.

use anyhow::Context;
use rusqlite::{Connection, params};
use ws::id::Timestamp;

use crate::store::project::sql;

/// Notes that a sign-in is over, whose credentials are good until `until`; those that ended by themselves are forgotten.
pub fn note(
    connection: &Connection,
    id: &str,
    until: Timestamp,
    now: Timestamp,
) -> anyhow::Result<()> {
    connection
        .execute("DELETE FROM sign_outs WHERE until <= ?1", [sql(now.0)])
        .and_then(|_| {
            connection.execute(
                "INSERT OR REPLACE INTO sign_outs VALUES (?1, ?2)",
                params![id, sql(until.0)],
            )
        })
        .map(drop)
        .context("noting that a sign-in is over")
}

/// Returns those of which a credential may be good still.
pub fn all(connection: &Connection, now: Timestamp) -> anyhow::Result<Vec<(String, Timestamp)>> {
    let mut statement =
        connection.prepare_cached("SELECT sign_in, until FROM sign_outs WHERE until > ?1")?;
    let rows = statement.query_map([sql(now.0)], |row| {
        let until: i64 = row.get(1)?;
        Ok((row.get(0)?, Timestamp(until.unsigned_abs())))
    })?;
    rows.collect::<rusqlite::Result<_>>()
        .context("reading which sign-ins are over")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_back_is_kept_until_it_ends_by_itself() {
        let ledger = Connection::open_in_memory().unwrap();
        ledger.execute_batch(include_str!("../ledger.sql")).unwrap();

        note(&ledger, "a", Timestamp(10), Timestamp(1)).unwrap();
        note(&ledger, "b", Timestamp(20), Timestamp(2)).unwrap();

        assert_eq!(all(&ledger, Timestamp(2)).unwrap().len(), 2);
        let left = vec![("b".to_owned(), Timestamp(20))];
        assert_eq!(all(&ledger, Timestamp(10)).unwrap(), left);
        note(&ledger, "c", Timestamp(30), Timestamp(10)).unwrap();
        let rows: i64 = ledger
            .query_row("SELECT count(*) FROM sign_outs", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 2);
    }
}
