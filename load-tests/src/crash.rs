//! Scenario `crash`: kills the daemon with SIGKILL at random moments under a mixed load of calls, chats and callbacks, starts
//! it again, and checks from outside what must hold: no acknowledged message is lost or doubled, nobody is dialled twice,
//! nothing is left held when all is over, and every interaction ends in a sealed record with a reason.

mod audit;
mod callers;
mod consoles;
mod ledger;
mod visitors;

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{sync::watch, task::JoinSet, time};

use crate::{daemon::Daemon, house::House};
use ledger::Ledger;

/// How many agents serve.
const AGENTS: usize = 12;
/// What has left the daemon before it died is taken up by those it was sent to within this time.
const WAKE: Duration = Duration::from_millis(100);
/// Faults that are told; the others are only counted.
const SHOWN: usize = 30;
/// How long those who still have something to say may take once the killing is over.
const LAST: Duration = Duration::from_secs(60);

/// What is to be done.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// The daemon's program; the `tandem` beside this one when left out.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How often it is killed.
    #[arg(long, default_value_t = 20)]
    kills: u32,
    /// For how long there is load, in seconds.
    #[arg(long, default_value_t = 40.0)]
    seconds: f64,
    /// What the moments and the load are drawn from; drawn itself when left out, and told.
    #[arg(long)]
    seed: Option<u64>,
    /// How many visitors chat at a time, and how many callers call a second.
    #[arg(long, default_value_t = 12)]
    visitors: usize,
    #[arg(long, default_value_t = 2.0)]
    calls: f64,
    /// Where the daemon keeps its data and its log; a new folder under the system's for temporary files when left out. It
    /// is kept when something is wrong.
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    kills: u32,
    seed: u64,
    took: Duration,
    folder: PathBuf,
    tally: String,
    faults: Vec<String>,
}

impl Outcome {
    /// Tells whether every rule held.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let took = self.took.as_secs_f64();
        writeln!(
            f,
            "crash: {} kills in {took:.0} s, seed {}",
            self.kills, self.seed
        )?;
        writeln!(f, "  {}", self.tally)?;
        for fault in self.faults.iter().take(SHOWN) {
            writeln!(f, "  WRONG {fault}")?;
        }
        match self.faults.len() {
            0 => write!(f, "  every rule held"),
            count => write!(
                f,
                "  {count} wrong; everything is kept in {}",
                self.folder.display()
            ),
        }
    }
}

/// What all who make load share.
#[derive(Clone)]
struct Stage {
    house: Arc<House>,
    ledger: Arc<Ledger>,
    /// Set when nobody is to begin anything new.
    closing: watch::Receiver<bool>,
    /// The lives of the daemon so far.
    lives: watch::Receiver<u32>,
}

impl Stage {
    fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }
}

/// Runs the scenario.
pub async fn run(plan: Plan) -> Result<Outcome> {
    let began = Instant::now();
    let seed = plan.seed.unwrap_or_else(rand::random);
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut daemon = Daemon::prepare(plan.binary.clone(), plan.folder.clone(), AGENTS).await?;
    daemon.set("TANDEM_QUEUE__SUPPORT__RECORDING", "always");
    // Calls are short here: nothing is said before they are recorded.
    daemon.set("TANDEM_RECORDING__ANNOUNCEMENT", "[]");
    daemon.set("TANDEM_RECORDING__REFUSAL", "false");
    daemon.set("TANDEM_QUEUE__SUPPORT__RATE_CHATS", "true");
    daemon.set("TANDEM_WORK__RATING_CHAT", "5s");
    daemon.start().await?;
    let (close, closing) = watch::channel(false);
    let (born, lives) = watch::channel(1);
    let stage = Stage {
        house: Arc::new(daemon.house()?),
        ledger: Arc::new(Ledger::default()),
        closing,
        lives,
    };
    let (mut load, mut staff) = (JoinSet::new(), JoinSet::new());
    callers::begin(&stage, (&mut load, &mut staff), plan.calls, &mut dice).await?;
    consoles::begin(&stage, &mut staff, &mut dice);
    visitors::begin(&stage, &mut load, plan.visitors, &mut dice);
    for kill in 1..=plan.kills {
        kill_once(&mut daemon, &plan, &stage, &mut dice).await?;
        born.send_replace(kill + 1);
    }
    let _ = close.send(true);
    let mut faults = finish(load).await;
    audit::run(&mut daemon, &stage, &mut faults).await?;
    // The staff serve for as long as there is a daemon; who stopped before did so because something was wrong.
    while let Some(early) = staff.try_join_next() {
        faults.push(format!("somebody of the staff stopped: {:?}", early?));
    }
    staff.shutdown().await;
    daemon.stop().await?;
    faults.extend(daemon.complaints()?);
    faults.extend(stage.ledger.faults());
    faults.extend(stage.ledger.missed());
    if faults.is_empty() {
        daemon.clear()?;
    }
    Ok(Outcome {
        kills: plan.kills,
        seed,
        took: began.elapsed(),
        folder: daemon.folder().to_owned(),
        tally: stage.ledger.tally(),
        faults,
    })
}

async fn kill_once(
    daemon: &mut Daemon,
    plan: &Plan,
    stage: &Stage,
    dice: &mut StdRng,
) -> Result<()> {
    let span = plan.seconds / f64::from(plan.kills.max(1));
    time::sleep(Duration::from_secs_f64(dice.random_range(0.1..1.9) * span)).await;
    die(daemon, stage).await?;
    // Now and then it is killed while it starts, or has just begun to dial.
    while dice.random_bool(0.1) {
        daemon.spawn()?;
        time::sleep(Duration::from_millis(dice.random_range(0..150))).await;
        die(daemon, stage).await?;
    }
    daemon.start().await
}

// Whatever was dialled before is heard of by then, and over.
async fn die(daemon: &mut Daemon, stage: &Stage) -> Result<()> {
    daemon.kill().await?;
    time::sleep(WAKE).await;
    stage.ledger.died();
    Ok(())
}

// Waits for everybody; says who failed, and who did not come to an end.
async fn finish(mut load: JoinSet<Result<()>>) -> Vec<String> {
    let mut faults = Vec::new();
    let all = async {
        while let Some(one) = load.join_next().await {
            match one {
                Ok(Ok(())) => {}
                Ok(Err(error)) => faults.push(format!("{error:#}")),
                Err(error) => faults.push(error.to_string()),
            }
        }
    };
    if time::timeout(LAST, all).await.is_err() {
        faults.push(format!(
            "{} of those who make load did not come to an end",
            load.len()
        ));
    }
    faults
}

// A pause drawn anew each time, in milliseconds.
async fn pause(dice: &mut StdRng, millis: std::ops::Range<u64>) {
    time::sleep(Duration::from_millis(dice.random_range(millis))).await;
}

/// Asks the web side until it answers; it may be dead at the moment.
async fn insist<T, F: Future<Output = Result<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> Result<T> {
    let end = Instant::now() + LAST;
    loop {
        match ask().await {
            Ok(done) => return Ok(done),
            Err(error) if Instant::now() > end => {
                return Err(error).with_context(|| format!("{what}, for {} s", LAST.as_secs()));
            }
            Err(_) => time::sleep(Duration::from_millis(50)).await,
        }
    }
}
