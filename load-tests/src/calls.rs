//! Scenario `calls`: calls through queue, offer and bridge, passing at a rate or standing all at once, with or without sound,
//! at Tandem or at another program that passes them on; what they cost, and what is left when they are over.

mod holdings;
mod passing;
mod standing;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use sip::sdp::{Codec, Direction};
use tokio::time;

use crate::{
    crew::{Crew, Written},
    house::House,
    phone::{Happened, Phone},
    process::Process,
    voices::Voices,
};
use holdings::Holdings;

/// How long the last calls may take to be answered or to end.
const LAST: Duration = Duration::from_secs(20);
/// How often it is looked whether the server is back at its start.
const LOOK: Duration = Duration::from_secs(1);

/// What calls sound like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Sound {
    /// Nobody sends anything.
    #[default]
    None,
    /// Both sides speak G.711 µ-law, which can be passed on as it is.
    Relayed,
    /// Callers speak µ-law and who is called A-law, so that every packet is decoded, mixed and encoded.
    Mixed,
}

/// What is to be done.
#[derive(Clone, Debug, clap::Args)]
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
    /// Raises the rate until calls fail or the server does not keep up, then tells the highest before.
    #[arg(long)]
    pub search: bool,
    /// So many calls stand all at once for --seconds, after they came at --rate.
    #[arg(long, conflicts_with_all = ["search", "hold"])]
    pub at_once: Option<usize>,
    /// What they sound like; two legs only.
    #[arg(long, value_enum, default_value = "none", conflicts_with = "one_leg")]
    pub sound: Sound,
    /// The callers want to hear nothing: calls on hold from their first word.
    #[arg(long)]
    pub inactive: bool,
    /// Another program is measured: it answers calls of one leg itself, and passes those of two on to --trunk.
    #[arg(long)]
    pub foreign: bool,
    /// The server's processes, comma-separated, to tell their processor time and memory.
    #[arg(long, value_delimiter = ',')]
    pub pid: Vec<u32>,
    /// Tells what the server holds afterwards; it may take so many seconds to be back at its start.
    #[arg(long, requires = "pid")]
    pub settle: Option<u64>,
}

/// What came of it.
pub struct Outcome {
    measured: Measured,
    left: Option<Left>,
}

enum Measured {
    Passing(Box<passing::Outcome>),
    Standing(Box<standing::Outcome>),
}

/// What the server held before and after.
struct Left {
    before: Holdings,
    after: Holdings,
    took: Duration,
}

impl Outcome {
    /// Tells whether every call was answered, reached its legs and ended.
    pub fn is_clean(&self) -> bool {
        match &self.measured {
            Measured::Passing(outcome) => outcome.is_clean(),
            Measured::Standing(outcome) => outcome.is_clean(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.measured {
            Measured::Passing(outcome) => write!(f, "{outcome}")?,
            Measured::Standing(outcome) => write!(f, "{outcome}")?,
        }
        if let Some(Left {
            before,
            after,
            took,
        }) = &self.left
        {
            let back = if after.is_back_at(before) {
                "back at the start but for memory"
            } else {
                "more than at the start"
            };
            write!(
                f,
                "\n  held before: {before}\n  held {:.0} s after the last call: {after}; {back}",
                took.as_secs_f64()
            )?;
        }
        Ok(())
    }
}

/// Runs the scenario: once, in search of the highest clean rate, or all calls at once.
pub async fn run(house: &House, plan: Plan) -> Result<Outcome> {
    let mut stage = Stage::set(house, plan).await?;
    let before = stage.holdings().await?;
    let measured = match stage.plan.at_once {
        Some(count) => Measured::Standing(Box::new(standing::play(&mut stage, count).await?)),
        None => Measured::Passing(Box::new(passing::play(&mut stage).await?)),
    };
    let left = match before.zip(stage.plan.settle) {
        Some((before, patience)) => Some(stage.leave(before, patience).await?),
        None => None,
    };
    if let Some(crew) = stage.crew {
        crew.dismiss().await?;
    }
    Ok(Outcome { measured, left })
}

/// Who calls and who is called.
struct Stage {
    plan: Plan,
    house: House,
    caller: Phone,
    /// Who is called, where there is a second leg.
    called: Option<Phone>,
    crew: Option<Crew>,
    /// The callers' voices and those of whom they call.
    voices: Option<[Arc<Voices>; 2]>,
    processes: Vec<Process>,
}

impl Stage {
    async fn set(house: &House, plan: Plan) -> Result<Self> {
        let mut caller = house.phone(None, None);
        if plan.inactive {
            caller.direction = Direction::Inactive;
        }
        let voices = voices(house, plan.sound)?;
        let mut called = house.phone(None, plan.foreign.then_some(house.trunk));
        if let Some([callers, others]) = &voices {
            caller.voices = Some(callers.clone());
            called.voices = Some(others.clone());
        }
        let crew = match plan.one_leg || plan.foreign {
            true => None,
            false => Some(Crew::muster(house, &Written::default()).await?),
        };
        let called = match (plan.one_leg, plan.foreign) {
            (true, _) => None,
            (false, true) => Some(Phone::start(called).await?),
            (false, false) => Some(Crew::phones(house, called).await?),
        };
        let processes = plan.pid.iter().copied().map(Process::new).collect();
        Ok(Self {
            caller: Phone::start(caller).await?,
            plan,
            house: house.clone(),
            called,
            crew,
            voices,
            processes,
        })
    }

    fn legs(&self) -> usize {
        if self.plan.one_leg { 1 } else { 2 }
    }

    /// Returns the processor time of all processes of the server.
    fn cpu(&self) -> Result<Duration> {
        self.processes.iter().map(|process| process.cpu()).sum()
    }

    /// Returns the processor time of this program.
    fn own_cpu(&self) -> Result<Duration> {
        Process::new(std::process::id()).cpu()
    }

    async fn holdings(&self) -> Result<Option<Holdings>> {
        if self.processes.is_empty() {
            return Ok(None);
        }
        let ops = (!self.plan.foreign).then_some(&self.house.ops);
        Holdings::of(&self.processes, ops).await.map(Some)
    }

    // Waits until the server is back at its start, as long as it may take.
    async fn leave(&self, before: Holdings, patience: u64) -> Result<Left> {
        let over = Instant::now();
        loop {
            let ops = (!self.plan.foreign).then_some(&self.house.ops);
            let after = Holdings::of(&self.processes, ops).await?;
            let took = over.elapsed();
            if after.is_back_at(&before) || took.as_secs() >= patience {
                return Ok(Left {
                    before,
                    after,
                    took,
                });
            }
            time::sleep(LOOK).await;
        }
    }

    // Counts the calls that were taken by whom they reached since the last time.
    fn taken(&mut self) -> usize {
        let Some(called) = &mut self.called else {
            return 0;
        };
        let mut count = 0;
        while let Ok(happened) = called.events.try_recv() {
            count += usize::from(matches!(happened, Happened::Taken(..)));
        }
        count
    }
}

fn voices(house: &House, sound: Sound) -> Result<Option<[Arc<Voices>; 2]>> {
    let other = match sound {
        Sound::None => return Ok(None),
        Sound::Relayed => Codec::Pcmu,
        Sound::Mixed => Codec::Pcma,
    };
    let (address, base) = (house.sip.ip(), Instant::now());
    Ok(Some([
        Voices::open(address, Codec::Pcmu, base)?,
        Voices::open(address, other, base)?,
    ]))
}
