//! Agents' own queues: who waits for one agent and nobody else.

use hub::State;
use ws::{agent::Presence, id::Timestamp};

/// Checks that who waits for one agent alone does so while that agent is here, and no longer than was said.
pub fn check_own_queues(state: &State, now: Timestamp) {
    for found in state.interactions().filter(|found| found.is_waiting()) {
        let entry = found.entry.as_ref().expect("it waits");
        let Some((agent, until)) = entry.familiar.as_ref().zip(entry.kept_until) else {
            continue;
        };
        let known = state.agents().get(agent);
        let here = known.is_some_and(|known| known.presence != Presence::Gone);
        assert!(
            here && now < until,
            "nobody waits for an agent who is gone: {found:?}"
        );
    }
}
