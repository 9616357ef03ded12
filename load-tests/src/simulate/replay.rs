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
        let (one, other) = (told(fresh.state()), told(daemon.house.hub.state()));
        let differs = first_difference(&by_path(&one), &by_path(&other));
        assert_eq!(differs, None, "replay equals state");
    }
}

fn told(state: &State) -> String {
    format!("{state:#?}")
}

// Every line with those it is within, in an order of their own: maps by ids are told in none.
fn by_path(state: &str) -> Vec<String> {
    let mut within: Vec<(usize, &str)> = Vec::new();
    let lines = state.lines().map(|line| {
        let text = line.trim_start();
        let depth = line.len() - text.len();
        within.retain(|(outer, _)| *outer < depth);
        within.push((depth, text));
        let path: Vec<&str> = within.iter().map(|(_, text)| *text).collect();
        path.join(" ")
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort_unstable();
    lines
}

fn first_difference(one: &[String], other: &[String]) -> Option<String> {
    let longest = one.len().max(other.len());
    let at = (0..longest).find(|at| one.get(*at) != other.get(*at))?;
    Some(format!("{:?} is not {:?}", one.get(at), other.get(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tellings_differ_by_what_they_say_and_not_by_its_order() {
        let one = "State {\n    a: {\n        1: 5,\n        2: 6,\n    },\n    b: 1,\n}";
        let other = "State {\n    a: {\n        2: 6,\n        1: 5,\n    },\n    b: 1,\n}";
        assert_eq!(first_difference(&by_path(one), &by_path(other)), None);

        let wrong = other.replace("b: 1", "b: 2");
        assert!(first_difference(&by_path(one), &by_path(&wrong)).is_some());
        let moved = "State {\n    a: {\n        2: 6,\n    },\n    b: 1,\n    1: 5,\n}";
        assert!(first_difference(&by_path(one), &by_path(moved)).is_some());
    }
}
