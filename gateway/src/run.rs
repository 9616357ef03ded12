//! The loop that owns the hub and its edges. What came in together is decided together, written in one commit, and only
//! then seen by anybody.

mod leave;
pub mod sockets;
mod world;

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use hub::{
    Event, Fact, Hub, Output,
    edge::{
        browser::{AgentResume, Browsers, VisitorCredential},
        phone::Phones,
    },
    input::{Arrival, Done, Input, Peer},
    setup::Setup,
};
use sip::{endpoint::Event as SipEvent, media::MediaEvent};
use tokio::sync::{mpsc, oneshot};
use ws::{
    agent,
    frame::{Asked, Refusal, Resume},
    id::{AgentId, QueueId, Timestamp, TrunkId},
    visitor,
};

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
    /// A visitor's socket said who it is.
    VisitorHello {
        /// The socket.
        socket: u64,
        /// The request.
        re: u64,
        /// What was proved.
        credential: VisitorCredential,
        /// What was seen already.
        resume: Option<Resume>,
    },
    /// A visitor asked for something.
    VisitorAsked {
        /// The socket.
        socket: u64,
        /// What.
        asked: Asked<visitor::Request>,
    },
    /// An agent's socket said who it is.
    AgentHello {
        /// The socket.
        socket: u64,
        /// The request.
        re: u64,
        /// Who.
        agent: AgentId,
        /// What was seen already.
        resume: Box<AgentResume>,
    },
    /// An agent asked for something.
    AgentAsked {
        /// The socket.
        socket: u64,
        /// What.
        asked: Asked<agent::Request>,
    },
    /// A socket closed.
    Closed {
        /// Which.
        socket: u64,
    },
    /// The SIP endpoint reports.
    Sip(SipEvent),
    /// The media plane reports.
    Media(MediaEvent),
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
    Look(Box<dyn FnOnce(&Hub) + Send>),
    /// The configuration changed.
    Configure(Box<Setup>, Routes),
    /// The daemon is to leave.
    Leave(Leaving),
}

/// Which queue a called user part leads to, by trunk.
pub type Routes = BTreeMap<TrunkId, BTreeMap<String, QueueId>>;

/// The loop.
pub struct Loop {
    /// All decisions.
    pub hub: Hub,
    /// The edge to browsers.
    pub browsers: Browsers,
    /// The edge to phones.
    pub phones: Phones,
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
    /// Where calls of trunks lead.
    pub routes: Routes,
    /// Who waits for an answer of the API.
    pub askers: BTreeMap<u64, oneshot::Sender<Result<Done, Refusal>>>,
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
            if self
                .leaving
                .is_some_and(|leaving| leaving.is_over(&self.hub, &self.phones, self.clock.now()))
            {
                return self.leave().await;
            }
            let wake = tokio::time::Instant::from_std(self.wake());
            tokio::select! {
                biased;
                told = self.told.recv() => {
                    self.take(told.context("everybody who tells the loop anything has gone")?).await?;
                }
                () = tokio::time::sleep_until(wake) => {}
            }
            self.began = std::time::Instant::now();
            for _ in 1..TOGETHER {
                match self.told.try_recv() {
                    Ok(told) => self.take(told).await?,
                    Err(_) => break,
                }
            }
            let now = self.clock.now();
            if self.hub.poll_timeout().is_some_and(|due| due <= now) {
                self.hub.handle_timeout(now);
            }
            self.settle().await?;
        }
    }

    fn wake(&self) -> std::time::Instant {
        let due = [
            self.hub.poll_timeout(),
            self.browsers.poll_timeout(),
            self.leaving.map(|leaving| leaving.deadline),
        ];
        match due.into_iter().flatten().min() {
            Some(due) => self.clock.instant_of(due),
            None => std::time::Instant::now() + IDLE,
        }
    }

    async fn take(&mut self, told: Told) -> anyhow::Result<()> {
        // A socket that begins sees the state together with exactly the facts it rests on.
        if matches!(
            told,
            Told::VisitorHello { .. } | Told::AgentHello { .. } | Told::Configure(..)
        ) {
            self.settle().await?;
        }
        let now = self.clock.now();
        match told {
            Told::VisitorHello {
                socket,
                re,
                credential,
                resume,
            } => {
                self.browsers
                    .open_visitor(socket, re, credential, resume.as_ref(), &self.hub, now);
            }
            Told::VisitorAsked { socket, asked } => self.browsers.handle_visitor(socket, asked),
            Told::AgentHello {
                socket,
                re,
                agent,
                resume,
            } => {
                self.browsers
                    .open_agent(socket, re, &agent, &resume, &self.hub);
            }
            Told::AgentAsked { socket, asked } => self.browsers.handle_agent(socket, asked),
            Told::Closed { socket } => self.browsers.close(socket),
            Told::Sip(event) => self.phones.handle_sip(event, now),
            Told::Media(event) => self.phones.handle_media(event, now),
            Told::Ask {
                socket,
                input,
                answer,
            } => {
                self.askers.insert(socket, answer);
                self.hub.handle(*input, now);
            }
            Told::Look(look) => look(&self.hub),
            Told::Configure(setup, routes) => {
                self.routes = routes;
                self.hub.handle(Input::Configure(setup), now);
                self.browsers.handle_setup(&self.hub);
            }
            Told::Leave(leaving) => {
                self.leaving = Some(leaving);
                self.hub.handle(Input::Drain, now);
            }
        }
        self.pass_inputs();
        Ok(())
    }

    // What the edges made of it goes to the hub at once, so that the next input finds it decided.
    fn pass_inputs(&mut self) {
        let now = self.clock.now();
        loop {
            if let Some(input) = self.browsers.poll_input() {
                self.hub.handle(input, now);
                continue;
            }
            match self.phones.poll_output() {
                Some(hub::edge::phone::Output::Hub(input)) => {
                    let input = self.routed(input);
                    self.hub.handle(input, now);
                }
                Some(hub::edge::phone::Output::Sip(command)) => self.world.sip(command),
                Some(hub::edge::phone::Output::Media(command)) => self.world.media(command),
                None => return,
            }
        }
    }

    // A trunk's own numbers are the configuration's to translate.
    fn routed(&self, input: Input) -> Input {
        let Input::CallArrived(arrival) = input else {
            return input;
        };
        let Peer::Trunk(trunk) = &arrival.peer else {
            return Input::CallArrived(arrival);
        };
        match self
            .routes
            .get(trunk)
            .and_then(|routes| routes.get(&arrival.to))
        {
            Some(queue) => Input::CallArrived(Arrival {
                to: queue.to_string(),
                ..arrival
            }),
            None => Input::CallArrived(arrival),
        }
    }

    /// Writes what was decided and carries it out, until nothing more follows from it.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let mut offers = 0;
        loop {
            self.pass_inputs();
            // What the edge asked for by itself rests on no fact.
            self.world.carry_out().await?;
            let outputs: Vec<Output> = std::iter::from_fn(|| self.hub.poll_output()).collect();
            if outputs.is_empty() {
                break;
            }
            let outputs = self.write(outputs).await?;
            offers += outputs.iter().filter(|output| is_offer(output)).count();
            self.release(outputs);
            self.world.carry_out().await?;
        }
        let now = self.clock.now();
        self.browsers.handle_timeout(&self.hub, now);
        while let Some(output) = self.browsers.poll_output() {
            self.world.browser(output);
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

    fn release(&mut self, outputs: Vec<Output>) {
        let now = self.clock.now();
        let mut facts: Vec<Fact> = Vec::with_capacity(outputs.len());
        let mut rest = Vec::new();
        for output in outputs {
            match output {
                Output::Fact(fact) => {
                    crate::logs::fact(&fact);
                    metrics::fold(&fact, &self.hub);
                    facts.push(fact);
                }
                Output::Command(_) | Output::Reply(_) => rest.push(output),
            }
        }
        self.browsers.handle_facts(&facts, &self.hub, now);
        for output in rest {
            match output {
                Output::Command(command) => self.phones.handle_command(command, now),
                Output::Reply(reply) => match self.askers.remove(&reply.to.socket) {
                    // Who asked may have gone.
                    Some(answer) => drop(answer.send(reply.result)),
                    None => self.browsers.handle_reply(reply),
                },
                Output::Fact(_) => {}
            }
        }
    }

    /// Ends what is left, with a reason, and leaves.
    async fn leave(&mut self) -> anyhow::Result<()> {
        let calls: Vec<_> = self
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
            self.hub.handle(
                Input::HangUp {
                    interaction,
                    by: hub::input::Actor::Api,
                    re,
                },
                now,
            );
        }
        self.settle().await?;
        let deadline = now + LAST_WORDS;
        while self.phones.leg_count() > 0 && self.clock.now() < deadline {
            let wake = tokio::time::Instant::from_std(self.clock.instant_of(deadline));
            tokio::select! {
                told = self.told.recv() => match told {
                    Some(told) => self.take(told).await?,
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
