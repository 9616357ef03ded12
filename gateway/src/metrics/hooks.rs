//! What was told and asked of other systems.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

/// Counts a lookup by what came of it.
pub fn looked_up(result: &'static str) {
    counter!("tandem_lookups_total", "result" => result).increment(1);
}

/// Notes how long a lookup took that was asked.
pub fn took(span: Duration) {
    histogram!("tandem_lookup_seconds").record(span.as_secs_f64());
}

pub(super) fn describe() {
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
