//! Runs the simulated world for as many seeds as wanted.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Instant,
};

use clap::Args;
use simulation::{Failure, Outcome};

/// Which worlds are run.
#[derive(Args, Clone, Debug)]
pub struct Plan {
    /// How many seeds, one after the other from the first.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// Runs this seed alone and prints its hash.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// What people and accidents do in each run.
    #[arg(long, default_value_t = 300)]
    steps: u64,
    /// Runs at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Lines of what happened before a rule broke; the last 100,000 are kept.
    #[arg(long, default_value_t = 60)]
    tail: usize,
    /// Prints how often each thing happened.
    #[arg(long)]
    heard: bool,
}

/// Runs the plan; tells whether every rule held. The first seed that fails ends it.
pub fn run(plan: &Plan) -> bool {
    // A broken rule is a panic in there; it is printed here, once and with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    match plan.seed {
        Some(seed) => one(seed, plan),
        None => many(plan),
    }
}

fn one(seed: u64, plan: &Plan) -> bool {
    match simulation::run(seed, plan.steps) {
        Ok(outcome) => {
            let seconds = outcome.millis as f64 / 1_000.0;
            println!(
                "seed {seed}: every rule held for {seconds:.0} s; hash {:016x}",
                outcome.hash
            );
            print_heard(&outcome.heard, plan.heard);
            true
        }
        Err(failure) => {
            println!("{}", failure.told(plan.tail));
            false
        }
    }
}

/// What one worker's seeds came to.
#[derive(Default)]
struct Share {
    held: Vec<Outcome>,
    broken: Option<Box<Failure>>,
}

fn many(plan: &Plan) -> bool {
    let began = Instant::now();
    let next = AtomicU64::new(plan.from);
    let stop = AtomicBool::new(false);
    let end = plan.from.saturating_add(plan.seeds);
    let worker = || {
        let mut share = Share::default();
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                break;
            }
            match simulation::run(seed, plan.steps) {
                Ok(outcome) => share.held.push(outcome),
                Err(failure) => {
                    stop.store(true, Ordering::Relaxed);
                    share.broken = Some(failure);
                }
            }
        }
        share
    };
    let shares: Vec<Share> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.jobs.max(1)).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("a broken rule is caught inside"))
            .collect()
    });
    report(plan, shares, began)
}

fn report(plan: &Plan, shares: Vec<Share>, began: Instant) -> bool {
    let mut heard = BTreeMap::new();
    let (mut runs, mut millis, mut held) = (0, 0, true);
    for share in shares {
        for outcome in share.held {
            runs += 1;
            millis += outcome.millis;
            for (what, count) in outcome.heard {
                *heard.entry(what).or_insert(0) += count;
            }
        }
        if let Some(failure) = share.broken {
            held = false;
            println!("{}", failure.told(plan.tail));
        }
    }
    let (hours, took) = (millis as f64 / 3_600_000.0, began.elapsed().as_secs_f64());
    print_heard(&heard, plan.heard);
    println!("{runs} seeds held every rule: {hours:.0} hours in {took:.1} s");
    held
}

fn print_heard(heard: &simulation::Heard, wanted: bool) {
    for (what, count) in heard.iter().filter(|_| wanted) {
        println!("{count:>8} {what}");
    }
}
