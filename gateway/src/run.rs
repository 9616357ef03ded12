//! The loop that owns the hub and its edges. What came in together is decided together, written in one commit, and only
//! then seen by anybody.

mod leave;
pub mod sockets;
mod world;

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use hub::{
    Event, Hub, Output,
    house::{self, House, Routes, Step},
    input::{Done, Input},
};
use tokio::sync::{mpsc, oneshot};
use ws::{frame::Refusal, id::Timestamp};

pub use leave::Leaving;
pub use world::World;

use crate::{
    clock::Clock,
    metrics,
    store::{Batch, Journal, Written},
};

/// Inputs that may wait for the loop; who has more waits with it.
pub const INPUTS: usize = 4_096;
/// Inputs decided together at most.
const TOGETHER: usize = 1_024;
/// How long ended calls may take to be over when the daemon leaves.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// How long the loop sleeps when nothing is due.
const IDLE: Duration = Duration::from_secs(60);

/// What the loop is told.
pub enum Told {
    /// Something for the house.
    House(house::Told),
    /// A request of the API.
    Ask {
        /// Its number, which the input's asker carries.
        socket: u64,
        /// What.
        input: Box<Input>,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<Done, Refusal>>,
    },
    /// Somebody wants to see the hub.
    Look(Look),
    /// The daemon is to leave.
    Leave(Leaving),
}

/// What is done with a hub that somebody sees.
pub type Look = Box<dyn FnOnce(&Hub) + Send>;

/// The loop.
pub struct Loop {
    /// The hub and its edges.
    pub house: House,
    /// The way out.
    pub world: World,
    /// The journal's writer.
    pub journal: Journal,
    /// What it has written.
    pub written: mpsc::Receiver<Written>,
    /// What comes in.
    pub told: mpsc::Receiver<Told>,
    /// The clock.
    pub clock: Clock,
    /// Who waits for an answer of the API.
    pub askers: BTreeMap<u64, oneshot::Sender<Result<Done, Refusal>>>,
    /// Who wants to see the hub, once what was told before is decided.
    pub looks: Vec<Look>,
    /// Set while the daemon is leaving.
    pub leaving: Option<Leaving>,
    /// When the first input of what is being decided came.
    pub began: std::time::Instant,
}

impl Loop {
    /// Runs until the daemon has left; an error means that nothing can be decided or written any more.
    pub async fn run(mut self) -> anyhow::Result<()> {
        self.settle().await?;
        loop {
            if self.leaving.is_some_and(|leaving| {
                leaving.is_over(&self.house.hub, &self.house.phones, self.clock.now())
            }) {
                return self.leave().await;
            }
            let wake = tokio::time::Instant::from_std(self.wake());
            tokio::select! {
                biased;
                told = self.told.recv() => {
                    self.take(told.context("everybody who tells the loop anything has gone")?);
                }
                () = tokio::time::sleep_until(wake) => {}
            }
            self.began = std::time::Instant::now();
            for _ in 1..TOGETHER {
                match self.told.try_recv() {
                    Ok(told) => self.take(told),
                    Err(_) => break,
                }
            }
            self.house.handle_timeout();
            self.settle().await?;
        }
    }

    fn wake(&self) -> std::time::Instant {
        let due = [
            self.house.poll_timeout(),
            self.leaving.map(|leaving| leaving.deadline),
        ];
        match due.into_iter().flatten().min() {
            Some(due) => self.clock.instant_of(due),
            None => std::time::Instant::now() + IDLE,
        }
    }

    fn take(&mut self, told: Told) {
        match told {
            Told::House(told) => self.house.tell(told),
            Told::Ask {
                socket,
                input,
                answer,
            } => {
                self.askers.insert(socket, answer);
                self.house.tell(house::Told::Ask { socket, input });
            }
            Told::Look(look) => self.looks.push(look),
            Told::Leave(leaving) => {
                self.leaving = Some(leaving);
                self.tell(Input::Drain);
            }
        }
    }

    fn tell(&mut self, input: Input) {
        self.house.tell(house::Told::Input(Box::new(input)));
    }

    /// Decides what was told, writes it and carries it out, until nothing more follows from it.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let mut offers = 0;
        while let Some(step) = self.house.poll_step(self.clock.now()) {
            match step {
                Step::Write(outputs) => {
                    self.world.carry_out().await?;
                    let outputs = self.write(outputs).await?;
                    offers += outputs.iter().filter(|output| is_offer(output)).count();
                    self.report(&outputs);
                    self.house.handle_written(outputs, self.clock.now());
                }
                Step::Sip(command) => self.world.sip(command),
                Step::Media(command) => self.world.media(command),
                Step::Browser(output) => self.world.browser(output),
                Step::Answer(reply) => {
                    if let Some(answer) = self.askers.remove(&reply.to.socket) {
                        // Who asked may have gone.
                        drop(answer.send(reply.result));
                    }
                }
            }
        }
        self.world.carry_out().await?;
        for look in self.looks.drain(..) {
            look(&self.house.hub);
        }
        metrics::offered(offers, self.began.elapsed());
        Ok(())
    }

    async fn write(&mut self, outputs: Vec<Output>) -> anyhow::Result<Vec<Output>> {
        let facts = outputs
            .iter()
            .filter(|output| matches!(output, Output::Fact(_)))
            .count();
        if facts == 0 {
            return Ok(outputs);
        }
        self.journal.append(Batch { outputs }).await?;
        let Written { batch, took } = self
            .written
            .recv()
            .await
            .context("the journal's writer has stopped")?;
        if let Some(took) = took {
            metrics::committed(facts, took);
        }
        Ok(batch.outputs)
    }

    fn report(&self, outputs: &[Output]) {
        for output in outputs {
            if let Output::Fact(fact) = output {
                crate::logs::fact(fact);
                metrics::fold(fact, &self.house.hub);
            }
        }
    }

    /// Ends what is left, with a reason, and leaves.
    async fn leave(&mut self) -> anyhow::Result<()> {
        let calls: Vec<_> = self
            .house
            .hub
            .state()
            .interactions()
            .filter(|it| it.call.is_some())
            .map(|it| it.id)
            .collect();
        if !calls.is_empty() {
            tracing::warn!(
                calls = calls.len(),
                "patience is over; ending the calls that are left"
            );
        }
        let now: Timestamp = self.clock.now();
        for interaction in calls {
            let re = hub::input::Asker { socket: 0, id: 0 };
            self.tell(Input::HangUp {
                interaction,
                by: hub::input::Actor::Api,
                re,
            });
        }
        self.settle().await?;
        let deadline = now + LAST_WORDS;
        while self.house.phones.leg_count() > 0 && self.clock.now() < deadline {
            let wake = tokio::time::Instant::from_std(self.clock.instant_of(deadline));
            tokio::select! {
                told = self.told.recv() => match told {
                    Some(told) => self.take(told),
                    None => break,
                },
                () = tokio::time::sleep_until(wake) => {}
            }
            self.settle().await?;
        }
        tracing::info!("everything is written; leaving");
        Ok(())
    }
}

fn is_offer(output: &Output) -> bool {
    matches!(output, Output::Fact(fact) if matches!(fact.event, Event::Offered { .. }))
}

/// Returns the routes of the configuration.
pub fn routes(config: &crate::config::Config) -> Routes {
    config
        .trunk
        .iter()
        .map(|(name, trunk)| (name.clone(), trunk.routes.clone()))
        .collect()
}
