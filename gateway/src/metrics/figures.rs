//! Service levels and waits that were promised: facts folded, and gauges that the hub's figures answer.

use std::collections::BTreeMap;

use hub::{Event, Hub, event::WaitEnd, figures::Tally};
use metrics::{counter, gauge, histogram};
use ws::{
    agent::Channel,
    id::{QueueId, Timestamp},
};

use super::words::channel_word;

/// What every moment of an agent is.
const ACTIVITIES: [&str; 6] = ["ready", "call", "chat", "wrap_up", "away", "gone"];

pub(super) fn fold(at: Timestamp, event: &Event) {
    let Event::WaitEnded {
        channel,
        end,
        promises,
        ..
    } = event
    else {
        return;
    };
    counter!("tandem_waits_total", "channel" => channel_word(*channel), "end" => end.word())
        .increment(1);
    let error = promises.and_then(|promises| promises.first.error_ms(at));
    // Of those who left nobody knows how long it would have taken.
    if let (WaitEnd::Answered, Some(error)) = (end, error) {
        let wait = if error > 0 { "longer" } else { "shorter" };
        histogram!("tandem_wait_promise_error_seconds", "channel" => channel_word(*channel), "wait" => wait)
            .record(error.unsigned_abs() as f64 / 1_000.0);
    }
}

/// Sets the gauges.
pub(super) fn read(hub: &Hub, now: Timestamp) {
    for queue in hub.setup().queues.keys() {
        for (over, tally) in [
            ("hour", both(hub, queue, now, Hub::hour)),
            ("day", both(hub, queue, now, Hub::today)),
        ] {
            let level = tally.level();
            for (definition, level) in [
                ("answered", level.of_answered),
                ("offered", level.of_offered),
            ] {
                // Where nobody counts there is no level, and the last one is over.
                gauge!("tandem_service_level_ratio", "queue" => queue.to_string(), "definition" => definition, "over" => over)
                    .set(level.unwrap_or(f64::NAN));
            }
        }
    }
    let times = hub.times();
    let mut seconds = BTreeMap::from(ACTIVITIES.map(|activity| (activity, 0_u64)));
    let mut agents = BTreeMap::from(ACTIVITIES.map(|activity| (activity, 0_u32)));
    for agent in hub.setup().agents.keys() {
        for (activity, milliseconds) in times.today(agent, now) {
            *seconds.entry(activity.word()).or_default() += milliseconds / 1_000;
        }
        let activity = times.activity(agent).map_or("gone", |(of, _)| of.word());
        *agents.entry(activity).or_default() += 1;
    }
    for (activity, seconds) in seconds {
        gauge!("tandem_agents_today_seconds", "activity" => activity).set(seconds as f64);
    }
    for (activity, count) in agents {
        gauge!("tandem_agents_doing", "activity" => activity).set(count);
    }
    read_tolls(hub, now);
}

fn read_tolls(hub: &Hub, now: Timestamp) {
    let mut limits: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for limit in ["house", "prefix", "agent", "trunk"] {
        for stands in ["near", "reached"] {
            limits.insert((limit, stands), 0.0);
        }
    }
    for standing in hub.tolls_told(now) {
        let stands = match (standing.is_near(), standing.is_reached()) {
            (_, true) => "reached",
            (true, false) => "near",
            // It only refused somebody, a while ago.
            (false, false) => continue,
        };
        *limits.entry((standing.limit.word(), stands)).or_default() += 1.0;
    }
    for ((limit, stands), count) in limits {
        gauge!("tandem_toll_limits", "limit" => limit.to_owned(), "state" => stands.to_owned())
            .set(count);
    }
}

fn both(
    hub: &Hub,
    queue: &QueueId,
    now: Timestamp,
    over: impl Fn(&Hub, &QueueId, Channel, Timestamp) -> Tally,
) -> Tally {
    let mut sum = over(hub, queue, Channel::Voice, now);
    sum.add(&over(hub, queue, Channel::Chat, now));
    sum
}
