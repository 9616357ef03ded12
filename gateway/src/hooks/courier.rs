//! Reads the journal behind a cursor of its own and has what is wanted of it carried to one receiver. Nothing of the
//! daemon waits for it: it has a task, connections and a bounded memory of its own.

use std::{sync::Arc, time::Duration};

use hub::{Event, Fact};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};
use ws::id::Timestamp;

use super::{
    reader::Reader,
    spool::{Changes, Dead, Outcome, Spool},
};
use crate::{auth, net::app::App, store::ledger::webhooks};

/// How often is put down what was delivered; after a crash so much of it is delivered again.
const PUT: Duration = Duration::from_millis(500);
/// How often is looked for what others put down.
const LOOK: Duration = Duration::from_secs(1);
/// How long what is on its way may take when the courier is to stop.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long nothing is done when nothing is due.
const IDLE: Duration = Duration::from_secs(60);

/// One fact on its way.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What it is known by, however often it is carried.
    pub id: String,
    /// The row of the journal it is about.
    pub row: i64,
    /// The fact, as it stands now.
    pub fact: Fact,
}

/// The way to a receiver.
pub trait Carrier: Send + Sync + 'static {
    /// Returns what tells which facts the receiver wants.
    fn wants(&self) -> impl Fn(&Event) -> bool + Send + 'static;

    /// Carries a letter; it may be given up at any moment.
    fn carry(&self, letter: Letter) -> impl Future<Output = Outcome> + Send;

    /// Takes note of how many letters wait, and how many are given up.
    fn stand(&self, backlog: i64, dead: i64);
}

/// One receiver's.
pub struct Courier<C> {
    /// The name its cursor is kept by.
    pub name: String,
    /// What it needs of the daemon.
    pub app: Arc<App>,
    /// The way.
    pub carrier: Arc<C>,
    /// How long a letter may fail.
    pub give_up: Duration,
}

/// A courier on its rounds.
struct Round<C> {
    courier: Courier<C>,
    reader: Reader,
    epoch: String,
    spool: Spool,
    posts: JoinSet<(i64, Outcome)>,
    /// What could not be put down yet.
    unwritten: Option<Changes>,
    put_at: Instant,
    /// Whether there may be more to read.
    more: bool,
}

impl<C: Carrier> Courier<C> {
    /// Carries until told to stop, or until something of our own breaks.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
        let reader = Reader::open(&self.app.store())?;
        let (last, epoch) = (reader.last().await?, reader.epoch().await?);
        let name = self.name.clone();
        let start = &self.app.ledger;
        let start = start
            .write(move |ledger| webhooks::open(ledger, &name, last))
            .await?;
        let mut news = self.app.journal.news();
        let mut round = Round {
            spool: Spool::new(start, self.give_up, auth::random()),
            courier: self,
            reader,
            epoch,
            posts: JoinSet::new(),
            unwritten: None,
            put_at: Instant::now(),
            more: true,
        };
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let hungry = round.go().await?;
            let wake = round.wake();
            tokio::select! {
                _ = stop.changed() => return round.stop().await,
                Some(done) = round.posts.join_next() => round.take(done),
                changed = news.changed() => match changed {
                    Ok(()) => round.more = true,
                    Err(_) => return round.stop().await,
                },
                _ = look.tick() => round.look().await?,
                () = tokio::task::yield_now(), if hungry => {}
                () = tokio::time::sleep_until(wake) => {}
            }
        }
    }
}

impl<C: Carrier> Round<C> {
    fn now(&self) -> Timestamp {
        self.courier.app.now()
    }

    /// Reads, sends and puts down what is due; tells whether there is more to read at once.
    async fn go(&mut self) -> anyhow::Result<bool> {
        if self.more
            && let Some(after) = self.spool.wants_rows()
        {
            let found = self.reader.behind(after, self.courier.carrier.wants());
            let found = found.await?;
            self.more = found.more;
            let now = self.now();
            self.spool.handle_rows(found.rows, found.read, now);
        }
        while let Some(row) = self.spool.poll_letter(self.now()) {
            self.send(row);
        }
        if self.put_at.elapsed() >= PUT {
            self.put().await;
        }
        Ok(self.more && self.spool.wants_rows().is_some())
    }

    fn wake(&self) -> Instant {
        let clock = &self.courier.app.clock;
        let due = self.spool.poll_timeout();
        let due = due.map(|due| Instant::from_std(clock.instant_of(due)));
        let unwritten = self.unwritten.is_some() || self.spool.is_changed();
        let put = unwritten.then_some(self.put_at + PUT);
        let idle = Instant::now() + IDLE;
        due.into_iter().chain(put).min().unwrap_or(idle)
    }

    // A panic on the way is a failure of this letter and of nothing else.
    fn send(&mut self, row: i64) {
        let (reader, carrier) = (self.reader.clone(), self.courier.carrier.clone());
        let id = format!("{}-{row}", self.epoch);
        self.posts.spawn(async move {
            let carried = tokio::spawn(async move {
                match reader.fact(row).await {
                    Ok(Some(fact)) => carrier.carry(Letter { id, row, fact }).await,
                    Ok(None) => Outcome::Hopeless {
                        error: "the journal has no such row".to_owned(),
                    },
                    Err(error) => failed(format!("{error:#}")),
                }
            });
            let outcome = carried.await;
            let outcome = outcome.unwrap_or_else(|_| failed("it broke here".to_owned()));
            (row, outcome)
        });
    }

    fn take(&mut self, done: Result<(i64, Outcome), tokio::task::JoinError>) {
        match done {
            Ok((row, outcome)) => {
                let now = self.now();
                self.spool.handle_outcome(row, outcome, now);
            }
            // Only what is aborted ends so, and that is done when the whole round ends.
            Err(error) => tracing::error!(%error, "a delivery was cut"),
        }
    }

    // What cannot be put down is kept until it can; what was delivered meanwhile would be delivered again after a crash.
    async fn put(&mut self) {
        self.put_at = Instant::now();
        let Some(changes) = self.unwritten.take().or_else(|| self.spool.poll_changes()) else {
            return;
        };
        for Dead { letter, error, .. } in &changes.dead {
            let (row, attempts) = (letter.row, letter.attempts);
            tracing::error!(
                courier = self.courier.name,
                lane = &*letter.lane,
                row,
                attempts,
                error,
                "a letter is given up"
            );
        }
        let (name, copy) = (self.courier.name.clone(), changes.clone());
        let put = &self.courier.app.ledger;
        let put = put.write(move |ledger| webhooks::keep(ledger, &name, &copy));
        if let Err(error) = put.await {
            tracing::error!(
                courier = self.courier.name,
                error = format!("{error:#}"),
                "what was delivered cannot be put down"
            );
            self.unwritten = Some(changes);
        }
    }

    /// Takes up what others put down: what is to be tried again, and that it is to go on.
    async fn look(&mut self) -> anyhow::Result<()> {
        let (now, name) = (self.now(), self.courier.name.clone());
        let ledger = &self.courier.app.ledger;
        let (again, standing) = ledger
            .write(move |ledger| {
                let again = webhooks::take_again(ledger, &name, now)?;
                Ok((
                    again,
                    webhooks::standing(ledger, &name)?.unwrap_or_default(),
                ))
            })
            .await?;
        self.spool.handle_again(again, now);
        let put_down = self.unwritten.is_none() && !self.spool.is_changed();
        let goes_on = standing.gone_at.is_none() && standing.rests_until.is_none();
        if put_down && self.spool.is_left_alone() && goes_on {
            self.spool.handle_resume(now);
        }
        let unread = self.reader.last().await? - self.spool.read();
        let backlog = i64::try_from(self.spool.len()).unwrap_or(i64::MAX) + unread;
        self.courier.carrier.stand(backlog, standing.dead);
        Ok(())
    }

    async fn stop(mut self) -> anyhow::Result<()> {
        let last = async {
            while let Some(done) = self.posts.join_next().await {
                self.take(done);
            }
        };
        // What is still on its way is carried again at the next start.
        let _ = tokio::time::timeout(GOODBYE, last).await;
        // Twice: what could not be put down before, and what came since.
        for _ in 0..2 {
            self.put().await;
        }
        Ok(())
    }
}

/// Returns a failure in our words, not longer than anybody reads.
pub fn failed(mut error: String) -> Outcome {
    if let Some((end, _)) = error.char_indices().nth(300) {
        error.truncate(end);
    }
    Outcome::Failed { error, after: None }
}
