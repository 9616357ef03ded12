//! A running Tandem as everything here meets it: where it listens, who its agents are, where its test trunk leads.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use clap::Args;

use crate::{phone, web::Web};

/// Where Tandem is and how its agents sign in. The defaults are those of development mode.
#[derive(Clone, Debug, Args)]
pub struct House {
    /// The web side.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub web: Web,
    /// The telephone side.
    #[arg(long, default_value = "127.0.0.1:5060")]
    pub sip: SocketAddr,
    /// The operations side.
    #[arg(long, default_value = "http://127.0.0.1:9464")]
    pub ops: Web,
    /// Where the trunk for calls to customers leads; a synthetic customer listens there.
    #[arg(long, default_value = "127.0.0.1:5070")]
    pub trunk: SocketAddr,
    /// The agents' password; else TANDEM_DEV__PASSWORD, else what development mode keeps under data/.
    #[arg(long)]
    pub password: Option<String>,
    /// The agents, comma-separated; each signs in with the password and has a phone of its name.
    #[arg(long, default_value = "anna", value_delimiter = ',')]
    pub agents: Vec<String>,
    /// An agent who is asked and takes calls over in the selftest.
    #[arg(long, default_value = "ben")]
    pub colleague: String,
    /// Who listens to calls in the selftest, and asks for their recordings.
    #[arg(long, default_value = "sam")]
    pub supervisor: String,
    /// The zone visitors come by.
    #[arg(long, default_value = "shop")]
    pub zone: String,
    /// The queue callers call.
    #[arg(long, default_value = "support")]
    pub queue: String,
    /// How long the agents' phones are registered, where not as usual.
    #[arg(skip)]
    pub registered: Option<Duration>,
    /// The daemon's program, for `tandem interaction show`.
    #[arg(long)]
    pub tandem: Option<PathBuf>,
}

impl House {
    /// Returns the agents' password.
    pub fn password(&self, agent: &str) -> Result<String> {
        if let Some(password) = self
            .password
            .clone()
            .or_else(|| std::env::var("TANDEM_DEV__PASSWORD").ok())
        {
            return Ok(password);
        }
        let path = "data/passwords";
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("no --password, no TANDEM_DEV__PASSWORD, and no {path} here")
        })?;
        let word = text.lines().find_map(|line| {
            line.strip_prefix(agent)?
                .trim_start_matches([' ', ':', '=', '\t'])
                .into()
        });
        word.map(str::to_owned)
            .with_context(|| format!("{path} has no line for {agent}"))
    }

    /// Returns the daemon's program: what was given, or the `tandem` beside this program.
    pub fn program(&self) -> Result<PathBuf> {
        match &self.tandem {
            Some(path) => Ok(path.clone()),
            None => Ok(std::env::current_exe()?.with_file_name("tandem")),
        }
    }

    /// Returns the setup of a phone that sounds `tone`; at `local`, or anywhere on the same host.
    pub fn phone(&self, tone: Option<u32>, local: Option<SocketAddr>) -> phone::Setup {
        phone::Setup {
            server: self.sip,
            local: local.unwrap_or_else(|| SocketAddr::new(self.sip.ip(), 0)),
            tone,
            voices: None,
            direction: sip::sdp::Direction::SendRecv,
            seed: rand::random(),
            trace: tone.is_some(),
            registered: self.registered,
        }
    }
}
