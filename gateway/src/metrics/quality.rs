//! How legs carried speech.

use anyhow::Context;
use hub::quality::{Measured, Moment};
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

/// Bounds of the estimated mean opinion score: 4.3, 4.0, 3.6, 3.1 and 2.6 are the steps of ITU-T G.107 Annex B.
const SCORES: [f64; 8] = [1.5, 2.0, 2.6, 3.1, 3.6, 4.0, 4.3, 4.5];
/// Bounds of shares of lost packets.
const SHARES: [f64; 8] = [0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2];
/// Bounds of jitter and round trip, in seconds.
const SPANS: [f64; 9] = [0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6];

/// Sets the bounds.
pub(super) fn buckets(builder: PrometheusBuilder) -> anyhow::Result<PrometheusBuilder> {
    let bounds: [(&str, &[f64]); 4] = [
        ("tandem_leg_mos_score", &SCORES),
        ("tandem_leg_lost_ratio", &SHARES),
        ("tandem_leg_jitter_seconds", &SPANS),
        ("tandem_leg_round_trip_seconds", &SPANS),
    ];
    bounds
        .into_iter()
        .try_fold(builder, |builder, (name, bounds)| {
            builder
                .set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)
                .context("setting histogram bounds")
        })
}

pub(super) fn describe() {
    describe_histogram!(
        "tandem_leg_mos_score",
        "The estimated mean opinion score (E-model) of legs that are over, 1 to 4.5, by codec."
    );
    describe_histogram!(
        "tandem_leg_lost_ratio",
        "The share of packets lost in the worse direction of legs that are over, by codec."
    );
    describe_histogram!(
        "tandem_leg_jitter_seconds",
        Unit::Seconds,
        "The jitter of what came of legs that are over, by codec."
    );
    describe_histogram!(
        "tandem_leg_round_trip_seconds",
        Unit::Seconds,
        "The round trip of legs that are over and reported one, by codec."
    );
    describe_counter!(
        "tandem_poor_lines_total",
        "Legs whose speech became poor while they ran."
    );
}

/// Folds what was measured of a leg.
pub(super) fn fold(moment: Moment, measured: &Measured) {
    match moment {
        Moment::Poor => counter!("tandem_poor_lines_total").increment(1),
        Moment::Fair => {}
        Moment::Ended => ended(measured),
    }
}

fn ended(measured: &Measured) {
    let codec = measured.codec.clone();
    let lost = measured.lost.max(measured.party_lost.unwrap_or(0));
    let seconds = |millis: u32| f64::from(millis) / 1000.0;
    histogram!("tandem_leg_mos_score", "codec" => codec.clone())
        .record(f64::from(measured.mos) / 100.0);
    histogram!("tandem_leg_lost_ratio", "codec" => codec.clone())
        .record(f64::from(lost) / 10_000.0);
    histogram!("tandem_leg_jitter_seconds", "codec" => codec.clone())
        .record(seconds(measured.jitter_ms));
    if let Some(round_trip) = measured.round_trip_ms {
        histogram!("tandem_leg_round_trip_seconds", "codec" => codec).record(seconds(round_trip));
    }
}
