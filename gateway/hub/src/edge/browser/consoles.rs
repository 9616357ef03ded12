//! The agents' sockets: each agent's desk as a stream, and the timelines of the contacts on it.

mod news;
mod parted;
mod programs;

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    agent::{Done, Push, Request},
    close::Close,
    cobrowse::AgentNews,
    frame::{Asked, Code, Refusal, Told},
    id::{AgentId, CustomerId, InteractionId, Seq, Timestamp},
    timeline::Author,
};

use super::{
    AgentResume, Boards, Out, Output, Receipt, SOCKETS, Timelines, check, desk, requests,
    stream::Stream, widgets::Widgets,
};
use crate::{
    Hub,
    input::{self, Asker, Input, Reply},
};
use news::{missed, top};
use programs::Programs;

/// All agents' sockets.
#[derive(Debug)]
pub(super) struct Consoles {
    epoch: String,
    desk_epoch: String,
    sockets: BTreeMap<u64, Console>,
    by_agent: BTreeMap<AgentId, Vec<u64>>,
    streams: BTreeMap<AgentId, Stream>,
    watchers: BTreeMap<InteractionId, BTreeSet<AgentId>>,
    /// What came to somebody's desk and was not taken note of.
    came_to: BTreeSet<InteractionId>,
    stale: BTreeSet<AgentId>,
    kept: BTreeMap<InteractionId, AgentId>,
    reasons: BTreeMap<(AgentId, InteractionId), &'static str>,
    /// Who took over what was on whose desk.
    takers: BTreeMap<(AgentId, InteractionId), AgentId>,
    /// Supervisors whose part in a call ended just now.
    parted: BTreeMap<InteractionId, Vec<AgentId>>,
    /// What those of them are to be told who did not leave it themselves.
    left_without: Vec<(AgentId, Push)>,
    /// Records of which something was said about contact that consoles were not told yet.
    restated: BTreeSet<CustomerId>,
    /// Until when they were told of what ended by itself, since the start.
    told_ends: Option<Timestamp>,
    programs: Programs,
}

#[derive(Debug)]
struct Console {
    agent: AgentId,
    supervisor: bool,
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
            kept: BTreeMap::new(),
            watchers: BTreeMap::new(),
            came_to: BTreeSet::new(),
            stale: BTreeSet::new(),
            reasons: BTreeMap::new(),
            takers: BTreeMap::new(),
            parted: BTreeMap::new(),
            left_without: Vec::new(),
            restated: BTreeSet::new(),
            told_ends: None,
            programs: Programs::default(),
        }
    }

    /// Welcomes a socket and sends what it missed.
    pub(super) fn open(
        &mut self,
        (socket, re): (u64, u64),
        agent: &AgentId,
        resume: &AgentResume,
        (hub, timelines, now): (&Hub, &Timelines, Timestamp),
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
            let stream = Stream::new(desk);
            self.rewatch(agent, &[], &stream.followed());
            self.streams.insert(agent.clone(), stream);
        }
        let ok = Done::Welcome {
            agent: agent.clone(),
            desk_epoch: self.desk_epoch.clone(),
            epoch: self.epoch.clone(),
            at: now,
        };
        let mut told = vec![Told::Done { re, ok }];
        let stream = &self.streams[agent];
        let pushes = stream.resume(resume.desk.as_ref(), &self.desk_epoch);
        told.extend(pushes.into_iter().map(Told::Push));
        let mut sent = BTreeMap::new();
        for interaction in stream.followed() {
            let known = resume
                .timelines
                .iter()
                .find(|known| known.interaction == interaction && known.epoch == self.epoch);
            let from = known.map_or(Seq(0), |known| known.seq);
            told.extend(missed(interaction, from, agent, timelines));
            sent.insert(interaction, top(interaction, timelines));
        }
        let agent = agent.clone();
        let supervisor = supervises(&agent, hub);
        let console = Console {
            agent,
            supervisor,
            sent,
        };
        self.sockets.insert(socket, console);
        out.outputs.push_back(Output::AgentResumed { socket, told });
    }

    fn enter(&mut self, socket: u64, agent: &AgentId, out: &mut Out) {
        let sockets = self.by_agent.entry(agent.clone()).or_default();
        // Each goes once, however many come before it is gone.
        if sockets.len() >= SOCKETS {
            out.close(sockets.remove(0), Close::Crowded);
        }
        sockets.push(socket);
        out.inputs.push_back(Input::ConsoleOpened {
            agent: agent.clone(),
            socket,
        });
        self.give_way(agent, out);
    }

    /// Forgets a socket.
    pub(super) fn close(&mut self, socket: u64, out: &mut Out) {
        let Some(Console { agent, .. }) = self.sockets.remove(&socket) else {
            return;
        };
        if let Some(sockets) = self.by_agent.get_mut(&agent) {
            sockets.retain(|known| *known != socket);
        }
        self.stale.insert(agent.clone());
        out.inputs.push_back(Input::ConsoleClosed { agent, socket });
    }

    /// Carries a request out, or hands it to the hub, which answers. What is about a contact is refused here unless that
    /// is on the agent's desk; the hub looks again.
    pub(super) fn handle(
        &mut self,
        socket: u64,
        asked: Asked<Request>,
        (timelines, widgets, boards): (&mut Timelines, &Widgets, &mut Boards),
        out: &mut Out,
    ) -> Result<Option<Done>, Refusal> {
        let Some(console) = self.sockets.get(&socket) else {
            return check::stranger();
        };
        let agent = console.agent.clone();
        let contact = requests::contact_of(&asked.request);
        let speaks = matches!(
            asked.request,
            Request::Typing { .. } | Request::Receipt { .. }
        );
        let author = contact.map(|contact| self.author(&agent, contact, speaks));
        let author = author.transpose()?;
        match (asked.request, author) {
            (Request::Pong { .. }, _) => Ok(Some(Done::Ok)),
            (Request::Watch { .. }, _) if !console.supervisor => check::not_supervisor(),
            (Request::Watch { resume }, _) => {
                boards.watch(socket, resume);
                Ok(Some(Done::Ok))
            }
            (Request::Typing { interaction, on }, Some(from)) => {
                widgets.tell_typing(interaction, &from, on, timelines, out);
                self.tell_typing(interaction, &from, on, out);
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
                self.receive(
                    (agent, socket),
                    interaction,
                    receipt,
                    (timelines, widgets),
                    out,
                )?;
                Ok(Some(Done::Ok))
            }
            (request, _) => {
                // Of what is not theirs they learn nothing: the hub refuses it.
                let theirs = |contact| self.author(&agent, contact, true).is_ok();
                check::room_for(&request, timelines, theirs)?;
                let id = asked.id;
                let input = requests::of_agent(agent, request, Asker { socket, id })?;
                out.inputs.push_back(input);
                Ok(None)
            }
        }
    }

    /// Notes that an agent's desk changed without a fact.
    pub(super) fn note_desk(&mut self, agent: AgentId) {
        self.stale.insert(agent);
    }

    /// Returns whose socket it is.
    pub(super) fn agent_of(&self, socket: u64) -> Option<AgentId> {
        let console = self.sockets.get(&socket);
        console.map(|console| console.agent.clone())
    }

    /// Returns the contacts a socket shows.
    pub(super) fn contacts_of(&self, socket: u64) -> Vec<InteractionId> {
        let console = self.sockets.get(&socket);
        console
            .into_iter()
            .flat_map(|console| console.sent.keys().copied())
            .collect()
    }

    /// Tells whether a socket is a supervisor's.
    pub(super) fn supervises(&self, socket: u64) -> bool {
        let console = self.sockets.get(&socket);
        console.is_some_and(|console| console.supervisor)
    }

    /// Notes who is a supervisor by the configuration, and lets programs leave the desks of those who are not in it any more.
    pub(super) fn note_roles(&mut self, hub: &Hub, out: &mut Out) {
        self.leave_unknown(hub, out);
        for console in self.sockets.values_mut() {
            console.supervisor = supervises(&console.agent, hub);
        }
    }

    fn author(
        &self,
        agent: &AgentId,
        interaction: InteractionId,
        speaks: bool,
    ) -> Result<Author, Refusal> {
        let may = |stream: &&Stream| match speaks {
            true => stream.speaks_in(interaction),
            false => stream.holds(interaction),
        };
        match self.streams.get(agent).filter(may) {
            Some(stream) => Ok(Author::Agent {
                agent: agent.clone(),
                name: stream.desk().name.clone(),
            }),
            None => check::not_yours(),
        }
    }

    // What an agent saw at one console is told to the customer and at the agent's others.
    fn receive(
        &self,
        (agent, socket): (AgentId, u64),
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
            widgets.tell_receipt(interaction, Some(agent.clone()), receipt, timelines, out);
            self.tell_own_receipt(interaction, (agent, socket), receipt, out);
        }
        Ok(())
    }

    // A code was made for a contact: what other consoles show of it is good no more.
    fn lapse(&self, socket: u64, contact: Option<InteractionId>, out: &mut Out) {
        let Some(interaction) = contact else {
            return;
        };
        let others = self.watching(interaction).into_iter();
        for other in others.filter(|other| *other != socket) {
            let news = Box::new(AgentNews::Lapsed {});
            let push = Push::Cobrowse { interaction, news };
            out.agent(other, Told::Push(push));
        }
    }

    /// Answers what the hub was asked.
    pub(super) fn handle_reply(&mut self, reply: &Reply, out: &mut Out) {
        let (socket, re) = (reply.to.socket, reply.to.id);
        if let Ok(input::Done::Code { contact, .. }) = reply.result {
            self.lapse(socket, contact, out);
        }
        if !self.sockets.contains_key(&socket) {
            return;
        }
        let told = match reply.result.clone() {
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
                    input::Done::Code { code, until, .. } => Done::Code { code, until },
                    input::Done::Media { leg, sdp } => Done::Media { leg, sdp },
                    // Told to who asks by HTTP.
                    input::Done::Arrived(_) => return,
                    input::Done::Ok => Done::Ok,
                },
            },
            Err(error) => Told::Refused { re, error },
        };
        out.agent(socket, told);
    }
}

fn supervises(agent: &AgentId, hub: &Hub) -> bool {
    let setup = hub.setup().agents.get(agent);
    setup.is_some_and(|setup| setup.supervisor)
}
