//! The attempts of promised calls, as they are kept and read.

use anyhow::Context;
use hub::{Event, event::CallbackEnd};
use rusqlite::{Connection, Result, Transaction, params};
use serde::Serialize;
use utoipa::ToSchema;
use ws::id::CallbackId;

use super::{
    project::{sql, word},
    read,
};

/// One dialling of a promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttemptLine {
    /// Which, from 1.
    pub attempt: u8,
    /// When it was made.
    pub at: i64,
    /// The agent who was to talk.
    pub agent: String,
    /// When it was over, or reached the customer.
    pub ended_at: Option<i64>,
    /// `reached`, or what kept it: `busy`, `no_answer`, `rejected`, `unreachable`, `unwanted`, `interrupted` and others.
    pub result: Option<String>,
    /// The SIP status of that.
    pub status: Option<u16>,
    /// In words.
    pub reason: Option<String>,
}

/// Folds what an event says of an attempt.
pub(super) fn fold(to: &Transaction<'_>, at: i64, event: &Event) -> Result<()> {
    match event {
        Event::CallbackAttempted {
            callback,
            attempt,
            agent,
            ..
        } => to
            .prepare_cached(
                "INSERT OR IGNORE INTO callback_attempts (callback, attempt, at, agent) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![callback.to_string(), attempt, at, agent.as_str()])
            .map(drop),
        // Nobody was called, and the next has its number.
        Event::CallbackAttemptFailed {
            callback,
            attempt,
            cause,
            ..
        } if cause.is_for_room() => to
            .prepare_cached(
                "DELETE FROM callback_attempts WHERE callback = ?1 AND attempt = ?2",
            )?
            .execute(params![callback.to_string(), attempt])
            .map(drop),
        Event::CallbackAttemptFailed {
            callback,
            attempt,
            cause,
            ..
        } => to
            .prepare_cached(
                "UPDATE callback_attempts SET ended_at = ?3, result = ?4, status = ?5, reason = ?6
                 WHERE callback = ?1 AND attempt = ?2",
            )?
            .execute(params![
                callback.to_string(),
                attempt,
                at,
                word(&cause.kind),
                cause.status,
                cause.text
            ])
            .map(drop),
        Event::CallbackEnded { callback, end } => finish(to, at, *callback, end),
        _ => Ok(()),
    }
}

fn finish(to: &Transaction<'_>, at: i64, callback: CallbackId, end: &CallbackEnd) -> Result<()> {
    let result = match end {
        // What was reached turned out to be one, and nobody else was.
        CallbackEnd::Voicemail => {
            return to
                .prepare_cached(
                    "UPDATE callback_attempts SET result = 'voicemail', reason = ?2
                     WHERE callback = ?1 AND result = 'reached'",
                )?
                .execute(params![callback.to_string(), end.words()])
                .map(drop);
        }
        CallbackEnd::Reached => "reached",
        CallbackEnd::CalledIn
        | CallbackEnd::Cancelled { .. }
        | CallbackEnd::GivenUp
        | CallbackEnd::Suppressed
        | CallbackEnd::Denied
        | CallbackEnd::Missed
        | CallbackEnd::Moved { .. } => "broken_off",
    };
    to.prepare_cached(
        "UPDATE callback_attempts SET ended_at = ?2, result = ?3, reason = ?4
         WHERE callback = ?1 AND ended_at IS NULL",
    )?
    .execute(params![callback.to_string(), at, result, end.words()])
    .map(drop)
}

/// Returns the attempts of a promise, in order.
pub fn of(connection: &Connection, callback: CallbackId) -> anyhow::Result<Vec<AttemptLine>> {
    let mut statement = connection
        .prepare_cached("SELECT * FROM callback_attempts WHERE callback = ?1 ORDER BY attempt")?;
    let rows = statement.query_map([callback.to_string()], |row| {
        Ok(AttemptLine {
            attempt: row.get("attempt")?,
            at: row.get("at")?,
            agent: row.get("agent")?,
            ended_at: row.get("ended_at")?,
            result: row.get("result")?,
            status: row.get("status")?,
            reason: row.get("reason")?,
        })
    })?;
    rows.collect::<Result<_>>().context("reading attempts")
}

/// The most interactions a promise is followed through, each part of the next.
const MERGES: usize = 20;

/// Returns as which a promise stands now: it goes along when its interaction becomes part of another. One that went along with
/// a call is no longer theirs who asked for it.
pub fn stands(connection: &Connection, callback: CallbackId) -> anyhow::Result<CallbackId> {
    let mut stands = callback;
    for _ in 0..MERGES {
        let facts = read::facts(connection, stands.interaction)?;
        let moved = facts.iter().find_map(|fact| match &fact.event {
            Event::CallbackEnded {
                callback,
                end: CallbackEnd::Moved { to },
            } if *callback == stands => Some(*to),
            _ => None,
        });
        match moved {
            Some(to) if became_part(connection, stands)? => stands = to,
            Some(_) | None => break,
        }
    }
    Ok(stands)
}

fn became_part(connection: &Connection, callback: CallbackId) -> anyhow::Result<bool> {
    let asked = "SELECT EXISTS (SELECT 1 FROM matters WHERE merged = ?1)";
    let interaction = callback.interaction.to_string();
    let found = connection.query_row(asked, [interaction], |row| row.get(0));
    found.context("reading whether a contact became part of another")
}

/// Folds what an event says of how a promise is to be kept.
pub(super) fn fold_plan(to: &Transaction<'_>, at: i64, event: &Event) -> Result<()> {
    if let Event::CallbackReminded { callback, .. } = event {
        let mut statement =
            to.prepare_cached("UPDATE callback_plans SET reminded_at = ?2 WHERE callback = ?1")?;
        return statement
            .execute(params![callback.to_string(), at])
            .map(drop);
    }
    let (Event::CallbackPromised {
        callback,
        due,
        plan,
        ..
    }
    | Event::CallbackMoved {
        callback,
        due,
        plan,
        ..
    }) = event
    else {
        return Ok(());
    };
    to.prepare_cached(
        "INSERT OR REPLACE INTO callback_plans VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL)",
    )?
    .execute(params![
        callback.to_string(),
        plan.until.map(|until| sql(until.0)),
        plan.zone,
        plan.owner.as_ref().map(|owner| owner.as_str()),
        plan.order.as_ref().map(word),
        plan.place.map(|place| sql(place.0)),
        plan.remind.map(sql),
    ])?;
    to.prepare_cached("UPDATE callbacks SET due = ?2, state = 'promised' WHERE callback = ?1")?
        .execute(params![callback.to_string(), sql(due.0)])
        .map(drop)
}
