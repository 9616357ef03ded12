//! A chat as text, for the customer to have by mail: what was said and who came, nothing that was noted beside it.

use std::collections::BTreeMap;

use hub::{Event, Fact, mail::Matter};
use jiff::tz::TimeZone;
use rusqlite::Connection;
use ws::{
    agent::Channel,
    id::{CustomerId, InteractionId, Seq},
    timeline::Author,
};

use super::words::{Language, local};
use crate::store::project;

/// Writes the messages of an interaction, one line each, by the clock of `zone`; none where nothing is left of them.
pub fn write(language: Language, facts: &[Fact], zone: &TimeZone) -> Option<String> {
    let mut text = String::new();
    let mut said = false;
    let now = revised(facts);
    for fact in facts {
        let revision = fact.seq.and_then(|seq| now.get(&seq));
        let line = match &fact.event {
            // Its writer took it back.
            Event::Said { .. } | Event::FileShared { .. } if revision == Some(&None) => continue,
            Event::Said { from, text, .. } if !text.is_empty() => {
                said = true;
                let text = revision.copied().flatten().unwrap_or(text);
                let text = text.replace("\r\n", "\n").replace('\n', "\r\n    ");
                format!("{}: {text}", writer(language, from))
            }
            // Who had it erased had its name erased.
            Event::FileShared { from, file, .. } if !file.name.is_empty() => {
                said = true;
                format!("{}: [{}]", writer(language, from), file.name)
            }
            Event::Assigned {
                name,
                channel: Channel::Chat,
                ..
            } => match language {
                Language::En => format!("{name} joined the chat"),
                Language::De => format!("{name} ist jetzt im Chat"),
            },
            _ => continue,
        };
        let at = local(fact.at, zone).strftime("%Y-%m-%d %H:%M").to_string();
        text.push_str(&format!("[{at}] {line}\r\n"));
    }
    said.then_some(text)
}

// What messages say now, by their places; nothing where they were taken back.
fn revised(facts: &[Fact]) -> BTreeMap<Seq, Option<&String>> {
    let mut now = BTreeMap::new();
    for fact in facts {
        if let Event::MessageEdited { of, text, .. } = &fact.event {
            now.insert(*of, Some(text));
        }
        if let Event::MessageDeleted { of, .. } = &fact.event {
            now.insert(*of, None);
        }
    }
    now
}

fn writer(language: Language, from: &Author) -> String {
    match from {
        Author::Customer => language.of(["You", "Sie"]).to_owned(),
        Author::Agent { name, .. } => name.clone(),
        Author::Program { .. } | Author::System => "–".to_owned(),
    }
}

/// Returns where a chat was mailed to already, each with its row of the journal, in order.
pub fn mailed(
    connection: &Connection,
    customer: CustomerId,
    interaction: InteractionId,
) -> anyhow::Result<Vec<(i64, String)>> {
    let mut statement = connection.prepare_cached(
        "SELECT row, fact FROM journal WHERE row IN (SELECT row FROM customer_rows WHERE customer = ?1) ORDER BY row",
    )?;
    let rows = statement.query_map([customer.to_string()], |row| {
        Ok((row.get(0)?, project::fact(&row.get::<_, String>(1)?)?))
    })?;
    let mut found = Vec::new();
    for row in rows {
        let (row, fact) = row?;
        if let Event::MailPosted {
            to,
            matter: Matter::Transcript { interaction: of },
            ..
        } = fact.event
            && of == interaction
        {
            found.push((row, to));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::words::zone_of;

    fn fact(event: &str) -> Fact {
        let text = format!(
            r#"{{"at": 1795786200000, "interaction": "0af7651916cd43dd8448eb211c80319c", {event}}}"#
        );
        project::fact(&text).unwrap()
    }

    fn said(text: &str) -> Fact {
        fact(&format!(
            r#""event": "said", "from": {{"party": "customer"}}, "mid": "m1", "text": "{text}""#
        ))
    }

    #[test]
    fn a_chat_is_written_line_by_line_by_the_clock_of_the_house() {
        let facts = [said("Hello?\\nIs it you?"), fact(r#""event": "started""#)];

        assert_eq!(
            write(Language::De, &facts, &zone_of("Europe/Berlin")).as_deref(),
            Some("[2026-11-27 14:30] Sie: Hello?\r\n    Is it you?\r\n")
        );
    }

    #[test]
    fn of_what_was_revised_the_last_word_is_written() {
        let said = |seq: u8, text: &str| {
            let fields =
                format!(r#""from": {{"party": "customer"}}, "mid": "m{seq}", "text": "{text}""#);
            fact(&format!(r#""seq": {seq}, "event": "said", {fields}"#))
        };
        let by = r#""by": {"party": "customer"}, "of""#;
        let edited = |of: u8, text: &str| {
            fact(&format!(
                r#""seq": 9, "event": "message_edited", {by}: {of}, "text": "{text}""#
            ))
        };
        let deleted = fact(&format!(r#""seq": 9, "event": "message_deleted", {by}: 2"#));
        let facts = [
            said(1, "Helo"),
            said(2, "My password"),
            edited(1, "Hell"),
            edited(1, "Hello"),
            deleted,
        ];

        assert_eq!(
            write(Language::En, &facts, &zone_of("UTC")).as_deref(),
            Some("[2026-11-27 13:30] You: Hello\r\n")
        );
    }

    #[test]
    fn a_file_is_named_where_it_came() {
        let shared = |name: &str| {
            fact(&format!(
                r#""event": "file_shared", "from": {{"party": "customer"}}, "mid": "m2", "file":
                   {{"file": "7f3c2a1b9d8e4f6aa1b2c3d4e5f60718", "name": "{name}", "kind": "image/png", "bytes": 9}}"#
            ))
        };

        assert_eq!(
            write(Language::En, &[shared("receipt.png")], &zone_of("UTC")).as_deref(),
            Some("[2026-11-27 13:30] You: [receipt.png]\r\n")
        );
        assert_eq!(write(Language::En, &[shared("")], &zone_of("UTC")), None);
    }

    #[test]
    fn of_a_chat_that_was_erased_nothing_is_written() {
        assert_eq!(write(Language::En, &[said("")], &zone_of("UTC")), None);
    }
}
