//! The customers that the hub does not have in memory.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context;
use hub::customer::{
    Customer, EARLIER, Identity,
    archive::{Archive, Remembered, Want},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use ws::{
    agent::Earlier,
    id::{CustomerId, InteractionId, Mid, Timestamp, VisitorId},
};

use super::project;

/// The tables as the hub asks them for people.
#[derive(Debug)]
pub struct Shelf(Connection);

impl Shelf {
    /// Opens the store in `directory`.
    pub fn open(directory: &Path) -> anyhow::Result<Self> {
        let connection = super::open_to_read(directory)?;
        connection.set_prepared_statement_cache_capacity(16);
        super::plan_once(&connection)?;
        Ok(Self(connection))
    }
}

impl Archive for Shelf {
    // As for people: what cannot be read is not known.
    fn owner(&mut self, interaction: InteractionId) -> Option<CustomerId> {
        match owner(&self.0, interaction) {
            Ok(owner) => owner,
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "an interaction's customer cannot be read"
                );
                None
            }
        }
    }

    fn has_written(&mut self, visitor: VisitorId, mid: &Mid) -> bool {
        match has_written(&self.0, visitor, mid) {
            Ok(written) => written,
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "a visitor's earlier chats cannot be read"
                );
                false
            }
        }
    }

    // A store that cannot be read makes somebody unknown; the call or chat goes on all the same.
    fn recall(&mut self, wants: &[Want]) -> Vec<Remembered> {
        match recall(&self.0, wants) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "a customer cannot be recalled"
                );
                Vec::new()
            }
        }
    }
}

fn owner(
    connection: &Connection,
    interaction: InteractionId,
) -> rusqlite::Result<Option<CustomerId>> {
    connection
        .prepare_cached("SELECT customer FROM interactions WHERE interaction = ?1")?
        .query_row([interaction.to_string()], |row| parsed(row, 0))
        .optional()
}

fn has_written(connection: &Connection, visitor: VisitorId, mid: &Mid) -> rusqlite::Result<bool> {
    // What is sent again after a restart is of one of their last chats.
    connection
        .prepare_cached(
            "SELECT EXISTS (
                SELECT 1 FROM messages WHERE mid = ?2 AND author = 'customer' AND interaction IN (
                    SELECT i.interaction FROM identities JOIN interactions i USING (customer)
                    WHERE kind = 'visitor' AND system = '' AND value = ?1 AND i.sealed_at IS NOT NULL
                    ORDER BY i.row DESC LIMIT 20))",
        )?
        .query_row(params![visitor.to_string(), mid.as_str()], |row| row.get(0))
}

fn recall(connection: &Connection, wants: &[Want]) -> anyhow::Result<Vec<Remembered>> {
    let mut found = BTreeMap::new();
    for want in wants {
        let ids = match want {
            Want::Customer(id) => vec![id.to_string()],
            Want::Identity(identity) => Vec::from_iter(leads_to(connection, identity)?),
            Want::Heirs(id) => heirs(connection, &id.to_string())?,
        };
        let mut members = Vec::new();
        for id in ids {
            members.extend(family(connection, &id)?);
        }
        for member in members {
            let customer: CustomerId = member.parse().ok().context("reading a customer's id")?;
            if found.contains_key(&customer) {
                continue;
            }
            if let Some(remembered) = remember(connection, customer, &member)? {
                found.insert(customer, remembered);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Returns whom an identity leads to.
pub fn leads_to(connection: &Connection, identity: &Identity) -> rusqlite::Result<Option<String>> {
    let (system, value) = project::parts(identity);
    connection
        .prepare_cached(
            "SELECT customer FROM identities WHERE kind = ?1 AND system = ?2 AND value = ?3 AND leads = 1",
        )?
        .query_row(params![identity.kind(), system, value], |row| row.get(0))
        .optional()
}

// To whom what a customer is known by would lead if there were not any of that customer's records.
fn heirs(connection: &Connection, customer: &str) -> anyhow::Result<Vec<String>> {
    let theirs = family(connection, customer)?;
    let mut heirs = Vec::new();
    for member in &theirs {
        for (identity, _) in identities(connection, member)? {
            let (system, value) = project::parts(&identity);
            let mut statement = connection.prepare_cached(&format!(
                "SELECT customer FROM identities WHERE kind = ?1 AND system = ?2 AND value = ?3
                 AND claimed IS NOT NULL ORDER BY {}",
                claims(&identity)
            ))?;
            let mut rows = statement.query(params![identity.kind(), system, value])?;
            while let Some(row) = rows.next()? {
                let other: String = row.get(0)?;
                if !theirs.contains(&other) {
                    heirs.push(other);
                    break;
                }
            }
        }
    }
    Ok(heirs)
}

/// Returns in which order those who claimed an identity are led to by it, as SQL.
pub(super) fn claims(identity: &Identity) -> &'static str {
    match identity.is_first_come() {
        true => "claimed, customer",
        false => "claimed DESC, customer DESC",
    }
}

/// Returns the record that a customer is part of, with all that were merged into it, itself first.
pub fn family(connection: &Connection, customer: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE
            up (id, step) AS (
                SELECT ?1, 0 UNION ALL
                SELECT merged_into, step + 1 FROM customers JOIN up ON customer = id WHERE merged_into IS NOT NULL
            ),
            down (id, depth) AS (
                SELECT * FROM (SELECT id, 0 FROM up ORDER BY step DESC LIMIT 1) UNION ALL
                SELECT customer, depth + 1 FROM customers JOIN down ON merged_into = id
            )
         SELECT id FROM down ORDER BY depth, id",
    )?;
    let rows = statement.query_map([customer], |row| row.get(0))?;
    rows.collect()
}

fn remember(
    connection: &Connection,
    customer: CustomerId,
    id: &str,
) -> anyhow::Result<Option<Remembered>> {
    let mut record = Customer::default();
    let known = connection
        .prepare_cached(
            "SELECT name, number, mail, verified, value, familiar, merged_into FROM customers
             WHERE customer = ?1 AND erased_at IS NULL",
        )?
        .query_row([id], |row| fill(&mut record, row))
        .optional()
        .context("reading a customer")?;
    if known.is_none() {
        return Ok(None);
    }
    let mut finds = Vec::new();
    let mut known = connection.prepare_cached(&format!("{IDENTITIES}, claimed {OF}"))?;
    let mut known = known.query([id])?;
    while let Some(row) = known.next()? {
        let (identity, leads) = identity(row)?;
        if leads {
            finds.push(identity.clone());
        }
        let claimed: Option<i64> = row.get(4)?;
        let claimed = claimed.map(|at| Timestamp(at.unsigned_abs()));
        record.identities.insert(identity, claimed);
    }
    let merged = "SELECT customer FROM customers WHERE merged_into = ?1";
    let mut merged = connection.prepare_cached(merged)?;
    let mut merged = merged.query([id])?;
    while let Some(row) = merged.next()? {
        record.merged.insert(parsed(row, 0)?);
    }
    let mut earlier = connection.prepare_cached(
        "SELECT interaction, opened_at, channel, outcome FROM interactions
         WHERE customer = ?1 AND sealed_row IS NOT NULL ORDER BY sealed_row DESC LIMIT ?2",
    )?;
    let mut earlier = earlier.query(params![id, project::sql(EARLIER as u64)])?;
    while let Some(row) = earlier.next()? {
        let channel: String = row.get(2)?;
        record.earlier.push_back(Earlier {
            interaction: parsed(row, 0)?,
            at: Timestamp(row.get::<_, i64>(1)?.unsigned_abs()),
            channel: serde_json::from_value(channel.into()).context("reading a channel")?,
            outcome: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
        });
    }
    Ok(Some(Remembered {
        customer,
        record,
        finds,
    }))
}

fn fill(record: &mut Customer, row: &Row<'_>) -> rusqlite::Result<()> {
    record.name = row.get(0)?;
    record.number = parsed_or_none(row, 1)?;
    record.mail = row.get(2)?;
    record.verified = row.get(3)?;
    record.value = row.get(4)?;
    record.familiar = parsed_or_none(row, 5)?;
    record.merged_into = parsed_or_none(row, 6)?;
    Ok(())
}

/// Returns everything a customer was ever known by, and whether it leads to them.
pub fn identities(connection: &Connection, id: &str) -> rusqlite::Result<Vec<(Identity, bool)>> {
    let mut statement = connection.prepare_cached(&format!("{IDENTITIES} {OF}"))?;
    let rows = statement.query_map([id], identity)?;
    rows.collect()
}

const IDENTITIES: &str = "SELECT kind, value, system, leads";
const OF: &str = "FROM identities WHERE customer = ?1 ORDER BY kind, since, value";

fn identity(row: &Row<'_>) -> rusqlite::Result<(Identity, bool)> {
    let kind: String = row.get(0)?;
    let identity = match kind.as_str() {
        "number" => Identity::Number(parsed(row, 1)?),
        "mail" => Identity::Mail(row.get(1)?),
        "visitor" => Identity::Visitor(parsed(row, 1)?),
        "subject" => Identity::Subject(row.get(1)?),
        "external" => Identity::External {
            system: row.get(2)?,
            id: row.get(1)?,
        },
        other => {
            let error = format!("there is no identity of kind \"{other}\"");
            let kind = rusqlite::types::Type::Text;
            return Err(rusqlite::Error::FromSqlConversionFailure(
                0,
                kind,
                error.into(),
            ));
        }
    };
    Ok((identity, row.get(3)?))
}

pub(super) fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error| {
        let kind = rusqlite::types::Type::Text;
        rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
    })
}

fn parsed_or_none<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => parsed(row, column).map(Some),
    }
}
