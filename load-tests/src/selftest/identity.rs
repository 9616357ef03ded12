//! One ID: in every SIP message, every WebSocket push, the API's record and what `tandem interaction show` prints.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::process::Command;
use ws::id::InteractionId;

use super::{Cast, Seen};

pub(super) async fn run(cast: &Cast, seen: &Seen) -> Result<Seen> {
    let interaction = seen.interaction.context("no interaction")?;
    sip(interaction, &seen.sessions)?;
    let pushes = pushes(interaction, &seen.frames)?;
    let record = record(cast, interaction).await?;
    shown(cast, interaction).await?;
    Ok(Seen {
        interaction: Some(interaction),
        what: format!(
            "in {} SIP messages, {pushes} pushes, {record}, tandem interaction show",
            seen.sessions.len()
        ),
        sessions: Vec::new(),
        frames: Vec::new(),
    })
}

fn sip(interaction: InteractionId, sessions: &[(String, Option<String>)]) -> Result<()> {
    ensure!(!sessions.is_empty(), "no SIP message was seen");
    for (first, session) in sessions {
        let session = session
            .as_deref()
            .with_context(|| format!("{first:?} came without Session-ID"))?;
        let local = session.split(';').next().unwrap_or_default();
        ensure!(
            local == interaction.to_string(),
            "{first:?} came with Session-ID {session}"
        );
    }
    Ok(())
}

/// Counts the pushes about this interaction; every push about a contact must name one, and only this was there.
fn pushes(interaction: InteractionId, frames: &[String]) -> Result<usize> {
    let mut count = 0;
    for frame in frames {
        let value: Value =
            serde_json::from_str(frame).with_context(|| format!("a frame is no JSON: {frame}"))?;
        match value["push"].as_str() {
            Some("entry" | "typing" | "receipt" | "position") => {
                ensure!(
                    value["interaction"] == interaction.to_string(),
                    "a push without the interaction: {frame}"
                );
                count += 1;
            }
            Some("change")
                if !matches!(
                    value["change"]["change"].as_str(),
                    Some("presence" | "phone")
                ) =>
            {
                ensure!(
                    value["interaction"] == interaction.to_string(),
                    "a change without the interaction: {frame}"
                );
                count += 1;
            }
            Some(_) | None => {}
        }
    }
    ensure!(count > 0, "no push named the interaction");
    Ok(count)
}

async fn record(cast: &Cast, interaction: InteractionId) -> Result<String> {
    let agent = &cast.house.agents[0];
    let token = cast
        .house
        .web
        .login(agent, &cast.house.password(agent)?)
        .await?;
    let path = format!("/api/v1/interactions/{interaction}");
    let answer = cast.house.web.ask("GET", &path, Some(&token), None).await?;
    ensure!(
        answer.status == 200,
        "GET {path} was answered {} {}",
        answer.status,
        answer.body
    );
    let record = answer.json()?;
    ensure!(
        record["interaction"] == interaction.to_string(),
        "the record is of {}",
        record["interaction"]
    );
    ensure!(
        record["sealed_at"].is_number() || record["sealed_at"].is_string(),
        "the record is not sealed"
    );
    let legs = record["legs"].as_array().context("no legs in the record")?;
    ensure!(legs.len() >= 2, "the record has {} legs", legs.len());
    for leg in legs {
        let id = leg["leg"].as_str().unwrap_or_default();
        ensure!(
            id.starts_with(&format!("{interaction}.")),
            "a leg of the record is {leg}"
        );
        ensure!(
            !leg["ended_at"].is_null(),
            "a leg of the sealed record has no end: {leg}"
        );
    }
    let timeline = record["timeline"]
        .as_array()
        .context("no timeline in the record")?;
    let places: Vec<u64> = timeline
        .iter()
        .filter_map(|entry| entry["seq"].as_u64())
        .collect();
    ensure!(
        places.windows(2).all(|two| two[0] < two[1]),
        "the timeline is out of order: {places:?}"
    );
    Ok(format!(
        "the record with {} legs and {} entries",
        legs.len(),
        timeline.len()
    ))
}

async fn shown(cast: &Cast, interaction: InteractionId) -> Result<()> {
    let program = cast.house.program()?;
    let output = Command::new(&program)
        .args(["interaction", "show", &interaction.to_string()])
        .output()
        .await;
    let output = output.with_context(|| format!("{} could not be started", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "tandem interaction show: {}",
        error.trim()
    );
    ensure!(
        text.contains(&interaction.to_string()),
        "tandem interaction show prints another record: {text}"
    );
    Ok(())
}
