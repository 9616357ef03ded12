//! `tandem-load`: synthetic phones, visitors and agents, built on the pure machines of `sip` and `ws`. They test, load and
//! measure a running Tandem over its real sockets. Figures are printed and never judged.

mod audio;
mod audit;
mod browser;
mod calls;
mod chats;
mod cobrowse;
mod crash;
mod crew;
mod daemon;
mod door;
mod escalation;
mod headset;
mod house;
mod messages;
mod offers;
mod oracle;
mod overload;
mod phone;
mod pipe;
mod process;
mod registration;
mod relay;
mod routing;
mod selftest;
mod simulate;
mod sockets;
mod spread;
mod store;
mod visitor;
mod voices;
mod web;
mod webphone;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{house::House, web::Web};

#[derive(Parser)]
#[command(version, about = "Synthetic phones, visitors and agents for Tandem")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Takes a call, a chat and an escalation through a running daemon and checks what comes of it.
    Selftest {
        #[command(flatten)]
        house: House,
    },
    /// Measures calls: clean ones a second, INVITE to 200, processor time.
    Calls {
        #[command(flatten)]
        house: House,
        #[command(flatten)]
        plan: calls::Plan,
    },
    /// Measures chats: socket to journal to agent, processor time, nothing lost or doubled.
    Chats {
        #[command(flatten)]
        house: House,
        #[command(flatten)]
        plan: chats::Plan,
    },
    /// Measures pages seen together: from the visitor's socket to the viewer's, processor time, nothing lost or out of order.
    Cobrowse {
        #[command(flatten)]
        house: House,
        #[command(flatten)]
        plan: cobrowse::Plan,
    },
    /// Measures very many idle sockets: memory of each, and how long all need to come back after a cut.
    Sockets {
        #[command(flatten)]
        house: House,
        #[command(flatten)]
        plan: sockets::Plan,
    },
    /// Measures one SIP message: read, its headers by type, written.
    Messages {
        #[command(flatten)]
        plan: messages::Plan,
    },
    /// Measures the hub alone: what a step costs, and how long an offer takes, in a full house.
    Routing {
        #[command(flatten)]
        plan: routing::Plan,
    },
    /// Fills a daemon of its own with agents and chats that wait, and measures how soon who becomes free is offered the next.
    Offers {
        #[command(flatten)]
        plan: offers::Plan,
    },
    /// Measures chats that become calls.
    Escalation {
        #[command(flatten)]
        house: House,
        #[command(flatten)]
        plan: escalation::Plan,
    },
    /// Kills a daemon of its own at random moments under load, and checks that nothing is lost, doubled or left held.
    Crash {
        #[command(flatten)]
        plan: crash::Plan,
    },
    /// Chats with a daemon of its own through a bad network and restarts, and compares what each party was shown with the journal.
    Oracle {
        #[command(flatten)]
        plan: oracle::Plan,
    },
    /// Calls a daemon of its own up to ten times as often as it can take, and measures what becomes of those it takes.
    Overload {
        #[command(flatten)]
        plan: overload::Plan,
    },
    /// Fills the store of a daemon of its own with very many interactions, and measures questions to it and its start.
    Store {
        #[command(flatten)]
        plan: store::Plan,
    },
    /// Runs whole houses in virtual time, with faults, and checks every rule; needs no daemon.
    Simulate {
        #[command(flatten)]
        plan: simulate::Plan,
    },
    /// Is an agent's console: JSON requests in, JSON frames out.
    Agent {
        /// The web side.
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        web: Web,
        /// Who signs in.
        #[arg(long)]
        agent: String,
        /// With which password.
        #[arg(long)]
        password: String,
        #[command(flatten)]
        habits: pipe::Habits,
    },
    /// Is a visitor's widget: JSON requests in, JSON frames out.
    Visitor {
        /// The web side.
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        web: Web,
        /// The zone of the page.
        #[arg(long, default_value = "shop")]
        zone: String,
        /// The credential of a visitor who was here before.
        #[arg(long)]
        token: Option<String>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().task).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("tandem-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Carries out a task; tells whether all was well.
async fn run(task: Task) -> anyhow::Result<bool> {
    match task {
        Task::Selftest { house } => test(&house).await,
        Task::Calls { house, plan } => {
            let search = plan.search;
            let outcome = calls::run(&house, plan).await?;
            Ok(tell(&outcome, search || outcome.is_clean()))
        }
        Task::Chats { house, plan } => {
            let outcome = chats::run(&house, plan).await?;
            Ok(tell(&outcome, outcome.is_whole()))
        }
        Task::Cobrowse { house, plan } => {
            let outcome = cobrowse::run(&house, plan).await?;
            Ok(tell(&outcome, outcome.is_whole()))
        }
        Task::Sockets { house, plan } => {
            let outcome = sockets::run(&house, plan).await?;
            Ok(tell(&outcome, outcome.is_whole()))
        }
        Task::Messages { plan } => Ok(tell(&messages::run(plan)?, true)),
        Task::Routing { plan } => Ok(tell(&routing::run(plan)?, true)),
        Task::Offers { plan } => {
            let outcome = offers::run(plan).await?;
            Ok(tell(&outcome, outcome.is_whole()))
        }
        Task::Escalation { house, plan } => Ok(tell(&escalation::run(&house, plan).await?, true)),
        Task::Crash { plan } => {
            let outcome = crash::run(plan).await?;
            Ok(tell(&outcome, outcome.is_sound()))
        }
        Task::Oracle { plan } => {
            let outcome = oracle::run(plan).await?;
            Ok(tell(&outcome, outcome.is_whole()))
        }
        Task::Overload { plan } => {
            let outcome = overload::run(plan).await?;
            Ok(tell(&outcome, outcome.faults().is_empty()))
        }
        Task::Store { plan } => Ok(tell(&store::run(plan).await?, true)),
        Task::Simulate { plan } => Ok(simulate::run(&plan)),
        Task::Agent {
            web,
            agent,
            password,
            habits,
        } => pipe::console(&web, &agent, &password, habits)
            .await
            .map(|()| true),
        Task::Visitor { web, zone, token } => pipe::widget(&web, &zone, token).await.map(|()| true),
    }
}

async fn test(house: &House) -> anyhow::Result<bool> {
    let (passed, failed) = selftest::run(house).await?;
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// Shows what came of a task; tells whether all was well.
fn tell(outcome: &impl std::fmt::Display, well: bool) -> bool {
    println!("{outcome}");
    well
}
