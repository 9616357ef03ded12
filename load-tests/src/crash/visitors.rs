//! Visitors who chat, ask to be called now or later, and leave politely or not, through every crash.

use anyhow::Result;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{task::JoinSet, time};
use ws::{
    client::{Opening, Visitor, VisitorNews},
    id::InteractionId,
    timeline::{Entry, What},
    visitor::Request,
};

use super::{Stage, insist, pause};
use crate::browser::Tab;

/// How long who is over waits to be asked how it was, and for the answer.
const PATIENCE: time::Duration = time::Duration::from_secs(2);

/// Sends in as many as chat at a time; who is done is followed by another.
pub fn begin(stage: &Stage, load: &mut JoinSet<Result<()>>, count: usize, dice: &mut StdRng) {
    for _ in 0..count {
        let (stage, mut dice) = (stage.clone(), StdRng::from_rng(dice));
        load.spawn(async move {
            while !stage.is_closing() {
                Visit::begin(&stage, &mut dice)
                    .await?
                    .run(&mut dice)
                    .await?;
                pause(&mut dice, 0..300).await;
            }
            Ok(())
        });
    }
}

/// One visitor from first word to last.
struct Visit<'a> {
    stage: &'a Stage,
    tab: Tab<Visitor>,
    /// How many messages are still to be written.
    left: u32,
    /// The number a callback was asked for at.
    wished: Option<String>,
    /// The visitor has said that it is over.
    ending: bool,
    over: bool,
    /// The visitor was asked how they were served, and told.
    rated: bool,
}

impl<'a> Visit<'a> {
    async fn begin(stage: &'a Stage, dice: &mut StdRng) -> Result<Self> {
        let house = &stage.house;
        let token = insist("a new visitor", || house.web.visitor(&house.zone)).await?;
        let mut tab = insist("a widget", || {
            Tab::open(&house.web, Visitor::new(token.clone()))
        })
        .await?;
        let opening = Opening {
            zone: house.zone.parse()?,
            name: None,
            mail: None,
            page: None,
            referrer: None,
            form: None,
        };
        tab.machine
            .open(opening, stage.ledger.mid("v"), "Hello".to_owned());
        stage.ledger.count("chats");
        Ok(Self {
            stage,
            tab,
            left: dice.random_range(1..9),
            wished: None,
            ending: false,
            over: false,
            rated: false,
        })
    }

    async fn run(mut self, dice: &mut StdRng) -> Result<()> {
        let end = time::Instant::now() + super::LAST * 4;
        while !self.over {
            let wait = time::Duration::from_millis(dice.random_range(20..250));
            let heard = tokio::select! {
                heard = self.tab.news() => Some(heard),
                () = time::sleep(wait) => None,
                () = time::sleep_until(end) => {
                    let id = self.tab.machine.interaction();
                    anyhow::bail!("a visit did not come to its end: {id:?}, {} unsent", self.tab.machine.unsent());
                }
            };
            match heard {
                Some(Ok(news)) => self.hear(news),
                Some(Err(_)) => self.come_back(dice).await,
                None => self.act(dice),
            }
            if self.over && !self.rated && dice.random_bool(0.7) {
                self.rate(dice).await;
            }
            let gone = self.ending && self.left == 0 && self.tab.machine.unsent() == 0;
            // Some close the page without a word.
            if gone && dice.random_bool(0.05) {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn come_back(&mut self, dice: &mut StdRng) {
        self.tab.cut();
        while self.tab.connect().await.is_err() {
            pause(dice, 10..60).await;
        }
    }

    // Tells how it was, and waits a little for the answer; a crash may take both.
    async fn rate(&mut self, dice: &mut StdRng) {
        self.rated = true;
        let asked = time::timeout(PATIENCE, self.asked()).await;
        let Ok(Some(interaction)) = asked else {
            return;
        };
        let Ok(score) = dice.random_range(1..=5u8).try_into() else {
            return;
        };
        self.tab.machine.rate(interaction, Some(score), None);
        let told = async {
            while let Ok(news) = self.tab.news().await {
                let done = matches!(&news, VisitorNews::Done(Request::Rate { .. }));
                self.hear(news);
                if done {
                    return;
                }
            }
        };
        // Who hears nothing has told nothing that must be kept.
        let _ = time::timeout(PATIENCE, told).await;
    }

    // Waits until the visitor is asked how it was.
    async fn asked(&mut self) -> Option<InteractionId> {
        loop {
            let entries = self.tab.machine.thread().entries();
            let is_asked = |entry: &Entry| matches!(entry.what, What::RatingAsked { .. });
            if entries.iter().any(is_asked) {
                return self.tab.machine.interaction();
            }
            let news = self.tab.news().await.ok()?;
            self.hear(news);
        }
    }

    fn act(&mut self, dice: &mut StdRng) {
        let machine = &mut self.tab.machine;
        if machine.interaction().is_none() || !machine.is_live() {
            return;
        }
        let ledger = &self.stage.ledger;
        if self.left > 0 {
            self.left -= 1;
            machine.write(ledger.mid("v"), "One more thing".to_owned());
            if self.wished.is_none() && dice.random_bool(0.08) {
                let number = ledger.number(dice);
                if let Ok(known) = number.parse() {
                    machine.callback(known, None, None);
                    self.wished = Some(number);
                }
            } else if dice.random_bool(0.05) {
                let number = ledger.number(dice);
                if let Ok(known) = number.parse() {
                    ledger.count("escalations");
                    machine.call(known);
                    ledger.escalates(number);
                }
            }
        } else if machine.unsent() == 0 && !self.ending {
            self.ending = true;
            machine.end();
        }
    }

    fn hear(&mut self, news: VisitorNews) {
        let ledger = &self.stage.ledger;
        match news {
            VisitorNews::Acknowledged(mid) => match self.tab.machine.interaction() {
                Some(interaction) => ledger.acknowledged(interaction, mid),
                None => ledger.wrong(format!("{mid} was acknowledged in no interaction")),
            },
            VisitorNews::Promised(callback) => {
                if let Some(number) = self.wished.clone() {
                    ledger.promised(callback, number);
                }
            }
            VisitorNews::Done(Request::Rate {
                interaction,
                score: Some(score),
                ..
            }) => ledger.rated(interaction, score.into()),
            VisitorNews::Lost(Request::End {}) => self.ending = false,
            VisitorNews::Refused(Request::Open { .. }, _) => self.over = true,
            // What is said after the end is refused; so is an end that was carried out before the crash.
            VisitorNews::Refused(Request::Message { .. } | Request::End {}, _)
            | VisitorNews::Entry(_)
            | VisitorNews::Done(_) => self.over |= self.tab.machine.thread().is_over(),
            VisitorNews::Strange => {
                ledger.wrong("a widget was told something outside the language".to_owned());
            }
            VisitorNews::Welcomed(None) if self.ending => self.over = true,
            VisitorNews::Welcomed(_)
            | VisitorNews::Restarted
            | VisitorNews::Position(..)
            | VisitorNews::Typing(..)
            | VisitorNews::Receipt(..)
            | VisitorNews::Refused(..)
            | VisitorNews::Media(_)
            | VisitorNews::Lost(_) => {}
        }
    }
}
