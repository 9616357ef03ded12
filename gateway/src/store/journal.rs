//! The writer: one thread that owns the journal's connection, appends what came together in one commit, and tries again for
//! as long as the disk refuses. What it has appended is folded by the [`Projector`].

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use hub::Fact;
use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    health::{Health, Part, Vitals},
    project,
    projector::{Lag, Projector, Retain},
    turn::Turn,
};

/// Batches that may wait for the writer. More would only make the wait longer.
pub const BATCHES: usize = 16;

/// So many batches are written though they could wait: there must be room for those that cannot.
const ENOUGH: usize = BATCHES / 2;

/// How long the writer waits before it tries a refused write again.
const RETRY: Duration = Duration::from_millis(500);

/// How far apart commits of what people write are, so that one commit takes several: it costs the disk and three threads much
/// the same for one batch and for ten. All else waits for nothing but the disk.
const PACE: Duration = Duration::from_millis(2);

/// The shard this daemon's hub is; there is one.
pub(super) const SHARD: i64 = 0;

/// Facts in order, to be durable together.
pub type Batch = Arc<Vec<Fact>>;

/// The first and the last row of a batch in the journal, and what it is.
type Span = (i64, i64, Batch);

/// A batch is durable, and all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How long the commit took that it was in.
    pub took: Duration,
}

/// What the writer is asked.
enum Job {
    Append(Batch),
    Settle(oneshot::Sender<()>),
    Retain(Retain),
}

impl Job {
    /// Tells whether it may wait for others that come within [`PACE`].
    fn is_patient(&self) -> bool {
        match self {
            Self::Append(batch) => hub::house::are_words(batch),
            Self::Settle(_) => false,
            Self::Retain(_) => true,
        }
    }
}

/// The way to the writer.
#[derive(Clone)]
pub struct Journal {
    jobs: mpsc::Sender<Job>,
    /// Who writes, to be woken from its patience.
    pen: thread::Thread,
    /// How many jobs are not begun.
    pending: Arc<AtomicUsize>,
    health: watch::Receiver<Health>,
    news: watch::Receiver<()>,
    lag: Lag,
}

/// The threads, to be waited for at the end.
pub struct Writer {
    journal: thread::JoinHandle<()>,
    tables: thread::JoinHandle<()>,
}

impl Writer {
    /// Waits until everything is written and folded; call after the last [`Journal`] is gone.
    pub fn join(self) {
        for thread in [self.journal, self.tables] {
            if thread.join().is_err() {
                tracing::error!("a writer of the store had stopped early");
            }
        }
    }
}

impl Journal {
    /// Starts the writers on the store at `path`; the receiver is told of each batch, in the order they went in.
    pub fn start(
        path: &Path,
        recordings: PathBuf,
    ) -> anyhow::Result<(Self, mpsc::Receiver<Written>, Writer)> {
        Self::start_with(path, recordings, PACE)
    }

    fn start_with(
        path: &Path,
        recordings: PathBuf,
        pace: Duration,
    ) -> anyhow::Result<(Self, mpsc::Receiver<Written>, Writer)> {
        let (vitals, health) = Vitals::new();
        let (projector, tables) = Projector::start(path, recordings, vitals.clone())?;
        let (jobs, asked) = mpsc::channel(BATCHES);
        let (tell, told) = mpsc::channel(BATCHES * 2);
        let (grown, news) = watch::channel(());
        let lag = projector.lag();
        let pending = Arc::<AtomicUsize>::default();
        let mut writer = Pen {
            connection: super::open_journal(path)?,
            asked,
            pending: pending.clone(),
            tell,
            vitals,
            grown,
            turn: projector.turn(),
            projector,
            pace,
            due: Instant::now(),
        };
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run())
            .context("starting the journal's writer")?;
        let journal = Self {
            jobs,
            pen: thread.thread().clone(),
            pending,
            health,
            news,
            lag,
        };
        let writer = Writer {
            journal: thread,
            tables,
        };
        Ok((journal, told, writer))
    }

    /// Hands over a batch; waits while too many are on their way.
    pub async fn append(&self, batch: Batch) -> anyhow::Result<()> {
        self.ask(Job::Append(batch)).await
    }

    async fn ask(&self, job: Job) -> anyhow::Result<()> {
        let waits = job.is_patient();
        let pending = self.pending.fetch_add(1, Ordering::Relaxed) + 1;
        let sent = self.jobs.send(job).await;
        if !waits || pending >= ENOUGH {
            self.pen.unpark();
        }
        sent.ok().context("the journal's writer has stopped")
    }

    /// Waits until everything handed over before is durable and stands in the projections.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let (done, settled) = oneshot::channel();
        self.ask(Job::Settle(done)).await?;
        settled.await.context("the tables cannot be written")
    }

    /// Lets what is kept no longer be scrubbed, in quiet moments.
    pub async fn retain(&self, retain: Retain) -> anyhow::Result<()> {
        self.ask(Job::Retain(retain)).await
    }

    /// Returns what changes whenever there are more rows to be read.
    pub fn news(&self) -> watch::Receiver<()> {
        self.news.clone()
    }

    /// Returns a view on the disk's health.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// Returns how far the tables are behind.
    pub fn lag(&self) -> Lag {
        self.lag.clone()
    }
}

struct Pen {
    connection: Connection,
    asked: mpsc::Receiver<Job>,
    pending: Arc<AtomicUsize>,
    tell: mpsc::Sender<Written>,
    vitals: Vitals,
    /// Told of every commit.
    grown: watch::Sender<()>,
    /// Held while something writes to the journal.
    turn: Turn,
    projector: Projector,
    /// How far apart commits of what people write are, and until when it waits for more.
    pace: Duration,
    due: Instant,
}

impl Pen {
    fn run(&mut self) {
        while let Some(first) = self.asked.blocking_recv() {
            let jobs = self.gather(first);
            self.pending.fetch_sub(jobs.len(), Ordering::Relaxed);
            let mut group = Vec::with_capacity(BATCHES);
            let mut settled = Vec::new();
            for job in jobs {
                match job {
                    Job::Append(batch) => group.push(batch),
                    Job::Settle(done) => settled.push(done),
                    Job::Retain(retain) => self.projector.retain(retain),
                }
            }
            if !self.write(&group) {
                return;
            }
            self.due = Instant::now() + self.pace;
            for done in settled {
                self.projector.settle(done);
            }
        }
    }

    /// Takes what came together, and what comes until it is due, or until something comes that does not wait.
    fn gather(&mut self, first: Job) -> Vec<Job> {
        let mut jobs = Vec::with_capacity(BATCHES);
        let mut next = Some(first);
        loop {
            while let Some(job) = next {
                jobs.push(job);
                next = self.asked.try_recv().ok();
            }
            let early = self.due.saturating_duration_since(Instant::now());
            let waits = jobs.len() < ENOUGH && jobs.iter().all(Job::is_patient);
            if early.is_zero() || !waits || self.asked.is_closed() {
                return jobs;
            }
            thread::park_timeout(early);
            next = self.asked.try_recv().ok();
        }
    }

    // Tells whether to go on.
    fn write(&mut self, group: &[Batch]) -> bool {
        if group.is_empty() {
            return true;
        }
        let began = Instant::now();
        let spans = loop {
            match self.commit(group) {
                Ok(spans) => break spans,
                Err(error) => self.fall_ill(&error.to_string()),
            }
            if self.tell.is_closed() {
                return false;
            }
            thread::sleep(RETRY);
        };
        if self.vitals.recover(Part::Journal) {
            tracing::warn!("the journal can be written again");
        }
        // Without who folds, nothing could be asked any more: the daemon ends, and starts anew.
        let folds = spans
            .into_iter()
            .all(|(first, last, batch)| self.projector.fold(first, last, batch));
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
        told && folds
    }

    fn commit(&mut self, group: &[Batch]) -> anyhow::Result<Vec<Span>> {
        let _turn = self.turn.wait();
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
                }
                spans.extend(span.map(|(first, last)| (first, last, batch.clone())));
            }
        }
        transaction.commit()?;
        Ok(spans)
    }

    fn fall_ill(&self, why: &str) {
        if self.vitals.fall_ill(Part::Journal, why) {
            tracing::error!(
                error = why,
                "the journal cannot be written; new work is refused and nothing is acknowledged until it can"
            );
        }
    }
}

#[cfg(test)]
mod tests;
