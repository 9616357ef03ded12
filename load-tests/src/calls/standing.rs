//! Calls that stand all at once: what each holds, what its sound costs, and what is given back.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use sip::endpoint::CallKey;
use tokio::time;

use super::{LAST, Stage};
use crate::{phone::Happened, voices::Tally};

/// How long packets may be on their way when nothing is measured any more.
const ON_THEIR_WAY: Duration = Duration::from_millis(500);
/// How long sound has to begin on both sides before it is measured.
const BEGIN: Duration = Duration::from_secs(1);

/// What came of calls that stood at once.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    calls: usize,
    legs: usize,
    taken: usize,
    ended: usize,
    stood: Duration,
    cpu: Option<Duration>,
    own_cpu: Duration,
    /// Kilobytes of the server before, while they stood, and after.
    memory: Option<[u64; 3]>,
    /// What was said and heard, where there was sound.
    tally: Option<Tally>,
}

impl Outcome {
    /// Tells whether every call stood and ended.
    pub(super) fn is_clean(&self) -> bool {
        self.ended == self.calls && (self.legs == 1 || self.taken == self.calls)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stood = self.stood.as_secs_f64();
        write!(
            f,
            "calls: {} of {} legs each stood for {stood:.0} s; taken by whom they reached {}, ended {}",
            self.calls, self.legs, self.taken, self.ended
        )?;
        if let Some(cpu) = self.cpu {
            let share = 100.0 * cpu.as_secs_f64() / stood / self.calls as f64;
            write!(
                f,
                "\n  processor of the server: {:.2} s, {share:.4} % of a core for a call; of the load itself {:.2} cores",
                cpu.as_secs_f64(),
                self.own_cpu.as_secs_f64() / stood
            )?;
        }
        if let Some([before, held, after]) = self.memory {
            let legs = (self.calls * self.legs) as f64;
            let each = |more: u64| more.saturating_sub(before) as f64 / legs;
            write!(
                f,
                "\n  memory of the server: {:.1} MB before, {:.1} MB with them: {:.1} kB a leg; {:.1} MB after: {:.1} kB a leg",
                before as f64 / 1024.0,
                held as f64 / 1024.0,
                each(held),
                after as f64 / 1024.0,
                each(after)
            )?;
        }
        if let Some(tally) = &self.tally {
            // What was decoded on its way has no stamp any more.
            let stamped = tally.took.count() as u64;
            let heard = if stamped > 0 { stamped } else { tally.received };
            write!(
                f,
                "\n  packets sent {}, heard {heard} ({:.2} %)",
                tally.sent,
                100.0 * heard as f64 / tally.sent.max(1) as f64
            )?;
            if stamped > 0 {
                write!(f, "; on their way: {}", tally.took)?;
            }
        }
        Ok(())
    }
}

/// Lets `count` calls come, stand and end.
pub(super) async fn play(stage: &mut Stage, count: usize) -> Result<Outcome> {
    let before = stage.holdings().await?.map(|held| held.memory);
    let calls = come(stage, count).await?;
    let (cpu, own, tally, stood) = stand(stage).await?;
    let held = stage.holdings().await?.map(|held| held.memory);
    for &call in &calls {
        stage.caller.hang_up(call).await?;
    }
    let ended = go(stage, count).await?;
    let after = stage.holdings().await?.map(|held| held.memory);
    let memory = [before, held, after];
    Ok(Outcome {
        calls: count,
        legs: stage.legs(),
        taken: stage.taken(),
        ended,
        stood,
        cpu: (!stage.processes.is_empty()).then_some(cpu),
        own_cpu: own,
        memory: match memory {
            [Some(before), Some(held), Some(after)] => Some([before, held, after]),
            _ => None,
        },
        tally,
    })
}

// Dials at the rate and waits until all are answered.
async fn come(stage: &mut Stage, count: usize) -> Result<Vec<CallKey>> {
    let mut tick = time::interval(Duration::from_secs_f64(1.0 / stage.plan.rate));
    let mut answered = Vec::with_capacity(count);
    let mut dialled = 0;
    let mut last = Instant::now();
    while answered.len() < count {
        tokio::select! {
            _ = tick.tick(), if dialled < count => {
                stage.caller.dial(&stage.house.queue).await?;
                dialled += 1;
                last = Instant::now();
            }
            happened = stage.caller.events.recv() => {
                match happened.context("the phone stopped")? {
                    Happened::Answered(call, ..) => answered.push(call),
                    Happened::Failed(_, code, _) => bail!("a call was refused with {code}, after {} stood", answered.len()),
                    Happened::Ended(_) => bail!("a call ended too early"),
                    Happened::Ringing
                    | Happened::Registered(_)
                    | Happened::Unregistered(_)
                    | Happened::Called(..)
                    | Happened::Taken(..)
                    | Happened::Changed(_)
                    | Happened::Told => {}
                }
            }
            () = time::sleep_until((last + LAST).into()) => {
                bail!("{} of {count} calls were answered", answered.len());
            }
        }
    }
    Ok(answered)
}

// Lets them stand, and measures what is said meanwhile and what it costs.
async fn stand(stage: &Stage) -> Result<(Duration, Duration, Option<Tally>, Duration)> {
    time::sleep(BEGIN).await;
    let voices = stage.voices.iter().flatten();
    voices.clone().for_each(|voices| voices.measure());
    let (cpu, own, began) = (stage.cpu()?, stage.own_cpu()?, Instant::now());
    time::sleep(Duration::from_secs_f64(stage.plan.seconds)).await;
    let stood = began.elapsed();
    let (cpu, own) = (stage.cpu()? - cpu, stage.own_cpu()? - own);
    voices.clone().for_each(|voices| voices.rest());
    time::sleep(ON_THEIR_WAY).await;
    let tallies = voices.map(|voices| voices.tally());
    let tally = tallies.reduce(|mut one, other| {
        one.extend(&other);
        one
    });
    Ok((cpu, own, tally, stood))
}

// Waits until all are over; returns how many are.
async fn go(stage: &mut Stage, count: usize) -> Result<usize> {
    let over = Instant::now() + LAST;
    let mut ended = 0;
    while ended < count {
        match time::timeout_at(over.into(), stage.caller.events.recv()).await {
            Ok(Some(Happened::Ended(_))) => ended += 1,
            Ok(Some(_)) => {}
            Ok(None) => bail!("the phone stopped"),
            Err(_) => break,
        }
    }
    Ok(ended)
}
