//! Calls that come at a rate and stay for a moment.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::{task::JoinHandle, time};

use super::{LAST, Stage};
use crate::{phone::Happened, spread::Spread};

/// Milliseconds after which a request is sent again by UDP (RFC 3261 §17.1.1.1): who is slower does not keep up.
const AGAIN: f64 = 500.0;
/// By how much a rate that was kept up with is raised.
const STEP: f64 = 1.25;

/// What came of calls at one rate.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    rate: f64,
    dialled: usize,
    answered: Spread,
    taken: usize,
    ended: usize,
    refused: BTreeMap<u16, usize>,
    took: Duration,
    cpu: Option<Duration>,
    own_cpu: Duration,
    legs: usize,
    /// The highest rate that was kept up with, where it was searched for.
    highest: Option<f64>,
}

impl Outcome {
    // Tells whether the server did all in time.
    fn keeps_up(&self) -> bool {
        self.is_clean() && self.answered.percentile(0.99) < AGAIN
    }

    /// Tells whether every call was answered, reached its legs and ended.
    pub(super) fn is_clean(&self) -> bool {
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
        let done = self.ended as f64 / self.took.as_secs_f64();
        writeln!(
            f,
            "  answered {}, taken by whom they reached {}, ended {}, {done:.1} a second done",
            self.answered.count(),
            self.taken,
            self.ended
        )?;
        if !self.refused.is_empty() {
            writeln!(f, "  refused, by status: {:?}", self.refused)?;
        }
        writeln!(f, "  INVITE to 200: {}", self.answered)?;
        let cores = |cpu: Duration| cpu.as_secs_f64() / self.took.as_secs_f64();
        match self.cpu {
            Some(cpu) => {
                let many = cpu.as_secs_f64() * 10_000.0 / self.ended.max(1) as f64;
                write!(
                    f,
                    "  processor of the server: {:.2} s, {many:.2} s for 10,000 calls; {:.2} cores",
                    cpu.as_secs_f64(),
                    cores(cpu)
                )?;
            }
            None => write!(f, "  processor of the server: give --pid to know")?,
        }
        write!(f, "; of the load itself {:.2} cores", cores(self.own_cpu))?;
        match self.highest {
            Some(rate) => write!(
                f,
                "\n  highest rate that is kept up with: {rate:.0} a second"
            ),
            None => Ok(()),
        }
    }
}

/// Plays once, or in search of the highest rate that is kept up with: the last outcome is of the first that is not.
pub(super) async fn play(stage: &mut Stage) -> Result<Outcome> {
    let mut outcome = once(stage).await?;
    if !stage.plan.search {
        return Ok(outcome);
    }
    let mut highest = 0.0;
    while outcome.keeps_up() {
        println!("{outcome}");
        highest = stage.plan.rate;
        stage.plan.rate *= STEP;
        outcome = once(stage).await?;
    }
    outcome.highest = Some(highest);
    Ok(outcome)
}

async fn once(stage: &mut Stage) -> Result<Outcome> {
    let (before, own) = (stage.cpu()?, stage.own_cpu()?);
    let began = Instant::now();
    let mut outcome = Outcome {
        rate: stage.plan.rate,
        legs: stage.legs(),
        ..Outcome::default()
    };
    let count = (stage.plan.rate * stage.plan.seconds) as usize;
    let mut tick = time::interval(Duration::from_secs_f64(1.0 / stage.plan.rate));
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
                stage.caller.dial(&stage.house.queue).await?;
                outcome.dialled += 1;
                if outcome.dialled == count {
                    end = Some(Instant::now() + LAST);
                }
            }
            Some(happened) = stage.caller.events.recv() => {
                if let Some(hang_up) = heard(stage, happened, &mut outcome) {
                    hang_ups.push(hang_up);
                }
            }
            () = time::sleep_until(over.into()) => break,
        }
    }
    outcome.took = began.elapsed();
    outcome.taken = stage.taken();
    hang_ups.iter().for_each(JoinHandle::abort);
    outcome.own_cpu = stage.own_cpu()?.saturating_sub(own);
    if !stage.processes.is_empty() {
        outcome.cpu = Some(stage.cpu()?.saturating_sub(before));
    }
    Ok(outcome)
}

fn heard(stage: &Stage, happened: Happened, outcome: &mut Outcome) -> Option<JoinHandle<()>> {
    match happened {
        Happened::Answered(call, took, _) => {
            outcome.answered.add(took);
            let ender = stage.caller.ender();
            let hold = Duration::from_millis(stage.plan.hold);
            Some(tokio::spawn(async move {
                time::sleep(hold).await;
                ender.hang_up(call).await;
            }))
        }
        Happened::Failed(_, code, _) => {
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
