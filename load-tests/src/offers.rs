//! Scenario `offers`: a full house, as a daemon has it: very many agents at their consoles, each with as many chats as they may
//! have, at very many queues, very many chats that wait, and calls promised for tomorrow. Measured is how long after an agent
//! became free their console shows the next offer: sockets, hub and journal included. The queues, who serves them and what
//! they ask are those of `routing`.

use std::{
    collections::VecDeque,
    fmt,
    path::PathBuf,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use serde_json::json;
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
    routing,
    spread::Spread,
    visitor::Guest,
    web::Web,
};

/// How many visitors are on their way in at a time.
const AT_ONCE: usize = 64;
/// How often somebody tries again who is told that there is too much to do, and after how long.
const TRIES: u32 = 10;
const AGAIN: Duration = Duration::from_secs(1);
/// How long all agents may take to have a chat, and the last to be offered another.
const PATIENCE: Duration = Duration::from_secs(60);
/// How a queue's skill relaxes.
const RELAX: &str = r#"[{ after = "1m", skill = "german", level = 3 }, { after = "5m", skill = "german", level = 0 }]"#;
/// Milliseconds from now until the first promise is due.
const TOMORROW: u64 = 86_400_000;

/// What is to be done.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// Agents at their consoles.
    #[arg(long, default_value_t = 1_000)]
    agents: usize,
    /// Chats that each of them has.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=6))]
    chats: u64,
    /// Queues; every other asks a skill that relaxes.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    queues: u64,
    /// Chats that still wait when all is measured.
    #[arg(long, default_value_t = 10_000)]
    waiting: usize,
    /// Live interactions, the waiting and held chats included; what is missing are calls promised for tomorrow.
    #[arg(long, default_value_t = 50_000)]
    live: usize,
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
            chats,
            queues,
            waiting,
            live,
            rate,
            count,
            ..
        } = &self.plan;
        writeln!(
            f,
            "offers: {agents} agents with {chats} chats each, {queues} queues, {waiting} chats waiting at least, {live} live \
             interactions with what is promised; filled in {:.0} s",
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
    let mut daemon = hired(&plan).await?;
    daemon.start().await?;
    let process = Process::new(daemon.pid()?);
    let house = daemon.house()?;
    let mut floor = Floor::open(&house).await?;
    let chats = plan.agents * plan.chats as usize + plan.waiting + plan.count;
    let crowd = crowd(&house, chats, plan.queues).await?;
    floor.fill(plan.chats).await?;
    promise(&house, plan.live.saturating_sub(chats), plan.queues).await?;
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

// A daemon that has the queues, their zones and the agents, and that is not started yet.
async fn hired(plan: &Plan) -> Result<Daemon> {
    let mut daemon = Daemon::prepare(plan.binary.clone(), None, 0).await?;
    daemon.set("TANDEM_AGENTS__CHAT_SLOTS", &plan.chats.to_string());
    for (key, value) in [
        ("TANDEM_WEB__SOCKETS_PER_ADDRESS", "100000"),
        ("TANDEM_WORK__OFFER", "1h"),
        ("TANDEM_WORK__PARK", "0s"),
        ("TANDEM_WORK__IDLE_CHAT", "12h"),
        ("TANDEM_WORK__WRAP_UP_CHAT", "0s"),
    ] {
        daemon.set(key, value);
    }
    for n in 0..plan.queues {
        daemon.set(format!("TANDEM_QUEUE_Q{n}__LIMIT"), "100000");
        daemon.set(format!("TANDEM_ZONE_Z{n}__QUEUE"), &format!("q{n}"));
        if n % 2 == 1 {
            daemon.set(format!("TANDEM_QUEUE_Q{n}__SKILLS"), "{ german = 6 }");
            daemon.set(format!("TANDEM_QUEUE_Q{n}__RELAX"), RELAX);
        }
    }
    for n in 0..plan.agents as u64 {
        let mut words = Vec::new();
        for queue in routing::served(n, plan.queues) {
            words.extend(["--queue".to_owned(), format!("q{queue}")]);
        }
        let level = routing::german(n, plan.queues);
        if level > 0 {
            words.extend(["--skill".to_owned(), format!("german={level}")]);
        }
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        daemon.hire(format!("agent{n}"), &words).await?;
    }
    Ok(daemon)
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

    // Waits until everybody has so many chats.
    async fn fill(&mut self, each: u64) -> Result<()> {
        for _ in 0..self.told.len() as u64 * each {
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
    let mut held: VecDeque<InteractionId> = VecDeque::new();
    let mut free: Option<Instant> = None;
    loop {
        while let Some(news) = tab.machine.news() {
            if let AgentNews::Change(change) = news
                && let Change::Offered { offer } = *change
            {
                let took = free.take().map(|free| free.elapsed());
                held.push_back(offer.interaction);
                tab.machine.accept(offer.interaction);
                report.send(News::Offered(number, took)).await?;
            }
        }
        tab.flush().await?;
        tokio::select! {
            heard = tab.wait() => heard?,
            more = told.recv() => {
                let Some(()) = more else { return Ok(()) };
                let one = held.pop_front().context("told to end what it does not have")?;
                free = Some(Instant::now());
                tab.machine.end(one);
            }
        }
    }
}

// Lets so many open a chat, at all queues alike, and wait; they leave when what is returned is dropped.
async fn crowd(house: &House, count: usize, queues: u64) -> Result<JoinSet<Result<()>>> {
    let (mut coming, mut here) = (JoinSet::new(), JoinSet::new());
    let door = Door::from(&house.web);
    for n in 0..count as u64 {
        if coming.len() >= AT_ONCE
            && let Some(come) = coming.join_next().await
        {
            here.spawn(stay(come??));
        }
        let zone = format!("z{}", n % queues);
        coming.spawn(come(house.web.clone(), door.clone(), zone));
    }
    while let Some(come) = coming.join_next().await {
        here.spawn(stay(come??));
    }
    Ok(here)
}

// Has so many calls promised, a second apart from tomorrow on.
async fn promise(house: &House, count: usize, queues: u64) -> Result<()> {
    let agent = house.agents.first().context("nobody was hired")?;
    let token = house.web.login(agent, &house.password(agent)?).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let first = u64::try_from(now)? + TOMORROW;
    let mut asked = JoinSet::new();
    for n in 0..count as u64 {
        if asked.len() >= AT_ONCE
            && let Some(answer) = asked.join_next().await
        {
            answer??;
        }
        let (web, token) = (house.web.clone(), token.clone());
        let wish = json!({
            "number": format!("+49301{n:06}"), "queue": format!("q{}", n % queues), "at": first + n * 1_000,
        });
        asked.spawn(async move {
            let ask = || web.ask("POST", "/api/v1/callbacks", Some(&token), Some(&wish));
            let mut answer = ask().await?;
            for _ in 0..TRIES {
                if answer.status != 503 {
                    break;
                }
                time::sleep(AGAIN).await;
                answer = ask().await?;
            }
            ensure!(
                answer.status == 201,
                "a callback was answered {} {}",
                answer.status,
                answer.body
            );
            Ok(())
        });
    }
    while let Some(answer) = asked.join_next().await {
        answer??;
    }
    Ok(())
}

async fn come(web: Web, door: Door, zone: String) -> Result<Guest> {
    let token = web.visitor_within(&zone, TRIES).await?;
    let mut guest = Guest::come(&door, &token, zone).await?;
    let mut answer = guest.open().await?;
    for _ in 0..TRIES {
        if answer["error"]["code"] != "unavailable" {
            break;
        }
        time::sleep(AGAIN).await;
        answer = guest.open().await?;
    }
    ensure!(answer["error"].is_null(), "a chat was not opened: {answer}");
    Ok(guest)
}

async fn stay(mut guest: Guest) -> Result<()> {
    loop {
        guest.hear().await?;
    }
}
