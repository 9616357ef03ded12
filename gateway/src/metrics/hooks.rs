//! What was told and asked of other systems.

use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

/// Counts a lookup by what came of it.
pub fn looked_up(result: &'static str) {
    counter!("tandem_lookups_total", "result" => result).increment(1);
}

/// Notes how long a lookup took that was asked.
pub fn took(span: Duration) {
    histogram!("tandem_lookup_seconds").record(span.as_secs_f64());
}

/// Counts a post of a webhook by what came of it.
pub fn posted(webhook: &str, result: &'static str) {
    counter!("tandem_webhook_deliveries_total", "webhook" => webhook.to_owned(), "result" => result)
        .increment(1);
}

/// Notes how long a post of a webhook took.
pub fn posted_in(webhook: &str, span: Duration) {
    histogram!("tandem_webhook_seconds", "webhook" => webhook.to_owned())
        .record(span.as_secs_f64());
}

/// Shows what has not come of a webhook's posts yet as zero.
pub fn begin(webhook: &str) {
    for result in ["delivered", "refused", "gone", "late", "broken"] {
        counter!("tandem_webhook_deliveries_total", "webhook" => webhook.to_owned(), "result" => result)
            .increment(0);
    }
}

/// Sets how a webhook stands.
pub fn stand(webhook: &str, backlog: i64, dead: i64) {
    gauge!("tandem_webhook_backlog", "webhook" => webhook.to_owned()).set(backlog as f64);
    gauge!("tandem_webhook_dead_letters", "webhook" => webhook.to_owned()).set(dead as f64);
}

pub(super) fn describe() {
    describe_counter!(
        "tandem_webhook_deliveries_total",
        "Posts of webhooks, by webhook and by what came of them."
    );
    describe_histogram!(
        "tandem_webhook_seconds",
        Unit::Seconds,
        "How long a webhook's receiver took to answer, by webhook."
    );
    describe_gauge!(
        "tandem_webhook_backlog",
        "Facts a webhook has not looked at or not delivered, by webhook."
    );
    describe_gauge!(
        "tandem_webhook_dead_letters",
        "Facts that were given up and can be tried again, by webhook."
    );
    describe_counter!(
        "tandem_lookups_total",
        "Lookups of who comes, by what came of them."
    );
    describe_histogram!(
        "tandem_lookup_seconds",
        Unit::Seconds,
        "How long another system took to say who comes."
    );
}
