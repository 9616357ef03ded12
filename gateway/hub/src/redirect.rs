//! Redirection: whoever was dialled, or their carrier, names somebody else. Nobody outside says whom the house calls, so it
//! is followed only where a rule of the house names the number, and through the gate like every call.

use ws::id::{LegId, Number, TrunkId};

use crate::{
    command::Command,
    event::{Event, InCall},
    gate::{Closed, Way},
    hub::Hub,
    input::{Cause, CauseKind},
};

/// How often a call is sent elsewhere; more is a loop.
const MOST: u8 = 3;

impl Hub {
    /// Takes the wish of who was dialled that others be called.
    pub(crate) fn leg_redirected(&mut self, leg: LegId, status: u16, to: &[String]) {
        let found = self.state.interaction(leg.interaction);
        let Some(dialled) = found
            .and_then(|found| found.leg(leg))
            .filter(|leg| leg.is_live() && leg.is_dialled())
        else {
            return;
        };
        if dialled.redirects >= MOST {
            return self.not_followed(leg, status, "was sent elsewhere again and again");
        }
        let numbers = to.iter().filter_map(|user| user.parse::<Number>().ok());
        let numbering = &self.setup.numbering;
        let numbers: Vec<_> = numbers.map(|number| numbering.read(&number)).collect();
        let mut closed = None;
        for number in numbers {
            match self.admit_redirection(&number, leg) {
                Ok(trunk) => return self.follow(leg, status, trunk, number),
                Err(why) => closed = closed.or(Some((number, why))),
            }
        }
        match closed {
            Some((number, why)) => {
                self.turn_away(leg.interaction, Way::Redirection, (&number, None), why);
                let text = if why == Closed::NotAllowed {
                    format!("forwards to {number}, which no rule allows")
                } else {
                    format!("forwards to {number}: {}", why.refusal().text)
                };
                self.not_followed(leg, status, &text);
            }
            None => self.not_followed(leg, status, "forwards to somebody who has no number"),
        }
    }

    fn follow(&mut self, leg: LegId, status: u16, trunk: TrunkId, number: Number) {
        let id = leg.interaction;
        let step = InCall::Redirected {
            leg,
            number: number.clone(),
            trunk: Some(trunk.clone()),
            status,
        };
        let found = self.state.interaction(id);
        let dialled = found.and_then(|found| found.leg(leg));
        let left = dialled.and_then(|leg| leg.party.customer_number().cloned());
        self.tell(Some(id), Event::InCall(step));
        // What else is promised to the number that was dialled first waits no longer.
        if let Some(left) = left {
            self.touch_promised(&left, id);
        }
        self.note_toll(&number, &trunk);
        let caller = self.caller_number(leg, &trunk);
        self.ask(Command::Follow {
            leg,
            trunk,
            number,
            caller,
        });
    }

    // The edge tells the leg's end, which brings about what follows from it.
    fn not_followed(&mut self, leg: LegId, status: u16, text: &str) {
        let cause = Cause {
            kind: CauseKind::Unreachable,
            status: Some(status),
            text: text.to_owned(),
        };
        self.ask(Command::Release { leg, cause });
    }
}
