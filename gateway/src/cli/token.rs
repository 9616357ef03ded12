//! `tandem token`: credentials of visitors and agents, and the tokens of programs.

use std::time::Duration;

use anyhow::{Context, bail};
use rand::SeedableRng;
use rusqlite::Connection;
use ws::id::{AgentId, Timestamp, VisitorId, ZoneId};

use crate::{
    auth::{Bearer, Mint, key::TokenId, roll::SignIn, scope::Scope},
    clock::Clock,
    config::Config,
    store::{
        self,
        agents::AgentRow,
        ledger::{
            self,
            tokens::{self, NAME, NewToken},
        },
    },
};

/// Who made a token that was made here.
const MADE_BY: &str = "command line";

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
    /// Makes a program's token for the API; its key is shown this once.
    Api {
        /// What to call it in lists and logs.
        name: String,
        /// What it may be used for, such as `read:records`; once for each scope.
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<Scope>,
        /// An agent it may act as, once for each; without any it may act as anybody, if its scopes let it act at all.
        #[arg(long = "agent", value_name = "AGENT", requires = "scopes")]
        agents: Vec<AgentId>,
        /// How many days it is good for; 0 for ever.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(0..=3_650))]
        days: u32,
    },
    /// Lists the tokens of programs.
    List,
    /// Revokes a program's token, at once and for good.
    Revoke {
        /// Which, as `tandem token list` shows it.
        token: TokenId,
    },
}

impl Token {
    /// Carries it out: a credential alone goes to standard output.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let now = Clock::start(Timestamp(0)).now();
        let ledger = || ledger::open(&config.store.path);
        match self {
            Self::Visitor { zone } => {
                if !config.zone.contains_key(&zone) {
                    bail!("there is no zone \"{zone}\"; give a [zone.{zone}] in the configuration");
                }
                let visitor =
                    VisitorId::mint(&mut rand::rngs::StdRng::from_seed(crate::auth::random()));
                let bearer = Bearer::Visitor {
                    visitor,
                    zone,
                    verified: None,
                };
                sign(config, &bearer, now, config.web.visitor_token.0)
            }
            Self::Agent { agent } => {
                let row = on_record(&store::open(&config.store.path)?, &agent)?;
                let bearer = Bearer::Agent(SignIn::make(&row, now));
                sign(config, &bearer, now, config.web.agent_token.0)
            }
            Self::Api {
                name,
                scopes,
                agents,
                days,
            } => {
                check(config, &name, &agents)?;
                let span = (days > 0).then(|| Duration::from_secs(86_400) * days);
                let new = NewToken {
                    name,
                    scopes: scopes.into_iter().collect(),
                    agents,
                    made_by: MADE_BY.to_owned(),
                    expires_at: span.map(|span| now + span),
                };
                let (key, _) = tokens::make(&ledger()?, new, now)?;
                println!("{}", key.show());
                Ok(())
            }
            Self::List => list(&ledger()?, now),
            Self::Revoke { token } => {
                if !tokens::revoke(&ledger()?, &token, now)? {
                    bail!("there is no token {token}; `tandem token list` shows all");
                }
                println!("{token} is revoked");
                Ok(())
            }
        }
    }
}

fn check(config: &Config, name: &str, agents: &[AgentId]) -> anyhow::Result<()> {
    if !tokens::is_name(name) {
        bail!(
            "a token's name has 1 to {NAME} characters, not all spaces, and no control characters"
        );
    }
    if agents.is_empty() {
        return Ok(());
    }
    let connection = store::open(&config.store.path)?;
    agents
        .iter()
        .try_for_each(|agent| on_record(&connection, agent).map(drop))
}

fn on_record(connection: &Connection, agent: &AgentId) -> anyhow::Result<AgentRow> {
    let row = store::agents::one(connection, agent)?;
    row.with_context(|| format!("there is no agent \"{agent}\"; `tandem agent list` shows all"))
}

fn sign(config: &Config, bearer: &Bearer, now: Timestamp, span: Duration) -> anyhow::Result<()> {
    store::make_directory(&config.store.path)?;
    let (path, make) = crate::serve::token_key(config)?;
    let (token, _) = Mint::open(&path, make)?.sign(bearer, now, span)?;
    println!("{token}");
    Ok(())
}

fn list(ledger: &Connection, now: Timestamp) -> anyhow::Result<()> {
    for token in tokens::all(ledger)? {
        let state = match (token.revoked_at, token.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(at)) if at <= now => "expired",
            (None, Some(_) | None) => "good",
        };
        let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
        let agents: Vec<_> = token.agents.iter().map(AgentId::as_str).collect();
        let shown = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), crate::clock::shown);
        println!(
            "{}  {state:<8} made {}  used {:<20} ends {:<20} {}  {}{}",
            token.token,
            crate::clock::shown(token.made_at),
            shown(token.used_at),
            shown(token.expires_at),
            token.name,
            scopes.join(","),
            if agents.is_empty() {
                String::new()
            } else {
                format!("  as {}", agents.join(","))
            },
        );
    }
    Ok(())
}
