//! The projections: SQL tables folded from the journal, a chunk at a time, each chunk with its mark in one transaction of the
//! tables' file. The journal's is only read here.

mod agents;
mod callbacks;
mod customers;
mod interactions;
mod legs;
mod links;
mod recordings;
mod work;

use hub::{Event, Fact, event::InCall};
use rusqlite::{Connection, Result, Transaction, params};
use serde::Serialize;
use ws::timeline::Author;

pub use callbacks::ending;
pub(super) use customers::parts;
pub use interactions::{document, keys, words_of};
pub use legs::{describe, shown};

use super::{consents, recent::Recent, satisfaction};

/// How many rows are folded in one transaction at most, so that nobody who writes to the tables waits long.
const CHUNK: usize = 1_024;

/// How many are when nobody waits, at a start.
const START_CHUNK: usize = 4_096;

/// Folds the next rows, from memory where they are still there; returns the last row that is folded now.
pub fn fold_chunk(connection: &mut Connection, recent: &mut Recent) -> Result<i64> {
    fold_rows(connection, recent, CHUNK).map(|(mark, _)| mark)
}

/// Folds everything; for a start, when nobody waits.
pub fn fold_all(connection: &mut Connection) -> Result<()> {
    while fold_rows(connection, &mut Recent::default(), START_CHUNK)?.1 {}
    Ok(())
}

// What is to be folded is read before, so that no transaction keeps the journal's log from being emptied; nobody else folds
// meanwhile. The mark is written first: whoever writes to the tables at the moment is waited for then.
fn fold_rows(connection: &mut Connection, recent: &mut Recent, most: usize) -> Result<(i64, bool)> {
    let before = mark(connection)?;
    let read;
    let facts: Vec<(i64, &Fact)> = match recent.after(before, most) {
        Some(facts) => facts.collect(),
        None => {
            read = read_back(connection, before, most)?;
            read.iter().map(|(row, fact)| (*row, fact)).collect()
        }
    };
    let Some(&(mark, _)) = facts.last() else {
        return Ok((before, false));
    };
    let more = facts.len() == most;
    let transaction = connection.transaction()?;
    super::note(&transaction, "projected", mark)?;
    for (row, fact) in facts {
        fold(&transaction, row, fact)?;
    }
    transaction.commit()?;
    recent.forget(mark);
    Ok((mark, more))
}

fn read_back(from: &Connection, mark: i64, most: usize) -> Result<Vec<(i64, Fact)>> {
    let mut statement =
        from.prepare_cached("SELECT row, fact FROM journal WHERE row > ?1 ORDER BY row LIMIT ?2")?;
    let rows = statement.query_map(params![mark, sql(most as u64)], |row| {
        Ok((row.get(0)?, fact(&row.get::<_, String>(1)?)?))
    })?;
    rows.collect()
}

/// Returns the last row that was folded, 0 for none.
pub fn mark(connection: &Connection) -> Result<i64> {
    Ok(super::noted(connection, "projected")?.unwrap_or(0))
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

/// Marks a row as one a restart needs, whatever became of its interaction.
pub(super) fn keep(to: &Transaction<'_>, row: i64) -> Result<()> {
    to.prepare_cached("INSERT OR IGNORE INTO kept_rows VALUES (?1)")?
        .execute([row])
        .map(drop)
}

/// Marks a row as one a restart needs for some weeks.
pub(super) fn frame(to: &Transaction<'_>, row: i64) -> Result<()> {
    to.prepare_cached("INSERT OR IGNORE INTO frame_rows VALUES (?1)")?
        .execute([row])
        .map(drop)
}

/// Where a fact is folded to.
struct To<'a> {
    tables: &'a Transaction<'a>,
    /// The fact's row in the journal.
    row: i64,
    at: i64,
    /// The interaction it is in, empty for none.
    interaction: String,
}

impl To<'_> {
    fn run(&self, statement: &str, values: impl rusqlite::Params) -> Result<usize> {
        self.tables.prepare_cached(statement)?.execute(values)
    }

    // Something a restart needs of an interaction that was sealed in the last weeks.
    fn frame(&self) -> Result<()> {
        frame(self.tables, self.row)
    }
}

fn fold(tables: &Transaction<'_>, row: i64, fact: &Fact) -> Result<()> {
    let interaction = fact.interaction.map(|id| id.to_string());
    let to = To {
        tables,
        row,
        at: sql(fact.at.0),
        interaction: interaction.unwrap_or_default(),
    };
    if fact.interaction.is_some() {
        let index = "INSERT OR IGNORE INTO journal_of VALUES (?1, ?2)";
        to.run(index, params![to.interaction, row])?;
    }
    fold_event(&to, fact)?;
    if fact.interaction.is_some() {
        for (kind, value) in keys(&fact.event) {
            to.find(kind, &value)?;
        }
    }
    Ok(())
}

#[expect(clippy::too_many_lines, reason = "every fact has its line")]
fn fold_event(to: &To<'_>, fact: &Fact) -> Result<()> {
    match &fact.event {
        Event::Opened { .. }
        | Event::ExternalId { .. }
        | Event::Said { .. }
        | Event::FileShared { .. }
        | Event::MessageEdited { .. }
        | Event::MessageDeleted { .. }
        | Event::Ended { .. }
        | Event::Sealed { .. } => interactions::fold(to, fact),
        Event::CustomerKnown { .. }
        | Event::CustomersMerged { .. }
        | Event::CustomersUnmerged { .. }
        | Event::CustomerNoted { .. }
        | Event::CustomerLinked { .. }
        | Event::CustomerValued { .. }
        | Event::CustomerErased { .. } => customers::fold(to, &fact.event),
        Event::InteractionsMerged { .. } | Event::InteractionsUnmerged { .. } => {
            links::fold(to, &fact.event)
        }
        Event::LegStarted { .. }
        | Event::LegAnswered { .. }
        | Event::LegEnded { .. }
        | Event::InCall(InCall::Rerouted { .. } | InCall::Redirected { .. }) => {
            legs::fold(to, &fact.event)
        }
        Event::Queued { .. }
        | Event::Dequeued { .. }
        | Event::Offered { .. }
        | Event::OfferEnded { .. }
        | Event::Assigned { .. }
        | Event::WrapUpStarted { .. }
        | Event::AssignmentEnded { .. } => work::fold(to, &fact.event),
        Event::CallbackPromised { .. }
        | Event::CallbackAttempted { .. }
        | Event::CallbackAttemptFailed { .. }
        | Event::CallbackMoved { .. }
        | Event::CallbackReminded { .. }
        | Event::CallbackEnded { .. } => callbacks::fold(to, &fact.event),
        Event::PresenceSet { .. }
        | Event::PhoneRegistered { .. }
        | Event::PhoneGone { .. }
        | Event::MemoSent { .. }
        | Event::MemosRead { .. } => agents::fold(to, &fact.event),
        Event::ConsentChanged(said) => {
            let interaction = Some(to.interaction.as_str()).filter(|id| !id.is_empty());
            consents::fold(to.tables, to.row, to.at, interaction, said)
        }
        Event::RatingAsked { .. }
        | Event::Rated { .. }
        | Event::RatingDeclined { .. }
        | Event::RepeatOf { .. } => match fact.interaction {
            Some(interaction) => {
                satisfaction::fold(to.tables, to.row, interaction, fact.at, &fact.event)
            }
            None => Ok(()),
        },
        // What is counted over days is counted anew after a restart.
        Event::WaitEnded { .. } => to.frame(),
        Event::ClockStepped(_) => step(to),
        Event::Recording(_) => recordings::fold(to, fact),
        // The interaction's customer may have been another record by then, and is again when they turn out to be two.
        Event::MailPosted { customer, .. } => customers::note_any_row(to, *customer),
        Event::ContactRefused { .. }
        | Event::LookedUp { .. }
        | Event::Diverted { .. }
        | Event::TurnedAway { .. }
        | Event::WaitPromised { .. }
        | Event::CallbackOffered { .. }
        | Event::WrapUpExtended { .. }
        | Event::ChatPaused { .. }
        | Event::ChatResumed { .. }
        | Event::Parked { .. }
        | Event::CallbackWaits(_)
        | Event::Unparked { .. }
        | Event::Noted { .. }
        | Event::HandedOver { .. }
        | Event::LegRinging { .. }
        | Event::LegFlowing { .. }
        | Event::Bridged { .. }
        | Event::OneWayAudio { .. }
        | Event::LegMeasured { .. }
        | Event::InCall(_)
        | Event::InChat(_)
        | Event::CallEnded { .. }
        | Event::Cobrowsed { .. }
        | Event::EscalationStarted { .. }
        | Event::EscalationFailed { .. }
        | Event::TrunkDown { .. }
        | Event::TrunkUp { .. }
        | Event::Mended { .. }
        | Event::Started => Ok(()),
    }
}

// A jump counts for all who are there, and for nobody once all of them are sealed.
fn step(to: &To<'_>) -> Result<()> {
    to.run("INSERT OR IGNORE INTO step_rows VALUES (?1)", [to.row])?;
    to.run(
        "DELETE FROM step_rows WHERE row < coalesce((SELECT min(row) FROM interactions WHERE sealed_at IS NULL), ?1)",
        [to.row],
    )
    .map(drop)
}

/// Returns the word for who wrote or did something, which agent, and which program.
pub fn author(author: &Author) -> (&'static str, Option<&str>, Option<&str>) {
    match author {
        Author::Customer => ("customer", None, None),
        Author::Agent { agent, .. } => ("agent", Some(agent.as_str()), None),
        Author::Program { name } => ("program", None, Some(name)),
        Author::System => ("system", None, None),
    }
}

/// Returns the word of a fact, and what else it says.
pub fn told(event: &Event) -> (String, serde_json::Value) {
    let mut details = serde_json::to_value(event).unwrap_or_default();
    let word = details
        .as_object_mut()
        .and_then(|fields| fields.remove("event"));
    let word = word.and_then(|word| word.as_str().map(str::to_owned));
    (word.unwrap_or_default(), details)
}

/// Returns the word a unit-like enum is written as.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}
