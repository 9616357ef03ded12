//! What is kept no longer: found by age, and put down to be scrubbed.

use anyhow::Context;
use rusqlite::{Connection, params};

/// What is kept for how long: everything of `channel` sealed before `before` loses what the bits of `what` say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `chat` or `voice`.
    pub channel: &'static str,
    /// 1 messages, 2 notes, 4 persons; recordings go by [`apply_to_recordings`].
    pub what: u8,
    /// In milliseconds since 1970.
    pub before: i64,
}

/// Finds what a rule says is to go, some at a time, and puts it down to be scrubbed; tells how many that are.
pub fn apply(connection: &Connection, rule: &Rule) -> anyhow::Result<usize> {
    let mut found = 0;
    for scrubbed in (0..16_u8).filter(|scrubbed| scrubbed & rule.what != rule.what) {
        found += connection
            .prepare_cached(
                "INSERT INTO scrubs SELECT 'interaction', interaction, ?4 FROM interactions
                 WHERE channel = ?1 AND scrubbed = ?2 AND sealed_at < ?3 LIMIT 10000
                 ON CONFLICT DO UPDATE SET what = what | excluded.what",
            )?
            .execute(params![rule.channel, scrubbed, rule.before, rule.what])?;
    }
    if rule.what & NOTES != 0 {
        found += apply_to_matters(connection, rule).context("finding why contacts were merged")?;
    }
    Ok(found)
}

// Why two are one matter is noted of both: the rule of either takes it, once it is as old itself.
fn apply_to_matters(connection: &Connection, rule: &Rule) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "INSERT INTO scrubs SELECT 'matter', told, ?3 FROM (
                SELECT row AS told, kept, merged FROM matters WHERE at < ?2 AND reason <> ''
                UNION ALL
                SELECT undone_row, kept, merged FROM matters WHERE undone_at < ?2 AND undone_reason <> '')
             WHERE EXISTS (SELECT 1 FROM interactions
                WHERE interaction IN (kept, merged) AND channel = ?1 AND sealed_at < ?2)
             LIMIT 10000 ON CONFLICT DO NOTHING",
        )?
        .execute(params![rule.channel, rule.before, NOTES])
}

/// The bit of notes.
const NOTES: u8 = 2;
/// The bit of recordings.
pub(super) const RECORDINGS: u8 = 8;

/// Puts recordings down to be deleted whose interaction, whatever it began with, was sealed before `before`; returns of how many
/// interactions they are.
pub fn apply_to_recordings(connection: &Connection, before: i64) -> anyhow::Result<usize> {
    connection
        .prepare_cached(
            "INSERT INTO scrubs SELECT DISTINCT 'interaction', interaction, ?2
             FROM recordings JOIN interactions USING (interaction)
             WHERE mediatype IS NOT NULL AND sealed_at < ?1 LIMIT 10000
             ON CONFLICT DO UPDATE SET what = what | excluded.what",
        )?
        .execute(params![before, RECORDINGS])
        .context("finding old recordings")
}

/// Texts that stand in a row of the journal each, and in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {
    /// What agents noted about customers.
    Notes,
    /// What staff wrote to each other.
    Memos,
}

/// Puts texts from before `before` down to be scrubbed; returns how many were found.
pub fn apply_to_texts(connection: &Connection, texts: Texts, before: i64) -> anyhow::Result<usize> {
    let (table, kind, what) = match texts {
        Texts::Notes => ("notes", "note", 2),
        Texts::Memos => ("memos", "memo", 1),
    };
    connection
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO scrubs SELECT ?1, row, ?2 FROM {table} WHERE at < ?3 AND text <> '' LIMIT 10000",
        ))?
        .execute(params![kind, what, before])
        .with_context(|| format!("finding old {table}"))
}

/// How many customers are forgotten at a time.
pub const AT_ONCE: usize = 100;

/// Returns customers who had nothing to do with the house since `before`, at most [`AT_ONCE`]; neither had anybody who was
/// merged with them.
pub fn forgotten(connection: &Connection, before: i64) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!(
        "SELECT customer FROM customers AS root
         WHERE erased_at IS NULL AND merged_into IS NULL AND known_at < ?1
           AND NOT EXISTS (
                WITH RECURSIVE family (id) AS (
                    SELECT root.customer UNION ALL
                    SELECT customer FROM customers JOIN family ON merged_into = id
                )
                SELECT 1 FROM family JOIN customers AS member ON member.customer = id
                LEFT JOIN interactions ON interactions.customer = id
                WHERE member.known_at >= ?1
                    OR interaction IS NOT NULL AND (sealed_at IS NULL OR sealed_at >= ?1))
         LIMIT {AT_ONCE}"
    ))?;
    let rows = statement.query_map([before], |row| row.get(0))?;
    rows.collect::<rusqlite::Result<_>>()
        .context("finding customers nobody heard of")
}
