//! What was written and acknowledged, and the verdict: what each party was shown, compared with the journal.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Mutex,
};

use serde_json::Value;
use ws::id::{InteractionId, Mid, Seq};

use super::page::Page;
use crate::audit::{Records, list, text, unsound};

/// What visitors say last; agents answer it always.
pub const FAREWELL: &str = "Good-bye";

/// What was written and acknowledged.
#[derive(Debug, Default)]
pub struct Book {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    written: HashMap<Mid, String>,
    acknowledged: Vec<(InteractionId, Mid)>,
    wrong: Vec<String>,
}

impl Book {
    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .expect("nobody panics while they hold the book")
    }

    /// Gives `who`'s message number `number` its id, and notes what it says.
    pub fn write(&self, who: &str, number: usize, text: &str) -> Mid {
        let mid: Mid = format!("{who}-{number}")
            .parse()
            .expect("a name and a number make an id");
        self.inner().written.insert(mid.clone(), text.to_owned());
        mid
    }

    /// Notes that the server said it has a message.
    pub fn acknowledged(&self, interaction: InteractionId, mid: Mid) {
        self.inner().acknowledged.push((interaction, mid));
    }

    /// Notes something that must not be.
    pub fn wrong(&self, what: String) {
        self.inner().wrong.push(what);
    }

    /// Returns how many messages were acknowledged.
    pub fn count(&self) -> usize {
        self.inner().acknowledged.len()
    }

    /// Compares everything; returns what is wrong.
    pub fn judge(&self, records: &Records, pages: &[Page]) -> Vec<String> {
        let inner = self.inner();
        let mut wrong = inner.wrong.clone();
        let journal: BTreeMap<InteractionId, Journal<'_>> = records
            .0
            .iter()
            .map(|(&id, record)| (id, Journal::read(record)))
            .collect();
        for (id, record) in &records.0 {
            wrong.extend(
                unsound(record)
                    .into_iter()
                    .map(|what| format!("{id}: {what}")),
            );
        }
        for (id, mid) in &inner.acknowledged {
            let kept = journal
                .get(id)
                .is_some_and(|journal| journal.mids.contains(mid.as_str()));
            if !kept {
                wrong.push(format!("{id}: {mid} was acknowledged and is lost"));
            }
        }
        for (id, journal) in &journal {
            journal.compare(*id, &inner.written, &mut wrong);
        }
        for page in pages {
            match journal.get(&page.interaction) {
                Some(journal) => compare(page, journal, &mut wrong),
                None => wrong.push(format!(
                    "{} was shown {}, which has no record",
                    page.who, page.interaction
                )),
            }
        }
        wrong.extend(incomplete(&journal, pages));
        wrong
    }
}

/// The messages of one record.
struct Journal<'a> {
    /// The id and the text at each place; none where something else stands.
    places: BTreeMap<u64, Option<(&'a str, &'a str)>>,
    /// Those of people, without the house's greeting.
    mids: BTreeSet<&'a str>,
}

impl<'a> Journal<'a> {
    fn read(record: &'a Value) -> Self {
        let mut journal = Self {
            places: BTreeMap::new(),
            mids: BTreeSet::new(),
        };
        for entry in list(&record["timeline"]) {
            let said = entry["what"] == "message";
            let message = said.then(|| (text(&entry["mid"]), text(&entry["text"])));
            journal
                .places
                .insert(entry["seq"].as_u64().unwrap_or(0), message);
            if said && entry["from"]["party"] != "system" {
                journal.mids.insert(text(&entry["mid"]));
            }
        }
        journal
    }

    // Everything that stands there was written so, and each writer's messages stand in the order of writing.
    fn compare(&self, id: InteractionId, written: &HashMap<Mid, String>, wrong: &mut Vec<String>) {
        let mut last: HashMap<&str, usize> = HashMap::new();
        for (mid, said) in self.places.values().flatten() {
            if !self.mids.contains(mid) {
                continue;
            }
            let known = mid.parse::<Mid>().ok().and_then(|mid| written.get(&mid));
            if known.is_none_or(|known| known != said) {
                wrong.push(format!("{id}: nobody wrote {mid} as {said:?}"));
            }
            let (who, number) = mid.rsplit_once('-').unwrap_or((mid, ""));
            let number = number.parse().unwrap_or(0);
            if let Some(before) = last.insert(who, number)
                && before >= number
            {
                wrong.push(format!(
                    "{id}: {mid} stands behind number {before} of its writer"
                ));
            }
        }
    }
}

// A page shows what the journal has, in its order, each entry once and none left out.
fn compare(page: &Page, journal: &Journal<'_>, wrong: &mut Vec<String>) {
    let place = format!("{} in {}", page.who, page.interaction);
    for (number, (seq, message)) in page.shown.iter().enumerate() {
        if *seq != Seq(number as u64 + 1) {
            wrong.push(format!(
                "{place}: entry {} was shown at place {}",
                seq.0,
                number + 1
            ));
            return;
        }
        let shown = message
            .as_ref()
            .map(|(mid, said)| (mid.as_str(), said.as_str()));
        if journal.places.get(&seq.0) != Some(&shown) {
            wrong.push(format!(
                "{place}: entry {} was shown as {shown:?}, the journal has {:?}",
                seq.0,
                journal.places.get(&seq.0)
            ));
        }
    }
}

// The visitor and whoever answered the farewell saw everything up to it; what is before it follows from the order.
fn incomplete(
    journal: &BTreeMap<InteractionId, Journal<'_>>,
    pages: &[Page],
) -> impl Iterator<Item = String> {
    let mut seen: BTreeMap<InteractionId, usize> = BTreeMap::new();
    for page in pages {
        let whole = page.shown.iter().any(|(_, message)| {
            message
                .as_ref()
                .is_some_and(|(_, said)| said.as_str() == FAREWELL)
        });
        *seen.entry(page.interaction).or_default() += usize::from(whole);
    }
    journal.keys().filter_map(move |id| {
        let count = seen.get(id).copied().unwrap_or(0);
        (count < 2).then(|| format!("{id}: only {count} of visitor and agent saw it to its end"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "0af7651916cd43dd8448eb211c80319c";

    fn record() -> Value {
        let said = |seq: u64, mid: &str, text: &str| json!({ "seq": seq, "what": "message", "mid": mid, "text": text, "from": { "party": "customer" } });
        json!({
            "sealed_at": 9, "outcome": "served",
            "timeline": [
                { "seq": 1, "what": "queued" },
                said(2, "v0-0", "Hello"),
                said(3, "v0-1", FAREWELL),
                { "seq": 4, "what": "ended", "reason": "customer" },
            ],
        })
    }

    fn page(who: &str, shown: &[(u64, Option<(&str, &str)>)]) -> Page {
        let message = |(mid, said): (&str, &str)| (mid.parse().unwrap(), said.to_owned());
        Page {
            who: who.to_owned(),
            interaction: ID.parse().unwrap(),
            shown: shown
                .iter()
                .map(|(seq, said)| (Seq(*seq), said.map(message)))
                .collect(),
        }
    }

    fn whole(who: &str) -> Page {
        let shown = [
            (1, None),
            (2, Some(("v0-0", "Hello"))),
            (3, Some(("v0-1", FAREWELL))),
        ];
        page(who, &shown)
    }

    fn verdict(pages: &[Page], record: Value) -> Vec<String> {
        let book = Book::default();
        for (number, text) in ["Hello", FAREWELL].iter().enumerate() {
            let mid = book.write("v0", number, text);
            book.acknowledged(ID.parse().unwrap(), mid);
        }
        book.judge(
            &Records(BTreeMap::from([(ID.parse().unwrap(), record)])),
            pages,
        )
    }

    #[test]
    fn who_saw_what_the_journal_has_is_right() {
        let none: Vec<String> = Vec::new();

        assert_eq!(verdict(&[whole("v0"), whole("agent0")], record()), none);
    }

    #[test]
    fn what_is_doubled_left_out_out_of_order_or_never_seen_is_found() {
        let doubled = page(
            "agent0",
            &[
                (1, None),
                (2, Some(("v0-0", "Hello"))),
                (2, Some(("v0-0", "Hello"))),
            ],
        );
        let other = page("agent0", &[(1, None), (2, Some(("v0-0", "Hullo")))]);
        let gap = page("agent0", &[(1, None), (3, Some(("v0-1", FAREWELL)))]);

        for bad in [doubled, other, gap] {
            assert_eq!(
                verdict(&[whole("v0"), whole("agent1"), bad], record()).len(),
                1
            );
        }
        assert_eq!(verdict(&[whole("v0")], record()).len(), 1);
    }

    #[test]
    fn what_is_lost_turned_round_or_written_by_nobody_is_found() {
        let mut lost = record();
        lost["timeline"][1]["mid"] = json!("v0-9");
        let mut turned = record();
        turned["timeline"][1]["mid"] = json!("v0-1");
        turned["timeline"][1]["text"] = json!(FAREWELL);
        turned["timeline"][2]["mid"] = json!("v0-0");
        turned["timeline"][2]["text"] = json!("Hello");

        let said = verdict(&[], lost).join("; ");
        assert!(said.contains("v0-0 was acknowledged and is lost"), "{said}");
        assert!(said.contains("nobody wrote v0-9"), "{said}");
        let said = verdict(&[], turned).join("; ");
        assert!(said.contains("stands behind number 1"), "{said}");
    }
}
