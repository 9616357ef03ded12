//! Interactions: from opening to sealing, what was said, and by what they are found.

use hub::{Event, Fact, event::NOBODY};
use rusqlite::{Connection, OptionalExtension, Result, params};
use ws::{
    id::{Mid, Number, Seq},
    timeline::Author,
};

use super::{To, author, sql, word};

pub(super) fn fold(to: &To<'_>, fact: &Fact) -> Result<()> {
    let (at, id) = (to.at, &to.interaction);
    match &fact.event {
        Event::Opened { .. } => open(to, &fact.event),
        Event::ExternalId { system, id: theirs } => to
            .run(
                "INSERT OR REPLACE INTO external_ids VALUES (?1, ?2, ?3)",
                params![id, system, theirs],
            )
            .map(drop),
        Event::Said { from, mid, text } => say(to, fact, from, (mid, text)),
        // What was scrubbed has no name any more.
        Event::FileShared { file, .. } if file.name.is_empty() => Ok(()),
        Event::FileShared { from, file, .. } => {
            let (author, agent, program) = author(from);
            to.run(
                "INSERT OR IGNORE INTO files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    to.row,
                    file.file.to_string(),
                    id,
                    sql(fact.seq.map_or(0, |seq| seq.0)),
                    at,
                    author,
                    agent,
                    program,
                    file.name,
                    file.kind,
                    sql(file.bytes)
                ],
            )
            .map(drop)
        }
        Event::MessageEdited { by, of, text } => revise(to, fact, by, *of, Some(text)),
        Event::MessageDeleted { by, of } => revise(to, fact, by, *of, None),
        Event::Ended { by, reason } => {
            to.frame()?;
            to.run(
                "UPDATE interactions SET ended_at = ?2, ended_by = ?3, end_reason = ?4 WHERE interaction = ?1",
                params![id, at, author(by).0, reason],
            )
            .map(drop)
        }
        Event::Sealed { outcome, agent, .. } => {
            seal(to, outcome, agent.as_ref().map(|agent| agent.as_str()))
        }
        other => {
            debug_assert!(false, "{other:?} is folded elsewhere");
            Ok(())
        }
    }
}

fn say(to: &To<'_>, fact: &Fact, from: &Author, (mid, text): (&Mid, &str)) -> Result<()> {
    let (author, agent, program) = author(from);
    let seq = sql(fact.seq.map_or(0, |seq| seq.0));
    to.run(
        "INSERT OR IGNORE INTO messages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            to.row,
            to.interaction,
            seq,
            to.at,
            author,
            agent,
            program,
            mid.as_str(),
            text
        ],
    )
    .map(drop)
}

fn revise(to: &To<'_>, fact: &Fact, by: &Author, of: Seq, text: Option<&String>) -> Result<()> {
    let (author, agent, program) = author(by);
    let seq = sql(fact.seq.map_or(0, |seq| seq.0));
    to.run(
        "INSERT OR IGNORE INTO revisions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            to.row,
            to.interaction,
            seq,
            to.at,
            sql(of.0),
            author,
            agent,
            program,
            text
        ],
    )
    .map(drop)
}

fn open(to: &To<'_>, event: &Event) -> Result<()> {
    let Event::Opened {
        channel,
        queue,
        zone,
        page,
        referrer,
        customer,
        name,
        ..
    } = event
    else {
        return Ok(());
    };
    to.frame()?;
    let customer = customer.to_string();
    to.run(
        "INSERT OR IGNORE INTO interactions (interaction, row, opened_at, channel, queue, zone, page, referrer, name, customer)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            to.interaction,
            to.row,
            to.at,
            word(channel),
            queue.as_str(),
            zone.as_ref().map(|zone| zone.as_str()),
            page,
            referrer,
            name,
            customer
        ],
    )?;
    to.run(
        "INSERT OR IGNORE INTO customers (customer, known_at) VALUES (?1, ?2)",
        params![customer, to.at],
    )?;
    Ok(())
}

fn seal(to: &To<'_>, outcome: &str, agent: Option<&str>) -> Result<()> {
    to.frame()?;
    let id = &to.interaction;
    to.run(
        "UPDATE interactions SET sealed_at = ?2, sealed_row = ?3, outcome = ?4, agent = ?5 WHERE interaction = ?1",
        params![id, to.at, to.row, outcome, agent],
    )?;
    if agent.is_some() {
        to.run(
            "UPDATE customers SET familiar = ?2
             WHERE customer = (SELECT customer FROM interactions WHERE interaction = ?1)",
            params![id, agent],
        )?;
    }
    let text = document(to.tables, id)?;
    if !text.is_empty() {
        to.run(
            "INSERT INTO texts (rowid, text) SELECT row, ?2 FROM interactions WHERE interaction = ?1",
            params![id, text],
        )?;
    }
    // What was to be scrubbed when its customer was erased had to wait for the end.
    to.run(
        "INSERT OR REPLACE INTO scrubs SELECT 'interaction', interaction, 15 FROM interactions JOIN customers USING (customer)
         WHERE interaction = ?1 AND erased_at IS NOT NULL",
        [id],
    )
    .map(drop)
}

/// Returns what was said and noted in an interaction, as it is searched: messages as they were written last, and none that were taken back.
pub fn document(tables: &Connection, interaction: &str) -> Result<String> {
    let mut statement = tables.prepare_cached(
        "SELECT text FROM (
            SELECT 0 AS part, seq, text FROM messages WHERE interaction = ?1
                AND NOT EXISTS (SELECT 1 FROM revisions WHERE interaction = ?1 AND of = messages.seq)
            UNION ALL SELECT 0, of, text FROM revisions WHERE interaction = ?1 AND text IS NOT NULL
                AND row = (SELECT max(row) FROM revisions AS last WHERE interaction = ?1 AND of = revisions.of)
            UNION ALL SELECT 1, started_at, note FROM assignments WHERE interaction = ?1 AND note IS NOT NULL
            UNION ALL SELECT 1, started_at, disposition FROM assignments
                WHERE interaction = ?1 AND disposition IS NOT NULL
         ) ORDER BY part, seq",
    )?;
    let texts = statement.query_map([interaction], |row| row.get::<_, String>(0))?;
    Ok(texts.collect::<Result<Vec<_>>>()?.join("\n"))
}

/// Returns the words of a name as they are found: in small letters.
pub fn words_of(name: &str) -> impl Iterator<Item = String> + '_ {
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn named(name: Option<&String>) -> Vec<(&'static str, String)> {
    let words = name.into_iter().flat_map(|name| words_of(name));
    words.map(|word| ("name", word)).collect()
}

fn numbered(number: Option<&Number>) -> Vec<(&'static str, String)> {
    let number = number.filter(|number| number.as_str() != NOBODY);
    let key = number.map(|number| ("number", number.to_string()));
    key.into_iter().collect()
}

/// Returns by what a fact lets its interaction be found.
#[expect(clippy::too_many_lines, reason = "every fact has its line")]
pub fn keys(event: &Event) -> Vec<(&'static str, String)> {
    match event {
        Event::Opened { queue, name, .. } => {
            let mut keys = named(name.as_ref());
            keys.push(("queue", queue.to_string()));
            keys
        }
        Event::CustomerKnown {
            name, number, mail, ..
        } => {
            let mut keys = named(name.as_ref());
            keys.extend(numbered(number.as_ref()));
            keys.extend(mail.iter().map(|mail| ("mail", mail.to_lowercase())));
            keys
        }
        Event::LegStarted { party, .. } => numbered(party.customer_number()),
        Event::CallbackPromised { number, .. } | Event::EscalationStarted { number, .. } => {
            numbered(Some(number))
        }
        Event::Queued { queue, .. } => vec![("queue", queue.to_string())],
        Event::Assigned { agent, .. } => vec![("agent", agent.to_string())],
        Event::Sealed { outcome, .. } => vec![("outcome", outcome.clone())],
        Event::ExternalId { .. }
        | Event::LegRinging { .. }
        | Event::LegAnswered { .. }
        | Event::LegFlowing { .. }
        | Event::LegEnded { .. }
        | Event::Bridged { .. }
        | Event::OneWayAudio { .. }
        | Event::LegMeasured { .. }
        | Event::InCall(_)
        | Event::InChat(_)
        | Event::Recording(_)
        | Event::CallEnded { .. }
        | Event::Dequeued { .. }
        | Event::Offered { .. }
        | Event::OfferEnded { .. }
        | Event::WrapUpStarted { .. }
        | Event::AssignmentEnded { .. }
        | Event::ConsentChanged(_)
        | Event::ContactRefused { .. }
        | Event::MailPosted { .. }
        | Event::RepeatOf { .. }
        | Event::RatingAsked { .. }
        | Event::Rated { .. }
        | Event::RatingDeclined { .. }
        | Event::Said { .. }
        | Event::FileShared { .. }
        | Event::MessageEdited { .. }
        | Event::MessageDeleted { .. }
        | Event::EscalationFailed { .. }
        | Event::LookedUp { .. }
        | Event::Diverted { .. }
        | Event::TurnedAway { .. }
        | Event::WaitPromised { .. }
        | Event::WaitEnded { .. }
        | Event::CallbackOffered { .. }
        | Event::WrapUpExtended { .. }
        | Event::ChatPaused { .. }
        | Event::ChatResumed { .. }
        | Event::Parked { .. }
        | Event::Unparked { .. }
        | Event::Noted { .. }
        | Event::HandedOver { .. }
        | Event::CallbackMoved { .. }
        | Event::CallbackWaits(_)
        | Event::CallbackReminded { .. }
        | Event::CallbackAttempted { .. }
        | Event::CallbackAttemptFailed { .. }
        | Event::CallbackEnded { .. }
        | Event::Ended { .. }
        | Event::Cobrowsed { .. }
        | Event::CustomersMerged { .. }
        | Event::CustomersUnmerged { .. }
        | Event::InteractionsMerged { .. }
        | Event::InteractionsUnmerged { .. }
        | Event::CustomerNoted { .. }
        | Event::CustomerLinked { .. }
        | Event::CustomerValued { .. }
        | Event::CustomerErased { .. }
        | Event::PresenceSet { .. }
        | Event::PhoneRegistered { .. }
        | Event::PhoneGone { .. }
        | Event::MemoSent { .. }
        | Event::MemosRead { .. }
        | Event::TrunkDown { .. }
        | Event::TrunkUp { .. }
        | Event::ClockStepped(_)
        | Event::Mended { .. }
        | Event::Started => Vec::new(),
    }
}

impl To<'_> {
    /// Lets the fact's interaction be found by something.
    pub(super) fn find(&self, kind: &str, value: &str) -> Result<()> {
        self.run(
            "INSERT OR IGNORE INTO found_by SELECT ?2, ?3, row FROM interactions WHERE interaction = ?1",
            params![self.interaction, kind, value],
        )
        .map(drop)
    }

    /// Reads one value of the tables.
    pub(super) fn one<T: rusqlite::types::FromSql>(
        &self,
        query: &str,
        values: impl rusqlite::Params,
    ) -> Result<Option<T>> {
        let mut statement = self.tables.prepare_cached(query)?;
        statement.query_row(values, |row| row.get(0)).optional()
    }
}
