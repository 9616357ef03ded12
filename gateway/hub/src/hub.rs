//! The one door: inputs and time go in, facts, commands and replies come out. What is decided becomes a fact, and only
//! the fact changes the state; the rest of what is kept here is sockets, timers and indexes, worked out anew at birth.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand::{SeedableRng, rngs::StdRng};
use ws::{
    agent::Presence,
    frame::Refusal,
    id::{AgentId, InteractionId, LegId, Seq, Timestamp, VisitorId},
};

use crate::{
    aside::Aside,
    blend::HeldBack,
    board::Board,
    cobrowse::Pairing,
    command::Command,
    crossing::Crossings,
    customer::archive::Archive,
    event::{Event, Fact},
    figures::Watch,
    full::Full,
    hands::Hands,
    ids::{ByName, ByRandomId},
    input::{Asker, Done, Input, Reply},
    knocks::Knocks,
    pace::Pace,
    roster::Roster,
    routing::View,
    setup::Setup,
    state::State,
    toll::Tolls,
    wait::Before,
};

/// What comes out, in one order: facts are made durable before what stands behind them is carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Something happened.
    Fact(Fact),
    /// Something is to be done.
    Command(Command),
    /// Somebody is to be answered.
    Reply(Reply),
}

/// All decisions about interactions, queues, agents and callbacks.
#[derive(Debug)]
pub struct Hub {
    pub(crate) setup: Setup,
    pub(crate) roster: Roster,
    pub(crate) state: State,
    pub(crate) board: Board,
    pub(crate) hands: Hands,
    pub(crate) pace: Pace,
    pub(crate) tolls: Tolls,
    pub(crate) full: Option<Full>,
    pub(crate) held_back: HeldBack,
    pub(crate) watch: Watch,
    pub(crate) desks: ByName<AgentId, Sockets>,
    pub(crate) widgets: ByRandomId<VisitorId, Sockets>,
    pub(crate) asides: ByRandomId<InteractionId, Aside>,
    /// How much each leg was asked to hear; the edge counts the same.
    pub(crate) turns: BTreeMap<LegId, u32>,
    pub(crate) agent_dues: ByName<AgentId, Timestamp>,
    pub(crate) timers: BTreeSet<(Timestamp, Due)>,
    pub(crate) touched: Vec<InteractionId>,
    pub(crate) touched_agents: Vec<AgentId>,
    /// Interactions of which only a deadline may have changed.
    pub(crate) stirred: Vec<InteractionId>,
    pub(crate) knocks: Knocks,
    pub(crate) draining: bool,
    /// When the configuration was read last, since the start.
    pub(crate) configured_at: Timestamp,
    pub(crate) pairing: Pairing,
    pub(crate) crossings: Crossings,
    pub(crate) now: Timestamp,
    pub(crate) rng: StdRng,
    pub(crate) archive: Option<Box<dyn Archive>>,
    outputs: VecDeque<Output>,
}

/// The open sockets of a person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sockets {
    pub(crate) open: BTreeSet<u64>,
    /// Those of them at which an agent's calls ring.
    pub(crate) headsets: BTreeSet<u64>,
    /// Those of them whose visitor leaves for a website that is not shown, and since when.
    pub(crate) leaving: BTreeMap<u64, Timestamp>,
    /// Since when there is none.
    pub(crate) lost: Option<Timestamp>,
    /// Whether the last of them closed because its page did.
    pub(crate) went: bool,
    /// Whether a restart cut them, and none came back since.
    pub(crate) cut: bool,
}

/// Whose deadline a timer is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    Interaction(InteractionId),
    Agent(AgentId),
    /// Calls may leave the house again.
    Tolls,
}

impl Hub {
    /// Makes a hub without a past.
    pub fn new(setup: Setup, seed: [u8; 32]) -> Self {
        let roster = Roster::new(&setup);
        Self {
            board: Board::new(&roster),
            roster,
            setup,
            state: State::default(),
            hands: Hands::default(),
            pace: Pace::default(),
            tolls: Tolls::default(),
            full: None,
            held_back: HeldBack::default(),
            watch: Watch::default(),
            desks: ByName::default(),
            widgets: ByRandomId::default(),
            asides: ByRandomId::default(),
            turns: BTreeMap::new(),
            agent_dues: ByName::default(),
            timers: BTreeSet::new(),
            touched: Vec::new(),
            touched_agents: Vec::new(),
            stirred: Vec::new(),
            knocks: Knocks::default(),
            draining: false,
            configured_at: Timestamp::default(),
            pairing: Pairing::default(),
            crossings: Crossings::default(),
            now: Timestamp::default(),
            rng: StdRng::from_seed(seed),
            archive: None,
            outputs: VecDeque::new(),
        }
    }

    /// Takes in a fact of the time before the start, in the journal's order. Of sealed interactions `Opened`,
    /// `CustomerKnown`, `WaitEnded`, `RepeatOf`, `Rated`, `Ended` and `Sealed` are enough, and what was said of consent; of each agent the
    /// last presence and the last of the phone. With an archive, nothing of sealed interactions is needed to know people:
    /// see [`Self::remember`].
    pub fn replay(&mut self, fact: &Fact) {
        self.now = self.now.max(fact.at);
        self.take_in(fact);
    }

    /// Begins the work, once everything is replayed: what the restart cut is closed, and sockets are waited for.
    pub fn start(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.tell(None, Event::Started);
        self.resume();
        self.work();
    }

    /// Returns what lasts.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns what was configured.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Tells whether new work is refused.
    pub fn is_draining(&self) -> bool {
        self.draining
    }

    /// Tells whether an agent's phone, or the headset at a console, can be reached.
    pub fn is_phone_reachable(&self, agent: &AgentId) -> bool {
        let setup = self.setup.agents.get(agent);
        let at_console = self.has_headset(agent);
        setup.is_some_and(|setup| {
            at_console
                || match self.state.agents().get(agent) {
                    Some(known) => crate::routing::reachable(setup, known, self.now),
                    None => matches!(setup.phone, crate::setup::PhoneSetup::Extension { .. }),
                }
        })
    }

    /// Takes an input. Time that runs backwards is taken to stand still.
    pub fn handle(&mut self, mut input: Input, now: Timestamp) {
        self.now = self.now.max(now);
        match input.read_numbers(&self.setup.numbering) {
            Ok(()) => {
                self.recall_for(&input);
                self.dispatch(input);
            }
            Err((to, refusal)) => self.answer(to, |_| Err(refusal)),
        }
        self.work();
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        let mut due = Vec::new();
        while let Some((at, _)) = self.timers.first()
            && *at <= self.now
        {
            due.extend(self.timers.pop_first());
        }
        for (_, whose) in due {
            match whose {
                Due::Interaction(id) => self.sweep(id),
                Due::Agent(agent) => self.sweep_agent(&agent),
                Due::Tolls => self.tolls_free(),
            }
        }
        self.work();
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Returns what comes out next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Answers a request with what came of it.
    pub(crate) fn answer(
        &mut self,
        to: Asker,
        act: impl FnOnce(&mut Self) -> Result<Done, Refusal>,
    ) {
        let result = act(self);
        self.outputs.push_back(Output::Reply(Reply { to, result }));
    }

    /// Asks the world for something.
    pub(crate) fn ask(&mut self, command: Command) {
        if let Command::Play { leg, .. }
        | Command::Notice { leg, .. }
        | Command::Dismiss { leg, .. } = &command
        {
            let turn = self.turns.entry(*leg).or_default();
            *turn = turn.wrapping_add(1);
        } else if let Command::Rename { from, .. } = &command {
            self.turns.remove(from);
        }
        self.outputs.push_back(Output::Command(command));
    }

    /// Makes a fact: freed of card numbers, stamped, numbered if it stands in a timeline, applied, put out.
    pub(crate) fn tell(
        &mut self,
        interaction: Option<InteractionId>,
        mut event: Event,
    ) -> Option<Seq> {
        event.redact();
        let before = interaction.and_then(|id| self.state.interaction(id));
        let seq = event.in_timeline(before).then(|| {
            let last = before.map_or(Seq(0), |found| found.seq);
            Seq(last.0 + 1)
        });
        let fact = Fact {
            at: self.now,
            interaction,
            seq,
            event,
        };
        let moved = before.and_then(|found| Before::of(found, &fact.event));
        self.take_in(&fact);
        if let (Some(id), Some(before)) = (interaction, &moved) {
            self.note_pace(id, before, &fact.event);
        }
        self.note(&fact);
        self.outputs.push_back(Output::Fact(fact));
        seq
    }

    pub(crate) fn touch(&mut self, id: InteractionId) {
        self.touched.push(id);
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            setup: &self.setup,
            roster: &self.roster,
            state: &self.state,
            board: &self.board,
            now: self.now,
        }
    }

    /// Tells whether a leg is live.
    pub(crate) fn is_live(&self, leg: LegId) -> bool {
        let found = self.state.interaction(leg.interaction);
        found
            .and_then(|found| found.leg(leg))
            .is_some_and(crate::leg::Leg::is_live)
    }

    pub(crate) fn is_gone(&self, agent: &AgentId) -> bool {
        let agent = self.state.agents().get(agent);
        agent.is_none_or(|agent| agent.presence == Presence::Gone)
    }
}
