//! The journal's disk: what it has acknowledged stays; what it was writing when the daemon died is there, is not there, or
//! is torn. It is slow at times, and at times it refuses.

use std::sync::Arc;

use hub::Fact;

use crate::{agenda::Time, dice::Dice};

/// The bytes before a record's text: its length and its sum.
const HEAD: usize = 16;

/// A journal on a disk.
#[derive(Debug, Default)]
pub struct Disk {
    bytes: Vec<u8>,
    /// What the bytes say.
    facts: Vec<Fact>,
    /// What waits for the disk.
    waiting: Vec<Arc<Vec<Fact>>>,
    /// What is being written together.
    flying: Option<Flight>,
    /// How long a write takes at most, in milliseconds.
    pub latency: u64,
    /// Until when nothing is taken.
    pub refuses: Time,
}

/// One commit.
#[derive(Debug)]
struct Flight {
    record: Vec<u8>,
    batches: Vec<Arc<Vec<Fact>>>,
}

impl Disk {
    /// Takes one batch to be written.
    pub fn append(&mut self, batch: Arc<Vec<Fact>>) {
        self.waiting.push(batch);
    }

    /// Begins to write all that waits, in one commit, if it is idle; returns when it will be done.
    pub fn begin(&mut self, now: Time, dice: &mut Dice) -> Option<Time> {
        if self.flying.is_some() || self.waiting.is_empty() {
            return None;
        }
        let batches = std::mem::take(&mut self.waiting);
        let facts: Vec<&Fact> = batches.iter().flat_map(|batch| batch.iter()).collect();
        let text = serde_json::to_vec(&facts).expect("facts are always JSON");
        let mut record = Vec::with_capacity(HEAD + text.len());
        record.extend((text.len() as u64).to_be_bytes());
        record.extend(sum(&text).to_be_bytes());
        record.extend(text);
        self.flying = Some(Flight { record, batches });
        let span = dice.below(self.latency as usize + 1) as u64;
        Some(now.max(self.refuses) + span)
    }

    /// Keeps what was written; returns it as it can be read from now on, and how many batches that were.
    pub fn finish(&mut self) -> (Vec<Fact>, usize) {
        let Some(Flight { record, batches }) = self.flying.take() else {
            return (Vec::new(), 0);
        };
        let before = self.bytes.len();
        self.bytes.extend(record);
        let facts = self.read_from(before);
        let given = batches.iter().flat_map(|batch| batch.iter());
        assert!(given.eq(&facts), "what is read is what was written");
        (facts, batches.len())
    }

    /// Loses power; returns the facts that became durable although nobody was told so.
    pub fn crash(&mut self, dice: &mut Dice) -> Vec<Fact> {
        self.waiting.clear();
        let Some(Flight { record, .. }) = self.flying.take() else {
            return Vec::new();
        };
        let before = self.bytes.len();
        match dice.below(4) {
            // It had not begun.
            0 => {}
            // It had finished, and nobody knew.
            1 => self.bytes.extend(record),
            // It ends in the middle.
            2 => self.bytes.extend(&record[..dice.below(record.len())]),
            // A part of it is something else.
            _ => {
                let at = dice.below(record.len());
                self.bytes.extend(record);
                self.bytes[before + at] ^= 1 << dice.below(8);
            }
        }
        self.read_from(before)
    }

    // What is torn is cut off at the next start; nothing is ever written behind it.
    fn read_from(&mut self, before: usize) -> Vec<Fact> {
        let (facts, end) = read(&self.bytes, before);
        self.bytes.truncate(end);
        self.facts.extend(facts.iter().cloned());
        facts
    }

    /// Lets what is there be written otherwise.
    pub fn change(&mut self, change: impl FnMut(&mut Fact)) {
        self.facts.iter_mut().for_each(change);
    }

    /// Returns everything there is.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }
}

/// Reads records from `at`, up to the first that is not whole; returns where that begins.
fn read(bytes: &[u8], mut at: usize) -> (Vec<Fact>, usize) {
    let mut facts = Vec::new();
    while let Some((batch, next)) = record(bytes, at) {
        facts.extend(batch);
        at = next;
    }
    (facts, at)
}

fn record(bytes: &[u8], at: usize) -> Option<(Vec<Fact>, usize)> {
    let head = bytes.get(at..at + HEAD)?;
    let (length, stated) = head.split_at(8);
    let length = usize::try_from(u64::from_be_bytes(length.try_into().ok()?)).ok()?;
    let end = at.checked_add(HEAD)?.checked_add(length)?;
    let text = bytes.get(at + HEAD..end)?;
    (sum(text).to_be_bytes() == *stated).then_some(())?;
    let facts = serde_json::from_slice(text).expect("what was written whole can be read");
    Some((facts, end))
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
