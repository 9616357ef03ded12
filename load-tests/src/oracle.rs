//! Scenario `oracle`: visitors and agents chat through a network that cuts, stalls, delays and half-closes their sockets, while
//! the daemon is killed or restarted now and then. In the end what each of them was shown is compared with the journal:
//! nothing acknowledged is lost, nothing is shown twice, left out or out of order.

mod book;
mod network;
mod page;
mod parties;

use std::{
    collections::HashSet,
    fmt,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time,
};
use ws::id::Mid;

use crate::{
    audit::{self, Records},
    daemon::Daemon,
    house::House,
    web::Web,
};
use book::Book;
use network::Network;
use page::Page;

/// Faults that are told; the others are only counted.
const SHOWN: usize = 30;
/// How much longer than its plan a run may take: a silent socket is given up after a minute, and may be followed by another.
const SPARE: Duration = Duration::from_secs(240);
/// How long a page that is gone is waited for by the daemon: longer than any socket is dead here.
const GONE: &str = "300s";

/// How long a daemon that is told to leave waits for chats, which do not end for that.
const LEAVES: &str = "2s";

/// What is to be done.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// The daemon's program; the `tandem` beside this one when left out.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How many visitors chat, one chat each; up to six find room with each agent.
    #[arg(long, default_value_t = 24)]
    visitors: usize,
    /// How many agents serve them.
    #[arg(long, default_value_t = 6)]
    agents: usize,
    /// How many messages each visitor writes.
    #[arg(long, default_value_t = 60)]
    messages: usize,
    /// How many messages a second each visitor writes; 2 is what one may.
    #[arg(long, default_value_t = 1.6)]
    rate: f64,
    /// After how many seconds something happens to a connection, on average.
    #[arg(long, default_value_t = 8.0)]
    trouble: f64,
    /// How often the daemon is killed or restarted.
    #[arg(long, default_value_t = 3)]
    restarts: u32,
    /// What everything is drawn from; drawn itself when left out, and told.
    #[arg(long)]
    seed: Option<u64>,
    /// Where the daemon keeps its data and its log; a new folder under the system's for temporary files when left out. It
    /// is kept when something is wrong.
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    plan: Plan,
    seed: u64,
    took: Duration,
    folder: PathBuf,
    acknowledged: usize,
    shown: usize,
    pages: usize,
    network: String,
    faults: Vec<String>,
}

impl Outcome {
    /// Tells whether everybody was shown what the journal has.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "oracle: {} visitors, {} agents, {} restarts in {:.0} s, seed {}",
            self.plan.visitors,
            self.plan.agents,
            self.plan.restarts,
            self.took.as_secs_f64(),
            self.seed
        )?;
        writeln!(
            f,
            "  {} messages acknowledged, {} entries shown on {} pages",
            self.acknowledged, self.shown, self.pages
        )?;
        writeln!(f, "  the network: {}", self.network)?;
        for fault in self.faults.iter().take(SHOWN) {
            writeln!(f, "  WRONG {fault}")?;
        }
        match self.faults.len() {
            0 => write!(f, "  nothing lost, doubled or out of order"),
            count => write!(
                f,
                "  {count} wrong; everything is kept in {}",
                self.folder.display()
            ),
        }
    }
}

/// What all parties share.
#[derive(Clone)]
struct Stage {
    house: Arc<House>,
    /// The web side itself, for what is asked by HTTP.
    direct: Web,
    /// The web side behind the bad network.
    through: Web,
    book: Arc<Book>,
    answered: Arc<Mutex<HashSet<Mid>>>,
    calm: watch::Receiver<bool>,
    /// How many messages each visitor writes before the farewell.
    each: usize,
    /// Between two messages of a visitor.
    pause: Duration,
    /// How long a visit may take.
    patience: Duration,
}

impl Stage {
    fn set(
        house: House,
        network: &Network,
        plan: &Plan,
        span: Duration,
        calm: watch::Receiver<bool>,
    ) -> Result<Self> {
        Ok(Self {
            direct: house.web.clone(),
            through: format!("http://{}", network.here).parse()?,
            house: Arc::new(house),
            book: Arc::default(),
            answered: Arc::default(),
            calm,
            each: plan.messages,
            pause: span / u32::try_from(plan.messages.max(1))?,
            patience: span * 2 + SPARE,
        })
    }

    // The last words are for when the network and the daemon are well again.
    fn is_calm(&self) -> bool {
        *self.calm.borrow()
    }

    // Whether nobody thought about answering it before; an agent who takes a chat over reads what was answered already.
    fn is_new(&self, mid: &Mid) -> bool {
        self.answered
            .lock()
            .expect("nobody panics while they hold the answers")
            .insert(mid.clone())
    }
}

/// Runs the scenario.
pub async fn run(plan: Plan) -> Result<Outcome> {
    let began = Instant::now();
    let seed = plan.seed.unwrap_or_else(rand::random);
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut daemon = Daemon::prepare(plan.binary.clone(), plan.folder.clone(), plan.agents).await?;
    daemon.set("TANDEM_WORK__VISITOR_GONE", GONE);
    daemon.set("TANDEM_DRAIN__PATIENCE", LEAVES);
    daemon.start().await?;
    let house = daemon.house()?;
    let target: SocketAddr = house.web.host().parse()?;
    let trouble = Duration::from_secs_f64(plan.trouble);
    let network = Network::start(target, trouble, dice.random()).await?;
    let span = Duration::from_secs_f64(plan.messages as f64 / plan.rate);
    let (calm, calmed) = watch::channel(false);
    let stage = Stage::set(house, &network, &plan, span, calmed)?;
    let (close, closed) = watch::channel(false);
    let consoles = muster(&stage, &closed, &mut dice);
    let mut visits = JoinSet::new();
    for number in 0..plan.visitors {
        let dice = StdRng::from_rng(&mut dice);
        visits.spawn(parties::visit(stage.clone(), number, dice));
    }
    for number in 0..plan.restarts {
        time::sleep(span.mul_f64(dice.random_range(0.7..1.3)) / (plan.restarts + 1)).await;
        restart(&mut daemon, number).await?;
    }
    network.calm();
    calm.send_replace(true);
    let mut pages = Vec::new();
    let mut faults = Vec::new();
    while let Some(visit) = visits.join_next().await {
        keep(visit?, &mut pages, &mut faults);
    }
    audit::rest(&stage.house, &mut faults).await?;
    close.send_replace(true);
    for console in consoles {
        keep(console.await?, &mut pages, &mut faults);
    }
    let records = Records::read(&stage.house).await?;
    faults.extend(stage.book.judge(&records, &pages));
    faults.extend(network.tally.missed());
    daemon.stop().await?;
    faults.extend(daemon.complaints()?);
    if faults.is_empty() {
        daemon.clear()?;
    }
    Ok(Outcome {
        seed,
        took: began.elapsed(),
        folder: daemon.folder().to_owned(),
        acknowledged: stage.book.count(),
        shown: pages.iter().map(|page| page.shown.len()).sum(),
        pages: pages.len(),
        network: network.tally.to_string(),
        plan,
        faults,
    })
}

fn muster(
    stage: &Stage,
    closed: &watch::Receiver<bool>,
    dice: &mut StdRng,
) -> Vec<JoinHandle<Result<Vec<Page>>>> {
    let agents = stage.house.agents.iter().cloned();
    agents
        .map(|agent| {
            let dice = StdRng::from_rng(dice);
            tokio::spawn(parties::serve(stage.clone(), agent, closed.clone(), dice))
        })
        .collect()
}

// Killed and restarted in turns.
async fn restart(daemon: &mut Daemon, number: u32) -> Result<()> {
    if number.is_multiple_of(2) {
        daemon.kill().await?;
    } else {
        daemon.stop().await.context("between two messages")?;
    }
    daemon.start().await
}

fn keep(party: Result<Vec<Page>>, pages: &mut Vec<Page>, faults: &mut Vec<String>) {
    match party {
        Ok(shown) => pages.extend(shown),
        Err(error) => faults.push(format!("{error:#}")),
    }
}
