//! The writer: one thread that owns the connection, appends what came together in one commit, folds projections when it
//! has nothing to write, and tries again for as long as the disk refuses.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use hub::Fact;
use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    erase::{self, Texts},
    project,
    recent::Recent,
};

/// Batches that may wait for the writer. More would only make the wait longer.
pub const BATCHES: usize = 16;

/// How long the writer waits before it tries a refused write again.
const RETRY: Duration = Duration::from_millis(500);

/// How long rows may wait to be folded while there is little to do; folding them together costs less.
const REST: Duration = Duration::from_millis(100);

/// The shard this daemon's hub is; there is one.
const SHARD: i64 = 0;

/// Facts in order, to be durable together.
pub type Batch = Arc<Vec<Fact>>;

/// A batch is durable, and all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How long the commit took that it was in.
    pub took: Duration,
}

/// Whether the disk takes what is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Well,
    /// It refuses, for this reason.
    Refusing(String),
}

/// What the writer is asked.
enum Job {
    Append(Batch),
    Fold,
    Settle(oneshot::Sender<()>),
    Retain(Retain),
}

/// What is kept no longer, as of now.
#[derive(Clone, Debug, Default)]
pub struct Retain {
    /// What goes of interactions.
    pub rules: Vec<erase::Rule>,
    /// Notes about customers from before this time go, in milliseconds since 1970.
    pub notes: Option<i64>,
    /// Texts that staff wrote to each other before this time go, in milliseconds since 1970.
    pub memos: i64,
}

/// The way to the writer.
#[derive(Clone)]
pub struct Journal {
    jobs: mpsc::Sender<Job>,
    health: watch::Receiver<Health>,
    news: watch::Receiver<()>,
}

/// The thread, to be waited for at the end.
pub struct Writer(thread::JoinHandle<()>);

impl Writer {
    /// Waits until everything is written; call after the last [`Journal`] is gone.
    pub fn join(self) {
        if self.0.join().is_err() {
            tracing::error!("the journal's writer had stopped early");
        }
    }
}

impl Journal {
    /// Starts the writer on the store at `path`; the receiver is told of each batch, in the order they went in.
    pub fn start(
        path: &Path,
        recordings: PathBuf,
    ) -> anyhow::Result<(Self, mpsc::Receiver<Written>, Writer)> {
        let connection = super::open(path)?;
        let (jobs, asked) = mpsc::channel(BATCHES);
        let (tell, told) = mpsc::channel(BATCHES * 2);
        let (sick, health) = watch::channel(Health::Well);
        let (grown, news) = watch::channel(());
        let mut writer = Pen {
            connection,
            recordings,
            asked,
            tell,
            health: sick,
            grown,
            unfolded: 0,
            recent: Recent::default(),
            lazy: false,
            finishes: true,
        };
        let weak = jobs.downgrade();
        thread::Builder::new()
            .name("journal-rest".to_owned())
            .spawn(move || remind(&weak))
            .context("starting the journal's reminder")?;
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run())
            .context("starting the journal's writer")?;
        let journal = Self { jobs, health, news };
        Ok((journal, told, Writer(thread)))
    }

    /// Hands over a batch; waits while too many are on their way.
    pub async fn append(&self, batch: Batch) -> anyhow::Result<()> {
        self.jobs
            .send(Job::Append(batch))
            .await
            .ok()
            .context("the journal's writer has stopped")
    }

    /// Waits until everything handed over before is durable and stands in the projections.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let (done, settled) = oneshot::channel();
        self.jobs
            .send(Job::Settle(done))
            .await
            .ok()
            .context("the journal's writer has stopped")?;
        settled.await.context("the journal's writer has stopped")
    }

    /// Lets what is kept no longer be scrubbed, in quiet moments.
    pub async fn retain(&self, retain: Retain) -> anyhow::Result<()> {
        self.jobs
            .send(Job::Retain(retain))
            .await
            .ok()
            .context("the journal's writer has stopped")
    }

    /// Returns what changes whenever there are more rows to be read.
    pub fn news(&self) -> watch::Receiver<()> {
        self.news.clone()
    }

    /// Returns a view on the disk's health.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }
}

struct Pen {
    connection: Connection,
    /// Where the files of recordings lie.
    recordings: PathBuf,
    asked: mpsc::Receiver<Job>,
    tell: mpsc::Sender<Written>,
    health: watch::Sender<Health>,
    /// Told of every commit.
    grown: watch::Sender<()>,
    /// Rows appended since the last fold.
    unfolded: usize,
    /// What they are.
    recent: Recent,
    /// Set while a commit would not wait for the disk.
    lazy: bool,
    /// Whether the last step of an erasure can be done while the daemon runs.
    finishes: bool,
}

/// Asks for a fold now and then, as long as there is a journal. A full channel has work enough to fold after.
fn remind(jobs: &mpsc::WeakSender<Job>) {
    loop {
        thread::sleep(REST);
        let Some(jobs) = jobs.upgrade() else { return };
        let _ = jobs.try_send(Job::Fold);
    }
}

impl Pen {
    fn run(&mut self) {
        while let Some(first) = self.asked.blocking_recv() {
            let mut group = Vec::with_capacity(BATCHES);
            let mut settled = Vec::new();
            let mut rested = false;
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Append(batch) => group.push(batch),
                    Job::Fold => rested = true,
                    Job::Settle(done) => settled.push(done),
                    Job::Retain(retain) => self.retain(&retain),
                }
                next = self.asked.try_recv().ok();
            }
            if !self.write(&group) {
                return;
            }
            let wanted = !settled.is_empty();
            if wanted || self.unfolded >= project::CHUNK || (rested && self.unfolded > 0) {
                // The next append goes first; what is left over is folded after it.
                let mut more = true;
                while more && (self.asked.is_empty() || wanted) {
                    more = self.fold(wanted);
                }
                self.unfolded = usize::from(more);
            }
            if rested && self.unfolded == 0 && self.asked.is_empty() {
                self.scrub();
            }
            for done in settled {
                // Who asked may have gone.
                let _ = done.send(());
            }
        }
        while self.fold(true) {}
        if let Err(error) = self
            .connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        {
            tracing::debug!(%error, "the write-ahead log stays until the next start");
        }
    }

    // Tells whether to go on.
    fn write(&mut self, group: &[Batch]) -> bool {
        if group.is_empty() {
            return true;
        }
        let began = Instant::now();
        while let Err(error) = self.commit(group) {
            self.fall_ill(&error.to_string());
            if self.tell.is_closed() {
                return false;
            }
            thread::sleep(RETRY);
        }
        self.recover();
        self.grown.send_replace(());
        let took = began.elapsed();
        let told = group
            .iter()
            .all(|_| self.tell.blocking_send(Written { took }).is_ok());
        // Nobody waits for these lines.
        group
            .iter()
            .flat_map(|batch| batch.iter())
            .for_each(crate::logs::fact);
        told
    }

    fn commit(&mut self, group: &[Batch]) -> anyhow::Result<()> {
        self.earnest()?;
        let mut rows = 0;
        let mut spans = Vec::with_capacity(group.len());
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO journal (shard, at, interaction, fact) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for batch in group {
                let mut span = None;
                for fact in batch.iter() {
                    let interaction = fact.interaction.map(|id| id.to_string());
                    let text = serde_json::to_string(fact).context("writing a fact as JSON")?;
                    let at = project::sql(fact.at.0);
                    let row = insert.insert(params![SHARD, at, interaction, text])?;
                    span = Some((span.map_or(row, |(first, _)| first), row));
                    rows += 1;
                }
                spans.extend(span.map(|(first, last)| (first, last, batch.clone())));
            }
        }
        transaction.commit()?;
        self.unfolded += rows;
        for (first, last, batch) in spans {
            self.recent.note(first, last, batch);
        }
        Ok(())
    }

    fn fold(&mut self, wanted: bool) -> bool {
        if !wanted && *self.health.borrow() != Health::Well {
            return false;
        }
        match self.fold_lazily() {
            Ok(more) => more,
            Err(error) => {
                self.fall_ill(&error.to_string());
                false
            }
        }
    }

    fn retain(&mut self, retain: &Retain) {
        let rules = retain.rules.iter();
        let found = rules.map(|rule| erase::apply(&self.connection, rule));
        let notes = retain.notes.map(|before| (Texts::Notes, before));
        let texts = notes.into_iter().chain([(Texts::Memos, retain.memos)]);
        let old = |(texts, before)| erase::apply_to_texts(&self.connection, texts, before);
        let found = found.chain(texts.map(old));
        match found.sum::<anyhow::Result<usize>>() {
            Ok(0) => {}
            Ok(found) => tracing::info!(found, "what is kept no longer is scrubbed"),
            Err(error) => tracing::error!(%error, "what is kept no longer was not found"),
        }
    }

    // Erasing waits for quiet moments, and goes on after a crash.
    fn scrub(&mut self) {
        self.recent.clear();
        let scrubbed = erase::scrub_some(&mut self.connection, &self.recordings).and_then(|more| {
            if !more && self.finishes && erase::is_unfinished(&self.connection)? {
                let now = super::millis_now()?;
                self.finishes = erase::finish(&self.connection, now, erase::SMALL)?;
                if !self.finishes {
                    tracing::warn!("customers were erased; moved copies go when the store is rewritten at the next start");
                }
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

    // What is folded can be folded again after a crash, so it need not reach the disk at once as the journal must: in a
    // write-ahead log it becomes durable with the next append, and can never be there without what it rests on.
    fn fold_lazily(&mut self) -> anyhow::Result<bool> {
        self.lazy = true;
        self.connection
            .pragma_update(None, "synchronous", "NORMAL")?;
        let more = project::fold_chunk(&mut self.connection, &mut self.recent);
        let earnest = self.earnest();
        let more = more?;
        earnest.map(|()| more)
    }

    // Sees to it that a commit waits for the disk. Without that nothing may be appended.
    fn earnest(&mut self) -> anyhow::Result<()> {
        if self.lazy {
            self.connection
                .pragma_update(None, "synchronous", "FULL")
                .context("making commits wait for the disk again")?;
            self.lazy = false;
        }
        Ok(())
    }

    fn fall_ill(&self, why: &str) {
        let before = self.health.send_replace(Health::Refusing(why.to_owned()));
        if before == Health::Well {
            tracing::error!(
                error = why,
                "the journal cannot be written; new work is refused and nothing is acknowledged until it can"
            );
        }
    }

    fn recover(&self) {
        if *self.health.borrow() != Health::Well {
            self.health.send_replace(Health::Well);
            tracing::warn!("the journal can be written again");
        }
    }
}

#[cfg(test)]
mod tests;
