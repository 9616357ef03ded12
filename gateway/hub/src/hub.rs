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
    board::Board,
    command::Command,
    event::{Event, Fact},
    ids::ByRandomId,
    input::{Asker, Done, Input, Reply},
    roster::Roster,
    routing::View,
    setup::Setup,
    state::State,
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
    pub(crate) desks: BTreeMap<AgentId, Sockets>,
    pub(crate) widgets: ByRandomId<VisitorId, Sockets>,
    pub(crate) asides: ByRandomId<InteractionId, Aside>,
    pub(crate) agent_dues: BTreeMap<AgentId, Timestamp>,
    pub(crate) timers: BTreeSet<(Timestamp, Due)>,
    pub(crate) touched: Vec<InteractionId>,
    pub(crate) touched_agents: Vec<AgentId>,
    /// Interactions of which only a deadline may have changed.
    pub(crate) stirred: Vec<InteractionId>,
    pub(crate) draining: bool,
    pub(crate) now: Timestamp,
    pub(crate) rng: StdRng,
    outputs: VecDeque<Output>,
}

/// The open sockets of a person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sockets {
    pub(crate) open: BTreeSet<u64>,
    /// Since when there is none.
    pub(crate) lost: Option<Timestamp>,
}

/// Whose deadline a timer is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    Interaction(InteractionId),
    Agent(AgentId),
}

impl Hub {
    /// Makes a hub without a past.
    pub fn new(setup: Setup, seed: [u8; 32]) -> Self {
        Self {
            roster: Roster::new(&setup),
            setup,
            state: State::default(),
            board: Board::default(),
            desks: BTreeMap::new(),
            widgets: ByRandomId::default(),
            asides: ByRandomId::default(),
            agent_dues: BTreeMap::new(),
            timers: BTreeSet::new(),
            touched: Vec::new(),
            touched_agents: Vec::new(),
            stirred: Vec::new(),
            draining: false,
            now: Timestamp::default(),
            rng: StdRng::from_seed(seed),
            outputs: VecDeque::new(),
        }
    }

    /// Takes in a fact of the time before the start, in the journal's order. Of sealed interactions `Opened`,
    /// `CustomerKnown`, `Ended` and `Sealed` are enough; of each agent the last presence and the last of the phone.
    pub fn replay(&mut self, fact: &Fact) {
        self.now = self.now.max(fact.at);
        self.state.apply(fact);
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

    /// Tells whether an agent's phone can be reached.
    pub fn is_phone_reachable(&self, agent: &AgentId) -> bool {
        let setup = self.setup.agents.get(agent);
        setup.is_some_and(|setup| match self.state.agents().get(agent) {
            Some(known) => crate::routing::reachable(setup, known, self.now),
            None => matches!(setup.phone, crate::setup::PhoneSetup::Extension { .. }),
        })
    }

    /// Takes an input. Time that runs backwards is taken to stand still.
    pub fn handle(&mut self, input: Input, now: Timestamp) {
        self.now = self.now.max(now);
        self.dispatch(input);
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

    fn dispatch(&mut self, input: Input) {
        match input {
            Input::ConsoleOpened { agent, socket } => self.console_opened(&agent, socket),
            Input::ConsoleClosed { agent, socket } => self.console_closed(&agent, socket),
            Input::WidgetOpened { visitor, socket } => self.widget_opened(visitor, socket),
            Input::WidgetClosed { visitor, socket } => self.widget_closed(visitor, socket),
            Input::PhoneRegistered {
                agent,
                binding,
                until,
            } => self.phone_registered(agent, binding, until),
            Input::PhoneGone { agent } => self.phone_gone(agent),
            Input::CallArrived(arrival) => self.call_arrived(arrival),
            Input::LegRinging { leg } => self.leg_ringing(leg),
            Input::LegAnswered { leg } => self.leg_answered(leg),
            Input::LegFlowing { leg } => self.leg_flowing(leg),
            Input::LegEnded { leg, cause } => self.leg_ended(leg, cause),
            // No menus yet: digits reach the other side by the relay.
            Input::LegDigit { .. } => {}
            Input::Configure(setup) => self.configure(*setup),
            Input::Drain => self.drain(),
            Input::SetPresence { .. }
            | Input::Accept { .. }
            | Input::Decline { .. }
            | Input::OpenChat { .. }
            | Input::Say { .. }
            | Input::Escalate { .. }
            | Input::AskCallback { .. }
            | Input::CancelCallback { .. }
            | Input::HangUp { .. }
            | Input::End { .. }
            | Input::WrapUp { .. } => self.request(input),
        }
    }

    // What an agent asks at the desk.
    fn request(&mut self, input: Input) {
        match input {
            Input::SetPresence {
                agent,
                presence,
                re,
            } => self.answer(re, |hub| hub.set_presence(agent, presence)),
            Input::Accept {
                agent,
                interaction,
                re,
            } => self.answer(re, |hub| hub.accept(&agent, interaction)),
            Input::Decline {
                agent,
                interaction,
                re,
            } => self.answer(re, |hub| hub.decline(&agent, interaction)),
            Input::WrapUp {
                agent,
                interaction,
                disposition,
                note,
                re,
            } => self.answer(re, |hub| {
                hub.wrap_up(&agent, interaction, disposition, note)
            }),
            other => self.request_within(other),
        }
    }

    // What anybody asks in an interaction.
    fn request_within(&mut self, input: Input) {
        match input {
            Input::OpenChat {
                candidate,
                who,
                mid,
                text,
                re,
            } => self.answer(re, |hub| hub.open_chat(candidate, &who, mid, text)),
            Input::Say {
                interaction: id,
                by,
                mid,
                text,
                re,
            } => self.answer(re, |hub| hub.say(id, &by, mid, text)),
            Input::Escalate {
                interaction: id,
                by,
                number,
                re,
            } => self.answer(re, |hub| hub.escalate(id, &by, number)),
            Input::AskCallback {
                interaction: id,
                queue,
                by,
                number,
                at,
                re,
            } => self.answer(re, |hub| hub.ask_callback(id, queue, &by, number, at)),
            Input::CancelCallback { callback, by, re } => {
                self.answer(re, |hub| hub.cancel_callback(callback, &by));
            }
            Input::HangUp {
                interaction: id,
                by,
                re,
            } => self.answer(re, |hub| hub.hang_up(id, &by)),
            Input::End {
                interaction: id,
                by,
                re,
            } => self.answer(re, |hub| hub.end(id, &by)),
            // All others have their place above.
            _ => {}
        }
    }

    fn answer(&mut self, to: Asker, act: impl FnOnce(&mut Self) -> Result<Done, Refusal>) {
        let result = act(self);
        self.outputs.push_back(Output::Reply(Reply { to, result }));
    }

    /// Asks the world for something.
    pub(crate) fn ask(&mut self, command: Command) {
        self.outputs.push_back(Output::Command(command));
    }

    /// Makes a fact: stamped, numbered if it stands in a timeline, applied, put out.
    pub(crate) fn tell(&mut self, interaction: Option<InteractionId>, event: Event) -> Option<Seq> {
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
        self.state.apply(&fact);
        self.note(&fact);
        self.outputs.push_back(Output::Fact(fact));
        seq
    }

    // Remembers whose deadlines, slots and places are to be looked at again.
    fn note(&mut self, fact: &Fact) {
        // What is said moves nothing but the deadline of silence, and that only further away.
        if let Some(id) = fact.interaction
            && !matches!(fact.event, Event::Said { .. })
            && self.touched.last() != Some(&id)
        {
            self.touched.push(id);
        }
        let agent = match &fact.event {
            Event::PresenceSet { agent, .. }
            | Event::PhoneRegistered { agent, .. }
            | Event::PhoneGone { agent }
            | Event::Offered { agent, .. }
            | Event::OfferEnded { agent, .. }
            | Event::Assigned { agent, .. }
            | Event::AssignmentEnded { agent, .. }
            | Event::EscalationStarted { agent, .. }
            | Event::CallbackAttempted { agent, .. } => Some(agent.clone()),
            Event::CallEnded { .. }
            | Event::EscalationFailed { .. }
            | Event::CallbackAttemptFailed { .. }
            | Event::CallbackEnded { .. } => fact
                .interaction
                .and_then(|id| self.state.interaction(id)?.assignment.as_ref())
                .map(|stay| stay.agent.clone()),
            Event::Opened { .. }
            | Event::CustomerKnown { .. }
            | Event::ExternalId { .. }
            | Event::LegStarted { .. }
            | Event::LegRinging { .. }
            | Event::LegAnswered { .. }
            | Event::LegFlowing { .. }
            | Event::LegEnded { .. }
            | Event::Bridged { .. }
            | Event::OneWayAudio { .. }
            | Event::Queued { .. }
            | Event::Dequeued { .. }
            | Event::WrapUpStarted { .. }
            | Event::Said { .. }
            | Event::CallbackPromised { .. }
            | Event::Ended { .. }
            | Event::Sealed { .. }
            | Event::Mended { .. }
            | Event::Started => None,
        };
        self.touched_agents.extend(agent);
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
