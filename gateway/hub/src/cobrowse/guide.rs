//! Those who look at a shared page, and what is done on it: each of it a fact before the visitor's page sees it.

use ws::{
    cobrowse::{Act, Grant, Guide},
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, VisitorId},
    timeline::Author,
};

use super::{places::line, rules::may_push};
use crate::{
    command::Command,
    event::{LegCause, Party},
    hub::Hub,
    input::{Actor, Done, refuse},
    interaction::Interaction,
    scope::{NAME, PAGE, check_field},
};

/// The longest value filled into a field, in characters.
const VALUE: usize = 2_000;
/// The longest name of an element that is kept, in characters: a longer one is a text, which may be the customer's.
const LABEL: usize = 40;
/// The most points of a line.
const POINTS: usize = 200;

impl Hub {
    // An agent in their contact or in a colleague's chat they are in, a supervisor in any.
    fn sharing_of(&self, id: InteractionId, agent: &AgentId) -> Result<&Interaction, Refusal> {
        let found = match self.scoped(id, &Actor::Agent(agent.clone())) {
            Ok(found) => found,
            Err(refusal) => match self.state.interaction(id) {
                Some(found) if self.may_look(found, agent) => found,
                Some(_) | None => return Err(refusal),
            },
        };
        match &found.cobrowse {
            Some(sharing) if sharing.is_shared() => Ok(found),
            Some(_) | None => refuse(Code::Conflict, "no page is shared in this contact"),
        }
    }

    /// Tells whether somebody may look at a page that is shared.
    pub(super) fn may_look(&self, found: &Interaction, agent: &AgentId) -> bool {
        found.is_with(agent) || found.is_joined_by(agent) || self.is_supervisor(agent)
    }

    /// Lets somebody look.
    pub(super) fn watch_page(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
    ) -> Result<Done, Refusal> {
        let found = self.sharing_of(id, agent)?;
        let sharing = found.cobrowse.as_ref();
        if sharing.is_some_and(|sharing| sharing.viewers.contains_key(agent)) {
            return Ok(Done::Ok);
        }
        let cause = match found.is_with(agent) {
            true => LegCause::Cobrowse,
            false => LegCause::Monitor,
        };
        let page = found.legs.iter();
        let page = page.filter(|(_, leg)| leg.is_live() && leg.is_page() && leg.is_customer());
        let parent = page.map(|(n, _)| found.leg_id(n)).next();
        let party = Party::AgentPage {
            agent: agent.clone(),
        };
        if let Some(leg) = self.begin_leg(id, party, cause, parent) {
            self.tell(Some(id), crate::Event::LegAnswered { leg });
        }
        let (by, name) = (self.agent_author(agent), self.agent_name(agent));
        let agent = agent.clone();
        self.tell_cobrowse(id, by, Act::Joined { agent, name });
        Ok(Done::Ok)
    }

    /// Lets somebody look no more; nothing of it is refused.
    pub(super) fn leave_page(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
    ) -> Result<Done, Refusal> {
        self.unwatch(id, agent, "they look no more");
        Ok(Done::Ok)
    }

    pub(super) fn unwatch(&mut self, id: InteractionId, agent: &AgentId, reason: &str) {
        let found = self.state.interaction(id);
        let sharing = found.and_then(|found| found.cobrowse.as_ref());
        if !sharing.is_some_and(|sharing| sharing.viewers.contains_key(agent)) {
            return;
        }
        let theirs =
            |party: &Party| matches!(party, Party::AgentPage { agent: other } if other == agent);
        self.end_page_legs(id, reason, theirs);
        let by = self.agent_author(agent);
        let agent = agent.clone();
        self.tell_cobrowse(id, by, Act::Left { agent });
    }

    /// Checks that an agent may do something on the page now.
    pub(crate) fn may_guide(
        &self,
        id: InteractionId,
        agent: &AgentId,
        needs: Grant,
    ) -> Result<(), Refusal> {
        let found = self.going_on(id, &Actor::Agent(agent.clone()))?;
        let sharing = found.cobrowse.as_ref();
        if sharing.is_some_and(|sharing| sharing.granted.contains(&needs)) {
            return Ok(());
        }
        refuse(
            Code::Forbidden,
            match needs {
                Grant::View => "the customer does not share their page",
                Grant::Point => "the customer did not allow pointing at their page",
                Grant::Push => "the customer did not allow suggesting pages",
                Grant::Control => "the customer did not allow filling in their page",
            },
        )
    }

    /// Does something on the visitor's page.
    pub(super) fn guide(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
        stream: String,
        guide: Guide,
    ) -> Result<Done, Refusal> {
        self.may_guide(id, agent, guide.needs())?;
        let act = match &guide {
            Guide::Pointer { .. } | Guide::Scroll { .. } | Guide::Clear {} => None,
            Guide::Mark { label, .. } => Some(Act::Marked {
                label: named(label)?,
            }),
            Guide::Draw { points } => {
                if !(2..=POINTS).contains(&points.len()) {
                    let text = format!("a line has 2 to {POINTS} points");
                    return refuse(Code::OutOfRange, text);
                }
                Some(Act::Drawn)
            }
            Guide::Fill { value, label, .. } => {
                check_field("value", Some(value), VALUE)?;
                Some(Act::Filled {
                    label: named(label)?,
                })
            }
            Guide::Press { label, .. } => Some(Act::Pressed {
                label: named(label)?,
            }),
        };
        if let Some(act) = act {
            let by = self.agent_author(agent);
            self.tell_cobrowse(id, by, act);
        }
        let by = self.agent_name(agent);
        let guide = Box::new(guide);
        self.ask(Command::Guide {
            interaction: id,
            by,
            stream,
            guide,
        });
        Ok(Done::Ok)
    }

    /// Notes that the page did not do what an agent did on it.
    pub(super) fn undone(
        &mut self,
        id: InteractionId,
        visitor: VisitorId,
        label: &Option<String>,
    ) -> Result<Done, Refusal> {
        let found = self.going_on(id, &Actor::Visitor(visitor))?;
        let sharing = found.cobrowse.as_ref();
        if !sharing.is_some_and(|sharing| {
            sharing.granted.contains(&Grant::Point) || sharing.granted.contains(&Grant::Control)
        }) {
            return refuse(Code::Conflict, "nothing may be done on this page");
        }
        let label = named(label)?;
        self.tell_cobrowse(id, Author::Customer, Act::Undone { label });
        Ok(Done::Ok)
    }

    /// Suggests a page to the visitor, who opens it or not.
    pub(super) fn push_page(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
        url: String,
        title: Option<String>,
    ) -> Result<Done, Refusal> {
        self.may_guide(id, agent, Grant::Push)?;
        let by = self.agent_author(agent);
        self.suggest(id, by, url, title)
    }

    /// Suggests a page to the agent.
    pub(super) fn suggest_page(
        &mut self,
        id: InteractionId,
        visitor: VisitorId,
        url: String,
        title: Option<String>,
    ) -> Result<Done, Refusal> {
        self.going_on(id, &Actor::Visitor(visitor))?;
        self.suggest(id, Author::Customer, url, title)
    }

    fn suggest(
        &mut self,
        id: InteractionId,
        by: Author,
        url: String,
        title: Option<String>,
    ) -> Result<Done, Refusal> {
        check_field("page address", Some(&url), PAGE)?;
        check_field("title", title.as_ref(), NAME)?;
        let title = title.map(|title| line(&title));
        let found = self.state.interaction(id);
        let zone = found.and_then(|found| self.setup.zones.get(found.page_zone()?));
        let zone = zone.map_or(&[][..], |zone| &zone.pages);
        if !may_push(&self.setup.cobrowse.pages, &url) && !may_push(zone, &url) {
            return refuse(
                Code::Forbidden,
                "this page may not be suggested; cobrowse.pages lists how addresses must begin",
            );
        }
        self.tell_cobrowse(id, by, Act::Pushed { url, title });
        Ok(Done::Ok)
    }
}

// What an agent's console or a visitor's page says that an element is called, as it may be kept.
fn named(label: &Option<String>) -> Result<Option<String>, Refusal> {
    check_field("name of an element", label.as_ref(), NAME)?;
    let label = label.as_deref().map(line);
    Ok(label.filter(|label| (1..=LABEL).contains(&label.chars().count())))
}
