//! The projections: SQL tables folded from the journal, a chunk at a time, each chunk with its mark in one transaction.

use super::{attempts, consents, satisfaction};
use hub::{
    Event, Fact,
    event::{CallbackEnd, Party},
    input::Cause,
};
use rusqlite::{Connection, OptionalExtension, Result, Transaction, params};
use serde::Serialize;
use ws::{
    id::{InteractionId, LegId, Timestamp},
    timeline::Author,
};

/// How many rows are folded in one transaction, so that the next append never waits long.
pub const CHUNK: usize = 64;

/// Folds the next rows; tells whether there may be more.
pub fn fold_chunk(connection: &mut Connection) -> Result<bool> {
    let transaction = connection.transaction()?;
    let mut mark = mark(&transaction)?;
    let rows = {
        let mut statement = transaction
            .prepare_cached("SELECT row, fact FROM journal WHERE row > ?1 ORDER BY row LIMIT ?2")?;
        let rows = statement.query_map(params![mark, sql(CHUNK as u64)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        rows.collect::<Result<Vec<(i64, String)>>>()?
    };
    for (row, text) in &rows {
        fold(&transaction, *row, &fact(text)?)?;
        mark = *row;
    }
    if !rows.is_empty() {
        transaction
            .prepare_cached("INSERT INTO meta VALUES ('projected', ?1) ON CONFLICT DO UPDATE SET value = excluded.value")?
            .execute([mark.to_string()])?;
    }
    transaction.commit()?;
    Ok(rows.len() == CHUNK)
}

/// Returns the last row that was folded, 0 for none.
fn mark(connection: &Connection) -> Result<i64> {
    let text: Option<String> = connection
        .prepare_cached("SELECT value FROM meta WHERE key = 'projected'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Reads a fact as the journal has it.
pub fn fact(text: &str) -> Result<Fact> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// Returns a number as SQLite keeps it. What does not fit is beyond any time or count there is.
pub fn sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn fold(to: &Transaction<'_>, row: i64, fact: &Fact) -> Result<()> {
    let at = sql(fact.at.0);
    match fact.interaction {
        Some(interaction) => {
            to.prepare_cached("INSERT OR IGNORE INTO journal_of VALUES (?1, ?2)")?
                .execute(params![interaction.to_string(), row])?;
            fold_interaction(to, row, interaction, at, fact)
        }
        None => match &fact.event {
            Event::ConsentChanged(said) => consents::fold(to, row, at, None, said),
            event => fold_agent(to, row, event).and_then(|()| fold_customer(to, row, at, event)),
        },
    }
}

fn fold_interaction(
    to: &Transaction<'_>,
    row: i64,
    interaction: InteractionId,
    at: i64,
    fact: &Fact,
) -> Result<()> {
    let id = interaction.to_string();
    match &fact.event {
        Event::Opened {
            channel,
            queue,
            zone,
            customer,
            ..
        } => {
            keep(to, row)?;
            to.prepare_cached(
                "INSERT OR IGNORE INTO interactions (interaction, opened_at, channel, queue, zone, customer)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                id,
                at,
                word(channel),
                queue.as_str(),
                zone.as_ref().map(|zone| zone.as_str()),
                customer.to_string()
            ])?;
        }
        Event::CustomerKnown { .. } => fold_customer(to, row, at, &fact.event)?,
        Event::ConsentChanged(said) => consents::fold(to, row, at, Some(&id), said)?,
        Event::Ended { .. } => {
            keep(to, row)?;
            to.prepare_cached("UPDATE interactions SET ended_at = ?2 WHERE interaction = ?1")?
                .execute(params![id, at])?;
        }
        Event::Sealed { outcome, .. } => {
            keep(to, row)?;
            to.prepare_cached(
                "UPDATE interactions SET sealed_at = ?2, outcome = ?3 WHERE interaction = ?1",
            )?
            .execute(params![id, at, outcome])?;
        }
        Event::Said { from, mid, text } => {
            let (author, agent) = match from {
                Author::Customer => ("customer", None),
                Author::Agent { agent, .. } => ("agent", Some(agent.as_str())),
                Author::System => ("system", None),
            };
            let seq = sql(fact.seq.map_or(0, |seq| seq.0));
            to.prepare_cached(
                "INSERT OR IGNORE INTO messages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![id, seq, at, author, agent, mid.as_str(), text])?;
        }
        other => {
            fold_leg(to, &id, at, other)?;
            fold_callback(to, &id, at, other)?;
            satisfaction::fold(to, row, interaction, fact.at, other)?;
            attempts::fold(to, at, other)?;
            attempts::fold_plan(to, other)?;
        }
    }
    Ok(())
}

/// Marks a row as one a restart needs.
pub(super) fn keep(to: &Transaction<'_>, row: i64) -> Result<()> {
    to.prepare_cached("INSERT OR IGNORE INTO kept_rows VALUES (?1)")?
        .execute([row])
        .map(drop)
}

fn fold_customer(to: &Transaction<'_>, row: i64, at: i64, event: &Event) -> Result<()> {
    // How much a customer is worth is no row of a table, and is needed again after a restart.
    if let Event::CustomerValued { .. } = event {
        return keep(to, row);
    }
    let Event::CustomerKnown {
        customer,
        name,
        number,
        mail,
        verified,
        ..
    } = event
    else {
        return Ok(());
    };
    keep(to, row)?;
    to.prepare_cached(
        "INSERT INTO customers VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET
         name = coalesce(excluded.name, name), number = coalesce(excluded.number, number),
         mail = coalesce(excluded.mail, mail), verified = coalesce(excluded.verified, verified)",
    )?
    .execute(params![
        customer.to_string(),
        name,
        number.as_ref().map(|it| it.as_str()),
        mail,
        verified,
        at
    ])
    .map(drop)
}

fn fold_agent(to: &Transaction<'_>, row: i64, event: &Event) -> Result<()> {
    let (agent, kind) = match event {
        Event::PresenceSet { agent, .. } => (agent, "presence"),
        Event::PhoneRegistered { agent, .. } | Event::PhoneGone { agent } => (agent, "phone"),
        _ => return Ok(()),
    };
    to.prepare_cached(
        "INSERT INTO agent_rows VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET row = excluded.row",
    )?
    .execute(params![agent.as_str(), kind, row])
    .map(drop)
}

fn fold_leg(to: &Transaction<'_>, interaction: &str, at: i64, event: &Event) -> Result<()> {
    match event {
        Event::LegStarted {
            leg,
            party,
            cause,
            parent,
        } => {
            let (kind, who, trunk) = describe(party);
            to.prepare_cached(
                "INSERT OR IGNORE INTO legs (leg, interaction, kind, party, trunk, cause, parent, started_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![leg.to_string(), interaction, kind, who, trunk, word(cause), parent.map(text_of), at])
            .map(drop)
        }
        Event::LegAnswered { leg } => to
            .prepare_cached("UPDATE legs SET answered_at = ?2 WHERE leg = ?1")?
            .execute(params![leg.to_string(), at])
            .map(drop),
        Event::LegEnded {
            leg,
            cause: Cause { status, text, .. },
        } => to
            .prepare_cached(
                "UPDATE legs SET ended_at = ?2, reason = ?3, status = ?4 WHERE leg = ?1",
            )?
            .execute(params![leg.to_string(), at, text, status])
            .map(drop),
        _ => Ok(()),
    }
}

fn text_of(leg: LegId) -> String {
    leg.to_string()
}

/// Returns the kind of a party, who it is, and the trunk it is reached by.
pub fn describe(party: &Party) -> (&'static str, Option<String>, Option<String>) {
    match party {
        Party::CustomerPhone { number, trunk } => (
            "customer_phone",
            number.as_ref().map(ToString::to_string),
            trunk.as_ref().map(ToString::to_string),
        ),
        Party::AgentPhone { agent } => ("agent_phone", Some(agent.to_string()), None),
        Party::CustomerChat { visitor } => ("customer_chat", Some(visitor.to_string()), None),
        Party::AgentChat { agent } => ("agent_chat", Some(agent.to_string()), None),
    }
}

fn fold_callback(to: &Transaction<'_>, interaction: &str, at: i64, event: &Event) -> Result<()> {
    match event {
        Event::CallbackPromised { callback, number, due, .. } => to
            .prepare_cached("INSERT OR IGNORE INTO callbacks VALUES (?1, ?2, ?3, ?4, ?5, 'promised', 0, NULL, NULL)")?
            .execute(params![callback.to_string(), interaction, number.as_str(), sql(due.0), at])
            .map(drop),
        Event::CallbackAttempted { callback, attempt, .. } => to
            .prepare_cached("UPDATE callbacks SET state = 'dialling', attempts = ?2 WHERE callback = ?1")?
            .execute(params![callback.to_string(), attempt])
            .map(drop),
        Event::CallbackAttemptFailed { callback, due, .. } => to
            .prepare_cached("UPDATE callbacks SET state = 'retrying', due = coalesce(?2, due) WHERE callback = ?1")?
            .execute(params![callback.to_string(), due.map(|due: Timestamp| sql(due.0))])
            .map(drop),
        Event::CallbackEnded { callback, end } => to
            .prepare_cached("UPDATE callbacks SET state = 'ended', end = ?2, ended_at = ?3 WHERE callback = ?1")?
            .execute(params![callback.to_string(), ending(end), at])
            .map(drop),
        _ => Ok(()),
    }
}

/// Returns the word for how a callback ended.
pub fn ending(end: &CallbackEnd) -> &'static str {
    match end {
        CallbackEnd::Reached => "reached",
        CallbackEnd::CalledIn => "called_in",
        CallbackEnd::Cancelled { .. } => "cancelled",
        CallbackEnd::GivenUp => "given_up",
        CallbackEnd::Suppressed => "suppressed",
        CallbackEnd::Missed => "missed",
    }
}

/// Returns the word a unit-like enum is written as.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}
