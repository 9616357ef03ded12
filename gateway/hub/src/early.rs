//! What callers hear before their call is answered (RFC 3960): where their trunk carries it, announcements cost them nothing. Who may
//! key something is answered, and so is who hears it for too long, as carriers cut such calls.

use std::time::Duration;

use ws::id::{LegId, Timestamp};

use crate::{
    command::Command,
    hub::Hub,
    input::{Cause, CauseKind},
    interaction::Interaction,
    policy::Rule,
    settle::cause,
    step::Jump,
};

/// Why the call of one who was turned away ended.
const TURNED_AWAY: &str = "the caller was turned away";

/// How far it is that a caller hears something before the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Early {
    /// They do not.
    #[default]
    Closed,
    /// It was asked for.
    Asked,
    /// They do.
    Open {
        /// Since when.
        since: Timestamp,
    },
}

impl Early {
    pub(crate) fn is_open(self) -> bool {
        match self {
            Self::Open { .. } => true,
            Self::Closed | Self::Asked => false,
        }
    }

    /// Takes in that the time jumps.
    pub(crate) fn step(&mut self, jump: Jump) {
        match self {
            Self::Open { since } => jump.move_on(since),
            Self::Closed | Self::Asked => {}
        }
    }
}

impl Hub {
    /// Returns how long the caller of a leg may hear something before the answer; none where that cannot be.
    pub(crate) fn early_of(&self, found: &Interaction, leg: LegId) -> Option<Duration> {
        let trunk = found.leg(leg)?.party.trunk()?;
        self.setup.early.get(trunk).copied()
    }

    /// Returns when a caller who hears something before the answer is answered at the latest.
    pub(crate) fn early_until(&self, found: &Interaction, leg: LegId) -> Option<Timestamp> {
        let early = self.asides.get(&found.id)?.early;
        match (early, self.early_of(found, leg)) {
            (Early::Open { since }, Some(longest)) => Some(since + longest),
            (Early::Open { since }, None) => Some(since),
            (Early::Closed | Early::Asked, _) => None,
        }
    }

    /// Begins to let a caller hear something: before the answer where that can be, else by it. Tells how far that is, and
    /// whether the answer was asked for.
    pub(crate) fn begin_to_speak(
        &self,
        found: &Interaction,
        leg: LegId,
        early: Early,
        told: &mut Vec<Command>,
    ) -> (Early, bool) {
        let keys = self.may_keep_place(found).is_some();
        match (early, self.early_of(found, leg).filter(|_| !keys)) {
            (Early::Closed, Some(_)) => {
                told.push(Command::SpeakEarly { leg });
                (Early::Asked, false)
            }
            (Early::Asked | Early::Open { .. }, Some(_)) => (early, false),
            (Early::Closed | Early::Asked | Early::Open { .. }, None) => {
                told.push(Command::Answer { leg });
                (early, true)
            }
        }
    }

    /// Tells whether one who hears something before the answer is to be answered now, although no agent is there.
    pub(crate) fn heard_enough(&self, found: &Interaction, leg: LegId) -> bool {
        let until = self.early_until(found, leg);
        self.may_keep_place(found).is_some() || until.is_some_and(|until| until <= self.now)
    }

    /// Takes that a caller hears before the answer what is played to them.
    pub(crate) fn leg_is_early(&mut self, leg: LegId) {
        let found = self.state.interaction(leg.interaction);
        let news = found
            .and_then(|found| found.leg(leg))
            .is_some_and(|leg| leg.is_live() && !leg.is_answered());
        if !news {
            return;
        }
        let since = self.now;
        let aside = self.asides.entry(leg.interaction).or_default();
        aside.early = Early::Open { since };
        self.touch(leg.interaction);
    }

    /// Returns why the call of one who is turned away ends, now that they heard it. Who was not answered is told by the status.
    pub(crate) fn turned_away(&self, leg: LegId) -> Cause {
        let found = self.state.interaction(leg.interaction);
        let rule = found.and_then(|found| found.turned);
        let answered = found
            .and_then(|found| found.leg(leg))
            .is_some_and(crate::leg::Leg::is_answered);
        let kind = match rule {
            Some(Rule::Full) if !answered => CauseKind::Busy,
            Some(Rule::Full | Rule::Closed | Rule::Unstaffed | Rule::Slow | Rule::Late) | None => {
                CauseKind::NoAnswer
            }
        };
        // In words that fit whoever reads them: visitors see them in their page.
        cause(kind, rule.map_or(TURNED_AWAY, Rule::words))
    }
}
