//! The way of a webhook as the daemon goes it: the real spool and the real messages, read from the journal behind a cursor that
//! is put down late. At its end a receiver that is slow at times, refuses, wants no more, answers nothing or is not there.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Included},
    time::Duration,
};

use hub::Fact;
use ws::id::Timestamp;

use crate::{
    agenda::{Due, Time},
    dice::Dice,
    message::{self, Wanted},
    post::Rounds,
    spool::{Changes, Lane, Outcome, Start},
    world::World,
};

/// What the receiver is told of.
const WANTED: [&str; 7] = [
    "interaction.*",
    "message.*",
    "callback.*",
    "assignment.*",
    "customer.*",
    "consent.*",
    "agent.presence",
];
/// How long a letter may fail before it is given up.
const GIVE_UP: Duration = Duration::from_secs(7_200);
/// Rows of the journal that are looked at together.
const ROWS: usize = 512;
/// How long the receiver is waited for.
const PATIENCE: u64 = 10_000;

/// How the receiver is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mood {
    #[default]
    Well,
    /// It answers when nobody waits any more, now and then.
    Slow,
    /// It refuses for now, and says for how long.
    Busy,
    /// It refuses.
    Broken,
    /// It takes what comes and does not say so.
    Mute,
    /// It is not there.
    Away,
    /// It wants no letters any more.
    Gone,
}

/// What happens on the way.
#[derive(Debug)]
pub enum Deed {
    /// The daemon looks for what is to be told, and tells it.
    Round,
    /// What the daemon did is durable.
    PutDown(Changes),
    /// A letter about a row reaches the receiver, which takes it or does not.
    Arrives { row: i64, takes: bool },
    /// The daemon hears what came of a letter.
    Heard(i64, Outcome),
}

impl Deed {
    /// Tells whether the daemon has a part in it.
    pub fn concerns_the_daemon(&self) -> bool {
        match self {
            Self::Round | Self::PutDown(_) | Self::Heard(..) => true,
            Self::Arrives { .. } => false,
        }
    }
}

/// What outlives the daemon: what was put down of the way, and the receiver.
#[derive(Debug)]
pub struct Hooks {
    wanted: Vec<Wanted>,
    kept: Start,
    mood: Mood,
    /// What the receiver is to be told, by what must arrive in order.
    owed: BTreeMap<Lane, Vec<i64>>,
    lane_of: BTreeMap<i64, Lane>,
    /// What the receiver took.
    taken: BTreeSet<i64>,
    /// What was given up.
    given_up: BTreeSet<i64>,
    /// What is put down as told; it is not told again.
    over: BTreeSet<i64>,
}

impl Default for Hooks {
    fn default() -> Self {
        let wanted = WANTED.iter().map(|text| text.parse());
        Self {
            wanted: wanted
                .collect::<Result<_, _>>()
                .expect("they name kinds of facts"),
            kept: Start::default(),
            mood: Mood::default(),
            owed: BTreeMap::new(),
            lane_of: BTreeMap::new(),
            taken: BTreeSet::new(),
            given_up: BTreeSet::new(),
            over: BTreeSet::new(),
        }
    }
}

impl Hooks {
    /// Lets the daemon go on where it was put down.
    pub fn rounds(&self, dice: &mut Dice) -> Rounds {
        Rounds::new(self.kept.clone(), GIVE_UP, dice)
    }

    fn put_down(&mut self, changes: Changes) {
        let kept = &mut self.kept;
        assert!(kept.cursor <= changes.cursor, "a cursor never runs back");
        let known: BTreeSet<i64> = kept.waiting.iter().map(|letter| letter.row).collect();
        let passed = self
            .lane_of
            .range((Excluded(kept.cursor), Included(changes.cursor)));
        let passed = passed.map(|(row, _)| *row).collect::<Vec<_>>();
        kept.cursor = changes.cursor;
        kept.waiting.retain(|letter| {
            let row = &letter.row;
            let dead = changes.dead.iter().any(|dead| dead.letter.row == *row);
            !(changes.waiting.contains_key(row) || changes.done.contains(row) || dead)
        });
        kept.waiting.extend(changes.waiting.into_values());
        (kept.rests_until, kept.gone_at) = (changes.rests_until, changes.gone_at);
        let waits: BTreeSet<i64> = kept.waiting.iter().map(|letter| letter.row).collect();
        let done = known.into_iter().chain(passed);
        // What is told ahead of the cursor is read again by the next life, and told once more.
        let done = done.filter(|row| *row <= kept.cursor && !waits.contains(row));
        self.over.extend(done);
    }
}

impl World {
    /// Takes in what became durable last and is to be told.
    pub fn note_owed(&mut self, facts: &[Fact]) {
        let first = self.disk.facts().len() - facts.len() + 1;
        let mut news = false;
        for (row, fact) in (first..).zip(facts) {
            if message::is_wanted(&self.hooks.wanted, &fact.event) {
                let row = i64::try_from(row).expect("few rows");
                let lane = message::lane(fact);
                let owed = self.hooks.owed.entry(lane.clone()).or_default();
                owed.push(row);
                self.hooks.lane_of.insert(row, lane);
                news = true;
            }
        }
        if news {
            self.plan_hook_round(20);
        }
    }

    /// The receiver is otherwise from now on.
    pub fn change_receiver(&mut self) {
        let before = self.hooks.mood;
        self.hooks.mood = match self.dice.below(10) {
            0 => Mood::Slow,
            1 => Mood::Busy,
            2 => Mood::Broken,
            3 => Mood::Mute,
            4 | 5 => Mood::Away,
            6 => Mood::Gone,
            _ => Mood::Well,
        };
        if before == Mood::Gone {
            self.resume_receiver();
        }
    }

    /// The receiver is well again.
    pub fn heal_receiver(&mut self) {
        self.hooks.mood = Mood::Well;
        self.resume_receiver();
    }

    // Somebody of the house says that it wants letters again.
    fn resume_receiver(&mut self) {
        self.hooks.kept.gone_at = None;
        let now = self.now;
        if let Some(daemon) = &mut self.daemon
            && daemon.hooks.spool.is_gone()
        {
            let clock = daemon.clock(now);
            daemon.hooks.spool.handle_resume(clock);
            self.plan_hook_round(20);
        }
    }

    /// Sees to it that the daemon looks for what is to be told.
    pub fn plan_hook_round(&mut self, after: u64) {
        if let Some(daemon) = &mut self.daemon
            && !std::mem::replace(&mut daemon.hooks.planned, true)
        {
            let birth = daemon.birth;
            self.plan_hook(after, birth, Deed::Round);
        }
    }

    fn plan_hook(&mut self, after: u64, birth: u64, deed: Deed) {
        let deed = Box::new(deed);
        self.plan(after, Due::Hook { birth, deed });
    }

    /// Something happens on the way.
    pub fn hook(&mut self, birth: u64, deed: Deed) {
        match deed {
            Deed::Arrives { row, takes } => self.hook_arrives(row, takes),
            Deed::Round if self.birth_is(birth) => self.hook_round(),
            Deed::PutDown(changes) if self.birth_is(birth) => self.hooks.put_down(changes),
            Deed::Heard(row, outcome) if self.birth_is(birth) => self.hook_heard(row, outcome),
            // It died before.
            Deed::Round | Deed::PutDown(_) | Deed::Heard(..) => {}
        }
    }

    fn hook_round(&mut self) {
        let now = self.now;
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        daemon.hooks.planned = false;
        let clock = daemon.clock(now);
        let mut more = false;
        if let Some(read) = daemon.hooks.spool.wants_rows() {
            let end = (read + ROWS as i64).min(self.disk.facts().len() as i64);
            let rows = self.hooks.lane_of.range((Excluded(read), Included(end)));
            let rows = rows.map(|(row, lane)| (*row, lane.clone())).collect();
            daemon.hooks.spool.handle_rows(rows, end, clock);
            more = end < self.disk.facts().len() as i64;
        }
        while let Some(row) = self.next_hook(clock) {
            self.send_hook(row);
        }
        self.hook_put_down_soon();
        let Some(daemon) = &self.daemon else { return };
        let due = daemon.hooks.spool.poll_timeout();
        let after = due.map(|due| daemon.time_of(due).saturating_sub(now).max(20));
        let after = if more { Some(20) } else { after };
        if let Some(after) = after {
            self.plan_hook_round(after);
        }
    }

    fn next_hook(&mut self, clock: Timestamp) -> Option<i64> {
        self.daemon.as_mut()?.hooks.spool.poll_letter(clock)
    }

    fn send_hook(&mut self, row: i64) {
        let index = usize::try_from(row - 1).expect("rows count from 1");
        let fact = &self.disk.facts()[index];
        let body = message::body(&format!("hook-{row}"), fact).expect("facts are always JSON");
        self.left(&body);
        self.note(|| format!("webhook {row}"));
        let over = self.hooks.over.contains(&row);
        assert!(!over, "what is put down as told is not told again: {row}");
        let birth = self.births;
        let soon = 10 + self.dice.below(200) as u64;
        let mut busy = failed();
        if let Outcome::Failed { after, .. } = &mut busy {
            *after = Some(Duration::from_secs(self.dice.below(60) as u64));
        }
        let (takes, answers) = match self.hooks.mood {
            Mood::Well => (Some(soon), Some((soon, Outcome::Delivered))),
            // What is told anew may be there before it.
            Mood::Slow if soon.is_multiple_of(3) => (Some(3 * PATIENCE), None),
            Mood::Slow => (Some(soon * 30), Some((soon * 40, Outcome::Delivered))),
            Mood::Busy => (None, Some((soon, busy))),
            Mood::Broken => (None, Some((soon, failed()))),
            Mood::Mute => (Some(soon), None),
            Mood::Away => {
                self.hear("a webhook finds nobody");
                (None, None)
            }
            Mood::Gone => {
                self.hear("a webhook is not wanted any more");
                (None, Some((soon, Outcome::Gone)))
            }
        };
        let arrives = takes.unwrap_or(soon);
        let takes = takes.is_some();
        if takes || answers.is_some() {
            self.plan_hook(arrives, birth, Deed::Arrives { row, takes });
        }
        let (after, outcome) = answers.unwrap_or((PATIENCE, failed()));
        self.plan_hook(after, birth, Deed::Heard(row, outcome));
    }

    // Everything that comes before it in its lane was taken, or given up.
    fn hook_arrives(&mut self, row: i64, takes: bool) {
        let hooks = &self.hooks;
        let (taken, given_up) = (&hooks.taken, &hooks.given_up);
        if taken.contains(&row) {
            self.hear("a webhook comes again");
            return;
        }
        let lane = &hooks.lane_of[&row];
        let before = hooks.owed[lane].iter().take_while(|one| **one < row);
        let missing = before
            .copied()
            .find(|one| !taken.contains(one) && !given_up.contains(one));
        assert_eq!(missing, None, "webhooks come in order: {row} of {lane}");
        if takes {
            self.hear("a webhook is taken");
            self.hooks.taken.insert(row);
        }
    }

    fn hook_heard(&mut self, row: i64, outcome: Outcome) {
        let now = self.now;
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        let clock = daemon.clock(now);
        daemon.hooks.spool.handle_outcome(row, outcome, clock);
        self.hook_put_down_soon();
        self.plan_hook_round(20);
    }

    // What was put down is so a little later, or never when the daemon dies.
    fn hook_put_down_soon(&mut self) {
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        let Some(changes) = daemon.hooks.spool.poll_changes() else {
            return;
        };
        let birth = daemon.birth;
        let at = (self.now + self.dice.below(400) as u64).max(daemon.hooks.put_at);
        daemon.hooks.put_at = at;
        for dead in &changes.dead {
            let long = dead.at.since(dead.letter.since) >= GIVE_UP;
            assert!(long, "a webhook is given up in its time: {dead:?}");
            self.hooks.given_up.insert(dead.letter.row);
        }
        let after = at - self.now;
        self.plan_hook(after, birth, Deed::PutDown(changes));
    }

    /// Lets every webhook come to its end, and checks that each was told at least once.
    pub fn check_hooks(&mut self) {
        let end: Time = self.now + 20_000_000;
        self.plan_hook_round(0);
        while self.is_telling() && self.now < end {
            self.pass(5_000);
        }
        let hooks = &self.hooks;
        let known = |row: &&i64| hooks.taken.contains(*row) || hooks.given_up.contains(*row);
        let untold = hooks.lane_of.keys().find(|row| !known(row));
        assert_eq!(untold, None, "what is wanted is told at least once");
    }

    fn is_telling(&self) -> bool {
        let daemon = self.daemon.as_ref().expect("it was started again");
        daemon.hooks.planned || daemon.hooks.spool.len() > 0
    }
}

fn failed() -> Outcome {
    Outcome::Failed {
        error: "not now".to_owned(),
        after: None,
    }
}
