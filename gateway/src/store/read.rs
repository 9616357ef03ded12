//! What the API and the command line read: records from the journal, lists from the projections.

use anyhow::Context;
use hub::{Event, Fact};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use utoipa::ToSchema;
use ws::id::{CallbackId, InteractionId, Timestamp};

use super::{matters, project, record::Record};
use crate::auth::cursor::Place;

/// One line of a list of interactions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InteractionLine {
    /// Which.
    pub interaction: String,
    /// When it began.
    pub opened_at: i64,
    /// When the contact ended.
    pub ended_at: Option<i64>,
    /// When it became complete.
    pub sealed_at: Option<i64>,
    /// What it began on.
    pub channel: String,
    /// Where it waited.
    pub queue: String,
    /// The part of the website it came by.
    pub zone: Option<String>,
    /// Whose matter it is.
    pub customer: String,
    /// What the customer is called: their name, else their number or mail address.
    pub who: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// The interaction it is part of, where the two turned out to be one matter.
    pub merged_into: Option<String>,
}

/// One promised call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CallbackLine {
    /// Which.
    pub callback: String,
    /// In which interaction.
    pub interaction: String,
    /// Where it waits for an agent.
    pub queue: String,
    /// Whom.
    pub number: String,
    /// Their name, where it is known.
    pub name: Option<String>,
    /// When it is or was next due.
    pub due: i64,
    /// Not after this time.
    pub until: Option<i64>,
    /// The customer's time zone, where it was told.
    pub zone: Option<String>,
    /// Whose promise it is.
    pub owner: Option<String>,
    /// Whom it dials first, where it was told.
    pub order: Option<String>,
    /// Since when the customer waited already, where the place is kept.
    pub waiting_since: Option<i64>,
    /// How many seconds before the call the customer is reminded, where they are.
    pub remind: Option<i64>,
    /// When they were; not yet, where the call was moved since.
    pub reminded_at: Option<i64>,
    /// When it was promised.
    pub promised_at: i64,
    /// `promised`, `dialling`, `retrying` or `ended`.
    pub state: String,
    /// How often it was dialled.
    pub attempts: u8,
    /// How it ended.
    pub end: Option<String>,
    /// When.
    pub ended_at: Option<i64>,
}

/// Returns all facts of an interaction, in order.
pub fn facts(connection: &Connection, interaction: InteractionId) -> anyhow::Result<Vec<Fact>> {
    let id = interaction.to_string();
    // What is not folded yet has no index; it is a short tail.
    let mut statement = connection.prepare_cached(
        "SELECT row, fact FROM journal_of JOIN journal USING (row) WHERE journal_of.interaction = ?1
         UNION SELECT row, fact FROM journal WHERE interaction = ?1
            AND row > coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'projected'), 0)
         ORDER BY row",
    )?;
    let rows = statement.query_map([id], |row| project::fact(&row.get::<_, String>(1)?))?;
    rows.collect::<rusqlite::Result<_>>()
        .context("reading the journal")
}

/// Returns the record of an interaction, none when there is no such interaction.
pub fn record(
    connection: &Connection,
    interaction: InteractionId,
) -> anyhow::Result<Option<Record>> {
    let Some(mut record) = Record::fold(&facts(connection, interaction)?) else {
        return Ok(None);
    };
    matters::complete(connection, &mut record)?;
    Ok(Some(record))
}

/// Tells whether something happened, in no interaction, since a moment.
pub fn happened_since(
    connection: &Connection,
    since: Timestamp,
    is_it: impl Fn(&Event) -> bool,
) -> anyhow::Result<bool> {
    let mut statement = connection
        .prepare_cached("SELECT fact FROM journal WHERE interaction IS NULL ORDER BY row DESC")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next().context("reading the journal")? {
        let fact = project::fact(&row.get::<_, String>(0)?)?;
        if fact.at < since {
            return Ok(false);
        }
        if is_it(&fact.event) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells whether there is such an interaction in the lists.
pub fn is_listed(connection: &Connection, interaction: InteractionId) -> anyhow::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM interactions WHERE interaction = ?1")?
        .exists([interaction.to_string()])
        .context("looking for an interaction")
}

/// Reads a line.
pub fn interaction_line(row: &Row<'_>) -> rusqlite::Result<InteractionLine> {
    Ok(InteractionLine {
        interaction: row.get("interaction")?,
        opened_at: row.get("opened_at")?,
        ended_at: row.get("ended_at")?,
        sealed_at: row.get("sealed_at")?,
        channel: row.get("channel")?,
        queue: row.get("queue")?,
        zone: row.get("zone")?,
        customer: row.get("customer")?,
        who: row.get("who")?,
        outcome: row.get("outcome")?,
        merged_into: row.get("merged_into")?,
    })
}

/// Which promised calls are wanted; what is none is not asked for.
#[derive(Clone, Debug, Default)]
pub struct CallbacksWanted {
    /// Those that are not over.
    pub open: bool,
    /// Those of one state.
    pub state: Option<String>,
    /// Those to one number.
    pub number: Option<String>,
    /// Those of one agent.
    pub owner: Option<String>,
    /// Those of one queue.
    pub queue: Option<String>,
    /// The soonest due first, not the latest.
    pub soonest: bool,
    /// Those behind this place.
    pub after: Option<Place>,
    /// How many.
    pub limit: u32,
}

/// Where the interaction of a promise waited last, which may have been sent on; where it began, until it waits.
const QUEUE: &str = "coalesce((SELECT waits.queue FROM waits WHERE waits.interaction = callbacks.interaction ORDER BY waits.row DESC LIMIT 1),
     interactions.queue)";

/// Asks for promised calls as they are told.
fn promises(which: &str) -> String {
    format!(
        "SELECT callbacks.*, until, callback_plans.zone AS zone, owner, call_order, place, remind, reminded_at, {QUEUE} AS queue,
         coalesce(interactions.name, (SELECT known.name FROM customers AS known WHERE known.customer = interactions.customer)) AS name
         FROM callbacks JOIN interactions USING (interaction) LEFT JOIN callback_plans USING (callback) {which}"
    )
}

/// Returns promised calls, the latest due first unless the soonest are wanted first.
pub fn callbacks(
    connection: &Connection,
    wanted: &CallbacksWanted,
) -> anyhow::Result<Vec<CallbackLine>> {
    let (behind, way) = if wanted.soonest {
        (">", "ASC")
    } else {
        ("<", "DESC")
    };
    let mut statement = connection.prepare_cached(&promises(&format!(
        "WHERE (NOT ?1 OR state <> 'ended') AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR number = ?3)
           AND (?4 IS NULL OR owner = ?4) AND (?5 IS NULL OR {QUEUE} = ?5)
           AND (?6 IS NULL OR (due, callback) {behind} (?6, ?7))
         ORDER BY due {way}, callback {way} LIMIT ?8"
    )))?;
    let due = wanted.after.map(|place| place.due);
    let after = wanted.after.map(|place| place.callback.to_string());
    let rows = statement.query_map(
        params![
            wanted.open,
            wanted.state,
            wanted.number,
            wanted.owner,
            wanted.queue,
            due,
            after,
            wanted.limit
        ],
        callback_line,
    )?;
    rows.collect::<rusqlite::Result<_>>()
        .context("listing callbacks")
}

/// Returns one promised call.
pub fn callback(
    connection: &Connection,
    callback: CallbackId,
) -> anyhow::Result<Option<CallbackLine>> {
    connection
        .prepare_cached(&promises("WHERE callback = ?1"))?
        .query_row([callback.to_string()], callback_line)
        .optional()
        .context("reading a callback")
}

fn callback_line(row: &Row<'_>) -> rusqlite::Result<CallbackLine> {
    Ok(CallbackLine {
        callback: row.get("callback")?,
        interaction: row.get("interaction")?,
        queue: row.get("queue")?,
        number: row.get("number")?,
        name: row.get("name")?,
        due: row.get("due")?,
        until: row.get("until")?,
        zone: row.get("zone")?,
        owner: row.get("owner")?,
        order: row.get("call_order")?,
        waiting_since: row.get("place")?,
        remind: row.get("remind")?,
        reminded_at: row.get("reminded_at")?,
        promised_at: row.get("promised_at")?,
        state: row.get("state")?,
        attempts: row.get("attempts")?,
        end: row.get("end")?,
        ended_at: row.get("ended_at")?,
    })
}
