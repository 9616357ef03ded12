//! Visitors and agents who write and answer through everything the network does to them, as the browsers' clients do: a
//! socket that stays silent or owes an answer for too long is given up, and another is opened.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rand::{RngExt, rngs::StdRng};
use tokio::{sync::watch, time};
use ws::{
    agent::{Change, Presence},
    client::{Agent, AgentNews, Opening, Visitor, VisitorNews},
    id::InteractionId,
    timeline::{Author, What},
};

use super::{
    Stage,
    book::FAREWELL,
    page::{Page, Pages},
};
use crate::{
    browser::{Machine, Tab},
    pipe::Habits,
    web::Web,
};

/// A socket that is not open after this long is given up.
const OPENS: Duration = Duration::from_secs(10);
/// A request that is not answered after this long means that the socket is dead.
const ANSWER: Duration = Duration::from_secs(15);
/// A socket on which nothing comes for this long is dead: the server pings every 25 s.
const SILENCE: Duration = Duration::from_secs(60);
/// How often an agent answers what a customer says, of a hundred times.
const ANSWERED: f64 = 0.75;

/// A tab that comes back by itself.
struct Steady<M> {
    tab: Tab<M>,
    heard: Arc<Mutex<Instant>>,
    /// Since when the server owes an answer.
    owed: Instant,
}

impl<M: Machine> Steady<M> {
    async fn open(through: &Web, machine: M, dice: &mut StdRng) -> Result<Self> {
        let heard = Arc::new(Mutex::new(Instant::now()));
        let note = heard.clone();
        // The first socket may meet bad weather like any other.
        let mut tab = Tab::idle(through, machine);
        tab.tap = Some(Box::new(move |_| {
            *note.lock().expect("nobody panics while they note the time") = Instant::now();
        }));
        let mut steady = Self {
            tab,
            heard,
            owed: Instant::now(),
        };
        steady.come_back(dice).await;
        Ok(steady)
    }

    async fn come_back(&mut self, dice: &mut StdRng) {
        self.tab.cut();
        loop {
            time::sleep(Duration::from_millis(dice.random_range(20..500))).await;
            if let Ok(Ok(())) = time::timeout(OPENS, self.tab.connect()).await {
                break;
            }
            self.tab.cut();
        }
        let now = Instant::now();
        self.owed = now;
        *self
            .heard
            .lock()
            .expect("nobody panics while they note the time") = now;
    }

    // Waits for the next news until `end`; none when the time is over or the socket had to be opened anew.
    async fn news(&mut self, owes: bool, end: Instant, dice: &mut StdRng) -> Option<M::News> {
        if !owes {
            self.owed = Instant::now();
        }
        let heard = *self
            .heard
            .lock()
            .expect("nobody panics while they note the time");
        let dead = (heard + SILENCE).min(self.owed + ANSWER);
        let wake = end.min(dead);
        tokio::select! {
            news = self.tab.news() => match news {
                Ok(news) => return Some(news),
                Err(_) => self.come_back(dice).await,
            },
            () = time::sleep_until(wake.into()) => {
                if Instant::now() >= dead && self.is_dead(owes) {
                    self.come_back(dice).await;
                }
            }
        }
        None
    }

    // Something may have come in the meantime.
    fn is_dead(&self, owes: bool) -> bool {
        let heard = *self
            .heard
            .lock()
            .expect("nobody panics while they note the time");
        heard.elapsed() >= SILENCE || (owes && self.owed.elapsed() >= ANSWER)
    }
}

/// Is a visitor who writes `count` messages, about `rate` a second; returns what the page showed.
pub async fn visit(stage: Stage, number: usize, mut dice: StdRng) -> Result<Vec<Page>> {
    let who = format!("v{number}");
    let token = stage
        .direct
        .visitor(&stage.house.zone)
        .await
        .with_context(|| format!("{who} was not let in"))?;
    let mut tab = Steady::open(&stage.through, Visitor::new(token), &mut dice).await?;
    let mut visit = Visit {
        stage: &stage,
        pages: Pages::new(who.clone()),
        who,
        next: 0,
        served: false,
        answered: false,
        over: false,
        ending: false,
    };
    visit.begin(&mut tab.tab.machine)?;
    let mut write = Instant::now();
    let end = Instant::now() + stage.patience;
    while !visit.over {
        ensure!(
            Instant::now() < end,
            "{} did not come to an end: {} written, {} unsent, served {}, answered {}",
            visit.who,
            visit.next,
            tab.tab.machine.unsent(),
            visit.served,
            visit.answered
        );
        let owes = tab.tab.machine.unsent() > 0 || !tab.tab.machine.is_live();
        let news = tab.news(owes, write.max(Instant::now()), &mut dice).await;
        if let Some(news) = news {
            if matches!(
                news,
                VisitorNews::Acknowledged(_) | VisitorNews::Welcomed(_)
            ) {
                tab.owed = Instant::now();
            }
            visit.hear(&tab.tab.machine, news);
            continue;
        }
        if Instant::now() >= write {
            write = Instant::now() + stage.pause.mul_f64(dice.random_range(0.5..1.5));
            visit.act(&mut tab.tab.machine);
        }
    }
    Ok(visit.pages.into_pages())
}

struct Visit<'a> {
    stage: &'a Stage,
    who: String,
    pages: Pages,
    /// How many messages were written.
    next: usize,
    /// An agent is in the chat.
    served: bool,
    /// An agent wrote after the farewell.
    answered: bool,
    ending: bool,
    over: bool,
}

impl Visit<'_> {
    fn begin(&mut self, machine: &mut Visitor) -> Result<()> {
        let opening = Opening {
            zone: self.stage.house.zone.parse()?,
            name: None,
            mail: None,
            page: None,
            referrer: None,
            form: None,
        };
        let text = "Hello".to_owned();
        machine.open(opening, self.stage.book.write(&self.who, 0, &text), text);
        self.next = 1;
        Ok(())
    }

    fn act(&mut self, machine: &mut Visitor) {
        if machine.interaction().is_none() {
            return;
        }
        let text = match self.next.cmp(&self.stage.each) {
            std::cmp::Ordering::Less => format!("Message {} of {}", self.next, self.who),
            std::cmp::Ordering::Equal if self.stage.is_calm() => FAREWELL.to_owned(),
            std::cmp::Ordering::Equal => return,
            std::cmp::Ordering::Greater => {
                if self.answered && machine.unsent() == 0 && machine.is_live() && !self.ending {
                    self.ending = true;
                    machine.end();
                }
                return;
            }
        };
        let mid = self.stage.book.write(&self.who, self.next, &text);
        self.next += 1;
        machine.write(mid, text);
    }

    fn hear(&mut self, machine: &Visitor, news: VisitorNews) {
        let book = &self.stage.book;
        match news {
            VisitorNews::Entry(entry) => {
                match machine.interaction() {
                    Some(interaction) => self.pages.show(interaction, &entry),
                    None => book.wrong(format!("{} was shown an entry of nothing", self.who)),
                }
                match entry.what {
                    What::Joined { .. } => self.served = true,
                    What::Message {
                        from: Author::Agent { .. },
                        text,
                        ..
                    } => self.answered |= text == FAREWELL,
                    _ => {}
                }
            }
            VisitorNews::Acknowledged(mid) => match machine.interaction() {
                Some(interaction) => book.acknowledged(interaction, mid),
                None => book.wrong(format!("{mid} was acknowledged in no interaction")),
            },
            VisitorNews::Refused(request, refusal) if !self.ending => {
                book.wrong(format!(
                    "{}: {request:?} was refused: {refusal:?}",
                    self.who
                ));
            }
            VisitorNews::Restarted => book.wrong(format!("{}: the page was cleared", self.who)),
            VisitorNews::Strange => book.wrong(format!(
                "{} was told something outside the language",
                self.who
            )),
            VisitorNews::Lost(_) => self.ending = false,
            VisitorNews::Refused(..)
            | VisitorNews::Welcomed(_)
            | VisitorNews::Position(..)
            | VisitorNews::Typing(..)
            | VisitorNews::Receipt(..)
            | VisitorNews::Promised(_)
            | VisitorNews::Media(_)
            | VisitorNews::Done(_) => {}
        }
        self.over = machine.thread().is_over();
    }
}

/// Is an agent until told to close; returns what the console showed.
pub async fn serve(
    stage: Stage,
    agent: String,
    mut closed: watch::Receiver<bool>,
    mut dice: StdRng,
) -> Result<Vec<Page>> {
    let token = stage
        .direct
        .login(&agent, &stage.house.password(&agent)?)
        .await?;
    let mut tab = Steady::open(&stage.through, Agent::new(token), &mut dice).await?;
    let mut pages = Pages::new(agent.clone());
    let mut written = 0;
    while !*closed.borrow() {
        let owes = tab.tab.machine.unsent() > 0 || !tab.tab.machine.is_live();
        let wake = Instant::now() + Duration::from_secs(1);
        let news = tokio::select! {
            news = tab.news(owes, wake, &mut dice) => news,
            _ = closed.changed() => None,
        };
        let Some(news) = news else { continue };
        if matches!(news, AgentNews::Acknowledged(..) | AgentNews::Welcomed) {
            tab.owed = Instant::now();
        }
        if let AgentNews::Entry(interaction, entry) = &news {
            pages.show(*interaction, entry);
        }
        if let Some((interaction, text)) = note(&stage, &agent, &news, &mut dice) {
            let mid = stage.book.write(&agent, written, &text);
            written += 1;
            tab.tab.machine.write(interaction, mid, text);
        }
        follow(&mut tab.tab.machine, news);
    }
    Ok(pages.into_pages())
}

// Returns what is to be answered, and in which chat.
fn note(
    stage: &Stage,
    agent: &str,
    news: &AgentNews,
    dice: &mut StdRng,
) -> Option<(InteractionId, String)> {
    match news {
        AgentNews::Acknowledged(interaction, mid) => {
            stage.book.acknowledged(*interaction, mid.clone());
            None
        }
        AgentNews::Strange => {
            stage
                .book
                .wrong(format!("{agent} was told something outside the language"));
            None
        }
        AgentNews::Entry(interaction, entry) => {
            let What::Message {
                from: Author::Customer,
                mid,
                text,
            } = &entry.what
            else {
                return None;
            };
            let farewell = text == FAREWELL;
            let answers = farewell || (stage.is_new(mid) && dice.random_bool(ANSWERED));
            answers.then(|| {
                let answer = if farewell {
                    FAREWELL.to_owned()
                } else {
                    format!("Answer to {mid}")
                };
                (*interaction, answer)
            })
        }
        AgentNews::Welcomed
        | AgentNews::Desk
        | AgentNews::Change(_)
        | AgentNews::Typing(..)
        | AgentNews::Receipt(..)
        | AgentNews::Promised(_)
        | AgentNews::Done(_)
        | AgentNews::Refused(..)
        | AgentNews::Lost(_) => None,
    }
}

fn follow(agent: &mut Agent, news: AgentNews) {
    let habits = Habits {
        ready: true,
        accept: true,
        wrap_up: true,
    };
    // Who missed offers while the network was down is set away by the house, and is back.
    if let AgentNews::Change(change) = &news
        && let Change::Presence { presence, .. } = change.as_ref()
        && *presence != Presence::Ready
    {
        agent.set_presence(Presence::Ready);
    }
    habits.follow(agent, news);
}
