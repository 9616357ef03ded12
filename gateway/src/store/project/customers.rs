//! Customers: who they are, what they are known by, merges, notes and erasures. The same as `hub::customer` does in
//! memory; a test holds the two against each other.

use std::collections::BTreeMap;

use hub::{
    Event,
    customer::{Field, Identity},
};
use rusqlite::{Result, params};
use ws::id::CustomerId;

use super::{To, author};
use crate::store::{archive, consents};

/// Notes that a fact is about a customer, where it is in no interaction: an erasure finds it so.
pub(super) fn note_row(to: &To<'_>, customer: CustomerId) -> Result<()> {
    match to.interaction.is_empty() {
        true => note_any_row(to, customer),
        false => Ok(()),
    }
}

/// Notes a row that is about a customer, whatever interaction it is in.
pub(super) fn note_any_row(to: &To<'_>, customer: CustomerId) -> Result<()> {
    to.run(
        "INSERT OR IGNORE INTO customer_rows VALUES (?1, ?2)",
        params![customer.to_string(), to.row],
    )
    .map(drop)
}

pub(super) fn fold(to: &To<'_>, event: &Event) -> Result<()> {
    match event {
        Event::CustomerKnown { customer, .. } => {
            note_row(to, *customer)?;
            know(to, event)
        }
        Event::CustomersMerged { kept, merged, .. } => {
            note_row(to, *kept)?;
            note_row(to, *merged)?;
            merge(to, event)
        }
        Event::CustomersUnmerged { kept, merged, .. } => {
            note_row(to, *kept)?;
            note_row(to, *merged)?;
            unmerge(to, event)
        }
        Event::CustomerNoted { customer, by, text } => {
            note_row(to, *customer)?;
            let (author, agent, program) = author(by);
            to.run(
                "INSERT OR IGNORE INTO notes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    to.row,
                    customer.to_string(),
                    to.at,
                    author,
                    agent,
                    program,
                    text
                ],
            )
            .map(drop)
        }
        Event::CustomerLinked {
            customer,
            system,
            id,
            ..
        } => {
            note_row(to, *customer)?;
            let (system, id) = (system.clone(), id.clone());
            identify(to, *customer, &Identity::External { system, id }, true)
        }
        Event::CustomerValued {
            customer, value, ..
        } => {
            note_row(to, *customer)?;
            to.run(
                "INSERT INTO customers (customer, known_at, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET value = excluded.value",
                params![customer.to_string(), to.at, value],
            )
            .map(drop)
        }
        // The trace of an erasure stays.
        Event::CustomerErased { .. } => erase(to, event),
        other => {
            debug_assert!(false, "{other:?} is folded elsewhere");
            Ok(())
        }
    }
}

fn merge(to: &To<'_>, event: &Event) -> Result<()> {
    let Event::CustomersMerged {
        kept,
        merged,
        by,
        reason,
    } = event
    else {
        return Ok(());
    };
    let (author, agent, program) = author(by);
    let (kept, merged) = (kept.to_string(), merged.to_string());
    to.run(
        "UPDATE customers SET merged_into = ?1 WHERE customer = ?2",
        params![kept, merged],
    )?;
    to.run(
        "INSERT OR IGNORE INTO merges (row, kept, merged, at, author, agent, program, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![to.row, kept, merged, to.at, author, agent, program, reason],
    )
    .map(drop)
}

fn unmerge(to: &To<'_>, event: &Event) -> Result<()> {
    let Event::CustomersUnmerged {
        merged, by, reason, ..
    } = event
    else {
        return Ok(());
    };
    let (author, agent, program) = author(by);
    let merged = merged.to_string();
    to.run(
        "UPDATE customers SET merged_into = NULL WHERE customer = ?1",
        [&merged],
    )?;
    to.run(
        "UPDATE merges SET undone_at = ?2, undone_author = ?3, undone_agent = ?4,
         undone_program = ?5, undone_reason = ?6
         WHERE row = (SELECT max(row) FROM merges WHERE merged = ?1)",
        params![merged, to.at, author, agent, program, reason],
    )
    .map(drop)
}

fn know(to: &To<'_>, event: &Event) -> Result<()> {
    let Event::CustomerKnown {
        customer,
        name,
        number,
        mail,
        mail_typed,
        visitor,
        verified,
        cleared,
    } = event
    else {
        return Ok(());
    };
    for field in cleared {
        clear(to, *customer, *field)?;
    }
    if !to.interaction.is_empty() {
        to.frame()?;
    }
    let number_text = number.as_ref().map(|number| number.as_str());
    to.run(
        "INSERT INTO customers (customer, known_at, name, number, mail, verified) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET
         name = coalesce(excluded.name, name), number = coalesce(excluded.number, number),
         mail = coalesce(excluded.mail, mail), verified = coalesce(excluded.verified, verified)",
        params![customer.to_string(), to.at, name, number_text, mail, verified],
    )?;
    let all = [
        number.clone().map(Identity::Number),
        mail.as_deref().and_then(Identity::mail),
        visitor.map(Identity::Visitor),
        verified.clone().map(Identity::Subject),
    ];
    let signed = "SELECT verified IS NOT NULL FROM customers WHERE customer = ?1";
    let signed = to.one(signed, [customer.to_string()])?.unwrap_or(false);
    let vouched = Identity::is_vouched(*mail_typed, *visitor, verified.as_deref(), signed);
    for identity in all.into_iter().flatten() {
        identify(to, *customer, &identity, vouched)?;
    }
    Ok(())
}

// Nobody is found any more by what was not theirs, or is not.
fn clear(to: &To<'_>, customer: CustomerId, field: Field) -> Result<()> {
    let (read, write) = match field {
        Field::Name => (None, "UPDATE customers SET name = NULL WHERE customer = ?1"),
        Field::Number => (
            Some("SELECT number FROM customers WHERE customer = ?1"),
            "UPDATE customers SET number = NULL WHERE customer = ?1",
        ),
        Field::Mail => (
            Some("SELECT mail FROM customers WHERE customer = ?1"),
            "UPDATE customers SET mail = NULL WHERE customer = ?1",
        ),
    };
    let id = customer.to_string();
    let known = match read {
        Some(read) => to.one::<Option<String>>(read, [&id])?.flatten(),
        None => None,
    };
    let gone = known.and_then(|text| match field {
        Field::Name => None,
        Field::Number => text.parse().ok().map(Identity::Number),
        Field::Mail => Identity::mail(&text),
    });
    if let Some(gone) = gone {
        let (system, value) = parts(&gone);
        let led = to.one(
            "DELETE FROM identities WHERE kind = ?1 AND system = ?2 AND value = ?3 AND customer = ?4 RETURNING leads",
            params![gone.kind(), system, value, id],
        )?;
        if led == Some(true) {
            pass_on(to, &gone)?;
        }
    }
    to.run(write, [&id]).map(drop)
}

fn identify(to: &To<'_>, customer: CustomerId, identity: &Identity, vouched: bool) -> Result<()> {
    let (system, value) = parts(identity);
    let (kind, customer) = (identity.kind(), customer.to_string());
    let taken =
        "SELECT 1 FROM identities WHERE kind = ?1 AND system = ?2 AND value = ?3 AND leads = 1";
    let mut leads = identity.leads(vouched);
    if leads && identity.is_first_come() {
        leads = to
            .one::<i64>(taken, params![kind, system, value])?
            .is_none();
    } else if leads {
        to.run(
            "UPDATE identities SET leads = 0 WHERE kind = ?1 AND system = ?2 AND value = ?3",
            params![kind, system, value],
        )?;
    }
    let claimed = identity.leads(vouched).then_some(to.at);
    let kept = match identity.is_first_come() {
        true => "coalesce(claimed, excluded.claimed)",
        false => "coalesce(excluded.claimed, claimed)",
    };
    to.run(
        &format!(
            "INSERT INTO identities VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET leads = max(leads, excluded.leads), claimed = {kept}"
        ),
        params![kind, system, value, customer, to.at, leads, claimed],
    )
    .map(drop)
}

// Whom it led to is known by it no more: it leads to who else is, as if that one had never been. A fold anew of a journal that
// knows nothing of them any more comes to the same.
fn pass_on(to: &To<'_>, identity: &Identity) -> Result<()> {
    let (system, value) = parts(identity);
    to.run(
        &format!(
            "UPDATE identities SET leads = 1 WHERE kind = ?1 AND system = ?2 AND value = ?3 AND customer = (
                SELECT customer FROM identities
                WHERE kind = ?1 AND system = ?2 AND value = ?3 AND claimed IS NOT NULL ORDER BY {} LIMIT 1)",
            archive::claims(identity)
        ),
        params![identity.kind(), system, value],
    )
    .map(drop)
}

/// Returns the system and the value of an identity, as the tables have them.
pub(in crate::store) fn parts(identity: &Identity) -> (&str, String) {
    match identity {
        Identity::Number(number) => ("", number.to_string()),
        Identity::Mail(text) | Identity::Subject(text) => ("", text.clone()),
        Identity::Visitor(visitor) => ("", visitor.to_string()),
        Identity::External { system, id } => (system, id.clone()),
    }
}

// What identifies them goes at once; their interactions are scrubbed one after the other, by `erase`.
fn erase(to: &To<'_>, event: &Event) -> Result<()> {
    let Event::CustomerErased {
        customer,
        records,
        by,
        reason,
    } = event
    else {
        return Ok(());
    };
    let (author, agent, program) = author(by);
    to.run(
        "INSERT OR IGNORE INTO erasures (row, customer, at, author, agent, program, reason, finished_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT at FROM finished WHERE row = ?1 AND customer = ?2))",
        params![
            to.row,
            customer.to_string(),
            to.at,
            author,
            agent,
            program,
            reason
        ],
    )?;
    let mut gone = BTreeMap::new();
    for record in records {
        let record = record.to_string();
        to.run(
            "UPDATE customers SET name = NULL, number = NULL, mail = NULL, verified = NULL, familiar = NULL,
             value = 0, erased_at = ?2 WHERE customer = ?1",
            params![record, to.at],
        )?;
        consents::forget(to.tables, &record)?;
        for (identity, leads) in archive::identities(to.tables, &record)? {
            *gone.entry(identity).or_insert(false) |= leads;
        }
        to.run("DELETE FROM identities WHERE customer = ?1", [&record])?;
        to.run("DELETE FROM notes WHERE customer = ?1", [&record])?;
        to.run(
            "UPDATE merges SET reason = '', undone_reason = NULL WHERE ?1 IN (kept, merged)",
            [&record],
        )?;
        to.run(
            "UPDATE matters SET reason = '', undone_reason = NULL
             WHERE merged IN (SELECT interaction FROM interactions WHERE customer = ?1)
                OR kept IN (SELECT interaction FROM interactions WHERE customer = ?1)",
            [&record],
        )?;
        to.run(
            "INSERT OR REPLACE INTO scrubs VALUES ('customer', ?1, 15)",
            [&record],
        )?;
        to.run(
            "INSERT OR REPLACE INTO scrubs SELECT 'interaction', interaction, 15 FROM interactions
             WHERE customer = ?1 AND sealed_at IS NOT NULL",
            [&record],
        )?;
    }
    leave(to, &gone)
}

// What led to who is erased, or not, is known of them no more.
fn leave(to: &To<'_>, gone: &BTreeMap<Identity, bool>) -> Result<()> {
    for (identity, _) in gone.iter().filter(|(_, led)| **led) {
        pass_on(to, identity)?;
    }
    for identity in gone.keys() {
        let is_nobodys = archive::leads_to(to.tables, identity)?.is_none();
        if let Some(address) = identity.address().filter(|_| is_nobodys) {
            consents::keep_forbidden(to.tables, &address, to.at)?;
        }
    }
    Ok(())
}
