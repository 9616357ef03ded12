//! The agents' sockets: each agent's desk as a stream, and the timelines of the contacts on it.

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    agent::{Done, Push, Request},
    close::Close,
    frame::{Asked, Code, Refusal, Told},
    id::{AgentId, InteractionId, QueueId, Seq},
    timeline::Author,
};

use super::{
    AgentResume, AgentTold, Out, Output, Receipt, SOCKETS, Timelines, check, desk, requests,
    stream::Stream, widgets::Widgets,
};
use crate::{
    Hub,
    event::{Event, Fact},
    input::{self, Asker, Input, Reply},
    state::State,
};

/// All agents' sockets.
#[derive(Debug)]
pub(super) struct Consoles {
    epoch: String,
    desk_epoch: String,
    sockets: BTreeMap<u64, Console>,
    by_agent: BTreeMap<AgentId, Vec<u64>>,
    streams: BTreeMap<AgentId, Stream>,
    watchers: BTreeMap<InteractionId, BTreeSet<AgentId>>,
    stale: BTreeSet<AgentId>,
    reasons: BTreeMap<(AgentId, InteractionId), &'static str>,
}

#[derive(Debug)]
struct Console {
    agent: AgentId,
    sent: BTreeMap<InteractionId, Seq>,
}

impl Consoles {
    pub(super) fn new(epoch: String, desk_epoch: String) -> Self {
        Self {
            epoch,
            desk_epoch,
            sockets: BTreeMap::new(),
            by_agent: BTreeMap::new(),
            streams: BTreeMap::new(),
            watchers: BTreeMap::new(),
            stale: BTreeSet::new(),
            reasons: BTreeMap::new(),
        }
    }

    /// Welcomes a socket and sends what it missed.
    pub(super) fn open(
        &mut self,
        (socket, re): (u64, u64),
        agent: &AgentId,
        resume: &AgentResume,
        (hub, timelines): (&Hub, &Timelines),
        out: &mut Out,
    ) {
        let other = self.sockets.get(&socket).map(|known| known.agent != *agent);
        let Some(desk) = desk::of(agent, hub).filter(|_| other != Some(true)) else {
            let error = Refusal {
                code: Code::Unauthorized,
                text: "there is no such agent, or this socket belongs to another".to_owned(),
            };
            out.agent(socket, Told::Refused { re, error });
            return out.close(socket, Close::Unauthorized);
        };
        if other.is_none() {
            self.enter(socket, agent, out);
        }
        if !self.streams.contains_key(agent) {
            self.watch_all(agent, &desk);
            self.streams.insert(agent.clone(), Stream::new(desk));
        }
        let ok = Done::Welcome {
            agent: agent.clone(),
            desk_epoch: self.desk_epoch.clone(),
            epoch: self.epoch.clone(),
        };
        let mut told = vec![Told::Done { re, ok }];
        let stream = &self.streams[agent];
        let pushes = stream.resume(resume.desk.as_ref(), &self.desk_epoch);
        told.extend(pushes.into_iter().map(Told::Push));
        let contacts: Vec<_> = stream
            .desk()
            .contacts
            .iter()
            .map(|c| c.interaction)
            .collect();
        let mut sent = BTreeMap::new();
        for interaction in contacts {
            let known = resume
                .timelines
                .iter()
                .find(|known| known.interaction == interaction && known.epoch == self.epoch);
            let from = known.map_or(Seq(0), |known| known.seq);
            told.extend(missed(interaction, from, timelines));
            sent.insert(interaction, top(interaction, timelines));
        }
        let agent = agent.clone();
        self.sockets.insert(socket, Console { agent, sent });
        out.outputs.push_back(Output::AgentResumed { socket, told });
    }

    fn enter(&mut self, socket: u64, agent: &AgentId, out: &mut Out) {
        let sockets = self.by_agent.entry(agent.clone()).or_default();
        if sockets.len() >= SOCKETS {
            out.close(sockets[0], Close::Crowded);
        }
        sockets.push(socket);
        out.inputs.push_back(Input::ConsoleOpened {
            agent: agent.clone(),
            socket,
        });
    }

    /// Forgets a socket.
    pub(super) fn close(&mut self, socket: u64, out: &mut Out) {
        let Some(Console { agent, .. }) = self.sockets.remove(&socket) else {
            return;
        };
        if let Some(sockets) = self.by_agent.get_mut(&agent) {
            sockets.retain(|known| *known != socket);
        }
        out.inputs.push_back(Input::ConsoleClosed { agent, socket });
    }

    /// Carries a request out, or hands it to the hub, which answers. What is about a contact is refused here unless that
    /// is on the agent's desk; the hub looks again.
    pub(super) fn handle(
        &mut self,
        socket: u64,
        asked: Asked<Request>,
        (timelines, widgets): (&mut Timelines, &Widgets),
        out: &mut Out,
    ) -> Result<Option<Done>, Refusal> {
        let Some(console) = self.sockets.get(&socket) else {
            return check::stranger();
        };
        let agent = console.agent.clone();
        let contact = requests::contact_of(&asked.request);
        let author = contact.map(|contact| self.author(&agent, contact));
        let author = author.transpose()?;
        match (asked.request, author) {
            (Request::Pong { .. }, _) => Ok(Some(Done::Ok)),
            (Request::Typing { interaction, on }, Some(from)) => {
                widgets.tell_typing(interaction, &from, on, timelines, out);
                Ok(Some(Done::Ok))
            }
            (
                Request::Receipt {
                    interaction,
                    delivered,
                    read,
                },
                _,
            ) => {
                let receipt = Receipt { delivered, read };
                receive(agent, interaction, receipt, (timelines, widgets), out)?;
                Ok(Some(Done::Ok))
            }
            (request, _) => {
                if let Request::Message { interaction, .. } = &request {
                    check::room(timelines.get(*interaction))?;
                }
                let id = asked.id;
                let input = requests::of_agent(agent, request, Asker { socket, id })?;
                out.inputs.push_back(input);
                Ok(None)
            }
        }
    }

    fn author(&self, agent: &AgentId, interaction: InteractionId) -> Result<Author, Refusal> {
        match self.streams.get(agent) {
            Some(stream) if stream.holds(interaction) => Ok(Author::Agent {
                agent: agent.clone(),
                name: stream.desk().name.clone(),
            }),
            Some(_) | None => check::not_yours(),
        }
    }

    /// Answers what the hub was asked.
    pub(super) fn handle_reply(&mut self, reply: Reply, out: &mut Out) {
        let (socket, re) = (reply.to.socket, reply.to.id);
        if !self.sockets.contains_key(&socket) {
            return;
        }
        let told = match reply.result {
            Ok(done) => Told::Done {
                re,
                ok: match done {
                    input::Done::Written {
                        interaction,
                        mid,
                        seq,
                    } => Done::Written {
                        interaction,
                        mid,
                        seq,
                    },
                    input::Done::Promised { callback } => Done::Promised { callback },
                    input::Done::Ok => Done::Ok,
                },
            },
            Err(error) => Told::Refused { re, error },
        };
        out.agent(socket, told);
    }

    /// Notes whose desk a fact changes.
    pub(super) fn note(&mut self, fact: &Fact, state: &State) {
        let named = match &fact.event {
            Event::OfferEnded { agent, end, .. } => {
                if let Some(interaction) = fact.interaction {
                    self.reasons
                        .insert((agent.clone(), interaction), end.words());
                }
                Some(agent)
            }
            Event::Offered { agent, .. }
            | Event::Assigned { agent, .. }
            | Event::WrapUpStarted { agent, .. }
            | Event::AssignmentEnded { agent, .. }
            | Event::PresenceSet { agent, .. }
            | Event::PhoneRegistered { agent, .. }
            | Event::PhoneGone { agent } => Some(agent),
            // What was said is in the timeline, not on the desk.
            Event::Said { .. } => return,
            _ => None,
        };
        self.stale.extend(named.cloned());
        if let Some(found) = fact.interaction.and_then(|id| state.interaction(id)) {
            let stay = found.assignment.as_ref().map(|stay| stay.agent.clone());
            self.stale.extend(stay);
            self.stale
                .extend(found.offer.as_ref().map(|offer| offer.agent.clone()));
        }
    }

    /// Notes that every desk may have changed.
    pub(super) fn note_all(&mut self) {
        self.stale.extend(self.streams.keys().cloned());
    }

    /// Brings the desks that changed up to date and tells their consoles.
    pub(super) fn refresh(&mut self, (hub, timelines): (&Hub, &Timelines), out: &mut Out) {
        for agent in std::mem::take(&mut self.stale) {
            let Some(stream) = self.streams.get_mut(&agent) else {
                continue;
            };
            let Some(desk) = desk::of(&agent, hub) else {
                // The configuration knows this agent no more.
                for socket in self.by_agent.get(&agent).into_iter().flatten() {
                    out.close(*socket, Close::Unauthorized);
                }
                continue;
            };
            let before: Vec<_> = contacts(stream).collect();
            let reasons = &self.reasons;
            let pushes = stream.change(desk, |interaction| {
                let reason = reasons.get(&(agent.clone(), interaction));
                (*reason.unwrap_or(&"it was taken")).to_owned()
            });
            let after: Vec<_> = contacts(stream).collect();
            self.rewatch(&agent, &before, &after);
            for socket in self.by_agent.get(&agent).into_iter().flatten() {
                for push in &pushes {
                    out.agent(*socket, Told::Push(push.clone()));
                }
                if let Some(console) = self.sockets.get_mut(socket) {
                    console.follow(*socket, &after, timelines, out);
                }
            }
        }
        self.reasons.clear();
    }

    fn watch_all(&mut self, agent: &AgentId, desk: &ws::agent::Desk) {
        for contact in &desk.contacts {
            let watchers = self.watchers.entry(contact.interaction).or_default();
            watchers.insert(agent.clone());
        }
    }

    fn rewatch(&mut self, agent: &AgentId, before: &[InteractionId], after: &[InteractionId]) {
        for gone in before.iter().filter(|id| !after.contains(id)) {
            if let Some(watchers) = self.watchers.get_mut(gone) {
                watchers.remove(agent);
                if watchers.is_empty() {
                    self.watchers.remove(gone);
                }
            }
        }
        for come in after {
            let watchers = self.watchers.entry(*come).or_default();
            watchers.insert(agent.clone());
        }
    }

    /// Sends new entries of an interaction to every console that has it on its desk.
    pub(super) fn flush(
        &mut self,
        interaction: InteractionId,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        for socket in self.watching(interaction) {
            if let Some(console) = self.sockets.get_mut(&socket) {
                console.flush(socket, interaction, timelines, out);
            }
        }
    }

    fn watching(&self, interaction: InteractionId) -> Vec<u64> {
        let agents = self.watchers.get(&interaction).into_iter().flatten();
        let sockets = agents.filter_map(|agent| self.by_agent.get(agent));
        sockets.flatten().copied().collect()
    }

    /// Tells every console of an interaction that somebody is writing.
    pub(super) fn tell_typing(
        &self,
        interaction: InteractionId,
        from: &Author,
        on: bool,
        out: &mut Out,
    ) {
        let from = from.clone();
        let push = Push::Typing {
            interaction,
            from,
            on,
        };
        for socket in self.watching(interaction) {
            out.agent(socket, Told::Push(push.clone()));
        }
    }

    /// Tells every console of an interaction what the customer received and saw.
    pub(super) fn tell_receipt(
        &self,
        interaction: InteractionId,
        agent: Option<AgentId>,
        receipt: Receipt,
        out: &mut Out,
    ) {
        for socket in self.watching(interaction) {
            let push = push_receipt(interaction, agent.clone(), receipt);
            out.agent(socket, Told::Push(push));
        }
    }

    /// Tells the agents of a queue how many wait.
    pub(super) fn tell_queue(&mut self, queue: &QueueId, hub: &Hub, out: &mut Out) {
        for (agent, stream) in &mut self.streams {
            let setup = hub.setup().agents.get(agent);
            let Some(setup) = setup.filter(|setup| setup.queues.contains(queue)) else {
                continue;
            };
            let Some(push) = stream.set_queues(desk::lengths(setup, hub.state())) else {
                continue;
            };
            for socket in self.by_agent.get(agent).into_iter().flatten() {
                out.agent(*socket, Told::Push(push.clone()));
            }
        }
    }
}

impl Console {
    // Begins the timelines of contacts that came and forgets those that went.
    fn follow(
        &mut self,
        socket: u64,
        contacts: &[InteractionId],
        timelines: &Timelines,
        out: &mut Out,
    ) {
        self.sent.retain(|known, _| contacts.contains(known));
        for interaction in contacts {
            if !self.sent.contains_key(interaction) {
                self.sent.insert(*interaction, Seq(0));
                self.flush(socket, *interaction, timelines, out);
            }
        }
    }

    fn flush(
        &mut self,
        socket: u64,
        interaction: InteractionId,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        let Some(sent) = self.sent.get_mut(&interaction) else {
            return;
        };
        let mut told = missed(interaction, *sent, timelines);
        *sent = top(interaction, timelines);
        match told.len() {
            0 => {}
            1 => out.agent(socket, told.remove(0)),
            _ => out.outputs.push_back(Output::AgentResumed { socket, told }),
        }
    }
}

fn contacts(stream: &Stream) -> impl Iterator<Item = InteractionId> {
    let contacts = stream.desk().contacts.iter();
    contacts.map(|contact| contact.interaction)
}

fn top(interaction: InteractionId, timelines: &Timelines) -> Seq {
    let timeline = timelines.get(interaction);
    timeline.map_or(Seq(0), |timeline| timeline.top())
}

// Entries not sent yet; after more than one of them also how far the customer is.
fn missed(interaction: InteractionId, sent: Seq, timelines: &Timelines) -> Vec<AgentTold> {
    let Some(timeline) = timelines.get(interaction) else {
        return Vec::new();
    };
    let fresh = timeline.after(sent);
    let mut told: Vec<_> = fresh
        .iter()
        .map(|entry| {
            let entry = entry.clone();
            Told::Push(Push::Entry { interaction, entry })
        })
        .collect();
    if fresh.len() != 1 {
        let customer = timeline.receipts().filter(|(agent, _)| agent.is_none());
        told.extend(
            customer.map(|(_, receipt)| Told::Push(push_receipt(interaction, None, receipt))),
        );
    }
    told
}

fn receive(
    agent: AgentId,
    interaction: InteractionId,
    receipt: Receipt,
    (timelines, widgets): (&mut Timelines, &Widgets),
    out: &mut Out,
) -> Result<(), Refusal> {
    let Some(timeline) = timelines.get_mut(interaction) else {
        return check::not_yours();
    };
    check::receipt(receipt, timeline.top())?;
    if timeline.receive(Some(agent.clone()), receipt) {
        widgets.tell_receipt(interaction, Some(agent), receipt, timelines, out);
    }
    Ok(())
}

fn push_receipt(interaction: InteractionId, agent: Option<AgentId>, receipt: Receipt) -> Push {
    Push::Receipt {
        interaction,
        agent,
        delivered: receipt.delivered,
        read: receipt.read,
    }
}
