//! Scenario `cobrowse`: visitors share their pages, an agent looks at each, and a supervisor looks in later. How long from
//! the visitor's socket to the viewer's, what a batch costs, and whether anything was lost, doubled or out of order.

mod ledger;
mod page;
mod viewers;

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tokio::{task::JoinSet, time};

use self::{
    ledger::{Ledger, Shown},
    page::{BATCH, Page, WHOLE},
    viewers::{Late, Viewers},
};
use crate::{chats::Meter, house::House, spread::Spread};

/// How long the last batches may take to arrive.
const LAST: Duration = Duration::from_secs(20);

/// What is to be done.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// How many pages are shared; up to six find room with each agent.
    #[arg(long, default_value_t = 6)]
    pub legs: u32,
    /// How many batches each page sends after the whole page.
    #[arg(long, default_value_t = 50)]
    pub batches: u32,
    /// How many batches a second each page sends.
    #[arg(long, default_value_t = 5.0)]
    pub rate: f64,
    /// At how many pages the supervisor looks in halfway.
    #[arg(long, default_value_t = 3)]
    pub late: u32,
    /// The daemon's process, to tell its processor time.
    #[arg(long)]
    pub pid: Option<u32>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    plan: Plan,
    agents: usize,
    shown: Shown,
    late: Spread,
    cpu: Option<Duration>,
}

impl Outcome {
    /// Tells whether every batch came once and in order, to the agents and to who came later.
    pub fn is_whole(&self) -> bool {
        self.shown.is_whole() && self.late.count() == self.plan.late.min(self.plan.legs) as usize
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            legs,
            batches,
            rate,
            ..
        } = self.plan;
        let Self { shown, late, .. } = self;
        writeln!(
            f,
            "cobrowse: {legs} pages at {} consoles, {batches} batches each, {:.0} a second together, about {BATCH} bytes; \
             whole pages of about {WHOLE}",
            self.agents,
            rate * f64::from(legs)
        )?;
        writeln!(f, "  whole page, visitor to viewer: {}", shown.whole)?;
        writeln!(f, "  batch, visitor to viewer: {}", shown.took)?;
        writeln!(
            f,
            "  a second viewer, until all of the page is there ({} times): {late}",
            late.count()
        )?;
        writeln!(
            f,
            "  batches seen {}, lost {}, doubled {}, out of order {}, fell behind {}",
            shown.seen, shown.lost, shown.doubled, shown.disordered, shown.behind
        )?;
        match self.cpu {
            Some(cpu) => write!(
                f,
                "  processor of the server: {:.2} s, {:.1} µs a batch seen",
                cpu.as_secs_f64(),
                cpu.as_secs_f64() * 1e6 / shown.seen.max(1) as f64
            ),
            None => write!(f, "  processor of the server: give --pid to know"),
        }
    }
}

/// Runs the scenario.
pub async fn run(house: &House, plan: Plan) -> Result<Outcome> {
    ensure!(
        plan.legs > 0 && plan.rate > 0.0,
        "no page, or none that changes"
    );
    let ledger = Ledger::default();
    let viewers = Viewers::muster(house, &ledger).await?;
    let late = Late::sign_in(house, &house.supervisor).await?;
    let mut pages = Vec::new();
    for number in 0..plan.legs {
        let page = Page::share(house, number, &ledger).await;
        pages.push(page.with_context(|| format!("page {number}"))?);
    }
    let interactions: Vec<_> = pages.iter().map(Page::interaction).collect();
    let meter = Meter::start(plan.pid)?;
    let mut going = JoinSet::new();
    for (number, page) in pages.into_iter().enumerate() {
        going.spawn(page.go(number, plan.clone()));
    }
    let half = Duration::from_secs_f64(f64::from(plan.batches) / plan.rate / 2.0);
    let some = interactions.into_iter().take(plan.late as usize).collect();
    let looking = tokio::spawn(late.look(some, half, ledger.clone()));
    // Kept to the end: a page that is closed is shared no more.
    let mut open = Vec::new();
    while let Some(page) = going.join_next().await {
        open.push(page??);
    }
    let end = Instant::now() + LAST;
    while !ledger.is_complete() && Instant::now() < end {
        time::sleep(Duration::from_millis(5)).await;
    }
    let late = looking.await??;
    let cpu = meter.stop()?;
    viewers.dismiss().await?;
    let mut shown = ledger.close();
    shown.add_faults(&late.shown);
    Ok(Outcome {
        agents: house.agents.len(),
        plan,
        shown,
        late: late.took,
        cpu,
    })
}
