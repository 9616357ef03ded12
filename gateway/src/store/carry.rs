//! What the tables of an older version know of customers and the journal does not tell any more: some versions took what is
//! personal in an interaction out of the journal, and their tables alone kept what its customer is known by. It is put
//! aside before these tables are dropped, and told anew, as facts, where a fold of the journal does not bring it back.

use anyhow::Context;
use hub::{
    Event, Fact,
    customer::{Field, Identity},
};
use rusqlite::{Connection, Result, Row, params};
use ws::id::{CustomerId, Timestamp};

use super::{archive, journal::SHARD, project};

/// Puts aside what the tables know, which are of an older version and have in them all that was scrubbed since. What the
/// journal says after them counts before it.
pub(super) fn put_aside(connection: &Connection) -> Result<()> {
    let mut columns = connection.prepare(
        "SELECT count(*) FROM pragma_table_info(?1) WHERE name IN
            ('customer', 'name', 'number', 'mail', 'erased_at', 'kind', 'system', 'value', 'since', 'leads')",
    )?;
    let mut has = |table: &str| columns.query_row([table], |row| row.get::<_, i64>(0));
    // The oldest had less, and no rule that took anything from the journal.
    if has("customers")? < 6 || has("identities")? < 6 {
        return Ok(());
    }
    // A browser or a signed identity that is told leads to who it is told of, and these were somebody else's since.
    connection.execute(
        "INSERT OR REPLACE INTO carried
         SELECT customer, 'name', name, 0, 1, 0 FROM customers WHERE name IS NOT NULL AND erased_at IS NULL
         UNION ALL
         SELECT customer, kind, i.value, leads, coalesce(i.value IN (number, lower(trim(mail))), 0), since
         FROM identities i JOIN customers USING (customer)
         WHERE (kind IN ('number', 'mail') OR (kind IN ('visitor', 'subject') AND leads)) AND erased_at IS NULL",
        [],
    )?;
    let mut after = connection.prepare("SELECT fact FROM journal WHERE row > ?1 ORDER BY row")?;
    let mut after = after.query([project::mark(connection)?])?;
    while let Some(row) = after.next()? {
        let fact = project::fact(&row.get::<_, String>(0)?)?;
        overtake(connection, fact.at, &fact.event)?;
    }
    Ok(())
}

// Somebody is known by what was told last, and by nothing that was taken back.
fn overtake(connection: &Connection, at: Timestamp, event: &Event) -> Result<()> {
    let Event::CustomerKnown {
        customer,
        name,
        number,
        mail,
        cleared,
        ..
    } = event
    else {
        return Ok(());
    };
    let customer = customer.to_string();
    for field in cleared {
        let kind = match field {
            Field::Name => "name",
            Field::Number => "number",
            Field::Mail => "mail",
        };
        connection
            .prepare_cached("DELETE FROM carried WHERE customer = ?1 AND kind = ?2 AND current")?
            .execute([customer.as_str(), kind])?;
    }
    let identities = [
        number.clone().map(Identity::Number),
        mail.as_deref().and_then(Identity::mail),
    ];
    let identities = identities.iter().flatten();
    let identities = identities.map(|identity| (identity.kind(), project::parts(identity).1));
    for (kind, value) in identities.chain(name.clone().map(|name| ("name", name))) {
        // Of names the last alone is kept.
        let before = match kind {
            "name" => "DELETE FROM carried WHERE customer = ?1 AND kind = ?2",
            _ => "UPDATE carried SET current = 0 WHERE customer = ?1 AND kind = ?2",
        };
        connection
            .prepare_cached(before)?
            .execute([customer.as_str(), kind])?;
        connection
            .prepare_cached(
                "INSERT INTO carried VALUES (?1, ?2, ?3, 0, 1, ?4) ON CONFLICT DO UPDATE SET current = 1",
            )?
            .execute(params![customer, kind, value, project::sql(at.0)])?;
    }
    Ok(())
}

/// Tells what was put aside and is not in the tables that were folded since; returns of how many customers. What is current is told last,
/// so that it stays so.
pub(super) fn tell_anew(connection: &mut Connection) -> anyhow::Result<usize> {
    let at = super::last_time(connection)?.unwrap_or_default();
    let transaction = connection.transaction()?;
    let customers = tell_lost(&transaction, at)?;
    transaction.commit()?;
    // A crash from here on finds nothing lost the next time.
    project::fold_all(connection)?;
    connection.execute("DELETE FROM carried", [])?;
    Ok(customers)
}

fn tell_lost(on: &Connection, at: u64) -> anyhow::Result<usize> {
    let mut statement = on.prepare(LOST)?;
    let mut lost = statement.query([])?;
    let (mut customers, mut last) = (0, None);
    while let Some(row) = lost.next().context("reading what an older version knew")? {
        let (customer, event) = known(row)?;
        customers += usize::from(last.replace(customer) != Some(customer));
        let fact = Fact {
            at: Timestamp(at),
            interaction: None,
            seq: None,
            event,
        };
        let text = serde_json::to_string(&fact).context("writing a fact as JSON")?;
        on.prepare_cached(
            "INSERT INTO journal (shard, at, interaction, fact) VALUES (?1, ?2, NULL, ?3)",
        )?
        .execute(params![SHARD, project::sql(at), text])
        .context("telling a customer anew")?;
    }
    Ok(customers)
}

const LOST: &str = "WITH lost AS (
    SELECT * FROM carried WHERE customer NOT IN (SELECT customer FROM customers WHERE erased_at IS NOT NULL)
    AND CASE kind WHEN 'name'
        THEN NOT EXISTS (SELECT 1 FROM customers c WHERE c.customer = carried.customer AND c.name = carried.value)
        ELSE NOT EXISTS (SELECT 1 FROM identities i WHERE i.kind = carried.kind AND i.system = ''
            AND i.value = carried.value AND i.customer = carried.customer)
    END)
 SELECT customer, kind, value, leads FROM carried
 WHERE (customer, kind, value) IN (SELECT customer, kind, value FROM lost)
    OR (current AND (customer, kind) IN (SELECT customer, kind FROM lost))
 ORDER BY customer, current, since";

fn known(row: &Row<'_>) -> Result<(CustomerId, Event)> {
    let customer = archive::parsed(row, 0)?;
    let kind: String = row.get(1)?;
    let text = |of: &str| match kind == of {
        true => row.get(2).map(Some),
        false => Ok(None),
    };
    let leads: bool = row.get(3)?;
    let event = Event::CustomerKnown {
        customer,
        name: text("name")?,
        number: match kind.as_str() {
            "number" => Some(archive::parsed(row, 2)?),
            _ => None,
        },
        mail: text("mail")?,
        mail_typed: kind == "mail" && !leads,
        visitor: match kind.as_str() {
            "visitor" => Some(archive::parsed(row, 2)?),
            _ => None,
        },
        verified: text("subject")?,
        cleared: Vec::new(),
    };
    Ok((customer, event))
}
