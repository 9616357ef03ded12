//! What of the journal is still to be delivered to one receiver, and when. Pure: time comes in, nothing is done here.
//! Letters of one lane (an interaction) go one after the other; when one fails, it and those behind it wait, and the
//! other lanes go on. What fails is put down, so that the cursor can pass it; the cursor alone tells of the rest.

#[path = "spool/resume.rs"]
mod resume;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use ws::id::Timestamp;

/// Letters that never failed and are not delivered yet; more rows are not read.
pub const FRESH: usize = 256;
/// Letters that wait behind a failure; more rows are not read while there are so many.
pub const WAITING: usize = 10_000;
/// Letters on their way at a time.
pub const TOGETHER: usize = 8;
/// Lanes that fail without a success between them, after which the receiver is left alone for a while.
const FAILING: usize = 5;
/// The first pause after a failure, doubled by each further one up to the longest, then shortened by chance to no less
/// than half.
const PAUSE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(3_600);
/// The longest rest of a receiver that fails.
const LONGEST_REST: Duration = Duration::from_secs(300);
/// The longest that a receiver may ask to be left alone.
const LONGEST_WISH: Duration = Duration::from_secs(86_400);

/// What must arrive in order, such as the facts of one interaction.
pub type Lane = Arc<str>;

/// A letter that waits because it failed, or one before it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The row of the journal it is about.
    pub row: i64,
    /// The lane it is in.
    pub lane: Lane,
    /// How often it failed.
    pub attempts: u32,
    /// When it failed first; of one that never did, when it was put down.
    pub since: Timestamp,
    /// Not before.
    pub due: Timestamp,
}

/// Where a spool goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Every row up to this one is delivered, waits, or was given up.
    pub cursor: i64,
    /// What waits.
    pub waiting: Vec<Waiting>,
    /// Until when the receiver is left alone.
    pub rests_until: Option<Timestamp>,
    /// Since when it wants no letters.
    pub gone_at: Option<Timestamp>,
}

/// What came of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is taken.
    Delivered,
    /// It is not; `after` is how long the receiver asked to be left alone.
    Failed {
        /// In words of ours, without anything the receiver said.
        error: String,
        /// How long it is to be left alone.
        after: Option<Duration>,
    },
    /// It is not and never will be.
    Hopeless {
        /// Why.
        error: String,
    },
    /// The receiver wants no letters any more.
    Gone,
}

/// A letter that is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// What it was.
    pub letter: Waiting,
    /// When it was given up.
    pub at: Timestamp,
    /// What went wrong last.
    pub error: String,
}

/// What has to be put down, all of it at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Every row up to this one is delivered, or put down as waiting or dead.
    pub cursor: i64,
    /// What waits, new or changed.
    pub waiting: BTreeMap<i64, Waiting>,
    /// What waited and is delivered.
    pub done: BTreeSet<i64>,
    /// What is given up.
    pub dead: Vec<Dead>,
    /// When something was delivered last, if it was.
    pub delivered_at: Option<Timestamp>,
    /// What went wrong last, if it did.
    pub error: Option<(Timestamp, String)>,
    /// Until when the receiver is left alone.
    pub rests_until: Option<Timestamp>,
    /// Since when it wants no letters.
    pub gone_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug)]
struct Letter {
    attempts: u32,
    since: Option<Timestamp>,
    due: Timestamp,
}

#[derive(Debug, Default)]
struct Line {
    letters: BTreeMap<i64, Letter>,
    /// The letter that is on its way.
    flying: Option<i64>,
    /// Set while its letters are put down as waiting.
    kept: bool,
}

/// The letters of one receiver.
#[derive(Debug)]
pub struct Spool {
    give_up: Duration,
    read: i64,
    lines: BTreeMap<Lane, Line>,
    lane_of: BTreeMap<i64, Lane>,
    fresh: BTreeSet<i64>,
    /// The first letter of each lane that none is on its way of, by when it may go.
    ready: BTreeSet<(Timestamp, i64)>,
    flying: usize,
    failing: BTreeSet<Lane>,
    rests: u32,
    rests_until: Option<Timestamp>,
    gone_at: Option<Timestamp>,
    changes: Changes,
    changed: bool,
    dice: StdRng,
}

impl Spool {
    /// Goes on where it stood; what fails for as long as `give_up` is given up.
    pub fn new(start: Start, give_up: Duration, seed: [u8; 32]) -> Self {
        let mut spool = Self {
            give_up,
            read: start.cursor,
            lines: BTreeMap::new(),
            lane_of: BTreeMap::new(),
            fresh: BTreeSet::new(),
            ready: BTreeSet::new(),
            flying: 0,
            failing: BTreeSet::new(),
            rests: u32::from(start.rests_until.is_some()),
            rests_until: start.rests_until,
            gone_at: start.gone_at,
            changes: Changes::default(),
            changed: false,
            dice: StdRng::from_seed(seed),
        };
        for letter in start.waiting {
            spool.take_in(letter);
        }
        spool
    }

    /// Returns the row behind which more are to be read, while there is room for them.
    pub fn wants_rows(&self) -> Option<i64> {
        let waiting = self.lane_of.len() - self.fresh.len();
        let room = self.fresh.len() < FRESH && waiting < WAITING && self.gone_at.is_none();
        room.then_some(self.read)
    }

    /// Takes in rows that were read, each with its lane; `read` is the last that was looked at, wanted or not.
    pub fn handle_rows(&mut self, rows: Vec<(i64, Lane)>, read: i64, now: Timestamp) {
        for (row, lane) in rows {
            // One that waits may be read anew: it was put down before the cursor could pass those in front of it.
            if self.lane_of.contains_key(&row) {
                continue;
            }
            let letter = Letter {
                attempts: 0,
                since: None,
                due: now,
            };
            self.unready(&lane);
            let line = self.lines.entry(lane.clone()).or_default();
            line.letters.insert(row, letter);
            let kept = line.kept;
            self.lane_of.insert(row, lane.clone());
            if kept {
                self.put_down(&lane, row, now);
            } else {
                self.fresh.insert(row);
            }
            self.make_ready(&lane);
        }
        if read > self.read {
            self.read = read;
            self.changed = true;
        }
    }

    /// Takes letters in that were given up and are to be tried again.
    pub fn handle_again(&mut self, letters: Vec<Waiting>, now: Timestamp) {
        for letter in letters {
            let lane = letter.lane.clone();
            self.take_in(letter);
            self.keep(&lane, now);
        }
    }

    /// Takes in what came of the letter about `row`.
    pub fn handle_outcome(&mut self, row: i64, outcome: Outcome, now: Timestamp) {
        let Some(lane) = self.lane_of.get(&row).cloned() else {
            return;
        };
        let Some(line) = self.lines.get_mut(&lane) else {
            return;
        };
        if line.flying.take_if(|flying| *flying == row).is_none() {
            return;
        }
        self.flying -= 1;
        self.changed = true;
        match outcome {
            Outcome::Delivered => {
                self.changes.delivered_at = Some(now);
                self.failing.clear();
                // What was on its way before the receiver asked to be left alone says nothing against that.
                if self.rests_until.is_none_or(|until| until <= now) {
                    (self.rests, self.rests_until) = (0, None);
                }
                self.drop_letter(&lane, row);
                if !self.fresh.remove(&row) {
                    self.changes.waiting.remove(&row);
                    self.changes.done.insert(row);
                }
            }
            Outcome::Failed { error, after } => {
                self.rest(&lane, after, now);
                self.changes.error = Some((now, error.clone()));
                self.fail(&lane, row, error, after, now);
            }
            Outcome::Hopeless { error } => {
                self.changes.error = Some((now, error.clone()));
                self.keep(&lane, now);
                if let Some(letter) = self.letter(&lane, row) {
                    letter.attempts = letter.attempts.saturating_add(1);
                }
                self.bury(&lane, row, error, now);
            }
            Outcome::Gone => {
                self.gone_at = Some(now);
                self.changes.error = Some((now, "it answered 410 Gone".to_owned()));
            }
        }
        self.make_ready(&lane);
    }

    /// Returns the row of a letter to be delivered now.
    pub fn poll_letter(&mut self, now: Timestamp) -> Option<i64> {
        if self.gone_at.is_some() || self.flying >= self.width() {
            return None;
        }
        if self.rests_until.is_some_and(|until| until > now) {
            return None;
        }
        let &(due, row) = self.ready.first()?;
        if due > now {
            return None;
        }
        self.ready.pop_first();
        let line = self.lane_of.get(&row).and_then(|it| self.lines.get_mut(it));
        line?.flying = Some(row);
        self.flying += 1;
        Some(row)
    }

    /// Returns when [`Self::poll_letter`] may next have something, unless something comes in before.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        if self.gone_at.is_some() || self.flying >= self.width() {
            return None;
        }
        let &(due, _) = self.ready.first()?;
        Some(due.max(self.rests_until.unwrap_or(due)))
    }

    /// Returns what has to be put down since the last time, if anything.
    pub fn poll_changes(&mut self) -> Option<Changes> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let mut changes = std::mem::take(&mut self.changes);
        changes.cursor = match self.fresh.first() {
            Some(first) => first - 1,
            None => self.read,
        };
        changes.rests_until = self.rests_until;
        changes.gone_at = self.gone_at;
        Some(changes)
    }

    /// Tells whether something has to be put down.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Returns how many letters are known and not delivered.
    pub fn len(&self) -> usize {
        self.lane_of.len()
    }

    /// Returns the last row that was looked at.
    pub fn read(&self) -> i64 {
        self.read
    }

    /// Tells whether the receiver wants no letters.
    pub fn is_gone(&self) -> bool {
        self.gone_at.is_some()
    }

    // One letter at a time tells whether a receiver that rested is well again.
    fn width(&self) -> usize {
        if self.rests > 0 { 1 } else { TOGETHER }
    }

    fn take_in(&mut self, waiting: Waiting) {
        let Waiting {
            row,
            lane,
            attempts,
            since,
            due,
        } = waiting;
        self.unready(&lane);
        let letter = Letter {
            attempts,
            // Its own time begins with its own first failure.
            since: (attempts > 0).then_some(since),
            due,
        };
        let line = self.lines.entry(lane.clone()).or_default();
        line.letters.insert(row, letter);
        self.lane_of.insert(row, lane.clone());
        if line.letters.len() == 1 {
            line.kept = true;
        }
        self.make_ready(&lane);
    }

    fn fail(
        &mut self,
        lane: &Lane,
        row: i64,
        error: String,
        after: Option<Duration>,
        now: Timestamp,
    ) {
        let failed = self.letter(lane, row).map_or(0, |letter| letter.attempts);
        let pause = self.pause(failed, LONGEST);
        let pause = pause.max(after.unwrap_or_default().min(LONGEST_WISH));
        self.keep(lane, now);
        let Some(letter) = self.letter(lane, row) else {
            return;
        };
        letter.attempts = letter.attempts.saturating_add(1);
        letter.due = now + pause;
        let since = *letter.since.get_or_insert(now);
        if now.since(since) >= self.give_up {
            self.bury(lane, row, error, now);
        } else {
            self.put_down(lane, row, now);
        }
    }

    fn bury(&mut self, lane: &Lane, row: i64, error: String, now: Timestamp) {
        let Some(letter) = self.waiting(lane, row, now) else {
            return;
        };
        self.changes.waiting.remove(&row);
        self.changes.dead.push(Dead {
            letter,
            at: now,
            error,
        });
        self.drop_letter(lane, row);
    }

    // The letters of a lane in which one failed are put down, and the cursor may pass them; once, since what comes later is
    // put down as it comes.
    fn keep(&mut self, lane: &Lane, now: Timestamp) {
        let Some(line) = self.lines.get_mut(lane) else {
            return;
        };
        if std::mem::replace(&mut line.kept, true) {
            return;
        }
        let rows: Vec<i64> = line.letters.keys().copied().collect();
        for row in rows {
            self.fresh.remove(&row);
            self.put_down(lane, row, now);
        }
    }

    fn put_down(&mut self, lane: &Lane, row: i64, now: Timestamp) {
        if let Some(waiting) = self.waiting(lane, row, now) {
            self.changes.waiting.insert(row, waiting);
            self.changed = true;
        }
    }

    fn waiting(&self, lane: &Lane, row: i64, now: Timestamp) -> Option<Waiting> {
        let letter = self.lines.get(lane)?.letters.get(&row)?;
        Some(Waiting {
            row,
            lane: lane.clone(),
            attempts: letter.attempts,
            since: letter.since.unwrap_or(now),
            due: letter.due,
        })
    }

    fn letter(&mut self, lane: &Lane, row: i64) -> Option<&mut Letter> {
        self.lines.get_mut(lane)?.letters.get_mut(&row)
    }

    fn drop_letter(&mut self, lane: &Lane, row: i64) {
        self.lane_of.remove(&row);
        let Some(line) = self.lines.get_mut(lane) else {
            return;
        };
        line.letters.remove(&row);
        if line.letters.is_empty() {
            self.lines.remove(lane);
        }
    }

    fn unready(&mut self, lane: &Lane) {
        let Some(line) = self.lines.get(lane) else {
            return;
        };
        if let Some((row, letter)) = line.letters.first_key_value() {
            self.ready.remove(&(letter.due, *row));
        }
    }

    fn make_ready(&mut self, lane: &Lane) {
        let Some(line) = self.lines.get(lane) else {
            return;
        };
        if line.flying.is_none()
            && let Some((row, letter)) = line.letters.first_key_value()
        {
            self.ready.insert((letter.due, *row));
        }
    }

    // Many lanes that fail say that it is the receiver; one lane alone does not delay the others.
    fn rest(&mut self, lane: &Lane, after: Option<Duration>, now: Timestamp) {
        let rests = self.rests_until.is_some_and(|until| until > now);
        self.failing.insert(lane.clone());
        if self.failing.len() >= FAILING && !rests {
            let pause = self.pause(self.rests, LONGEST_REST);
            self.rests = self.rests.saturating_add(1);
            self.rests_until = Some(now + pause);
        }
        if let Some(after) = after {
            let until = now + after.min(LONGEST_WISH);
            self.rests = self.rests.max(1);
            self.rests_until = Some(self.rests_until.map_or(until, |it| it.max(until)));
        }
    }

    fn pause(&mut self, before: u32, longest: Duration) -> Duration {
        let whole = PAUSE.saturating_mul(1 << before.min(20)).min(longest);
        let millis = u64::try_from(whole.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.dice.random_range(millis / 2..=millis))
    }
}

#[cfg(test)]
#[path = "spool/tests.rs"]
mod tests;
