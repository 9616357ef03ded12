//! How well customers were served: facts of ratings and repeats, folded, and gauges of first-contact resolution.

use hub::{Event, Hub, event::Served};
use metrics::{counter, gauge, histogram};
use ws::id::Timestamp;

use super::words::channel_word;

pub(super) fn fold(event: &Event) {
    match event {
        Event::RatingAsked { channel, queue, .. } => {
            counter!("tandem_ratings_asked_total", "queue" => queue.to_string(), "channel" => channel_word(*channel))
                .increment(1);
        }
        // Once an interaction: a changed answer is counted as such, its first score stays in the histogram.
        Event::Rated {
            channel,
            queue,
            score,
            before: None,
            ..
        } => {
            histogram!("tandem_rating_score", "queue" => queue.to_string(), "channel" => channel_word(*channel))
                .record(f64::from(score.number()));
        }
        Event::Rated {
            channel,
            queue,
            before: Some(_),
            ..
        } => {
            counter!("tandem_ratings_changed_total", "queue" => queue.to_string(), "channel" => channel_word(*channel))
                .increment(1);
        }
        Event::RatingDeclined { channel, queue } => {
            counter!("tandem_ratings_declined_total", "queue" => queue.to_string(), "channel" => channel_word(*channel))
                .increment(1);
        }
        Event::RepeatOf { queue, .. } => {
            counter!("tandem_repeats_total", "queue" => queue.to_string()).increment(1);
        }
        other => debug_assert!(false, "{other:?} is folded elsewhere"),
    }
}

/// Counts a sealed interaction that an agent marked as solved.
pub(super) fn sealed(served: Option<&Served>) {
    if let Some(served) = served.filter(|served| served.solved == Some(true)) {
        counter!("tandem_solved_total", "queue" => served.queue.to_string()).increment(1);
    }
}

/// Sets the gauges that the hub's figures answer. A queue that served nobody has none.
pub(super) fn read(hub: &Hub, now: Timestamp) {
    let (matters, window) = (hub.state().matters(), hub.setup().spans.repeat);
    for queue in hub.setup().queues.keys() {
        let found = matters.resolution(queue, window, now);
        for (state, tally) in [
            ("settled", found.settled),
            ("provisional", found.provisional),
        ] {
            if let Some(share) = tally.resolved() {
                gauge!("tandem_first_contact_resolution_ratio", "queue" => queue.to_string(), "state" => state)
                    .set(share);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hub::{Fact, setup::Setup};
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn a_sealed_interaction_counts_as_solved_where_its_agent_said_so() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let hub = Hub::new(Setup::default(), [0; 32]);

        metrics::with_local_recorder(&recorder, || {
            for solved in [Some(true), Some(false), None] {
                let served = Served {
                    queue: "support".parse().unwrap(),
                    disposition: None,
                    solved,
                };
                let event = Event::Sealed {
                    outcome: "served".to_owned(),
                    agent: None,
                    served: Some(served),
                };
                let fact = Fact {
                    at: Timestamp(1),
                    interaction: None,
                    seq: None,
                    event,
                };
                crate::metrics::fold(&fact, &hub);
            }
        });

        let told = recorder.handle().render();
        assert!(
            told.contains("tandem_solved_total{queue=\"support\"} 1"),
            "{told}"
        );
    }
}
