//! The command line: what can be asked for, and what each command does.

mod agent;
mod backup;
mod certs;
mod customer;
pub mod daemon;
mod interaction;
mod mail;
mod token;
mod webhook;

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Parser, Subcommand};
use rusqlite::Connection;

use crate::{
    clock::tide::Trust,
    config::{Config, Effective},
    store,
};

/// Tandem: one daemon that is a whole customer interaction hub.
#[derive(Debug, Parser)]
#[command(name = "tandem", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    // Global, so that it may stand before and behind the verb: `tandem agent list --config FILE`.
    /// The configuration file; without one Tandem runs in development mode.
    #[arg(long, value_name = "FILE", env = "TANDEM_CONFIG", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the daemon (the default).
    Serve {
        /// Starts though the machine's clock is thirty days or more after the newest time in the store. Wanted once, after so long a pause.
        #[arg(long)]
        clock_is_right: bool,
    },
    /// Reads the configuration, explains it, and opens nothing.
    Check,
    /// Makes certificates.
    Certs {
        #[command(subcommand)]
        what: certs::Certs,
    },
    /// Keeps the agents on record.
    Agent {
        #[command(subcommand)]
        what: agent::Agent,
    },
    /// Makes, lists and revokes credentials.
    Token {
        #[command(subcommand)]
        what: token::Token,
    },
    /// Shows webhooks and tries again what they could not deliver.
    Webhook {
        #[command(subcommand)]
        what: webhook::Webhook,
    },
    /// Shows how mails to customers stand and tries again what could not be sent.
    Mail {
        #[command(subcommand)]
        what: mail::Mail,
    },
    /// Shows, lists and exports what is on record about interactions.
    Interaction {
        #[command(subcommand)]
        what: interaction::Interaction,
    },
    /// Copies the store, beside the daemon that runs on it, into a new folder.
    Backup(backup::Backup),
    /// Puts a copy of the store back; no daemon may run on it.
    Restore(backup::Restore),
    /// Shows, finds, exports, merges and erases customers.
    Customer {
        #[command(subcommand)]
        what: customer::Customer,
    },
}

impl Arguments {
    /// Carries the command out.
    pub fn run(self) -> anyhow::Result<()> {
        let load = || load(self.config.as_deref());
        let serve = Command::Serve {
            clock_is_right: false,
        };
        match self.command.unwrap_or(serve) {
            Command::Serve { clock_is_right } => {
                let trust = match clock_is_right {
                    true => Trust::Blind,
                    false => Trust::Doubts,
                };
                crate::serve::run(load()?, trust)
            }
            Command::Check => {
                let effective = load()?;
                print!("{}", effective.explain());
                for doubt in effective.config.doubts() {
                    eprintln!("warning: {doubt}");
                }
                Ok(())
            }
            Command::Certs { what } => what.run(),
            Command::Agent { what } => what.run(&load()?.config),
            Command::Token { what } => what.run(&load()?.config),
            Command::Webhook { what } => what.run(&load()?.config),
            Command::Mail { what } => what.run(&load()?.config),
            Command::Interaction { what } => what.run(&load()?.config),
            Command::Backup(backup) => backup.run(&load()?.config),
            Command::Restore(restore) => restore.run(&load()?.config),
            Command::Customer { what } => what.run(&load()?.config),
        }
    }
}

fn load(file: Option<&Path>) -> anyhow::Result<Effective> {
    Ok(Effective::load(file, std::env::vars())?)
}

/// Opens the store to read, beside the daemon or without it.
fn open(config: &Config) -> anyhow::Result<Connection> {
    let path = store::file(&config.store.path);
    if !path.exists() {
        bail!(
            "there is no journal at {}; is this the daemon's configuration?",
            path.display()
        );
    }
    store::open_to_read(&config.store.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(line: &str) -> Option<PathBuf> {
        let arguments = Arguments::try_parse_from(line.split(' '));
        arguments.unwrap_or_else(|told| panic!("{told}")).config
    }

    #[test]
    fn the_file_may_stand_before_and_behind_the_verb() {
        let lines = [
            "tandem --config a.toml",
            "tandem --config a.toml serve",
            "tandem --config a.toml token api crm --scope read:records",
            "tandem serve --config a.toml",
            "tandem serve --clock-is-right --config a.toml",
            "tandem agent --config a.toml list",
            "tandem agent add anna --queue support --config a.toml",
            "tandem token api crm --scope read:records --config a.toml",
            "tandem webhook retry crm 17 --config a.toml",
            "tandem interaction show 0af7651916cd43dd8448eb211c80319c --config a.toml",
            "tandem interaction list --from 2026-11-26 --format csv --config a.toml",
            "tandem customer search --number +4930123456 --config a.toml",
        ];

        for line in lines {
            assert_eq!(file(line), Some(PathBuf::from("a.toml")), "{line}");
        }
    }
}
