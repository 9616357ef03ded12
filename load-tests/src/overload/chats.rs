//! Visitors with open pages who begin chats at a rate. Who is taken ends the chat at once and may begin another.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::json;
use tokio::{sync::mpsc, time};

use super::{Came, Phase, due};
use crate::{door::Door, house::House, visitor::Guest};

/// How long the last chats of a phase may take.
const LAST: Duration = Duration::from_secs(5);
/// How many chats are begun at a time at most; who falls behind catches up by so many.
const BURST: usize = 64;
/// How many chats a visitor begins and ends a second at most: the house takes ten frames of each, and tells who sends more so.
const EACH: f64 = 2.0;
/// How often it is looked who is to begin.
const TICK: Duration = Duration::from_millis(1);

/// Everybody who may come.
pub struct Crowd {
    told: Vec<mpsc::Sender<()>>,
    came: mpsc::Receiver<(usize, Result<Came>)>,
    idle: VecDeque<usize>,
}

impl Crowd {
    /// Lets so many visitors open their page.
    pub async fn gather(house: &House, count: usize) -> Result<Self> {
        let (report, came) = mpsc::channel(count.max(1));
        let mut told = Vec::new();
        let door = Door::from(&house.web);
        for number in 0..count {
            let token = house.web.visitor(&house.zone).await?;
            let guest = Guest::come(&door, &token, house.zone.clone()).await?;
            let (tell, hears) = mpsc::channel(1);
            tokio::spawn(stay(guest, number, hears, report.clone()));
            told.push(tell);
        }
        let idle = (0..count).collect();
        Ok(Self { told, came, idle })
    }

    /// Begins chats at a rate, for so many seconds.
    pub async fn play(&mut self, rate: f64, seconds: f64) -> Result<Phase> {
        let least = (rate / EACH).ceil();
        if least > self.told.len() as f64 {
            bail!(
                "{rate:.0} chats a second need {least:.0} visitors, who begin {EACH} a second at most; say so with --visitors"
            );
        }
        let mut phase = Phase::default();
        let began = Instant::now();
        let end = began + Duration::from_secs_f64(seconds);
        let count = (rate * seconds) as usize;
        let mut tick = time::interval(TICK);
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    let now = Instant::now();
                    let nobody = self.idle.len() == self.told.len();
                    if now >= end + LAST || (now >= end && nobody) {
                        return Ok(phase);
                    }
                    if now >= end {
                        continue;
                    }
                    let due = due(now.duration_since(began), rate).min(count);
                    for _ in 0..due.saturating_sub(phase.dialled).min(BURST) {
                        let Some(next) = self.idle.pop_front() else { break };
                        self.told[next].try_send(()).context("a visitor is gone")?;
                        phase.dialled += 1;
                    }
                }
                came = self.came.recv() => {
                    let (who, came) = came.context("all visitors are gone")?;
                    self.idle.push_back(who);
                    phase.note(came?);
                }
            }
        }
    }
}

async fn stay(
    mut guest: Guest,
    number: usize,
    mut told: mpsc::Receiver<()>,
    came: mpsc::Sender<(usize, Result<Came>)>,
) {
    loop {
        let done = tokio::select! {
            more = told.recv() => match more {
                Some(()) => chat(&mut guest).await,
                None => return,
            },
            heard = guest.hear() => match heard {
                Ok(_) => continue,
                Err(error) => Err(error),
            },
        };
        let over = done.is_err();
        if came.send((number, done)).await.is_err() || over {
            return;
        }
    }
}

async fn chat(guest: &mut Guest) -> Result<Came> {
    let began = Instant::now();
    let answer = guest.open().await?;
    let took = began.elapsed();
    if let Some(code) = answer["error"]["code"].as_str() {
        return Ok(Came::Refused(code.to_owned(), took));
    }
    let ended = guest.ask(json!({ "op": "end" })).await?;
    match ended["error"].is_null() {
        true => Ok(Came::Taken(took)),
        false => bail!("a chat that began could not be ended: {ended}"),
    }
}
