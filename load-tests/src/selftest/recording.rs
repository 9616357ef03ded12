//! A recording: asked for in a call, kept as a file, the customer on its left and the agent on its right.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sha2::{Digest, Sha512};
use sip::tone::level;
use tokio::time;
use ws::{
    agent::Request,
    id::InteractionId,
    recording::{Record, RecordingState},
};

use super::{
    AGENT_TONE, CUSTOMER_TONE, Cast, Seen, call,
    room::{Other, ask, end, seen},
};
use crate::browser::PATIENCE;

/// How often it is asked whether the file is whole.
const AGAIN: Duration = Duration::from_millis(200);
/// Samples of both channels judged together: 100 ms at 16 kHz.
const BLOCK: usize = 1_600;

/// Records a call. None where the queue records nothing.
pub(super) async fn run(cast: &mut Cast, supervisor: &Other) -> Result<Option<Seen>> {
    let call = call::connect(cast).await?;
    let interaction = call.interaction;
    let there = |desk: &ws::agent::Desk| {
        let mut contacts = desk.contacts.iter();
        contacts.any(|contact| contact.interaction == interaction)
    };
    while !cast.agent.machine.desk().is_some_and(there) {
        cast.agent.until("the contact on the desk", Some).await?;
    }
    if state(cast, interaction).is_none() {
        end(cast, &call).await?;
        return Ok(None);
    }
    if state(cast, interaction) == Some(RecordingState::Idle) {
        let act = Record::Start;
        ask(&mut cast.agent, Request::Record { interaction, act }).await?;
    }
    while state(cast, interaction) != Some(RecordingState::Running) {
        cast.agent.until("the recording to run", Some).await?;
    }
    for _ in 0..4 {
        call::both_ways(call.agent_ear.clone(), call.customer_ear.clone()).await?;
    }
    end(cast, &call).await?;
    let listed = kept(cast, supervisor, interaction).await?;
    let path = format!("/api/v1/interactions/{interaction}/recordings/1");
    let file = cast.house.web.fetch(&path, &supervisor.token).await?;
    let digest: String = Sha512::digest(&file)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    ensure!(
        listed["sha512"] == digest,
        "the file is not the one on record"
    );
    let heard = match file.starts_with(b"RIFF") {
        true => sides(&file)?,
        false => "in Opus, which is not listened to".to_owned(),
    };
    Ok(Some(seen(
        cast,
        interaction,
        format!("{} ms, {heard}", listed["ms"]),
    )))
}

fn state(cast: &Cast, interaction: InteractionId) -> Option<RecordingState> {
    let desk = cast.agent.machine.desk()?;
    let mut contacts = desk.contacts.iter();
    contacts
        .find(|contact| contact.interaction == interaction)?
        .recording
}

// Waits until the record has the whole file.
async fn kept(cast: &Cast, supervisor: &Other, interaction: InteractionId) -> Result<Value> {
    let path = format!("/api/v1/interactions/{interaction}/recordings");
    let found = time::timeout(PATIENCE, async {
        let mut tick = time::interval(AGAIN);
        loop {
            tick.tick().await;
            let answer = cast
                .house
                .web
                .ask("GET", &path, Some(&supervisor.token), None)
                .await?;
            ensure!(
                answer.status == 200,
                "GET {path} was answered {} {}",
                answer.status,
                answer.body
            );
            let first = answer.json()?["recordings"][0].clone();
            if first["sha512"].is_string() {
                return anyhow::Ok(first);
            }
        }
    });
    match found.await {
        Ok(found) => found,
        Err(_) => bail!("the recording was not kept"),
    }
}

fn sides(file: &[u8]) -> Result<String> {
    let sound = file.get(44..).context("the file is cut short")?;
    let side = |side: usize| -> Vec<i16> {
        let frames = sound.chunks_exact(4);
        frames
            .map(|frame| i16::from_le_bytes([frame[2 * side], frame[2 * side + 1]]))
            .collect()
    };
    // As in `audio`: it counts 8,000 samples a second, and there are 16,000.
    let blocks = |side: &[i16], tone: u32| {
        side.chunks_exact(BLOCK)
            .filter(|block| level(block, tone / 2) > 4_000.0)
            .count()
    };
    let (left, right) = (side(0), side(1));
    for (name, side, own, other) in [
        ("left", &left, CUSTOMER_TONE, AGENT_TONE),
        ("right", &right, AGENT_TONE, CUSTOMER_TONE),
    ] {
        let (there, foreign) = (blocks(side, own), blocks(side, other));
        ensure!(
            there >= 10,
            "{own} Hz is on the {name} in {there} blocks of 100 ms alone"
        );
        ensure!(foreign == 0, "{other} Hz is on the {name} too");
    }
    Ok(format!(
        "{CUSTOMER_TONE} Hz on the left alone, {AGENT_TONE} Hz on the right alone"
    ))
}
