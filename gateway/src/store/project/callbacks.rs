//! Promises to call, and attempts.

use hub::{Event, event::CallbackEnd};
use rusqlite::{Result, params};
use ws::id::Timestamp;

use super::{To, sql};
use crate::store::attempts;

pub(super) fn fold(to: &To<'_>, event: &Event) -> Result<()> {
    let (id, at) = (&to.interaction, to.at);
    match event {
        Event::CallbackPromised {
            callback,
            number,
            due,
            ..
        } => {
            to.run(
                "INSERT OR IGNORE INTO callbacks VALUES (?1, ?2, ?3, ?4, ?5, 'promised', 0, NULL, NULL)",
                params![callback.to_string(), id, number.as_str(), sql(due.0), at],
            )
        }
        Event::CallbackAttempted {
            callback, attempt, ..
        } => {
            to.run(
                "UPDATE callbacks SET state = 'dialling', attempts = ?2 WHERE callback = ?1",
                params![callback.to_string(), attempt],
            )
        }
        Event::CallbackAttemptFailed {
            callback,
            cause,
            due,
            ..
        } => {
            to.run(
                "UPDATE callbacks SET state = 'retrying', due = coalesce(?2, due), attempts = attempts - ?3 WHERE callback = ?1",
                params![
                    callback.to_string(),
                    due.map(|due: Timestamp| sql(due.0)),
                    cause.is_for_room()
                ],
            )
        }
        Event::CallbackEnded { callback, end } => to.run(
            "UPDATE callbacks SET state = 'ended', end = ?2, ended_at = ?3 WHERE callback = ?1",
            params![callback.to_string(), ending(end), at],
        ),
        Event::CallbackMoved { .. } | Event::CallbackReminded { .. } => Ok(0),
        other => {
            debug_assert!(false, "{other:?} is folded elsewhere");
            Ok(0)
        }
    }?;
    attempts::fold(to.tables, at, event)?;
    attempts::fold_plan(to.tables, at, event)
}

/// Returns the word for how a callback ended.
pub fn ending(end: &CallbackEnd) -> &'static str {
    match end {
        CallbackEnd::Reached => "reached",
        CallbackEnd::Voicemail => "voicemail",
        CallbackEnd::CalledIn => "called_in",
        CallbackEnd::Cancelled { .. } => "cancelled",
        CallbackEnd::GivenUp => "given_up",
        CallbackEnd::Suppressed => "suppressed",
        CallbackEnd::Denied => "denied",
        CallbackEnd::Missed => "missed",
        CallbackEnd::Moved { .. } => "moved",
    }
}
