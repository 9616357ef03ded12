//! The thread that folds the tables from the journal, and scrubs both. It has a connection and a file of its own, so that who
//! appends to the journal never waits for it, and a low priority, so that calls and chats come first: what is not folded yet
//! is read from the journal meanwhile.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    erase::{self, Texts},
    health::{Part, Vitals},
    journal::Batch,
    project,
    recent::{self, Recent},
    turn::Turn,
};

/// How many rows are folded without waiting for more; folding them together costs less.
const ENOUGH: u64 = 1_024;
/// How long rows may wait to be folded while there are fewer.
const REST: Duration = Duration::from_millis(100);
/// How long it waits before it tries again what the disk refused.
const RETRY: Duration = Duration::from_millis(500);
/// Rows of the journal after which its log is copied into it, so that the appending thread has little left to copy.
const COPIED: i64 = 2_000;
/// Rows that are folded before the tables' log is given to the disk: few at a time are no burden to it, and it need not be asked.
const WRITTEN: i64 = ENOUGH.cast_signed();
/// Pages of the tables' log before it is copied into the tables.
const LOG: u32 = 16_000;
/// Memory for pages of the tables, in KiB.
const CACHE: u32 = 16 * 1_024;
/// How much is put behind the threads that serve people, of 19.
const NICE: i32 = 10;

/// What the thread is asked.
enum Chore {
    /// These facts are in the journal, in rows from `first` to `last`.
    Fold {
        first: i64,
        last: i64,
        batch: Batch,
    },
    /// There are more facts in the journal, to be read back.
    Look,
    Settle(oneshot::Sender<()>),
    Retain(Retain),
}

/// What is kept no longer, as of now.
#[derive(Clone, Debug, Default)]
pub struct Retain {
    /// The time, in milliseconds since 1970.
    pub now: i64,
    /// What goes of interactions.
    pub rules: Vec<erase::Rule>,
    /// Recordings of interactions that were sealed before this time go, in milliseconds since 1970.
    pub recordings: Option<i64>,
    /// Notes about customers from before this time go, in milliseconds since 1970.
    pub notes: Option<i64>,
    /// Texts that staff wrote to each other before this time go, in milliseconds since 1970.
    pub memos: i64,
}

/// How far the tables are behind the journal.
#[derive(Clone, Debug, Default)]
pub struct Lag(Arc<Rows>);

#[derive(Debug, Default)]
struct Rows {
    appended: AtomicI64,
    folded: AtomicI64,
}

impl Lag {
    /// Returns how many rows are not folded yet.
    pub fn rows(&self) -> u64 {
        u64::try_from(self.appended() - self.folded()).unwrap_or(0)
    }

    fn appended(&self) -> i64 {
        self.0.appended.load(Ordering::Relaxed)
    }

    fn folded(&self) -> i64 {
        self.0.folded.load(Ordering::Relaxed)
    }

    /// Notes the journal's last row.
    pub fn note_appended(&self, row: i64) {
        self.0.appended.store(row, Ordering::Relaxed);
    }

    fn note_folded(&self, row: i64) {
        self.0.folded.store(row, Ordering::Relaxed);
    }
}

/// The way to the thread. It ends when this is gone.
pub struct Projector {
    chores: Sender<Chore>,
    lag: Lag,
    turn: Turn,
}

impl Projector {
    /// Starts the thread on the store at `path`.
    pub fn start(
        path: &Path,
        recordings: PathBuf,
        vitals: Vitals,
    ) -> anyhow::Result<(Self, thread::JoinHandle<()>)> {
        let (chores, asked) = channel();
        let connection = super::open(path)?;
        spare(&connection)?;
        let lag = Lag::default();
        lag.note_folded(project::mark(&connection)?);
        lag.note_appended(super::last_row(&connection)?);
        let turn = Turn::default();
        let log = super::log_file(path);
        let log = File::open(&log).with_context(|| format!("opening {}", log.display()))?;
        let mut desk = Desk {
            connection,
            log,
            recordings,
            asked,
            vitals,
            lag: lag.clone(),
            turn: turn.clone(),
            recent: Recent::default(),
            settled: Vec::new(),
            copied: lag.appended(),
            written: lag.folded(),
            tried: 0,
        };
        let thread = thread::Builder::new()
            .name("tables".to_owned())
            .spawn(move || desk.run())
            .context("starting the thread that folds tables")?;
        Ok((Self { chores, lag, turn }, thread))
    }

    /// Returns how far it is behind.
    pub fn lag(&self) -> Lag {
        self.lag.clone()
    }

    /// Returns what is held by who writes to the journal.
    pub fn turn(&self) -> Turn {
        self.turn.clone()
    }

    /// Notes that a batch is in the journal; tells whether the thread goes on. What is far behind is read back, so that no more
    /// facts wait here than are kept there.
    pub fn fold(&self, first: i64, last: i64, batch: Batch) -> bool {
        self.lag.note_appended(last);
        let known = self.lag.rows() <= recent::MOST as u64;
        let chore = match known {
            true => Chore::Fold { first, last, batch },
            false => Chore::Look,
        };
        self.chores.send(chore).is_ok()
    }

    /// Tells `done` when everything that is in the journal now stands in the tables; drops it if that never will be.
    pub fn settle(&self, done: oneshot::Sender<()>) {
        drop(self.chores.send(Chore::Settle(done)));
    }

    /// Lets what is kept no longer be scrubbed, in quiet moments.
    pub fn retain(&self, retain: Retain) {
        drop(self.chores.send(Chore::Retain(retain)));
    }
}

// What is folded can be folded again after a crash, so it need not reach the disk at once as the journal must. The log may be
// as long as what is left of it, as pages that are written often are copied out of it once.
fn spare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "PRAGMA main.synchronous = NORMAL; PRAGMA main.cache_size = -{CACHE}; PRAGMA wal_autocheckpoint = {LOG};"
    ))
}

/// The thread.
struct Desk {
    connection: Connection,
    /// The tables' log.
    log: File,
    /// Where the files of recordings lie.
    recordings: PathBuf,
    asked: Receiver<Chore>,
    vitals: Vitals,
    lag: Lag,
    /// Held while something writes to the journal.
    turn: Turn,
    /// What was appended since the last fold, as far as it is known.
    recent: Recent,
    /// Who waits until a row is folded.
    settled: Vec<(i64, oneshot::Sender<()>)>,
    /// Up to which row the journal's log was copied.
    copied: i64,
    /// Up to which row the tables' log was given to the disk.
    written: i64,
    /// How many erasures were there when their last step was tried in vain.
    tried: i64,
}

impl Desk {
    fn run(&mut self) {
        if let Err(error) = rustix::process::nice(NICE) {
            tracing::debug!(%error, "folding tables is as urgent as all else");
        }
        let mut rested = Instant::now();
        loop {
            let wait = REST.saturating_sub(rested.elapsed());
            match self.asked.recv_timeout(wait) {
                Ok(chore) => self.take(chore),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let rests = rested.elapsed() >= REST;
            if rests {
                rested = Instant::now();
            }
            self.work(rests);
        }
        while self.lag.rows() > 0 && self.fold() {}
        if let Err(error) = self
            .connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        {
            tracing::debug!(%error, "the write-ahead logs stay until the next start");
        }
    }

    fn take(&mut self, first: Chore) {
        let mut next = Some(first);
        while let Some(chore) = next {
            match chore {
                Chore::Fold { first, last, batch } => self.recent.note(first, last, batch),
                Chore::Look => {}
                Chore::Settle(done) => self.settled.push((self.lag.appended(), done)),
                Chore::Retain(retain) => self.retain(&retain),
            }
            next = self.asked.try_recv().ok();
        }
    }

    fn work(&mut self, rests: bool) {
        loop {
            self.copy_log();
            let rows = self.lag.rows();
            let wanted = !self.settled.is_empty();
            let due = rows >= ENOUGH || (rows > 0 && (rests || wanted));
            if !due {
                break;
            }
            if !self.fold() {
                return;
            }
            // What comes meanwhile is taken, or it would have to be read back.
            if let Ok(chore) = self.asked.try_recv() {
                self.take(chore);
            }
        }
        self.tell_settled(self.lag.folded());
        if rests && self.lag.rows() == 0 {
            self.scrub();
        }
    }

    fn copy_log(&mut self) {
        let appended = self.lag.appended();
        if appended - self.copied < COPIED {
            return;
        }
        self.copied = appended;
        let copy = "PRAGMA journal_file.wal_checkpoint(PASSIVE)";
        if let Err(error) = self.connection.query_row(copy, [], |_| Ok(())) {
            tracing::debug!(%error, "the journal's log is copied by who appends");
        }
    }

    fn tell_settled(&mut self, folded: i64) {
        let settled = self.settled.extract_if(.., |(row, _)| *row <= folded);
        // Who asked may have gone.
        for (_, done) in settled {
            let _ = done.send(());
        }
    }

    // Tells whether it could.
    fn fold(&mut self) -> bool {
        match project::fold_chunk(&mut self.connection, &mut self.recent) {
            Ok(mark) => {
                self.write_out(mark);
                self.lag.note_folded(mark);
                self.tell_settled(mark);
                if self.vitals.recover(Part::Tables) {
                    tracing::warn!("the tables can be written again");
                }
                true
            }
            Err(error) => {
                if self.vitals.fall_ill(Part::Tables, &error.to_string()) {
                    tracing::error!(%error, "the tables cannot be written; new work is refused until they can");
                }
                // Who waits reads what there is.
                self.tell_settled(i64::MAX);
                thread::sleep(RETRY);
                false
            }
        }
    }

    // The disk is given the tables' log as it grows: all at once, when it is copied into the tables, would hold up whoever appends.
    fn write_out(&mut self, folded: i64) {
        if folded - self.written < WRITTEN {
            return;
        }
        self.written = folded;
        if let Err(error) = self.log.sync_data() {
            tracing::debug!(%error, "the tables' log is written when it is copied into the tables");
        }
    }

    fn retain(&mut self, retain: &Retain) {
        if let Err(error) = super::note_alive(&self.connection, retain.now) {
            tracing::warn!(%error, "that the daemon runs was not noted; the next start judges the clock by the newest fact");
        }
        let rules = retain.rules.iter();
        let found = rules.map(|rule| erase::apply(&self.connection, rule));
        let notes = retain.notes.map(|before| (Texts::Notes, before));
        let texts = notes.into_iter().chain([(Texts::Memos, retain.memos)]);
        let old = |(texts, before)| erase::apply_to_texts(&self.connection, texts, before);
        let recordings = retain.recordings.into_iter();
        let recordings =
            recordings.map(|before| erase::apply_to_recordings(&self.connection, before));
        let found = found.chain(recordings).chain(texts.map(old));
        match found.sum::<anyhow::Result<usize>>() {
            Ok(0) => {}
            Ok(found) => tracing::info!(found, "what is kept no longer is scrubbed"),
            Err(error) => tracing::error!(%error, "what is kept no longer was not found"),
        }
    }

    // Erasing waits for quiet moments, and goes on after a crash.
    fn scrub(&mut self) {
        self.recent.clear();
        let Self {
            connection,
            recordings,
            turn,
            tried,
            ..
        } = self;
        let scrubbed = erase::scrub_some(connection, recordings, turn).and_then(|more| {
            if more {
                return Ok(());
            }
            let unfinished = erase::unfinished(connection)?;
            if unfinished <= *tried {
                return Ok(());
            }
            let now = super::millis_now()?;
            let finished = erase::finish(connection, turn, now, erase::SMALL)?;
            *tried = if finished { 0 } else { unfinished };
            if !finished {
                tracing::warn!("customers were erased; moved copies go when the store is rewritten at the next start");
            }
            Ok(())
        });
        if let Err(error) = scrubbed {
            tracing::error!(
                error = format!("{error:#}"),
                "erasing has to be tried again"
            );
        }
    }
}
