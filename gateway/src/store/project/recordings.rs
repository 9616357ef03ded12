//! Recordings: one row each, from its begin on.

use hub::{
    Fact,
    event::{Event, Recorded},
};
use rusqlite::{Result, params};

use super::{To, sql};
use crate::{recorder::Format, store::recordings::REFUSED};

pub(super) fn fold(to: &To<'_>, fact: &Fact) -> Result<()> {
    let Event::Recording(step) = &fact.event else {
        return Ok(());
    };
    let change = |n: &u16, set: &str, value: &dyn rusqlite::ToSql| {
        let update = format!("UPDATE recordings SET {set} = ?3 WHERE interaction = ?1 AND n = ?2");
        to.run(&update, params![to.interaction, n, value]).map(drop)
    };
    match step {
        Recorded::Started { n, leg, .. } => to
            .run(
                "INSERT OR IGNORE INTO recordings (row, interaction, n, leg, started_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![to.row, to.interaction, n, leg.to_string(), to.at],
            )
            .map(drop),
        Recorded::Stopped { n, .. } => change(n, "ended_at", &to.at),
        Recorded::MessageLeft { n, .. } => change(n, "message_left_at", &to.at),
        Recorded::Kept {
            n,
            file,
            ms,
            bytes,
            lost_ms,
            cut,
            ..
        } => to
            .run(
                "UPDATE recordings SET ms = ?3, bytes = ?4, lost_ms = ?5, cut = ?6, mediatype = ?7
                 WHERE interaction = ?1 AND n = ?2",
                params![
                    to.interaction,
                    n,
                    sql(*ms),
                    sql(*bytes),
                    sql(*lost_ms),
                    cut,
                    // A file that was deleted is named no more.
                    Format::of(file).map(Format::media_type)
                ],
            )
            .map(drop),
        Recorded::Failed { n, reason } => {
            change(n, "failed", reason)?;
            scrub(to)
        }
        Recorded::Refused { .. } => {
            let untold = "UPDATE recordings SET failed = ?2 WHERE interaction = ?1 AND failed IS NULL";
            to.run(untold, params![to.interaction, REFUSED])?;
            scrub(to)
        }
        // In the record of the interaction alone.
        Recorded::Announced { .. }
        | Recorded::Wished { .. }
        | Recorded::Paused { .. }
        | Recorded::Resumed { .. }
        | Recorded::RecorderOpened { .. }
        | Recorded::RecorderFailed { .. }
        | Recorded::RecorderRests { .. }
        | Recorded::RecorderClosed { .. } => Ok(()),
    }
}

// Files that nobody is to have go.
fn scrub(to: &To<'_>) -> Result<()> {
    let scrub = "INSERT OR REPLACE INTO scrubs VALUES ('recordings', ?1, 1)";
    to.run(scrub, [&to.interaction]).map(drop)
}
