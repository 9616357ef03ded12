//! What facts about pages seen together do.

use ws::{cobrowse::Act, id::Timestamp, timeline::Author};

use crate::{
    cobrowse::{Asked, Cobrowse},
    event::Event,
    interaction::Interaction,
};

impl Interaction {
    pub(super) fn apply_cobrowse(&mut self, at: Timestamp, event: &Event) {
        let Event::Cobrowsed { by, act } = event else {
            return;
        };
        match &**act {
            Act::Asked { grants, until } => {
                let sharing = self.cobrowse.get_or_insert_default();
                if let Author::Agent { agent, name } = by {
                    sharing.agent = Some(agent.clone());
                    sharing.asked = Some(Asked {
                        grants: grants.clone(),
                        by: name.clone(),
                        until: *until,
                    });
                }
            }
            Act::Stopped { .. } => self.cobrowse = None,
            other => {
                if let Some(sharing) = &mut self.cobrowse {
                    sharing.apply(at, other);
                    if sharing.granted.is_empty() && sharing.asked.is_none() {
                        self.cobrowse = None;
                    }
                }
            }
        }
    }
}

impl Cobrowse {
    fn apply(&mut self, at: Timestamp, act: &Act) {
        match act {
            Act::Unanswered | Act::Declined { .. } => self.asked = None,
            Act::Granted { grants } => {
                self.asked = None;
                self.granted.extend(grants);
                self.since.get_or_insert(at);
                if self.viewers.is_empty() {
                    self.unwatched.get_or_insert(at);
                }
            }
            Act::Revoked { grants } => self.granted.retain(|grant| !grants.contains(grant)),
            Act::Page { url, .. } => {
                self.page = Some(url.clone());
                self.places += 1;
                self.placed = at;
            }
            Act::Joined { agent, name } => {
                self.viewers.insert(agent.clone(), name.clone());
                self.unwatched = None;
            }
            Act::Left { agent } => {
                self.viewers.remove(agent);
                if self.viewers.is_empty() {
                    self.unwatched = Some(at);
                }
            }
            // Done on the page, or what `Interaction::apply_cobrowse` sees to.
            Act::Asked { .. }
            | Act::Stopped { .. }
            | Act::Pushed { .. }
            | Act::Marked { .. }
            | Act::Drawn
            | Act::Filled { .. }
            | Act::Pressed { .. }
            | Act::Undone { .. }
            | Act::Paired
            | Act::Astray { .. } => {}
        }
    }
}
