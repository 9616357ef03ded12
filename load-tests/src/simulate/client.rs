//! A person at a browser: a client machine, what they wrote, and what they were told about it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use ws::{
    agent::{Desk, Presence, Request as AgentRequest},
    client::{Agent, AgentNews, Opening, Thread, Visitor, VisitorNews},
    id::{CallbackId, InteractionId, Mid},
    timeline::Entry,
    visitor::Request as VisitorRequest,
};

use crate::{
    agenda::Time,
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
    promised: Vec<CallbackId>,
    quota: usize,
}

/// What the world checks and keeps as it is shown.
pub enum Shown {
    Entry(InteractionId, Entry),
    Desk,
    Promised(CallbackId),
    Cancelled(CallbackId),
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

    fn mid(&mut self) -> Mid {
        let mid: Mid = name(&format!("c{}-{}", self.name, self.written.len()));
        self.written.push(mid.clone());
        mid
    }

    /// Does what a person might do now.
    pub fn act(&mut self, dice: &mut Dice, now: Time, day: u64) {
        let number = name(dice.pick(&NUMBERS).expect("there are some"));
        let later = dice.chance(50).then(|| {
            let span = dice.below(600_000) as u64;
            ws::id::Timestamp(day + now + span)
        });
        if self.is_visitor() {
            self.act_visitor(dice, number, later);
        } else {
            self.act_agent(dice, number, later);
        }
    }

    /// Does what an agent does who only finishes what is there.
    pub fn serve(&mut self) {
        let Machine::Agent(agent) = &mut self.machine else {
            return;
        };
        let Some(desk) = agent.desk().cloned().filter(|_| agent.is_live()) else {
            return;
        };
        if desk.presence != Presence::Ready {
            agent.set_presence(Presence::Ready);
        }
        for offer in &desk.offers {
            agent.accept(offer.interaction);
        }
        for contact in &desk.contacts {
            match contact.wrap_up_until {
                Some(_) => agent.wrap_up(contact.interaction, None, None, None),
                None => agent.end(contact.interaction),
            }
        }
    }

    fn act_visitor(
        &mut self,
        dice: &mut Dice,
        number: ws::id::Number,
        at: Option<ws::id::Timestamp>,
    ) {
        let promised = dice.pick(&self.promised).copied();
        let first = self.written.is_empty();
        let Machine::Visitor(visitor) = &mut self.machine else {
            return;
        };
        let (known, over) = (visitor.interaction().is_some(), visitor.thread().is_over());
        if self.quota == 0 || over {
            return;
        }
        match (known, dice.below(100)) {
            (false, _) if first => {
                let zone = name(if dice.chance(70) { "shop" } else { "deals" });
                let mid = self.mid();
                let text = format!("{mid} opens");
                let opening = Opening {
                    zone,
                    name: dice.chance(30).then(|| "Ida".to_owned()),
                    mail: None,
                    page: None,
                };
                if let Machine::Visitor(visitor) = &mut self.machine {
                    visitor.open(opening, mid, text);
                }
            }
            (true, 0..50) => {
                self.quota -= 1;
                let mid = self.mid();
                let text = match dice.below(30) {
                    0 => "STOP".to_owned(),
                    1 => "START".to_owned(),
                    _ => format!("{mid} says"),
                };
                if let Machine::Visitor(visitor) = &mut self.machine {
                    visitor.write(mid, text);
                }
            }
            (true, 50..60) => visitor.typing(dice.chance(50)),
            (true, 60..75) => visitor.read(),
            (true, 75..81) => visitor.call(number),
            (true, 81..86) => visitor.callback(number, at, None),
            (true, 86..90) => {
                if let Some(callback) = promised {
                    visitor.cancel_callback(callback);
                }
            }
            (true, 90..93) => visitor.end(),
            (_, _) => {}
        }
    }

    fn act_agent(
        &mut self,
        dice: &mut Dice,
        number: ws::id::Number,
        at: Option<ws::id::Timestamp>,
    ) {
        let promised = dice.pick(&self.promised).copied();
        let Machine::Agent(agent) = &mut self.machine else {
            return;
        };
        let Some(desk) = agent.desk().cloned() else {
            return;
        };
        if desk.presence != Presence::Ready {
            agent.set_presence(Presence::Ready);
        } else if dice.chance(2) {
            agent.set_presence(Presence::Away {
                reason: "lunch".to_owned(),
            });
        }
        if let Some(callback) = promised.filter(|_| dice.chance(3)) {
            agent.cancel_callback(callback);
        }
        for offer in &desk.offers {
            match dice.below(20) {
                0..15 => agent.accept(offer.interaction),
                15 => agent.decline(offer.interaction),
                // A second click of an impatient hand.
                16 => {
                    agent.accept(offer.interaction);
                    agent.accept(offer.interaction);
                }
                _ => {}
            }
        }
        let mut says = Vec::new();
        for contact in &desk.contacts {
            let interaction = contact.interaction;
            match (contact.wrap_up_until.is_some(), dice.below(100)) {
                (true, 0..30) => {
                    let solved = dice.chance(50).then(|| dice.chance(70));
                    agent.wrap_up(interaction, Some("solved".to_owned()), None, solved);
                }
                (_, 30..33) => agent.callback(interaction, number.clone(), at, None),
                (false, 0..20) => says.push(interaction),
                (false, 20..30) => agent.typing(interaction, dice.chance(50)),
                (false, 40..60) => agent.read(interaction),
                (false, 60..65) => agent.escalate(interaction, number.clone()),
                (false, 65..70) => agent.hang_up(interaction),
                (false, 70..73) => agent.end(interaction),
                (_, _) => {}
            }
        }
        for interaction in says {
            let mid = self.mid();
            let text = format!("{mid} says");
            if let Machine::Agent(agent) = &mut self.machine {
                agent.write(interaction, mid, text);
            }
        }
    }
}
