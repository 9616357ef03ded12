//! Consoles that ask for the page of every contact and look at it, and a supervisor who looks in later.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::{
    task::JoinSet,
    time::{self, timeout},
};
use ws::{
    agent::{Change, Presence, Request},
    client::{Agent, AgentNews},
    cobrowse::{Act, AgentAct, Grant},
    id::InteractionId,
    timeline::What,
};

use super::{
    LAST,
    ledger::{Frame, Ledger, Seen, Shown},
};
use crate::{browser::Tab, house::House, pipe::Habits, spread::Spread};

/// All agents' consoles.
pub struct Viewers(JoinSet<Result<()>>);

impl Viewers {
    /// Signs all agents in and makes them ready.
    pub async fn muster(house: &House, ledger: &Ledger) -> Result<Self> {
        let mut consoles = JoinSet::new();
        for agent in &house.agents {
            let mut tab = sign_in(house, agent).await?;
            tab.machine.set_presence(Presence::Ready);
            let ledger = ledger.clone();
            tab.tap = Some(Box::new(move |frame| ledger.see(frame)));
            consoles.spawn(look(tab));
        }
        Ok(Self(consoles))
    }

    /// Sends everybody home; fails when a console had stopped before.
    pub async fn dismiss(mut self) -> Result<()> {
        if let Some(stopped) = self.0.try_join_next() {
            stopped?.context("a console stopped")?;
        }
        self.0.shutdown().await;
        Ok(())
    }
}

async fn sign_in(house: &House, agent: &str) -> Result<Tab<Agent>> {
    let token = house.web.login(agent, &house.password(agent)?).await?;
    let mut tab = Tab::open(&house.web, Agent::new(token)).await?;
    tab.until("the desk", |news| {
        matches!(news, AgentNews::Desk).then_some(())
    })
    .await?;
    Ok(tab)
}

async fn look(mut tab: Tab<Agent>) -> Result<()> {
    let habits = Habits {
        ready: true,
        accept: true,
        wrap_up: true,
    };
    let mut asked = BTreeSet::new();
    loop {
        let news = tab.news().await?;
        if let AgentNews::Refused(request @ Request::Cobrowse { .. }, refusal) = &news {
            bail!("{request:?} was refused: {refusal:?}");
        }
        if let AgentNews::Change(change) = &news
            && let Change::Contact { contact } = &**change
            && contact.chat
            && asked.insert(contact.interaction)
        {
            let grants = BTreeSet::from([Grant::View]);
            let ask = AgentAct::Ask { grants };
            tab.machine.cobrowse(contact.interaction, ask);
        }
        if let AgentNews::Entry(interaction, entry) = &news
            && let What::Cobrowse {
                act: Act::Granted { .. },
                ..
            } = entry.what
        {
            tab.machine
                .cobrowse(*interaction, AgentAct::Watch { sheets: Vec::new() });
        }
        habits.follow(&mut tab.machine, news);
    }
}

/// What somebody saw who looked in later.
#[derive(Debug, Default)]
pub struct Looked {
    /// From asking to having all of the page that was sent until then.
    pub took: Spread,
    /// What was wrong.
    pub shown: Shown,
}

/// A supervisor who looks in later.
pub struct Late(Tab<Agent>);

impl Late {
    /// Signs them in; they take no contacts.
    pub async fn sign_in(house: &House, supervisor: &str) -> Result<Self> {
        Ok(Self(sign_in(house, supervisor).await?))
    }

    /// Looks at one page after the other.
    pub async fn look(
        self,
        pages: Vec<InteractionId>,
        after: Duration,
        ledger: Ledger,
    ) -> Result<Looked> {
        time::sleep(after).await;
        let mut looked = Looked::default();
        let mut tab = self.0;
        for page in pages {
            let sight = Arc::new(Mutex::new((Seen::default(), Shown::default())));
            let eye = sight.clone();
            tab.tap = Some(Box::new(move |frame| see(&eye, page, frame)));
            let (began, top) = (Instant::now(), ledger.top(page));
            tab.machine
                .cobrowse(page, AgentAct::Watch { sheets: Vec::new() });
            let all = || {
                let sight = sight.lock().expect("nobody panics while they look");
                sight.0.first().is_some() && sight.0.missing(top, top) == 0
            };
            let watch = async {
                while !all() {
                    let news = tab.news_or_frame().await?;
                    if let Some(AgentNews::Refused(request, refusal)) = news {
                        bail!("{request:?} was refused: {refusal:?}");
                    }
                }
                anyhow::Ok(())
            };
            let found = timeout(LAST, watch).await;
            found.with_context(|| format!("batch {top} of {page} did not come"))??;
            looked.took.add(began.elapsed());
            tab.machine.cobrowse(page, AgentAct::Leave {});
            tab.flush().await?;
            let (seen, shown) = &*sight.lock().expect("nobody panics while they look");
            looked.shown.add_faults(shown);
            looked.shown.lost += seen.first().map_or(0, |first| seen.missing(first, top));
        }
        Ok(looked)
    }
}

fn see(sight: &Mutex<(Seen, Shown)>, page: InteractionId, frame: &str) {
    let (seen, shown) = &mut *sight.lock().expect("nobody panics while they look");
    match Frame::read(frame) {
        Some(Frame::Behind) => shown.behind += 1,
        Some(Frame::Batch {
            interaction,
            batch,
            fresh,
        }) if interaction == page => {
            // Whoever comes begins with the whole page.
            if seen.first().is_none() && !fresh {
                shown.disordered += 1;
            }
            seen.note(batch, shown);
        }
        // Of the page they left.
        Some(Frame::Batch { .. }) | None => {}
    }
}
