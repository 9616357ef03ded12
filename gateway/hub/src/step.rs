//! A step of the clock forward: what is due at a time of day is due by the new time, and what runs for seconds or minutes has
//! the time left that it had. Facts keep the times they were told with, so what is moved stands beside the state; a restart, which
//! takes offers back and ends calls anyway, forgets it.

use std::time::Duration;

use ws::id::Timestamp;

use crate::{
    hub::{Hub, Sockets},
    interaction::{Interaction, Offer},
    sweep::Act,
};

/// Deadlines of an interaction that a step moved: which, as it was set, and when it is due.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moved(Vec<(Act, Timestamp, Timestamp)>);

impl Moved {
    /// Tells whether none was.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns when something is due that was set for `at`. What was set anew since is another deadline.
    pub(crate) fn due(&self, act: Act, at: Timestamp) -> Timestamp {
        let moved = self.0.iter().find(|one| (one.0, one.1) == (act, at));
        moved.map_or(at, |one| one.2)
    }
}

impl Act {
    /// Tells whether it ends something that runs, and not a wait, a promise or a whole interaction.
    fn ends_what_runs(self) -> bool {
        match self {
            Self::OfferOver
            | Self::InvitationOver
            | Self::WrapUpOver
            | Self::RangOut(_)
            | Self::LostRelease(_)
            | Self::Silent(_)
            | Self::Unheard(_)
            | Self::Idle
            | Self::FarewellOver(_)
            | Self::MenuOver(_)
            | Self::VoicemailOver(_)
            | Self::Park
            | Self::RatingOver(_)
            | Self::Cobrowse
            | Self::Recording
            | Self::StopKey(_) => true,
            // That of a visitor goes with the time of the loss, which is moved.
            Self::VisitorGone | Self::TooOld | Self::Look | Self::Tell => false,
        }
    }
}

impl Hub {
    /// Takes in that the time is about to jump by so much.
    pub fn handle_step(&mut self, by: Duration) {
        let lost = |sockets: &mut Sockets| {
            let leaving = sockets.leaving.values_mut();
            for since in sockets.lost.iter_mut().chain(leaving) {
                *since = *since + by;
            }
        };
        self.desks.values_mut().for_each(lost);
        self.widgets.values_mut().for_each(lost);
        let mut agents: Vec<_> = self.desks.keys().cloned().collect();
        agents.sort_unstable();
        self.touched_agents.extend(agents);
        for id in self.state.in_order() {
            let Some(found) = self.state.interaction(id) else {
                continue;
            };
            let before = self.asides.get(&id).map(|aside| aside.moved.clone());
            let before = before.unwrap_or_default();
            let mut moved = Moved::default();
            self.set_deadlines(found, &mut |at, act| {
                let due = before.due(act, at);
                if act.ends_what_runs() && due > self.now {
                    moved.0.push((act, at, due + by));
                }
            });
            if !moved.is_empty() || !before.is_empty() {
                self.asides.entry(id).or_default().moved = moved;
            }
        }
    }

    /// Returns until when an offer stands.
    pub(crate) fn offer_until(&self, found: &Interaction, offer: &Offer) -> Timestamp {
        self.moved(found, Act::OfferOver, offer.deadline)
    }

    /// Returns until when an invitation that was made until `deadline` stands.
    pub(crate) fn invited_until(&self, found: &Interaction, deadline: Timestamp) -> Timestamp {
        self.moved(found, Act::InvitationOver, deadline)
    }

    /// Returns until when the wrap-up of an interaction lasts, where it is in one.
    pub(crate) fn wrap_up_until(&self, found: &Interaction) -> Option<Timestamp> {
        let stay = found.assignment.as_ref()?;
        Some(self.moved(found, Act::WrapUpOver, stay.wrap_up?))
    }

    fn moved(&self, found: &Interaction, act: Act, at: Timestamp) -> Timestamp {
        let aside = self.asides.get(&found.id);
        aside.map_or(at, |aside| aside.moved.due(act, at))
    }
}
