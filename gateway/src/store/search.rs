//! Finding interactions: by whom, by what was said, by who served, in pages from the newest.

use std::collections::BTreeSet;

use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, ToSql};
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

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The newest first.
    pub lines: Vec<InteractionLine>,
    /// The last that was looked at, where there may be more that fit behind it and the page is not full.
    pub until: Option<String>,
}

/// Of how many that go on words are looked for at most for one page, where what else is looked for is common.
const LOOKED: i64 = 2_000;

/// Where words are looked for.
enum Said {
    /// In what is sealed, by its index.
    Sealed(String),
    /// In what goes on.
    Live,
}

/// Interactions, each with its place in the order.
type Placed = Vec<(i64, InteractionLine)>;

/// Returns what fits, newest first, as far as was looked. What stands before another in the journal is older.
pub fn search(connection: &Connection, search: &Search) -> anyhow::Result<Found> {
    if search.name.as_deref().is_some_and(is_wordless) {
        return Ok(Found::default());
    }
    let words = search.text.as_deref().map(quoted);
    let Some(words) = words.filter(|words| !words.is_empty()) else {
        let found = page(connection, search, None)?.into_iter();
        return Ok(Found {
            lines: found.map(|(_, line)| line).collect(),
            until: None,
        });
    };
    // What is sealed meanwhile would be found in neither.
    let _as_one = connection
        .unchecked_transaction()
        .context("searching interactions")?;
    let (mut found, stopped) = live_with(connection, search, &words)?;
    if !search.live {
        found.extend(page(connection, search, Some(Said::Sealed(words)))?);
        found.sort_by_key(|(row, _)| std::cmp::Reverse(*row));
    }
    // What is older than that may have others between that were not looked at.
    if let Some((last, _)) = &stopped {
        found.retain(|(row, _)| row >= last);
    }
    let wanted = usize::try_from(search.limit).unwrap_or(usize::MAX);
    let full = found.len() >= wanted;
    found.truncate(wanted);
    Ok(Found {
        lines: found.into_iter().map(|(_, line)| line).collect(),
        until: stopped.filter(|_| !full).map(|(_, last)| last),
    })
}

// Nobody is called so. Where nothing was written, nothing is looked for.
fn is_wordless(name: &str) -> bool {
    !name.trim().is_empty() && project::words_of(name).next().is_none()
}

// Every word in quotation marks, so that no word is an operator; a zero would end the text.
fn quoted(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c == '\0');
    let words = words.filter(|word| !word.is_empty());
    let words = words.map(|word| format!("\"{}\"", word.replace('"', "\"\"")));
    words.collect::<Vec<_>>().join(" ")
}

/// Returns what is not sealed and has all these words, of the newest that fit else, and the last that was looked at where there are more. It
/// stands in no index, so that writing it costs no more and nothing of it is to be taken out of one; it is indexed in memory
/// for one question, as what is sealed is.
fn live_with(
    connection: &Connection,
    search: &Search,
    words: &str,
) -> anyhow::Result<(Placed, Option<(i64, String)>)> {
    let mut query = Query::of(connection, search, Some(Said::Live))?;
    let stopped = match query.leader {
        Some(Leader::Live) => last_looked_at(connection, search)?,
        Some(Leader::Key | Leader::Text | Leader::Customer) | None => None,
    };
    if let Some((last, _)) = &stopped {
        query.with("{row} >= {}", *last);
    }
    // What few have, or one customer, are not more.
    let mut found = query.lines(connection, COUNTED)?;
    let with = with(connection, &found, words).context("searching what goes on")?;
    found.retain(|(row, _)| with.contains(row));
    Ok((found, stopped))
}

// The last that is looked at where what goes on leads, by times alone; none where there are not so many.
fn last_looked_at(
    connection: &Connection,
    search: &Search,
) -> anyhow::Result<Option<(i64, String)>> {
    let mut query = Query {
        leader: Some(Leader::Live),
        ..Query::default()
    };
    query.fits("interactions.sealed_at IS NULL");
    query.times(search);
    let text = format!(
        "SELECT row, interaction FROM {} WHERE {} ORDER BY row DESC LIMIT 1 OFFSET {}",
        query.from(),
        query.condition(),
        LOOKED - 1,
    );
    let mut statement = connection.prepare_cached(&text)?;
    let last = statement.query_row(&query.values()[..], |row| Ok((row.get(0)?, row.get(1)?)));
    last.optional().context("looking through what goes on")
}

// The places of those of `found` that have all these words.
fn with(
    connection: &Connection,
    found: &[(i64, InteractionLine)],
    words: &str,
) -> rusqlite::Result<BTreeSet<i64>> {
    let made: String = connection.query_row(
        "SELECT sql FROM main.sqlite_schema WHERE name = 'texts'",
        [],
        |row| row.get(0),
    )?;
    let mut index = Connection::open_in_memory()?;
    index.execute_batch(&made)?;
    let adding = index.transaction()?;
    {
        let mut add = adding.prepare("INSERT INTO texts (rowid, text) VALUES (?1, ?2)")?;
        for (row, line) in found {
            let text = project::document(connection, &line.interaction)?;
            if !text.is_empty() {
                add.execute((row, text))?;
            }
        }
    }
    adding.commit()?;
    let mut fit = index.prepare("SELECT rowid FROM texts WHERE texts MATCH ?1")?;
    fit.query_map([words], |row| row.get(0))?.collect()
}

fn page(connection: &Connection, search: &Search, said: Option<Said>) -> anyhow::Result<Placed> {
    Query::of(connection, search, said)?.lines(connection, i64::from(search.limit))
}

/// Keys are counted so far to find the rarest; what is more common costs about the same to lead with.
const COUNTED: i64 = 4_096;

/// A query as it grows: the rarest key leads, the others are looked up for each row it gives.
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
    Live,
}

impl Query {
    fn of(connection: &Connection, search: &Search, said: Option<Said>) -> anyhow::Result<Self> {
        let mut query = Self::default();
        query.keys(connection, search, said)?;
        if let Some(customer) = search.customer {
            query.customer(connection, customer)?;
        }
        if search.live {
            query.fits("interactions.sealed_at IS NULL");
        }
        query.times(search);
        Ok(query)
    }

    fn times(&mut self, search: &Search) {
        if let Some(from) = search.from {
            // Times follow rows, so that a time is a place in the order.
            self.with(
                "{row} >= coalesce((SELECT row FROM interactions WHERE opened_at >= {} ORDER BY opened_at, row LIMIT 1), 9e18)",
                from,
            );
        }
        if let Some(to) = search.to {
            self.with(
                "{row} <= coalesce((SELECT row FROM interactions WHERE opened_at < {} ORDER BY opened_at DESC, row DESC LIMIT 1), 0)",
                to,
            );
        }
        if let Some(after) = search.after {
            self.with(
                "{row} < coalesce((SELECT row FROM interactions WHERE interaction = {}), 0)",
                after.to_string(),
            );
        }
    }

    // With the place of each in the order.
    fn lines(mut self, connection: &Connection, limit: i64) -> anyhow::Result<Placed> {
        let limit = self.value(limit);
        let text = format!(
            "SELECT interactions.*, (SELECT coalesce(name, number, mail) FROM customers
                WHERE customers.customer = interactions.customer) AS who FROM {} WHERE {} ORDER BY {} DESC LIMIT {limit}",
            self.from(),
            self.condition(),
            self.order(),
        );
        let mut statement = connection.prepare_cached(&text)?;
        let rows = statement.query_map(&self.values()[..], |row| {
            Ok((row.get("row")?, interaction_line(row)?))
        })?;
        rows.collect::<rusqlite::Result<_>>()
            .context("searching interactions")
    }

    fn values(&self) -> Vec<&dyn ToSql> {
        self.values.iter().map(AsRef::as_ref).collect()
    }

    fn keys(
        &mut self,
        connection: &Connection,
        search: &Search,
        said: Option<Said>,
    ) -> anyhow::Result<()> {
        let words = search.name.iter().flat_map(|name| project::words_of(name));
        let mail = search.mail.as_ref().map(|mail| mail.to_lowercase());
        let mut keys: Vec<(&str, String)> = Vec::new();
        keys.extend(search.number.clone().map(|number| ("number", number)));
        keys.extend(mail.map(|mail| ("mail", mail)));
        keys.extend(words.map(|word| ("name", word)));
        let leads = keys.is_empty() && search.customer.is_none();
        let live = matches!(said, Some(Said::Live));
        if let Some(Said::Sealed(words)) = said {
            self.sealed(words, leads);
        }
        keys.extend(search.agent.clone().map(|agent| ("agent", agent)));
        keys.extend(search.outcome.clone().map(|outcome| ("outcome", outcome)));
        keys.extend(search.queue.clone().map(|queue| ("queue", queue)));
        if live {
            self.fits("interactions.sealed_at IS NULL");
            // What is common leads through all that ever was.
            self.leader = few(connection, &keys)?.is_none().then_some(Leader::Live);
        }
        if self.leader.is_none() && search.customer.is_none() && !keys.is_empty() {
            let rarest = rarest(connection, &keys)?;
            let (kind, value) = keys.remove(rarest);
            let (kind, value) = (self.value(kind.to_owned()), self.value(value));
            self.leader = Some(Leader::Key);
            self.conditions
                .push(format!("lead.kind = {kind} AND lead.value = {value}"));
        }
        for (kind, value) in keys {
            let (kind, value) = (self.value(kind.to_owned()), self.value(value));
            self.conditions.push(format!(
                "EXISTS (SELECT 1 FROM found_by WHERE kind = {kind} AND value = {value} AND row = interactions.row)"
            ));
        }
        Ok(())
    }

    fn sealed(&mut self, words: String, leads: bool) {
        self.fits("interactions.sealed_at IS NOT NULL");
        let words = self.value(words);
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
        // Said of the leader's own column, so that it begins where the page does.
        let condition = condition.replace("{row}", self.order());
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
            Some(Leader::Live) => "interactions INDEXED BY interactions_live",
            Some(Leader::Key) => {
                "found_by AS lead CROSS JOIN interactions ON interactions.row = lead.row"
            }
            Some(Leader::Text) => "texts CROSS JOIN interactions ON interactions.row = texts.rowid",
        }
    }

    fn order(&self) -> &'static str {
        match self.leader {
            None | Some(Leader::Customer | Leader::Live) => "interactions.row",
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

/// Returns the place of the key that fewest interactions have; the first of those that are equally rare.
fn rarest(connection: &Connection, keys: &[(&str, String)]) -> anyhow::Result<usize> {
    if keys.len() < 2 {
        return Ok(0);
    }
    Ok(few(connection, keys)?.unwrap_or(0))
}

/// Returns the place of the key that fewest interactions have, none where all of them are common.
pub(super) fn few(
    connection: &Connection,
    keys: &[(&str, String)],
) -> anyhow::Result<Option<usize>> {
    let (mut rarest, mut fewest) = (None, COUNTED);
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM (SELECT 1 FROM found_by WHERE kind = ?1 AND value = ?2 LIMIT ?3)",
    )?;
    for (place, (kind, value)) in keys.iter().enumerate() {
        // More than the fewest so far need not be counted.
        let count: i64 = statement.query_row((kind, value, fewest), |row| row.get(0))?;
        if count < fewest {
            (rarest, fewest) = (Some(place), count);
        }
    }
    Ok(rarest)
}

#[cfg(test)]
mod tests {
    use super::*;

    // So many interactions have each key.
    fn stored(keys: &[(&str, &str, i64)]) -> Connection {
        let connection = crate::store::tests::in_memory();
        for (kind, value, count) in keys {
            let insert = "WITH RECURSIVE rows (row) AS (VALUES (1) UNION ALL SELECT row + 1 FROM rows LIMIT ?3)
                INSERT INTO found_by SELECT ?1, ?2, row FROM rows";
            connection.execute(insert, (kind, value, count)).unwrap();
        }
        connection
    }

    fn leader(connection: &Connection, keys: &[(&str, &str)]) -> usize {
        let keys: Vec<_> = keys
            .iter()
            .map(|(kind, value)| (*kind, (*value).to_owned()))
            .collect();
        rarest(connection, &keys).unwrap()
    }

    #[test]
    fn the_rarest_key_leads() {
        let connection = stored(&[
            ("name", "ida", 300),
            ("name", "muster", 2),
            ("outcome", "refund", COUNTED + 10),
            ("queue", "support", COUNTED + 20),
        ]);

        let names = [("name", "ida"), ("name", "muster")];
        assert_eq!(leader(&connection, &names), 1);
        let outcomes = [("outcome", "refund"), ("name", "ida")];
        assert_eq!(leader(&connection, &outcomes), 1);
        let common = [("outcome", "refund"), ("queue", "support")];
        assert_eq!(leader(&connection, &common), 0);
        let nobody = [("name", "muster"), ("name", "nobody")];
        assert_eq!(leader(&connection, &nobody), 1);
    }

    #[test]
    fn what_is_found_says_what_its_customer_is_called() {
        let connection = stored(&[]);
        let people = "INSERT INTO customers (customer, known_at, name, number) VALUES
            ('ida', 1, 'Ida Muster', '+4930111'), ('tel', 1, NULL, '+4930222'), ('new', 1, NULL, NULL)";
        connection.execute(people, []).unwrap();
        for (row, customer) in (0_i64..).zip(["ida", "tel", "new", "gone"]) {
            let insert =
                "INSERT INTO interactions (interaction, row, opened_at, channel, queue, customer)
                VALUES (?1, ?1, ?1, 'chat', 'support', ?2)";
            connection.execute(insert, (row, customer)).unwrap();
        }
        let search = Search {
            limit: 10,
            ..Search::default()
        };

        let found = super::search(&connection, &search).unwrap();

        let called: Vec<_> = found.lines.iter().map(|line| line.who.as_deref()).collect();
        assert_eq!(called, [None, None, Some("+4930222"), Some("Ida Muster")]);
    }

    #[test]
    fn a_name_without_a_word_is_nobodys() {
        let connection = stored(&[("name", "ida", 1)]);
        let insert =
            "INSERT INTO interactions (interaction, row, opened_at, channel, queue, customer)
            VALUES ('one', 1, 1, 'chat', 'support', 'ida')";
        connection.execute(insert, []).unwrap();
        let found = |name: &str| {
            let search = Search {
                name: Some(name.to_owned()),
                limit: 10,
                ..Search::default()
            };
            super::search(&connection, &search).unwrap().lines.len()
        };

        for name in [".", "%", "- -", "\u{1F600}", "\0"] {
            assert_eq!(found(name), 0, "{name:?}");
        }
        for name in ["ida", "Ida.", "", " "] {
            assert_eq!(found(name), 1, "{name:?}");
        }
    }

    #[test]
    fn a_text_of_whatever_characters_is_looked_for() {
        let connection = stored(&[]);
        for text in [
            "", " ", "\0", "a\0b", "\"", "\" OR \"", "*", "a AND", "NEAR(", "-a", "^a",
        ] {
            let search = Search {
                text: Some(text.to_owned()),
                limit: 10,
                ..Search::default()
            };

            let found = super::search(&connection, &search);

            assert_eq!(
                found.map(|found| found.lines.len()).ok(),
                Some(0),
                "{text:?}"
            );
        }
    }

    #[test]
    fn of_what_goes_on_one_page_looks_through_so_many_and_leads_to_the_rest() {
        let connection = stored(&[]);
        let all = LOOKED + 10;
        for insert in [
            "INSERT INTO interactions (interaction, row, opened_at, channel, queue, customer)
                WITH RECURSIVE rows (row) AS (VALUES (1) UNION ALL SELECT row + 1 FROM rows LIMIT ?1)
                SELECT printf('%032x', row), row, row, 'chat', 'support', '' FROM rows",
            "INSERT INTO messages (interaction, row, seq, at, author, mid, text)
                SELECT interaction, row, 1, row, 'customer', 'm', iif(row IN (3, 5, ?1 - 2), 'a needle', 'hay')
                FROM interactions",
            "UPDATE interactions SET sealed_at = ?1 WHERE row = 3",
            "INSERT INTO texts (rowid, text) SELECT row, text FROM messages WHERE row = 3 AND ?1 > 0",
        ] {
            connection.execute(insert, [all]).unwrap();
        }
        let id = |row: i64| InteractionId::new(u128::from(row.unsigned_abs()));
        let with = |after| Search {
            text: Some("needle".to_owned()),
            after,
            limit: 10,
            ..Search::default()
        };
        let found = |search: &Search| {
            let found = super::search(&connection, search).unwrap();
            let lines = found
                .lines
                .into_iter()
                .map(|line| line.interaction.parse().ok());
            (lines.collect::<Vec<_>>(), found.until)
        };

        let (first, until) = found(&with(None));
        assert_eq!(first, [id(all - 2)], "what is sealed is older");
        assert_eq!(until, id(11).map(|id| id.to_string()));
        assert_eq!(found(&with(id(11))), (vec![id(5), id(3)], None));
        let full = Search {
            limit: 1,
            ..with(None)
        };
        assert_eq!(found(&full), (vec![id(all - 2)], None));
    }

    // How SQLite goes about it, step by step.
    fn plan(connection: &Connection, query: &Query) -> Vec<String> {
        let text = format!(
            "EXPLAIN QUERY PLAN SELECT interactions.* FROM {} WHERE {} ORDER BY {} DESC",
            query.from(),
            query.condition(),
            query.order(),
        );
        let mut plan = connection.prepare(&text).unwrap();
        let plan = plan.query_map(&query.values()[..], |row| row.get(3));
        plan.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn what_goes_on_is_read_by_its_own_index_where_nothing_is_rare() {
        let connection = stored(&[("queue", "support", COUNTED + 1), ("name", "ida", 3)]);
        let plan = |search: &Search| {
            let query = Query::of(&connection, search, Some(Said::Live)).unwrap();
            plan(&connection, &query)
        };
        let common = Search {
            queue: Some("support".to_owned()),
            ..Search::default()
        };
        let rare = Search {
            name: Some("Ida".to_owned()),
            ..common.clone()
        };

        let (common, rare) = (plan(&common), plan(&rare));

        assert!(common[0].contains("INDEX interactions_live"), "{common:?}");
        assert!(!common.concat().contains("TEMP B-TREE"), "{common:?}");
        assert!(rare[0].contains("SEARCH lead"), "{rare:?}");
    }

    // The rows that are read before the first that fits are what a page costs.
    #[test]
    fn a_page_begins_where_the_one_before_ended() {
        let connection = stored(&[("queue", "support", 5)]);
        let search = Search {
            queue: Some("support".to_owned()),
            ..Search::default()
        };
        let mut query = Query::default();
        query.keys(&connection, &search, None).unwrap();
        query.with("{row} < {}", 4);

        let plan = plan(&connection, &query);
        assert_eq!(
            plan[0],
            "SEARCH lead USING PRIMARY KEY (kind=? AND value=? AND row<?)"
        );
        assert!(!plan.concat().contains("TEMP B-TREE"), "{plan:?}");
    }
}
