//! What development mode makes for itself: agents with passwords, a CA and a certificate.

use std::{collections::BTreeMap, net::SocketAddr, path::Path};

use anyhow::Context;
use ws::id::AgentId;

use crate::{
    config::Config,
    store::{
        self,
        agents::{self, NewAgent, Role},
    },
};

/// The agents, their names for customers, and what they may do.
const AGENTS: [(&str, &str, Role); 3] = [
    ("anna", "Anna", Role::Agent),
    ("ben", "Ben", Role::Agent),
    ("sam", "Sam", Role::Supervisor),
];

/// The passwords of development mode, by agent.
#[derive(Clone, Debug)]
pub struct Passwords(pub BTreeMap<String, String>);

/// Makes what is missing and names it in the configuration.
pub fn prepare(config: &mut Config) -> anyhow::Result<Passwords> {
    let directory = config.store.path.clone();
    let connection = store::open_at_start(&directory)?;
    let passwords = passwords(&directory, &config.dev.password)?;
    for (name, shown, role) in AGENTS {
        let agent: AgentId = name.parse().context("naming a demo agent")?;
        let password = passwords
            .0
            .get(name)
            .context("a demo agent has no password")?;
        match agents::one(&connection, &agent)? {
            None => {
                let new = NewAgent {
                    agent,
                    name: shown.to_owned(),
                    role,
                    skills: BTreeMap::new(),
                    queues: if role == Role::Agent {
                        config.queue.keys().cloned().collect()
                    } else {
                        Vec::new()
                    },
                    chat_slots: None,
                    extension: None,
                };
                agents::add(&connection, &new, &config.sip.realm, password)?;
            }
            Some(row) if row.realm == config.sip.realm && row.proves(password) => {}
            Some(_) => agents::set_password(&connection, &agent, &config.sip.realm, password)?,
        }
    }
    let made = crate::certs::make_if_missing(&directory.join("certs"))?;
    if config.web.certificate.0.is_none() {
        config.web.certificate.0 = Some(made.certificate.display().to_string());
        config.web.key_file.0 = Some(made.key.display().to_string());
    }
    // The usual port beside the usual one; who chose another for SIP chooses for TLS too.
    let listen = config.sip.listen.0;
    if config.sip.listen_tls.0.is_none() && listen.iter().all(|(_, at)| at.port() == 5060) {
        config.sip.listen_tls.0 = Some(listen.map(|at| SocketAddr::new(at.ip(), 5061)));
    }
    Ok(passwords)
}

// One line an agent: the name, a colon, the password.
fn passwords(directory: &Path, fixed: &str) -> anyhow::Result<Passwords> {
    let path = directory.join("passwords");
    let kept = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
    };
    let kept: BTreeMap<&str, &str> = kept
        .lines()
        .filter_map(|line| line.split_once(": "))
        .collect();
    let passwords: BTreeMap<String, String> = AGENTS
        .iter()
        .map(|(name, _, _)| {
            let password = match (fixed, kept.get(name)) {
                ("", Some(kept)) => (*kept).to_owned(),
                ("", None) => agents::hex(&crate::auth::random::<6>()),
                (fixed, _) => fixed.to_owned(),
            };
            ((*name).to_owned(), password)
        })
        .collect();
    let text: String = passwords
        .iter()
        .map(|(name, password)| format!("{name}: {password}\n"))
        .collect();
    crate::files::write_private(&path, &text)?;
    Ok(Passwords(passwords))
}
