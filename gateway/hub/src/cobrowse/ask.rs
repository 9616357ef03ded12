//! Consent: asked for by the agent, answered by the visitor, taken back by the visitor or given back by the agent.

use std::collections::BTreeSet;

use ws::{
    cobrowse::{Act, Grant},
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, VisitorId},
    timeline::Author,
};

use crate::{
    event::{Event, LegCause, Party},
    hub::Hub,
    input::{Actor, Done, refuse},
    leg::Leg,
};

impl Hub {
    /// Asks the visitor; what was asked before and not answered is replaced.
    pub(super) fn ask_to_share(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
        grants: BTreeSet<Grant>,
    ) -> Result<Done, Refusal> {
        let found = self.going_on(id, &Actor::Agent(agent.clone()))?;
        if !self.may_cobrowse(found) {
            return refuse(
                Code::Forbidden,
                "pages are not seen together here; cobrowse.enabled and the zone's cobrowse allow it",
            );
        }
        let Some(visitor) = found.visitor else {
            return refuse(
                Code::Conflict,
                "no page of the customer belongs to this contact; bring it in by a code",
            );
        };
        let there = self.widgets.get(&visitor);
        if there.is_none_or(|widget| widget.open.is_empty()) {
            return refuse(
                Code::Conflict,
                "the customer has no page open at the moment",
            );
        }
        let granted = found.cobrowse.as_ref().map(|sharing| &sharing.granted);
        let wanted: BTreeSet<_> = match granted {
            Some(granted) => grants.difference(granted).copied().collect(),
            None => grants,
        };
        if wanted.is_empty() {
            return refuse(
                Code::Conflict,
                "that is allowed already, or nothing was asked for",
            );
        }
        let seen = granted.is_some_and(|granted| granted.contains(&Grant::View));
        if !seen && !wanted.contains(&Grant::View) {
            return refuse(Code::Conflict, "ask to see the page first");
        }
        let until = self.now + self.setup.cobrowse.ask;
        let by = self.agent_author(agent);
        let grants = wanted;
        self.tell_cobrowse(id, by, Act::Asked { grants, until });
        Ok(Done::Ok)
    }

    /// Takes the visitor's answer; what they do not allow of what was asked is declined.
    pub(super) fn answer_sharing(
        &mut self,
        id: InteractionId,
        visitor: VisitorId,
        grants: &BTreeSet<Grant>,
    ) -> Result<Done, Refusal> {
        let found = self.going_on(id, &Actor::Visitor(visitor))?;
        let sharing = found.cobrowse.as_ref();
        let Some(asked) = sharing.and_then(|sharing| sharing.asked.as_ref()) else {
            return refuse(Code::Conflict, "nobody asks for that any more");
        };
        if !grants.is_subset(&asked.grants) {
            return refuse(Code::OutOfRange, "only what was asked for can be allowed");
        }
        let seen =
            sharing.is_some_and(|sharing| sharing.is_shared()) || grants.contains(&Grant::View);
        // Without seeing the page nothing else can be done on it.
        let granted = if seen {
            grants.clone()
        } else {
            BTreeSet::new()
        };
        let declined: BTreeSet<_> = asked.grants.difference(&granted).copied().collect();
        if !granted.is_empty() {
            self.begin_sharing(id, visitor);
            let act = Act::Granted { grants: granted };
            self.tell_cobrowse(id, Author::Customer, act);
        }
        if !declined.is_empty() {
            let act = Act::Declined { grants: declined };
            self.tell_cobrowse(id, Author::Customer, act);
        }
        Ok(Done::Ok)
    }

    // The visitor's leg, unless it is there since a code brought it in.
    fn begin_sharing(&mut self, id: InteractionId, visitor: VisitorId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let page = |leg: &Leg| leg.is_live() && leg.is_page() && leg.is_customer();
        if found.legs.values().any(page) {
            return;
        }
        let chat = found.legs.iter();
        let chat = chat.filter(|(_, leg)| leg.is_live() && leg.is_customer());
        let parent = chat.map(|(n, _)| found.leg_id(n)).next();
        let zone = found.page_zone().cloned();
        let party = Party::CustomerPage { visitor, zone };
        if let Some(leg) = self.begin_leg(id, party, LegCause::Cobrowse, parent) {
            self.tell(Some(id), Event::LegAnswered { leg });
        }
    }

    /// Takes back what the visitor allowed; the whole of it with the view.
    pub(super) fn revoke_sharing(
        &mut self,
        id: InteractionId,
        visitor: VisitorId,
        grants: BTreeSet<Grant>,
    ) -> Result<Done, Refusal> {
        let found = self.scoped(id, &Actor::Visitor(visitor))?;
        let Some(sharing) = &found.cobrowse else {
            // They were quicker than the news of its end.
            return Ok(Done::Ok);
        };
        if grants.contains(&Grant::View) {
            self.end_sharing(id, Author::Customer, "the customer stopped it");
            return Ok(Done::Ok);
        }
        let grants: BTreeSet<_> = grants.intersection(&sharing.granted).copied().collect();
        if !grants.is_empty() {
            self.tell_cobrowse(id, Author::Customer, Act::Revoked { grants });
        }
        Ok(Done::Ok)
    }

    /// Ends it for the agent, or takes the question back.
    pub(super) fn stop_sharing(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
    ) -> Result<Done, Refusal> {
        let found = self.scoped(id, &Actor::Agent(agent.clone()))?;
        let by = self.agent_author(agent);
        let open = found.cobrowse.as_ref();
        let more = open.is_some_and(|sharing| sharing.is_shared() && sharing.asked.is_some());
        if more {
            self.tell_cobrowse(id, by, Act::Unanswered);
        } else {
            self.end_sharing(id, by, "the agent stopped it");
        }
        Ok(Done::Ok)
    }
}
