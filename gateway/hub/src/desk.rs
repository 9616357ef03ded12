//! People at their screens: consoles and widgets that open and close, presence, phones, grace.

use ws::{
    agent::Presence,
    frame::{Code, Refusal},
    id::{AgentId, Timestamp, VisitorId},
};

use crate::{
    event::{Event, SetBy},
    hub::{Due, Hub},
    input::{Actor, By, Done, refuse},
    scope::{NAME, check_written},
};

impl Hub {
    pub(crate) fn console_opened(&mut self, agent: &AgentId, socket: u64) {
        if !self.setup.agents.contains_key(agent) {
            return;
        }
        let desk = self.desks.entry(agent.clone()).or_default();
        desk.open.insert(socket);
        (desk.lost, desk.cut) = (None, false);
        if self.is_gone(agent) {
            self.set(agent, away("just signed in"), None, SetBy::System);
        }
        self.touched_agents.push(agent.clone());
    }

    pub(crate) fn console_closed(&mut self, agent: &AgentId, socket: u64) {
        let Some(desk) = self.desks.get_mut(agent) else {
            return;
        };
        let worn = desk.headsets.remove(&socket);
        let last = desk.open.remove(&socket) && desk.open.is_empty();
        if last {
            desk.lost = Some(self.now);
        }
        if last || worn {
            self.touched_agents.push(agent.clone());
        }
    }

    /// Tells whether an agent has a console open.
    pub(crate) fn has_console(&self, agent: &AgentId) -> bool {
        let desk = self.desks.get(agent);
        desk.is_some_and(|desk| !desk.open.is_empty())
    }

    /// Tells whether a restart took an agent's consoles, their grace is not over, and nobody came back.
    pub(crate) fn is_cut_off(&self, agent: &AgentId) -> bool {
        let desk = self.desks.get(agent);
        desk.is_some_and(|desk| desk.cut)
    }

    pub(crate) fn widget_opened(&mut self, visitor: VisitorId, socket: u64) {
        let widget = self.widgets.entry(visitor).or_default();
        widget.open.insert(socket);
        widget.lost = None;
        self.touch_visitor(visitor);
    }

    pub(crate) fn widget_closed(&mut self, visitor: VisitorId, socket: u64, went: bool) {
        let Some(widget) = self.widgets.get_mut(&visitor) else {
            return;
        };
        let leaving = widget.leaving.remove(&socket);
        if widget.open.remove(&socket) && widget.open.is_empty() {
            (widget.lost, widget.went) = (Some(self.now), went);
            self.left_shown(visitor, leaving);
            self.touch_visitor(visitor);
            self.forget_visitor(visitor);
        }
    }

    fn touch_visitor(&mut self, visitor: VisitorId) {
        let live = self.state.of_visitor(visitor);
        let live =
            live.filter(|found| found.chat || found.cobrowse.is_some() || found.call.is_some());
        let ids: Vec<_> = live.map(|found| found.id).collect();
        self.stirred.extend(ids);
    }

    /// Forgets a visitor who has neither a socket nor an interaction.
    pub(crate) fn forget_visitor(&mut self, visitor: VisitorId) {
        let away = self
            .widgets
            .get(&visitor)
            .is_some_and(|widget| widget.open.is_empty());
        if away && self.state.of_visitor(visitor).next().is_none() {
            self.widgets.remove(&visitor);
        }
    }

    pub(crate) fn set_presence(
        &mut self,
        agent: AgentId,
        presence: Presence,
    ) -> Result<Done, Refusal> {
        let (presence, code) = self.wanted_presence(presence)?;
        let desk = self.desks.get(&agent);
        if desk.is_none_or(|desk| desk.open.is_empty()) {
            return refuse(Code::Conflict, "sign in at a console first");
        }
        self.set(&agent, presence, code, SetBy::Agent);
        Ok(Done::Ok)
    }

    pub(crate) fn set_presence_of(
        &mut self,
        agent: AgentId,
        presence: Presence,
        by: &Actor,
    ) -> Result<Done, Refusal> {
        let by = match by {
            Actor::Agent(other) if self.is_supervisor(other) => SetBy::Supervisor {
                agent: other.clone(),
            },
            Actor::House(By::Agent(other)) => SetBy::Supervisor {
                agent: other.clone(),
            },
            Actor::House(By::Program(name)) => SetBy::Api {
                program: Some(name.clone()),
            },
            Actor::House(By::Tandem) => SetBy::System,
            Actor::Agent(_) | Actor::Visitor(_) | Actor::Customer(_) => {
                return refuse(Code::Forbidden, "only supervisors set others' presence");
            }
        };
        let (presence, code) = self.wanted_presence(presence)?;
        if !self.setup.agents.contains_key(&agent) {
            return refuse(Code::NotFound, format!("there is no agent `{agent}`"));
        }
        let desk = self.desks.get(&agent);
        if desk.is_none_or(|desk| desk.open.is_empty()) {
            return refuse(Code::Conflict, "the agent is not signed in at a console");
        }
        self.set(&agent, presence, code, by);
        Ok(Done::Ok)
    }

    pub(crate) fn is_supervisor(&self, agent: &AgentId) -> bool {
        let setup = self.setup.agents.get(agent);
        setup.is_some_and(|setup| setup.supervisor)
    }

    // Where reasons are configured one of them is meant, by its code or its words.
    fn wanted_presence(&self, presence: Presence) -> Result<(Presence, Option<String>), Refusal> {
        let reason = match presence {
            Presence::Ready => return Ok((Presence::Ready, None)),
            Presence::Away { reason } => reason,
            Presence::Gone => {
                return refuse(
                    Code::OutOfRange,
                    "be ready or away; close the console to be gone",
                );
            }
        };
        check_written("reason", &reason, NAME)?;
        let known = &self.setup.away;
        let meant = known.iter().find(|k| k.code == reason || k.words == reason);
        match meant {
            Some(meant) => Ok((away(&meant.words), Some(meant.code.clone()))),
            None if known.is_empty() => Ok((away(&reason), None)),
            None => {
                let all: Vec<_> = known.iter().map(|known| known.words.as_str()).collect();
                let text = format!("the reason must be one of: {}", all.join(", "));
                refuse(Code::OutOfRange, text)
            }
        }
    }

    fn set(&mut self, agent: &AgentId, presence: Presence, code: Option<String>, by: SetBy) {
        let known = self.state.agents().get(agent);
        if known.is_none_or(|known| known.presence != presence) {
            let agent = agent.clone();
            self.tell(
                None,
                Event::PresenceSet {
                    agent,
                    presence,
                    code,
                    by,
                },
            );
        }
    }

    /// Sends an agent away who missed too many offers in a row.
    pub(crate) fn check_misses(&mut self, agent: &AgentId) {
        let known = self.state.agents().get(agent);
        let misses = known.map_or(0, |known| known.misses);
        let ready = known.is_some_and(|known| known.presence == Presence::Ready);
        if ready && misses >= self.setup.spans.misses.max(1) {
            let presence = away(&format!("missed {misses} offers in a row"));
            self.set(agent, presence, None, SetBy::System);
        }
    }

    pub(crate) fn phone_registered(&mut self, agent: AgentId, binding: String, until: Timestamp) {
        if self.setup.agents.contains_key(&agent) && until > self.now {
            self.tell(
                None,
                Event::PhoneRegistered {
                    agent,
                    binding,
                    until,
                },
            );
        }
    }

    pub(crate) fn phone_gone(&mut self, agent: AgentId) {
        let known = self.state.agents().get(&agent);
        if known.is_some_and(|known| known.phone.is_some()) {
            self.tell(None, Event::PhoneGone { agent });
        }
    }

    /// Does what is due for an agent: the end of the grace after a lost console, the end of a registration.
    pub(crate) fn sweep_agent(&mut self, agent: &AgentId) {
        self.agent_dues.remove(agent);
        if self.grace_ends(agent).is_some_and(|end| end <= self.now) {
            if let Some(desk) = self.desks.get_mut(agent) {
                (desk.lost, desk.cut) = (None, false);
            }
            self.set(agent, Presence::Gone, None, SetBy::System);
            self.touch_holds(agent);
        }
        let known = self.state.agents().get(agent);
        let phone = known.and_then(|known| known.phone.as_ref());
        if phone.is_some_and(|phone| phone.until <= self.now) {
            self.phone_gone(agent.clone());
        }
        self.touched_agents.push(agent.clone());
    }

    /// Lets those go whom the configuration does not name any more: what they hold is settled as that of whoever is gone.
    pub(crate) fn dismiss_removed(&mut self) {
        let known = self.state.agents().iter();
        let strange = known.filter(|(agent, _)| !self.setup.agents.contains_key(*agent));
        let strange: Vec<_> = strange.map(|(agent, _)| agent.clone()).collect();
        for agent in strange {
            self.desks.remove(&agent);
            if !self.is_gone(&agent) {
                self.set(&agent, Presence::Gone, None, SetBy::System);
            }
            self.phone_gone(agent.clone());
            self.touch_holds(&agent);
            self.touched_agents.push(agent);
        }
    }

    pub(crate) fn touch_holds(&mut self, agent: &AgentId) {
        if let Some(known) = self.state.agents().get(agent) {
            self.touched.extend(known.holds());
        }
    }

    fn grace_ends(&self, agent: &AgentId) -> Option<Timestamp> {
        let lost = self.desks.get(agent)?.lost?;
        Some(lost + self.setup.spans.grace)
    }

    /// Puts an agent's next deadline among the timers.
    pub(crate) fn rearm_agent(&mut self, agent: &AgentId) {
        let known = self.state.agents().get(agent);
        let phone = known
            .and_then(|known| known.phone.as_ref())
            .map(|phone| phone.until);
        let due = self.grace_ends(agent).into_iter().chain(phone).min();
        let old = self.agent_dues.get(agent).copied();
        if old == due {
            return;
        }
        if let Some(old) = old {
            self.timers.remove(&(old, Due::Agent(agent.clone())));
            self.agent_dues.remove(agent);
        }
        if let Some(due) = due {
            self.timers.insert((due, Due::Agent(agent.clone())));
            self.agent_dues.insert(agent.clone(), due);
        }
    }
}

fn away(reason: &str) -> Presence {
    Presence::Away {
        reason: reason.to_owned(),
    }
}
