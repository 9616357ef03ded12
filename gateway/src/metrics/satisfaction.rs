//! How well customers were served: facts of ratings and repeats, folded, and gauges of first-contact resolution.

use hub::{Event, Hub};
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
        Event::Sealed {
            served: Some(served),
            ..
        } if served.solved == Some(true) => {
            counter!("tandem_solved_total", "queue" => served.queue.to_string()).increment(1);
        }
        _ => {}
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
