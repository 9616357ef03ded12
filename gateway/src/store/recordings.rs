//! Finding recordings: by when they began, by who was in the contact, in pages from the newest.

use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use serde::Serialize;
use utoipa::ToSchema;
use ws::id::RecordingId;

use super::search;

/// Why there is none of a contact whose customer refused to be recorded.
pub const REFUSED: &str = "the customer did not want it";

/// One line of a list of recordings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordingLine {
    /// Which.
    pub recording: String,
    /// In which interaction.
    pub interaction: String,
    /// Its number in it, from 1.
    pub n: u16,
    /// Since when.
    pub started_at: i64,
    /// Until when; none while it goes on.
    pub ended_at: Option<i64>,
    /// What it is; none where there is no file: it failed, goes on, or was deleted.
    pub mediatype: Option<String>,
    /// Its length in milliseconds.
    pub ms: Option<i64>,
    /// Its size.
    pub bytes: Option<i64>,
    /// How much of it is missing, in milliseconds.
    pub lost_ms: Option<i64>,
    /// Whether a crash cut it.
    pub cut: bool,
    /// Why there is none.
    pub failed: Option<String>,
    /// When it became a message that its caller left; none where it is none.
    pub message_left_at: Option<i64>,
    /// Where the contact began.
    pub queue: String,
    /// Who had the contact, in order.
    pub agents: Vec<String>,
    /// The customer's number, as far as known.
    pub number: Option<String>,
    /// The customer's name, as far as known.
    pub name: Option<String>,
}

/// What is looked for; all of it must fit.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// A queue the contact waited in.
    pub queue: Option<String>,
    /// An agent who had it.
    pub agent: Option<String>,
    /// A number of the customer in it.
    pub number: Option<String>,
    /// Begun at this time or later, in milliseconds since 1970.
    pub from: Option<i64>,
    /// Begun before this time.
    pub to: Option<i64>,
    /// Those that can be heard.
    pub whole: bool,
    /// Older than this one.
    pub after: Option<RecordingId>,
    /// How many.
    pub limit: u32,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The newest first.
    pub lines: Vec<RecordingLine>,
    /// The last that was looked at, where there may be more that fit behind it and the page is not full.
    pub until: Option<RecordingId>,
}

/// How many recordings are looked through at most for one page, where what is looked for is common.
const LOOKED: i64 = 10_000;

const LINE: &str = "SELECT recordings.*, interactions.queue AS queue,
     (SELECT json_group_array(agent) FROM (SELECT agent FROM assignments
        WHERE assignments.interaction = recordings.interaction GROUP BY agent ORDER BY min(started_at))) AS agents,
     (SELECT party FROM legs WHERE legs.interaction = recordings.interaction AND kind = 'customer_phone'
        AND party IS NOT NULL ORDER BY started_at LIMIT 1) AS number,
     coalesce(interactions.name, (SELECT known.name FROM customers AS known WHERE known.customer = interactions.customer)) AS name";

/// Returns what fits, the newest first, as far as was looked.
pub fn find(connection: &Connection, wanted: &Wanted) -> anyhow::Result<Found> {
    let mut query = Query::default();
    query.times(connection, wanted)?;
    let stopped = query.last_looked_at(connection)?;
    query.keys(connection, wanted)?;
    let stopped = stopped.filter(|_| !query.led);
    if let Some((row, _)) = stopped {
        query.end_at(row);
    }
    let limit = query.value(i64::from(wanted.limit));
    let text = format!(
        "{LINE} FROM {} WHERE {} ORDER BY recordings.row DESC LIMIT {limit}",
        query.from(),
        query.condition(),
    );
    let mut statement = connection.prepare_cached(&text)?;
    let rows = statement.query_map(&query.values()[..], line)?;
    let lines: Vec<_> = rows
        .collect::<rusqlite::Result<_>>()
        .context("finding recordings")?;
    let full = lines.len() as u64 >= u64::from(wanted.limit);
    Ok(Found {
        lines,
        until: stopped.filter(|_| !full).map(|(_, last)| last),
    })
}

/// Returns which of them were given up, or refused: no file of theirs is to be.
pub fn given_up(
    connection: &Connection,
    recordings: Vec<RecordingId>,
) -> anyhow::Result<Vec<RecordingId>> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM recordings WHERE interaction = ?1 AND n = ?2 AND failed IS NOT NULL AND mediatype IS NULL",
    )?;
    let mut found = Vec::new();
    for recording in recordings {
        if statement.exists((recording.interaction.to_string(), recording.n))? {
            found.push(recording);
        }
    }
    Ok(found)
}

/// A query as it grows.
#[derive(Default)]
struct Query {
    led: bool,
    conditions: Vec<String>,
    values: Vec<Box<dyn ToSql>>,
}

impl Query {
    fn from(&self) -> &'static str {
        match self.led {
            true => {
                "found_by AS lead CROSS JOIN interactions ON interactions.row = lead.row
                CROSS JOIN recordings ON recordings.interaction = interactions.interaction"
            }
            false => "recordings JOIN interactions USING (interaction)",
        }
    }

    fn condition(&self) -> String {
        match self.conditions.is_empty() {
            true => "1".to_owned(),
            false => self.conditions.join(" AND "),
        }
    }

    fn values(&self) -> Vec<&dyn ToSql> {
        self.values.iter().map(AsRef::as_ref).collect()
    }

    // The last recording that is looked at where none leads, by times alone; none where there are not so many.
    fn last_looked_at(
        &self,
        connection: &Connection,
    ) -> anyhow::Result<Option<(i64, RecordingId)>> {
        let text = format!(
            "SELECT row, interaction, n FROM recordings WHERE {} ORDER BY row DESC LIMIT 1 OFFSET {}",
            self.condition(),
            LOOKED - 1
        );
        let mut statement = connection.prepare_cached(&text)?;
        let last = statement.query_row(&self.values()[..], |row| {
            Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?))
        });
        let last = last.optional().context("looking through recordings")?;
        let Some((row, interaction, n)) = last else {
            return Ok(None);
        };
        let interaction = interaction.parse().ok();
        let interaction = interaction.context("reading an interaction's id")?;
        Ok(Some((row, RecordingId { interaction, n })))
    }

    fn end_at(&mut self, row: i64) {
        let row = self.value(row);
        self.conditions.push(format!("recordings.row >= {row}"));
    }

    fn value(&mut self, value: impl ToSql + 'static) -> String {
        self.values.push(Box::new(value));
        format!("?{}", self.values.len())
    }

    // What few interactions have leads; else the newest recordings are looked through until the page is full.
    fn keys(&mut self, connection: &Connection, wanted: &Wanted) -> anyhow::Result<()> {
        let mut keys: Vec<(&'static str, String)> = Vec::new();
        keys.extend(wanted.number.clone().map(|number| ("number", number)));
        keys.extend(wanted.agent.clone().map(|agent| ("agent", agent)));
        keys.extend(wanted.queue.clone().map(|queue| ("queue", queue)));
        if let Some(rarest) = search::few(connection, &keys)? {
            let (kind, value) = keys.remove(rarest);
            let (kind, value) = (self.value(kind), self.value(value));
            self.led = true;
            self.conditions
                .push(format!("lead.kind = {kind} AND lead.value = {value}"));
        }
        for (kind, value) in keys {
            let (kind, value) = (self.value(kind), self.value(value));
            self.conditions.push(format!(
                "EXISTS (SELECT 1 FROM found_by WHERE kind = {kind} AND value = {value} AND row = interactions.row)"
            ));
        }
        if wanted.whole {
            self.conditions.push("mediatype IS NOT NULL".to_owned());
        }
        Ok(())
    }

    // Times follow rows, so that a time is a place in the order.
    fn times(&mut self, connection: &Connection, wanted: &Wanted) -> anyhow::Result<()> {
        if let Some(time) = wanted.from {
            let time = self.value(time);
            self.conditions.push(format!(
                "recordings.row >= coalesce((SELECT row FROM recordings WHERE started_at >= {time} ORDER BY started_at, row LIMIT 1), 9e18)"
            ));
        }
        if let Some(time) = wanted.to {
            let time = self.value(time);
            self.conditions.push(format!(
                "recordings.row <= coalesce((SELECT row FROM recordings WHERE started_at < {time} ORDER BY started_at DESC, row DESC LIMIT 1), 0)"
            ));
        }
        if let Some(after) = wanted.after {
            let row = self.value(place(connection, after)?);
            self.conditions.push(format!("recordings.row < {row}"));
        }
        Ok(())
    }
}

/// Tells whether there is such a recording in the list.
pub fn is_listed(connection: &Connection, recording: RecordingId) -> anyhow::Result<bool> {
    Ok(place(connection, recording)? > 0)
}

// One that is not known is before all others: nothing is older.
fn place(connection: &Connection, recording: RecordingId) -> anyhow::Result<i64> {
    let row = connection
        .prepare_cached("SELECT row FROM recordings WHERE interaction = ?1 AND n = ?2")?
        .query_row((recording.interaction.to_string(), recording.n), |row| {
            row.get(0)
        })
        .optional()
        .context("finding a recording")?;
    Ok(row.unwrap_or(0))
}

fn line(row: &Row<'_>) -> rusqlite::Result<RecordingLine> {
    let interaction: String = row.get("interaction")?;
    let n: u16 = row.get("n")?;
    let agents: String = row.get("agents")?;
    Ok(RecordingLine {
        recording: format!("{interaction}.r{n}"),
        interaction,
        n,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        mediatype: row.get("mediatype")?,
        ms: row.get("ms")?,
        bytes: row.get("bytes")?,
        lost_ms: row.get("lost_ms")?,
        cut: row.get("cut")?,
        failed: row.get("failed")?,
        message_left_at: row.get("message_left_at")?,
        queue: row.get("queue")?,
        agents: serde_json::from_str(&agents).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(
                0,
                rusqlite::types::Type::Text,
                Box::new(error),
            )
        })?,
        number: row.get("number")?,
        name: row.get("name")?,
    })
}
