//! What a visitor allowed to be done with their page, as the journal tells it.

use std::collections::BTreeSet;

use hub::{Event, Fact};
use ws::{
    cobrowse::{Act, Grant},
    id::AgentId,
};

/// The recording of every page: agents know it from what they look at.
pub const STREAM: &str = "s1";

/// How a page is shared.
#[derive(Debug, Default)]
pub struct Sharing {
    asked: BTreeSet<Grant>,
    granted: BTreeSet<Grant>,
    viewers: BTreeSet<AgentId>,
}

impl Sharing {
    /// Tells whether anything is allowed, or asked for.
    pub fn is_open(&self) -> bool {
        !self.granted.is_empty() || !self.asked.is_empty()
    }

    /// Tells whether the page may be seen.
    pub fn shows(&self) -> bool {
        self.granted.contains(&Grant::View)
    }

    /// Takes in what happened; the contact may be over.
    pub fn handle_fact(&mut self, fact: &Fact, over: bool) {
        let Event::Cobrowsed { act, .. } = &fact.event else {
            return;
        };
        match &**act {
            Act::Asked { grants, .. } => {
                assert!(!over, "nobody is asked after the end: {fact:?}");
                self.asked.clone_from(grants);
            }
            Act::Unanswered => self.asked.clear(),
            Act::Granted { grants } => {
                let asked = grants.is_subset(&self.asked);
                assert!(asked, "what is allowed was asked for: {fact:?}");
                self.asked.retain(|grant| !grants.contains(grant));
                self.granted.extend(grants);
                assert!(self.shows(), "nothing is allowed unseen: {fact:?}");
            }
            Act::Declined { .. } => self.asked.clear(),
            Act::Revoked { grants } => {
                let known = grants.is_subset(&self.granted);
                assert!(known, "what is taken back was allowed: {fact:?}");
                self.granted.retain(|grant| !grants.contains(grant));
            }
            Act::Stopped { .. } => *self = Self::default(),
            Act::Joined { agent, .. } => {
                assert!(self.shows(), "nobody looks unallowed: {fact:?}");
                let new = self.viewers.insert(agent.clone());
                assert!(new, "who looks began once: {fact:?}");
            }
            Act::Left { agent } => {
                assert!(self.viewers.remove(agent), "who leaves looked: {fact:?}");
            }
            Act::Marked { .. } | Act::Drawn => self.check(Grant::Point, fact),
            Act::Filled { .. } | Act::Pressed { .. } => self.check(Grant::Control, fact),
            Act::Undone { .. } => {
                let may =
                    self.granted.contains(&Grant::Point) || self.granted.contains(&Grant::Control);
                assert!(may, "what was not done could have been: {fact:?}");
            }
            Act::Page { .. } | Act::Pushed { .. } | Act::Paired | Act::Astray { .. } => {}
        }
    }

    fn check(&self, grant: Grant, fact: &Fact) {
        let may = self.granted.contains(&grant);
        assert!(may, "what is done on a page was allowed: {fact:?}");
    }
}
