//! Scenario `escalation`: chats become calls one after another; how long from the wish to both phones taken.

use std::{fmt, time::Instant};

use anyhow::{Context, Result};

use crate::{
    house::House,
    selftest::{Cast, chat},
    spread::Spread,
};

/// What is to be done.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Plan {
    /// How many chats become calls.
    #[arg(long, default_value_t = 10)]
    pub count: u32,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    wish_to_tone: Spread,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "escalation: {} chats became calls, heard both ways, with the chat open beside them",
            self.wish_to_tone.count()
        )?;
        write!(
            f,
            "  wish to half a second of tone both ways: {}",
            self.wish_to_tone
        )
    }
}

/// Runs the scenario.
pub async fn run(house: &House, plan: Plan) -> Result<Outcome> {
    let mut cast = Cast::meet(house).await?;
    let mut outcome = Outcome::default();
    for number in 0..plan.count {
        let (mut visitor, interaction) = chat::enter(&mut cast)
            .await
            .with_context(|| format!("chat {number}"))?;
        let began = Instant::now();
        chat::become_a_call(&mut cast, &mut visitor, interaction)
            .await
            .with_context(|| format!("call {number}"))?;
        outcome.wish_to_tone.add(began.elapsed());
        chat::leave(&mut cast, &mut visitor, interaction).await?;
    }
    Ok(outcome)
}
