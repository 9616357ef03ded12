//! Whether new work is taken, decided before any work is done for it.
//!
//! The measure is how long the loop will take for what is before it: so many inputs that wait, or are decided and not yet
//! durable, at what each has cost lately. When
//! that is too long, new calls, chats and requests are refused at the door until it is short again; what is going on goes
//! on. A disk that hesitates once makes few wait, and refuses nobody. A burst may wait several times as long as what never
//! ends: once more has come for a while than is worked off, waiting helps nobody, and who is taken is to be served about as
//! soon as ever (as CoDel has it, RFC 8289).
//!
//! Tables are folded from facts by whoever has nothing better to do. What a rush leaves unfolded narrows the door, in
//! proportion, until as little comes in as is folded meanwhile: so it never grows beyond a bound.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use crate::{metrics, run::Told, store::Lag};

/// Facts that may wait to be folded before the door narrows, and before nothing new is taken at all.
const UNFOLDED: [u64; 2] = [20_000, 40_000];
/// With fewer inputs waiting nothing is refused, whatever each costs; in a rush, and otherwise.
const FEW: [u64; 2] = [8, 32];
/// How many times the bound a burst may wait.
const BURST: u64 = 5;
/// What waits longer than the bound for this long is no burst any more.
const STANDING: Duration = Duration::from_millis(40);
/// How often it is looked whether a rush goes on: it does while the door was closed for a fifth of that time or more. What
/// is refused less often is no rush, or one would never end that only its own short bound keeps up.
const RUSH: Duration = Duration::from_secs(1);
const CLOSED: u64 = 5;
/// How slowly a commit that takes longer than others is taken for usual.
const USUAL: u64 = 256;
/// What is forgotten of the loop's cost at each measurement, as a share: about the last thousand inputs count.
const FORGET: f64 = 1.0 / 1_024.0;

/// The door, seen from where work comes in.
#[derive(Clone, Debug)]
pub struct Admission {
    inputs: mpsc::Sender<Told>,
    /// How far the tables are behind.
    lag: Lag,
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
    /// Inputs that the loop took and that are not durable yet.
    inside: AtomicUsize,
    /// Since when more waits than the bound allows, and until when it is a rush, in nanoseconds after `born`; 0 for never.
    above: AtomicU64,
    rush: AtomicU64,
    /// Since when the door is closed, or 0, and for how long it was within this part of the rush, in nanoseconds.
    shut: AtomicU64,
    refusing: AtomicU64,
    born: Instant,
}

impl Admission {
    /// Watches the way to the loop, and how far the tables are behind.
    pub fn new(inputs: mpsc::Sender<Told>, lag: Lag, bound: Duration) -> Self {
        let shared = Arc::new(Shared {
            bound: AtomicU64::new(0),
            cost: AtomicU64::new(0),
            commit: AtomicU64::new(0),
            inside: AtomicUsize::new(0),
            above: AtomicU64::new(0),
            rush: AtomicU64::new(0),
            shut: AtomicU64::new(0),
            refusing: AtomicU64::new(0),
            born: Instant::now(),
        });
        let admission = Self {
            inputs,
            lag,
            shared,
        };
        admission.set_bound(bound);
        admission
    }

    /// Sets how long what waits may take before new work is refused; zero for no bound.
    pub fn set_bound(&self, bound: Duration) {
        let bound = nanoseconds(bound);
        self.shared.bound.store(bound, Ordering::Relaxed);
    }

    /// Tells whether new work is taken; `more` inputs wait elsewhere for the loop.
    pub fn is_open(&self, more: usize) -> bool {
        self.is_open_at(more, Instant::now())
    }

    fn is_open_at(&self, more: usize, now: Instant) -> bool {
        let inside = self.shared.inside.load(Ordering::Relaxed);
        let waiting = self.inputs.max_capacity() - self.inputs.capacity() + inside + more;
        // On a slow disk more wait for each commit, and all of them are helped by it.
        let commit = self.shared.commit.load(Ordering::Relaxed);
        let unfolded = self.lag.rows();
        let bound = match self.shared.bound.load(Ordering::Relaxed) {
            0 => 0,
            bound => narrowed(bound.saturating_add(commit.saturating_mul(2)), unfolded),
        };
        let wait = self.cost_of(waiting);
        // What is behind by so much was not left so by a burst.
        let rush = self.shared.is_rush(bound > 0 && wait > bound, now) || unfolded > UNFOLDED[0];
        let (few, bound) = match rush {
            true => (narrowed(FEW[0], unfolded), bound),
            false => (FEW[1], bound.saturating_mul(BURST)),
        };
        let was_closed = self.shared.shut.load(Ordering::Relaxed) != 0;
        let closed = is_crowded((waiting as u64, few), (wait, bound), was_closed)
            || (bound > 0 && unfolded >= UNFOLDED[1]);
        if closed != was_closed {
            self.shared.swing(closed, now);
        }
        !closed
    }

    // How long so many inputs will take, in nanoseconds.
    fn cost_of(&self, inputs: usize) -> u64 {
        let cost = self.shared.cost.load(Ordering::Relaxed);
        cost.saturating_mul(inputs as u64)
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

impl Shared {
    fn since_born(&self, now: Instant) -> u64 {
        nanoseconds(now.saturating_duration_since(self.born)).max(1)
    }

    // Notes whether too much waits at the moment; tells whether that has been so for long, or was just now.
    fn is_rush(&self, above: bool, now: Instant) -> bool {
        let at = self.since_born(now);
        let since = match (above, self.above.load(Ordering::Relaxed)) {
            (false, _) => 0,
            (true, 0) => at,
            (true, since) => since,
        };
        self.above.store(since, Ordering::Relaxed);
        let until = self.rush.load(Ordering::Relaxed);
        let stands = since > 0 && at.saturating_sub(since) >= nanoseconds(STANDING);
        let goes_on = until > 0 && at >= until && self.was_refusing(at);
        if (stands && at >= until) || goes_on {
            self.go_on_rushing(now);
            return true;
        }
        at < until
    }

    // Notes that the door was opened or closed.
    fn swing(&self, closed: bool, now: Instant) {
        let at = self.since_born(now);
        if closed {
            self.shut.fetch_max(at, Ordering::Relaxed);
            return;
        }
        let shut = self.shut.swap(0, Ordering::Relaxed);
        if shut != 0 {
            let span = at.saturating_sub(shut);
            self.refusing.fetch_add(span, Ordering::Relaxed);
        }
    }

    // Tells whether much was refused in the part of a rush that ends, and begins to count anew.
    fn was_refusing(&self, at: u64) -> bool {
        let open = match self.shut.load(Ordering::Relaxed) {
            0 => 0,
            shut => {
                // Who opens it meanwhile counts that time too, once.
                let begun =
                    self.shut
                        .compare_exchange(shut, at, Ordering::Relaxed, Ordering::Relaxed);
                begun.map_or(0, |_| at.saturating_sub(shut))
            }
        };
        let refusing = self.refusing.swap(0, Ordering::Relaxed) + open;
        refusing >= nanoseconds(RUSH) / CLOSED
    }

    fn go_on_rushing(&self, now: Instant) {
        self.refusing.store(0, Ordering::Relaxed);
        let until = self.since_born(now).saturating_add(nanoseconds(RUSH));
        self.rush.store(until, Ordering::Relaxed);
    }
}

// Once too much waits, half of that must be worked off before the door opens again, or it would swing at every input.
fn is_crowded((waiting, few): (u64, u64), (wait, bound): (u64, u64), was_closed: bool) -> bool {
    let bound = if was_closed { bound / 2 } else { bound };
    bound > 0 && waiting >= few && wait > bound
}

// As much of a bound as there is room for what is unfolded; never none, which would mean that there is no bound.
fn narrowed(bound: u64, unfolded: u64) -> u64 {
    let [free, most] = UNFOLDED;
    let room = most.saturating_sub(unfolded).min(most - free);
    let share = u128::from(bound) * u128::from(room) / u128::from(most - free);
    u64::try_from(share).unwrap_or(bound).max(1)
}

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
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
        let took = nanoseconds(took);
        let best = self.shared.commit.load(Ordering::Relaxed);
        let next = match best {
            0 => took,
            best if took < best => took,
            best => best + (took - best) / USUAL,
        };
        self.shared.commit.store(next, Ordering::Relaxed);
    }

    /// Notes how many inputs were taken and are not durable yet.
    pub fn note_inside(&self, inputs: usize) {
        self.shared.inside.store(inputs, Ordering::Relaxed);
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

    fn few(at: usize) -> usize {
        FEW[at] as usize
    }

    fn door() -> (Admission, mpsc::Receiver<Told>) {
        let (tell, told) = mpsc::channel(1_000);
        (
            Admission::new(tell, Lag::default(), Duration::from_millis(10)),
            told,
        )
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
        door.shared.go_on_rushing(Instant::now());
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
    fn what_is_decided_and_not_durable_waits_too() {
        let (door, _told) = door();
        door.shared.cost.store(MILLI / 10, Ordering::Relaxed);
        door.shared.go_on_rushing(Instant::now());
        wait(&door, 50);
        let meter = door.meter();

        meter.note_inside(50);
        assert!(door.is_open(0));
        meter.note_inside(51);
        assert!(!door.is_open(0));
        meter.note_inside(0);
        assert!(door.is_open(0));
    }

    #[test]
    fn what_is_unfolded_narrows_the_door_until_nothing_is_taken() {
        let (door, _told) = door();
        door.shared.cost.store(MILLI / 10, Ordering::Relaxed);
        door.shared.go_on_rushing(Instant::now());
        let unfolded = |facts: u64| door.lag.note_appended(facts as i64);
        wait(&door, 50);

        let [free, most] = UNFOLDED;
        unfolded(free);
        assert!(door.is_open(50));
        unfolded(free.midpoint(most));
        assert!(door.is_open(0));
        assert!(!door.is_open(1));
        unfolded(0);
        assert!(door.is_open(0));
        unfolded(most);
        assert!(!door.is_open(0));
        door.set_bound(Duration::ZERO);
        assert!(door.is_open(0), "no bound is wanted");
    }

    #[test]
    fn what_is_far_behind_is_a_rush_and_lets_fewer_in_at_a_time() {
        let (door, _told) = door();
        door.shared.cost.store(100 * MILLI, Ordering::Relaxed);
        let [free, most] = UNFOLDED;
        let unfolded = |facts: u64| door.lag.note_appended(facts as i64);
        assert!(door.is_open(few(1) - 1));

        unfolded(free + 1);
        assert!(door.is_open(few(0) - 2));
        assert!(!door.is_open(few(0)));
        unfolded(free.midpoint(most));
        assert!(door.is_open(few(0) / 2 - 1));
        assert!(!door.is_open(few(0) / 2));
        unfolded(most - 1);
        assert!(door.is_open(0));
        assert!(!door.is_open(1));
    }

    #[test]
    fn a_few_that_wait_for_a_slow_disk_close_nothing() {
        let (door, _told) = door();
        door.shared.cost.store(100 * MILLI, Ordering::Relaxed);
        wait(&door, few(1) - 1);

        assert!(door.is_open(0));
        assert!(!door.is_open(1));
        door.set_bound(Duration::ZERO);
        assert!(door.is_open(1_000));
    }

    #[test]
    fn a_disk_that_is_always_slow_lets_more_wait_and_one_slow_commit_does_not() {
        let (door, _told) = door();
        door.shared.cost.store(MILLI / 10, Ordering::Relaxed);
        door.shared.go_on_rushing(Instant::now());
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
    fn a_burst_may_wait_five_times_as_long_as_a_rush_that_does_not_end() {
        let (door, _told) = door();
        door.shared.cost.store(MILLI / 10, Ordering::Relaxed);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);

        assert!(door.is_open_at(500, at(0)));
        assert!(!door.is_open_at(501, at(1)));
        // It is worked off in between.
        assert!(door.is_open_at(100, at(30)));
        assert!(door.is_open_at(200, at(31)));
        assert!(door.is_open_at(200, at(70)));
        assert!(!door.is_open_at(200, at(71)));
        assert!(!door.is_open_at(51, at(72)));
        assert!(door.is_open_at(50, at(73)));
        assert!(!door.is_open_at(101, at(1_000)), "it is a rush still");
        assert!(door.is_open_at(50, at(1_010)));
        assert!(door.is_open_at(200, at(1_071)), "too little was refused");
    }

    #[test]
    fn a_rush_goes_on_while_much_is_refused() {
        let (door, _told) = door();
        door.shared.cost.store(MILLI / 10, Ordering::Relaxed);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        door.shared.go_on_rushing(at(0));

        assert!(!door.is_open_at(101, at(100)));
        assert!(door.is_open_at(50, at(200)));
        assert!(!door.is_open_at(101, at(900)));
        assert!(!door.is_open_at(51, at(1_000)), "a fifth of a second");
        assert!(door.is_open_at(50, at(1_001)));
        assert!(!door.is_open_at(101, at(1_500)));
        assert!(door.is_open_at(50, at(1_600)));
        assert!(door.is_open_at(200, at(2_001)), "a tenth of a second");
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
