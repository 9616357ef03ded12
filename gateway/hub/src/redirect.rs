//! Redirection: whoever was dialled, or their carrier, names somebody else. Nobody outside says whom the house calls, so it
//! is followed only where a rule of the house names the number, and through the gate like every call.

use ws::id::{LegId, Number, TrunkId};

use crate::{
    command::Command,
    event::{Event, InCall, LegCause},
    gate::{Closed, Way},
    hub::Hub,
    input::{Cause, CauseKind},
    leg::Leg,
};

/// How often a call is sent elsewhere; more is a loop.
const MOST: usize = 5;

impl Hub {
    /// Takes the wish of who was dialled that others be called: the first who may be called and was not. It comes again with
    /// those behind them, and why they were not reached. Where none may be, the carrier's own places have their turn.
    pub(crate) fn leg_redirected(
        &mut self,
        leg: LegId,
        (status, after): (u16, Option<Cause>),
        (to, more): (&[String], bool),
    ) {
        let found = self.state.interaction(leg.interaction);
        let Some(dialled) = found
            .and_then(|found| found.leg(leg))
            .filter(|leg| leg.is_live() && leg.is_dialled())
        else {
            return;
        };
        let failed = |text: &str| after.clone().unwrap_or_else(|| unreachable(status, text));
        if dialled.asked.len() >= MOST {
            return self.not_followed(leg, failed("was sent elsewhere again and again"));
        }
        let numbering = &self.setup.numbering;
        let asked = |number: &Number| {
            let before = dialled.asked.iter().flatten();
            let mut all = before.chain(dialled.party.number());
            all.any(|one| numbering.read(one) == *number)
        };
        let named = to.iter().enumerate().filter_map(|(at, user)| {
            let number = numbering.read(&user.parse::<Number>().ok()?);
            Some((at + 1, number))
        });
        let (again, numbers): (Vec<_>, Vec<_>) = named.partition(|(_, number)| asked(number));
        let mut closed = None;
        for (done, number) in numbers {
            match self.admit_redirection(&number, leg) {
                Ok(trunk) => return self.follow(leg, (status, done), trunk, number),
                Err(why) => closed = closed.or(Some((number, why))),
            }
        }
        match closed {
            Some((number, why)) => {
                self.turn_away(leg.interaction, Way::Redirection, (&number, None), why);
                if more {
                    return self.ask(Command::PassOver { leg });
                }
                let text = if why == Closed::NotAllowed {
                    format!("forwards to {number}, which no rule allows")
                } else {
                    format!("forwards to {number}: {}", why.refusal().text)
                };
                self.not_followed(leg, failed(&text));
            }
            None if more => self.ask(Command::PassOver { leg }),
            None if again.is_empty() => {
                self.not_followed(leg, failed("forwards to somebody who has no number"));
            }
            None => self.not_followed(leg, failed("forwards to who was asked already")),
        }
    }

    fn follow(&mut self, leg: LegId, (status, done): (u16, usize), trunk: TrunkId, number: Number) {
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
        let own = dialled.and_then(|leg| leg.party.trunk().cloned());
        // A customer is dialled in another's place where their trunk asked for that alone.
        let replaces = |leg: &Leg| {
            let cause = leg.cause;
            matches!(cause, LegCause::TransferBlind | LegCause::TransferAttended)
        };
        let passed_on = left.is_some() && dialled.is_some_and(replaces);
        self.tell(Some(id), Event::InCall(step));
        self.tell_spent_before(leg, own, (&trunk, &number));
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
            done,
            passed_on,
        });
    }

    // The edge tells the leg's end, which brings about what follows from it.
    fn not_followed(&mut self, leg: LegId, cause: Cause) {
        self.ask(Command::Release { leg, cause });
    }
}

fn unreachable(status: u16, text: &str) -> Cause {
    Cause {
        kind: CauseKind::Unreachable,
        status: Some(status),
        text: text.to_owned(),
    }
}
