//! When each batch left a page, and which batches came to whom in which order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

use serde_json::Value;
use ws::id::InteractionId;

use crate::spread::Spread;

/// What viewers saw.
#[derive(Debug, Default)]
pub struct Shown {
    /// From a visitor's socket to the viewer's, for whole pages.
    pub whole: Spread,
    /// The same for what happened on them.
    pub took: Spread,
    /// Batches that came for the first time.
    pub seen: usize,
    /// Batches that never came.
    pub lost: usize,
    /// Batches that came again.
    pub doubled: u64,
    /// Batches that came after a later one.
    pub disordered: u64,
    /// How often more waited than may.
    pub behind: u64,
}

impl Shown {
    /// Tells whether each batch came once and in order.
    pub fn is_whole(&self) -> bool {
        let faults = self.doubled + self.disordered + self.behind;
        self.lost == 0 && faults == 0 && self.seen > 0
    }

    /// Counts what went wrong for others, too.
    pub fn add_faults(&mut self, other: &Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.disordered += other.disordered;
        self.behind += other.behind;
    }
}

/// What one viewer saw of one page.
#[derive(Debug, Default)]
pub struct Seen(BTreeSet<u32>);

impl Seen {
    /// Notes a batch; tells whether it came for the first time.
    pub fn note(&mut self, batch: u32, shown: &mut Shown) -> bool {
        let later = self.0.last().is_some_and(|last| *last > batch);
        if !self.0.insert(batch) {
            shown.doubled += 1;
            return false;
        }
        shown.disordered += u64::from(later);
        shown.seen += 1;
        true
    }

    /// Returns the first batch that came.
    pub fn first(&self) -> Option<u32> {
        self.0.first().copied()
    }

    /// Returns how many of these batches did not come.
    pub fn missing(&self, from: u32, to: u32) -> usize {
        (from..=to).filter(|batch| !self.0.contains(batch)).count()
    }
}

#[derive(Debug, Default)]
struct Pages {
    /// When each batch was sent, the first at 0.
    sent: BTreeMap<InteractionId, Vec<Instant>>,
    seen: BTreeMap<InteractionId, Seen>,
    shown: Shown,
}

/// The pages and what their first viewers saw, shared by all.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Pages>>);

impl Ledger {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().expect("nobody panics while they hold it")
    }

    /// Notes that a page sends its next batch; returns its number.
    pub fn send(&self, interaction: InteractionId) -> u32 {
        let mut pages = self.pages();
        let sent = pages.sent.entry(interaction).or_default();
        sent.push(Instant::now());
        sent.len() as u32
    }

    /// Returns the number of the last batch that a page sent.
    pub fn top(&self, interaction: InteractionId) -> u32 {
        let pages = self.pages();
        pages.sent.get(&interaction).map_or(0, Vec::len) as u32
    }

    /// Notes a frame that came to a page's first viewer.
    pub fn see(&self, frame: &str) {
        let mut pages = self.pages();
        let Pages { sent, seen, shown } = &mut *pages;
        match Frame::read(frame) {
            None => {}
            Some(Frame::Behind) => shown.behind += 1,
            Some(Frame::Batch {
                interaction,
                batch,
                fresh,
            }) => {
                if !seen.entry(interaction).or_default().note(batch, shown) {
                    return;
                }
                let since = (batch as usize)
                    .checked_sub(1)
                    .and_then(|at| sent.get(&interaction)?.get(at));
                match since {
                    Some(since) if fresh => shown.whole.add(since.elapsed()),
                    Some(since) => shown.took.add(since.elapsed()),
                    // Nobody sent it.
                    None => shown.doubled += 1,
                }
            }
        }
    }

    /// Tells whether all that was sent came.
    pub fn is_complete(&self) -> bool {
        self.pages().missing() == 0
    }

    /// Returns what was seen, with what never came.
    pub fn close(&self) -> Shown {
        let mut pages = self.pages();
        pages.shown.lost = pages.missing();
        std::mem::take(&mut pages.shown)
    }
}

impl Pages {
    fn missing(&self) -> usize {
        let of = |(interaction, sent): (_, &Vec<Instant>)| {
            let seen = self.seen.get(interaction);
            seen.map_or(sent.len(), |seen| seen.missing(1, sent.len() as u32))
        };
        self.sent.iter().map(of).sum()
    }
}

/// What a console's frame says about a page.
#[derive(Debug, PartialEq)]
pub enum Frame {
    /// Something happened on it.
    Batch {
        interaction: InteractionId,
        batch: u32,
        fresh: bool,
    },
    /// More waited than may.
    Behind,
}

impl Frame {
    /// Reads a frame; none says nothing about what a page shows.
    pub fn read(text: &str) -> Option<Self> {
        if !text.starts_with(r#"{"push":"cobrowse""#) {
            return None;
        }
        let frame: Value = serde_json::from_str(text).ok()?;
        let news = &frame["news"];
        match news["is"].as_str()? {
            "behind" => Some(Self::Behind),
            "batch" => Some(Self::Batch {
                interaction: frame["interaction"].as_str()?.parse().ok()?,
                batch: news["batch"].as_u64()?.try_into().ok()?,
                fresh: news["fresh"].as_bool()?,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn frame(batch: u32) -> String {
        format!(
            r#"{{"push":"cobrowse","interaction":"{PAGE}","news":{{"is":"batch","stream":"s","batch":{batch},"fresh":{},"events":"[]"}}}}"#,
            batch == 1
        )
    }

    #[test]
    fn what_comes_once_and_in_order_is_whole() {
        let ledger = Ledger::default();
        for _ in 0..3 {
            ledger.send(PAGE.parse().unwrap());
        }

        for batch in 1..=3 {
            assert!(!ledger.is_complete());
            ledger.see(&frame(batch));
        }

        let shown = ledger.close();
        assert!(shown.is_whole(), "{shown:?}");
        assert_eq!((shown.whole.count(), shown.took.count()), (1, 2));
    }

    #[test]
    fn what_is_lost_doubled_late_or_made_up_is_counted() {
        let ledger = Ledger::default();
        for _ in 0..4 {
            ledger.send(PAGE.parse().unwrap());
        }

        for batch in [1, 3, 2, 2, 9] {
            ledger.see(&frame(batch));
        }
        ledger.see(&format!(
            r#"{{"push":"cobrowse","interaction":"{PAGE}","news":{{"is":"behind"}}}}"#
        ));

        let shown = ledger.close();
        assert_eq!(
            (shown.lost, shown.doubled, shown.disordered, shown.behind),
            (1, 2, 1, 1)
        );
        assert!(!shown.is_whole());
    }
}
