//! Interactions that are one matter, as they are read: the one that stayed, and those that are part of it.

use anyhow::Context;
use hub::Fact;
use rusqlite::{Connection, Row};
use serde::Serialize;
use utoipa::ToSchema;
use ws::id::{CustomerId, InteractionId};

use super::{read, record::Record};

/// One merge of two interactions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MatterLine {
    /// The interaction that stayed.
    pub kept: String,
    /// The interaction that became part of it.
    pub merged: String,
    /// When.
    pub at: i64,
    /// `agent`, `program` or `system`.
    pub author: String,
    /// Which agent.
    pub agent: Option<String>,
    /// Which program, by the name of its API token.
    pub program: Option<String>,
    /// Why.
    pub reason: String,
    /// When it was taken back.
    pub undone_at: Option<i64>,
    /// Who took it back: `agent`, `program` or `system`.
    pub undone_author: Option<String>,
    /// Which agent.
    pub undone_agent: Option<String>,
    /// Which program, by the name of its API token.
    pub undone_program: Option<String>,
    /// Why.
    pub undone_reason: Option<String>,
}

/// Adds to a record what is part of it, and how that came about.
pub fn complete(connection: &Connection, record: &mut Record) -> anyhow::Result<()> {
    let id = record.interaction.to_string();
    record.merges = merges(connection, &id)?;
    record.merged_into = one(connection, &id)?;
    for part in parts(connection, &id)? {
        record.merged.extend(read::record(connection, part)?);
    }
    Ok(())
}

/// Returns all facts of an interaction and of those that are part of it, in order.
pub fn facts(connection: &Connection, interaction: InteractionId) -> anyhow::Result<Vec<Fact>> {
    let mut facts = read::facts(connection, interaction)?;
    for part in parts(connection, &interaction.to_string())? {
        facts.extend(self::facts(connection, part)?);
    }
    facts.sort_by_key(|fact| fact.at);
    Ok(facts)
}

/// Returns contacts of a record, with what was merged into it, that are parts of another's, and those of others that are parts of
/// theirs: 10 at most.
pub fn across(connection: &Connection, customer: CustomerId) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE theirs (record) AS (SELECT ?1 UNION SELECT customer FROM customers JOIN theirs ON merged_into = record)
         SELECT part.interaction FROM interactions AS part JOIN interactions AS whole ON part.merged_into = whole.interaction
         WHERE (part.customer IN theirs) <> (whole.customer IN theirs) ORDER BY part.row LIMIT 10",
    )?;
    let rows = statement.query_map([customer.to_string()], |row| row.get(0))?;
    rows.collect::<rusqlite::Result<_>>()
        .context("reading merged contacts")
}

// Only those that are part of none are merged into others, so that this comes to an end.
fn parts(connection: &Connection, interaction: &str) -> anyhow::Result<Vec<InteractionId>> {
    let mut statement = connection.prepare_cached(
        "SELECT interaction FROM interactions WHERE merged_into = ?1 ORDER BY row",
    )?;
    let rows = statement.query_map([interaction], |row| row.get::<_, String>(0))?;
    rows.map(|id| {
        let id = id.context("reading what is part of an interaction")?;
        id.parse().ok().context("reading an interaction's id")
    })
    .collect()
}

fn one(connection: &Connection, interaction: &str) -> anyhow::Result<Option<InteractionId>> {
    let mut statement =
        connection.prepare_cached("SELECT merged_into FROM interactions WHERE interaction = ?1")?;
    let mut rows = statement.query([interaction])?;
    let found: Option<String> = match rows.next()? {
        Some(row) => row.get(0)?,
        None => None,
    };
    found
        .map(|id| id.parse().ok().context("reading an interaction's id"))
        .transpose()
}

fn merges(connection: &Connection, interaction: &str) -> anyhow::Result<Vec<MatterLine>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM matters WHERE merged = ?1 UNION SELECT * FROM matters WHERE kept = ?1
         ORDER BY row DESC",
    )?;
    let rows = statement.query_map([interaction], line)?;
    rows.collect::<rusqlite::Result<_>>()
        .context("reading the merges of an interaction")
}

fn line(row: &Row<'_>) -> rusqlite::Result<MatterLine> {
    Ok(MatterLine {
        kept: row.get("kept")?,
        merged: row.get("merged")?,
        at: row.get("at")?,
        author: row.get("author")?,
        agent: row.get("agent")?,
        program: row.get("program")?,
        reason: row.get("reason")?,
        undone_at: row.get("undone_at")?,
        undone_author: row.get("undone_author")?,
        undone_agent: row.get("undone_agent")?,
        undone_program: row.get("undone_program")?,
        undone_reason: row.get("undone_reason")?,
    })
}
