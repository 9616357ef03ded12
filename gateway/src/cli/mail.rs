//! `tandem mail`: how mails to customers stand, and another try for what could not be sent.

use anyhow::{Context, bail};
use rusqlite::Connection;

use super::webhook;
use crate::{
    config::Config,
    hooks::reader,
    mail::{post::NAME, server::Server},
    store::{
        self,
        ledger::{self, webhooks},
    },
};

/// What can be done with mails; a running daemon takes it up within a second or two.
#[derive(Debug, clap::Subcommand)]
pub enum Mail {
    /// Says how far mails are, what waits, and what went wrong last.
    Status,
    /// Lists mails that were given up.
    Dead,
    /// Tries again what was given up.
    Retry {
        /// Which, as `tandem mail dead` shows it; all when left out.
        letter: Option<i64>,
    },
    /// Goes to the mail server as far as a mail would be handed over, and tells what came of it.
    Try,
}

impl Mail {
    /// Carries it out.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let ledger = || ledger::open(&config.store.path);
        match self {
            Self::Status => status(config, &ledger()?),
            Self::Dead => webhook::dead(&ledger()?, NAME),
            Self::Retry { letter } => {
                let retried = webhooks::retry(&ledger()?, NAME, letter)?;
                if let (0, Some(letter)) = (retried, letter) {
                    bail!("there is no letter {letter}; `tandem mail dead` shows all");
                }
                println!("{retried} to be tried again");
                Ok(())
            }
            Self::Try => attempt(config),
        }
    }
}

fn status(config: &Config, ledger: &Connection) -> anyhow::Result<()> {
    let last = reader::last(&store::open_to_read(&config.store.path)?)?;
    if config.mail.server.0.is_none() {
        println!("no mails are sent; [mail] names no server");
    }
    match webhooks::standing(ledger, NAME)? {
        None => println!("not begun"),
        Some(standing) => println!("{}", webhook::stands(&standing, last)),
    }
    Ok(())
}

fn attempt(config: &Config) -> anyhow::Result<()> {
    if config.mail.server.0.is_none() {
        bail!("no mails are sent; name the server as mail.server");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let server = Server::open(&config.mail)?;
    let tried = async { tokio::time::timeout(config.mail.timeout.0, server.try_way()).await };
    match runtime.block_on(tried) {
        Ok(Ok(())) => {
            println!("mails can be handed over");
            Ok(())
        }
        Ok(Err(refused)) => bail!("{refused}"),
        Err(_) => bail!("it did not answer within {}", config.mail.timeout),
    }
}
