//! Scenario `chats`: visitors write at a rate, agents receive; how long from socket to journal to agent, what it costs,
//! and whether anything was lost or doubled. Plain relays can be measured the same way.

mod relayed;

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tokio::{task::JoinSet, time};
use ws::{
    client::{Opening, Visitor, VisitorNews},
    id::Mid,
    timeline::What,
};

use crate::{
    browser::{Machine, Tab},
    crew::{Crew, OPENING, Written},
    house::House,
    process::Process,
    relay::Against,
    spread::Spread,
};

/// How long the last messages may take to arrive everywhere.
const LAST: Duration = Duration::from_secs(20);

/// What is to be done.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Plan {
    /// How many visitors chat; up to six find room with each agent.
    #[arg(long, default_value_t = 6)]
    pub visitors: u32,
    /// How many messages a second they write together.
    #[arg(long, default_value_t = 10.0)]
    pub rate: f64,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// About how many bytes a message has at least.
    #[arg(long, default_value_t = 0)]
    pub bytes: usize,
    /// The server's process, to tell its processor time.
    #[arg(long)]
    pub pid: Option<u32>,
    /// Which server it is; relays keep nothing, so their messages are in no journal.
    #[arg(long, value_enum, default_value = "tandem")]
    pub against: Against,
    /// Where the relay listens.
    #[arg(long)]
    pub at: Option<SocketAddr>,
}

impl Plan {
    // Tandem bounds what a visitor writes; relays bound nothing.
    fn check(&self) -> Result<()> {
        let each = self.rate / f64::from(self.visitors);
        ensure!(
            each <= 2.0 || self.against.dialect().is_some(),
            "{each:.1} messages a second are more than one visitor may write (2); take more visitors"
        );
        Ok(())
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    plan: Plan,
    written: usize,
    acknowledged: Spread,
    arrived: Spread,
    lost: usize,
    doubled: u64,
    took: Duration,
    cpu: Option<Duration>,
}

impl Outcome {
    fn new(plan: Plan) -> Self {
        Self {
            plan,
            written: 0,
            acknowledged: Spread::default(),
            arrived: Spread::default(),
            lost: 0,
            doubled: 0,
            took: Duration::from_secs_f64(plan.seconds),
            cpu: None,
        }
    }

    fn add(&mut self, diary: Diary) {
        self.written += diary.mids.len();
        self.acknowledged.extend(&diary.acknowledged);
        self.lost += diary.missing;
        self.doubled += diary.doubled;
    }

    /// Tells whether everything written arrived once.
    pub fn is_whole(&self) -> bool {
        self.lost == 0 && self.doubled == 0
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.written as f64 / self.took.as_secs_f64();
        writeln!(
            f,
            "chats: {}, {} visitors, {} messages, {rate:.0} a second",
            self.plan.against.name(),
            self.plan.visitors,
            self.written
        )?;
        writeln!(f, "  written to acknowledged: {}", self.acknowledged)?;
        writeln!(f, "  written to seen by the agent: {}", self.arrived)?;
        writeln!(
            f,
            "  lost {}, doubled or never written {}",
            self.lost, self.doubled
        )?;
        match self.cpu {
            Some(cpu) => {
                let each = cpu.as_secs_f64() * 1e6 / self.written.max(1) as f64;
                write!(
                    f,
                    "  processor of the server: {:.2} s, {each:.1} µs a message (bound 40)",
                    cpu.as_secs_f64()
                )
            }
            None => write!(f, "  processor of the server: give --pid to know"),
        }
    }
}

/// One visitor's account of their chat.
#[derive(Default)]
struct Diary {
    mids: Vec<Mid>,
    acknowledged: Spread,
    missing: usize,
    doubled: u64,
}

/// Runs the scenario.
pub async fn run(house: &House, plan: Plan) -> Result<Outcome> {
    plan.check()?;
    if let Some(dialect) = plan.against.dialect() {
        return relayed::run(&house.agents, plan, dialect).await;
    }
    let written = Written::default();
    let crew = Crew::muster(house, &written).await?;
    let mut visitors = Vec::new();
    for number in 0..plan.visitors {
        visitors.push(
            enter(house, number)
                .await
                .with_context(|| format!("visitor {number}"))?,
        );
    }
    let meter = Meter::start(plan.pid)?;
    let began = Instant::now();
    let mut chats = JoinSet::new();
    for (number, tab) in visitors.into_iter().enumerate() {
        chats.spawn(chat(tab, number, plan, written.clone()));
    }
    let mut outcome = Outcome::new(plan);
    while let Some(diary) = chats.join_next().await {
        outcome.add(diary??);
    }
    outcome.lost += unseen(&written, began).await;
    outcome.cpu = meter.stop()?;
    let sight = crew.dismiss().await?;
    outcome.arrived = sight.took;
    outcome.doubled += sight.strange;
    Ok(outcome)
}

/// Measures the processor time of a process, where one is known.
pub struct Meter(Option<(Process, Duration)>);

impl Meter {
    /// Begins to measure.
    pub fn start(pid: Option<u32>) -> Result<Self> {
        let Some(process) = pid.map(Process::new) else {
            return Ok(Self(None));
        };
        Ok(Self(Some((process, process.cpu()?))))
    }

    /// Returns what was used since.
    pub fn stop(self) -> Result<Option<Duration>> {
        let Some((process, before)) = self.0 else {
            return Ok(None);
        };
        Ok(Some(process.cpu()?.saturating_sub(before)))
    }
}

// How many messages a visitor writes, and when; visitors begin one after another.
fn pace(plan: Plan, number: usize) -> (usize, time::Interval) {
    let count = (plan.rate * plan.seconds / f64::from(plan.visitors)).max(1.0) as usize;
    let every = Duration::from_secs_f64(plan.seconds / count as f64);
    let first = every.mul_f64(number as f64 / f64::from(plan.visitors));
    (
        count,
        time::interval_at(time::Instant::now() + first, every),
    )
}

// Names the next message of a visitor, written now.
fn note(
    diary: &mut Diary,
    number: usize,
    asked: &mut HashMap<Mid, Instant>,
    written: &Written,
) -> Result<Mid> {
    let mid: Mid = format!("{number}.{}", diary.mids.len()).parse()?;
    let now = Instant::now();
    asked.insert(mid.clone(), now);
    written
        .lock()
        .expect("nobody panics while they hold the messages")
        .insert(mid.clone(), now);
    diary.mids.push(mid.clone());
    Ok(mid)
}

fn text(plan: Plan, at: usize, number: usize) -> String {
    let text = format!("Message {at} of visitor {number}");
    format!("{text:.<width$}", width = plan.bytes)
}

/// Opens a chat and waits until an agent is in it.
pub async fn enter(house: &House, number: u32) -> Result<Tab<Visitor>> {
    let token = house.web.visitor(&house.zone).await?;
    let mut tab = Tab::open(&house.web, Visitor::new(token)).await?;
    let opening = Opening {
        zone: house.zone.parse()?,
        name: None,
        mail: None,
        page: None,
        referrer: None,
        form: None,
    };
    tab.machine.open(
        opening,
        format!("{OPENING}{number}").parse()?,
        "Hello".to_owned(),
    );
    tab.until("an agent", |news| match news {
        VisitorNews::Entry(entry) if matches!(entry.what, What::Joined { .. }) => Some(()),
        _ => None,
    })
    .await?;
    Ok(tab)
}

async fn chat(mut tab: Tab<Visitor>, number: usize, plan: Plan, written: Written) -> Result<Diary> {
    let (count, mut tick) = pace(plan, number);
    let mut diary = Diary::default();
    let mut asked = HashMap::new();
    let end = Instant::now() + Duration::from_secs_f64(plan.seconds) + LAST;
    while diary.mids.len() < count || tab.machine.unsent() > 0 {
        tab.flush().await?;
        while let Some(news) = tab.machine.news() {
            if let VisitorNews::Acknowledged(mid) = &news
                && let Some(since) = asked.remove(mid)
            {
                diary.acknowledged.add(Instant::elapsed(&since));
            }
            if let VisitorNews::Refused(request, refusal) = news {
                bail!("{request:?} was refused: {refusal:?}");
            }
        }
        tokio::select! {
            heard = tab.wait() => heard?,
            _ = tick.tick(), if diary.mids.len() < count => {
                let mid = note(&mut diary, number, &mut asked, &written)?;
                tab.machine.write(mid, text(plan, diary.mids.len() - 1, number));
            }
            () = time::sleep_until(end.into()) => bail!("{} messages were not acknowledged in time", tab.machine.unsent()),
        }
    }
    reread(&tab, &mut diary);
    Ok(diary)
}

// The visitor's own copy must have each message once.
fn reread(tab: &Tab<Visitor>, diary: &mut Diary) {
    let mut times = HashMap::new();
    for entry in tab.machine.thread().entries() {
        if let What::Message { mid, .. } = &entry.what {
            *times.entry(mid).or_insert(0u64) += 1;
        }
    }
    diary.doubled += times.values().map(|count| count - 1).sum::<u64>();
    diary.missing += diary
        .mids
        .iter()
        .filter(|mid| !times.contains_key(mid))
        .count();
}

// Waits until the consoles have seen every message; returns how many they never saw.
async fn unseen(written: &Written, began: Instant) -> usize {
    let left = || {
        written
            .lock()
            .expect("nobody panics while they hold the messages")
            .len()
    };
    let end = Instant::now().max(began) + LAST;
    while left() > 0 && Instant::now() < end {
        time::sleep(Duration::from_millis(5)).await;
    }
    left()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tandem_bounds_what_one_visitor_writes() {
        // As `bench.py cobrowse` asks: five batches a second of each page.
        let plan = |against, rate| Plan {
            visitors: 200,
            rate,
            seconds: 20.0,
            bytes: 1_200,
            pid: None,
            against,
            at: None,
        };

        assert!(plan(Against::Tandem, 1_000.0).check().is_err());
        assert!(plan(Against::Tandem, 400.0).check().is_ok());
        for relay in [Against::Ws, Against::Socketio] {
            assert!(plan(relay, 1_000.0).check().is_ok(), "{}", relay.name());
        }
    }
}
