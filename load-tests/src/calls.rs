//! Scenario `calls`: clean calls a second through queue, offer and bridge, how long from INVITE to 200, and what it costs.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::{task::JoinHandle, time};

use crate::{
    crew::{Crew, Written},
    house::House,
    phone::{Happened, Phone},
    process::Process,
    spread::Spread,
};

/// How long the last calls may take to end.
const LAST: Duration = Duration::from_secs(20);

/// What is to be done.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Plan {
    /// How many calls a second.
    #[arg(long, default_value_t = 20.0)]
    pub rate: f64,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// How long the caller stays after the answer, in milliseconds.
    #[arg(long, default_value_t = 100)]
    pub hold: u64,
    /// One leg only: nobody is ready, callers are answered by the queue.
    #[arg(long)]
    pub one_leg: bool,
    /// Raises the rate until calls fail, then tells the highest clean one.
    #[arg(long)]
    pub search: bool,
    /// The daemon's process, to tell its processor time and memory.
    #[arg(long)]
    pub pid: Option<u32>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    rate: f64,
    dialled: usize,
    answered: Spread,
    taken: usize,
    ended: usize,
    refused: BTreeMap<u16, usize>,
    took: Duration,
    cpu: Option<Duration>,
    memory: Option<u64>,
    legs: usize,
}

impl Outcome {
    /// Tells whether every call was answered, reached its legs and ended.
    pub fn is_clean(&self) -> bool {
        self.refused.is_empty()
            && self.answered.count() == self.dialled
            && self.ended == self.dialled
            && (self.legs == 1 || self.taken == self.dialled)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = if self.is_clean() {
            "all clean"
        } else {
            "not clean"
        };
        writeln!(
            f,
            "calls: {} legs each, {:.0} a second asked, {} dialled, {clean}",
            self.legs, self.rate, self.dialled
        )?;
        let agents = self.taken;
        let done = self.ended as f64 / self.took.as_secs_f64();
        writeln!(
            f,
            "  answered {}, taken by agents' phones {agents}, ended {}, {done:.1} a second done",
            self.answered.count(),
            self.ended
        )?;
        if !self.refused.is_empty() {
            writeln!(f, "  refused, by status: {:?}", self.refused)?;
        }
        writeln!(f, "  INVITE to 200: {}", self.answered)?;
        if let Some(memory) = self.memory {
            writeln!(
                f,
                "  memory of the daemon afterwards: {:.1} MB",
                memory as f64 / 1024.0
            )?;
        }
        match self.cpu {
            Some(cpu) => {
                let many = cpu.as_secs_f64() * 10_000.0 / self.ended.max(1) as f64;
                write!(
                    f,
                    "  processor of the daemon: {:.2} s, {many:.2} s for 10,000 calls (bound 2, peers 19 to 31)",
                    cpu.as_secs_f64()
                )
            }
            None => write!(f, "  processor of the daemon: give --pid to know"),
        }
    }
}

/// Runs the scenario, once or in search of the highest clean rate.
pub async fn run(house: &House, plan: Plan) -> Result<Outcome> {
    let crew = match plan.one_leg {
        true => None,
        false => Some((
            Crew::muster(house, &Written::default()).await?,
            Crew::phones(house).await?,
        )),
    };
    let (crew, phones) = crew.unzip();
    let mut stage = Stage {
        caller: Phone::start(house.phone(None, None)).await?,
        phones,
        queue: house.queue.clone(),
    };
    let mut best = stage.play(plan).await?;
    if plan.search {
        let mut plan = plan;
        while best.is_clean() {
            println!("{best}");
            plan.rate *= 1.5;
            let next = stage.play(plan).await?;
            if !next.is_clean() {
                println!("{next}");
                break;
            }
            best = next;
        }
    }
    if let Some(crew) = crew {
        crew.dismiss().await?;
    }
    Ok(best)
}

struct Stage {
    caller: Phone,
    phones: Option<Phone>,
    queue: String,
}

impl Stage {
    async fn play(&mut self, plan: Plan) -> Result<Outcome> {
        let process = plan.pid.map(Process::new);
        let before = process.map(Process::cpu).transpose()?;
        let began = Instant::now();
        let legs = if plan.one_leg { 1 } else { 2 };
        let mut outcome = Outcome {
            rate: plan.rate,
            legs,
            ..Outcome::default()
        };
        let count = (plan.rate * plan.seconds) as usize;
        let mut tick = time::interval(Duration::from_secs_f64(1.0 / plan.rate));
        let mut hang_ups: Vec<JoinHandle<()>> = Vec::new();
        let mut end = None;
        loop {
            let finished = outcome.ended + outcome.refused.values().sum::<usize>();
            if finished >= count {
                break;
            }
            let over = end.unwrap_or_else(|| Instant::now() + LAST);
            tokio::select! {
                _ = tick.tick(), if outcome.dialled < count => {
                    self.caller.dial(&self.queue).await?;
                    outcome.dialled += 1;
                    if outcome.dialled == count {
                        end = Some(Instant::now() + LAST);
                    }
                }
                Some(happened) = self.caller.events.recv() => {
                    if let Some(hang_up) = self.heard(happened, plan, &mut outcome) {
                        hang_ups.push(hang_up);
                    }
                }
                () = time::sleep_until(over.into()) => break,
            }
        }
        outcome.took = began.elapsed();
        outcome.taken = self.taken();
        hang_ups.iter().for_each(JoinHandle::abort);
        if let (Some(process), Some(before)) = (process, before) {
            outcome.cpu = Some(process.cpu()?.saturating_sub(before));
            outcome.memory = Some(process.memory()?);
        }
        Ok(outcome)
    }

    fn heard(
        &self,
        happened: Happened,
        plan: Plan,
        outcome: &mut Outcome,
    ) -> Option<JoinHandle<()>> {
        match happened {
            Happened::Answered(call, took, _) => {
                outcome.answered.add(took);
                let ender = self.caller.ender();
                Some(tokio::spawn(async move {
                    time::sleep(Duration::from_millis(plan.hold)).await;
                    ender.hang_up(call).await;
                }))
            }
            Happened::Failed(_, code) => {
                *outcome.refused.entry(code).or_default() += 1;
                None
            }
            Happened::Ended(_) => {
                outcome.ended += 1;
                None
            }
            Happened::Ringing
            | Happened::Registered(_)
            | Happened::Unregistered(_)
            | Happened::Called(..)
            | Happened::Taken(..)
            | Happened::Changed(_)
            | Happened::Told => None,
        }
    }

    // Counts the calls that the agents' phones took since the last time.
    fn taken(&mut self) -> usize {
        let Some(phones) = &mut self.phones else {
            return 0;
        };
        let mut count = 0;
        while let Ok(happened) = phones.events.try_recv() {
            count += usize::from(matches!(happened, Happened::Taken(..)));
        }
        count
    }
}
