//! The hub with its two edges, and the one order in which they work: what came in together is decided together, is durable
//! before any of it is seen, and whoever begins to look sees the state with exactly the facts it rests on. Who carries the
//! house does one [`Step`] after the other; it has no order of its own.
//!
//! The house does not wait for the disk. While a batch of facts is being written it decides the next, a few ahead at most;
//! every other step is held until all that was decided before it is durable.

mod told;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use sip::{endpoint::Command as SipCommand, media::MediaCommand};
use ws::{
    agent,
    id::{AgentId, Timestamp, TrunkId},
};

use crate::{
    Fact, Hub, Output,
    command::Command,
    edge::{
        browser::{self, Browsers},
        phone::{self, Phones},
    },
    input::{Arrival, Asker, Input, Peer, Reply},
    lookup::Question,
    step::Jump,
};

pub use told::Told;
pub use words::are_words;

/// Which queue a called user part leads to, by trunk.
pub type Routes = BTreeMap<TrunkId, BTreeMap<String, String>>;

/// What is to be done next.
#[derive(Debug)]
pub enum Step {
    /// Make these facts durable, after those of earlier writes, and then call [`House::handle_written`] once. What rests on
    /// them comes only then.
    Write(Arc<Vec<Fact>>),
    /// Tell the SIP endpoint.
    Sip(SipCommand),
    /// Tell the media plane.
    Media(MediaCommand),
    /// Tell a browser.
    Browser(browser::Output),
    /// Answer a [`Told::Ask`] or a [`Told::Act`].
    Answer(Reply),
    /// Ask another system; [`Input::LookedUp`] may follow.
    LookUp(Box<Question>),
}

/// Batches that are given out to be written and are not durable, at most, and with those that are nothing but what people
/// write, which the journal gathers. More would not make a slow disk faster.
const AHEAD: usize = 4;
const AHEAD_WITH_WORDS: usize = 16;

/// What stands behind a batch that is being written.
#[derive(Debug)]
struct Held {
    /// Whether the batch is nothing but what people write.
    words: bool,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Phase {
    /// Nothing is undecided.
    Rests,
    /// Takes in what it was told.
    Takes,
    /// Gives out what was decided, until nothing follows from it; the last time before it rests or not.
    Settles { last: bool },
    /// Lets the edges follow what was given out to be written.
    Follows { last: bool, batch: Batch },
}

/// What was decided together.
#[derive(Debug)]
struct Batch {
    facts: Arc<Vec<Fact>>,
    rest: Vec<Output>,
}

/// The hub with its two edges.
#[derive(Debug)]
pub struct House {
    /// All decisions.
    pub hub: Hub,
    /// The edge to browsers.
    pub browsers: Browsers,
    /// The edge to phones.
    pub phones: Phones,
    routes: Routes,
    askers: BTreeSet<u64>,
    told: VecDeque<Told>,
    steps: VecDeque<Step>,
    /// What is being written, the oldest first.
    held: VecDeque<Held>,
    phase: Phase,
}

impl House {
    /// Puts together a hub that was started and its edges; its first step is to write down that it started.
    pub fn new(hub: Hub, browsers: Browsers, phones: Phones, routes: Routes) -> Self {
        Self {
            hub,
            browsers,
            phones,
            routes,
            askers: BTreeSet::new(),
            told: VecDeque::new(),
            steps: VecDeque::new(),
            held: VecDeque::new(),
            phase: Phase::Settles { last: true },
        }
    }

    /// Takes something in; what is told before the next [`Self::poll_step`] is decided together.
    pub fn tell(&mut self, told: Told) {
        self.told.push_back(told);
    }

    /// Takes in that the time jumps, and is `now` after it: what runs has the time left that it had, and who waits has waited as long.
    pub fn handle_step(&mut self, jump: Jump, now: Timestamp) {
        self.hub.handle_step(jump, now);
        self.told.push_front(Told::Stepped(jump));
        self.handle_timeout();
    }

    /// Does what is due. What was told and is not decided yet is decided first.
    pub fn handle_timeout(&mut self) {
        if matches!(self.phase, Phase::Rests) {
            self.phase = Phase::Takes;
        }
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let due = [
            self.hub.poll_timeout(),
            self.phones.poll_timeout(),
            self.browsers.poll_timeout(&self.hub),
            self.browsers.poll_dismiss(),
        ];
        due.into_iter().flatten().min()
    }

    /// Tells whether [`Self::handle_written`] is owed.
    pub fn is_writing(&self) -> bool {
        !self.held.is_empty()
    }

    /// Tells whether what it is told is decided at once. It is not while too much is being written.
    pub fn has_room(&self) -> bool {
        let others = self.held.iter().filter(|held| !held.words).count();
        others < AHEAD && self.held.len() < AHEAD_WITH_WORDS
    }

    /// Tells whether nothing is undecided or to be done now; something may be being written.
    pub fn is_at_rest(&self) -> bool {
        matches!(self.phase, Phase::Rests) && self.told.is_empty() && self.steps.is_empty()
    }

    /// Returns what is to be done next; none while too much is being written, and when there is nothing left to do.
    pub fn poll_step(&mut self, now: Timestamp) -> Option<Step> {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return Some(step);
            }
            match std::mem::replace(&mut self.phase, Phase::Rests) {
                Phase::Rests if self.told.is_empty() => return None,
                Phase::Rests => self.phase = Phase::Takes,
                Phase::Follows { last, batch } => {
                    self.phase = Phase::Settles { last };
                    self.follow(batch, now);
                }
                phase @ (Phase::Takes | Phase::Settles { .. }) if !self.has_room() => {
                    self.phase = phase;
                    return None;
                }
                Phase::Takes => self.take_all(now),
                Phase::Settles { last } => self.settle(last, now),
            }
        }
    }

    /// Takes in that the oldest [`Step::Write`] is durable: only now what rests on it is seen and carried out.
    pub fn handle_written(&mut self) {
        self.steps.extend(
            self.held
                .pop_front()
                .into_iter()
                .flat_map(|held| held.steps),
        );
    }

    // What rests on no fact of its own still waits for its turn.
    fn give(&mut self, step: Step) {
        match self.held.back_mut() {
            Some(held) => held.steps.push(step),
            None => self.steps.push_back(step),
        }
    }

    fn take_all(&mut self, now: Timestamp) {
        let mut fresh = true;
        while let Some(told) = self.told.pop_front() {
            if told.wants_rest() && !fresh {
                self.told.push_front(told);
                self.phase = Phase::Settles { last: false };
                return;
            }
            fresh = false;
            self.take(told, now);
            self.pass_inputs(now);
        }
        self.browsers.dismiss(now);
        self.phones.handle_timeout(now);
        self.pass_inputs(now);
        if self.hub.poll_timeout().is_some_and(|due| due <= now) {
            self.hub.handle_timeout(now);
        }
        self.phase = Phase::Settles { last: true };
    }

    fn take(&mut self, told: Told, now: Timestamp) {
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
            Told::VisitorAsked { socket, asked } => {
                self.browsers.handle_visitor(socket, asked, &self.hub);
            }
            Told::AgentHello {
                socket,
                re,
                agent,
                resume,
            } => self
                .browsers
                .open_agent(socket, re, &agent, &resume, &self.hub, now),
            Told::AgentAsked { socket, asked } => {
                self.browsers.handle_agent(socket, asked, &self.hub);
            }
            Told::Closed { socket, went } => self.browsers.close(socket, went),
            Told::Sip(event) => self.phones.handle_sip(event, now),
            Told::Trunks(standings) => self.browsers.trunks(&standings, now),
            Told::Media(event) => self.phones.handle_media(event, now),
            Told::Ask { socket, input } => {
                self.askers.insert(socket);
                self.hub.handle(*input, now);
            }
            Told::Act {
                socket,
                agent,
                console,
                request,
            } => self.act(socket, (agent, console), *request, now),
            Told::Configure(setup, routes) => {
                self.routes = routes;
                self.hub.handle(Input::Configure(setup), now);
                self.browsers.handle_setup(&self.hub);
            }
            Told::Stepped(jump) => {
                self.hub.handle_timeout(now);
                self.phones.handle_step(jump, now);
                self.browsers.handle_step(jump, &self.hub);
            }
            Told::Input(input) => self.hub.handle(*input, now),
        }
    }

    fn act(
        &mut self,
        socket: u64,
        who: (AgentId, Option<u64>),
        request: agent::Request,
        now: Timestamp,
    ) {
        let to = Asker { socket, id: 0 };
        let done = self.browsers.act(to, who, request, &self.hub, now);
        let result = match done {
            // The hub answers, or the telephone edge.
            Ok(None) => {
                self.askers.insert(socket);
                return;
            }
            Ok(Some(done)) => Ok(done),
            Err(refusal) => Err(refusal),
        };
        self.give(Step::Answer(Reply { to, result }));
    }

    // What the edges made of it goes to the hub at once, so that the next input finds it decided.
    fn pass_inputs(&mut self, now: Timestamp) {
        loop {
            if let Some(input) = self.browsers.poll_input() {
                self.hub.handle(input, now);
                continue;
            }
            if let Some(asked) = self.browsers.poll_voice() {
                self.phones.handle_browser(asked);
                continue;
            }
            match self.phones.poll_output() {
                Some(phone::Output::Browser(reply)) => self.answer(reply),
                Some(phone::Output::Elsewhere { socket, leg }) => {
                    self.browsers.tell_elsewhere(socket, leg);
                }
                Some(phone::Output::Hub(input)) => {
                    let input = self.routed(input);
                    self.hub.handle(input, now);
                }
                Some(phone::Output::Sip(command)) => self.give(Step::Sip(command)),
                Some(phone::Output::Media(command)) => self.give(Step::Media(command)),
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
        let queue = self
            .routes
            .get(trunk)
            .and_then(|routes| routes.get(&arrival.to));
        match queue {
            Some(queue) => Input::CallArrived(Arrival {
                to: queue.clone(),
                ..arrival
            }),
            None => Input::CallArrived(arrival),
        }
    }

    fn settle(&mut self, last: bool, now: Timestamp) {
        self.pass_inputs(now);
        let (mut facts, mut rest) = (Vec::new(), Vec::new());
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Fact(fact) => facts.push(fact),
                Output::Command(_) | Output::Reply(_) => rest.push(output),
            }
        }
        if facts.is_empty() && rest.is_empty() {
            return self.come_to_rest(last, now);
        }
        let facts = Arc::new(facts);
        if !facts.is_empty() {
            self.steps.push_back(Step::Write(facts.clone()));
            let words = are_words(&facts);
            self.held.push_back(Held {
                words,
                steps: Vec::new(),
            });
        }
        let batch = Batch { facts, rest };
        self.phase = Phase::Follows { last, batch };
    }

    fn come_to_rest(&mut self, last: bool, now: Timestamp) {
        if last {
            self.browsers.handle_timeout(&self.hub, now);
            self.phase = Phase::Rests;
        } else {
            self.phase = Phase::Takes;
        }
        self.show();
    }

    fn answer(&mut self, reply: Reply) {
        self.browsers.handle_reply(&reply, &self.hub);
        if self.askers.remove(&reply.to.socket) {
            self.give(Step::Answer(reply));
        }
    }

    fn show(&mut self) {
        while let Some(output) = self.browsers.poll_output() {
            self.give(Step::Browser(output));
        }
    }

    fn follow(&mut self, Batch { facts, rest }: Batch, now: Timestamp) {
        self.browsers.handle_facts(&facts, &self.hub, now);
        for output in rest {
            match output {
                Output::Command(Command::LookUp { question }) => {
                    self.give(Step::LookUp(question));
                }
                Output::Command(Command::Guide {
                    interaction,
                    by,
                    stream,
                    guide,
                }) => self.browsers.guide(interaction, by, stream, *guide),
                Output::Command(command) => self.phones.handle_command(command, now),
                Output::Reply(reply) => self.answer(reply),
                // They went first.
                Output::Fact(_) => {}
            }
        }
        self.show();
    }
}

#[cfg(test)]
mod tests;
