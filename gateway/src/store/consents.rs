//! What was said about contact, as it is kept and read.

use std::collections::BTreeMap;

use anyhow::Context;
use hub::{
    consent::{Change, Statement, Subject},
    event::Scrub,
};
use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, params};
use serde::Serialize;
use utoipa::ToSchema;
use ws::{consent::ContactChannel, id::Timestamp};

use super::project;

/// One thing said about contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentRecord {
    /// When.
    pub at: i64,
    /// Of whom: `customer:<id>`, `number:<number>` or `mail:<address>`.
    pub subject: String,
    /// `voice`, `chat` or `mail`.
    pub channel: String,
    /// `given` or `withdrawn` by the customer, `suppressed` or `unsuppressed` by the house.
    pub change: String,
    /// From where it was learnt: `keyword`, `keypad`, `link`, `agent`, `api` or `network`.
    pub source: String,
    /// Why.
    pub reason: Option<String>,
    /// Until when it counts; for good when there is none.
    pub until: Option<i64>,
    /// In which interaction it was said; none once what is personal in that is gone.
    pub interaction: Option<String>,
    /// Which agent said it.
    pub agent: Option<String>,
    /// Which program said it, by the name of its API token.
    pub program: Option<String>,
}

impl ConsentRecord {
    /// Makes it of a statement in the interaction whose record it is for.
    pub fn new(at: Timestamp, said: &Statement) -> Self {
        let (agent, program) = staff(said);
        Self {
            at: project::sql(at.0),
            subject: said.subject.to_string(),
            channel: said.channel.word().to_owned(),
            change: said.change.word().to_owned(),
            source: said.source.word().to_owned(),
            reason: said.reason.clone(),
            until: said.until.map(|until| project::sql(until.0)),
            interaction: None,
            agent: agent.map(str::to_owned),
            program: program.map(str::to_owned),
        }
    }
}

fn staff(said: &Statement) -> (Option<&str>, Option<&str>) {
    let (_, agent, program) = said.by.as_ref().map_or(("", None, None), project::author);
    (agent, program)
}

/// Keeps one statement, and its row for the next start.
pub(super) fn fold(
    to: &Transaction<'_>,
    row: i64,
    at: i64,
    interaction: Option<&str>,
    said: &Statement,
) -> Result<()> {
    if said.subject.is_nobody() {
        return Ok(());
    }
    project::keep(to, row)?;
    let subject = said.subject.to_string();
    overtake(to, row, &subject, said)?;
    pass_over(to, at)?;
    let (agent, program) = staff(said);
    to.prepare_cached(
        "INSERT OR IGNORE INTO consents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        row,
        at,
        subject,
        said.channel.word(),
        said.change.word(),
        said.source.word(),
        said.reason,
        said.until.map(|until| project::sql(until.0)),
        interaction,
        agent,
        program
    ])
    .map(drop)
}

// A start needs what was said last, of the customer's consent and of the house's suppression, and what counts again once that has
// ended, as [`hub::consent::Mark`] has it: of what was said before and forbids contact for longer, the longest.
fn overtake(to: &Transaction<'_>, row: i64, subject: &str, said: &Statement) -> Result<()> {
    let (allows, forbids) = match said.change {
        Change::Given | Change::Withdrawn => (Change::Given, Change::Withdrawn),
        Change::Suppressed | Change::Unsuppressed => (Change::Unsuppressed, Change::Suppressed),
    };
    to.prepare_cached(
        "DELETE FROM kept_rows WHERE row IN (SELECT row FROM consents
            WHERE subject = ?1 AND channel = ?2 AND change IN (?3, ?4) AND row < ?5)
        AND row IS NOT (SELECT row FROM consents JOIN kept_rows USING (row)
            WHERE subject = ?1 AND channel = ?2 AND change = ?4 AND row < ?5 AND (until > ?6 OR until IS NULL AND ?6 IS NOT NULL)
            ORDER BY until IS NULL DESC, until DESC, row DESC LIMIT 1)",
    )?
    .execute(params![
        subject,
        said.channel.word(),
        allows.word(),
        forbids.word(),
        row,
        said.until.map(|until| project::sql(until.0))
    ])
    .map(drop)
}

// What strangers said of themselves goes when it is over.
fn pass_over(to: &Transaction<'_>, at: i64) -> Result<()> {
    const OVER: &str =
        "until <= ?1 AND source IN ('keyword', 'keypad', 'link') AND subject GLOB 'customer:*'";
    for statement in [
        "DELETE FROM kept_rows WHERE row IN (SELECT row FROM consents WHERE",
        "INSERT OR REPLACE INTO scrubs SELECT 'consent', row, 7 FROM consents WHERE reason IS NOT NULL AND (",
        "DELETE FROM consents WHERE (",
    ] {
        to.prepare_cached(&format!("{statement} {OVER})"))?
            .execute([at])?;
    }
    Ok(())
}

// A record's own, and those of its numbers and mail addresses.
const WHOSE: &str = "subject IN (
    SELECT 'customer:' || ?1
    UNION SELECT 'number:' || value FROM identities WHERE customer = ?1 AND kind = 'number'
    UNION SELECT 'mail:' || lower(trim(value)) FROM identities WHERE customer = ?1 AND kind = 'mail')";

/// Forgets what was said of the record of somebody who is erased, and why and in what their addresses are not to be contacted,
/// and puts it down to be scrubbed in the journal too: the next start knows nothing of who they were. That their addresses are not to be
/// contacted stays.
pub(super) fn forget(to: &Transaction<'_>, customer: &str) -> Result<()> {
    for statement in [
        "INSERT OR REPLACE INTO scrubs SELECT 'consent', row, 7 FROM consents WHERE",
        "UPDATE consents SET reason = NULL, interaction = NULL WHERE",
    ] {
        to.prepare_cached(&format!(
            "{statement} coalesce(reason, interaction) IS NOT NULL AND {WHOSE}"
        ))?
        .execute([customer])?;
    }
    for statement in [
        "DELETE FROM kept_rows WHERE row IN (SELECT row FROM consents WHERE",
        "DELETE FROM consents WHERE (",
    ] {
        to.prepare_cached(&format!("{statement} subject = 'customer:' || ?1)"))?
            .execute([customer])?;
    }
    Ok(())
}

/// What goes of a statement that is to tell of no address any more.
const ADDRESS: u8 = 7 | 16;

/// Forgets what was said of an address whose customer is erased, as [`hub::consent::Consents`] does, and puts it down to be scrubbed: all but
/// what forbids to contact it, now or once what was said since has ended.
pub(super) fn keep_forbidden(to: &Transaction<'_>, address: &Subject, at: i64) -> Result<()> {
    // Of each channel, and by whom: its row, whether a start needs it and it forbids, and whether it counts.
    type Said = Vec<(i64, bool, bool)>;
    let mut said: BTreeMap<(String, bool), Said> = BTreeMap::new();
    let mut statement = to.prepare_cached(
        "SELECT row, channel, change, until, EXISTS (SELECT 1 FROM kept_rows WHERE kept_rows.row = consents.row)
        FROM consents WHERE subject = ?1 ORDER BY row",
    )?;
    let mut rows = statement.query([address.to_string()])?;
    while let Some(row) = rows.next()? {
        let change: String = row.get(2)?;
        let is = |one: Change| change == one.word();
        let kept: bool = row.get(4)?;
        let forbids = kept && (is(Change::Withdrawn) || is(Change::Suppressed));
        let by_customer = is(Change::Withdrawn) || is(Change::Given);
        let until: Option<i64> = row.get(3)?;
        let counts = until.is_none_or(|until| at < until);
        let all = said.entry((row.get(1)?, by_customer)).or_default();
        all.push((row.get(0)?, forbids, counts));
    }
    for all in said.values() {
        let stays = all.iter().any(|(_, forbids, counts)| *forbids && *counts);
        for (row, ..) in all.iter().filter(|(_, forbids, _)| !(stays && *forbids)) {
            for statement in [
                "DELETE FROM kept_rows WHERE row = ?1",
                "DELETE FROM consents WHERE row = ?1",
            ] {
                to.prepare_cached(statement)?.execute([row])?;
            }
            to.prepare_cached("INSERT OR REPLACE INTO scrubs VALUES ('consent', ?1, ?2)")?
                .execute(params![row.to_string(), ADDRESS])?;
        }
    }
    Ok(())
}

/// Returns the rows of which something is forgotten and not yet scrubbed, with what.
pub(super) fn to_be_scrubbed(connection: &Connection) -> Result<BTreeMap<i64, Scrub>> {
    let mut statement = connection
        .prepare("SELECT CAST(id AS INTEGER), what FROM scrubs WHERE kind = 'consent'")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Scrub::from_bits(row.get(1)?))))?;
    rows.collect()
}

/// Returns why something was said of a subject on a channel at a time, as far as it was told.
pub fn reason(
    connection: &Connection,
    subject: &Subject,
    channel: ContactChannel,
    at: Timestamp,
) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT reason FROM consents WHERE subject = ?1 AND channel = ?2 AND at = ?3 ORDER BY row DESC LIMIT 1",
    )?;
    let found = statement.query_row(
        params![subject.to_string(), channel.word(), project::sql(at.0)],
        |row| row.get(0),
    );
    found.optional().map(Option::flatten)
}

/// Returns what was said of a subject, newest first, each with its place in the journal: what stands before `after`.
pub fn history(
    connection: &Connection,
    subjects: &[Subject],
    after: Option<i64>,
    limit: u32,
) -> anyhow::Result<Vec<(i64, ConsentRecord)>> {
    let mut said = BTreeMap::new();
    let mut statement = connection.prepare_cached(
        "SELECT * FROM consents WHERE subject = ?1 AND row < coalesce(?2, 9e18) ORDER BY row DESC LIMIT ?3",
    )?;
    for subject in subjects {
        let rows = statement.query_map(params![subject.to_string(), after, limit], line)?;
        for line in rows {
            let (row, record) = line.context("reading consents")?;
            said.insert(row, record);
        }
    }
    Ok(said.into_iter().rev().take(limit as usize).collect())
}

/// Returns what was said of customers, their numbers and their mail addresses, newest first, at most `most`.
pub(super) fn of_customers(
    connection: &Connection,
    customers: &[String],
    most: i64,
) -> anyhow::Result<Vec<ConsentRecord>> {
    // Two records may have the same number.
    let mut said = BTreeMap::new();
    for customer in customers {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT * FROM consents WHERE {WHOSE} ORDER BY row DESC LIMIT ?2"
        ))?;
        for line in statement.query_map(params![customer, most], line)? {
            let (row, record) = line.context("reading consents")?;
            said.insert(row, record);
        }
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    Ok(said.into_values().rev().take(most).collect())
}

fn line(row: &Row<'_>) -> Result<(i64, ConsentRecord)> {
    let said = ConsentRecord {
        at: row.get("at")?,
        subject: row.get("subject")?,
        channel: row.get("channel")?,
        change: row.get("change")?,
        source: row.get("source")?,
        reason: row.get("reason")?,
        until: row.get("until")?,
        interaction: row.get("interaction")?,
        agent: row.get("agent")?,
        program: row.get("program")?,
    };
    Ok((row.get("row")?, said))
}
