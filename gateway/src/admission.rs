//! Whether new work is taken, decided before any work is done for it.
//!
//! The measure is how long the loop will take for what already waits: so many inputs, at what each has cost lately. When
//! that is too long, new calls, chats and requests are refused at the door until it is short again; what is going on goes
//! on. A disk that hesitates once makes few wait, and refuses nobody.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use crate::{metrics, run::Told};

/// With fewer inputs waiting nothing is refused, whatever each costs.
const FEW: usize = 32;
/// How slowly a commit that takes longer than others is taken for usual.
const USUAL: u64 = 256;
/// What is forgotten of the loop's cost at each measurement, as a share: about the last thousand inputs count.
const FORGET: f64 = 1.0 / 1_024.0;

/// The door, seen from where work comes in.
#[derive(Clone, Debug)]
pub struct Admission {
    inputs: mpsc::Sender<Told>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// How long what waits may take, in nanoseconds; 0 for no bound.
    bound: AtomicU64,
    /// What an input costs, in nanoseconds.
    cost: AtomicU64,
    /// How long a commit takes at best, in nanoseconds.
    commit: AtomicU64,
    closed: AtomicBool,
}

impl Admission {
    /// Watches the way to the loop.
    pub fn new(inputs: mpsc::Sender<Told>, bound: Duration) -> Self {
        let shared = Arc::new(Shared {
            bound: AtomicU64::new(0),
            cost: AtomicU64::new(0),
            commit: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        });
        let admission = Self { inputs, shared };
        admission.set_bound(bound);
        admission
    }

    /// Sets how long what waits may take before new work is refused; zero for no bound.
    pub fn set_bound(&self, bound: Duration) {
        let bound = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
        self.shared.bound.store(bound, Ordering::Relaxed);
    }

    /// Tells whether new work is taken; `more` inputs wait elsewhere for the loop.
    pub fn is_open(&self, more: usize) -> bool {
        let waiting = self.inputs.max_capacity() - self.inputs.capacity() + more;
        // On a slow disk more wait for each commit, and all of them are helped by it.
        let commit = self.shared.commit.load(Ordering::Relaxed);
        let bound = match self.shared.bound.load(Ordering::Relaxed) {
            0 => 0,
            bound => bound.saturating_add(commit.saturating_mul(2)),
        };
        let cost = self.shared.cost.load(Ordering::Relaxed);
        let was_closed = self.shared.closed.load(Ordering::Relaxed);
        let closed = is_crowded(waiting, cost, bound, was_closed);
        if closed != was_closed {
            self.shared.closed.store(closed, Ordering::Relaxed);
        }
        !closed
    }

    /// As [`Self::is_open`], and counts who is turned away.
    pub fn admits(&self) -> bool {
        let open = self.is_open(0);
        if !open {
            metrics::refused("overload");
        }
        open
    }

    /// Returns what measures the loop's work.
    pub fn meter(&self) -> Meter {
        Meter {
            shared: self.shared.clone(),
            time: 0.0,
            inputs: 0.0,
            since: None,
        }
    }
}

// Once too much waits, half of that must be worked off before the door opens again, or it would swing at every input.
fn is_crowded(waiting: usize, cost: u64, bound: u64, was_closed: bool) -> bool {
    let bound = if was_closed { bound / 2 } else { bound };
    bound > 0 && waiting >= FEW && cost.saturating_mul(waiting as u64) > bound
}

/// Measures what an input costs while one follows the other: deciding it, and waiting for the disk where that is slower.
#[derive(Debug)]
pub struct Meter {
    shared: Arc<Shared>,
    time: f64,
    inputs: f64,
    since: Option<Instant>,
}

impl Meter {
    /// Notes how long a commit took. The best of late counts: those of a rush take longer because of it.
    pub fn note_commit(&mut self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let best = self.shared.commit.load(Ordering::Relaxed);
        let next = match best {
            0 => took,
            best if took < best => took,
            best => best + (took - best) / USUAL,
        };
        self.shared.commit.store(next, Ordering::Relaxed);
    }

    /// Notes that so many inputs were dealt with until now, and whether more wait already: only then does the time until
    /// the next note belong to inputs.
    pub fn note(&mut self, inputs: usize, more: bool, now: Instant) {
        if let Some(since) = self.since {
            let keep = (1.0 - FORGET).powi(i32::try_from(inputs).unwrap_or(i32::MAX));
            self.time = self.time * keep + now.duration_since(since).as_nanos() as f64;
            self.inputs = self.inputs * keep + inputs as f64;
            if self.inputs >= 1.0 {
                let cost = (self.time / self.inputs) as u64;
                self.shared.cost.store(cost, Ordering::Relaxed);
            }
        }
        self.since = more.then_some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: u64 = 1_000_000;

    fn door() -> (Admission, mpsc::Receiver<Told>) {
        let (tell, told) = mpsc::channel(1_000);
        (Admission::new(tell, Duration::from_millis(10)), told)
    }

    fn wait(door: &Admission, count: usize) {
        for _ in 0..count {
            let look = Told::Look(Box::new(|_| Box::new(|| {})));
            door.inputs
                .try_send(look)
                .unwrap_or_else(|_| panic!("it has room"));
        }
    }

    #[test]
    fn what_takes_too_long_to_work_off_closes_it_until_half_of_that_is_done() {
        let (door, mut told) = door();
        door.shared.cost.store(MILLI / 10, Ordering::Relaxed);
        wait(&door, 100);
        assert!(door.is_open(0));
        assert!(!door.is_open(1));

        for _ in 0..49 {
            told.try_recv().unwrap_or_else(|_| panic!("it waits"));
        }
        assert!(!door.is_open(0));
        told.try_recv().unwrap_or_else(|_| panic!("it waits"));
        assert!(door.is_open(0));
        assert!(door.is_open(50));
    }

    #[test]
    fn a_few_that_wait_for_a_slow_disk_close_nothing() {
        let (door, _told) = door();
        door.shared.cost.store(100 * MILLI, Ordering::Relaxed);
        wait(&door, FEW - 1);

        assert!(door.is_open(0));
        assert!(!door.is_open(1));
        door.set_bound(Duration::ZERO);
        assert!(door.is_open(1_000));
    }

    #[test]
    fn a_disk_that_is_always_slow_lets_more_wait_and_one_slow_commit_does_not() {
        let (door, _told) = door();
        door.shared.cost.store(MILLI / 10, Ordering::Relaxed);
        let mut meter = door.meter();
        meter.note_commit(Duration::from_millis(1));
        meter.note_commit(Duration::from_millis(100));
        wait(&door, 120);
        assert!(door.is_open(0));
        assert!(!door.is_open(10));

        for _ in 0..2_000 {
            meter.note_commit(Duration::from_millis(100));
        }
        assert!(door.is_open(900));
        assert!(!door.is_open(2_100));
    }

    #[test]
    fn only_time_in_which_inputs_wait_is_their_cost() {
        let (door, _told) = door();
        let mut meter = door.meter();
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);

        meter.note(5, false, at(0));
        meter.note(5, true, at(1_000));
        meter.note(10, true, at(1_010));
        meter.note(10, false, at(1_020));
        meter.note(1, false, at(5_000));

        let cost = door.shared.cost.load(Ordering::Relaxed);
        assert!((MILLI - 1..=MILLI + 1).contains(&cost), "{cost}");
    }
}
