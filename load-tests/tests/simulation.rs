//! A fixed budget of simulated worlds; `tandem-load simulate` runs as many more as wanted.

use std::panic;

const STEPS: u64 = 150;
const SEEDS: u64 = 60;

// In four parts, for as many cores.
fn every_rule_holds(part: u64) {
    panic::set_hook(Box::new(|_| {}));
    let failures: Vec<String> = (part..SEEDS)
        .step_by(4)
        .filter_map(|seed| simulation::run(seed, STEPS).err())
        .map(|failure| failure.to_string())
        .collect();
    let _ = panic::take_hook();

    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_holds_in_every_world_1() {
    every_rule_holds(0);
}

#[test]
fn every_rule_holds_in_every_world_2() {
    every_rule_holds(1);
}

#[test]
fn every_rule_holds_in_every_world_3() {
    every_rule_holds(2);
}

#[test]
fn every_rule_holds_in_every_world_4() {
    every_rule_holds(3);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for seed in [3, 1_000, 77_777] {
        assert_eq!(simulation::run(seed, 60), simulation::run(seed, 60));
    }
}
