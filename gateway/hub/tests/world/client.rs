//! A person at a browser: a client machine, what they wrote, and what they were told about it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use rand::{RngExt, rngs::StdRng};
use ws::{
    agent::{Presence, Request as AgentRequest},
    client::{Agent, AgentNews, Opening, Thread, Visitor, VisitorNews},
    id::{InteractionId, Mid},
    visitor::Request as VisitorRequest,
};

pub enum Machine {
    Visitor(Box<Visitor>),
    Agent(Box<Agent>),
}

pub struct Client {
    pub machine: Machine,
    pub socket: Option<u64>,
    pub reconnect: Option<u64>,
    /// When the person does something next, if they act by themselves.
    pub acts: Option<u64>,
    pub name: usize,
    /// What was written, where that was known, in order.
    pub written: Vec<Mid>,
    pub acknowledged: BTreeSet<Mid>,
    pub refused: BTreeSet<Mid>,
    /// Words to come.
    pub quota: usize,
    pub strange: usize,
}

/// What the world checks as it is shown.
pub enum Shown {
    Entry(InteractionId, ws::timeline::Entry),
    Desk,
    Other,
}

impl Client {
    pub fn new(machine: Machine, name: usize) -> Self {
        Self {
            machine,
            socket: None,
            reconnect: Some(0),
            acts: None,
            name,
            written: Vec::new(),
            acknowledged: BTreeSet::new(),
            refused: BTreeSet::new(),
            quota: 8,
            strange: 0,
        }
    }

    pub fn visitor(&mut self) -> &mut Visitor {
        match &mut self.machine {
            Machine::Visitor(visitor) => visitor,
            Machine::Agent(_) => panic!("an agent"),
        }
    }

    pub fn agent(&mut self) -> &mut Agent {
        match &mut self.machine {
            Machine::Agent(agent) => agent,
            Machine::Visitor(_) => panic!("a visitor"),
        }
    }

    /// Returns every timeline this person has on screen.
    pub fn threads(&self) -> BTreeMap<InteractionId, Thread> {
        match &self.machine {
            Machine::Visitor(visitor) => visitor
                .interaction()
                .map(|id| (id, visitor.thread().clone()))
                .into_iter()
                .collect(),
            Machine::Agent(agent) => {
                let contacts = agent.desk().into_iter().flat_map(|desk| &desk.contacts);
                contacts
                    .filter_map(|c| Some((c.interaction, agent.thread(c.interaction)?.clone())))
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
            VisitorNews::Strange => self.strange += 1,
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
            AgentNews::Strange => self.strange += 1,
            _ => {}
        }
        Shown::Other
    }

    pub fn mid(&mut self) -> Mid {
        let mid: Mid = format!("c{}-{}", self.name, self.written.len())
            .parse()
            .unwrap();
        self.written.push(mid.clone());
        mid
    }

    pub fn open(&mut self) {
        let mid = self.mid();
        let opening = Opening {
            zone: "shop".parse().unwrap(),
            name: None,
            mail: None,
            page: None,
            referrer: None,
            form: None,
        };
        let text = format!("{mid} opens");
        self.visitor().open(opening, mid, text);
    }

    pub fn say(&mut self) {
        let mid = self.mid();
        let text = format!("{mid} says");
        self.visitor().write(mid, text);
    }

    pub fn say_to(&mut self, interaction: InteractionId) {
        let mid = self.mid();
        let text = format!("{mid} says");
        self.agent().write(interaction, mid, text);
    }

    /// Does what a person might do now.
    pub fn act(&mut self, rng: &mut StdRng) {
        match self.machine {
            Machine::Visitor(_) => self.act_visitor(rng),
            Machine::Agent(_) => self.act_agent(rng),
        }
    }

    fn act_visitor(&mut self, rng: &mut StdRng) {
        let known = self.visitor().interaction().is_some();
        let over = self.visitor().thread().is_over();
        let dice = rng.random_range(0..100);
        if self.quota == 0 || over {
            return;
        }
        match (known, dice) {
            (false, _) if self.written.is_empty() => self.open(),
            (true, 0..60) => {
                self.quota -= 1;
                self.say();
            }
            (true, 60..80) => self.visitor().typing(dice % 2 == 0),
            (true, 80..95) => self.visitor().read(),
            (true, 95..97) => self.visitor().end(),
            (_, _) => {}
        }
    }

    fn act_agent(&mut self, rng: &mut StdRng) {
        let Some(desk) = self.agent().desk().cloned() else {
            return;
        };
        if desk.presence != Presence::Ready {
            self.agent().set_presence(Presence::Ready);
        }
        for offer in &desk.offers {
            match rng.random_range(0..10) {
                0..8 => self.agent().accept(offer.interaction),
                8 => self.agent().decline(offer.interaction),
                _ => {}
            }
        }
        for contact in &desk.contacts {
            let interaction = contact.interaction;
            let dice = rng.random_range(0..100);
            match (contact.wrap_up_until.is_some(), dice) {
                (true, 0..30) => self.agent().wrap_up(interaction, None, None, None),
                (false, 0..30) => self.say_to(interaction),
                (false, 30..50) => self.agent().typing(interaction, dice % 2 == 0),
                (false, 50..80) => self.agent().read(interaction),
                (false, 80..82) => self.agent().end(interaction),
                (_, _) => {}
            }
        }
    }
}
