//! Seeing a visitor's page together, as a leg of the interaction: asked for and allowed kind by kind, taken back at any
//! time, and over with the contact at the latest. What the page looks like never comes here.

mod ask;
mod guide;
mod leave;
mod pairing;
mod places;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    cobrowse::{Act, AgentAct, Grant, VisitorAct},
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, Timestamp, VisitorId, ZoneId},
    timeline::Author,
};

use crate::{
    event::{Event, Party},
    hub::Hub,
    input::{CauseKind, Done, refuse},
    interaction::Interaction,
    settle::cause,
};

pub(crate) use pairing::Pairing;
pub(crate) use places::{Passing, whereabouts};
pub use rules::{CobrowseSetup, PAGE_RULE, page_rule};

/// How a visitor's page is shared in an interaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cobrowse {
    /// The question that is not answered.
    pub asked: Option<Asked>,
    /// Whose question began it; it is over when they leave the contact.
    pub agent: Option<AgentId>,
    /// What the visitor allowed.
    pub granted: BTreeSet<Grant>,
    /// Since when the page is shared.
    pub since: Option<Timestamp>,
    /// Since when nobody looks at it.
    pub unwatched: Option<Timestamp>,
    /// Who looks at it, by name.
    pub viewers: BTreeMap<AgentId, String>,
    /// Where the visitor is, as was noted last.
    pub page: Option<String>,
    /// How many places were noted.
    pub places: u32,
    /// When the last was.
    pub placed: Timestamp,
}

/// A question for consent.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// To what.
    pub grants: BTreeSet<Grant>,
    /// By what name.
    pub by: String,
    /// How long it stands.
    pub until: Timestamp,
}

impl Cobrowse {
    /// Tells whether the page is seen.
    pub fn is_shared(&self) -> bool {
        self.granted.contains(&Grant::View)
    }
}

impl Interaction {
    /// Returns the zone of the page that is seen, or may be: its own, where a code brought it here, or that of the visit.
    fn page_zone(&self) -> Option<&ZoneId> {
        let paired = self.legs.values().rev().find_map(|leg| match &leg.party {
            Party::CustomerPage { zone, .. } => zone.as_ref(),
            Party::CustomerPhone { .. }
            | Party::CustomerChat { .. }
            | Party::CustomerBrowser { .. }
            | Party::AgentPhone { .. }
            | Party::AgentBrowser { .. }
            | Party::AgentChat { .. }
            | Party::AgentPage { .. }
            | Party::OutsidePhone { .. } => None,
        });
        paired.or(self.zone.as_ref())
    }
}

impl Hub {
    /// Does what an agent asks.
    pub(crate) fn cobrowse_of_agent(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
        act: AgentAct,
    ) -> Result<Done, Refusal> {
        match act {
            AgentAct::Ask { grants } => self.ask_to_share(id, agent, grants),
            AgentAct::Stop {} => self.stop_sharing(id, agent),
            AgentAct::Watch { .. } => self.watch_page(id, agent),
            AgentAct::Leave {} => self.leave_page(id, agent),
            AgentAct::Guide { stream, guide } => self.guide(id, agent, stream, guide),
            AgentAct::Page { url, title } => self.push_page(id, agent, url, title),
            AgentAct::Code {} => self.code_of_contact(id, agent),
            AgentAct::Pair { code } => self.pair_contact(id, agent, &code),
        }
    }

    /// Does what a visitor asks.
    pub(crate) fn cobrowse_of_visitor(
        &mut self,
        (visitor, socket): (VisitorId, u64),
        zone: Option<ZoneId>,
        id: Option<InteractionId>,
        act: VisitorAct,
    ) -> Result<Done, Refusal> {
        let here = || match id {
            Some(id) => Ok(id),
            None => refuse(
                Code::Conflict,
                "there is no contact in which a page could be shared",
            ),
        };
        match act {
            VisitorAct::Answer { grants } => self.answer_sharing(here()?, visitor, &grants),
            VisitorAct::Revoke { grants } => self.revoke_sharing(here()?, visitor, grants),
            VisitorAct::Page { url, title } => {
                self.page_followed(here()?, visitor, &url, title.as_deref())
            }
            VisitorAct::Suggest { url, title } => self.suggest_page(here()?, visitor, url, title),
            VisitorAct::Undone { label } => self.undone(here()?, visitor, &label),
            VisitorAct::Leave {} => self.leaves_shown(here()?, visitor, socket),
            VisitorAct::Code {} => self.code_of_visitor(visitor, zone),
            VisitorAct::Pair { code } => self.pair_visitor(visitor, zone, &code),
            VisitorAct::Sheets { .. } | VisitorAct::Sheet(_) | VisitorAct::Part(_) => refuse(
                Code::Conflict,
                "what a page shows is for those who look, and not kept",
            ),
        }
    }

    /// Puts an act into the record.
    fn tell_cobrowse(&mut self, id: InteractionId, by: Author, act: Act) {
        let act = Box::new(act);
        self.tell(Some(id), Event::Cobrowsed { by, act });
    }

    /// Ends what is shared or asked, whatever it is.
    fn end_sharing(&mut self, id: InteractionId, by: Author, reason: &str) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        if found.cobrowse.is_none() {
            return;
        }
        self.note_passing(id);
        let found = self.state.interaction(id);
        let Some(sharing) = found.and_then(|found| found.cobrowse.as_ref()) else {
            return;
        };
        let act = match (sharing.is_shared(), &sharing.asked) {
            (false, Some(_)) => Act::Unanswered,
            (true, _) | (false, None) => Act::Stopped {
                reason: reason.to_owned(),
            },
        };
        self.tell_cobrowse(id, by, act);
        self.end_page_legs(id, reason, |_| true);
    }

    fn end_page_legs(&mut self, id: InteractionId, reason: &str, which: impl Fn(&Party) -> bool) {
        let found = self.state.interaction(id);
        let legs: Vec<_> = found
            .into_iter()
            .flat_map(|found| {
                let live = found.legs.iter().filter(|(_, leg)| leg.is_live());
                let pages = live.filter(|(_, leg)| leg.is_page() && which(&leg.party));
                pages.map(|(n, _)| found.leg_id(n))
            })
            .collect();
        for leg in legs {
            let cause = cause(CauseKind::Normal, reason);
            self.tell(Some(id), Event::LegEnded { leg, cause });
        }
    }

    /// Ends a sharing whose ground is gone: the contact, the agent, or the configuration that allowed it.
    pub(crate) fn settle_cobrowse(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let over = found.ended.is_some();
        if found.cobrowse.is_none() {
            let left = found
                .legs
                .values()
                .any(|leg| leg.is_live() && leg.is_page());
            if over && left {
                self.end_page_legs(id, "the contact is over", |_| true);
            }
            return over && left;
        }
        let reason = if over {
            "the contact is over"
        } else if !self.holds_sharing(found) {
            "the agent left the contact"
        } else if !self.may_cobrowse(found) {
            "pages are not seen together any more"
        } else {
            return self.settle_viewers(id);
        };
        self.end_sharing(id, Author::System, reason);
        true
    }

    // Whoever left the chat they were asked into looks no more.
    fn settle_viewers(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let viewers = found.cobrowse.iter().flat_map(|it| it.viewers.keys());
        let gone: Vec<_> = viewers
            .filter(|agent| !self.may_look(found, agent))
            .cloned()
            .collect();
        for agent in &gone {
            self.unwatch(id, agent, "they left the chat");
        }
        !gone.is_empty()
    }

    // Whether the agent who began it is still there.
    fn holds_sharing(&self, found: &Interaction) -> bool {
        let agent = found.cobrowse.as_ref().and_then(|it| it.agent.as_ref());
        agent.is_none_or(|agent| found.is_with(agent))
    }

    fn may_cobrowse(&self, found: &Interaction) -> bool {
        self.may_show(found.page_zone())
    }

    // Whether pages of a zone, or of none, may be seen together.
    fn may_show(&self, zone: Option<&ZoneId>) -> bool {
        let zone = zone.and_then(|zone| self.setup.zones.get(zone));
        self.setup.cobrowse.enabled && zone.is_none_or(|zone| zone.cobrowse)
    }

    /// Puts the deadlines of a sharing.
    pub(crate) fn cobrowse_deadlines(&self, found: &Interaction, put: &mut impl FnMut(Timestamp)) {
        let (Some(sharing), spans) = (&found.cobrowse, &self.setup.cobrowse) else {
            return;
        };
        if let Some(asked) = &sharing.asked {
            put(asked.until);
        }
        if !sharing.is_shared() {
            return;
        }
        if let Some(since) = sharing.since {
            put(since + spans.longest);
        }
        if let Some(since) = sharing.unwatched {
            put(since + spans.unwatched);
        }
        if let Some(due) = self.place_due(found) {
            put(due);
        }
        let widget = found.visitor.and_then(|visitor| self.widgets.get(&visitor));
        if let Some(lost) = widget.and_then(|widget| widget.lost) {
            put(lost + spans.lost);
        }
    }

    /// Does what is due for a sharing.
    pub(crate) fn cobrowse_due(&mut self, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let (Some(sharing), spans) = (&found.cobrowse, &self.setup.cobrowse) else {
            return;
        };
        let passed = |at: Option<Timestamp>, span| at.is_some_and(|at| at + span <= self.now);
        let widget = found.visitor.and_then(|visitor| self.widgets.get(&visitor));
        let passes = self.place_due(found).is_some_and(|due| due <= self.now);
        let reason = if !sharing.is_shared() {
            None
        } else if passed(sharing.since, spans.longest) {
            Some("it lasted as long as it may")
        } else if passed(sharing.unwatched, spans.unwatched) {
            Some("nobody looked any more")
        } else if passed(widget.and_then(|widget| widget.lost), spans.lost) {
            Some("the visitor left the page")
        } else {
            None
        };
        let late = sharing
            .asked
            .as_ref()
            .is_some_and(|asked| asked.until <= self.now);
        if let Some(reason) = reason {
            self.end_sharing(id, Author::System, reason);
            return;
        }
        if late {
            self.tell_cobrowse(id, Author::System, Act::Unanswered);
        }
        if passes {
            self.note_passing(id);
        }
    }

    /// Lets everybody stop looking whose console a restart cut; the visitor's consent goes on.
    pub(crate) fn interrupt_cobrowse(&mut self, id: InteractionId) {
        let found = self.state.interaction(id);
        let sharing = found.and_then(|found| found.cobrowse.as_ref());
        let viewers: Vec<_> = sharing
            .into_iter()
            .flat_map(|sharing| sharing.viewers.keys().cloned())
            .collect();
        for agent in viewers {
            self.unwatch(id, &agent, "the server was restarted");
        }
    }
}
