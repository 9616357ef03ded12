//! Everything the hub says to browsers: folds facts into frames for visitors and agents, and their requests into inputs.
//!
//! The shell proves credentials before [`Browsers::open_visitor`] and [`Browsers::open_agent`], and tells facts and replies
//! only after the journal has them, together with the state that rests on exactly those facts.

mod boards;
mod check;
mod consoles;
pub mod desk;
mod moves;
mod pages;
mod requests;
mod revised;
mod stream;
mod timeline;
mod voice;
mod widgets;

use std::collections::{BTreeSet, VecDeque};

use rand::{SeedableRng, rngs::StdRng};
use sip::endpoint::TrunkStanding;
use ws::{
    agent,
    board::Board,
    close::Close,
    cobrowse::Act,
    frame::{Asked, Refusal, Resume, Told},
    id::{AgentId, Timestamp, VisitorId, ZoneId},
    visitor,
};

use crate::{
    Hub,
    edge::phone::FromBrowser,
    event::{Event, Fact},
    input::{Asker, Done, Input, Reply, Signed},
    state::State,
    step::Jump,
};
use boards::Boards;
use consoles::Consoles;
use moves::{Moves, Who};
use pages::Pages;
use timeline::Timelines;
pub use timeline::{Receipt, Timeline};
use widgets::Widgets;

/// What a visitor's widget is told.
pub type VisitorTold = Told<visitor::Done, visitor::Push>;
/// What an agent's console is told.
pub type AgentTold = Told<agent::Done, agent::Push>;

/// What a visitor's credential proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorCredential {
    /// Who.
    pub visitor: VisitorId,
    /// The zone it was given out for; none opens chats in every zone.
    pub zone: Option<ZoneId>,
    /// A signed identity.
    pub verified: Option<Signed>,
    /// When it ends.
    pub until: Timestamp,
    /// The origin of the page that shows it, if a page it is.
    pub origin: Option<String>,
}

/// What a socket's `hello` asks to take up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgentResume {
    /// The desk's stream.
    pub desk: Option<agent::DeskResume>,
    /// The timelines of contacts.
    pub timelines: Vec<Resume>,
}

/// What is to be done to a socket.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A visitor is told something.
    Visitor {
        /// The socket.
        socket: u64,
        /// What.
        told: VisitorTold,
    },
    /// A visitor is given what was missed; however much it is, the socket is not to be closed for its size.
    VisitorResumed {
        /// The socket.
        socket: u64,
        /// What, in order.
        told: Vec<VisitorTold>,
    },
    /// An agent is told something.
    Agent {
        /// The socket.
        socket: u64,
        /// What.
        told: Box<AgentTold>,
    },
    /// An agent is given what was missed; however much it is, the socket is not to be closed for its size.
    AgentResumed {
        /// The socket.
        socket: u64,
        /// What, in order.
        told: Vec<AgentTold>,
    },
    /// The socket is closed; [`Browsers::close`] follows from the shell as for every closed socket.
    Close {
        /// The socket.
        socket: u64,
        /// Why.
        close: Close,
    },
}

/// Sockets one visitor or agent may have open.
const SOCKETS: usize = 8;

/// All sockets of visitors and agents.
#[derive(Debug)]
pub struct Browsers {
    timelines: Timelines,
    widgets: Widgets,
    consoles: Consoles,
    boards: Boards,
    pages: Pages,
    desk_epoch: String,
    moves: Moves,
    rng: StdRng,
    out: Out,
}

/// What the parts of [`Browsers`] queue.
#[derive(Debug, Default)]
struct Out {
    outputs: VecDeque<Output>,
    inputs: VecDeque<Input>,
    /// What pages ask of their legs.
    voices: VecDeque<FromBrowser>,
}

impl Out {
    fn visitor(&mut self, socket: u64, told: VisitorTold) {
        self.outputs.push_back(Output::Visitor { socket, told });
    }

    fn agent(&mut self, socket: u64, told: AgentTold) {
        self.outputs.push_back(Output::Agent {
            socket,
            told: Box::new(told),
        });
    }

    fn close(&mut self, socket: u64, close: Close) {
        self.outputs.push_back(Output::Close { socket, close });
    }
}

impl Browsers {
    /// Begins without sockets. `epoch` names the journal and stays as long as it does; `desk_epoch` names this start;
    /// `seed` feeds the ids of new interactions.
    pub fn new(epoch: String, desk_epoch: String, seed: [u8; 32]) -> Self {
        Self {
            timelines: Timelines::default(),
            widgets: Widgets::new(epoch.clone()),
            consoles: Consoles::new(epoch, desk_epoch.clone()),
            boards: Boards::default(),
            pages: Pages::default(),
            desk_epoch,
            moves: Moves::default(),
            rng: StdRng::from_seed(seed),
            out: Out::default(),
        }
    }

    /// Takes in a fact of the time before this start.
    pub fn replay(&mut self, fact: &Fact) {
        self.timelines.handle_fact(fact);
        self.timelines.forget_erased();
        self.boards.replay(fact);
    }

    /// Answers a visitor's `hello`, the first or a later one of this socket; `re` is its id.
    pub fn open_visitor(
        &mut self,
        socket: u64,
        re: u64,
        credential: VisitorCredential,
        resume: Option<&Resume>,
        hub: &Hub,
        now: Timestamp,
    ) {
        self.widgets.open(
            (socket, re),
            credential,
            resume,
            (&self.timelines, now),
            &mut self.out,
        );
        self.widgets.tell_position(socket, hub, now, &mut self.out);
        self.tell_sharing_to_visitor(socket, hub);
    }

    /// Answers an agent's `hello`, the first or a later one of this socket; `re` is its id.
    pub fn open_agent(
        &mut self,
        socket: u64,
        re: u64,
        agent: &AgentId,
        resume: &AgentResume,
        hub: &Hub,
        now: Timestamp,
    ) {
        self.consoles.open(
            (socket, re),
            agent,
            resume,
            (hub, &self.timelines, now),
            &mut self.out,
        );
        self.tell_sharing_to_console(socket, hub);
    }

    /// Takes a visitor's request in.
    pub fn handle_visitor(&mut self, socket: u64, asked: Asked<visitor::Request>, hub: &Hub) {
        let id = asked.id;
        let done = match asked.request {
            visitor::Request::Cobrowse { act } => {
                self.cobrowse_of_visitor(Asker { socket, id }, *act, hub)
            }
            visitor::Request::Voice { act } => self.voice_of_visitor(Asker { socket, id }, *act),
            request => self.widgets.handle(
                socket,
                Asked { id, request },
                (&mut self.timelines, &self.consoles),
                (&mut self.rng, &mut self.out),
            ),
        };
        match done {
            Ok(Some(ok)) => self.out.visitor(socket, Told::Done { re: id, ok }),
            // The hub answers.
            Ok(None) => {}
            Err(error) => self.out.visitor(socket, Told::Refused { re: id, error }),
        }
    }

    /// Takes an agent's request in.
    pub fn handle_agent(&mut self, socket: u64, asked: Asked<agent::Request>, hub: &Hub) {
        let id = asked.id;
        let done = match asked.request {
            agent::Request::Cobrowse { interaction, act } => {
                let asker = Asker { socket, id };
                self.at_console(socket)
                    .and_then(|who| self.cobrowse_of_agent(asker, who, interaction, *act, hub))
            }
            agent::Request::Voice { act } => self
                .at_console(socket)
                .and_then(|who| self.voice_of_agent(Asker { socket, id }, who, *act)),
            request => self.consoles.handle(
                socket,
                Asked { id, request },
                (&mut self.timelines, &self.widgets, &mut self.boards),
                &mut self.out,
            ),
        };
        match done {
            Ok(Some(ok)) => self.out.agent(socket, Told::Done { re: id, ok }),
            // The hub answers.
            Ok(None) => {}
            Err(error) => self.refuse_agent(socket, id, error),
        }
    }

    fn at_console(&self, socket: u64) -> Result<(AgentId, Option<u64>), Refusal> {
        match self.consoles.agent_of(socket) {
            Some(agent) => Ok((agent, Some(socket))),
            None => check::stranger(),
        }
    }

    /// Does what a program asks as an agent, at one of their consoles where it names one; none means that the hub answers, or the
    /// telephone edge.
    pub fn act(
        &mut self,
        to: Asker,
        who: (AgentId, Option<u64>),
        request: agent::Request,
        hub: &Hub,
        now: Timestamp,
    ) -> Result<Option<Done>, Refusal> {
        self.consoles.admit(&who, &request, hub, now)?;
        let done = match request {
            agent::Request::Cobrowse { interaction, act } => {
                self.cobrowse_of_agent(to, who, interaction, *act, hub)?
            }
            agent::Request::Voice { act } => self.voice_of_agent(to, who, *act)?,
            request => {
                return self.consoles.act(
                    (to, who, request),
                    hub,
                    (&mut self.timelines, &self.widgets, &mut self.boards),
                    now,
                    &mut self.out,
                );
            }
        };
        Ok(done.map(|_| Done::Ok))
    }

    /// Lets programs that asked for nothing for too long leave the desks they sat at.
    pub fn dismiss(&mut self, now: Timestamp) {
        self.consoles.dismiss(now, &mut self.out);
    }

    /// Returns when [`Self::dismiss`] is next due.
    pub fn poll_dismiss(&self) -> Option<Timestamp> {
        self.consoles.poll_dismiss()
    }

    /// Takes in what was written to the journal, one batch at a time, with the state as of the last of it.
    pub fn handle_facts(&mut self, facts: &[Fact], hub: &Hub, now: Timestamp) {
        let mut touched = BTreeSet::new();
        let mut shared = BTreeSet::new();
        let mut promised = BTreeSet::new();
        for fact in facts {
            if self.timelines.handle_fact(fact) {
                touched.extend(fact.interaction);
            }
            if let (Event::Cobrowsed { act, .. }, Some(interaction)) =
                (&fact.event, fact.interaction)
            {
                if let Act::Left { agent } = &**act {
                    self.pages.turn_away(interaction, agent);
                }
                shared.insert(interaction);
            }
            self.consoles.note(fact, hub.state());
            self.boards.note(fact, hub);
            self.note_queues(fact, hub.state());
            if let Event::WaitPromised { .. } = fact.event {
                promised.extend(fact.interaction);
            }
        }
        let had = self.who_had(&shared, hub);
        self.consoles.refresh((hub, &self.timelines), &mut self.out);
        // Who comes to a contact later, such as a supervisor, is told what is shared.
        let came = self.consoles.take_came().into_iter();
        let came: BTreeSet<_> = came
            .filter(|id| pages::is_shared(*id, hub) && !shared.contains(id))
            .collect();
        for interaction in touched {
            self.widgets
                .flush(interaction, &self.timelines, &mut self.out);
            self.consoles
                .flush(interaction, &self.timelines, &mut self.out);
            promised.insert(interaction);
        }
        for interaction in promised {
            self.widgets
                .tell_positions(interaction, hub, now, &mut self.out);
        }
        self.tell_sharing(shared, &had, hub);
        self.tell_sharing_to_staff(&came, hub);
        self.timelines.forget_erased();
    }

    /// Takes the hub's answer in; one to a socket that is gone, or is no browser's, is dropped.
    pub fn handle_reply(&mut self, reply: &Reply, hub: &Hub) {
        self.widgets
            .handle_reply(reply, &self.timelines, &mut self.out);
        self.consoles.handle_reply(reply, &mut self.out);
        self.begin_to_show(reply, hub);
    }

    /// Takes in that the configuration changed.
    pub fn handle_setup(&mut self, hub: &Hub) {
        self.consoles.note_all();
        self.consoles.note_roles(hub, &mut self.out);
        let consoles = &self.consoles;
        self.boards.note_setup(|socket| consoles.supervises(socket));
        self.consoles.refresh((hub, &self.timelines), &mut self.out);
    }

    /// Takes in that the time jumped: consoles are told what is due when now.
    pub fn handle_step(&mut self, jump: Jump, hub: &Hub) {
        self.consoles.stay(jump);
        self.consoles.note_all();
        self.consoles.refresh((hub, &self.timelines), &mut self.out);
    }

    /// Takes in that a socket is closed, by whomever; `went` where its page said that it goes.
    pub fn close(&mut self, socket: u64, went: bool) {
        self.widgets.close(socket, went, &mut self.out);
        self.consoles.close(socket, &mut self.out);
        self.boards.close(socket);
        self.close_pages(socket);
    }

    /// Tells queue positions and lengths that changed, what changed on the board, and which consents ended.
    pub fn handle_timeout(&mut self, hub: &Hub, now: Timestamp) {
        self.consoles.end_consents(hub, now, &mut self.out);
        let epoch = &self.desk_epoch;
        self.boards.handle_timeout(epoch, hub, now, &mut self.out);
        let consoles = &self.consoles;
        let who = self.moves.take(now, |moved| {
            let lines = moved
                .iter()
                .filter_map(|queue| hub.state().queues().get(queue));
            let waiting = lines.flat_map(|found| found.line().iter());
            let waiting = waiting.map(|key| Who::Waiting(key.interaction));
            consoles
                .of_queues(moved, hub)
                .map(Who::Agent)
                .chain(waiting)
                .collect()
        });
        for who in who {
            match who {
                Who::Agent(agent) => self.consoles.tell_lengths(&agent, hub, &mut self.out),
                Who::Waiting(id) => self.widgets.tell_positions(id, hub, now, &mut self.out),
            }
        }
    }

    /// Takes how all trunks stand.
    pub fn trunks(&mut self, standings: &[TrunkStanding], now: Timestamp) {
        self.boards.trunks(standings, now);
    }

    /// Draws the supervisors' board as it stands.
    pub fn board(&self, hub: &Hub, now: Timestamp) -> Board {
        self.boards.draw(hub, now)
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self, hub: &Hub) -> Option<Timestamp> {
        let due = [
            self.moves.poll_timeout(),
            self.boards.poll_timeout(),
            self.consoles.poll_ends(hub),
        ];
        due.into_iter().flatten().min()
    }

    /// Takes what is to be done to a socket next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.outputs.pop_front()
    }

    /// Takes what the hub is to be told next.
    pub fn poll_input(&mut self) -> Option<Input> {
        self.out.inputs.pop_front()
    }

    /// Takes what the telephone edge is to be told next.
    pub fn poll_voice(&mut self) -> Option<FromBrowser> {
        self.out.voices.pop_front()
    }

    /// Returns an interaction's timeline, unless it was sealed long ago.
    pub fn timeline(&self, interaction: ws::id::InteractionId) -> Option<&Timeline> {
        self.timelines.get(interaction)
    }

    fn refuse_agent(&mut self, socket: u64, re: u64, error: Refusal) {
        self.out.agent(socket, Told::Refused { re, error });
    }

    // Whoever enters or leaves a line moves those behind.
    fn note_queues(&mut self, fact: &Fact, state: &State) {
        match &fact.event {
            Event::Queued { queue, .. } | Event::Diverted { queue, .. } => {
                self.moves.note([queue.clone()]);
            }
            Event::Dequeued { .. } | Event::Assigned { .. } => {
                let found = fact.interaction.and_then(|id| state.interaction(id));
                self.moves.note(found.map(|found| found.queue.clone()));
            }
            Event::Sealed { .. } => {
                // The queue it left is not known any more; seldom enough to look at all.
                let queues = state.queues().iter();
                self.moves.note(queues.map(|(queue, _)| queue.clone()));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
