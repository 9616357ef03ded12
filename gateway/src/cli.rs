//! The command line: what can be asked for, and what each command does.

mod agent;
mod certs;
mod show;
mod token;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Effective;

/// Tandem: one daemon that is a whole customer interaction hub.
#[derive(Debug, Parser)]
#[command(name = "tandem", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: File,
}

#[derive(Debug, clap::Args)]
struct File {
    /// The configuration file; without one Tandem runs in development mode.
    #[arg(long, value_name = "FILE", env = "TANDEM_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the daemon (the default).
    Serve(File),
    /// Reads the configuration, explains it, and opens nothing.
    Check(File),
    /// Makes certificates.
    Certs {
        #[command(subcommand)]
        what: certs::Certs,
    },
    /// Keeps the agents on record.
    Agent {
        #[command(subcommand)]
        what: agent::Agent,
        #[command(flatten)]
        file: File,
    },
    /// Signs a credential.
    Token {
        #[command(subcommand)]
        what: token::Token,
        #[command(flatten)]
        file: File,
    },
    /// Shows what is on record about an interaction.
    Interaction {
        #[command(subcommand)]
        what: show::Interaction,
        #[command(flatten)]
        file: File,
    },
}

impl Arguments {
    /// Carries the command out.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command.unwrap_or(Command::Serve(self.serve)) {
            Command::Serve(file) => crate::serve::run(load(&file)?),
            Command::Check(file) => {
                print!("{}", load(&file)?.explain());
                Ok(())
            }
            Command::Certs { what } => what.run(),
            Command::Agent { what, file } => what.run(&load(&file)?.config),
            Command::Token { what, file } => what.run(&load(&file)?.config),
            Command::Interaction { what, file } => what.run(&load(&file)?.config),
        }
    }
}

fn load(file: &File) -> anyhow::Result<Effective> {
    Ok(Effective::load(file.config.as_deref(), std::env::vars())?)
}
