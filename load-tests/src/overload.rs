//! Scenario `overload`: more calls or chats than the daemon can take, up to ten times as many. What it takes is to be answered
//! about as soon as ever, the rest is to be told 503 or that there is too much to do, and all is to be as before when the rush
//! is over.

mod chats;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::{task::JoinSet, time};

use self::chats::Crowd;
use crate::{
    audit,
    daemon::Daemon,
    house::House,
    phone::{Happened, Phone},
    process::Process,
    spread::Spread,
};

/// How many phones call at a time; one alone is outpaced by the daemon.
const PHONES: usize = 4;
/// How long the last calls of a phase may take; where time is not judged, as long as a call can be without an answer (timer B
/// of RFC 3261, 32 s).
const LAST: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(40)];
/// A rate is beyond the capacity when less than this share of it is served.
const SERVED: f64 = 0.97;
/// Which share of the capacity a quiet time has; where time is not judged, others may want the machine as well.
const QUIET: [f64; 2] = [0.5, 0.25];
/// How many quiet times it may take until all is as before, where time is not judged.
const RECOVERS: usize = 20;
/// How many times the capacity comes at most.
const WORST: f64 = 10.0;
/// The rushes, by what they are called and how many times the capacity comes.
const RUSHES: [(&str, f64); 3] = [("1.5 times", 1.5), ("3 times", 3.0), ("10 times", WORST)];
/// How many calls are begun at a time at most; who falls behind catches up by so many.
const BURST: usize = 32;

/// What comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Arrivals {
    /// Calls by UDP; who is not taken is told 503.
    #[default]
    Calls,
    /// Chats of visitors whose page is open; who is not taken is told `unavailable`.
    Chats,
}

impl Arrivals {
    /// What those are told who are not taken.
    fn busy(self) -> &'static str {
        match self {
            Self::Calls => "503",
            Self::Chats => "unavailable",
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// What comes.
    #[arg(long, value_enum, default_value = "calls")]
    of: Arrivals,
    /// The core that the daemon has to itself; whoever starts this keeps the load from it (`taskset`).
    #[arg(long)]
    core: Option<u32>,
    /// The daemon's program; the `tandem` beside this one when left out.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How long each phase lasts, in seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// How many calls a second the daemon can take; found out when left out.
    #[arg(long)]
    capacity: Option<f64>,
    /// Where the search for it begins.
    #[arg(long, default_value_t = 100.0)]
    begin: f64,
    /// How many times the normal latency an admitted call may take, in the middle and at the 99th percentile.
    #[arg(long, default_value_t = 2.0)]
    times: f64,
    /// Judges what everybody is told, that nothing is left and that it recovers, and not how long anything takes: for a machine
    /// that does other things beside it.
    #[arg(long)]
    untimed: bool,
}

/// What came of one phase.
#[derive(Clone, Debug, Default)]
struct Phase {
    name: String,
    took: Duration,
    dialled: usize,
    answered: Spread,
    refused: BTreeMap<String, usize>,
    said_no: Spread,
    cpu: Duration,
}

/// What came of one who came.
pub enum Came {
    /// They were taken within this time.
    Taken(Duration),
    /// They were told this, within this time.
    Refused(String, Duration),
}

impl Phase {
    fn note(&mut self, came: Came) {
        match came {
            Came::Taken(took) => self.answered.add(took),
            Came::Refused(code, took) => {
                self.said_no.add(took);
                *self.refused.entry(code).or_default() += 1;
            }
        }
    }

    fn rate(&self, count: usize) -> f64 {
        count as f64 / self.took.as_secs_f64()
    }

    fn served(&self) -> f64 {
        self.rate(self.answered.count())
    }

    fn refusals(&self) -> usize {
        self.refused.values().sum()
    }

    // What a phase beyond what can be taken must keep.
    fn faults_of_a_rush(&self, normal: &Self, times: f64, busy: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for share in [0.5, 0.99] {
            let (took, usual) = (
                self.answered.percentile(share),
                normal.answered.percentile(share),
            );
            if took > usual * times {
                faults.push(format!(
                    "{}: what was taken took {took:.2} ms at {share}, more than {times} times {usual:.2} ms",
                    self.name
                ));
            }
        }
        faults.extend(self.faults_of_what_was_told(busy));
        faults
    }

    fn faults_of_what_was_told(&self, busy: &str) -> Vec<String> {
        let others = self.refused.iter().filter(|(code, _)| *code != busy);
        let wrong = |(code, count)| format!("{}: {count} were told {code}, not {busy}", self.name);
        others.map(wrong).collect()
    }

    // Who came and was told nothing.
    fn untold(&self) -> usize {
        let told = self.answered.count() + self.refusals();
        self.dialled.saturating_sub(told)
    }

    // What a phase well below it must keep.
    fn faults_of_a_quiet_time(&self) -> Vec<String> {
        let (dialled, answered) = (self.dialled, self.answered.count());
        let enough = answered as f64 >= dialled as f64 * SERVED && dialled > 0;
        let mut faults = Vec::new();
        if !enough {
            faults.push(format!("{}: {answered} of {dialled} were taken", self.name));
        }
        if self.refusals() > 0 {
            faults.push(format!("{}: refused {:?}", self.name, self.refused));
        }
        faults
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    of: Arrivals,
    capacity: f64,
    phases: Vec<Phase>,
    memory: (u64, u64),
    /// How many times the normal latency an admitted call may take; none where time is not judged.
    times: Option<f64>,
    /// What was left when all was over.
    left: Vec<String>,
}

impl Outcome {
    /// Returns what was not as it must be.
    pub fn faults(&self) -> Vec<String> {
        match self.times {
            Some(times) => self.faults_in_time(times),
            None => self.faults_untimed(),
        }
    }

    fn faults_untimed(&self) -> Vec<String> {
        let [.., worst, after] = &self.phases[..] else {
            return vec!["nothing was measured".to_owned()];
        };
        let mut faults = self.left.clone();
        for phase in &self.phases {
            faults.extend(phase.faults_of_what_was_told(self.of.busy()));
            let untold = phase.untold();
            if untold > 0 {
                faults.push(format!("{}: {untold} were told nothing", phase.name));
            }
        }
        if worst.refusals() == 0 {
            faults.push("nobody was refused, so it was not overloaded".to_owned());
        }
        faults.extend(after.faults_of_a_quiet_time());
        faults
    }

    fn faults_in_time(&self, times: f64) -> Vec<String> {
        let [normal, rushes @ .., after] = &self.phases[..] else {
            return vec!["nothing was measured".to_owned()];
        };
        let mut faults = normal.faults_of_a_quiet_time();
        for rush in rushes.iter().chain([after]) {
            faults.extend(rush.faults_of_a_rush(normal, times, self.of.busy()));
        }
        if rushes.last().is_none_or(|worst| worst.refusals() == 0) {
            faults.push("nobody was refused, so it was not overloaded".to_owned());
        }
        faults.extend(after.faults_of_a_quiet_time());
        faults
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "overload: {:.0} {} a second can be taken",
            self.capacity,
            match self.of {
                Arrivals::Calls => "calls",
                Arrivals::Chats => "chats",
            }
        )?;
        let normal = &self.phases[0];
        for phase in &self.phases {
            let lost = phase.untold();
            let times = |share| {
                phase.answered.percentile(share) / normal.answered.percentile(share).max(0.001)
            };
            writeln!(
                f,
                "  {:<10} {:6.0}/s asked, {:6.0}/s served ({:3.0} % of what can be), refused {:?}, unanswered {lost}",
                phase.name,
                phase.rate(phase.dialled),
                phase.served(),
                100.0 * phase.served() / self.capacity,
                phase.refused,
            )?;
            writeln!(
                f,
                "             begun to taken p50 {:.2} ms ({:.1} times), p99 {:.2} ms ({:.1} times); to a refusal p50 {:.2} ms, p99 {:.2} ms; {:.2} cores",
                phase.answered.percentile(0.5),
                times(0.5),
                phase.answered.percentile(0.99),
                times(0.99),
                phase.said_no.percentile(0.5),
                phase.said_no.percentile(0.99),
                phase.cpu.as_secs_f64() / phase.took.as_secs_f64(),
            )?;
        }
        let (before, after) = self.memory;
        write!(
            f,
            "  memory of the daemon: {:.1} MB before the rush, {:.1} MB after",
            before as f64 / 1024.0,
            after as f64 / 1024.0
        )?;
        for fault in self.faults() {
            write!(f, "\n  WRONG {fault}")?;
        }
        Ok(())
    }
}

/// Runs the scenario on a daemon of its own.
pub async fn run(plan: Plan) -> Result<Outcome> {
    let mut daemon = Daemon::prepare(plan.binary.clone(), None, 0).await?;
    // A caller is answered at once, so that only the daemon's own time is measured.
    daemon.set("TANDEM_WORK__ANSWER_AFTER", "1ms");
    daemon.set("TANDEM_QUEUE_SUPPORT__LIMIT", "100000");
    daemon.set("TANDEM_RTP__PORTS", "20000-59999");
    daemon.set("TANDEM_SIP__CALLS", "15000");
    daemon.set("TANDEM_WEB__VISITORS_PER_MINUTE", "1000000");
    daemon.set("TANDEM_WEB__REQUESTS_PER_SECOND", "100000");
    daemon.set("TANDEM_WEB__SOCKETS_PER_ADDRESS", "100000");
    if let Some(core) = plan.core {
        daemon.keep_to(core);
    }
    daemon.start().await?;
    let house = daemon.house()?;
    let crowd = match plan.of {
        Arrivals::Calls => None,
        Arrivals::Chats => Some(Crowd::of(&house)),
    };
    let mut stage = Stage {
        house,
        process: Process::new(daemon.pid()?),
        seconds: plan.seconds,
        crowd,
        last: LAST[usize::from(plan.untimed)],
    };
    let capacity = match plan.capacity {
        Some(capacity) => capacity,
        None => stage.capacity(plan.begin).await?,
    };
    let quiet = capacity * QUIET[usize::from(plan.untimed)];
    // Whose page is open takes memory before the rush too.
    stage.gather(capacity * WORST).await?;
    let mut phases = vec![stage.play("normal", quiet).await?];
    let before = stage.process.memory()?;
    for (name, share) in RUSHES {
        phases.push(stage.play(name, capacity * share).await?);
    }
    phases.push(stage.recover(quiet, plan.untimed).await?);
    let mut left = Vec::new();
    if plan.untimed {
        audit::rest(&stage.house, &mut left).await?;
    }
    let outcome = Outcome {
        of: plan.of,
        capacity,
        phases,
        memory: (before, stage.process.memory()?),
        times: (!plan.untimed).then_some(plan.times),
        left,
    };
    // It would wait for the callers who got no answer.
    daemon.kill().await?;
    daemon.clear()?;
    Ok(outcome)
}

struct Stage {
    house: House,
    process: Process,
    seconds: f64,
    /// Who comes by chat; else calls come.
    crowd: Option<Crowd>,
    /// How long the last calls of a phase may take.
    last: Duration,
}

impl Stage {
    // Has as many visitors there as it takes to begin so many chats a second.
    async fn gather(&mut self, rate: f64) -> Result<()> {
        match &mut self.crowd {
            Some(crowd) => crowd.gather(&self.house, rate).await,
            None => Ok(()),
        }
    }

    // Raises the rate until not all is served, twice: once may be the machine's doing. The most that was served is the capacity.
    async fn capacity(&mut self, mut rate: f64) -> Result<f64> {
        let (mut most, mut fell_short) = (0.0_f64, false);
        loop {
            self.gather(rate).await?;
            let phase = self.play("search", rate).await?;
            println!(
                "  {rate:.0}/s asked, {:.0}/s served, p99 {:.1} ms, {:.2} cores",
                phase.served(),
                phase.answered.percentile(0.99),
                phase.cpu.as_secs_f64() / phase.took.as_secs_f64()
            );
            most = most.max(phase.served());
            let short = phase.served() < rate * SERVED;
            if short && fell_short {
                return Ok(most);
            }
            if !short {
                rate *= 1.3;
            }
            fell_short = short;
        }
    }

    // The quiet time after the rush; where time is not judged, the first of several in which all are taken.
    async fn recover(&mut self, rate: f64, untimed: bool) -> Result<Phase> {
        let mut phase = self.play("after it", rate).await?;
        for _ in 1..RECOVERS {
            if !untimed || phase.faults_of_a_quiet_time().is_empty() {
                break;
            }
            phase = self.play("after it", rate).await?;
        }
        Ok(phase)
    }

    async fn play(&mut self, name: &str, rate: f64) -> Result<Phase> {
        let before = self.process.cpu()?;
        let mut whole = match &mut self.crowd {
            Some(crowd) => crowd.play(rate, self.seconds).await?,
            None => self.calls(rate).await?,
        };
        whole.name = name.to_owned();
        whole.took = Duration::from_secs_f64(self.seconds);
        whole.cpu = self.process.cpu()?.saturating_sub(before);
        Ok(whole)
    }

    async fn calls(&self, rate: f64) -> Result<Phase> {
        let mut callers = JoinSet::new();
        for _ in 0..PHONES {
            let phone = Phone::start(self.house.phone(None, None)).await?;
            let (queue, seconds) = (self.house.queue.clone(), self.seconds);
            let (rate, last) = (rate / PHONES as f64, self.last);
            callers.spawn(call(phone, queue, rate, (seconds, last)));
        }
        let mut whole = Phase::default();
        while let Some(part) = callers.join_next().await {
            let part = part??;
            whole.dialled += part.dialled;
            whole.answered.extend(&part.answered);
            whole.said_no.extend(&part.said_no);
            for (code, count) in part.refused {
                *whole.refused.entry(code).or_default() += count;
            }
        }
        Ok(whole)
    }
}

// How many calls are to be begun within this time of a phase: the first at once, the last a step before its end.
fn due(passed: Duration, rate: f64) -> usize {
    (passed.as_secs_f64() * rate) as usize + 1
}

// Calls at a rate and hangs up as soon as somebody answers.
async fn call(
    mut phone: Phone,
    queue: String,
    rate: f64,
    (seconds, last): (f64, Duration),
) -> Result<Phase> {
    let mut part = Phase::default();
    let mut begun = BTreeSet::new();
    let began = Instant::now();
    let count = (rate * seconds) as usize;
    let mut tick = time::interval(Duration::from_millis(1));
    let end = began + Duration::from_secs_f64(seconds);
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let now = Instant::now();
                let over = now >= end + last || (now >= end && begun.is_empty());
                if over {
                    return Ok(part);
                }
                let due = due(now.duration_since(began), rate).min(count);
                for _ in 0..due.saturating_sub(part.dialled).min(BURST) {
                    if now < end {
                        begun.insert(phone.dial(&queue).await?);
                        part.dialled += 1;
                    }
                }
            }
            happened = phone.events.recv() => match happened {
                Some(Happened::Answered(call, took, _)) => {
                    begun.remove(&call);
                    part.note(Came::Taken(took));
                    phone.hang_up(call).await?;
                }
                Some(Happened::Failed(call, code, took)) => {
                    if begun.remove(&call) {
                        part.note(Came::Refused(code.to_string(), took));
                    }
                }
                Some(_) => {}
                None => anyhow::bail!("a phone stopped"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(name: &str, taken: usize, millis: u64, refused: &[(&str, usize)]) -> Phase {
        let mut phase = Phase {
            name: name.to_owned(),
            took: Duration::from_secs(1),
            refused: refused
                .iter()
                .map(|(code, count)| ((*code).to_owned(), *count))
                .collect(),
            ..Phase::default()
        };
        for _ in 0..taken {
            phase.answered.add(Duration::from_millis(millis));
        }
        phase.dialled = taken + phase.refusals();
        phase
    }

    fn faults(phases: Vec<Phase>) -> usize {
        let outcome = Outcome {
            of: Arrivals::Calls,
            capacity: 100.0,
            phases,
            memory: (0, 0),
            times: Some(2.0),
            left: Vec::new(),
        };
        outcome.faults().len()
    }

    fn rush(millis: u64, refused: &[(&str, usize)], after: Phase) -> usize {
        let rush = phase("10 times", 100, millis, refused);
        faults(vec![phase("normal", 50, 5, &[]), rush, after])
    }

    #[test]
    fn the_last_call_of_a_phase_is_due_before_its_end() {
        for rate in [1.0, 25.0, 33.25, 4_000.0] {
            let count = rate as usize;
            let last = Duration::from_secs_f64((count as f64 - 0.5) / rate);

            assert_eq!(due(Duration::ZERO, rate), 1);
            assert_eq!(due(last, rate), count, "at {rate} a second");
        }
    }

    #[test]
    fn a_rush_that_keeps_every_rule_is_no_fault() {
        assert_eq!(rush(9, &[("503", 900)], phase("after it", 50, 5, &[])), 0);
    }

    #[test]
    fn a_rush_that_breaks_a_rule_is_a_fault() {
        let well = || phase("after it", 50, 5, &[]);

        assert_eq!(
            rush(30, &[("503", 900)], well()),
            2,
            "the middle and the end are late"
        );
        assert_eq!(
            rush(9, &[("503", 800), ("408", 100)], well()),
            1,
            "not told 503"
        );
        assert_eq!(rush(9, &[], well()), 1, "it was no overload");
        assert_eq!(
            rush(9, &[("503", 900)], phase("after it", 10, 5, &[("503", 40)])),
            2
        );
        assert_eq!(rush(9, &[("503", 900)], phase("after it", 0, 5, &[])), 1);
        assert_eq!(faults(Vec::new()), 1);
    }

    #[test]
    fn untimed_it_counts_what_everybody_is_told_and_what_is_left_and_not_how_long_it_took() {
        let untimed = |rush: Phase, after: Phase, left: &[&str]| {
            let outcome = Outcome {
                of: Arrivals::Calls,
                capacity: 100.0,
                phases: vec![phase("normal", 20, 5, &[("503", 3)]), rush, after],
                memory: (0, 0),
                times: None,
                left: left.iter().map(|what| (*what).to_owned()).collect(),
            };
            outcome.faults().len()
        };
        let late = || phase("10 times", 100, 900, &[("503", 900)]);
        let well = || phase("after it", 20, 80, &[]);

        assert_eq!(untimed(late(), well(), &[]), 0);
        assert_eq!(untimed(late(), well(), &["a call"]), 1);
        let told = phase("10 times", 100, 5, &[("503", 800), ("486", 100)]);
        assert_eq!(untimed(told, well(), &[]), 1, "not told 503");
        let mut untold = late();
        untold.dialled += 1;
        assert_eq!(untimed(untold, well(), &[]), 1, "told nothing");
        let none = phase("10 times", 100, 5, &[]);
        assert_eq!(untimed(none, well(), &[]), 1, "it was no overload");
        let after = phase("after it", 20, 5, &[("503", 4)]);
        assert_eq!(untimed(late(), after, &[]), 2, "it does not recover");
    }
}
