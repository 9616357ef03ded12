//! Gauges that the hub's state answers when they are asked for.

use std::collections::{BTreeMap, BTreeSet};

use hub::Hub;
use metrics::gauge;
use ws::{agent::Presence, id::QueueId};

use super::words::kind_word;

/// The queues whose promises were told: those that have none any more are told so.
pub type Told = BTreeSet<QueueId>;

/// Sets how far the house's time is ahead of the machine's, and whether it goes on without it.
pub fn clock(clock: &crate::clock::Clock) {
    gauge!("tandem_clock_ahead_seconds").set(clock.ahead().as_secs_f64());
    gauge!("tandem_clock_doubted").set(f64::from(u8::from(clock.is_doubted())));
}

/// Sets the gauges that the hub's state answers.
pub fn read(hub: &Hub, told: &mut Told, now: ws::id::Timestamp) {
    let state = hub.state();
    let (mut calls, mut chats) = (0_u32, 0_u32);
    let mut legs = BTreeMap::from([
        ("customer_phone", 0_u32),
        ("agent_phone", 0),
        ("customer_browser", 0),
        ("agent_browser", 0),
        ("customer_chat", 0),
        ("agent_chat", 0),
    ]);
    for interaction in state.interactions() {
        calls += u32::from(interaction.call.is_some());
        chats += u32::from(interaction.chat);
        for leg in interaction.legs.values().filter(|leg| leg.is_live()) {
            *legs.entry(kind_word(&leg.party)).or_default() += 1;
        }
    }
    gauge!("tandem_interactions_live").set(state.interactions().len() as f64);
    gauge!("tandem_calls_live").set(calls);
    gauge!("tandem_chats_live").set(chats);
    for (kind, count) in legs {
        gauge!("tandem_legs_live", "kind" => kind).set(count);
    }
    // One that was taken out of the configuration is told until nobody waits there, and as empty after that.
    let held = state.queues().iter().map(|(queue, _)| queue);
    let queues: BTreeSet<_> = held.chain(hub.setup().queues.keys()).collect();
    for queue in queues {
        let longest = state.waits_since(queue);
        let wait = longest.map_or(0.0, |since| now.since(since).as_secs_f64());
        gauge!("tandem_queue_waiting", "queue" => queue.to_string())
            .set(state.queues().length(queue) as f64);
        gauge!("tandem_queue_longest_wait_seconds", "queue" => queue.to_string()).set(wait);
    }
    promises(hub, told);
    let mut agents = BTreeMap::from([("ready", 0_u32), ("away", 0), ("gone", 0)]);
    let mut phones = 0_u32;
    for agent in hub.setup().agents.keys() {
        let presence = match state.agents().get(agent).map(|agent| &agent.presence) {
            Some(Presence::Ready) => "ready",
            Some(Presence::Away { .. }) => "away",
            Some(Presence::Gone) | None => "gone",
        };
        *agents.entry(presence).or_default() += 1;
        phones += u32::from(hub.is_phone_reachable(agent));
    }
    for (presence, count) in agents {
        gauge!("tandem_agents", "presence" => presence).set(count);
    }
    let parked = state.agents().iter().map(|(_, agent)| agent.parked.len());
    gauge!("tandem_chats_parked").set(parked.sum::<usize>() as f64);
    gauge!("tandem_agents_phones").set(phones);
    super::satisfaction::read(hub, now);
    super::figures::read(hub, now);
    gauge!("tandem_callbacks_open").set(state.open_callbacks().count() as f64);
}

fn promises(hub: &Hub, told: &mut Told) {
    let promised = hub.promised();
    told.extend(hub.queues_in_use().into_iter().cloned());
    for queue in told.iter() {
        let open = promised.get(queue).copied().unwrap_or_default();
        gauge!("tandem_queue_promises", "queue" => queue.to_string()).set(open as f64);
    }
}
