//! A visitor's page that is shared: whole at first, then batches of what happens on it, as the recorder writes them.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use tokio::time;
use ws::{
    client::{Visitor, VisitorNews},
    cobrowse::{Act, Grant, Part, VisitorAct},
    id::InteractionId,
    timeline::What,
    visitor::Request,
};

use super::{LAST, Plan, ledger::Ledger};
use crate::{
    browser::{Machine, Tab},
    chats,
    house::House,
};

/// About so many bytes has a whole page.
pub const WHOLE: usize = 60_000;
/// About so many bytes has a batch.
pub const BATCH: usize = 1_200;
/// Bytes of a part; quotes are escaped in its frame.
const PART: usize = 8_000;

/// One page, shared and looked at.
pub struct Page {
    tab: Tab<Visitor>,
    interaction: InteractionId,
    ledger: Ledger,
    /// Whether the whole page was asked for.
    fresh: Arc<AtomicBool>,
    unanswered: usize,
}

impl Page {
    /// Opens a chat, allows the page to be seen when asked, and waits until somebody looks.
    pub async fn share(house: &House, number: u32, ledger: &Ledger) -> Result<Self> {
        let mut tab = chats::enter(house, number).await?;
        let fresh = Arc::new(AtomicBool::new(true));
        let asked = fresh.clone();
        tab.tap = Some(Box::new(move |text| {
            if text.starts_with(r#"{"push":"cobrowse""#) && text.contains(r#""is":"fresh""#) {
                asked.store(true, Ordering::Relaxed);
            }
        }));
        act(&mut tab, "the question", |act| {
            matches!(act, Act::Asked { .. })
        })
        .await?;
        let grants = BTreeSet::from([Grant::View]);
        tab.machine.cobrowse(VisitorAct::Answer { grants });
        act(&mut tab, "a viewer", |act| {
            matches!(act, Act::Joined { .. })
        })
        .await?;
        let Some(interaction) = tab.machine.interaction() else {
            bail!("there is no interaction")
        };
        Ok(Self {
            tab,
            interaction,
            ledger: ledger.clone(),
            fresh,
            unanswered: 0,
        })
    }

    /// Returns the interaction it belongs to.
    pub fn interaction(&self) -> InteractionId {
        self.interaction
    }

    /// Shows the whole page and what happens on it, and waits until all was taken.
    pub async fn go(mut self, number: usize, plan: Plan) -> Result<Self> {
        let every = Duration::from_secs_f64(1.0 / plan.rate);
        let first = every.mul_f64(number as f64 / f64::from(plan.legs));
        let mut tick = time::interval_at(time::Instant::now() + first, every);
        let span = every.mul_f64(f64::from(plan.batches) + 1.0);
        let end = Instant::now() + span + LAST;
        // The whole page comes first, and again when it is asked for; what happens on it comes beside that.
        let mut left = plan.batches;
        loop {
            self.tab.flush().await?;
            self.drain()?;
            if left == 0 && self.unanswered == 0 {
                return Ok(self);
            }
            tokio::select! {
                heard = self.tab.wait() => heard?,
                _ = tick.tick(), if left > 0 => {
                    if self.fresh.swap(false, Ordering::Relaxed) {
                        self.send(true);
                    } else {
                        self.send(false);
                        left -= 1;
                    }
                }
                () = time::sleep_until(end.into()) => bail!("{} parts were not taken in time, {left} batches were not sent", self.unanswered),
            }
        }
    }

    fn drain(&mut self) -> Result<()> {
        while let Some(news) = self.tab.machine.news() {
            if let VisitorNews::Done(Request::Cobrowse { .. }) = news {
                ensure!(self.unanswered > 0, "more was answered than sent");
                self.unanswered -= 1;
            } else if let VisitorNews::Refused(request, refusal) = news {
                bail!("{request:?} was refused: {refusal:?}");
            }
        }
        Ok(())
    }

    fn send(&mut self, fresh: bool) {
        let batch = self.ledger.send(self.interaction);
        let text = if fresh { whole() } else { happens(batch) };
        let parts: Vec<&[u8]> = text.as_bytes().chunks(PART).collect();
        let of = parts.len() as u16;
        for (at, part) in (0..of).zip(parts) {
            let part = Part {
                stream: "s".to_owned(),
                batch,
                at,
                of,
                fresh,
                text: String::from_utf8_lossy(part).into_owned(),
            };
            self.tab.machine.cobrowse(VisitorAct::Part(part));
            self.unanswered += 1;
        }
    }
}

async fn act(tab: &mut Tab<Visitor>, what: &str, wanted: impl Fn(&Act) -> bool) -> Result<()> {
    tab.until(what, |news| {
        let VisitorNews::Entry(entry) = news else {
            return None;
        };
        matches!(&entry.what, What::Cobrowse { act, .. } if wanted(act)).then_some(())
    })
    .await
}

// A shop's list: rrweb's events 4 (where) and 2 (the whole page). ASCII only, so that it may be cut anywhere.
fn whole() -> String {
    let rows = (0..400).map(|row| {
        json!({ "type": 2, "tagName": "li", "attributes": { "class": "item card", "role": "listitem" }, "id": 10 + 2 * row,
                "childNodes": [{ "type": 3, "textContent": format!("Article {row}, in stock"), "id": 11 + 2 * row }] })
    });
    let rows: Vec<Value> = rows.collect();
    let list = json!({ "type": 2, "tagName": "ul", "attributes": {}, "childNodes": rows, "id": 3 });
    let page = json!({ "type": 0, "childNodes": [list], "id": 1 });
    let offset = json!({ "left": 0, "top": 0 });
    json!([
        { "type": 4, "data": { "href": "https://shop.example/list", "width": 1280, "height": 800 }, "timestamp": 1 },
        { "type": 2, "data": { "node": page, "initialOffset": offset }, "timestamp": 2 },
    ])
    .to_string()
}

// An eighth of a second of a busy page: the pointer moves, articles come and go, a price changes (rrweb's event 3).
fn happens(batch: u32) -> String {
    let at = u64::from(batch) * 200;
    let moves: Vec<Value> = (0..8)
        .map(|step| json!({ "x": 100 + step * 7, "y": 240 + step * 3, "id": 12, "timeOffset": -20 * step }))
        .collect();
    let adds: Vec<Value> = (0..4)
        .map(|add| {
            let id = 1_000 + 10 * batch + add;
            json!({ "parentId": 3, "nextId": null, "node": { "type": 2, "tagName": "li", "id": id, "childNodes": [],
                    "attributes": { "class": "item card new", "role": "listitem" } } })
        })
        .collect();
    let texts = json!([{ "id": 15, "value": format!("EUR {batch}.00") }]);
    let attributes =
        json!([{ "id": 10, "attributes": { "class": "item card seen", "aria-selected": "true" } }]);
    json!([
        { "type": 3, "data": { "source": 1, "positions": moves }, "timestamp": at },
        { "type": 3, "data": { "source": 0, "texts": texts, "attributes": attributes, "removes": [], "adds": adds },
          "timestamp": at + 100 },
    ])
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_batches_are_as_large_as_is_said() {
        for (text, size) in [(whole(), WHOLE), (happens(7), BATCH)] {
            let share = text.len() as f64 / size as f64;

            assert!((0.8..1.25).contains(&share), "{} for {size}", text.len());
            assert!(text.is_ascii());
        }
    }
}
