//! Many agents at work: consoles that accept whatever is offered, and one phone port behind which all their phones are.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Instant,
};

use anyhow::{Context, Result};
use tokio::task::JoinHandle;
use ws::{
    client::{Agent, AgentNews},
    id::Mid,
    timeline::{Author, What},
};

use crate::{
    browser::Tab,
    house::House,
    phone::{Phone, Setup},
    pipe::Habits,
    spread::Spread,
};

/// When each message was written, by its id; a message is taken out when it was seen first.
pub type Written = Arc<Mutex<HashMap<Mid, Instant>>>;

/// How the ids of messages begin that open a chat and are not measured.
pub const OPENING: &str = "open";

/// What one console saw of customers' messages.
#[derive(Debug, Default)]
pub struct Sight {
    /// How long they took from the writer to here.
    pub took: Spread,
    /// How many came that were never written, or came twice.
    pub strange: u64,
}

/// Consoles at work.
pub struct Crew {
    consoles: Vec<JoinHandle<Result<()>>>,
    sight: Arc<Mutex<Sight>>,
}

impl Crew {
    /// Signs all agents in and makes them ready.
    pub async fn muster(house: &House, written: &Written) -> Result<Self> {
        let habits = Habits {
            ready: true,
            accept: true,
            wrap_up: true,
        };
        let sight = Arc::new(Mutex::new(Sight::default()));
        let mut consoles = Vec::new();
        for agent in &house.agents {
            let token = house.web.login(agent, &house.password(agent)?).await?;
            let mut tab = Tab::open(&house.web, Agent::new(token)).await?;
            let mut news = tab
                .until("the desk", |news| {
                    matches!(news, AgentNews::Desk).then_some(news)
                })
                .await
                .map(Some)?;
            let (written, sight) = (written.clone(), sight.clone());
            consoles.push(tokio::spawn(async move {
                tab.machine.set_presence(ws::agent::Presence::Ready);
                loop {
                    if let Some(news) = news.take() {
                        note(&news, &written, &sight);
                        habits.follow(&mut tab.machine, news);
                    }
                    news = Some(tab.news().await?);
                }
            }));
        }
        Ok(Self { consoles, sight })
    }

    /// Starts one port with the phones of all agents, registered.
    pub async fn phones(house: &House, setup: Setup) -> Result<Phone> {
        let mut phone = Phone::start(setup).await?;
        for agent in &house.agents {
            phone.register(agent, &house.password(agent)?).await?;
        }
        Ok(phone)
    }

    /// Sends everybody home; returns what they saw. Fails when a console had stopped before.
    pub async fn dismiss(self) -> Result<Sight> {
        for console in self.consoles {
            console.abort();
            match console.await {
                Ok(stopped) => stopped.context("a console stopped")?,
                Err(ended) if ended.is_cancelled() => {}
                Err(ended) => return Err(ended.into()),
            }
        }
        Ok(std::mem::take(
            &mut *self
                .sight
                .lock()
                .expect("nobody panics while they hold the sight"),
        ))
    }
}

fn note(news: &AgentNews, written: &Written, sight: &Mutex<Sight>) {
    let AgentNews::Entry(_, entry) = news else {
        return;
    };
    let What::Message {
        from: Author::Customer,
        mid,
        ..
    } = &entry.what
    else {
        return;
    };
    // What opens a chat is written before anything is measured.
    if mid.as_str().starts_with(OPENING) {
        return;
    }
    seen(mid, written, sight);
}

/// Notes that an agent sees a message.
pub fn seen(mid: &Mid, written: &Written, sight: &Mutex<Sight>) {
    let since = written
        .lock()
        .expect("nobody panics while they hold the messages")
        .remove(mid);
    let mut sight = sight
        .lock()
        .expect("nobody panics while they hold the sight");
    match since {
        Some(since) => sight.took.add(since.elapsed()),
        None => sight.strange += 1,
    }
}
