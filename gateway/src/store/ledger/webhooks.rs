//! How far webhooks are in the journal, and what could not be delivered. Nothing of what was to be told stands here.

use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use utoipa::ToSchema;
use ws::id::Timestamp;

use crate::{
    hooks::spool::{Changes, Start, Waiting},
    store::project::sql,
};

/// How one webhook stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Standing {
    /// The row of the journal up to which everything is delivered or stands among the letters.
    pub cursor: i64,
    /// When something was delivered last, in milliseconds since 1970.
    pub delivered_at: Option<i64>,
    /// What went wrong last.
    pub error: Option<String>,
    /// When.
    pub error_at: Option<i64>,
    /// Until when the receiver is left alone, because it failed or asked to be.
    pub rests_until: Option<i64>,
    /// Since when it wants nothing any more: it answered 410. `resume` goes on.
    pub gone_at: Option<i64>,
    /// Letters that wait because they failed, or one before them did.
    pub waiting: i64,
    /// Letters that were given up.
    pub dead: i64,
}

impl Standing {
    /// Says it in a word: `gone`, `resting` or `well`.
    pub fn state(&self) -> &'static str {
        match (self.gone_at, self.rests_until) {
            (Some(_), _) => "gone",
            (None, Some(_)) => "resting",
            (None, None) => "well",
        }
    }
}

/// A letter that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeadLetter {
    /// Its number: the row of the journal it is about.
    pub letter: i64,
    /// The interaction, or who it is about.
    pub lane: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it failed first.
    pub since: i64,
    /// When it was given up.
    pub dead_at: Option<i64>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// Returns how a webhook stands, none for one that never ran.
pub fn standing(connection: &Connection, webhook: &str) -> anyhow::Result<Option<Standing>> {
    let found = connection
        .prepare_cached("SELECT * FROM webhooks WHERE webhook = ?1")?
        .query_row([webhook], |row| {
            Ok(Standing {
                cursor: row.get("cursor")?,
                delivered_at: row.get("delivered_at")?,
                error: row.get("error")?,
                error_at: row.get("error_at")?,
                rests_until: row.get("rests_until")?,
                gone_at: row.get("gone_at")?,
                waiting: 0,
                dead: 0,
            })
        })
        .optional()
        .context("reading how a webhook stands")?;
    let Some(mut standing) = found else {
        return Ok(None);
    };
    let count = |state: &str| -> rusqlite::Result<i64> {
        connection
            .prepare_cached(
                "SELECT count(*) FROM webhook_letters WHERE webhook = ?1 AND state = ?2",
            )?
            .query_row([webhook, state], |row| row.get(0))
    };
    standing.waiting = count("waiting")? + count("again")?;
    standing.dead = count("dead")?;
    Ok(Some(standing))
}

/// Begins a webhook behind `cursor` if it never ran, and returns where it goes on.
pub fn open(connection: &Connection, webhook: &str, cursor: i64) -> anyhow::Result<Start> {
    connection
        .execute(
            "INSERT OR IGNORE INTO webhooks (webhook, cursor) VALUES (?1, ?2)",
            params![webhook, cursor],
        )
        .context("beginning a webhook")?;
    let standing = standing(connection, webhook)?.context("a webhook that was begun is gone")?;
    let at = |at: Option<i64>| at.map(|at| Timestamp(at.unsigned_abs()));
    Ok(Start {
        cursor: standing.cursor,
        waiting: letters(connection, webhook, "waiting")?,
        rests_until: at(standing.rests_until),
        gone_at: at(standing.gone_at),
    })
}

/// Takes back how far webhooks are in a journal whose last row is `last`: what stands in rows behind it is told.
pub fn rewind(connection: &mut Connection, last: i64) -> anyhow::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute(
        "UPDATE webhooks SET cursor = ?1 WHERE cursor > ?1",
        params![last],
    )?;
    transaction.execute("DELETE FROM webhook_letters WHERE row > ?1", params![last])?;
    Ok(transaction.commit()?)
}

fn letters(connection: &Connection, webhook: &str, state: &str) -> anyhow::Result<Vec<Waiting>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM webhook_letters WHERE webhook = ?1 AND state = ?2 ORDER BY row",
    )?;
    let rows = statement.query_map([webhook, state], waiting)?;
    rows.collect::<rusqlite::Result<_>>()
        .context("reading what waits for a webhook")
}

fn waiting(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    Ok(Waiting {
        row: row.get("row")?,
        lane: row.get::<_, String>("lane")?.into(),
        attempts: row.get("attempts")?,
        since: Timestamp(row.get::<_, i64>("since")?.unsigned_abs()),
        due: Timestamp(row.get::<_, i64>("due")?.unsigned_abs()),
    })
}

/// Puts changes down, all of them or none.
pub fn keep(connection: &mut Connection, webhook: &str, changes: &Changes) -> anyhow::Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut put = transaction.prepare_cached(
            "INSERT OR REPLACE INTO webhook_letters (webhook, row, lane, state, attempts, since, due, dead_at, error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        let mut put = |state: &str, it: &Waiting, dead: Option<(Timestamp, &str)>| {
            let (at, error) = dead.unzip();
            let times = [it.since, it.due].map(|at| sql(at.0));
            put.execute(params![
                webhook,
                it.row,
                &*it.lane,
                state,
                it.attempts,
                times[0],
                times[1],
                at.map(|at| sql(at.0)),
                error,
            ])
        };
        for letter in changes.waiting.values() {
            put("waiting", letter, None)?;
        }
        for dead in &changes.dead {
            put("dead", &dead.letter, Some((dead.at, &dead.error)))?;
        }
        let mut done = transaction.prepare_cached(
            "DELETE FROM webhook_letters WHERE webhook = ?1 AND row = ?2 AND state = 'waiting'",
        )?;
        for row in &changes.done {
            done.execute(params![webhook, row])?;
        }
        let (error_at, error) = match &changes.error {
            Some((at, error)) => (Some(sql(at.0)), Some(error)),
            None => (None, None),
        };
        let at = |at: Option<Timestamp>| at.map(|at| sql(at.0));
        transaction
            .prepare_cached(
                "UPDATE webhooks SET cursor = ?2, delivered_at = coalesce(?3, delivered_at),
                    error = coalesce(?4, error), error_at = coalesce(?5, error_at), rests_until = ?6, gone_at = ?7
                 WHERE webhook = ?1",
            )?
            .execute(params![
                webhook,
                changes.cursor,
                at(changes.delivered_at),
                error,
                error_at,
                at(changes.rests_until),
                at(changes.gone_at),
            ])?;
    }
    transaction
        .commit()
        .context("putting down what a webhook was told")
}

/// Takes what is to be tried again: it waits from now on, as if it had never failed.
pub fn take_again(
    connection: &mut Connection,
    webhook: &str,
    now: Timestamp,
) -> anyhow::Result<Vec<Waiting>> {
    let any: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM webhook_letters WHERE webhook = ?1 AND state = 'again')",
        )?
        .query_row([webhook], |row| row.get(0))?;
    if !any {
        return Ok(Vec::new());
    }
    let transaction = connection.transaction()?;
    transaction.execute(
        "UPDATE webhook_letters SET attempts = 0, since = ?2, due = ?2, dead_at = NULL
         WHERE webhook = ?1 AND state = 'again'",
        params![webhook, sql(now.0)],
    )?;
    let taken = letters(&transaction, webhook, "again")?;
    transaction.execute(
        "UPDATE webhook_letters SET state = 'waiting' WHERE webhook = ?1 AND state = 'again'",
        [webhook],
    )?;
    transaction
        .commit()
        .context("taking what is to be tried again")?;
    Ok(taken)
}

/// Returns dead letters behind `after`, the oldest row first.
pub fn dead(
    connection: &Connection,
    webhook: &str,
    after: i64,
    limit: u32,
) -> anyhow::Result<Vec<DeadLetter>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM webhook_letters WHERE webhook = ?1 AND state = 'dead' AND row > ?2 ORDER BY row LIMIT ?3",
    )?;
    let rows = statement.query_map(params![webhook, after, limit], |row| {
        Ok(DeadLetter {
            letter: row.get("row")?,
            lane: row.get("lane")?,
            attempts: row.get("attempts")?,
            since: row.get("since")?,
            dead_at: row.get("dead_at")?,
            error: row.get("error")?,
        })
    })?;
    rows.collect::<rusqlite::Result<_>>()
        .context("listing what could not be delivered")
}

/// Asks for dead letters to be tried again, one or all; tells how many.
pub fn retry(connection: &Connection, webhook: &str, letter: Option<i64>) -> anyhow::Result<usize> {
    connection
        .execute(
            "UPDATE webhook_letters SET state = 'again' WHERE webhook = ?1 AND state = 'dead' AND row = coalesce(?2, row)",
            params![webhook, letter],
        )
        .context("asking for another try")
}

/// Drops a dead letter; tells whether there was one.
pub fn drop_dead(connection: &Connection, webhook: &str, letter: i64) -> anyhow::Result<bool> {
    let dropped = connection
        .execute(
            "DELETE FROM webhook_letters WHERE webhook = ?1 AND state = 'dead' AND row = ?2",
            params![webhook, letter],
        )
        .context("dropping a letter")?;
    Ok(dropped > 0)
}

/// Lets a webhook go on whose receiver is left alone, for a while or for good; tells whether it was.
pub fn resume(connection: &Connection, webhook: &str) -> anyhow::Result<bool> {
    let changed = connection
        .execute(
            "UPDATE webhooks SET gone_at = NULL, rests_until = NULL WHERE webhook = ?1 AND coalesce(gone_at, rests_until) IS NOT NULL",
            [webhook],
        )
        .context("letting a webhook go on")?;
    Ok(changed > 0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::hooks::spool::{Outcome, Spool};

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn kept() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(include_str!("../ledger.sql"))
            .unwrap();
        connection
    }

    fn spool(ledger: &Connection) -> Spool {
        let start = open(ledger, "crm", 10).unwrap();
        Spool::new(start, Duration::ZERO, [1; 32])
    }

    fn put(ledger: &mut Connection, spool: &mut Spool) {
        if let Some(changes) = spool.poll_changes() {
            keep(ledger, "crm", &changes).unwrap();
        }
    }

    fn failed() -> Outcome {
        Outcome::Failed {
            error: "it answered 500".to_owned(),
            after: None,
        }
    }

    #[test]
    fn a_new_webhook_begins_where_the_journal_ends_and_an_old_one_goes_on() {
        let mut ledger = kept();
        let mut first = spool(&ledger);
        assert_eq!(first.wants_rows(), Some(10));
        first.handle_rows(vec![(11, "a".into())], 15, NOW);
        assert_eq!(first.poll_letter(NOW), Some(11));
        first.handle_outcome(11, Outcome::Delivered, NOW);

        let cut = spool(&ledger);
        assert_eq!(
            cut.wants_rows(),
            Some(10),
            "what was not put down is told again"
        );
        put(&mut ledger, &mut first);
        assert_eq!(spool(&ledger).wants_rows(), Some(15));
        let standing = standing(&ledger, "crm").unwrap().unwrap();
        assert_eq!(standing.delivered_at, Some(sql(NOW.0)));
    }

    #[test]
    fn a_dead_letter_is_listed_tried_again_and_delivered() {
        let mut ledger = kept();
        let mut first = spool(&ledger);
        first.handle_rows(vec![(11, "a".into()), (12, "a".into())], 12, NOW);
        first.poll_letter(NOW);
        first.handle_outcome(11, failed(), NOW);
        put(&mut ledger, &mut first);

        let listed = dead(&ledger, "crm", 0, 10).unwrap();
        assert_eq!(
            (listed.len(), listed[0].letter, listed[0].attempts),
            (1, 11, 1)
        );
        assert_eq!(listed[0].error.as_deref(), Some("it answered 500"));
        assert_eq!(dead(&ledger, "crm", 11, 10).unwrap(), []);
        assert_eq!(
            retry(&ledger, "crm", Some(12)).unwrap(),
            0,
            "it is not dead"
        );
        assert_eq!(retry(&ledger, "crm", None).unwrap(), 1);
        assert_eq!(take_again(&mut ledger, "crm", NOW).unwrap().len(), 1);

        let mut second = spool(&ledger);
        assert_eq!(second.poll_letter(NOW), Some(11));
        second.handle_outcome(11, Outcome::Delivered, NOW);
        assert_eq!(second.poll_letter(NOW), Some(12));
        second.handle_outcome(12, Outcome::Delivered, NOW);
        put(&mut ledger, &mut second);
        let standing = standing(&ledger, "crm").unwrap().unwrap();
        assert_eq!(
            (standing.waiting, standing.dead, standing.cursor),
            (0, 0, 12)
        );
    }

    #[test]
    fn a_letter_can_be_dropped_once_and_another_webhooks_stay() {
        let mut ledger = kept();
        let mut first = spool(&ledger);
        first.handle_rows(vec![(11, "a".into())], 11, NOW);
        first.poll_letter(NOW);
        first.handle_outcome(11, failed(), NOW);
        put(&mut ledger, &mut first);

        assert!(!drop_dead(&ledger, "shop", 11).unwrap());
        assert!(drop_dead(&ledger, "crm", 11).unwrap());
        assert!(!drop_dead(&ledger, "crm", 11).unwrap());
    }

    #[test]
    fn who_is_gone_stays_gone_over_a_restart_until_told_to_go_on() {
        let mut ledger = kept();
        let mut first = spool(&ledger);
        first.handle_rows(vec![(11, "a".into())], 11, NOW);
        first.poll_letter(NOW);
        first.handle_outcome(11, Outcome::Gone, NOW);
        put(&mut ledger, &mut first);

        assert!(spool(&ledger).is_gone());
        assert!(resume(&ledger, "crm").unwrap());
        assert!(!resume(&ledger, "crm").unwrap());
        assert!(!spool(&ledger).is_gone());
    }
}
