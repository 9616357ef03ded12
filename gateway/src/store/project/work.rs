//! Work: waits, offers and assignments.

use hub::Event;
use rusqlite::{Result, params};

use super::{To, sql, word};

pub(super) fn fold(to: &To<'_>, event: &Event) -> Result<()> {
    let (id, at) = (&to.interaction, to.at);
    match event {
        Event::Queued { .. } => wait(to, event),
        // The same stay goes on.
        Event::Dequeued { anew: true, .. } => Ok(0),
        Event::Dequeued {
            waited_ms, reason, ..
        } => to.run(
            "UPDATE waits SET left_at = ?2, waited_ms = ?3, reason = ?4
             WHERE row = (SELECT max(row) FROM waits WHERE interaction = ?1 AND left_at IS NULL)",
            params![id, at, sql(*waited_ms), reason],
        ),
        Event::Offered {
            agent,
            channel,
            deadline,
            ..
        } => to.run(
            "INSERT OR IGNORE INTO offers (row, interaction, agent, channel, at, deadline) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![to.row, id, agent.as_str(), word(channel), at, sql(deadline.0)],
        ),
        Event::OfferEnded { agent, end, .. } => {
            end_offer(to, agent.as_str(), &word(end))
        }
        Event::Assigned {
            assignment,
            agent,
            channel,
            offered,
            ..
        } => {
            end_offer(to, agent.as_str(), "taken")?;
            to.run(
                "INSERT OR IGNORE INTO assignments (assignment, interaction, agent, channel, offered_at, started_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![assignment.to_string(), id, agent.as_str(), word(channel), sql(offered.0), at],
            )
        }
        Event::WrapUpStarted { assignment, .. } => to.run(
            "UPDATE assignments SET wrap_up_at = ?2 WHERE assignment = ?1",
            params![assignment.to_string(), at],
        ),
        Event::AssignmentEnded {
            assignment,
            disposition,
            note,
            reason,
            ..
        } => to.run(
            "UPDATE assignments SET ended_at = ?2, disposition = ?3, note = ?4, reason = ?5 WHERE assignment = ?1",
            params![assignment.to_string(), at, disposition, note, reason],
        ),
        other => {
            debug_assert!(false, "{other:?} is folded elsewhere");
            Ok(0)
        }
    }
    .map(drop)
}

fn end_offer(to: &To<'_>, agent: &str, end: &str) -> Result<usize> {
    to.run(
        "UPDATE offers SET ended_at = ?3, end = ?4
         WHERE row = (SELECT max(row) FROM offers WHERE interaction = ?1 AND agent = ?2 AND end IS NULL)",
        params![to.interaction, agent, to.at, end],
    )
}

fn wait(to: &To<'_>, event: &Event) -> Result<usize> {
    let Event::Queued {
        channel,
        queue,
        since,
        callback,
        ..
    } = event
    else {
        return Ok(0);
    };
    let callback = callback.map(|callback| callback.to_string());
    let open = "SELECT 1 FROM waits WHERE interaction = ?1 AND left_at IS NULL";
    if to.one::<i64>(open, [&to.interaction])?.is_some() {
        return Ok(0);
    }
    to.run(
        "INSERT OR IGNORE INTO waits (row, interaction, channel, queue, callback, since, entered_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![to.row, to.interaction, word(channel), queue.as_str(), callback, sql(since.0), to.at],
    )
}
