//! Agents who serve whatever is put before them, and answer their customers now and then, through every crash.

use anyhow::Result;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::task::JoinSet;
use ws::{
    client::{Agent, AgentNews},
    timeline::{Author, What},
};

use super::{Stage, insist, pause};
use crate::{browser::Tab, pipe::Habits};

/// Signs everybody in; they serve for ever.
pub fn begin(stage: &Stage, staff: &mut JoinSet<Result<()>>, dice: &mut StdRng) {
    for agent in stage.house.agents.clone() {
        staff.spawn(serve(stage.clone(), agent, StdRng::from_rng(dice)));
    }
}

async fn serve(stage: Stage, agent: String, mut dice: StdRng) -> Result<()> {
    let habits = Habits {
        ready: true,
        accept: true,
        wrap_up: true,
    };
    let house = stage.house.clone();
    let password = house.password(&agent)?;
    let token = insist("a login", || house.web.login(&agent, &password)).await?;
    let mut tab = insist("a console", || {
        Tab::open(&house.web, Agent::new(token.clone()))
    })
    .await?;
    loop {
        match tab.news().await {
            Ok(news) => {
                note(&stage, &mut tab.machine, &news, &mut dice);
                habits.follow(&mut tab.machine, news);
            }
            Err(_) => {
                tab.cut();
                while tab.connect().await.is_err() {
                    pause(&mut dice, 10..60).await;
                }
            }
        }
    }
}

fn note(stage: &Stage, agent: &mut Agent, news: &AgentNews, dice: &mut StdRng) {
    match news {
        AgentNews::Acknowledged(interaction, mid) => {
            stage.ledger.acknowledged(*interaction, mid.clone());
        }
        AgentNews::Entry(interaction, entry) => {
            let customers = matches!(
                entry.what,
                What::Message {
                    from: Author::Customer,
                    ..
                }
            );
            if customers && dice.random_bool(0.4) {
                agent.write(*interaction, stage.ledger.mid("a"), "I see".to_owned());
            }
        }
        AgentNews::Strange => {
            stage
                .ledger
                .wrong("a console was told something outside the language".to_owned());
        }
        AgentNews::Welcomed
        | AgentNews::Desk
        | AgentNews::Change(_)
        | AgentNews::Typing(..)
        | AgentNews::Receipt(..)
        | AgentNews::Promised(_)
        | AgentNews::Done(_)
        | AgentNews::Refused(..)
        | AgentNews::Lost(_) => {}
    }
}
