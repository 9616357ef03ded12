use super::*;

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const NONE: [i64; 0] = [];
const GIVE_UP: Duration = Duration::from_secs(3_600);

fn after(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}

fn spool() -> Spool {
    Spool::new(Start::default(), GIVE_UP, [7; 32])
}

/// Rows in order, each in the lane of its letter.
fn rows(lanes: &str, first: i64) -> Vec<(i64, Lane)> {
    let lanes = lanes.chars().map(|lane| Lane::from(lane.to_string()));
    (first..).zip(lanes).collect()
}

fn read(spool: &mut Spool, lanes: &str, now: Timestamp) {
    let first = spool.read() + 1;
    let found = rows(lanes, first);
    let last = spool.read() + found.len() as i64;
    spool.handle_rows(found, last, now);
}

fn letters(spool: &mut Spool, now: Timestamp) -> Vec<i64> {
    std::iter::from_fn(|| spool.poll_letter(now)).collect()
}

fn failed() -> Outcome {
    Outcome::Failed {
        error: "it answered 500".to_owned(),
        after: None,
    }
}

fn asked_for(seconds: u64) -> Outcome {
    Outcome::Failed {
        error: "it answered 429".to_owned(),
        after: Some(Duration::from_secs(seconds)),
    }
}

/// What a database would hold after the changes.
#[derive(Default)]
struct Kept {
    cursor: i64,
    waiting: BTreeMap<i64, Waiting>,
    dead: Vec<Dead>,
}

impl Kept {
    fn take(&mut self, spool: &mut Spool) {
        let Some(changes) = spool.poll_changes() else {
            return;
        };
        self.cursor = changes.cursor;
        self.waiting.extend(changes.waiting);
        self.waiting.retain(|row, _| {
            !changes.done.contains(row) && !changes.dead.iter().any(|dead| dead.letter.row == *row)
        });
        self.dead.extend(changes.dead);
    }

    fn restart(&self) -> Spool {
        let start = Start {
            cursor: self.cursor,
            waiting: self.waiting.values().cloned().collect(),
            ..Start::default()
        };
        Spool::new(start, GIVE_UP, [8; 32])
    }
}

#[test]
fn one_lane_goes_one_after_the_other_and_lanes_beside_each_other() {
    let mut spool = spool();
    read(&mut spool, "aabb", NOW);

    assert_eq!(letters(&mut spool, NOW), [1, 3]);
    spool.handle_outcome(1, Outcome::Delivered, NOW);
    assert_eq!(letters(&mut spool, NOW), [2]);
    spool.handle_outcome(3, Outcome::Delivered, NOW);
    assert_eq!(letters(&mut spool, NOW), [4]);
}

#[test]
fn only_so_many_are_on_their_way_and_only_so_many_are_read() {
    let mut spool = spool();
    let all: String = (0..FRESH as u32)
        .map(|n| char::from_u32(0x4e00 + n).unwrap())
        .collect();
    assert_eq!(spool.wants_rows(), Some(0));
    read(&mut spool, &all, NOW);

    assert_eq!(spool.wants_rows(), None);
    assert_eq!(letters(&mut spool, NOW).len(), TOGETHER);
    assert_eq!(
        spool.poll_timeout(),
        None,
        "an outcome is waited for, no time"
    );
    spool.handle_outcome(1, Outcome::Delivered, NOW);
    assert_eq!(spool.wants_rows(), Some(FRESH as i64));
}

#[test]
fn a_lane_that_fails_waits_and_the_others_go_on() {
    let mut spool = spool();
    let mut kept = Kept::default();
    read(&mut spool, "aab", NOW);
    assert_eq!(letters(&mut spool, NOW), [1, 3]);

    spool.handle_outcome(1, failed(), NOW);
    spool.handle_outcome(3, Outcome::Delivered, NOW);
    read(&mut spool, "ab", NOW);

    assert_eq!(letters(&mut spool, NOW), [5]);
    spool.handle_outcome(5, Outcome::Delivered, NOW);
    kept.take(&mut spool);
    assert_eq!(kept.cursor, 5);
    let waiting: Vec<_> = kept.waiting.keys().copied().collect();
    assert_eq!(waiting, [1, 2, 4]);

    let due = spool.poll_timeout().unwrap();
    assert!(after(2) <= due && due <= after(5), "{due:?}");
    for row in [1, 2, 4] {
        assert_eq!(letters(&mut spool, due), [row]);
        spool.handle_outcome(row, Outcome::Delivered, due);
    }
    kept.take(&mut spool);
    assert!(kept.waiting.is_empty() && spool.len() == 0);
    read(&mut spool, "a", due);
    assert_eq!(letters(&mut spool, due), [6]);
}

#[test]
fn what_waits_ahead_of_the_cursor_goes_on_waiting_after_a_restart() {
    let mut spool = spool();
    let mut kept = Kept::default();
    read(&mut spool, "ab", NOW);
    assert_eq!(letters(&mut spool, NOW), [1, 2]);
    spool.handle_outcome(2, failed(), NOW);
    kept.take(&mut spool);
    assert_eq!(kept.cursor, 0, "the first is on its way");

    let mut spool = kept.restart();
    read(&mut spool, "ab", NOW);

    assert_eq!(letters(&mut spool, NOW), [1], "the second failed just now");
    assert_eq!(kept.waiting[&2].attempts, 1);
}

#[test]
fn pauses_double_up_to_an_hour_and_are_never_less_than_half() {
    let mut spool = Spool::new(Start::default(), Duration::from_secs(1_000_000), [7; 32]);
    read(&mut spool, "a", NOW);
    let mut now = NOW;
    for whole in [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600] {
        assert_eq!(letters(&mut spool, now), [1]);
        spool.handle_outcome(1, failed(), now);
        let pause = spool.poll_timeout().unwrap().since(now);
        assert!(
            Duration::from_secs(whole) / 2 <= pause && pause <= Duration::from_secs(whole),
            "{whole}: {pause:?}"
        );
        assert_eq!(letters(&mut spool, now), NONE, "not before");
        now = now + pause;
    }
}

#[test]
fn what_fails_too_long_is_given_up_and_the_next_of_its_lane_goes() {
    let mut spool = spool();
    let mut kept = Kept::default();
    read(&mut spool, "aa", NOW);
    let mut now = NOW;
    let mut attempts = 0;
    while kept.dead.is_empty() {
        assert_eq!(letters(&mut spool, now), [1]);
        spool.handle_outcome(1, failed(), now);
        kept.take(&mut spool);
        attempts += 1;
        now = spool.poll_timeout().unwrap().max(now);
    }

    let dead = &kept.dead[0];
    assert_eq!((dead.letter.row, dead.letter.attempts), (1, attempts));
    assert!(dead.at.since(dead.letter.since) >= GIVE_UP);
    assert_eq!(dead.error, "it answered 500");
    assert_eq!(letters(&mut spool, now), [2]);
    spool.handle_outcome(2, Outcome::Delivered, now);
    kept.take(&mut spool);
    assert!(kept.waiting.is_empty());
}

#[test]
fn what_waits_behind_a_failure_has_all_of_its_own_time_after_a_restart() {
    let mut spool = spool();
    let mut kept = Kept::default();
    read(&mut spool, "aa", NOW);
    assert_eq!(letters(&mut spool, NOW), [1]);
    spool.handle_outcome(1, failed(), NOW);
    kept.take(&mut spool);

    let mut spool = kept.restart();
    let late = NOW + GIVE_UP;
    assert_eq!(letters(&mut spool, late), [1]);
    spool.handle_outcome(1, failed(), late);
    assert_eq!(letters(&mut spool, late), [2]);
    spool.handle_outcome(2, failed(), late);
    kept.take(&mut spool);

    let dead: Vec<_> = kept.dead.iter().map(|dead| dead.letter.row).collect();
    assert_eq!(dead, [1]);
    let waiting = &kept.waiting[&2];
    assert_eq!((waiting.attempts, waiting.since), (1, late));
    let mut spool = kept.restart();
    let later = late + GIVE_UP;
    assert_eq!(letters(&mut spool, later), [2]);
    spool.handle_outcome(2, failed(), later);
    kept.take(&mut spool);
    assert_eq!(kept.dead[1].letter.since, late);
}

#[test]
fn what_never_will_be_taken_is_given_up_at_once() {
    let mut spool = spool();
    let mut kept = Kept::default();
    read(&mut spool, "aa", NOW);
    letters(&mut spool, NOW);

    let error = "nobody lives there".to_owned();
    spool.handle_outcome(1, Outcome::Hopeless { error }, NOW);
    kept.take(&mut spool);

    assert_eq!((kept.dead.len(), kept.cursor), (1, 2));
    assert_eq!(kept.dead[0].letter.attempts, 1);
    assert_eq!(letters(&mut spool, NOW), [2]);
}

#[test]
fn what_is_tried_again_goes_before_what_its_lane_has() {
    let mut spool = spool();
    read(&mut spool, "bba", NOW);
    assert_eq!(letters(&mut spool, NOW), [1, 3]);
    spool.handle_outcome(1, Outcome::Delivered, NOW);
    spool.handle_outcome(3, Outcome::Delivered, NOW);

    let again = Waiting {
        row: 1,
        lane: "b".into(),
        attempts: 0,
        since: NOW,
        due: NOW,
    };
    spool.handle_again(vec![again], NOW);

    assert_eq!(letters(&mut spool, NOW), [1]);
    spool.handle_outcome(1, Outcome::Delivered, NOW);
    assert_eq!(letters(&mut spool, NOW), [2]);
}

#[test]
fn a_receiver_at_which_everything_fails_rests_and_is_tried_with_one() {
    let mut spool = spool();
    let mut kept = Kept::default();
    read(&mut spool, "abcdefghijkl", NOW);
    let first = letters(&mut spool, NOW);
    for row in &first {
        spool.handle_outcome(*row, failed(), NOW);
    }
    kept.take(&mut spool);

    assert_eq!(letters(&mut spool, NOW), NONE, "it rests");
    assert_eq!(kept.cursor, 8, "what was not tried is not put down");
    let rested = spool.poll_timeout().unwrap();
    assert!(rested >= after(2) && rested <= after(5));
    assert_eq!(letters(&mut spool, rested), [9], "one that never failed");
    spool.handle_outcome(9, failed(), rested);
    let longer = spool.poll_timeout().unwrap();
    assert!(longer.since(rested) >= Duration::from_secs(5));

    let probe = letters(&mut spool, longer);
    assert_eq!(probe.len(), 1);
    spool.handle_outcome(probe[0], Outcome::Delivered, longer);
    assert_eq!(letters(&mut spool, longer).len(), TOGETHER);
}

#[test]
fn one_lane_that_always_fails_does_not_make_the_receiver_rest() {
    let mut spool = spool();
    read(&mut spool, "a", NOW);
    let mut now = NOW;
    for _ in 0..8 {
        assert_eq!(letters(&mut spool, now), [1]);
        spool.handle_outcome(1, failed(), now);
        now = spool.poll_timeout().unwrap();
    }

    spool.handle_outcome(1, failed(), now);
    read(&mut spool, "b", NOW);

    assert_eq!(letters(&mut spool, NOW), [2]);
}

#[test]
fn who_asks_to_be_left_alone_is_and_a_success_on_its_way_changes_nothing() {
    let mut spool = spool();
    read(&mut spool, "abc", NOW);
    assert_eq!(letters(&mut spool, NOW), [1, 2, 3]);

    spool.handle_outcome(1, asked_for(120), NOW);
    spool.handle_outcome(2, Outcome::Delivered, after(1));
    read(&mut spool, "d", after(1));

    assert_eq!(letters(&mut spool, after(119)), NONE);
    spool.handle_outcome(3, Outcome::Delivered, after(119));
    assert_eq!(spool.poll_timeout(), Some(after(120)));
    assert_eq!(letters(&mut spool, after(120)), [4]);
}

#[test]
fn who_is_gone_gets_nothing_until_told_to_go_on_and_misses_nothing() {
    let mut spool = spool();
    let mut kept = Kept::default();
    read(&mut spool, "ab", NOW);
    letters(&mut spool, NOW);
    spool.handle_outcome(1, Outcome::Gone, NOW);
    spool.handle_outcome(2, failed(), NOW);
    kept.take(&mut spool);

    assert!(spool.is_gone());
    assert_eq!((spool.wants_rows(), spool.poll_timeout()), (None, None));
    assert_eq!(letters(&mut spool, after(9_999)), NONE);
    assert_eq!(kept.cursor, 0);

    spool.handle_resume(after(9_999));
    assert_eq!(letters(&mut spool, after(9_999)), [1, 2]);
}

#[test]
fn who_asked_to_be_left_alone_for_a_day_is_written_to_at_once_when_told_to_go_on() {
    let mut spool = spool();
    read(&mut spool, "aab", NOW);
    assert_eq!(letters(&mut spool, NOW), [1, 3]);
    spool.handle_outcome(1, asked_for(86_400), NOW);
    spool.handle_outcome(3, Outcome::Delivered, NOW);
    assert_eq!(letters(&mut spool, after(60)), NONE);
    spool.poll_changes();

    spool.handle_resume(after(60));

    assert_eq!(letters(&mut spool, after(60)), [1]);
    let changes = spool.poll_changes().expect("it is put down");
    assert_eq!(changes.rests_until, None);
    assert_eq!(changes.waiting[&1].due, after(60));
    spool.handle_outcome(1, Outcome::Delivered, after(61));
    assert_eq!(letters(&mut spool, after(61)), [2]);
}

#[test]
fn a_late_or_repeated_outcome_changes_nothing() {
    let mut spool = spool();
    read(&mut spool, "aa", NOW);
    letters(&mut spool, NOW);
    spool.handle_outcome(1, Outcome::Delivered, NOW);

    spool.handle_outcome(1, failed(), NOW);
    spool.handle_outcome(2, Outcome::Delivered, NOW);

    assert_eq!(letters(&mut spool, NOW), [2]);
}

/// Whatever fails and whenever the daemon dies, every row arrives or is dead, and the first arrivals of each lane are in
/// order.
#[test]
fn nothing_is_lost_and_no_order_is_broken_over_failures_and_crashes() {
    for seed in 0..300_u64 {
        let mut dice = StdRng::seed_from_u64(seed);
        let journal: Vec<Lane> = (0..60)
            .map(|_| Lane::from(format!("lane {}", dice.random_range(0..6))))
            .collect();
        let mut kept = Kept::default();
        let mut spool = kept.restart();
        let mut arrived: Vec<i64> = Vec::new();
        let mut flying: Vec<i64> = Vec::new();
        let mut now = NOW;
        for step in 0..5_000 {
            if let Some(behind) = spool.wants_rows() {
                let last = (behind + dice.random_range(0..5)).min(journal.len() as i64);
                let found = (behind + 1..=last)
                    .map(|row| (row, journal[row as usize - 1].clone()))
                    .collect();
                spool.handle_rows(found, last, now);
            }
            flying.extend(letters(&mut spool, now));
            if !flying.is_empty() && dice.random_bool(0.7) {
                let row = flying.swap_remove(dice.random_range(0..flying.len()));
                // What arrives may still look like a failure.
                let (arrives, well) = (dice.random_bool(0.6), dice.random_bool(0.8));
                if arrives {
                    arrived.push(row);
                }
                let outcome = if arrives && well {
                    Outcome::Delivered
                } else {
                    failed()
                };
                spool.handle_outcome(row, outcome, now);
            }
            if dice.random_bool(0.3) {
                kept.take(&mut spool);
            }
            if step < 4_000 && dice.random_bool(0.02) {
                (spool, flying) = (kept.restart(), Vec::new());
            }
            if flying.is_empty() || dice.random_bool(0.1) {
                now = spool.poll_timeout().unwrap_or(now).max(now);
            }
        }

        let dead: BTreeSet<i64> = kept.dead.iter().map(|dead| dead.letter.row).collect();
        let mut firsts: BTreeMap<&Lane, Vec<i64>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for row in &arrived {
            if seen.insert(*row) && !dead.contains(row) {
                let lane = &journal[*row as usize - 1];
                firsts.entry(lane).or_default().push(*row);
            }
        }
        let missing: Vec<_> = (1..=journal.len() as i64)
            .filter(|row| !seen.contains(row) && !dead.contains(row))
            .collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?} never arrived");
        for (lane, order) in firsts {
            assert!(order.is_sorted(), "seed {seed}: {lane} had {order:?}");
        }
    }
}
