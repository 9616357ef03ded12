//! Telephones: callers who call in and hang up whenever they like, customers who are called back, the agents' phones. When
//! the daemon dies they hang up, as people do who hear nothing any more.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Result;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use sip::endpoint::CallKey;
use tokio::{task::JoinSet, time};

use super::{Stage, insist, pause};
use crate::{
    crew::Crew,
    phone::{BUSY, Happened, Phone},
};

/// Gives everybody a telephone. The staff's are for as long as there is a daemon, callers call until the load ends.
pub async fn begin(
    stage: &Stage,
    (load, staff): (&mut JoinSet<Result<()>>, &mut JoinSet<Result<()>>),
    rate: f64,
    dice: &mut StdRng,
) -> Result<()> {
    let house = &stage.house;
    let agents = Booth::new(
        stage,
        Crew::phones(house, house.phone(None, None)).await?,
        dice,
    );
    staff.spawn(agents.answer());
    let customers = Phone::start(house.phone(None, Some(house.trunk))).await?;
    staff.spawn(Booth::new(stage, customers, dice).answer());
    let callers = Phone::start(house.phone(None, None)).await?;
    load.spawn(Booth::new(stage, callers, dice).call(rate));
    load.spawn(promise(stage.clone(), StdRng::from_rng(dice)));
    Ok(())
}

/// A phone with many lines, and what goes on on them.
struct Booth {
    stage: Stage,
    phone: Phone,
    live: BTreeSet<CallKey>,
    dice: StdRng,
}

impl Booth {
    fn new(stage: &Stage, phone: Phone, dice: &mut StdRng) -> Self {
        Self {
            stage: stage.clone(),
            phone,
            live: BTreeSet::new(),
            dice: StdRng::from_rng(dice),
        }
    }

    /// Takes calls for ever.
    async fn answer(mut self) -> Result<()> {
        let mut lives = self.stage.lives.clone();
        loop {
            tokio::select! {
                happened = self.phone.events.recv() => match happened {
                    Some(happened) => self.hear(happened),
                    None => anyhow::bail!("a phone stopped"),
                },
                _ = lives.changed() => self.hang_up_all().await?,
            }
        }
    }

    /// Calls at a rate until the load ends, and until the last call is over.
    async fn call(mut self, rate: f64) -> Result<()> {
        let mut lives = self.stage.lives.clone();
        let mut tick = time::interval(Duration::from_secs_f64(1.0 / rate.max(0.01)));
        while !self.stage.is_closing() || !self.live.is_empty() {
            tokio::select! {
                _ = tick.tick() => if !self.stage.is_closing() {
                    let call = self.phone.dial(&self.stage.house.queue).await?;
                    self.stage.ledger.count("calls");
                    self.live.insert(call);
                    if self.dice.random_bool(0.2) {
                        self.leave(call, 0..900);
                    }
                },
                happened = self.phone.events.recv() => match happened {
                    Some(happened) => self.hear(happened),
                    None => anyhow::bail!("a phone stopped"),
                },
                _ = lives.changed() => self.hang_up_all().await?,
            }
        }
        Ok(())
    }

    fn hear(&mut self, happened: Happened) {
        match happened {
            Happened::Called(call, number) => {
                let busy = number.ends_with(BUSY);
                if number.starts_with('+') {
                    self.stage.ledger.dialled(number, call);
                }
                if busy {
                    self.stage.ledger.hung_up(call);
                }
            }
            Happened::Answered(call, ..) => {
                self.stage.ledger.count("calls answered");
                self.live.insert(call);
                self.leave(call, 50..1_500);
            }
            Happened::Taken(call, _) => {
                self.live.insert(call);
                self.leave(call, 50..2_000);
            }
            Happened::Failed(call, _, _) | Happened::Ended(call) => {
                self.live.remove(&call);
                self.stage.ledger.hung_up(call);
            }
            Happened::Ringing
            | Happened::Registered(_)
            | Happened::Unregistered(_)
            | Happened::Changed(_)
            | Happened::Told => {}
        }
    }

    fn leave(&mut self, call: CallKey, after: std::ops::Range<u64>) {
        let (ender, after) = (self.phone.ender(), self.dice.random_range(after));
        tokio::spawn(async move {
            time::sleep(Duration::from_millis(after)).await;
            ender.hang_up(call).await;
        });
    }

    async fn hang_up_all(&mut self) -> Result<()> {
        for call in std::mem::take(&mut self.live) {
            self.phone.hang_up(call).await?;
        }
        Ok(())
    }
}

/// Has calls promised by the API.
async fn promise(stage: Stage, mut dice: StdRng) -> Result<()> {
    let house = stage.house.clone();
    let agent = house.agents.first().cloned().unwrap_or_default();
    let password = house.password(&agent)?;
    let token = insist("a login", || house.web.login(&agent, &password)).await?;
    while !stage.is_closing() {
        pause(&mut dice, 200..1_500).await;
        let number = stage.ledger.number(&mut dice);
        let forbidden = dice.random_bool(0.2) && withdraw(&stage, &number, &token).await?;
        let wish = json!({ "number": number, "queue": house.queue });
        let asked = house
            .web
            .ask("POST", "/api/v1/callbacks", Some(&token), Some(&wish));
        // Where the daemon died meanwhile, nobody knows what came of it.
        let Ok(answer) = asked.await else { continue };
        match answer.status {
            201 if forbidden => stage.ledger.wrong(format!(
                "a call to {number} was promised, which is forbidden"
            )),
            400..=499 if forbidden => stage.ledger.count("promises refused"),
            201 => {
                let callback = answer.json()?["callback"].as_str().unwrap_or("").parse();
                match callback {
                    Ok(callback) => stage.ledger.promised(callback, number),
                    Err(_) => stage
                        .ledger
                        .wrong(format!("a promise without an id: {}", answer.body)),
                }
            }
            503 => stage.ledger.count("callbacks refused"),
            status => stage
                .ledger
                .wrong(format!("a callback was answered {status} {}", answer.body)),
        }
    }
    Ok(())
}

// Says that a number is not to be called; false where the daemon died meanwhile, and nobody knows whether it heard.
async fn withdraw(stage: &Stage, number: &str, token: &str) -> Result<bool> {
    let said = json!({ "channel": "voice", "change": "withdrawn" });
    let path = format!("/api/v1/consents/number:{number}");
    let asked = stage.house.web.ask("PUT", &path, Some(token), Some(&said));
    let Ok(answer) = asked.await else {
        return Ok(false);
    };
    match answer.status {
        200 => stage.ledger.withdrawn(number.to_owned()),
        503 => {}
        status => stage
            .ledger
            .wrong(format!("a consent was answered {status} {}", answer.body)),
    }
    Ok(answer.status == 200)
}
