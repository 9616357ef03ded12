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

type Tidings = (usize, Result<Came>);

/// Everybody who may come.
pub struct Crowd {
    door: Door,
    told: Vec<mpsc::Sender<()>>,
    // Of each visitor one is on its way at most.
    report: mpsc::UnboundedSender<Tidings>,
    came: mpsc::UnboundedReceiver<Tidings>,
    idle: VecDeque<usize>,
}

impl Crowd {
    /// Returns a crowd of nobody yet.
    pub fn of(house: &House) -> Self {
        let (report, came) = mpsc::unbounded_channel();
        Self {
            door: Door::from(&house.web),
            told: Vec::new(),
            report,
            came,
            idle: VecDeque::new(),
        }
    }

    /// Lets more visitors open their page, until so many chats a second can be begun.
    pub async fn gather(&mut self, house: &House, rate: f64) -> Result<()> {
        for number in self.told.len()..(rate / EACH).ceil() as usize {
            let token = house.web.visitor(&house.zone).await?;
            let guest = Guest::come(&self.door, &token, house.zone.clone())
                .await
                .with_context(|| format!("after {number} pages no other could be opened"))?;
            let (tell, hears) = mpsc::channel(1);
            tokio::spawn(stay(guest, number, hears, self.report.clone()));
            self.told.push(tell);
            self.idle.push_back(number);
        }
        Ok(())
    }

    /// Begins chats at a rate, for so many seconds.
    pub async fn play(&mut self, rate: f64, seconds: f64) -> Result<Phase> {
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
    came: mpsc::UnboundedSender<Tidings>,
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
        if came.send((number, done)).is_err() || over {
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
