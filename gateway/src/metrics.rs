//! Metrics: a fold over facts, gauges read off the hub when they are asked for, and counts of what was refused.

mod describe;
mod figures;
mod gauges;
pub mod hooks;
pub mod mail;
mod quality;
mod satisfaction;
mod words;
mod work;
mod zero;

use std::time::Duration;

use anyhow::Context;
use hub::{Event, Fact, Hub, event::Party};
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sip::endpoint::Counters;
use ws::{agent::Channel, close::Close};

pub use gauges::{Told, clock, read};
use words::{author_word, channel_word, kind_word, outcome_word};

use crate::store::project::word;

/// Bounds of histograms of what machines do, in seconds.
const QUICK: [f64; 11] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0,
];
/// Bounds of histograms of what people wait for, in seconds.
const PATIENT: [f64; 11] = [
    0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 180.0, 600.0, 3600.0,
];

/// Starts counting; the handle gives the text.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let quick = [
        "tandem_journal_commit_seconds",
        "tandem_offer_latency_seconds",
        "tandem_lookup_seconds",
        "tandem_webhook_seconds",
    ];
    let mut builder = PrometheusBuilder::new()
        .set_buckets(&PATIENT)
        .context("setting histogram bounds")?;
    for name in quick {
        builder = builder
            .set_buckets_for_metric(Matcher::Full(name.to_owned()), &QUICK)
            .context("setting histogram bounds")?;
    }
    let handle = quality::buckets(builder)?
        .set_buckets_for_metric(
            Matcher::Full("tandem_rating_score".to_owned()),
            &[1.0, 2.0, 3.0, 4.0, 5.0],
        )
        .context("setting histogram bounds")?
        .install_recorder()
        .context("installing the metrics recorder")?;
    describe::describe();
    gauge!("tandem_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    zero::begin();
    Ok(handle)
}

/// Counts something refused.
pub fn refused(reason: &'static str) {
    refused_many(reason, 1);
}

/// Counts several things refused for one reason.
pub fn refused_many(reason: &'static str, count: u64) {
    if count > 0 {
        counter!("tandem_refusals_total", "reason" => reason).increment(count);
    }
}

/// Counts a socket closed by us.
pub fn closed(close: Close) {
    counter!("tandem_socket_closes_total", "code" => close.code().to_string()).increment(1);
}

/// Counts a socket for as long as what is returned lives.
pub fn socket(side: &'static str) -> Open {
    let gauge = gauge!("tandem_sockets", "side" => side);
    gauge.increment(1.0);
    Open(gauge)
}

/// Counts a TCP connection for SIP for as long as what is returned lives.
pub fn sip_connection() -> Open {
    let gauge = gauge!("tandem_sip_connections");
    gauge.increment(1.0);
    Open(gauge)
}

/// Something open, counted.
pub struct Open(metrics::Gauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Notes a commit of the journal.
pub fn committed(facts: usize, took: Duration) {
    counter!("tandem_journal_facts_total").increment(facts as u64);
    histogram!("tandem_journal_commit_seconds").record(took.as_secs_f64());
}

/// Shows how long ago the loop came round that routes.
pub fn routed(age: Duration) {
    gauge!("tandem_routing_age_seconds").set(age.as_secs_f64());
}

/// Notes that `offers` went out `took` after the input that made them possible.
pub fn offered(offers: usize, took: Duration) {
    for _ in 0..offers {
        histogram!("tandem_offer_latency_seconds").record(took.as_secs_f64());
    }
}

/// Folds one durable fact; `hub` stands as of the batch it is in.
#[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
pub fn fold(fact: &Fact, hub: &Hub) {
    match &fact.event {
        Event::Opened { channel, .. } => {
            counter!("tandem_interactions_total", "channel" => channel_word(*channel)).increment(1);
            if *channel == Channel::Chat {
                counter!("tandem_chats_total").increment(1);
            }
        }
        Event::Sealed {
            outcome, served, ..
        } => {
            counter!("tandem_interactions_sealed_total", "outcome" => outcome_word(outcome))
                .increment(1);
            satisfaction::sealed(served.as_ref());
        }
        Event::LegStarted { party, cause, .. } => {
            let (kind, cause) = (kind_word(party), word(cause));
            if matches!(
                party,
                Party::CustomerPhone { .. } | Party::CustomerBrowser { .. }
            ) {
                counter!("tandem_calls_total", "cause" => cause.clone()).increment(1);
            }
            counter!("tandem_legs_total", "kind" => kind, "cause" => cause).increment(1);
        }
        Event::LegEnded { cause, .. } => {
            counter!("tandem_leg_ends_total", "end" => word(&cause.kind)).increment(1);
        }
        Event::Said { from, .. } => {
            counter!("tandem_messages_total", "author" => author_word(from)).increment(1);
        }
        Event::FileShared { from, .. } => {
            counter!("tandem_files_total", "author" => author_word(from)).increment(1);
        }
        Event::MessageEdited { by, .. } => {
            counter!("tandem_messages_revised_total", "author" => author_word(by), "how" => "edited").increment(1);
        }
        Event::MessageDeleted { by, .. } => {
            counter!("tandem_messages_revised_total", "author" => author_word(by), "how" => "deleted").increment(1);
        }
        Event::ConsentChanged(said) => {
            counter!("tandem_consent_changes_total", "change" => said.change.word(), "channel" => said.channel.word(), "source" => said.source.word()).increment(1);
        }
        Event::ContactRefused { closed, .. } => {
            counter!("tandem_contacts_refused_total", "reason" => closed.word()).increment(1);
        }
        Event::OneWayAudio { .. } => counter!("tandem_one_way_audio_total").increment(1),
        Event::LegMeasured {
            moment, measured, ..
        } => quality::fold(*moment, measured),
        Event::Mended { .. } => counter!("tandem_state_divergence_total").increment(1),
        Event::Dequeued { .. }
        | Event::Diverted { .. }
        | Event::TurnedAway { .. }
        | Event::Offered { .. }
        | Event::OfferEnded { .. }
        | Event::Assigned { .. }
        | Event::InCall(_)
        | Event::InChat(_)
        | Event::MemoSent(_)
        | Event::Recording(_)
        | Event::EscalationStarted { .. }
        | Event::Bridged { .. }
        | Event::EscalationFailed { .. } => work::fold_work(fact, hub),
        Event::CallbackPromised { .. }
        | Event::CallbackAttempted { .. }
        | Event::CallbackAttemptFailed { .. }
        | Event::MailPosted { .. }
        | Event::CallbackReminded { .. }
        | Event::CallbackEnded { .. } => work::fold_promises(&fact.event),
        Event::RatingAsked { .. }
        | Event::Rated { .. }
        | Event::RatingDeclined { .. }
        | Event::RepeatOf { .. } => satisfaction::fold(&fact.event),
        Event::WaitEnded { .. } => figures::fold(fact.at, &fact.event),
        // Counted by gauges, or nothing to count.
        Event::CustomerKnown { .. }
        | Event::ExternalId { .. }
        | Event::LookedUp { .. }
        | Event::LegRinging { .. }
        | Event::LegAnswered { .. }
        | Event::LegFlowing { .. }
        | Event::CallEnded { .. }
        | Event::Queued { .. }
        | Event::WaitPromised { .. }
        | Event::CallbackOffered { .. }
        | Event::WrapUpStarted { .. }
        | Event::WrapUpExtended { .. }
        | Event::ChatPaused { .. }
        | Event::ChatResumed { .. }
        | Event::Parked { .. }
        | Event::Unparked { .. }
        | Event::Noted { .. }
        | Event::HandedOver { .. }
        | Event::AssignmentEnded { .. }
        | Event::CallbackMoved { .. }
        | Event::CallbackWaits(_)
        | Event::Ended { .. }
        | Event::Cobrowsed { .. }
        | Event::CustomersMerged { .. }
        | Event::CustomersUnmerged { .. }
        | Event::InteractionsMerged { .. }
        | Event::InteractionsUnmerged { .. }
        | Event::CustomerNoted { .. }
        | Event::CustomerLinked { .. }
        | Event::CustomerValued { .. }
        | Event::CustomerErased { .. }
        | Event::PresenceSet { .. }
        | Event::PhoneRegistered { .. }
        | Event::PhoneGone { .. }
        | Event::TrunkDown { .. }
        | Event::TrunkUp { .. }
        | Event::ClockStepped(_)
        | Event::MemosRead { .. }
        | Event::Started => {}
    }
}

/// Sets what the SIP endpoint counts itself.
pub fn read_sip(counters: &Counters) {
    for ((direction, method), count) in &counters.requests {
        counter!("tandem_sip_requests_total", "direction" => direction.as_str(), "method" => *method).absolute(*count);
    }
    for ((direction, method, class), count) in &counters.responses {
        let class = format!("{class}xx");
        counter!("tandem_sip_responses_total", "direction" => direction.as_str(), "method" => *method, "class" => class)
            .absolute(*count);
    }
    counter!("tandem_sip_retransmissions_total").absolute(counters.retransmissions);
    counter!("tandem_sip_malformed_total").absolute(counters.malformed);
    counter!("tandem_sip_strays_total").absolute(counters.strays);
    counter!("tandem_sip_denied_total").absolute(counters.denied);
    counter!("tandem_sip_barred_total").absolute(counters.barred);
    counter!("tandem_sip_banned_total").absolute(counters.banned);
    counter!("tandem_sip_challenged_total").absolute(counters.challenged);
    counter!("tandem_sip_overloaded_total").absolute(counters.overloaded);
    gauge!("tandem_sip_calls_live").set(counters.calls as f64);
    gauge!("tandem_sip_transactions", "side" => "server").set(counters.server_transactions as f64);
    gauge!("tandem_sip_transactions", "side" => "client").set(counters.client_transactions as f64);
    gauge!("tandem_sip_bindings").set(counters.bindings as f64);
    for standing in &counters.trunks {
        let trunk = &standing.trunk;
        gauge!("tandem_trunk_up", "trunk" => trunk.clone()).set(f64::from(u8::from(standing.up)));
        if let Some(registered) = standing.registered {
            gauge!("tandem_trunk_registered", "trunk" => trunk.clone())
                .set(f64::from(u8::from(registered)));
        }
    }
}

/// Sets whether a bound of the house is reached.
pub fn bound(what: &'static str, reached: bool) {
    gauge!("tandem_bound_reached", "bound" => what).set(f64::from(u8::from(reached)));
    if reached {
        counter!("tandem_bounds_reached_total", "bound" => what).increment(1);
    }
}

/// Sets how many tasks the runtime has.
pub fn tasks() {
    let tasks = tokio::runtime::Handle::current().metrics();
    gauge!("tandem_tasks").set(tasks.num_alive_tasks() as f64);
}

/// Sets whether the journal can be written, and how many facts are not folded into tables yet.
pub fn journal(well: bool, unfolded: u64) {
    gauge!("tandem_journal_well").set(if well { 1.0 } else { 0.0 });
    gauge!("tandem_journal_unfolded_facts").set(unfolded as f64);
}
