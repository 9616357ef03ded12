//! The daemon `tandem`: carries what the pure crates decide into the world.

use std::process::ExitCode;

use clap::Parser;

mod admission;
mod auth;
mod bounds;
mod certs;
mod cli;
mod clock;
mod config;
mod dscp;
mod export;
mod files;
mod hooks;
mod logs;
mod mail;
mod media;
mod metrics;
mod moment;
mod net;
mod recorder;
mod run;
mod serve;
mod sharing;
mod stir;
mod store;

/// The exit code for a command line or a configuration that is wrong (`EX_USAGE` of sysexits.h).
const EX_USAGE: u8 = 64;

fn main() -> ExitCode {
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misuse(&error),
    };
    match arguments.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tandem: {error:#}");
            if error.is::<config::Fault>() {
                ExitCode::from(EX_USAGE)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

// `--help` and `--version` come this way too.
fn misuse(error: &clap::Error) -> ExitCode {
    let is_answer = !error.use_stderr();
    if let Err(error) = error.print() {
        eprintln!("tandem: {error}");
        return ExitCode::FAILURE;
    }
    if is_answer {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(EX_USAGE)
    }
}
