//! Answers by idempotency key, kept for a day: what was begun and what it was answered.

use std::time::Duration;

use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, params};
use ws::id::Timestamp;

use crate::store::project::sql;

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(86_400);

/// The fingerprint of what was emptied, which no request has.
const EMPTIED: &str = "";

/// Whose key it is: each caller has keys of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// Who asks.
    pub caller: String,
    /// The key they gave.
    pub key: String,
}

/// An answer as it is given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that belong to it.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: to be carried out.
    Begun,
    /// That it was begun at this time, and that a crash cut it: to be carried out, unless it was.
    Cut(Timestamp),
    /// It was answered.
    Answered(Answer),
    /// It was used for another request.
    Another,
    /// It was used before a customer was erased; for what, and what came of it, is not kept.
    Emptied,
}

/// Begins under a key, unless something else is known of it. `fingerprint` stands for the request.
pub fn begin(
    connection: &mut Connection,
    slot: &Slot,
    fingerprint: &str,
    now: Timestamp,
) -> anyhow::Result<Known> {
    let transaction = connection.transaction()?;
    delete_old(&transaction, now)?;
    let fresh = transaction
        .prepare_cached("INSERT OR IGNORE INTO answers VALUES (?1, ?2, ?3, ?4, NULL, NULL, NULL)")?
        .execute(params![slot.caller, slot.key, fingerprint, sql(now.0)])?;
    let (kept, begun_at, answer) = transaction
        .prepare_cached(
            "SELECT fingerprint, status, headers, body, begun_at FROM answers WHERE caller = ?1 AND key = ?2",
        )?
        .query_row(params![slot.caller, slot.key], |row| {
            let status: Option<u16> = row.get(1)?;
            let headers: Option<String> = row.get(2)?;
            let body: Option<Vec<u8>> = row.get(3)?;
            Ok((
                row.get::<_, String>(0)?,
                Timestamp(row.get::<_, i64>(4)?.cast_unsigned()),
                status.map(|status| (status, headers, body.unwrap_or_default())),
            ))
        })
        .optional()?
        .context("a key that was begun is not there")?;
    transaction
        .commit()
        .context("beginning under an idempotency key")?;
    if kept == EMPTIED {
        return Ok(Known::Emptied);
    }
    if kept != fingerprint {
        return Ok(Known::Another);
    }
    Ok(match answer {
        None if fresh > 0 => Known::Begun,
        None => Known::Cut(begun_at),
        Some((status, headers, body)) => Known::Answered(Answer {
            status,
            headers: serde_json::from_str(headers.as_deref().unwrap_or("[]"))
                .context("reading the headers of a kept answer")?,
            body,
        }),
    })
}

/// Keeps what a begun request was answered.
pub fn end(connection: &Connection, slot: &Slot, answer: &Answer) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "UPDATE answers SET status = ?3, headers = ?4, body = ?5
             WHERE caller = ?1 AND key = ?2 AND fingerprint <> ?6",
        )?
        .execute(params![
            slot.caller,
            slot.key,
            answer.status,
            serde_json::to_string(&answer.headers)?,
            answer.body,
            EMPTIED
        ])
        .map(drop)
        .context("keeping an answer")
}

/// Deletes what was begun longer ago than answers are kept; tells how many that were.
pub fn delete_old(connection: &Connection, now: Timestamp) -> anyhow::Result<usize> {
    let kept = KEPT.as_millis().try_into().unwrap_or(u64::MAX);
    connection
        .prepare_cached("DELETE FROM answers WHERE begun_at < ?1")?
        .execute([sql(now.0.saturating_sub(kept))])
        .context("deleting old answers")
}

/// Leaves nothing of any answer and of any request, as nothing tells whom they are about: only that the keys were used. What
/// runs meanwhile is not kept either. The file holds nothing of it afterwards; tells whether it could be written so.
pub fn empty(connection: &Connection) -> anyhow::Result<bool> {
    connection
        .execute(
            "UPDATE answers SET fingerprint = ?1, status = NULL, headers = NULL, body = NULL",
            [EMPTIED],
        )
        .context("emptying answers")?;
    connection
        .execute_batch("VACUUM")
        .context("rewriting the ledger")?;
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .context("emptying the ledger's log")?;
    Ok(busy == 0)
}

/// Forgets a request that came to nothing, so that it may be sent again.
pub fn forget(connection: &Connection, slot: &Slot) -> anyhow::Result<()> {
    connection
        .prepare_cached("DELETE FROM answers WHERE caller = ?1 AND key = ?2")?
        .execute(params![slot.caller, slot.key])
        .map(drop)
        .context("forgetting an idempotency key")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn kept() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(include_str!("../ledger.sql"))
            .unwrap();
        connection
    }

    fn slot(caller: &str) -> Slot {
        Slot {
            caller: caller.to_owned(),
            key: "k1".to_owned(),
        }
    }

    fn answer() -> Answer {
        Answer {
            status: 201,
            headers: vec![("location".to_owned(), "/x".to_owned())],
            body: b"{}".to_vec(),
        }
    }

    #[test]
    fn an_answer_is_given_again_to_the_same_caller_and_request_only() {
        let mut ledger = kept();

        assert_eq!(
            begin(&mut ledger, &slot("a"), "f", NOW).unwrap(),
            Known::Begun
        );
        // After a crash in between it may have to be carried out again.
        assert_eq!(
            begin(&mut ledger, &slot("a"), "f", NOW + KEPT).unwrap(),
            Known::Cut(NOW)
        );
        end(&ledger, &slot("a"), &answer()).unwrap();

        assert_eq!(
            begin(&mut ledger, &slot("a"), "f", NOW).unwrap(),
            Known::Answered(answer())
        );
        assert_eq!(
            begin(&mut ledger, &slot("a"), "g", NOW).unwrap(),
            Known::Another
        );
        assert_eq!(
            begin(&mut ledger, &slot("b"), "g", NOW).unwrap(),
            Known::Begun
        );
    }

    #[test]
    fn an_answer_is_kept_for_a_day_and_no_longer() {
        let mut ledger = kept();
        begin(&mut ledger, &slot("a"), "f", NOW).unwrap();
        end(&ledger, &slot("a"), &answer()).unwrap();

        let known = begin(&mut ledger, &slot("a"), "f", NOW + KEPT).unwrap();
        assert_eq!(known, Known::Answered(answer()));

        let later = Timestamp((NOW + KEPT).0 + 1);
        assert_eq!(
            begin(&mut ledger, &slot("a"), "g", later).unwrap(),
            Known::Begun
        );
    }

    #[test]
    fn an_old_answer_goes_without_another_request() {
        let mut ledger = kept();
        begin(&mut ledger, &slot("a"), "f", NOW).unwrap();

        let young = delete_old(&ledger, NOW + KEPT).unwrap();
        let old = delete_old(&ledger, Timestamp((NOW + KEPT).0 + 1)).unwrap();

        assert_eq!((young, old), (0, 1));
    }

    #[test]
    fn what_is_emptied_is_neither_told_nor_kept_nor_done_again() {
        let mut ledger = kept();
        for caller in ["a", "b"] {
            begin(&mut ledger, &slot(caller), "f", NOW).unwrap();
        }
        end(&ledger, &slot("a"), &answer()).unwrap();

        empty(&ledger).unwrap();
        // One was still running.
        end(&ledger, &slot("b"), &answer()).unwrap();

        for caller in ["a", "b"] {
            for request in ["f", "g"] {
                let known = begin(&mut ledger, &slot(caller), request, NOW).unwrap();
                assert_eq!(known, Known::Emptied, "{caller} {request}");
            }
        }
        let left = "SELECT count(*) FROM answers WHERE coalesce(status, headers, body) IS NOT NULL";
        let left: i64 = ledger.query_row(left, [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0);
    }

    #[test]
    fn what_came_to_nothing_may_be_sent_again() {
        let mut ledger = kept();
        begin(&mut ledger, &slot("a"), "f", NOW).unwrap();

        forget(&ledger, &slot("a")).unwrap();

        assert_eq!(
            begin(&mut ledger, &slot("a"), "g", NOW).unwrap(),
            Known::Begun
        );
    }
}
