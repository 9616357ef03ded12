//! Letting legs of a call go.

use std::time::Duration;

use ws::id::{InteractionId, LegId};

use crate::{
    command::{Command, Program},
    hub::Hub,
    input::Cause,
    interaction::Call,
};

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
        if self.begin_release(leg, Duration::ZERO) {
            let cause = cause.clone();
            self.ask(Command::Release { leg, cause });
        }
    }

    /// Lets a leg hear something to its end, and then ends it.
    pub(crate) fn hang_up_after(&mut self, leg: LegId, program: Program, cause: &Cause) {
        let said = self.setup.own_length(&program);
        if self.begin_release(leg, said) {
            self.ask(Command::Dismiss {
                leg,
                program,
                cause: cause.clone(),
            });
        }
    }

    // Notes that a leg is asked to end once something was said; tells whether it is there, and was not asked before.
    fn begin_release(&mut self, leg: LegId, said: Duration) -> bool {
        if !self.is_live(leg) || self.is_releasing(leg) {
            return false;
        }
        let aside = self.asides.entry(leg.interaction).or_default();
        aside.releasing.push((leg.n, self.now + said));
        self.touch(leg.interaction);
        true
    }
}
