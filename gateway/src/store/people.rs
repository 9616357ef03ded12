//! A customer as the API shows it: one record, with everything that was merged into it.

use std::collections::BTreeMap;

use anyhow::Context;
use hub::{Event, mail::Matter};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use utoipa::ToSchema;
use ws::id::CustomerId;

use super::{
    archive,
    consents::{self, ConsentRecord},
    project,
    read::InteractionLine,
    record::Record,
    search::{Search, search},
};

/// One customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomerLine {
    /// The record everything is part of.
    pub customer: String,
    /// The records that were merged into it.
    pub merged: Vec<String>,
    /// The name.
    pub name: Option<String>,
    /// The number.
    pub number: Option<String>,
    /// The mail address.
    pub mail: Option<String>,
    /// The subject of a proved identity.
    pub verified: Option<String>,
    /// What they are worth to the house, 0 to 9.
    pub value: u8,
    /// Who served them last.
    pub familiar: Option<String>,
    /// Since when.
    pub known_at: i64,
    /// All they were ever known by.
    pub identities: Vec<IdentityLine>,
    /// Merges and what was taken back of them, the newest first.
    pub merges: Vec<MergeLine>,
    /// What agents noted, newest first, at most 100.
    pub notes: Vec<NoteLine>,
    /// What was said about contacting them, their numbers and mail addresses, newest first, at most 100.
    pub consents: Vec<ConsentRecord>,
    /// Their newest interactions, at most 50; `/api/v1/interactions?customer=ID` has all.
    pub interactions: Vec<InteractionLine>,
    /// When everything personal was erased, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<ErasureLine>,
}

/// One thing a customer is known by.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentityLine {
    /// `number`, `mail`, `visitor`, `subject` or `external`.
    pub kind: String,
    /// The system, of `external`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub system: String,
    /// What.
    pub value: String,
    /// Whether somebody who comes with it is taken for this customer.
    pub leads: bool,
}

/// One note.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoteLine {
    /// When.
    pub at: i64,
    /// `agent`, `program` or `system`.
    pub author: String,
    /// Which agent.
    pub agent: Option<String>,
    /// Which program, by the name of its API token.
    pub program: Option<String>,
    /// What.
    pub text: String,
}

/// One merge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergeLine {
    /// The record that stayed.
    pub kept: String,
    /// The record that became part of it.
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

/// One erasure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErasureLine {
    /// When it was ordered.
    pub at: i64,
    /// `agent`, `program` or `system`.
    pub author: String,
    /// Which agent.
    pub agent: Option<String>,
    /// Which program, by the name of its API token.
    pub program: Option<String>,
    /// Why.
    pub reason: String,
    /// When nothing was left.
    pub finished_at: Option<i64>,
}

/// Everything the house has about a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Export {
    /// What is known of them.
    pub customer: CustomerLine,
    /// The records of all their interactions, newest first.
    pub records: Vec<Record>,
    /// Mails that went to them, newest first.
    pub mails: Vec<MailLine>,
}

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailLine {
    /// When.
    pub at: i64,
    /// To which address.
    pub to: String,
    /// `reminder` of a promised call, or `transcript` of a chat.
    pub matter: &'static str,
    /// About which interaction.
    pub interaction: String,
}

/// How many notes a customer's page has.
const NOTES: i64 = 100;
/// How much of what was said about contact it has.
const CONSENTS: i64 = 100;
/// How many interactions it has.
const NEWEST: u32 = 50;

/// Returns one customer; asked for a merged record, the customer it is part of.
pub fn customer(connection: &Connection, id: CustomerId) -> anyhow::Result<Option<CustomerLine>> {
    page(connection, id, NEWEST, NOTES, CONSENTS)
}

fn page(
    connection: &Connection,
    id: CustomerId,
    newest: u32,
    notes_at_most: i64,
    consents_at_most: i64,
) -> anyhow::Result<Option<CustomerLine>> {
    let family = archive::family(connection, &id.to_string())?;
    let mut page: Option<CustomerLine> = None;
    for member in &family {
        let Some(record) = one(connection, member)? else {
            continue;
        };
        match &mut page {
            None => page = Some(record),
            Some(page) => page.take_in(record),
        }
    }
    let Some(mut page) = page else {
        return Ok(None);
    };
    page.notes = notes(connection, &family, notes_at_most)?;
    page.consents = consents::of_customers(connection, &family, consents_at_most)?;
    page.merges = merges(connection, &family)?;
    page.interactions = search(
        connection,
        &Search {
            customer: Some(id),
            limit: newest,
            ..Search::default()
        },
    )?
    .lines;
    page.erased = connection
        .prepare_cached("SELECT * FROM erasures WHERE customer = ?1 ORDER BY row DESC LIMIT 1")?
        .query_row([&page.customer], |row| {
            Ok(ErasureLine {
                at: row.get("at")?,
                author: row.get("author")?,
                agent: row.get("agent")?,
                program: row.get("program")?,
                reason: row.get("reason")?,
                finished_at: row.get("finished_at")?,
            })
        })
        .optional()
        .context("reading an erasure")?;
    Ok(Some(page))
}

impl CustomerLine {
    // The same as `hub::customer` does: what the first says goes before what the others say.
    fn take_in(&mut self, other: Self) {
        self.name = self.name.take().or(other.name);
        self.number = self.number.take().or(other.number);
        self.mail = self.mail.take().or(other.mail);
        self.verified = self.verified.take().or(other.verified);
        self.familiar = self.familiar.take().or(other.familiar);
        self.value = self.value.max(other.value);
        self.known_at = self.known_at.min(other.known_at);
        self.identities.extend(other.identities);
        self.merged.push(other.customer);
    }
}

fn one(connection: &Connection, id: &str) -> anyhow::Result<Option<CustomerLine>> {
    let found = connection
        .prepare_cached("SELECT * FROM customers WHERE customer = ?1")?
        .query_row([id], |row| {
            Ok(CustomerLine {
                customer: row.get("customer")?,
                merged: Vec::new(),
                name: row.get("name")?,
                number: row.get("number")?,
                mail: row.get("mail")?,
                verified: row.get("verified")?,
                value: row.get("value")?,
                familiar: row.get("familiar")?,
                known_at: row.get("known_at")?,
                identities: Vec::new(),
                merges: Vec::new(),
                notes: Vec::new(),
                consents: Vec::new(),
                interactions: Vec::new(),
                erased: None,
            })
        })
        .optional()
        .context("reading a customer")?;
    let Some(mut line) = found else {
        return Ok(None);
    };
    let identities =
        archive::identities(connection, id).context("reading what a customer is known by")?;
    for (identity, leads) in identities {
        let (system, value) = project::parts(&identity);
        line.identities.push(IdentityLine {
            kind: identity.kind().to_owned(),
            system: system.to_owned(),
            value,
            leads,
        });
    }
    Ok(Some(line))
}

fn notes(connection: &Connection, family: &[String], most: i64) -> anyhow::Result<Vec<NoteLine>> {
    let mut notes = Vec::new();
    for member in family {
        let mut statement = connection
            .prepare_cached("SELECT * FROM notes WHERE customer = ?1 ORDER BY row DESC LIMIT ?2")?;
        let rows = statement.query_map(rusqlite::params![member, most], |row| {
            Ok(NoteLine {
                at: row.get("at")?,
                author: row.get("author")?,
                agent: row.get("agent")?,
                program: row.get("program")?,
                text: row.get("text")?,
            })
        })?;
        notes.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    notes.sort_by_key(|note| std::cmp::Reverse(note.at));
    notes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(notes)
}

fn merges(connection: &Connection, family: &[String]) -> anyhow::Result<Vec<MergeLine>> {
    // A merge that was taken back may have been done again, and then both of it are family.
    let mut merges = BTreeMap::new();
    for member in family {
        let mut statement = connection.prepare_cached(
            "SELECT * FROM merges WHERE merged = ?1 OR (kept = ?1 AND undone_at IS NOT NULL)",
        )?;
        let rows = statement.query_map([member], |row| {
            let line = MergeLine {
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
            };
            Ok((row.get::<_, i64>("row")?, line))
        })?;
        for found in rows {
            let (row, line) = found?;
            merges.insert(row, line);
        }
    }
    Ok(merges.into_values().rev().collect())
}

/// Returns everything there is about a customer.
pub fn export(connection: &Connection, id: CustomerId) -> anyhow::Result<Option<Export>> {
    let Some(customer) = page(connection, id, u32::MAX, i64::MAX, i64::MAX)? else {
        return Ok(None);
    };
    let mut records = Vec::new();
    for line in &customer.interactions {
        let interaction = line.interaction.parse().ok();
        let interaction = interaction.context("reading an interaction's id")?;
        records.extend(super::read::record(connection, interaction)?);
    }
    let family = archive::family(connection, &customer.customer)?;
    let mails = mails(connection, &family)?;
    Ok(Some(Export {
        customer,
        records,
        mails,
    }))
}

fn mails(connection: &Connection, family: &[String]) -> anyhow::Result<Vec<MailLine>> {
    let mut mails = Vec::new();
    for member in family {
        let mut statement = connection.prepare_cached(
            "SELECT fact FROM customer_rows JOIN journal USING (row) WHERE customer = ?1",
        )?;
        let mut rows = statement.query([member])?;
        while let Some(row) = rows.next()? {
            let fact = project::fact(&row.get::<_, String>(0)?)
                .context("reading a fact from the journal")?;
            let Event::MailPosted { to, matter, .. } = fact.event else {
                continue;
            };
            let about = match matter {
                Matter::Reminder { callback, .. } => callback.interaction,
                Matter::Transcript { interaction } => interaction,
            };
            mails.push(MailLine {
                at: project::sql(fact.at.0),
                to,
                matter: matter.word(),
                interaction: about.to_string(),
            });
        }
    }
    mails.sort_by_key(|mail| std::cmp::Reverse(mail.at));
    Ok(mails)
}
