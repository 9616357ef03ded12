//! Interactions that are one matter, and how that came about.

use hub::Event;
use rusqlite::{Result, params};
use ws::{
    id::{CustomerId, InteractionId},
    timeline::Author,
};

use super::{To, author, keep};

pub(super) fn fold(to: &To<'_>, event: &Event) -> Result<()> {
    match event {
        Event::InteractionsMerged {
            customer,
            kept,
            merged,
            by,
            reason,
        } => {
            note(to, *customer)?;
            merge(to, *kept, *merged, (by, reason))
        }
        Event::InteractionsUnmerged {
            customer,
            merged,
            by,
            reason,
            ..
        } => {
            note(to, *customer)?;
            unmerge(to, *merged, (by, reason))
        }
        other => {
            debug_assert!(false, "{other:?} is folded elsewhere");
            Ok(())
        }
    }
}

// Every start needs it, and an erasure of its customer finds it.
fn note(to: &To<'_>, customer: CustomerId) -> Result<()> {
    keep(to.tables, to.row)?;
    to.run(
        "INSERT OR IGNORE INTO customer_rows VALUES (?1, ?2)",
        params![customer.to_string(), to.row],
    )
    .map(drop)
}

fn merge(
    to: &To<'_>,
    kept: InteractionId,
    merged: InteractionId,
    (by, reason): (&Author, &str),
) -> Result<()> {
    let (author, agent, program) = author(by);
    let (kept, merged) = (kept.to_string(), merged.to_string());
    to.run(
        "UPDATE interactions SET merged_into = ?1 WHERE interaction = ?2",
        params![kept, merged],
    )?;
    to.run(
        "INSERT OR IGNORE INTO matters (row, kept, merged, at, author, agent, program, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![to.row, kept, merged, to.at, author, agent, program, reason],
    )
    .map(drop)
}

fn unmerge(to: &To<'_>, merged: InteractionId, (by, reason): (&Author, &str)) -> Result<()> {
    let (author, agent, program) = author(by);
    let merged = merged.to_string();
    to.run(
        "UPDATE interactions SET merged_into = NULL WHERE interaction = ?1",
        [&merged],
    )?;
    to.run(
        "UPDATE matters SET undone_at = ?2, undone_author = ?3, undone_agent = ?4,
         undone_program = ?5, undone_reason = ?6, undone_row = ?7
         WHERE row = (SELECT max(row) FROM matters WHERE merged = ?1)",
        params![merged, to.at, author, agent, program, reason, to.row],
    )
    .map(drop)
}
