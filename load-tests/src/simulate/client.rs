//! A person at a browser: a client machine, what they wrote, and what they were told about it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use ws::{
    agent::{Desk, Request as AgentRequest},
    client::{Agent, AgentNews, Thread, Visitor, VisitorNews},
    id::{CallbackId, InteractionId, LegId, Mid},
    rating::Score,
    timeline::Entry,
    visitor::Request as VisitorRequest,
};

use crate::{
    dice::Dice,
    house::{SUPPRESSED, name},
};

/// A number that is answered in all manners; one whose carrier never says anything; one that must not be called.
pub const NUMBERS: [&str; 7] = [
    "+493011", "+493012", "+493013", "+493014", "+493015", BLACK_HOLE, SUPPRESSED,
];
/// Calls to this number are lost on the way.
pub const BLACK_HOLE: &str = "+4900000";

pub enum Machine {
    Visitor(Box<Visitor>),
    Agent(Box<Agent>),
}

/// A person at a browser.
pub struct Client {
    pub machine: Machine,
    pub name: usize,
    pub socket: Option<u64>,
    /// Does not come back.
    pub left: bool,
    /// What was written, in order.
    pub written: Vec<Mid>,
    pub acknowledged: BTreeSet<Mid>,
    pub refused: BTreeSet<Mid>,
    /// Callbacks they were promised.
    pub promised: Vec<CallbackId>,
    /// How many messages more they write.
    pub quota: usize,
    /// The zone of their page.
    pub zone: &'static str,
    /// The call of their page, which may be over.
    pub call: Option<LegId>,
}

/// What the world checks and keeps as it is shown.
pub enum Shown {
    Entry(InteractionId, Entry),
    Desk,
    Promised(CallbackId),
    Cancelled(CallbackId),
    /// A visitor's answer, or the wish to give none, was taken.
    Rated(InteractionId, Option<Score>),
    /// A page's call is this leg.
    Calls(LegId),
    Strange,
    Other,
}

impl Client {
    pub fn new(machine: Machine, name: usize, dice: &mut Dice) -> Self {
        Self {
            machine,
            name,
            socket: None,
            left: false,
            written: Vec::new(),
            acknowledged: BTreeSet::new(),
            refused: BTreeSet::new(),
            promised: Vec::new(),
            quota: 1 + dice.below(12),
            zone: if dice.chance(70) { "shop" } else { "deals" },
            call: None,
        }
    }

    pub fn is_visitor(&self) -> bool {
        matches!(self.machine, Machine::Visitor(_))
    }

    pub fn token(&self) -> &str {
        match &self.machine {
            Machine::Visitor(visitor) => visitor.token(),
            Machine::Agent(agent) => agent.token(),
        }
    }

    pub fn desk(&self) -> Option<&Desk> {
        match &self.machine {
            Machine::Visitor(_) => None,
            Machine::Agent(agent) => agent.desk(),
        }
    }

    /// Returns every timeline this person has on screen.
    pub fn threads(&self) -> BTreeMap<InteractionId, &Thread> {
        match &self.machine {
            Machine::Visitor(visitor) => visitor
                .interaction()
                .map(|id| (id, visitor.thread()))
                .into_iter()
                .collect(),
            Machine::Agent(agent) => {
                let contacts = agent.desk().into_iter().flat_map(|desk| &desk.contacts);
                contacts
                    .filter_map(|c| Some((c.interaction, agent.thread(c.interaction)?)))
                    .collect()
            }
        }
    }

    pub fn unsent(&self) -> usize {
        match &self.machine {
            Machine::Visitor(visitor) => visitor.unsent(),
            Machine::Agent(agent) => agent.unsent(),
        }
    }

    pub fn handle_open(&mut self, socket: u64) {
        self.socket = Some(socket);
        match &mut self.machine {
            Machine::Visitor(visitor) => visitor.handle_open(),
            Machine::Agent(agent) => agent.handle_open(),
        }
    }

    pub fn handle_close(&mut self) {
        self.socket = None;
        match &mut self.machine {
            Machine::Visitor(visitor) => visitor.handle_close(),
            Machine::Agent(agent) => agent.handle_close(),
        }
    }

    pub fn handle_text(&mut self, text: &str, at: Instant) {
        match &mut self.machine {
            Machine::Visitor(visitor) => visitor.handle_text(text, at),
            Machine::Agent(agent) => agent.handle_text(text, at),
        }
    }

    pub fn handle_timeout(&mut self, at: Instant) {
        match &mut self.machine {
            Machine::Visitor(visitor) => visitor.handle_timeout(at),
            Machine::Agent(agent) => agent.handle_timeout(at),
        }
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.machine {
            Machine::Visitor(visitor) => visitor.poll_timeout(),
            Machine::Agent(agent) => agent.poll_timeout(),
        }
    }

    pub fn poll_frame(&mut self) -> Option<String> {
        match &mut self.machine {
            Machine::Visitor(visitor) => visitor.poll_frame(),
            Machine::Agent(agent) => agent.poll_frame(),
        }
    }

    pub fn poll_shown(&mut self) -> Option<Shown> {
        match &mut self.machine {
            Machine::Visitor(visitor) => {
                let interaction = visitor.interaction();
                let news = visitor.poll_news()?;
                Some(self.note_visitor(news, interaction))
            }
            Machine::Agent(agent) => {
                let news = agent.poll_news()?;
                Some(self.note_agent(news))
            }
        }
    }

    fn note_visitor(&mut self, news: VisitorNews, interaction: Option<InteractionId>) -> Shown {
        match news {
            VisitorNews::Acknowledged(mid) => drop(self.acknowledged.insert(mid)),
            VisitorNews::Refused(
                VisitorRequest::Message { mid, .. } | VisitorRequest::Open { mid, .. },
                _,
            ) => drop(self.refused.insert(mid)),
            VisitorNews::Entry(entry) => {
                return Shown::Entry(interaction.expect("shown in one"), entry);
            }
            VisitorNews::Promised(callback) => {
                self.promised.push(callback);
                return Shown::Promised(callback);
            }
            VisitorNews::Done(VisitorRequest::CancelCallback { callback }) => {
                return Shown::Cancelled(callback);
            }
            VisitorNews::Done(VisitorRequest::Rate {
                interaction, score, ..
            }) => return Shown::Rated(interaction, score),
            VisitorNews::Media(leg) => {
                self.call = Some(leg);
                return Shown::Calls(leg);
            }
            VisitorNews::Strange => return Shown::Strange,
            _ => {}
        }
        Shown::Other
    }

    fn note_agent(&mut self, news: AgentNews) -> Shown {
        match news {
            AgentNews::Acknowledged(_, mid) => drop(self.acknowledged.insert(mid)),
            AgentNews::Refused(AgentRequest::Message { mid, .. }, _) => {
                self.refused.insert(mid);
            }
            AgentNews::Entry(interaction, entry) => return Shown::Entry(interaction, entry),
            AgentNews::Desk | AgentNews::Change(_) => return Shown::Desk,
            AgentNews::Promised(callback) => {
                self.promised.push(callback);
                return Shown::Promised(callback);
            }
            AgentNews::Done(AgentRequest::CancelCallback { callback }) => {
                return Shown::Cancelled(callback);
            }
            AgentNews::Strange => return Shown::Strange,
            _ => {}
        }
        Shown::Other
    }

    /// Begins a message.
    pub fn mid(&mut self) -> Mid {
        let mid: Mid = name(&format!("c{}-{}", self.name, self.written.len()));
        self.written.push(mid.clone());
        mid
    }
}
