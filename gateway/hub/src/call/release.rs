//! Letting legs of a call go.

use ws::id::{InteractionId, LegId};

use crate::{command::Command, hub::Hub, input::Cause, interaction::Call};

impl Hub {
    /// Releases the agent's leg of a call, and lets the customer's go on.
    pub(crate) fn release_agent(&mut self, call: &Call, cause: &Cause) {
        for leg in call.agent.into_iter().chain(call.others()) {
            self.release(leg, cause);
        }
        self.end_consult(call.customer.interaction, call, cause);
        self.end_company(call.customer.interaction, call, cause);
    }

    /// Releases every live leg of the interaction's call.
    pub(crate) fn release_call(&mut self, id: InteractionId, cause: &Cause) {
        let call = self.state.interaction(id).and_then(|f| f.call.as_ref());
        let Some(call) = call.cloned() else { return };
        let own = [Some(call.customer), call.agent].into_iter().flatten();
        for leg in own.chain(call.others()) {
            self.release(leg, cause);
        }
        self.end_consult(id, &call, cause);
        self.end_company(id, &call, cause);
    }

    /// Releases a leg; doing so again does nothing.
    pub(crate) fn release(&mut self, leg: LegId, cause: &Cause) {
        if !self.is_live(leg) {
            return;
        }
        let aside = self.asides.entry(leg.interaction).or_default();
        if aside.releasing.iter().any(|(n, _)| *n == leg.n) {
            return;
        }
        aside.releasing.push((leg.n, self.now));
        self.touch(leg.interaction);
        let cause = cause.clone();
        self.ask(Command::Release { leg, cause });
    }
}
