//! What shared pages show: kept from the last whole page on, so that who looks later never touches the visitor, and sent
//! to those who look. Nothing of it is a fact; what may be shown is asked of the state each time.

mod acts;
mod sheets;

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    agent,
    cobrowse::{AgentNews, Part, Sharing, SheetPart, Viewer, VisitorNews},
    frame::{Code, Refusal, Told},
    id::{AgentId, InteractionId, SheetName, VisitorId},
    server::{BATCH, SHEET},
    visitor,
};

use self::sheets::{SHEETS, Sheets};
use super::Out;
use crate::{
    Hub,
    cobrowse::{Cobrowse, whereabouts},
    input::refuse,
};

/// Bytes after a whole page upon which it is asked for anew.
const AGAIN: usize = 1024 * 1024;
/// Batches after a whole page upon which it is asked for anew, however small they are: whoever looks later is told each.
const MANY: usize = 256;
/// Batches kept of one page at most. With the style sheets they need, a socket takes them up at once.
const MOST: usize = MANY + 128;
/// Bytes kept of one page at most.
const KEPT: usize = BATCH + 2 * AGAIN;

/// All pages that are shared.
#[derive(Debug, Default)]
pub(super) struct Pages {
    shown: BTreeMap<InteractionId, Page>,
    sheets: Sheets,
    /// Who asked the hub to look, by who asks and request, with the socket that is to be shown it.
    asking: BTreeMap<(u64, u64), (u64, InteractionId, Looker)>,
}

/// Somebody who looks at a page.
#[derive(Debug)]
pub(super) struct Looker {
    agent: AgentId,
    /// The style sheets that were told, or are known there from before.
    has: BTreeSet<SheetName>,
}

/// One page that is shared.
#[derive(Debug, Default)]
struct Page {
    /// The socket that sends what it shows.
    source: Option<u64>,
    stream: String,
    /// What a socket's recording said that its next batch needs.
    named: BTreeMap<u64, (String, BTreeSet<SheetName>)>,
    next: u32,
    kept: Vec<AgentNews>,
    bytes: usize,
    /// Bytes since the whole page.
    since: usize,
    /// Whether the whole page was asked for anew.
    asked: bool,
    viewers: BTreeMap<u64, Looker>,
    /// What the page at an address is called.
    called: Option<(String, String)>,
}

impl Pages {
    /// Takes what a page is called; tells whether that is news of the page that was noted.
    pub(super) fn call(
        &mut self,
        (visitor, interaction): (VisitorId, InteractionId),
        (url, title): (&str, Option<&str>),
        hub: &Hub,
    ) -> bool {
        let shared = check_shared(visitor, interaction, hub);
        let Ok((url, title)) = shared.and_then(|()| whereabouts(url, title)) else {
            // The hub says why.
            return false;
        };
        let called = title.map(|title| (url, title));
        let before = self.title(interaction, hub);
        self.shown.entry(interaction).or_default().called = called;
        self.title(interaction, hub) != before
    }

    // Only of the page that was noted: an entry comes before what is told of another.
    fn title(&self, interaction: InteractionId, hub: &Hub) -> Option<String> {
        let found = hub.state().interaction(interaction)?;
        let at = found.cobrowse.as_deref()?.page.as_ref()?;
        let (url, title) = self.shown.get(&interaction)?.called.as_ref()?;
        (url == at).then(|| title.clone())
    }

    /// Returns how the page of an interaction is shared, with what it is called.
    pub(super) fn sharing(&self, interaction: InteractionId, hub: &Hub) -> Sharing {
        let title = self.title(interaction, hub);
        Sharing {
            title,
            ..sharing(interaction, hub)
        }
    }

    /// Takes a batch of what a page shows, and sends it to those who look.
    pub(super) fn take(
        &mut self,
        socket: u64,
        (visitor, interaction): (VisitorId, InteractionId),
        part: Part,
        hub: &Hub,
        out: &mut Out,
    ) -> Result<(), Refusal> {
        check_shared(visitor, interaction, hub)?;
        if part.of != 1 || part.text.len() > BATCH {
            return refuse(Code::OutOfRange, "the batch is not whole, or too long");
        }
        let page = self.shown.entry(interaction).or_default();
        let named = page.named.remove(&socket);
        let needs = named.filter(|(stream, _)| *stream == part.stream);
        let needs = needs.map(|(_, needs)| needs).unwrap_or_default();
        let follows =
            page.source == Some(socket) && page.stream == part.stream && page.next == part.batch;
        if !(part.fresh || follows) || !self.sheets.need(interaction, part.fresh, &needs) {
            return refuse(Code::Conflict, "begin with the whole page");
        }
        if part.fresh {
            page.begin(socket, &part);
            page.forget_sheets(interaction, &self.sheets);
        }
        page.dress(interaction, &needs, &self.sheets, out);
        page.add(part, needs, interaction, out);
        Ok(())
    }

    /// Takes the names of the style sheets that a recording's next batch needs; returns those that are not here.
    pub(super) fn name(
        &mut self,
        socket: u64,
        (visitor, interaction): (VisitorId, InteractionId),
        (stream, sheets): (String, Vec<SheetName>),
        hub: &Hub,
    ) -> Result<Vec<SheetName>, Refusal> {
        check_shared(visitor, interaction, hub)?;
        if sheets.len() > SHEETS || stream.is_empty() || stream.len() > 32 {
            return refuse(
                Code::OutOfRange,
                format!("a stream has 1 to 32 characters and names {SHEETS} style sheets at most"),
            );
        }
        let page = self.shown.entry(interaction).or_default();
        let named = page.named.entry(socket).or_default();
        if named.0 != stream {
            if page.stream != stream {
                self.sheets.turn_over(interaction);
            }
            *named = (stream, BTreeSet::new());
        }
        if named.1.len() + sheets.len() > SHEETS {
            return refuse(
                Code::OutOfRange,
                format!("a batch needs {SHEETS} more style sheets at most"),
            );
        }
        named.1.extend(&sheets);
        let unknown = |sheet: &SheetName| !self.sheets.knows(interaction, *sheet);
        Ok(sheets.into_iter().filter(unknown).collect())
    }

    /// Takes a whole style sheet, whose name is right.
    pub(super) fn keep(
        &mut self,
        (visitor, interaction): (VisitorId, InteractionId),
        part: SheetPart,
        hub: &Hub,
    ) -> Result<(), Refusal> {
        check_shared(visitor, interaction, hub)?;
        if part.of != 1 || part.text.len() > SHEET {
            return refuse(
                Code::OutOfRange,
                "the style sheet is not whole, or too long",
            );
        }
        let page = self.shown.get(&interaction);
        let named = page.into_iter().flat_map(|page| page.named.values());
        let named = named.flat_map(|(_, names)| names).copied().collect();
        self.sheets.put(interaction, part, &named)
    }

    /// Notes that the hub is asked whether somebody may look who knows these style sheets.
    pub(super) fn ask(
        &mut self,
        (asker, socket): ((u64, u64), u64),
        interaction: InteractionId,
        agent: AgentId,
        sheets: &[SheetName],
    ) -> Result<(), Refusal> {
        if sheets.len() > SHEETS {
            return refuse(
                Code::OutOfRange,
                format!("{SHEETS} style sheets can be named at most"),
            );
        }
        let has = sheets.iter().copied().collect();
        self.asking
            .insert(asker, (socket, interaction, Looker { agent, has }));
        Ok(())
    }

    /// Lets somebody look whom the hub allowed it, and tells how the page is shared first: a supervisor may know nothing of it.
    /// Returns whose page has to be shown whole.
    pub(super) fn answered(
        &mut self,
        asker: (u64, u64),
        allowed: bool,
        hub: &Hub,
        out: &mut Out,
    ) -> Option<InteractionId> {
        let (socket, interaction, looker) = self.asking.remove(&asker)?;
        if !allowed {
            return None;
        }
        let sharing = self.sharing(interaction, hub);
        tell(socket, interaction, AgentNews::State { sharing }, out);
        let page = self.shown.entry(interaction).or_default();
        page.viewers.insert(socket, looker);
        page.dress(interaction, &page.needs(), &self.sheets, out);
        for news in &page.kept {
            tell(socket, interaction, news.clone(), out);
        }
        (page.kept.is_empty() && !std::mem::replace(&mut page.asked, true)).then_some(interaction)
    }

    /// Forgets that a socket looks; tells whether its agent looks from nowhere any more.
    pub(super) fn leave(&mut self, socket: u64, interaction: InteractionId) -> bool {
        let Some(page) = self.shown.get_mut(&interaction) else {
            return true;
        };
        let Some(Looker { agent, .. }) = page.viewers.remove(&socket) else {
            return false;
        };
        page.viewers.values().all(|other| other.agent != agent)
    }

    /// Shows a page no more to an agent who does not look at it any more, at whatever socket.
    pub(super) fn turn_away(&mut self, interaction: InteractionId, agent: &AgentId) {
        if let Some(page) = self.shown.get_mut(&interaction) {
            page.viewers.retain(|_, looker| looker.agent != *agent);
        }
    }

    /// Forgets a socket; returns who looks at what no more.
    pub(super) fn close(&mut self, socket: u64) -> Vec<(InteractionId, AgentId)> {
        let mut left = Vec::new();
        self.asking.retain(|_, (to, interaction, looker)| {
            if *to != socket {
                return true;
            }
            // The hub may have let them look meanwhile.
            left.push((*interaction, looker.agent.clone()));
            false
        });
        for (interaction, page) in &mut self.shown {
            if page.source == Some(socket) {
                page.source = None;
            }
            page.named.remove(&socket);
            if let Some(Looker { agent, .. }) = page.viewers.remove(&socket)
                && page.viewers.values().all(|other| other.agent != agent)
            {
                left.push((*interaction, agent));
            }
        }
        left
    }

    /// Refuses what is done in the picture of another page than the one that is shown now.
    pub(super) fn check_stream(
        &self,
        interaction: InteractionId,
        stream: &str,
    ) -> Result<(), Refusal> {
        match self.source_of(interaction, stream) {
            Some(_) => Ok(()),
            None => refuse(
                Code::Conflict,
                "the page has changed meanwhile; look at it again",
            ),
        }
    }

    /// Returns the socket of a recording that goes on.
    pub(super) fn source_of(&self, interaction: InteractionId, stream: &str) -> Option<u64> {
        let page = self.shown.get(&interaction)?;
        page.source.filter(|_| page.stream == stream)
    }

    /// Returns the sockets that look at a page.
    pub(super) fn viewers(&self, interaction: InteractionId) -> impl Iterator<Item = u64> {
        let page = self.shown.get(&interaction);
        page.into_iter()
            .flat_map(|page| page.viewers.keys().copied())
    }

    /// Forgets a page that is shared no more.
    pub(super) fn forget(&mut self, interaction: InteractionId) {
        self.shown.remove(&interaction);
        self.sheets.forget(interaction);
    }
}

/// Tells whether the page of an interaction is shared.
pub(super) fn is_shared(interaction: InteractionId, hub: &Hub) -> bool {
    let found = hub.state().interaction(interaction);
    let sharing = found.and_then(|found| found.cobrowse.as_deref());
    sharing.is_some_and(Cobrowse::is_shared)
}

fn check_shared(visitor: VisitorId, interaction: InteractionId, hub: &Hub) -> Result<(), Refusal> {
    let found = hub.state().interaction(interaction);
    let theirs = found.filter(|found| found.visitor == Some(visitor));
    let sharing = theirs.and_then(|found| found.cobrowse.as_deref());
    if sharing.is_some_and(Cobrowse::is_shared) {
        return Ok(());
    }
    nothing_shared()
}

// Not `Conflict`, upon which the recorder begins anew.
fn nothing_shared<T>() -> Result<T, Refusal> {
    refuse(
        Code::Forbidden,
        "nothing is shared; what the page shows is not taken",
    )
}

impl Page {
    fn begin(&mut self, socket: u64, part: &Part) {
        self.source = Some(socket);
        self.stream.clone_from(&part.stream);
        self.kept.clear();
        (self.bytes, self.since, self.asked) = (0, 0, false);
    }

    /// Returns the style sheets that what is kept needs.
    fn needs(&self) -> BTreeSet<SheetName> {
        let needs = self.kept.iter().filter_map(|news| match news {
            AgentNews::Batch { sheets, .. } => Some(sheets),
            AgentNews::State { .. }
            | AgentNews::Sheet { .. }
            | AgentNews::Behind {}
            | AgentNews::Lapsed {}
            | AgentNews::Code { .. } => None,
        });
        needs.flatten().copied().collect()
    }

    /// Tells those who look the style sheets they do not have.
    fn dress(
        &mut self,
        interaction: InteractionId,
        needs: &BTreeSet<SheetName>,
        sheets: &Sheets,
        out: &mut Out,
    ) {
        for (socket, looker) in &mut self.viewers {
            for sheet in needs {
                if let Some(text) = sheets.text(interaction, *sheet)
                    && looker.has.insert(*sheet)
                {
                    let text = text.to_string();
                    let news = AgentNews::Sheet {
                        sheet: *sheet,
                        text,
                    };
                    tell(*socket, interaction, news, out);
                }
            }
        }
    }

    // What is kept no more may come again, and is told again then.
    fn forget_sheets(&mut self, interaction: InteractionId, sheets: &Sheets) {
        for looker in self.viewers.values_mut() {
            looker.has.retain(|sheet| sheets.knows(interaction, *sheet));
        }
    }

    fn add(
        &mut self,
        part: Part,
        needs: BTreeSet<SheetName>,
        interaction: InteractionId,
        out: &mut Out,
    ) {
        let size = part.text.len();
        self.next = part.batch.saturating_add(1);
        self.bytes += size;
        if !part.fresh {
            self.since += size;
        }
        let news = AgentNews::Batch {
            stream: part.stream,
            batch: part.batch,
            fresh: part.fresh,
            sheets: needs.into_iter().collect(),
            events: part.text,
        };
        for socket in self.viewers.keys() {
            tell(*socket, interaction, news.clone(), out);
        }
        if self.bytes > KEPT || self.kept.len() > MOST {
            // A recorder that does not begin anew: who looks later waits until it does.
            self.kept.clear();
        } else if part.fresh || !self.kept.is_empty() {
            self.kept.push(news);
        }
        if (self.since > AGAIN || self.kept.len() > MANY)
            && !std::mem::replace(&mut self.asked, true)
            && let Some(source) = self.source
        {
            let news = Box::new(VisitorNews::Fresh {});
            let interaction = Some(interaction);
            let push = visitor::Push::Cobrowse { interaction, news };
            out.visitor(source, Told::Push(push));
        }
    }
}

/// Returns how the page of an interaction is shared.
pub(super) fn sharing(interaction: InteractionId, hub: &Hub) -> Sharing {
    let found = hub.state().interaction(interaction);
    let Some(shared) = found.and_then(|found| found.cobrowse.as_deref()) else {
        return Sharing::default();
    };
    let asked = shared.asked.as_ref();
    let viewers = shared.viewers.iter().map(|(agent, name)| Viewer {
        agent: agent.clone(),
        name: name.clone(),
    });
    Sharing {
        asked: asked.map(|asked| asked.grants.clone()).unwrap_or_default(),
        by: asked.map(|asked| asked.by.clone()),
        until: asked.map(|asked| asked.until),
        granted: shared.granted.clone(),
        since: shared.since,
        page: shared.page.clone(),
        title: None,
        viewers: viewers.collect(),
    }
}

fn tell(socket: u64, interaction: InteractionId, news: AgentNews, out: &mut Out) {
    let news = Box::new(news);
    let push = agent::Push::Cobrowse { interaction, news };
    out.agent(socket, Told::Push(push));
}
