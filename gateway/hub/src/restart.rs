//! What the world does to the whole house: a restart, a new configuration, a drain.

use ws::{agent::Presence, id::InteractionId};

use crate::{
    board::Board,
    command::Command,
    event::{Event, OfferEnd},
    hands::Hands,
    hub::{Hub, Sockets},
    input::CauseKind,
    pace::Pace,
    roster::Roster,
    settle::cause,
    setup::Setup,
    wait::stand,
};

impl Hub {
    /// Closes what a restart cut: offers, telephone legs, attempts of unknown outcome; gives people their grace.
    pub(crate) fn resume(&mut self) {
        self.dismiss_removed();
        self.count_lines();
        self.count_hands();
        for id in &self.state.in_order() {
            self.end_offer(*id, OfferEnd::Withdrawn);
            self.interrupt(*id);
            self.interrupt_cobrowse(*id);
            self.touch(*id);
            self.withdraw_invitations(*id);
        }
        let lost = Some(self.now);
        let visitors = self.state.interactions();
        let visitors = visitors.filter(|found| found.chat || found.cobrowse.is_some());
        let visitors: Vec<_> = visitors.filter_map(|found| found.visitor).collect();
        for visitor in visitors {
            self.widgets.entry(visitor).or_default().lost = lost;
        }
        let mut bindings = Vec::new();
        for (agent, known) in self.state.agents().iter() {
            if known.presence != Presence::Gone {
                let sockets = Sockets {
                    lost,
                    cut: true,
                    ..Sockets::default()
                };
                self.desks.insert(agent.clone(), sockets);
            }
            if let Some(phone) = &known.phone
                && phone.until > self.now
            {
                bindings.push((agent.clone(), phone.binding.clone()));
            }
            self.touched_agents.push(agent.clone());
        }
        if !bindings.is_empty() {
            self.ask(Command::RestorePhones { bindings });
        }
    }

    // All telephone legs died with the process: they end first, then what they were is drawn to its end.
    fn interrupt(&mut self, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let live = found.legs.iter();
        let live = live.filter(|(_, leg)| leg.is_live() && leg.is_phone());
        let legs: Vec<_> = live.map(|(n, _)| found.leg_id(n)).collect();
        let customer = found.call.as_ref().map(|call| call.customer);
        let restarted = cause(CauseKind::Interrupted, "the server was restarted");
        self.recorder_cut(id, &restarted.text);
        for leg in legs {
            let cause = restarted.clone();
            self.tell(Some(id), Event::LegEnded { leg, cause });
        }
        if let Some(customer) = customer {
            self.leg_lost(customer, &restarted);
        }
    }

    pub(crate) fn configure(&mut self, setup: Setup) {
        self.roster = Roster::new(&setup);
        self.setup = setup;
        self.configured_at = self.now;
        self.board = Board::new(&self.roster);
        self.dismiss_removed();
        self.count_hands();
        self.touch_all();
    }

    pub(crate) fn drain(&mut self) {
        self.draining = true;
        let waits = |entry: &crate::interaction::Entry| entry.callback.is_some();
        let callbacks = self.state.interactions();
        let callbacks = callbacks.filter(|found| found.entry.as_ref().is_some_and(waits));
        let mut ids: Vec<_> = callbacks.map(|found| found.id).collect();
        ids.sort_unstable();
        for id in ids {
            self.end_offer(id, OfferEnd::Withdrawn);
        }
        self.touch_all();
    }

    // Who waits since before the start stands in the lines of which the pace is measured.
    fn count_lines(&mut self) {
        let mut pace = Pace::default();
        for found in self.state.interactions() {
            pace.shift(None, stand(found), self.now);
        }
        self.pace = pace;
    }

    fn count_hands(&mut self) {
        self.hands = Hands::default();
        for (agent, known) in self.state.agents().iter() {
            let queues = self.roster.reaches(agent);
            let slots = self.slots_of(agent);
            self.hands.note(agent, &known.presence, slots, queues);
        }
    }

    fn touch_all(&mut self) {
        self.touched.extend(self.state.in_order());
        let agents = self.state.agents().iter().map(|(agent, _)| agent.clone());
        self.touched_agents.extend(agents);
    }
}
