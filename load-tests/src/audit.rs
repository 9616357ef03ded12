//! What must hold when nothing goes on any more, seen from outside: the gauges are at zero, the agents' desks are empty, and
//! every record is sealed and whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time;
use ws::{
    client::{Agent, AgentNews},
    id::InteractionId,
};

use crate::{browser::Tab, house::House};

/// How long nothing may be seen to come nearer to rest: a BYE or a refusal that nobody answers is given up after 64 times T1,
/// which is 32 s (RFC 3261 §17).
const SETTLES: Duration = Duration::from_secs(40);
/// Gauges that are zero when nothing is going on; those with labels in each of their series.
const ZERO: [&str; 8] = [
    "tandem_interactions_live",
    "tandem_calls_live",
    "tandem_chats_live",
    "tandem_legs_live",
    "tandem_queue_waiting",
    "tandem_callbacks_open",
    "tandem_sip_calls_live",
    "tandem_state_divergence_total",
];
/// Waits until nothing goes on any more; what goes on all the same is a fault.
pub async fn rest(house: &House, faults: &mut Vec<String>) -> Result<()> {
    let mut end = Instant::now() + SETTLES;
    let mut before = Vec::new();
    loop {
        let metrics = house.ops.ask("GET", "/metrics", None, None).await?.body;
        let missing = |name: &&&str| !metrics.lines().any(|line| line.starts_with(**name));
        if let Some(name) = ZERO.iter().find(missing) {
            faults.push(format!(
                "the metric {name} is not there, so it shows nothing"
            ));
            return Ok(());
        }
        let left: Vec<_> = metrics
            .lines()
            .filter(|line| {
                let name = line.split(['{', ' ']).next().unwrap_or_default();
                ZERO.contains(&name) && !line.ends_with(" 0")
            })
            .map(str::to_owned)
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        if left != before {
            end = Instant::now() + SETTLES;
            before.clone_from(&left);
        }
        if Instant::now() > end {
            let waited = SETTLES.as_secs();
            faults.extend(
                left.into_iter()
                    .map(|line| format!("after {waited} s of rest: {line}")),
            );
            return Ok(());
        }
        time::sleep(Duration::from_millis(200)).await;
    }
}

/// Returns what an agent still holds, if anything, as a fault.
pub async fn desk(house: &House, agent: &str) -> Result<Option<String>> {
    let token = house.web.login(agent, &house.password(agent)?).await?;
    let mut tab = Tab::open(&house.web, Agent::new(token)).await?;
    tab.until("the desk", |news| {
        matches!(news, AgentNews::Desk).then_some(())
    })
    .await?;
    let desk = tab.machine.desk().context("it was just told")?;
    let held = desk.offers.len() + desk.contacts.len();
    Ok((held > 0).then(|| format!("{agent} still holds something: {desk:?}")))
}

/// All records, as the API gives them.
pub struct Records(
    /// By interaction.
    pub BTreeMap<InteractionId, Value>,
);

impl Records {
    /// Reads them all.
    pub async fn read(house: &House) -> Result<Self> {
        let agent = house.agents.first().context("somebody serves")?;
        let token = house.web.login(agent, &house.password(agent)?).await?;
        let get = async |path: String| {
            let answer = house.web.ask("GET", &path, Some(&token), None).await?;
            ensure!(
                answer.status == 200,
                "{path} was answered {} {}",
                answer.status,
                answer.body
            );
            answer.json()
        };
        let mut records = BTreeMap::new();
        let mut after = String::new();
        loop {
            let list = get(format!("/api/v1/interactions?limit=200{after}")).await?;
            let lines = list["interactions"].as_array().context("a list")?;
            let Some(last) = lines.last() else {
                return Ok(Self(records));
            };
            after = format!("&after={}", text(&last["interaction"]));
            for line in lines {
                let id = text(&line["interaction"]);
                let record = get(format!("/api/v1/interactions/{id}")).await?;
                records.insert(id.parse()?, record);
            }
        }
    }
}

/// Returns what a finished record must have and this one has not.
#[allow(clippy::too_many_lines, reason = "one look a kind of thing")]
pub fn unsound(record: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut want = |there: bool, what: String| {
        if !there {
            wrong.push(what);
        }
    };
    want(record["sealed_at"].is_u64(), "it is not sealed".to_owned());
    want(
        !text(&record["outcome"]).is_empty(),
        "it has no outcome".to_owned(),
    );
    let ended = list(&record["timeline"]).filter(|entry| entry["what"] == "ended");
    let reasons: Vec<_> = ended.map(|entry| text(&entry["reason"])).collect();
    want(
        reasons.len() == 1 && !reasons[0].is_empty(),
        format!("it does not end once with a reason: {reasons:?}"),
    );
    for leg in list(&record["legs"]) {
        let over = leg["ended_at"].is_u64() && !text(&leg["reason"]).is_empty();
        want(over, format!("a leg did not end with a reason: {leg}"));
    }
    for stay in list(&record["assignments"]) {
        want(
            stay["ended_at"].is_u64(),
            format!("a stay did not end: {stay}"),
        );
    }
    for recording in list(&record["recordings"]) {
        let whole = recording["sha512"].is_string() || !text(&recording["failed"]).is_empty();
        want(
            recording["ended_at"].is_u64() && whole,
            format!("a recording is neither kept nor lost with a reason: {recording}"),
        );
    }
    for offer in list(&record["offers"]) {
        want(
            !text(&offer["end"]).is_empty(),
            format!("an offer did not end: {offer}"),
        );
    }
    for callback in list(&record["callbacks"]) {
        want(
            !text(&callback["end"]).is_empty(),
            format!("a callback did not end: {callback}"),
        );
    }
    let mut seen = BTreeSet::new();
    for mid in messages(record) {
        want(
            seen.insert(mid),
            format!("the message {mid} is there twice"),
        );
    }
    let seqs: Vec<_> = list(&record["timeline"])
        .map(|entry| entry["seq"].as_u64())
        .collect();
    let gapless = (1..=seqs.len() as u64).map(Some);
    want(
        gapless.eq(seqs.iter().copied()),
        format!("its numbers have gaps: {seqs:?}"),
    );
    wrong
}

/// Returns the ids of the messages of a record, in order.
pub fn messages(record: &Value) -> impl Iterator<Item = &str> {
    list(&record["timeline"])
        .filter(|entry| entry["what"] == "message")
        .map(|entry| text(&entry["mid"]))
}

/// Returns the members of a list; none when it is no list.
pub fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Returns a text; the empty one when it is none.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
