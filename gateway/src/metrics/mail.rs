//! Mails to customers.

use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

/// Counts an attempt to send a mail by what came of it.
pub fn carried(result: &'static str) {
    counter!("tandem_mails_total", "result" => result).increment(1);
}

/// Notes how long the server took for a mail, taken or not.
pub fn took(span: Duration) {
    histogram!("tandem_mail_seconds").record(span.as_secs_f64());
}

/// Sets how many facts are not looked at or not sent, and how many mails were given up.
pub fn stand(backlog: i64, dead: i64) {
    gauge!("tandem_mail_backlog").set(backlog as f64);
    gauge!("tandem_mail_dead_letters").set(dead as f64);
}

pub(super) fn describe() {
    describe_counter!(
        "tandem_mails_posted_total",
        "Mails to customers that fell due, by what they are about."
    );
    describe_counter!(
        "tandem_mails_total",
        "Attempts to send a mail, by what came of them."
    );
    describe_histogram!(
        "tandem_mail_seconds",
        Unit::Seconds,
        "How long the mail server took for a mail, taken or not."
    );
    describe_gauge!(
        "tandem_mail_backlog",
        "Facts that were not looked at for mails, and mails that are not sent."
    );
    describe_gauge!(
        "tandem_mail_dead_letters",
        "Mails that were given up and can be tried again."
    );
}
