//! CSV (RFC 4180): one line an event of a record, and lists of interactions. No cell begins as a formula does, so that a
//! spreadsheet shows what somebody wrote instead of carrying it out.

use anyhow::Context;
use csv::{Terminator, Writer, WriterBuilder};
use hub::Fact;
use serde_json::{Map, Value};

use super::rfc3339;
use crate::store::{project, read::InteractionLine};

/// The columns of a record.
const EVENTS: [&str; 11] = [
    "time",
    "at",
    "interaction",
    "seq",
    "event",
    "agent",
    "channel",
    "queue",
    "leg",
    "text",
    "details",
];

/// The columns of a list.
const LINES: [&str; 10] = [
    "interaction",
    "opened",
    "opened_at",
    "ended_at",
    "sealed_at",
    "channel",
    "queue",
    "customer",
    "outcome",
    "merged_into",
];

/// Where the words of an event stand, the most telling first.
const TEXTS: [&str; 5] = ["text", "note", "comment", "reason", "what"];

/// Writes one line for each fact of an interaction.
pub fn events(facts: &[Fact]) -> anyhow::Result<String> {
    let mut table = Table::new(&EVENTS)?;
    for fact in facts {
        let (event, details) = project::told(&fact.event);
        let mut fields = match details {
            Value::Object(fields) => fields,
            other => Map::from_iter([("details".to_owned(), other)]),
        };
        let agent = agent(&mut fields);
        let [channel, queue, leg] = ["channel", "queue", "leg"].map(|name| word(&mut fields, name));
        let text = TEXTS.iter().find_map(|name| word(&mut fields, name));
        let details = match fields.is_empty() {
            true => String::new(),
            false => serde_json::to_string(&fields).context("writing what a fact says")?,
        };
        table.line([
            rfc3339(fact.at),
            fact.at.0.to_string(),
            fact.interaction
                .map(|id| id.to_string())
                .unwrap_or_default(),
            fact.seq.map(|seq| seq.0.to_string()).unwrap_or_default(),
            event,
            agent,
            channel.unwrap_or_default(),
            queue.unwrap_or_default(),
            leg.unwrap_or_default(),
            text.unwrap_or_default(),
            details,
        ])?;
    }
    table.finish()
}

/// Writes a list of interactions.
pub fn lines(lines: &[InteractionLine]) -> anyhow::Result<String> {
    let mut table = Table::new(&LINES)?;
    for line in lines {
        table.list(line)?;
    }
    table.finish()
}

/// A table as it grows.
pub struct Table(Writer<Vec<u8>>);

impl Table {
    fn new(columns: &[&str]) -> anyhow::Result<Self> {
        let mut table = Self(
            WriterBuilder::new()
                .terminator(Terminator::CRLF)
                .from_writer(Vec::new()),
        );
        table.line(columns.iter().map(|column| (*column).to_owned()))?;
        Ok(table)
    }

    fn line(&mut self, cells: impl IntoIterator<Item = String>) -> anyhow::Result<()> {
        let cells = cells.into_iter().map(guard);
        self.0.write_record(cells).context("writing a line of CSV")
    }

    fn list(&mut self, line: &InteractionLine) -> anyhow::Result<()> {
        let at = |at: Option<i64>| at.map(|at| at.to_string()).unwrap_or_default();
        let opened = ws::id::Timestamp(line.opened_at.unsigned_abs());
        self.line([
            line.interaction.clone(),
            rfc3339(opened),
            line.opened_at.to_string(),
            at(line.ended_at),
            at(line.sealed_at),
            line.channel.clone(),
            line.queue.clone(),
            line.customer.clone(),
            line.outcome.clone().unwrap_or_default(),
            line.merged_into.clone().unwrap_or_default(),
        ])
    }

    fn finish(self) -> anyhow::Result<String> {
        let bytes = self.0.into_inner().context("writing CSV")?;
        String::from_utf8(bytes).context("writing CSV as text")
    }
}

// A field that is a plain word; anything else stays where it is.
fn word(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    if !fields.get(name).is_some_and(Value::is_string) {
        return None;
    }
    match fields.remove(name) {
        Some(Value::String(word)) => Some(word),
        Some(_) | None => None,
    }
}

// The agent it is about, or who did it.
fn agent(fields: &mut Map<String, Value>) -> String {
    if let Some(agent) = word(fields, "agent") {
        return agent;
    }
    let by = ["from", "by"].iter().find_map(|name| fields.get(*name));
    let agent = by.and_then(|by| by.get("agent")).and_then(Value::as_str);
    agent.unwrap_or_default().to_owned()
}

// What a spreadsheet takes for a formula begins with one of these.
fn guard(cell: String) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Vec<Fact> {
        let lines = include_str!("../store/facts.jsonl").lines();
        let facts = lines.map(|line| project::fact(line).unwrap());
        facts.filter(|fact| fact.interaction.is_some()).collect()
    }

    fn read(text: &str) -> Vec<csv::StringRecord> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        reader.records().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_record_is_one_line_a_fact_with_what_it_says() {
        let facts = facts();

        let text = events(&facts).unwrap();

        let rows = read(&text);
        assert_eq!(rows.len(), facts.len() + 1);
        assert_eq!(rows[0].iter().collect::<Vec<_>>(), EVENTS);
        let said = rows.iter().find(|row| &row[4] == "said").unwrap();
        assert_eq!(&said[0], "2026-01-01T00:00:12.000Z");
        let answer = rows.iter().find(|row| row[9].contains("On its")).unwrap();
        assert_eq!(&answer[9], "On its way, \"Ida\",\nsince today");
        assert_eq!(&answer[5], "anna");
        let known = rows.iter().find(|row| &row[4] == "customer_known").unwrap();
        assert!(known[10].contains("+4930123456"), "{}", &known[10]);
    }

    #[test]
    fn no_cell_begins_as_a_formula() {
        let text = events(&facts()).unwrap();

        assert!(text.contains("'=where is my order?"), "{text}");
        for cell in read(&text).iter().flat_map(csv::StringRecord::iter) {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(guard(bad.to_owned()), format!("'{bad}"));
        }
        assert_eq!(guard("a=b".to_owned()), "a=b");
    }

    #[test]
    fn a_list_has_a_line_for_each_interaction() {
        let line = InteractionLine {
            interaction: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            opened_at: 1_767_225_600_000,
            ended_at: Some(1_767_225_660_000),
            sealed_at: None,
            channel: "chat".to_owned(),
            queue: "-support".to_owned(),
            zone: None,
            customer: "5c1e57a9c0de4bada55e77ed0dad0001".to_owned(),
            who: Some("Ida Muster".to_owned()),
            outcome: None,
            merged_into: None,
        };

        let rows = read(&lines(&[line]).unwrap());

        assert_eq!(rows[0].iter().collect::<Vec<_>>(), LINES);
        assert_eq!(&rows[1][1], "2026-01-01T00:00:00.000Z");
        assert_eq!(&rows[1][6], "'-support");
        assert_eq!(&rows[1][4], "");
    }
}
