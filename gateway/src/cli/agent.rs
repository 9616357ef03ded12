//! `tandem agent`: adds, lists and removes agents and changes their passwords.

use std::{collections::BTreeMap, io::IsTerminal};

use anyhow::{Context, bail};
use ws::id::{AgentId, Number, QueueId, Skill, TrunkId};

use crate::{
    config::Config,
    store::{
        self,
        agents::{self, NewAgent, Role},
    },
};

/// What can be done with agents. A running daemon takes changes up on SIGHUP.
#[derive(Debug, clap::Subcommand)]
pub enum Agent {
    /// Adds an agent; the password is read from standard input.
    Add {
        /// The name they sign in and register by.
        agent: AgentId,
        /// The name customers are shown; the sign-in name when left out.
        #[arg(long)]
        name: Option<String>,
        /// A queue they serve; may be repeated.
        #[arg(long = "queue", value_name = "QUEUE")]
        queues: Vec<QueueId>,
        /// What they can do, with a level from 1 to 10, such as `billing=5`; may be repeated.
        #[arg(long = "skill", value_name = "SKILL=LEVEL", value_parser = skill)]
        skills: Vec<(Skill, u8)>,
        /// Chats at a time, 1 to 6, where it is not the configured number.
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=6))]
        chat_slots: Option<u8>,
        /// Their phone, when it is an extension behind a trunk instead of registered here, such as `pbx:204`.
        #[arg(long, value_name = "TRUNK:NUMBER", value_parser = extension)]
        extension: Option<(TrunkId, Number)>,
        /// Makes a supervisor.
        #[arg(long)]
        supervisor: bool,
    },
    /// Lists all agents.
    List,
    /// Takes an agent off the record. What they did stays in the records of their contacts.
    Remove {
        /// Whom.
        agent: AgentId,
    },
    /// Changes an agent's password, which is read from standard input.
    Passwd {
        /// Whose.
        agent: AgentId,
    },
}

fn skill(text: &str) -> Result<(Skill, u8), String> {
    let wrong =
        || format!("\"{text}\" is no skill with a level; write one like billing=5, from 1 to 10");
    let (skill, level) = text.split_once('=').ok_or_else(wrong)?;
    let level = level
        .parse()
        .ok()
        .filter(|level| (1..=10).contains(level))
        .ok_or_else(wrong)?;
    Ok((skill.parse().map_err(|_| wrong())?, level))
}

fn extension(text: &str) -> Result<(TrunkId, Number), String> {
    let wrong = || format!("\"{text}\" is no extension; write trunk and number like pbx:204");
    let (trunk, number) = text.split_once(':').ok_or_else(wrong)?;
    Ok((
        trunk.parse().map_err(|_| wrong())?,
        number.parse().map_err(|_| wrong())?,
    ))
}

impl Agent {
    /// Carries it out.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let connection = store::open(&config.store.path)?;
        match self {
            Self::Add {
                agent,
                name,
                queues,
                skills,
                chat_slots,
                extension,
                supervisor,
            } => {
                let new = NewAgent {
                    name: name.unwrap_or_else(|| agent.to_string()),
                    agent,
                    role: if supervisor {
                        Role::Supervisor
                    } else {
                        Role::Agent
                    },
                    skills: skills.into_iter().collect::<BTreeMap<_, _>>(),
                    queues,
                    chat_slots,
                    extension,
                };
                check(&new, config)?;
                agents::add(&connection, &new, &config.sip.realm, &password()?)?;
                println!(
                    "{} is on record; reload the daemon (SIGHUP) so that it knows",
                    new.agent
                );
            }
            Self::List => list(&agents::all(&connection)?),
            Self::Remove { agent } => {
                if !agents::remove(&connection, &agent)? {
                    bail!("there is no agent \"{agent}\"; `tandem agent list` shows all");
                }
                println!(
                    "{agent} is not on record any more; reload the daemon (SIGHUP) so that they are signed out"
                );
            }
            Self::Passwd { agent } => {
                agents::set_password(&connection, &agent, &config.sip.realm, &password()?)?;
                println!(
                    "the password of {agent} is changed; reload the daemon (SIGHUP) so that phones may use it and who is signed in by the one before is signed out"
                );
            }
        }
        Ok(())
    }
}

// Whether somebody can be put on record so.
fn check(new: &NewAgent, config: &Config) -> anyhow::Result<()> {
    let known: Vec<&str> = config.queue.keys().map(QueueId::as_str).collect();
    let unknown = |queue: &&QueueId| !config.queue.contains_key(*queue);
    if let Some(queue) = new.queues.iter().find(unknown) {
        bail!(
            "there is no queue \"{queue}\"; there is {}",
            known.join(", ")
        );
    }
    if let Some((trunk, _)) = &new.extension
        && !config.trunk.contains_key(trunk)
    {
        bail!("there is no trunk \"{trunk}\"; give a [trunk.{trunk}] in the configuration");
    }
    if new.name.trim().is_empty() {
        bail!("a name is not empty and not all spaces");
    }
    if let Some(queue) = new.queue_named_twice() {
        bail!("the queue \"{queue}\" is named twice");
    }
    match new.called_elsewhere(config) {
        Some(wrong) => bail!(wrong),
        None => Ok(()),
    }
}

fn list(rows: &[agents::AgentRow]) {
    for row in rows {
        let queues: Vec<&str> = row.queues.iter().map(QueueId::as_str).collect();
        let skills: Vec<String> = row
            .skills
            .iter()
            .map(|(skill, level)| format!("{skill}={level}"))
            .collect();
        let role = match row.role {
            Role::Agent => "agent",
            Role::Supervisor => "supervisor",
        };
        println!(
            "{}\t{role}\t{}\tqueues: {}\tskills: {}",
            row.agent,
            row.name,
            queues.join(","),
            skills.join(",")
        );
    }
}

fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        eprintln!("Password (it is shown while you type; or pipe it in):");
    }
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .context("reading the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
