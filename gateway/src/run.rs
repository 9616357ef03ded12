//! The loop that owns the hub and its edges. What came in together is decided together and handed to the journal; while
//! the disk writes, the next is decided. Nobody sees anything before the facts it rests on are durable.

mod leave;
pub mod pulse;
pub mod sockets;
mod world;

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use anyhow::Context;
use hub::{
    Event, Fact, Hub,
    house::{self, House, Routes, Step},
    input::{Done, Input},
    step::Jump,
};
use tokio::sync::{mpsc, oneshot};
use ws::{
    agent::Request,
    frame::Refusal,
    id::{AgentId, Timestamp},
};

pub use leave::Leaving;
use pulse::Pulse;
pub use world::World;

use crate::{
    admission::Meter,
    bounds::Limit,
    clock::Clock,
    metrics,
    store::{Journal, Written},
};

/// Inputs that may wait for the loop; who has more waits with it.
pub const INPUTS: usize = 4_096;
/// Looks at the hub that may wait.
pub const GLANCES: usize = 16;
/// Inputs decided together at most.
const TOGETHER: usize = 1_024;
/// By how many milliseconds the time goes on more than passes before the house is told, and less.
const SLIGHT: i64 = 2_000;
const GRAIN: i64 = 5_000;
/// How long ended calls may take to be over when the daemon leaves.
const LAST_WORDS: Duration = Duration::from_secs(3);

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
    /// A program acts as an agent.
    Act {
        /// Its number.
        socket: u64,
        /// As whom.
        agent: AgentId,
        /// At which of their consoles, where it is done at one.
        console: Option<u64>,
        /// What.
        request: Box<Request>,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<Done, Refusal>>,
    },
    /// Somebody wants to see the hub, and hears of it when what was seen is durable.
    Look(Look),
    /// The daemon is to leave.
    Leave(Leaving),
}

/// What is done with a house that somebody sees.
pub type Look = Box<dyn FnOnce(&House) -> Seen + Send>;
/// What was seen, on its way to who looked.
pub type Seen = Box<dyn FnOnce() + Send>;
/// A look that does not wait for the disk, for those who watch the daemon itself.
pub type Glance = Box<dyn FnOnce(&Hub) + Send>;

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
    /// Who looks whatever the disk does.
    pub glances: mpsc::Receiver<Glance>,
    /// Measures what inputs cost.
    pub meter: Meter,
    /// Tells others that it comes round.
    pub pulse: Pulse,
    /// The clock.
    pub clock: Clock,
    /// By how much it had gone on more than passed when the house was told last.
    pub drift: i64,
    /// Who waits for an answer of the API.
    pub askers: BTreeMap<u64, oneshot::Sender<Result<Done, Refusal>>>,
    /// Who wants to see the hub, once what was told before is decided.
    pub looks: Vec<Look>,
    /// Set while the daemon is leaving.
    pub leaving: Option<Leaving>,
    /// Whether the ports for voice are used up.
    pub ports: Limit,
    /// What is being written, the oldest first.
    pub writing: VecDeque<Writing>,
    /// Inputs that were taken since the latest batch of it.
    pub fresh: usize,
}

/// A batch that the journal's writer has.
#[derive(Default)]
pub struct Writing {
    /// Inputs that were decided since the batch before it.
    inputs: usize,
    facts: usize,
    offers: usize,
    /// When the first input of it came.
    began: Option<Instant>,
    /// Who looked while it was the latest.
    seen: Vec<Seen>,
}

impl Loop {
    /// Runs until the daemon has left; an error means that nothing can be decided or written any more.
    pub async fn run(mut self) -> anyhow::Result<()> {
        self.settle(Instant::now()).await?;
        loop {
            if self.is_over() {
                return self.leave().await;
            }
            let wake = tokio::time::Instant::from_std(self.wake());
            let room = self.house.has_room();
            let mut began = Instant::now();
            let mut inputs = 0;
            let mut routes = false;
            tokio::select! {
                biased;
                written = self.written.recv() => {
                    self.handle_written(written.context("the journal's writer has stopped")?);
                }
                Some(glance) = self.glances.recv() => glance(&self.house.hub),
                told = self.told.recv(), if room => {
                    began = Instant::now();
                    self.take(told.context("everybody who tells the loop anything has gone")?);
                    inputs = 1 + self.take_more();
                    self.fresh += inputs;
                    self.house.handle_timeout();
                    routes = true;
                }
                () = tokio::time::sleep_until(wake), if room => {
                    self.house.handle_timeout();
                    routes = true;
                }
            }
            self.settle(began).await?;
            let room = self.house.phones.room(self.clock.now());
            self.ports.note(room);
            if routes {
                self.pulse.beat(Instant::now());
            }
            if self.writing.is_empty() {
                self.fresh = 0;
            }
            let written = self.writing.iter().map(|writing| writing.inputs);
            self.meter.note_inside(self.fresh + written.sum::<usize>());
            let more = !self.told.is_empty();
            self.meter.note(inputs, more, Instant::now());
        }
    }

    // Returns how many it took.
    fn take_more(&mut self) -> usize {
        for taken in 0..TOGETHER {
            match self.told.try_recv() {
                Ok(told) => self.take(told),
                Err(_) => return taken,
            }
        }
        TOGETHER
    }

    fn is_over(&self) -> bool {
        let House { hub, phones, .. } = &self.house;
        let over = |leaving: Leaving| leaving.is_over(hub, phones, self.clock.now());
        !self.house.is_writing() && self.leaving.is_some_and(over)
    }

    fn wake(&self) -> Instant {
        // What is being written is waited for first.
        let leaving = self.leaving.filter(|_| !self.house.is_writing());
        let due = [
            self.house.poll_timeout(),
            leaving.map(|leaving| leaving.deadline),
        ];
        let due = due.into_iter().flatten().min();
        let beat = self.pulse.due();
        due.map_or(beat, |due| self.clock.instant_of(due).min(beat))
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
            Told::Act {
                socket,
                agent,
                console,
                request,
                answer,
            } => {
                self.askers.insert(socket, answer);
                self.house.tell(house::Told::Act {
                    socket,
                    agent,
                    console,
                    request,
                });
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

    /// Decides what was told, hands it to the journal and carries out what may be, until nothing more follows from it or
    /// enough is being written.
    async fn settle(&mut self, began: Instant) -> anyhow::Result<()> {
        while let Some(step) = self.next_step() {
            match step {
                Step::Write(facts) => {
                    for fact in facts.iter() {
                        metrics::fold(fact, &self.house.hub);
                    }
                    self.writing.push_back(Writing {
                        inputs: std::mem::take(&mut self.fresh),
                        facts: facts.len(),
                        offers: facts.iter().filter(|fact| is_offer(fact)).count(),
                        began: Some(began),
                        seen: Vec::new(),
                    });
                    self.journal.append(facts).await?;
                }
                Step::Sip(command) => self.world.sip(command),
                Step::Media(command) => self.world.media(command),
                Step::Browser(output) => self.world.browser(output),
                Step::LookUp(question) => self.world.look_up(question),
                Step::Answer(reply) => {
                    if let Some(answer) = self.askers.remove(&reply.to.socket) {
                        // Who asked may have gone.
                        drop(answer.send(reply.result));
                    }
                }
            }
        }
        for look in self.looks.drain(..) {
            let seen = look(&self.house);
            match self.writing.back_mut() {
                Some(writing) => writing.seen.push(seen),
                None => seen(),
            }
        }
        self.world.carry_out().await
    }

    // What the time jumped by is told before it counts, and so is what it lost, once that is worth it.
    fn next_step(&mut self) -> Option<Step> {
        let now = self.clock.now();
        let drift = self.clock.drift();
        let by = drift - self.drift;
        if by > SLIGHT || by <= -GRAIN {
            self.drift = drift;
            let jump = Jump::of(by);
            self.house.handle_step(jump, now);
            if let Some(leaving) = &mut self.leaving {
                leaving.deadline = jump.shift(leaving.deadline);
            }
        }
        self.house.poll_step(now)
    }

    fn handle_written(&mut self, written: Written) {
        self.house.handle_written();
        let Some(writing) = self.writing.pop_front() else {
            return;
        };
        metrics::committed(writing.facts, written.took);
        self.meter.note_commit(written.took);
        if let Some(began) = writing.began {
            metrics::offered(writing.offers, began.elapsed());
        }
        writing.seen.into_iter().for_each(|seen| seen());
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
                by: hub::input::Actor::TANDEM,
                re,
            });
        }
        self.settle(Instant::now()).await?;
        let deadline = now + LAST_WORDS;
        let busy = |house: &House| house.is_writing() || house.phones.leg_count() > 0;
        while busy(&self.house) && self.clock.now() < deadline {
            let wake = tokio::time::Instant::from_std(self.clock.instant_of(deadline));
            let room = self.house.has_room();
            tokio::select! {
                written = self.written.recv() => {
                    self.handle_written(written.context("the journal's writer has stopped")?);
                }
                told = self.told.recv(), if room => match told {
                    Some(told) => self.take(told),
                    None => break,
                },
                () = tokio::time::sleep_until(wake) => {}
            }
            self.settle(Instant::now()).await?;
        }
        if self.house.is_writing() {
            tracing::error!(
                "leaving; what the disk did not take is lost, and nobody was told of it"
            );
        } else {
            tracing::info!("everything is written; leaving");
        }
        Ok(())
    }
}

fn is_offer(fact: &Fact) -> bool {
    matches!(fact.event, Event::Offered { .. })
}

/// Returns the routes of the configuration.
pub fn routes(config: &crate::config::Config) -> Routes {
    config
        .trunk
        .iter()
        .map(|(name, trunk)| {
            // Called numbers are read by the trunk's plan; so are those that are written here.
            let plan = trunk.numbers.plan();
            let routes = trunk.routes.iter();
            let routes = routes.map(|(user, to)| (plan.read(user), to.clone()));
            (name.clone(), routes.collect())
        })
        .collect()
}
