//! The state is the fold of what is in the journal.

use hub::{Hub, State};

use crate::world::World;

impl World {
    /// Checks that what is durable gives the state.
    pub fn check_replay(&self) {
        let Some(daemon) = self.daemon.as_ref().filter(|one| !one.house.is_writing()) else {
            return;
        };
        let same = daemon.fold == *daemon.house.hub.state();
        assert!(same, "the state is the fold of what was decided");
        let mut fresh = Hub::new(daemon.house.hub.setup().clone(), [0; 32]);
        for fact in self.disk.facts() {
            fresh.replay(fact);
        }
        if fresh.state() == daemon.house.hub.state() {
            return;
        }
        let (mut one, mut other) = (told(fresh.state()), told(daemon.house.hub.state()));
        // Somebody else may have been known by what is scrubbed, and who was first is not in the journal any more.
        if self.erasure.any() {
            (one, other) = (without_finds(&one), without_finds(&other));
        }
        let differs = first_difference(&one, &other);
        assert_eq!(differs, None, "replay equals state");
    }
}

fn told(state: &State) -> String {
    format!("{state:#?}")
}

// Leaves out to whom numbers, addresses and browsers lead.
fn without_finds(state: &str) -> String {
    let mut end = None;
    let lines = state.lines().filter(|line| {
        if end.is_none() && line.trim_start() == "finds: {" {
            end = Some(line.replace("finds: {", "},"));
        }
        let within = end.is_some();
        end.take_if(|end| end == line);
        !within
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn first_difference(one: &str, other: &str) -> Option<String> {
    if one == other {
        return None;
    }
    let mut pairs = one.lines().zip(other.lines());
    let at = pairs.position(|(a, b)| a != b).unwrap_or(0);
    let before: Vec<&str> = one.lines().skip(at.saturating_sub(6)).take(7).collect();
    let there = other.lines().nth(at).unwrap_or_default();
    Some(format!("{} is not {there}", before.join(" ")))
}
