//! Scenario `sockets`: very many visitors who only have their page open. What each costs in memory, how long all need to
//! come back after the network cut them at once, and what is left of them when they are gone.

mod guest;
mod outcome;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
    time,
};
use ws::client::Visitor;

use self::guest::{Guest, Report, Word};
pub use self::outcome::Outcome;
use crate::{
    browser::Tab,
    door::Door,
    house::House,
    process::Process,
    relay::{self, Against, Relay},
    spread::Spread,
};

/// Files besides the sockets: libraries, pipes, the runtime's own.
const SPARE: u64 = 64;
/// Credentials that are fetched at a time.
const MINTED: usize = 20;
/// How long all may take for one step.
const STEP: Duration = Duration::from_secs(300);
/// Reports that wait for this to read them.
const REPORTS: usize = 1024;

/// What is to be done.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// How many visitors come.
    #[arg(long, default_value_t = 100)]
    pub count: u32,
    /// How many of them are on their way in at a time.
    #[arg(long, default_value_t = 100)]
    pub at_once: u32,
    /// How many of them chat, and go on with their chat after the cut; at Tandem only.
    #[arg(long, default_value_t = 0)]
    pub chats: u32,
    /// How long everybody only listens before memory is read, in seconds; over 25 s holds a ping of each.
    #[arg(long, default_value_t = 5.0)]
    pub settle: f64,
    /// The server's process, whose memory is read.
    #[arg(long)]
    pub pid: Option<u32>,
    /// Which server it is.
    #[arg(long, value_enum, default_value = "tandem")]
    pub against: Against,
    /// Where the relay listens, or Tandem when it is not where --web says.
    #[arg(long)]
    pub at: Option<SocketAddr>,
    /// Comes by TLS to the address of --at; a PEM file with who signed the server's certificate.
    #[arg(long, requires = "at")]
    pub tls: Option<PathBuf>,
}

/// Runs the scenario.
pub async fn run(house: &House, plan: Plan) -> Result<Outcome> {
    ensure!(plan.count > 0, "--count 0 is nobody");
    let most = limit().context("reading how many files may be open")?;
    ensure!(
        u64::from(plan.count) + SPARE <= most,
        "{} sockets need more than the {most} files that may be open here; raise it by ulimit -n, or take fewer",
        plan.count
    );
    let process = plan.pid.map(Process::new);
    let memory = || process.map(Process::memory).transpose();
    let guests = guests(house, &plan).await?;
    let mut crowd = Crowd::gather(guests, &plan);
    let mut outcome = Outcome::new(plan.clone());

    outcome.memory.before = memory()?;
    outcome.came = crowd.tell(Word::Come, plan.count).await?;
    crowd.settle(&plan).await;
    outcome.memory.idle = memory()?;
    if plan.chats > 0 {
        let chatting = crowd.tell(Word::Chat, plan.chats).await?;
        outcome.chatted = chatting.spread.count();
    }
    crowd.tell(Word::Cut, plan.count).await?;
    outcome.back = crowd.tell(Word::Come, plan.count).await?;
    if plan.chats > 0 {
        let chatting = crowd.tell(Word::Chat, plan.chats).await?;
        outcome.resumed = chatting.spread.count();
    }
    crowd.settle(&plan).await;
    outcome.memory.back = memory()?;
    crowd.tell(Word::Cut, plan.count).await?;
    crowd.settle(&plan).await;
    outcome.memory.after = memory()?;
    outcome.faults = crowd.faults;
    Ok(outcome)
}

/// How long each and all took for one step.
#[derive(Debug, Default)]
pub struct Step {
    spread: Spread,
    took: Duration,
}

/// Everybody, each a task of its own.
struct Crowd {
    word: watch::Sender<(u32, Word)>,
    reports: mpsc::Receiver<Report>,
    faults: Vec<String>,
    // Ends all with it.
    _guests: JoinSet<()>,
}

impl Crowd {
    fn gather(guests: Vec<Guest>, plan: &Plan) -> Self {
        let (word, told) = watch::channel((0, Word::Wait));
        let (report, reports) = mpsc::channel(REPORTS);
        let gate = Arc::new(Semaphore::new(plan.at_once.max(1) as usize));
        let mut tasks = JoinSet::new();
        for guest in guests {
            tasks.spawn(guest::stay(
                guest,
                gate.clone(),
                told.clone(),
                report.clone(),
            ));
        }
        Self {
            word,
            reports,
            faults: Vec::new(),
            _guests: tasks,
        }
    }

    /// Tells everybody what to do, and waits until so many did it or failed.
    async fn tell(&mut self, word: Word, who: u32) -> Result<Step> {
        let began = Instant::now();
        self.word.send_modify(|(turn, now)| {
            *turn += 1;
            *now = word;
        });
        let mut step = Step::default();
        let mut left = who;
        let all = async {
            while left > 0 {
                match self.reports.recv().await.context("everybody left")? {
                    Report::Did(took) => {
                        step.spread.add(took);
                        left -= 1;
                    }
                    Report::Failed(fault) => {
                        self.faults.push(fault);
                        left -= 1;
                    }
                    Report::Lost(fault) => self.faults.push(fault),
                }
            }
            anyhow::Ok(())
        };
        match time::timeout(STEP, all).await {
            Ok(done) => done?,
            Err(_) => self.faults.push(format!("{left} did not {word:?} in time")),
        }
        step.took = began.elapsed();
        Ok(step)
    }

    /// Waits a while; who is lost meanwhile is a fault.
    async fn settle(&mut self, plan: &Plan) {
        let end = time::Instant::now() + Duration::from_secs_f64(plan.settle);
        while let Ok(Some(report)) = time::timeout_at(end, self.reports.recv()).await {
            if let Report::Lost(fault) | Report::Failed(fault) = report {
                self.faults.push(fault);
            }
        }
    }
}

// Credentials are fetched before anything is measured.
async fn guests(house: &House, plan: &Plan) -> Result<Vec<Guest>> {
    let door = match (plan.at, &plan.tls) {
        (None, _) => Door::from(&house.web),
        (Some(at), None) => Door::plain(at),
        (Some(at), Some(authority)) => Door::secured(at, authority)?,
    };
    if let Some(dialect) = plan.against.dialect() {
        relay::place(plan.at)?;
        let relays = (0..plan.count).map(|number| {
            let relay = Relay::new(door.clone(), dialect, format!("v{number}"), false);
            Guest::Relay(Box::new(relay))
        });
        return Ok(relays.collect());
    }
    let minted = futures_util::stream::iter(0..plan.count)
        .map(|number| guest(house, door.clone(), number, plan.chats))
        .buffered(MINTED);
    minted.try_collect().await
}

async fn guest(house: &House, door: Door, number: u32, chats: u32) -> Result<Guest> {
    let token = house.web.visitor(&house.zone).await?;
    Ok(Guest::Visitor {
        tab: Box::new(Tab::by(door, Visitor::new(token))),
        chats: (number < chats).then(|| house.zone.clone()),
        number,
    })
}

fn limit() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        soft => soft.parse().ok(),
    }
}
