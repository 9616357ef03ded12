//! What operations need: health, readiness, and the metrics of everything that was just done.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::Seen;
use crate::house::House;

/// What `/metrics` must tell about, as words of metric names.
const SUBJECTS: [&str; 13] = [
    "calls",
    "legs",
    "chats",
    "queue",
    "wait",
    "offer",
    "agents",
    "callbacks",
    "messages",
    "journal",
    "sip_responses",
    "rtp_packets",
    "sockets",
];

pub(super) async fn run(house: &House) -> Result<Seen> {
    for path in ["/healthz", "/readyz"] {
        let answer = house.ops.ask("GET", path, None, None).await?;
        ensure!(
            answer.status == 200,
            "{path} was answered {} {}",
            answer.status,
            answer.body
        );
    }
    let answer = house.ops.ask("GET", "/metrics", None, None).await?;
    ensure!(
        answer.status == 200,
        "/metrics was answered {}",
        answer.status
    );
    let names: BTreeSet<&str> = answer
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let strange: Vec<_> = names
        .iter()
        .filter(|name| !name.starts_with("tandem_"))
        .collect();
    ensure!(
        strange.is_empty(),
        "metrics with foreign names: {strange:?}"
    );
    let missing: Vec<_> = SUBJECTS
        .iter()
        .filter(|subject| !names.iter().any(|name| name.contains(**subject)))
        .collect();
    ensure!(
        missing.is_empty(),
        "/metrics says nothing of {missing:?}; it has {names:?}"
    );
    Ok(Seen {
        interaction: None,
        what: format!("healthy, ready, {} metrics", names.len()),
        sessions: Vec::new(),
        frames: Vec::new(),
    })
}
