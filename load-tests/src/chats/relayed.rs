//! The same visitors and agents at a plain relay, which passes messages on and keeps nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::{task::JoinSet, time};
use ws::id::Mid;

use super::{Diary, LAST, Outcome, Plan};
use crate::{
    crew::{Sight, Written},
    door::Door,
    relay::{self, Dialect, Heard, Relay},
};

/// Runs the scenario at a relay; visitors are spread over all agents.
pub(super) async fn run(agents: &[String], plan: Plan, dialect: Dialect) -> Result<Outcome> {
    let door = Door::plain(relay::place(plan.at)?);
    let written = Written::default();
    let sight = Arc::new(Mutex::new(Sight::default()));
    let mut consoles = JoinSet::new();
    for agent in agents {
        let mut console = Relay::new(door.clone(), dialect, agent.clone(), true);
        console.connect().await?;
        consoles.spawn(look(console, written.clone(), sight.clone()));
    }
    let mut visitors = Vec::new();
    for number in 0..plan.visitors {
        let mut visitor = Relay::new(door.clone(), dialect, format!("v{number}"), false);
        visitor
            .connect()
            .await
            .with_context(|| format!("visitor {number}"))?;
        visitors.push(visitor);
    }
    let meter = super::Meter::start(plan.pid)?;
    let began = Instant::now();
    let mut chats = JoinSet::new();
    for (number, visitor) in visitors.into_iter().enumerate() {
        let agent = agents[number % agents.len()].clone();
        chats.spawn(chat(visitor, agent, number, plan, written.clone()));
    }
    let mut outcome = Outcome::new(plan);
    while let Some(diary) = chats.join_next().await {
        outcome.add(diary??);
    }
    outcome.lost += super::unseen(&written, began).await;
    outcome.cpu = meter.stop()?;
    consoles.shutdown().await;
    let sight = std::mem::take(&mut *sight.lock().expect("no console panics"));
    outcome.arrived = sight.took;
    outcome.doubled += sight.strange;
    Ok(outcome)
}

async fn look(mut console: Relay, written: Written, sight: Arc<Mutex<Sight>>) -> Result<()> {
    loop {
        if let Heard::Arrived(mid) = console.hear().await? {
            crate::crew::seen(&mid, &written, &sight);
        }
    }
}

async fn chat(
    mut visitor: Relay,
    agent: String,
    number: usize,
    plan: Plan,
    written: Written,
) -> Result<Diary> {
    let (count, mut tick) = super::pace(plan, number);
    let mut diary = Diary::default();
    let mut asked: HashMap<Mid, Instant> = HashMap::new();
    let end = Instant::now() + Duration::from_secs_f64(plan.seconds) + LAST;
    while diary.mids.len() < count || !asked.is_empty() {
        tokio::select! {
            heard = visitor.hear() => if let Heard::Acknowledged(mid) = heard? {
                match asked.remove(&mid) {
                    Some(since) => diary.acknowledged.add(since.elapsed()),
                    None => diary.doubled += 1,
                }
            },
            _ = tick.tick(), if diary.mids.len() < count => {
                let mid = super::note(&mut diary, number, &mut asked, &written)?;
                visitor.write(&agent, &mid, &super::text(plan, diary.mids.len() - 1, number)).await?;
            }
            () = time::sleep_until(end.into()) => bail!("{} messages were not acknowledged in time", asked.len()),
        }
    }
    Ok(diary)
}
