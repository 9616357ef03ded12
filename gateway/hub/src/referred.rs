//! What comes of a transfer that a peer asked for by SIP, and is told although its own leg may be over by then (RFC 3515).

use ws::id::{AgentId, InteractionId, LegId};

use crate::{
    command::Command,
    hub::Hub,
    interaction::{Call, Interaction, Vain},
    leg::{Leg, Stage},
};

/// A transfer that is being made.
#[derive(Clone, Debug)]
pub(crate) struct Referred {
    /// The leg whose peer asked for it.
    by: LegId,
    goal: Goal,
}

/// Whose answer ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// Whoever is dialled by this leg.
    Leg(LegId),
    /// An agent, who is offered the call like every other.
    Agent(AgentId),
    /// Whom the customer's trunk was asked to call.
    HandedOut,
}

/// RFC 3261 §21.4.25: who was to be transferred is gone.
const GONE: u16 = 487;

impl Hub {
    /// Has the peer of a leg told what comes of the transfer that it asked for.
    pub(crate) fn await_outcome(&mut self, by: LegId, goal: Goal) {
        let aside = self.asides.entry(by.interaction).or_default();
        aside.referred.push(Referred { by, goal });
    }

    /// The customer's trunk did not call: a leg of ours does now.
    pub(crate) fn await_leg_instead(&mut self, leg: LegId) {
        let aside = self.asides.get_mut(&leg.interaction);
        let referred = aside.into_iter().flat_map(|aside| &mut aside.referred);
        for one in referred.filter(|one| one.goal == Goal::HandedOut) {
            one.goal = Goal::Leg(leg);
        }
    }

    /// Tells who asked for transfers what came of them, as soon as something did.
    pub(crate) fn report_outcomes(&mut self, id: InteractionId) {
        self.report_where(id, |hub, one| hub.outcome(id, one));
    }

    /// Tells it of a leg at once: before another is released for it, or while the call of one that is over is there still.
    pub(crate) fn report_leg(&mut self, leg: LegId) {
        let id = leg.interaction;
        self.report_where(id, |hub, one| match one.goal == Goal::Leg(leg) {
            true => hub.outcome(id, one),
            false => None,
        });
    }

    /// Tells what the customer's trunk said of a call that it was asked to make.
    pub(crate) fn report_handed_out(&mut self, id: InteractionId, status: u16) {
        self.report_where(id, |_, one| (one.goal == Goal::HandedOut).then_some(status));
    }

    fn report_where(
        &mut self,
        id: InteractionId,
        outcome: impl Fn(&Self, &Referred) -> Option<u16>,
    ) {
        let aside = self.asides.get_mut(&id);
        let Some(aside) = aside.filter(|aside| !aside.referred.is_empty()) else {
            return;
        };
        let mut left = std::mem::take(&mut aside.referred);
        left.retain(|one| {
            let status = outcome(self, one);
            if let Some(status) = status {
                self.report(one.by, status);
            }
            status.is_none()
        });
        if let Some(aside) = self.asides.get_mut(&id) {
            aside.referred = left;
        }
    }

    fn report(&mut self, leg: LegId, status: u16) {
        self.ask(Command::ReportReferral { leg, status });
    }

    fn outcome(&self, id: InteractionId, referred: &Referred) -> Option<u16> {
        let Some(found) = self.state.interaction(id) else {
            return Some(GONE);
        };
        if let Goal::Leg(leg) = &referred.goal {
            match found.leg(*leg).map(|leg| &leg.stage) {
                Some(Stage::Answered { .. }) => return Some(200),
                Some(Stage::Ended { cause, .. }) => return Some(cause.response()),
                Some(Stage::Started | Stage::Ringing) | None => {}
            }
        }
        let Some(call) = &found.call else {
            return Some(GONE);
        };
        match &referred.goal {
            Goal::Leg(_) => None,
            Goal::HandedOut => call.handed.is_none().then_some(480),
            Goal::Agent(agent) => self.outcome_at(found, call, (agent, referred.by)),
        }
    }

    // None while they may still take it.
    fn outcome_at(
        &self,
        found: &Interaction,
        call: &Call,
        (agent, by): (&AgentId, LegId),
    ) -> Option<u16> {
        let theirs = call.agent.and_then(|leg| found.leg(leg));
        if let Some(leg) = theirs.filter(|leg| leg.is_live() && leg.agent() == Some(agent)) {
            return leg.is_answered().then_some(200);
        }
        let offered = found.offer.as_ref().map(|offer| &offer.agent);
        let stay = found.assignment.as_ref().filter(|stay| stay.voice);
        let taken = stay.map(|stay| &stay.agent);
        let asked = [offered, taken, self.kept_for(found)];
        if asked.contains(&Some(agent)) {
            return None;
        }
        let since = |(n, leg): &(u16, &Leg)| *n > by.n && leg.agent() == Some(agent);
        let last = found.legs.iter().rfind(since);
        if let Some(Stage::Ended { cause, .. }) = last.map(|(_, leg)| &leg.stage) {
            return Some(cause.response());
        }
        Some(match found.tried.get(agent).map(|tried| tried.how) {
            Some(Vain::Refused) => 603,
            Some(Vain::Silent | Vain::NotCalled) => 480,
            None if self.call_of(agent).is_some() => 486,
            None => 480,
        })
    }
}
