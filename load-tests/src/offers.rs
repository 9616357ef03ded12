//! Scenario `offers`: a full house, as a daemon has it: very many agents at their consoles, each with one chat, and very many
//! chats that wait. Measured is how long after an agent became free their console shows the next offer: sockets, hub and
//! journal included.

use std::{
    fmt,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{self, MissedTickBehavior},
};
use ws::{
    agent::{Change, Presence},
    client::{Agent, AgentNews},
    id::InteractionId,
};

use crate::{
    browser::{Machine, Tab},
    daemon::Daemon,
    door::Door,
    house::House,
    process::Process,
    spread::Spread,
    visitor::Guest,
    web::Web,
};

/// How many visitors are on their way in at a time.
const AT_ONCE: usize = 64;
/// How often a visitor tries again who is told that there is too much to do.
const TRIES: u32 = 10;
/// How long all agents may take to have a chat, and the last to be offered another.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is to be done.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// Agents at their consoles.
    #[arg(long, default_value_t = 1_000)]
    agents: usize,
    /// Chats that still wait when all is measured.
    #[arg(long, default_value_t = 10_000)]
    waiting: usize,
    /// Agents who become free, a second.
    #[arg(long, default_value_t = 50.0)]
    rate: f64,
    /// How many are measured.
    #[arg(long, default_value_t = 1_000)]
    count: usize,
    /// The daemon's program; the `tandem` beside this one when left out.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// What came of it.
pub struct Outcome {
    plan: Plan,
    offered: Spread,
    /// How long it took to fill the house.
    filled: Duration,
    cpu: Duration,
    memory: u64,
}

impl Outcome {
    /// Tells whether everybody who became free was offered a chat.
    pub fn is_whole(&self) -> bool {
        self.offered.count() == self.plan.count
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            agents,
            waiting,
            rate,
            count,
            ..
        } = &self.plan;
        writeln!(
            f,
            "offers: {agents} agents at work, {waiting} chats waiting at least; filled in {:.0} s",
            self.filled.as_secs_f64()
        )?;
        writeln!(
            f,
            "  {count} agents became free, {rate:.0} a second; {} were offered a chat",
            self.offered.count()
        )?;
        writeln!(
            f,
            "  free to offered, as their console sees it: {}",
            self.offered
        )?;
        write!(
            f,
            "  processor of the daemon: {:.1} ms an offer, all around it included; memory {:.1} MB",
            self.cpu.as_secs_f64() * 1e3 / self.offered.count().max(1) as f64,
            self.memory as f64 / 1024.0
        )
    }
}

/// Runs the scenario on a daemon of its own.
pub async fn run(plan: Plan) -> Result<Outcome> {
    let began = Instant::now();
    let mut daemon = Daemon::prepare(plan.binary.clone(), None, plan.agents).await?;
    for (key, value) in [
        ("TANDEM_AGENTS__CHAT_SLOTS", "1"),
        ("TANDEM_QUEUE_SUPPORT__LIMIT", "100000"),
        ("TANDEM_WEB__SOCKETS_PER_ADDRESS", "100000"),
        ("TANDEM_WORK__OFFER", "1h"),
        ("TANDEM_WORK__WRAP_UP_CHAT", "0s"),
    ] {
        daemon.set(key, value);
    }
    daemon.start().await?;
    let process = Process::new(daemon.pid()?);
    let house = daemon.house()?;
    let mut floor = Floor::open(&house).await?;
    let crowd = crowd(&house, plan.agents + plan.waiting + plan.count).await?;
    floor.fill().await?;
    let filled = began.elapsed();
    let before = process.cpu()?;
    let offered = floor.measure(&plan).await?;
    let outcome = Outcome {
        cpu: process.cpu()?.saturating_sub(before),
        memory: process.memory()?,
        plan,
        offered,
        filled,
    };
    drop(crowd);
    daemon.kill().await?;
    daemon.clear()?;
    Ok(outcome)
}

/// What a console reports.
enum News {
    /// It has a chat; where it had ended one before, so long after that.
    Offered(usize, Option<Duration>),
    /// It stopped.
    Lost(anyhow::Error),
}

/// All consoles.
struct Floor {
    told: Vec<mpsc::Sender<()>>,
    news: mpsc::Receiver<News>,
    // Dropped with it.
    _consoles: JoinSet<()>,
}

impl Floor {
    async fn open(house: &House) -> Result<Self> {
        let (report, news) = mpsc::channel(house.agents.len().max(1) * 2);
        let (mut told, mut consoles) = (Vec::new(), JoinSet::new());
        for (number, agent) in house.agents.iter().enumerate() {
            let token = house.web.login(agent, &house.password(agent)?).await?;
            let mut tab = Tab::open(&house.web, Agent::new(token)).await?;
            tab.until("the desk", |news| {
                matches!(news, AgentNews::Desk).then_some(())
            })
            .await?;
            tab.machine.set_presence(Presence::Ready);
            tab.flush().await?;
            let (tell, hears) = mpsc::channel(1);
            let report = report.clone();
            consoles.spawn(async move {
                if let Err(error) = work(tab, number, hears, &report).await {
                    // Who does not listen any more has ended the run.
                    report.send(News::Lost(error)).await.ok();
                }
            });
            told.push(tell);
        }
        Ok(Self {
            told,
            news,
            _consoles: consoles,
        })
    }

    async fn next(&mut self) -> Result<(usize, Option<Duration>)> {
        let next = time::timeout(PATIENCE, self.news.recv()).await;
        match next.context("nobody was offered anything for long")? {
            Some(News::Offered(who, took)) => Ok((who, took)),
            Some(News::Lost(error)) => Err(error.context("a console stopped")),
            None => anyhow::bail!("all consoles have gone"),
        }
    }

    // Waits until everybody has a chat.
    async fn fill(&mut self) -> Result<()> {
        for _ in 0..self.told.len() {
            self.next().await?;
        }
        Ok(())
    }

    // Lets one after the other end their chat.
    async fn measure(&mut self, plan: &Plan) -> Result<Spread> {
        ensure!(plan.rate > 0.0, "--rate must be above 0");
        let mut tick = time::interval(Duration::from_secs_f64(1.0 / plan.rate));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut asked, mut offered) = (0, Spread::default());
        while offered.count() < plan.count {
            tokio::select! {
                _ = tick.tick(), if asked < plan.count => {
                    // Each has had its offer long ago, or the channel is full and the run fails.
                    let who = asked % self.told.len();
                    self.told[who].try_send(()).context("a console does not keep up")?;
                    asked += 1;
                }
                next = self.next() => {
                    let (_, took) = next?;
                    offered.add(took.context("an offer to somebody who ended nothing")?);
                }
            }
        }
        Ok(offered)
    }
}

// Takes whatever is offered; ends it when told.
async fn work(
    mut tab: Tab<Agent>,
    number: usize,
    mut told: mpsc::Receiver<()>,
    report: &mpsc::Sender<News>,
) -> Result<()> {
    let mut held: Option<InteractionId> = None;
    let mut free: Option<Instant> = None;
    loop {
        while let Some(news) = tab.machine.news() {
            if let AgentNews::Change(change) = news
                && let Change::Offered { offer } = *change
            {
                let took = free.take().map(|free| free.elapsed());
                held = Some(offer.interaction);
                tab.machine.accept(offer.interaction);
                report.send(News::Offered(number, took)).await?;
            }
        }
        tab.flush().await?;
        tokio::select! {
            heard = tab.wait() => heard?,
            more = told.recv() => {
                let Some(()) = more else { return Ok(()) };
                let one = held.take().context("told to end what it does not have")?;
                free = Some(Instant::now());
                tab.machine.end(one);
            }
        }
    }
}

// Lets so many open a chat and wait; they leave when what is returned is dropped.
async fn crowd(house: &House, count: usize) -> Result<JoinSet<Result<()>>> {
    let (mut coming, mut here) = (JoinSet::new(), JoinSet::new());
    let door = Door::from(&house.web);
    for _ in 0..count {
        if coming.len() >= AT_ONCE
            && let Some(come) = coming.join_next().await
        {
            here.spawn(stay(come??));
        }
        coming.spawn(come(house.web.clone(), door.clone(), house.zone.clone()));
    }
    while let Some(come) = coming.join_next().await {
        here.spawn(stay(come??));
    }
    Ok(here)
}

async fn come(web: Web, door: Door, zone: String) -> Result<Guest> {
    let token = web.visitor_within(&zone, TRIES).await?;
    let mut guest = Guest::come(&door, &token, zone).await?;
    let answer = guest.open().await?;
    ensure!(answer["error"].is_null(), "a chat was not opened: {answer}");
    Ok(guest)
}

async fn stay(mut guest: Guest) -> Result<()> {
    loop {
        guest.hear().await?;
    }
}
