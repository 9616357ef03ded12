//! What must hold when the killing is over: all is at rest, every record is sealed and whole, and the records agree with what
//! the world outside has seen.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use super::Stage;
use crate::{
    audit::{self, Records, list, messages, text, unsound},
    daemon::Daemon,
};

/// How many records the program itself is asked for, beside the API.
const SHOWN: usize = 10;

/// Looks at everything; adds what is wrong to `faults`.
pub async fn run(daemon: &mut Daemon, stage: &Stage, faults: &mut Vec<String>) -> Result<()> {
    audit::rest(&stage.house, faults).await?;
    for agent in &stage.house.agents {
        if let Some(fault) = audit::desk(&stage.house, agent).await? {
            faults.push(fault);
        }
    }
    let records = Records::read(&stage.house).await?;
    stage.ledger.count_all("records", records.0.len() as u64);
    for (id, record) in &records.0 {
        count(record, stage);
        faults.extend(
            unsound(record)
                .into_iter()
                .map(|what| format!("{id}: {what}")),
        );
    }
    compare_messages(&records, stage, faults);
    compare_dialling(&records, stage, faults);
    compare_attempts(stage, faults).await?;
    compare_ratings(&records, stage, faults);
    compare_consents(stage, faults).await?;
    for id in records.0.keys().take(SHOWN) {
        let said = daemon
            .say(&["interaction", "show", &id.to_string()])
            .await?;
        if !said.contains(&id.to_string()) {
            faults.push(format!("`tandem interaction show {id}` does not show it"));
        }
    }
    Ok(())
}

// Counts what is in a record, of which none would show nothing.
fn count(record: &Value, stage: &Stage) {
    let count = |what, many: usize| stage.ledger.count_all(what, many as u64);
    count("legs", list(&record["legs"]).count());
    count("assignments", list(&record["assignments"]).count());
    let made = list(&record["callbacks"]).filter_map(|one| one["attempts"].as_u64());
    stage.ledger.count_all("attempts", made.sum());
    let recordings = || list(&record["recordings"]);
    let kept = recordings().filter(|one| one["sha512"].is_string());
    count("recordings kept", kept.count());
    let cut = recordings().filter(|one| one["cut"] == true);
    count("recordings cut short", cut.count());
}

// Every acknowledged message stands in its record once.
fn compare_messages(records: &Records, stage: &Stage, faults: &mut Vec<String>) {
    for (interaction, mids) in stage.ledger.all_acknowledged() {
        let Some(record) = records.0.get(&interaction) else {
            faults.push(format!(
                "{interaction} has acknowledged messages and no record"
            ));
            continue;
        };
        let kept: BTreeSet<&str> = messages(record).collect();
        for mid in mids.iter().filter(|mid| !kept.contains(mid.as_str())) {
            faults.push(format!("{interaction}: {mid} was acknowledged and is lost"));
        }
    }
}

// Every promise is kept or ended with a reason, and every call to a customer was an attempt on record before.
fn compare_dialling(records: &Records, stage: &Stage, faults: &mut Vec<String>) {
    let mut attempts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for record in records.0.values() {
        for callback in list(&record["callbacks"]) {
            let made = callback["attempts"].as_u64().unwrap_or(0);
            *attempts.entry(text(&callback["number"])).or_default() += made;
            known.insert(text(&callback["callback"]));
        }
    }
    for (callback, number) in stage.ledger.all_promised() {
        if !known.contains(callback.to_string().as_str()) {
            faults.push(format!(
                "{callback} for {number} was promised and is not on record"
            ));
        }
    }
    for (number, times, escalated) in stage.ledger.all_dialled() {
        let allowed = attempts.get(number.as_str()).copied().unwrap_or(0) + u64::from(escalated);
        if times as u64 > allowed {
            faults.push(format!(
                "{number} was dialled {times} times, and {allowed} attempts are on record"
            ));
        }
    }
}

// What customers told of how they were served stands in the record.
fn compare_ratings(records: &Records, stage: &Stage, faults: &mut Vec<String>) {
    for (interaction, score) in stage.ledger.all_rated() {
        let kept = records.0.get(&interaction).map(|record| &record["rating"]);
        let kept = kept.and_then(|rating| rating["score"].as_u64());
        if kept != Some(u64::from(score)) {
            faults.push(format!(
                "{interaction} was rated {score}, and {kept:?} is on record"
            ));
        }
    }
}

// Who said that they are not to be called is not called.
async fn compare_consents(stage: &Stage, faults: &mut Vec<String>) -> Result<()> {
    let house = &stage.house;
    let agent = house.agents.first().context("somebody serves")?;
    let token = house.web.login(agent, &house.password(agent)?).await?;
    for number in stage.ledger.all_withdrawn() {
        let path = format!("/api/v1/consents/number:{number}");
        let answer = house
            .web
            .ask("GET", &path, Some(&token), None)
            .await?
            .json()?;
        let mut channels = list(&answer["channels"]);
        let voice = channels.find(|channel| channel["channel"] == "voice");
        if voice.is_none_or(|voice| voice["allowed"] != false) {
            faults.push(format!(
                "{number} is not to be called, and may be: {answer}"
            ));
        }
    }
    Ok(())
}

// Every attempt has an end, also one that the daemon did not live to see.
async fn compare_attempts(stage: &Stage, faults: &mut Vec<String>) -> Result<()> {
    let house = &stage.house;
    let agent = house.agents.first().context("somebody serves")?;
    let token = house.web.login(agent, &house.password(agent)?).await?;
    for callback in stage.ledger.all_promised().into_keys() {
        let path = format!("/api/v1/callbacks/{callback}");
        let answer = house.web.ask("GET", &path, Some(&token), None).await?;
        if answer.status != 200 {
            faults.push(format!(
                "{path} was answered {} {}",
                answer.status, answer.body
            ));
            continue;
        }
        for attempt in list(&answer.json()?["history"]) {
            let (result, reason) = (text(&attempt["result"]), text(&attempt["reason"]));
            if attempt["ended_at"].is_null() || result.is_empty() {
                faults.push(format!("{callback}: an attempt has no end: {attempt}"));
            }
            if result == "interrupted" && reason == "the server was restarted" {
                stage.ledger.count("attempts cut short");
            }
        }
    }
    Ok(())
}
