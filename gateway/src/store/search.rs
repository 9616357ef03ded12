//! Finding interactions: by whom, by what was said, by who served, in pages from the newest.

use anyhow::Context;
use rusqlite::{Connection, ToSql};
use ws::id::{CustomerId, InteractionId};

use super::{
    archive, project,
    read::{InteractionLine, interaction_line},
};

/// What is looked for; all of it must fit.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Of one customer, with everything that was merged into them.
    pub customer: Option<CustomerId>,
    /// Not sealed.
    pub live: bool,
    /// A number of the customer in it.
    pub number: Option<String>,
    /// A mail address of the customer in it.
    pub mail: Option<String>,
    /// Words of the customer's name, each whole.
    pub name: Option<String>,
    /// A queue it waited in.
    pub queue: Option<String>,
    /// An agent who had it.
    pub agent: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Words that were said or noted in it, each whole.
    pub text: Option<String>,
    /// Opened at this time or later, in milliseconds since 1970.
    pub from: Option<i64>,
    /// Opened before this time.
    pub to: Option<i64>,
    /// Older than this one.
    pub after: Option<InteractionId>,
    /// How many.
    pub limit: u32,
}

/// Returns what fits, newest first. What stands before another in the journal is older.
pub fn search(connection: &Connection, search: &Search) -> anyhow::Result<Vec<InteractionLine>> {
    let mut query = Query::default();
    query.keys(search);
    if let Some(customer) = search.customer {
        query.customer(connection, customer)?;
    }
    if search.live {
        query.fits("interactions.sealed_at IS NULL");
    }
    if let Some(from) = search.from {
        // Times follow rows, so that a time is a place in the order.
        query.with(
            "interactions.row >= coalesce((SELECT row FROM interactions WHERE opened_at >= {} ORDER BY opened_at, row LIMIT 1), 9e18)",
            from,
        );
    }
    if let Some(to) = search.to {
        query.with(
            "interactions.row <= coalesce((SELECT row FROM interactions WHERE opened_at < {} ORDER BY opened_at DESC, row DESC LIMIT 1), 0)",
            to,
        );
    }
    if let Some(after) = search.after {
        query.with(
            "interactions.row < coalesce((SELECT row FROM interactions WHERE interaction = {}), 0)",
            after.to_string(),
        );
    }
    let limit = query.value(i64::from(search.limit));
    let text = format!(
        "SELECT interactions.* FROM {} WHERE {} ORDER BY {} DESC LIMIT {limit}",
        query.from(),
        query.condition(),
        query.order(),
    );
    let values: Vec<&dyn ToSql> = query.values.iter().map(AsRef::as_ref).collect();
    let mut statement = connection.prepare_cached(&text)?;
    let rows = statement.query_map(&values[..], interaction_line)?;
    rows.collect::<rusqlite::Result<_>>()
        .context("searching interactions")
}

/// A query as it grows: the first key leads, the others are looked up for each row it gives.
#[derive(Default)]
struct Query {
    leader: Option<Leader>,
    conditions: Vec<String>,
    values: Vec<Box<dyn ToSql>>,
}

enum Leader {
    Key,
    Text,
    Customer,
}

impl Query {
    // The most telling goes first.
    fn keys(&mut self, search: &Search) {
        let words = search.name.iter().flat_map(|name| project::words_of(name));
        let mut keys: Vec<(&str, String)> = Vec::new();
        keys.extend(search.number.clone().map(|number| ("number", number)));
        keys.extend(
            search
                .mail
                .as_ref()
                .map(|mail| ("mail", mail.to_lowercase())),
        );
        keys.extend(words.map(|word| ("name", word)));
        if let Some(text) = search.text.as_ref() {
            self.text(text, keys.is_empty() && search.customer.is_none());
        }
        keys.extend(search.agent.clone().map(|agent| ("agent", agent)));
        keys.extend(search.outcome.clone().map(|outcome| ("outcome", outcome)));
        keys.extend(search.queue.clone().map(|queue| ("queue", queue)));
        for (kind, value) in keys {
            let (kind, value) = (self.value(kind.to_owned()), self.value(value));
            if self.leader.is_none() && search.customer.is_none() {
                self.leader = Some(Leader::Key);
                self.conditions
                    .push(format!("lead.kind = {kind} AND lead.value = {value}"));
                continue;
            }
            self.conditions.push(format!(
                "EXISTS (SELECT 1 FROM found_by WHERE kind = {kind} AND value = {value} AND row = interactions.row)"
            ));
        }
    }

    fn text(&mut self, text: &str, leads: bool) {
        // Every word in quotation marks, so that no word is an operator.
        let words = text.split_whitespace();
        let words = words.map(|word| format!("\"{}\"", word.replace('"', "\"\"")));
        let words = self.value(words.collect::<Vec<_>>().join(" "));
        if leads {
            self.leader = Some(Leader::Text);
            self.conditions.push(format!("texts MATCH {words}"));
        } else {
            self.conditions.push(format!(
                "interactions.row IN (SELECT rowid FROM texts WHERE texts MATCH {words})"
            ));
        }
    }

    fn customer(&mut self, connection: &Connection, customer: CustomerId) -> anyhow::Result<()> {
        let family = archive::family(connection, &customer.to_string())?;
        let family: Vec<String> = family.into_iter().map(|id| self.value(id)).collect();
        self.leader = Some(Leader::Customer);
        self.conditions
            .push(format!("interactions.customer IN ({})", family.join(", ")));
        Ok(())
    }

    fn fits(&mut self, condition: &str) {
        self.conditions.push(condition.to_owned());
    }

    fn with(&mut self, condition: &str, value: impl ToSql + 'static) {
        let value = self.value(value);
        self.conditions.push(condition.replace("{}", &value));
    }

    fn value(&mut self, value: impl ToSql + 'static) -> String {
        self.values.push(Box::new(value));
        format!("?{}", self.values.len())
    }

    fn from(&self) -> &'static str {
        match self.leader {
            None => "interactions",
            Some(Leader::Customer) => "interactions INDEXED BY interactions_of_customer",
            Some(Leader::Key) => {
                "found_by AS lead CROSS JOIN interactions ON interactions.row = lead.row"
            }
            Some(Leader::Text) => "texts CROSS JOIN interactions ON interactions.row = texts.rowid",
        }
    }

    fn order(&self) -> &'static str {
        match self.leader {
            None | Some(Leader::Customer) => "interactions.row",
            Some(Leader::Key) => "lead.row",
            Some(Leader::Text) => "texts.rowid",
        }
    }

    fn condition(&self) -> String {
        match self.conditions.is_empty() {
            true => "1".to_owned(),
            false => self.conditions.join(" AND "),
        }
    }
}
