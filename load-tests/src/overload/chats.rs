//! Visitors with open pages who begin chats at a rate. Who is taken ends the chat at once and may begin another.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time};
use tokio_tungstenite::tungstenite::Message;

use super::{Came, Phase};
use crate::{
    browser::Machine,
    door::{Door, Socket},
    house::House,
};

/// How long the last chats of a phase may take.
const LAST: Duration = Duration::from_secs(5);
/// How many chats are begun at a time at most; who falls behind catches up by so many.
const BURST: usize = 64;
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
            tokio::spawn(guest.stay(number, hears, report.clone()));
            told.push(tell);
        }
        let idle = (0..count).collect();
        Ok(Self { told, came, idle })
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
                    let due = count.min((now.duration_since(began).as_secs_f64() * rate) as usize);
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

struct Guest {
    socket: Socket,
    zone: String,
    asked: u64,
}

impl Guest {
    async fn come(door: &Door, token: &str, zone: String) -> Result<Self> {
        let path = <ws::client::Visitor as Machine>::PATH;
        let socket = door.open(path, Some(ws::SUBPROTOCOL)).await?;
        let asked = 0;
        let mut guest = Self {
            socket,
            zone,
            asked,
        };
        let welcome = guest.ask(json!({ "op": "hello", "token": token })).await?;
        if welcome["ok"].is_null() {
            bail!("a visitor was welcomed with {welcome}");
        }
        Ok(guest)
    }

    async fn stay(
        mut self,
        number: usize,
        mut told: mpsc::Receiver<()>,
        came: mpsc::Sender<(usize, Result<Came>)>,
    ) {
        loop {
            let done = tokio::select! {
                more = told.recv() => match more {
                    Some(()) => self.chat().await,
                    None => return,
                },
                heard = self.hear() => match heard {
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

    async fn chat(&mut self) -> Result<Came> {
        let began = Instant::now();
        let mid = format!("m{}", self.asked);
        let open = json!({ "op": "open", "zone": self.zone, "mid": mid, "text": "hello" });
        let answer = self.ask(open).await?;
        let took = began.elapsed();
        if let Some(code) = answer["error"]["code"].as_str() {
            return Ok(Came::Refused(code.to_owned(), took));
        }
        let ended = self.ask(json!({ "op": "end" })).await?;
        match ended["error"].is_null() {
            true => Ok(Came::Taken(took)),
            false => bail!("a chat that began could not be ended: {ended}"),
        }
    }

    // Asks and waits for the answer.
    async fn ask(&mut self, mut request: Value) -> Result<Value> {
        self.asked += 1;
        let id = self.asked;
        request["id"] = id.into();
        self.socket.send(Message::text(request.to_string())).await?;
        loop {
            let frame = self.hear().await?;
            if frame["re"] == id {
                return Ok(frame);
            }
        }
    }

    // Returns the next frame; pings are answered.
    async fn hear(&mut self) -> Result<Value> {
        loop {
            let message = self.socket.next().await.context("the socket is closed")??;
            let Message::Text(text) = message else {
                continue;
            };
            let frame: Value = serde_json::from_str(&text)?;
            if frame["push"] == "ping" {
                self.asked += 1;
                let pong = json!({ "id": self.asked, "op": "pong", "seq": frame["seq"] });
                self.socket.send(Message::text(pong.to_string())).await?;
            }
            return Ok(frame);
        }
    }
}
