//! `tandem token`: signs credentials, for programs and for tests.

use std::time::Duration;

use anyhow::bail;
use rand::SeedableRng;
use ws::id::{AgentId, Timestamp, VisitorId, ZoneId};

use crate::{
    auth::{Bearer, Mint},
    clock::Clock,
    config::Config,
    store,
};

/// Whose credential.
#[derive(Debug, clap::Subcommand)]
pub enum Token {
    /// A new visitor's.
    Visitor {
        /// The zone they come by.
        zone: ZoneId,
    },
    /// An agent's.
    Agent {
        /// Who.
        agent: AgentId,
    },
    /// A program's, for the API.
    Api {
        /// What to call it in logs.
        name: String,
        /// How many days it is good for.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3_650))]
        days: u32,
    },
}

impl Token {
    /// Carries it out: the credential alone goes to standard output.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let (bearer, span) = match self {
            Self::Visitor { zone } => {
                if !config.zone.contains_key(&zone) {
                    bail!("there is no zone \"{zone}\"; give a [zone.{zone}] in the configuration");
                }
                let visitor =
                    VisitorId::mint(&mut rand::rngs::StdRng::from_seed(crate::auth::random()));
                (
                    Bearer::Visitor {
                        visitor,
                        zone,
                        verified: None,
                    },
                    config.web.visitor_token.0,
                )
            }
            Self::Agent { agent } => {
                let connection = store::open(&config.store.path)?;
                if store::agents::one(&connection, &agent)?.is_none() {
                    bail!("there is no agent \"{agent}\"; `tandem agent list` shows all");
                }
                (Bearer::Agent(agent), config.web.agent_token.0)
            }
            Self::Api { name, days } => (Bearer::Api(name), Duration::from_secs(86_400) * days),
        };
        store::make_directory(&config.store.path)?;
        let (path, make) = crate::serve::token_key(config)?;
        let mint = Mint::open(&path, make)?;
        let (token, _) = mint.sign(&bearer, Clock::start(Timestamp(0)).now(), span)?;
        println!("{token}");
        Ok(())
    }
}
