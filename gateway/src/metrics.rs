//! Metrics: a fold over facts, gauges read off the hub when they are asked for, and counts of what was refused.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use hub::{
    Event, Fact, Hub,
    event::{CallbackEnd, LegCause, OfferEnd, Party},
};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sip::endpoint::Counters;
use ws::{
    agent::{Channel, Presence},
    close::Close,
    timeline::Author,
};

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
    ];
    let mut builder = PrometheusBuilder::new()
        .set_buckets(&PATIENT)
        .context("setting histogram bounds")?;
    for name in quick {
        builder = builder
            .set_buckets_for_metric(Matcher::Full(name.to_owned()), &QUICK)
            .context("setting histogram bounds")?;
    }
    let handle = builder
        .install_recorder()
        .context("installing the metrics recorder")?;
    describe();
    gauge!("tandem_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    begin_at_zero();
    Ok(handle)
}

/// Shows what has not happened yet as zero, so that rates and alerts have something to begin with.
fn begin_at_zero() {
    for name in [
        "tandem_chats_total",
        "tandem_callbacks_promised_total",
        "tandem_callback_attempts_total",
        "tandem_one_way_audio_total",
        "tandem_state_divergence_total",
    ] {
        counter!(name).absolute(0);
    }
    for result in [
        "reached",
        "called_in",
        "cancelled",
        "given_up",
        "suppressed",
    ] {
        counter!("tandem_callbacks_total", "result" => result).absolute(0);
    }
    for result in ["started", "connected", "failed"] {
        counter!("tandem_escalations_total", "result" => result).absolute(0);
    }
    for channel in [Channel::Voice, Channel::Chat].map(channel_word) {
        counter!("tandem_interactions_total", "channel" => channel).absolute(0);
        counter!("tandem_offers_total", "channel" => channel).absolute(0);
    }
    for author in ["customer", "agent", "system"] {
        counter!("tandem_messages_total", "author" => author).absolute(0);
    }
    for side in ["visitor", "agent"] {
        gauge!("tandem_sockets", "side" => side).set(0.0);
    }
    gauge!("tandem_sip_connections").set(0.0);
}

fn describe() {
    describe_contacts();
    describe_work();
    describe_house();
    describe_sip();
}

fn describe_contacts() {
    describe_counter!(
        "tandem_interactions_total",
        "Interactions opened, by the channel they began on."
    );
    describe_counter!(
        "tandem_interactions_sealed_total",
        "Interactions sealed, by how they turned out."
    );
    describe_gauge!(
        "tandem_interactions_live",
        "Interactions that are not sealed."
    );
    describe_counter!(
        "tandem_calls_total",
        "Calls with customers begun, by cause."
    );
    describe_gauge!("tandem_calls_live", "Interactions with a call going on.");
    describe_counter!("tandem_chats_total", "Chats opened.");
    describe_gauge!("tandem_chats_live", "Interactions with an open chat.");
    describe_counter!("tandem_legs_total", "Legs begun, by kind and cause.");
    describe_counter!(
        "tandem_leg_ends_total",
        "Legs ended, by the kind of the end."
    );
    describe_gauge!("tandem_legs_live", "Legs there are, by kind.");
    describe_counter!("tandem_messages_total", "Chat messages, by who wrote them.");
    describe_counter!(
        "tandem_one_way_audio_total",
        "Bridged legs that were silent for too long."
    );
}

fn describe_work() {
    describe_gauge!("tandem_queue_waiting", "Interactions that wait, by queue.");
    describe_gauge!(
        "tandem_queue_longest_wait_seconds",
        Unit::Seconds,
        "How long the first of a queue has waited."
    );
    describe_histogram!(
        "tandem_queue_wait_seconds",
        Unit::Seconds,
        "How long interactions waited, by channel."
    );
    describe_counter!("tandem_offers_total", "Offers made, by channel.");
    describe_counter!("tandem_offer_ends_total", "Offers ended, by how.");
    describe_histogram!(
        "tandem_offer_answer_seconds",
        Unit::Seconds,
        "From an offer to its acceptance."
    );
    describe_histogram!(
        "tandem_offer_latency_seconds",
        Unit::Seconds,
        "From the input that made an offer possible to its frame for the console, with the commit between."
    );
    describe_gauge!("tandem_agents", "Agents on record, by presence.");
    describe_gauge!("tandem_agents_phones", "Agents whose phone can be reached.");
    describe_counter!("tandem_callbacks_promised_total", "Calls promised.");
    describe_counter!(
        "tandem_callbacks_total",
        "Promised calls that are over, by result."
    );
    describe_counter!(
        "tandem_callback_attempts_total",
        "Attempts of promised calls."
    );
    describe_gauge!("tandem_callbacks_open", "Promised calls that are not over.");
    describe_counter!(
        "tandem_escalations_total",
        "Chats that were to become calls, by result."
    );
}

fn describe_house() {
    describe_gauge!("tandem_build_info", "The version that runs; always 1.");
    describe_counter!(
        "tandem_state_divergence_total",
        "States that should not be, found and mended."
    );
    describe_counter!(
        "tandem_journal_facts_total",
        "Facts written to the journal."
    );
    describe_histogram!(
        "tandem_journal_commit_seconds",
        Unit::Seconds,
        "How long a group of facts took to be durable."
    );
    describe_gauge!(
        "tandem_journal_well",
        "1 while the journal can be written, 0 while it cannot."
    );
    describe_gauge!("tandem_sockets", "Open WebSockets, by side.");
    describe_counter!(
        "tandem_socket_closes_total",
        "WebSockets closed by us, by close code."
    );
    describe_counter!(
        "tandem_refusals_total",
        "Requests, frames and connections refused, by reason."
    );
}

fn describe_sip() {
    describe_counter!(
        "tandem_sip_requests_total",
        "SIP requests, by direction and method, repetitions not counted."
    );
    describe_counter!(
        "tandem_sip_responses_total",
        "SIP responses, by direction, method and class, repetitions not counted."
    );
    describe_counter!(
        "tandem_sip_retransmissions_total",
        "SIP messages sent again by a timer."
    );
    describe_counter!(
        "tandem_sip_malformed_total",
        "SIP messages that could not be read."
    );
    describe_counter!(
        "tandem_sip_strays_total",
        "SIP messages that nothing was waiting for."
    );
    describe_counter!(
        "tandem_sip_denied_total",
        "SIP requests with wrong credentials."
    );
    describe_counter!(
        "tandem_sip_challenged_total",
        "SIP requests from nobody known, told to prove who they are."
    );
    describe_counter!(
        "tandem_sip_overloaded_total",
        "SIP requests refused with 503 for being too many."
    );
    describe_gauge!("tandem_sip_calls_live", "SIP calls there are.");
    describe_gauge!(
        "tandem_sip_transactions",
        "SIP transactions there are, by side."
    );
    describe_gauge!("tandem_sip_bindings", "Registered contacts.");
    describe_gauge!("tandem_sip_connections", "Open TCP connections for SIP.");
}

/// Counts something refused.
pub fn refused(reason: &'static str) {
    counter!("tandem_refusals_total", "reason" => reason).increment(1);
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

/// Notes that `offers` went out `took` after the input that made them possible.
pub fn offered(offers: usize, took: Duration) {
    for _ in 0..offers {
        histogram!("tandem_offer_latency_seconds").record(took.as_secs_f64());
    }
}

/// Folds one durable fact; `hub` stands as of the batch it is in.
pub fn fold(fact: &Fact, hub: &Hub) {
    match &fact.event {
        Event::Opened { channel, .. } => {
            counter!("tandem_interactions_total", "channel" => channel_word(*channel)).increment(1);
            if *channel == Channel::Chat {
                counter!("tandem_chats_total").increment(1);
            }
        }
        Event::Sealed { outcome, .. } => {
            counter!("tandem_interactions_sealed_total", "outcome" => outcome_word(outcome))
                .increment(1);
        }
        Event::LegStarted { party, cause, .. } => {
            let (kind, cause) = (kind_word(party), word(cause));
            if matches!(party, Party::CustomerPhone { .. }) {
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
        Event::OneWayAudio { .. } => counter!("tandem_one_way_audio_total").increment(1),
        Event::Mended { .. } => counter!("tandem_state_divergence_total").increment(1),
        work => {
            fold_work(fact, work, hub);
            fold_promises(work);
        }
    }
}

fn fold_work(fact: &Fact, event: &Event, hub: &Hub) {
    match event {
        Event::Dequeued { waited_ms, .. } => {
            let found = fact.interaction.and_then(|id| hub.state().interaction(id));
            let channel = found.map_or("unknown", |found| channel_word(found.channel));
            let waited = Duration::from_millis(*waited_ms).as_secs_f64();
            histogram!("tandem_queue_wait_seconds", "channel" => channel).record(waited);
        }
        Event::Offered { channel, .. } => {
            counter!("tandem_offers_total", "channel" => channel_word(*channel)).increment(1);
        }
        Event::OfferEnded { end, .. } => {
            let how = match end {
                OfferEnd::Declined => "declined",
                OfferEnd::Expired => "expired",
                OfferEnd::AgentGone => "agent_gone",
                OfferEnd::CustomerGone => "customer_gone",
                OfferEnd::PhoneFailed => "phone_failed",
                OfferEnd::Withdrawn => "withdrawn",
            };
            counter!("tandem_offer_ends_total", "end" => how).increment(1);
        }
        Event::Assigned { offered, .. } => {
            counter!("tandem_offer_ends_total", "end" => "taken").increment(1);
            histogram!("tandem_offer_answer_seconds").record(fact.at.since(*offered).as_secs_f64());
        }
        Event::EscalationStarted { .. } => {
            counter!("tandem_escalations_total", "result" => "started").increment(1);
        }
        Event::Bridged { a, .. } => {
            let leg = hub
                .state()
                .interaction(a.interaction)
                .and_then(|found| found.leg(*a));
            if leg.is_some_and(|leg| leg.cause == LegCause::Escalation) {
                counter!("tandem_escalations_total", "result" => "connected").increment(1);
            }
        }
        Event::EscalationFailed { .. } => {
            counter!("tandem_escalations_total", "result" => "failed").increment(1);
        }
        _ => {}
    }
}

fn fold_promises(event: &Event) {
    match event {
        Event::CallbackPromised { .. } => counter!("tandem_callbacks_promised_total").increment(1),
        Event::CallbackAttempted { .. } => counter!("tandem_callback_attempts_total").increment(1),
        Event::CallbackEnded { end, .. } => {
            let result = match end {
                CallbackEnd::Reached => "reached",
                CallbackEnd::CalledIn => "called_in",
                CallbackEnd::Cancelled { .. } => "cancelled",
                CallbackEnd::GivenUp => "given_up",
                CallbackEnd::Suppressed => "suppressed",
            };
            counter!("tandem_callbacks_total", "result" => result).increment(1);
        }
        _ => {}
    }
}

/// Sets the gauges that the hub's state answers.
pub fn read(hub: &Hub, now: ws::id::Timestamp) {
    let state = hub.state();
    let (mut calls, mut chats) = (0_u32, 0_u32);
    let mut legs = BTreeMap::from([
        ("customer_phone", 0_u32),
        ("agent_phone", 0),
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
    for queue in hub.setup().queues.keys() {
        let oldest = state
            .queues()
            .get(queue)
            .and_then(hub::queue::Queue::oldest);
        let wait = oldest.map_or(0.0, |(since, _)| now.since(since).as_secs_f64());
        gauge!("tandem_queue_waiting", "queue" => queue.to_string())
            .set(state.queues().length(queue) as f64);
        gauge!("tandem_queue_longest_wait_seconds", "queue" => queue.to_string()).set(wait);
    }
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
    gauge!("tandem_agents_phones").set(phones);
    gauge!("tandem_callbacks_open").set(state.open_callbacks().count() as f64);
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
    counter!("tandem_sip_challenged_total").absolute(counters.challenged);
    counter!("tandem_sip_overloaded_total").absolute(counters.overloaded);
    gauge!("tandem_sip_calls_live").set(counters.calls as f64);
    gauge!("tandem_sip_transactions", "side" => "server").set(counters.server_transactions as f64);
    gauge!("tandem_sip_transactions", "side" => "client").set(counters.client_transactions as f64);
    gauge!("tandem_sip_bindings").set(counters.bindings as f64);
}

/// Sets whether the journal can be written.
pub fn journal_well(well: bool) {
    gauge!("tandem_journal_well").set(if well { 1.0 } else { 0.0 });
}

fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "voice",
        Channel::Chat => "chat",
    }
}

fn kind_word(party: &Party) -> &'static str {
    match party {
        Party::CustomerPhone { .. } => "customer_phone",
        Party::AgentPhone { .. } => "agent_phone",
        Party::CustomerChat { .. } => "customer_chat",
        Party::AgentChat { .. } => "agent_chat",
    }
}

fn author_word(author: &Author) -> &'static str {
    match author {
        Author::Customer => "customer",
        Author::Agent { .. } => "agent",
        Author::System => "system",
    }
}

// An outcome may be what an agent typed; a label may not.
fn outcome_word(outcome: &str) -> &'static str {
    ["served", "abandoned", "not reached"]
        .into_iter()
        .find(|known| *known == outcome)
        .unwrap_or("other")
}
