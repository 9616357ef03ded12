//! What both sides ask about shared pages: what passes is carried on here, all else is the hub's to decide.

use std::collections::BTreeSet;

use ws::{
    agent,
    cobrowse::{AgentAct, AgentNews, Guide, VisitorAct, VisitorNews},
    frame::{Refusal, Told},
    id::{AgentId, InteractionId, VisitorId},
    visitor,
};

use super::{is_shared, nothing_shared, sharing, tell};
use crate::{
    Hub,
    edge::browser::{Browsers, check},
    input::{Asker, Input, Reply},
};

impl Browsers {
    /// Takes in what an agent asks about a page; none means that the hub answers.
    pub(in crate::edge::browser) fn cobrowse_of_agent(
        &mut self,
        re: Asker,
        (agent, console): (AgentId, Option<u64>),
        interaction: InteractionId,
        act: AgentAct,
        hub: &Hub,
    ) -> Result<Option<agent::Done>, Refusal> {
        check::room_on_page(&act, (&agent, interaction), hub, &self.timelines)?;
        match &act {
            AgentAct::Guide { stream, guide } => {
                hub.may_guide(interaction, &agent, guide.needs())?;
                self.pages.check_stream(interaction, stream)?;
                if guide.is_passing() {
                    let by = hub.agent_name(&agent);
                    self.guide(interaction, by, stream.clone(), guide.clone());
                    return Ok(Some(agent::Done::Ok));
                }
            }
            AgentAct::Watch { sheets } => {
                let asker = ((re.socket, re.id), check::console(console)?);
                self.pages.ask(asker, interaction, agent.clone(), sheets)?;
            }
            AgentAct::Leave {} => {
                if !self.pages.leave(check::console(console)?, interaction) {
                    return Ok(Some(agent::Done::Ok));
                }
            }
            AgentAct::Ask { .. }
            | AgentAct::Stop {}
            | AgentAct::Page { .. }
            | AgentAct::Code {}
            | AgentAct::Pair { .. } => {}
        }
        self.out.inputs.push_back(Input::CobrowseOfAgent {
            agent,
            interaction,
            act: Box::new(act),
            re,
        });
        Ok(None)
    }

    /// Takes in what a visitor asks about their page; none means that the hub answers.
    pub(in crate::edge::browser) fn cobrowse_of_visitor(
        &mut self,
        re: Asker,
        act: VisitorAct,
        hub: &Hub,
    ) -> Result<Option<visitor::Done>, Refusal> {
        let Some((credential, interaction)) = self.widgets.shown_by(re.socket) else {
            return check::stranger();
        };
        let visitor = credential.visitor;
        let whose = || match interaction {
            Some(interaction) => Ok((visitor, interaction)),
            None => nothing_shared(),
        };
        match act {
            VisitorAct::Part(part) => {
                self.pages
                    .take(re.socket, whose()?, part, hub, &mut self.out)?;
                Ok(Some(visitor::Done::Ok))
            }
            VisitorAct::Sheets { stream, sheets } => {
                let named = (stream, sheets);
                let sheets = self.pages.name(re.socket, whose()?, named, hub)?;
                Ok(Some(visitor::Done::Missing { sheets }))
            }
            VisitorAct::Sheet(part) => {
                self.pages.keep(whose()?, part, hub)?;
                Ok(Some(visitor::Done::Ok))
            }
            act => {
                if let VisitorAct::Page { .. }
                | VisitorAct::Suggest { .. }
                | VisitorAct::Undone { .. } = &act
                {
                    check::room(interaction.and_then(|at| self.timelines.get(at)))?;
                }
                let zone = credential.zone.clone();
                if let (VisitorAct::Page { url, title }, Ok(theirs)) = (&act, whose()) {
                    self.call_page(theirs, (url, title.as_deref()), hub);
                }
                self.out.inputs.push_back(Input::CobrowseOfVisitor {
                    visitor,
                    interaction,
                    act: Box::new(act),
                    zone,
                    re,
                });
                Ok(None)
            }
        }
    }

    // No fact: those who look are told at once.
    fn call_page(
        &mut self,
        theirs: (VisitorId, InteractionId),
        page: (&str, Option<&str>),
        hub: &Hub,
    ) {
        if self.pages.call(theirs, page, hub) {
            self.tell_sharing_to_staff(&BTreeSet::from([theirs.1]), hub);
        }
    }

    /// Lets the page of a visitor that is seen show, or do, what an agent does on it. Nodes are numbered by each recording: no other
    /// page of theirs is told.
    pub fn guide(&mut self, interaction: InteractionId, by: String, stream: String, guide: Guide) {
        let Some(source) = self.pages.source_of(interaction, &stream) else {
            return;
        };
        let news = Box::new(VisitorNews::Guide { by, stream, guide });
        let interaction = Some(interaction);
        let push = visitor::Push::Cobrowse { interaction, news };
        self.out.visitor(source, Told::Push(push));
    }

    fn tell_visitor(&mut self, interaction: InteractionId, news: VisitorNews) {
        let news = Box::new(news);
        let push = visitor::Push::Cobrowse {
            interaction: Some(interaction),
            news,
        };
        self.widgets
            .tell(interaction, &push, &self.timelines, &mut self.out);
    }

    /// Returns who has a contact whose page is shared no more: they are told so, though it leaves their desk with that.
    pub(in crate::edge::browser) fn who_had(
        &self,
        changed: &BTreeSet<InteractionId>,
        hub: &Hub,
    ) -> BTreeSet<(InteractionId, u64)> {
        let over = changed.iter().filter(|id| !is_shared(**id, hub));
        let had = |id: &InteractionId| {
            let id = *id;
            let sockets = self.consoles.watching(id).into_iter();
            sockets.map(move |socket| (id, socket))
        };
        over.flat_map(had).collect()
    }

    /// Tells both sides how pages are shared now, and who had them on their desk that they are shared no more.
    pub(in crate::edge::browser) fn tell_sharing(
        &mut self,
        changed: BTreeSet<InteractionId>,
        had: &BTreeSet<(InteractionId, u64)>,
        hub: &Hub,
    ) {
        self.tell_sharing_to_staff(&changed, hub);
        for &(interaction, socket) in had {
            let viewers = BTreeSet::from_iter(self.pages.viewers(interaction));
            let told = self.consoles.watching(interaction).contains(&socket);
            if !told && !viewers.contains(&socket) {
                let sharing = self.pages.sharing(interaction, hub);
                tell(
                    socket,
                    interaction,
                    AgentNews::State { sharing },
                    &mut self.out,
                );
            }
        }
        for interaction in changed {
            let sharing = sharing(interaction, hub);
            let granted = !sharing.granted.is_empty();
            self.tell_visitor(interaction, VisitorNews::State { sharing });
            if !granted {
                self.pages.forget(interaction);
            }
        }
    }

    /// Tells those who have a contact, or look at its page, how it is shared now.
    pub(in crate::edge::browser) fn tell_sharing_to_staff(
        &mut self,
        interactions: &BTreeSet<InteractionId>,
        hub: &Hub,
    ) {
        for &interaction in interactions {
            let mut sockets: BTreeSet<_> =
                self.consoles.watching(interaction).into_iter().collect();
            sockets.extend(self.pages.viewers(interaction));
            for socket in sockets {
                let sharing = self.pages.sharing(interaction, hub);
                let news = AgentNews::State { sharing };
                tell(socket, interaction, news, &mut self.out);
            }
        }
    }

    /// Tells a visitor's socket that was just welcomed how its page is shared, and which code their pages have.
    pub(in crate::edge::browser) fn tell_sharing_to_visitor(&mut self, socket: u64, hub: &Hub) {
        let shown = self.widgets.shown_by(socket);
        if let Some((by, interaction)) = shown
            && let Some((code, until)) = hub.code_of_pages(by.visitor, by.zone.clone())
        {
            let news = Box::new(VisitorNews::Code { code, until });
            let push = visitor::Push::Cobrowse { interaction, news };
            self.out.visitor(socket, Told::Push(push));
        }
        if let Some((_, Some(interaction))) = shown
            && is_known(interaction, hub)
        {
            let sharing = sharing(interaction, hub);
            let news = Box::new(VisitorNews::State { sharing });
            let interaction = Some(interaction);
            let push = visitor::Push::Cobrowse { interaction, news };
            self.out.visitor(socket, Told::Push(push));
        }
    }

    /// Tells a console that was just welcomed how the pages of its contacts are shared, and which codes they have.
    pub(in crate::edge::browser) fn tell_sharing_to_console(&mut self, socket: u64, hub: &Hub) {
        for interaction in self.consoles.contacts_of(socket) {
            if let Some((code, until)) = hub.code_of(interaction) {
                tell(
                    socket,
                    interaction,
                    AgentNews::Code { code, until },
                    &mut self.out,
                );
            }
            if is_known(interaction, hub) {
                let sharing = self.pages.sharing(interaction, hub);
                let news = AgentNews::State { sharing };
                tell(socket, interaction, news, &mut self.out);
            }
        }
    }

    /// Begins to show a page to who was allowed to look, once they know that they are.
    pub(in crate::edge::browser) fn begin_to_show(&mut self, reply: &Reply, hub: &Hub) {
        let asker = (reply.to.socket, reply.to.id);
        let allowed = reply.result.is_ok();
        let hungry = self.pages.answered(asker, allowed, hub, &mut self.out);
        if let Some(interaction) = hungry {
            self.tell_visitor(interaction, VisitorNews::Fresh {});
        }
    }

    /// Lets those look no more whose socket is closed.
    pub(in crate::edge::browser) fn close_pages(&mut self, socket: u64) {
        for (interaction, agent) in self.pages.close(socket) {
            self.out.inputs.push_back(Input::CobrowseOfAgent {
                agent,
                interaction,
                act: Box::new(AgentAct::Leave {}),
                re: Asker { socket, id: 0 },
            });
        }
    }
}

fn is_known(interaction: InteractionId, hub: &Hub) -> bool {
    let found = hub.state().interaction(interaction);
    found.is_some_and(|found| found.cobrowse.is_some())
}
