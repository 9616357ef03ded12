//! `tandem webhook`: how webhooks stand, and another try for what they could not deliver.

use anyhow::{Context, bail};
use rusqlite::Connection;
use ws::id::Timestamp;

use crate::{
    clock::{self, Clock},
    config::{self, Config},
    hooks::{
        client,
        office::{Pong, Post},
        reader,
    },
    store::{
        self,
        ledger::{
            self,
            webhooks::{self, Standing},
        },
    },
};

/// Letters that are read at a time.
const PAGE: u32 = 200;

/// What can be done with webhooks; a running daemon takes it up within a second or two.
#[derive(Debug, clap::Subcommand)]
pub enum Webhook {
    /// Lists webhooks and how they stand.
    List,
    /// Lists what could not be delivered and was given up.
    Dead {
        /// Whose.
        webhook: String,
    },
    /// Tries again what was given up.
    Retry {
        /// Whose.
        webhook: String,
        /// Which, as `tandem webhook dead` shows it; all when left out.
        letter: Option<i64>,
    },
    /// Posts a signed message of the type `ping` and tells what came of it.
    Ping {
        /// Whose.
        webhook: String,
    },
    /// Goes on with a webhook whose receiver answered 410.
    Resume {
        /// Which.
        webhook: String,
    },
}

impl Webhook {
    /// Carries it out.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let ledger = || ledger::open(&config.store.path);
        match self {
            Self::List => list(config, &ledger()?),
            Self::Dead { webhook } => {
                known(config, &webhook)?;
                dead(&ledger()?, &webhook)
            }
            Self::Retry { webhook, letter } => {
                known(config, &webhook)?;
                let retried = webhooks::retry(&ledger()?, &webhook, letter)?;
                if let (0, Some(letter)) = (retried, letter) {
                    bail!("there is no letter {letter}; `tandem webhook dead {webhook}` shows all");
                }
                println!("{retried} to be tried again");
                Ok(())
            }
            Self::Ping { webhook } => {
                let hook = known(config, &webhook)?;
                tell(&ping(&webhook, hook)?)
            }
            Self::Resume { webhook } => {
                known(config, &webhook)?;
                if !webhooks::resume(&ledger()?, &webhook)? {
                    bail!("{webhook} goes on already");
                }
                println!("{webhook} goes on");
                Ok(())
            }
        }
    }
}

fn known<'a>(config: &'a Config, name: &str) -> anyhow::Result<&'a config::Webhook> {
    let names = || config.webhook.keys().cloned().collect::<Vec<_>>();
    config.webhook.get(name).with_context(|| {
        format!(
            "there is no webhook \"{name}\"; the configuration has [{}]",
            names().join(", ")
        )
    })
}

fn list(config: &Config, ledger: &Connection) -> anyhow::Result<()> {
    let last = reader::last(&store::open_to_read(&config.store.path)?)?;
    for name in config.webhook.keys() {
        let Some(standing) = webhooks::standing(ledger, name)? else {
            println!("{name}  not begun");
            continue;
        };
        println!("{name}  {}", stands(&standing, last));
    }
    Ok(())
}

/// Says how one stands, where `last` is the journal's last row.
pub fn stands(standing: &Standing, last: i64) -> String {
    format!(
        "{}  behind {}  waiting {}  dead {}  {}",
        standing.state(),
        (last - standing.cursor).max(0),
        standing.waiting,
        standing.dead,
        standing.error.as_deref().unwrap_or_default(),
    )
}

/// Lists what was given up.
pub fn dead(ledger: &Connection, name: &str) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let letters = webhooks::dead(ledger, name, after, PAGE)?;
        let Some(last) = letters.last() else {
            return Ok(());
        };
        after = last.letter;
        for letter in letters {
            println!(
                "{}  {}  {} attempts since {}  {}",
                letter.letter,
                letter.lane,
                letter.attempts,
                clock::shown(Timestamp(letter.since.unsigned_abs())),
                letter.error.unwrap_or_default(),
            );
        }
    }
}

fn ping(name: &str, hook: &config::Webhook) -> anyhow::Result<Pong> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let post = Post::open(name, hook, client::trust()?)?;
    Ok(runtime.block_on(post.ping(Clock::start(Timestamp(0)).now())))
}

fn tell(pong: &Pong) -> anyhow::Result<()> {
    match &pong.error {
        None => {
            println!("taken in {} ms", pong.took_ms);
            Ok(())
        }
        Some(error) => bail!("{error}"),
    }
}
