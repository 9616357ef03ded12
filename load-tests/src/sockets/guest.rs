//! One of very many: comes when told, stays and answers pings, is cut when told.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time,
};
use ws::{
    client::{Opening, Visitor, VisitorNews},
    id::Mid,
    timeline::What,
};

use crate::{
    browser::{Machine, Tab},
    relay::Relay,
};

/// How long one may wait to be welcomed.
const WELCOME: Duration = Duration::from_secs(60);

/// What everybody is told to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word {
    /// Nothing yet.
    Wait,
    /// Open the socket and be welcomed.
    Come,
    /// Write a message and have it acknowledged, for those who chat.
    Chat,
    /// Drop the socket.
    Cut,
}

/// What one did.
pub(super) enum Report {
    /// What was told, in this time.
    Did(Duration),
    /// Not what was told.
    Failed(String),
    /// Lost the socket without being told to.
    Lost(String),
}

/// One visitor at the server that is measured.
pub(super) enum Guest {
    /// At Tandem.
    Visitor {
        tab: Box<Tab<Visitor>>,
        /// The zone they chat in, if they do.
        chats: Option<String>,
        number: u32,
    },
    /// At a relay.
    Relay(Box<Relay>),
}

/// Does what is told until nobody tells anything any more.
pub(super) async fn stay(
    mut guest: Guest,
    gate: Arc<Semaphore>,
    mut told: watch::Receiver<(u32, Word)>,
    report: mpsc::Sender<Report>,
) {
    loop {
        let (_, word) = *told.borrow_and_update();
        if let Some(did) = guest.follow(word, &gate).await
            && report.send(did).await.is_err()
        {
            return;
        }
        loop {
            tokio::select! {
                more = told.changed() => match more {
                    Ok(()) => break,
                    Err(_) => return,
                },
                heard = guest.listen(), if guest.is_open() => if let Err(error) = heard {
                    guest.cut();
                    if report.send(Report::Lost(format!("{error:#}"))).await.is_err() {
                        return;
                    }
                },
            }
        }
    }
}

impl Guest {
    async fn follow(&mut self, word: Word, gate: &Semaphore) -> Option<Report> {
        let done = match word {
            Word::Wait => return None,
            Word::Come => {
                let _place = gate.acquire().await.ok()?;
                let began = Instant::now();
                let come = time::timeout(WELCOME, self.come()).await;
                come.context("nobody welcomed them in time")
                    .and_then(|come| come)
                    .map(|()| began.elapsed())
            }
            Word::Chat => {
                let began = Instant::now();
                self.chat().await?.map(|()| began.elapsed())
            }
            Word::Cut => {
                self.cut();
                Ok(Duration::ZERO)
            }
        };
        Some(match done {
            Ok(took) => Report::Did(took),
            Err(error) => {
                self.cut();
                Report::Failed(format!("{word:?}: {error:#}"))
            }
        })
    }

    async fn come(&mut self) -> Result<()> {
        match self {
            Self::Visitor { tab, .. } => {
                let before = tab.machine.interaction();
                tab.connect().await?;
                let welcomed = tab
                    .until("the welcome", |news| match news {
                        VisitorNews::Welcomed(interaction) => Some(interaction),
                        _ => None,
                    })
                    .await?;
                ensure!(
                    before.is_none() || welcomed == before,
                    "the chat was not taken up again"
                );
                Ok(())
            }
            Self::Relay(relay) => relay.connect().await,
        }
    }

    async fn chat(&mut self) -> Option<Result<()>> {
        match self {
            Self::Visitor {
                tab,
                chats: Some(zone),
                number,
            } => Some(write(tab, zone, *number).await),
            Self::Visitor { chats: None, .. } | Self::Relay(_) => None,
        }
    }

    /// Listens until something came in.
    async fn listen(&mut self) -> Result<()> {
        match self {
            Self::Visitor { tab, .. } => {
                tab.flush().await?;
                while tab.machine.news().is_some() {}
                tab.wait().await
            }
            Self::Relay(relay) => relay.hear().await.map(drop),
        }
    }

    fn is_open(&self) -> bool {
        match self {
            Self::Visitor { tab, .. } => tab.is_open(),
            Self::Relay(relay) => relay.is_open(),
        }
    }

    fn cut(&mut self) {
        match self {
            Self::Visitor { tab, .. } => tab.cut(),
            Self::Relay(relay) => relay.cut(),
        }
    }
}

// Opens a chat, or goes on with it: then all that was written before is there once, and what comes now is acknowledged.
async fn write(tab: &mut Tab<Visitor>, zone: &str, number: u32) -> Result<()> {
    let count = |tab: &Tab<Visitor>| {
        let entries = tab.machine.thread().entries().iter();
        entries
            .filter(|entry| matches!(entry.what, What::Message { .. }))
            .count()
    };
    let before = count(tab);
    let mid: Mid = format!("{number}.{before}").parse()?;
    let text = "Is this in stock?".to_owned();
    if tab.machine.interaction().is_some() {
        ensure!(before > 0, "nothing is left of what was written");
        tab.machine.write(mid.clone(), text);
    } else {
        let opening = Opening {
            zone: zone.parse()?,
            name: None,
            mail: None,
            page: None,
            referrer: None,
            form: None,
        };
        tab.machine.open(opening, mid.clone(), text);
    }
    let known = mid.clone();
    tab.until("the acknowledgement", move |news| {
        matches!(news, VisitorNews::Acknowledged(ref mid) if *mid == known).then_some(())
    })
    .await?;
    while count(tab) <= before {
        time::timeout(WELCOME, tab.news())
            .await
            .context("the message did not come back")??;
    }
    ensure!(count(tab) == before + 1, "a message was doubled");
    Ok(())
}
