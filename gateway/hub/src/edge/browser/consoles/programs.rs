//! Programs that act as agents over the API: the same requests as a console's, one at a time. What needs a console, they do at one
//! that they opened. A program that makes an agent ready or away sits at that agent's desk, for as long as it goes on asking.

use std::{collections::BTreeMap, time::Duration};

use ws::{
    agent::{Presence, Request},
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, Timestamp},
};

use super::{
    super::{Boards, Widgets},
    Consoles, Out, Receipt, Timelines, check, requests, supervises,
};
use crate::{
    Hub,
    input::{Actor, Asker, Done, Input, refuse},
    step::Jump,
};

/// How long a program may ask for nothing before it is taken to have left the desk.
pub const DESK: Duration = Duration::from_secs(300);

/// The desks at which programs sit, each with a number in place of a socket's.
#[derive(Debug, Default)]
pub(super) struct Programs {
    desks: BTreeMap<AgentId, Seat>,
}

#[derive(Debug)]
struct Seat {
    socket: u64,
    until: Timestamp,
    /// Taken up after a restart, for who may have sat there: it is given up to a person who comes back.
    again: bool,
}

impl Consoles {
    /// Lets a program act as an agent, or tells why not.
    pub(in super::super) fn admit(
        &mut self,
        (agent, console): &(AgentId, Option<u64>),
        request: &Request,
        hub: &Hub,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if !hub.setup().agents.contains_key(agent) {
            return refuse(Code::NotFound, format!("there is no agent \"{agent}\""));
        }
        if let Some(console) = console
            && self.agent_of(*console).as_ref() != Some(agent)
        {
            let text = format!("{agent} has no console {console} that is open");
            return refuse(Code::NotFound, text);
        }
        if let Some(seat) = self.programs.desks.get_mut(agent) {
            seat.until = now + DESK;
        }
        match requests::contact_of(request) {
            Some(contact) if !holds(agent, contact, hub) => check::not_yours(),
            Some(_) | None => Ok(()),
        }
    }

    /// Does what a program asks as an agent that was admitted; none means that the hub answers.
    pub(in super::super) fn act(
        &mut self,
        (to, (agent, console), request): (Asker, (AgentId, Option<u64>), Request),
        hub: &Hub,
        (timelines, widgets, boards): (&mut Timelines, &Widgets, &mut Boards),
        now: Timestamp,
        out: &mut Out,
    ) -> Result<Option<Done>, Refusal> {
        // Whether a program or a person sat there before the restart is written nowhere. Who goes on working did.
        let leaves =
            matches!(&request, Request::Presence { presence } if *presence == Presence::Gone);
        if !leaves && hub.is_cut_off(&agent) {
            self.sit_down(&agent, (to.socket, true), hub, now, out);
        }
        match request {
            Request::Presence {
                presence: Presence::Gone,
            } => {
                self.rise(&agent, out);
                Ok(Some(Done::Ok))
            }
            Request::Pong { .. } | Request::Hello { .. } => Ok(Some(Done::Ok)),
            Request::Watch { .. } if !supervises(&agent, hub) => check::not_supervisor(),
            Request::Watch { resume } => {
                boards.watch(check::console(console)?, resume);
                Ok(Some(Done::Ok))
            }
            Request::Typing { interaction, on } => {
                let from = hub.agent_author(&agent);
                widgets.tell_typing(interaction, &from, on, timelines, out);
                Ok(Some(Done::Ok))
            }
            Request::Receipt {
                interaction,
                delivered,
                read,
            } => {
                let receipt = Receipt { delivered, read };
                let asked = (agent, to.socket);
                self.receive(asked, interaction, receipt, (timelines, widgets), out)?;
                Ok(Some(Done::Ok))
            }
            request => {
                if matches!(request, Request::Presence { .. }) {
                    self.sit_down(&agent, (to.socket, false), hub, now, out);
                }
                check::room_for(&request, timelines, |contact| speaks(&agent, contact, hub))?;
                out.inputs
                    .push_back(requests::of_agent(agent, request, to)?);
                Ok(None)
            }
        }
    }

    // Where a person sits already, the program only speaks for them.
    fn sit_down(
        &mut self,
        agent: &AgentId,
        (socket, again): (u64, bool),
        hub: &Hub,
        now: Timestamp,
        out: &mut Out,
    ) {
        if let Some(seat) = self.programs.desks.get_mut(agent) {
            seat.again &= again;
            return;
        }
        if hub.has_console(agent) {
            return;
        }
        let until = now + DESK;
        let seat = Seat {
            socket,
            until,
            again,
        };
        self.programs.desks.insert(agent.clone(), seat);
        out.inputs.push_back(Input::ConsoleOpened {
            agent: agent.clone(),
            socket,
        });
    }

    // A person who comes back after a restart sits there alone again.
    pub(super) fn give_way(&mut self, agent: &AgentId, out: &mut Out) {
        let seat = self.programs.desks.get(agent);
        if seat.is_some_and(|seat| seat.again) {
            self.rise(agent, out);
        }
    }

    fn rise(&mut self, agent: &AgentId, out: &mut Out) {
        if let Some(Seat { socket, .. }) = self.programs.desks.remove(agent) {
            out.inputs.push_back(Input::ConsoleClosed {
                agent: agent.clone(),
                socket,
            });
        }
    }

    /// Takes programs away from the desks of those whom the configuration does not name any more.
    pub(super) fn leave_unknown(&mut self, hub: &Hub, out: &mut Out) {
        let known = &hub.setup().agents;
        let desks = self.programs.desks.keys();
        let strange: Vec<_> = desks.filter(|a| !known.contains_key(*a)).cloned().collect();
        for agent in strange {
            self.rise(&agent, out);
        }
    }

    /// Lets programs stay at their desks for as long as they could before the time jumped.
    pub(in super::super) fn stay(&mut self, jump: Jump) {
        for seat in self.programs.desks.values_mut() {
            jump.move_on(&mut seat.until);
        }
    }

    /// Takes programs that asked for nothing for too long away from their desks.
    pub(in super::super) fn dismiss(&mut self, now: Timestamp, out: &mut Out) {
        let late = self.programs.desks.iter();
        let late: Vec<_> = late
            .filter(|(_, seat)| seat.until <= now)
            .map(|(agent, _)| agent.clone())
            .collect();
        for agent in late {
            self.rise(&agent, out);
        }
    }

    /// Returns when [`Self::dismiss`] is next due.
    pub(in super::super) fn poll_dismiss(&self) -> Option<Timestamp> {
        self.programs.desks.values().map(|seat| seat.until).min()
    }
}

fn speaks(agent: &AgentId, contact: InteractionId, hub: &Hub) -> bool {
    hub.speaking(contact, &Actor::Agent(agent.clone())).is_ok()
}

fn holds(agent: &AgentId, contact: InteractionId, hub: &Hub) -> bool {
    let found = hub.state().interaction(contact);
    let stay = found.and_then(|found| found.assignment.as_ref());
    stay.is_some_and(|stay| stay.agent == *agent)
}
