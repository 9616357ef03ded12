//! Agents on record: who may sign in, what they can do, and the digests their phones prove themselves by.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use rusqlite::{Connection, OptionalExtension, Row, params};
use ws::id::{AgentId, Number, QueueId, Skill, TrunkId};

use crate::config::Config;

/// The least characters of a password.
pub const SHORTEST: usize = 8;

/// What an agent may see and do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Takes work.
    Agent,
    /// Watches over it.
    Supervisor,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
        }
    }
}

/// One agent.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentRow {
    /// The name they sign in and register by.
    pub agent: AgentId,
    /// The name customers are shown.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they can do, with levels.
    pub skills: BTreeMap<Skill, u8>,
    /// The queues they serve.
    pub queues: Vec<QueueId>,
    /// Chats at a time, where it is not the configured number.
    pub chat_slots: Option<u8>,
    /// Their extension behind a trunk, where they do not register.
    pub extension: Option<(TrunkId, Number)>,
    /// The realm the digests are for.
    pub realm: String,
    /// MD5 of `agent:realm:password`.
    pub ha1_md5: String,
    /// SHA-256 of it.
    pub ha1_sha256: String,
    password: String,
}

/// What a new agent is made of, beside the password.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAgent {
    /// See [`AgentRow::agent`].
    pub agent: AgentId,
    /// See [`AgentRow::name`].
    pub name: String,
    /// See [`AgentRow::role`].
    pub role: Role,
    /// See [`AgentRow::skills`].
    pub skills: BTreeMap<Skill, u8>,
    /// See [`AgentRow::queues`].
    pub queues: Vec<QueueId>,
    /// See [`AgentRow::chat_slots`].
    pub chat_slots: Option<u8>,
    /// See [`AgentRow::extension`].
    pub extension: Option<(TrunkId, Number)>,
}

impl AgentRow {
    /// Tells whether `password` is theirs. Slow on purpose.
    pub fn proves(&self, password: &str) -> bool {
        verify(&self.password, password)
    }

    /// Returns what tells this password from those before and after it, and whoever is put on record by this name again;
    /// every hash has a salt of its own. Nothing of the password or its hash can be told by it.
    pub fn mark(&self) -> String {
        let digest = <sha2::Sha256 as sha2::Digest>::digest(self.password.as_bytes());
        hex(&digest[..8])
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let trunk: Option<String> = row.get("trunk")?;
        let extension: Option<String> = row.get("extension")?;
        let role: String = row.get("role")?;
        Ok(Self {
            agent: parsed(&row.get::<_, String>("agent")?)?,
            name: row.get("name")?,
            role: if role == "supervisor" {
                Role::Supervisor
            } else {
                Role::Agent
            },
            skills: json(&row.get::<_, String>("skills")?)?,
            queues: json(&row.get::<_, String>("queues")?)?,
            chat_slots: row.get("chat_slots")?,
            extension: match (trunk, extension) {
                (Some(trunk), Some(number)) => Some((parsed(&trunk)?, parsed(&number)?)),
                (Some(_), None) | (None, Some(_)) | (None, None) => None,
            },
            realm: row.get("realm")?,
            ha1_md5: row.get("ha1_md5")?,
            ha1_sha256: row.get("ha1_sha256")?,
            password: row.get("password")?,
        })
    }
}

impl NewAgent {
    /// Tells why nobody could call the agent by the name, where calls to it go elsewhere.
    pub fn called_elsewhere(&self, config: &Config) -> Option<String> {
        let (agent, what) = (&self.agent, config.called(self.agent.as_str())?);
        Some(format!(
            "calls to sip:{agent} go to the {what} of that name; choose another name for the agent"
        ))
    }

    /// Returns a queue that is named more than once.
    pub fn queue_named_twice(&self) -> Option<&QueueId> {
        let queues = self.queues.iter().enumerate();
        let mut twice = queues.filter(|(n, queue)| self.queues[..*n].contains(queue));
        twice.next().map(|(_, queue)| queue)
    }
}

fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: &str,
) -> rusqlite::Result<T> {
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// Tells whether `password` makes `hash`.
pub fn verify(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// Returns all agents, by name.
pub fn all(connection: &Connection) -> anyhow::Result<Vec<AgentRow>> {
    let mut statement = connection.prepare_cached("SELECT * FROM agents ORDER BY agent")?;
    let rows = statement.query_map([], AgentRow::read)?;
    rows.collect::<rusqlite::Result<_>>()
        .context("reading the agents")
}

/// Returns one agent.
pub fn one(connection: &Connection, agent: &AgentId) -> anyhow::Result<Option<AgentRow>> {
    let mut statement = connection.prepare_cached("SELECT * FROM agents WHERE agent = ?1")?;
    statement
        .query_row([agent.as_str()], AgentRow::read)
        .optional()
        .context("reading an agent")
}

/// Adds an agent; fails when there is one of the name.
pub fn add(
    connection: &Connection,
    new: &NewAgent,
    realm: &str,
    password: &str,
) -> anyhow::Result<()> {
    if one(connection, &new.agent)?.is_some() {
        bail!(
            "there is an agent \"{}\" already; `tandem agent passwd {0}` changes the password",
            new.agent
        );
    }
    let proof = Proof::make(&new.agent, realm, password)?;
    connection
        .execute(
            "INSERT INTO agents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                new.agent.as_str(),
                new.name,
                new.role.word(),
                proof.hash,
                realm,
                proof.ha1_md5,
                proof.ha1_sha256,
                serde_json::to_string(&new.skills)?,
                serde_json::to_string(&new.queues)?,
                new.chat_slots,
                new.extension.as_ref().map(|(trunk, _)| trunk.as_str()),
                new.extension.as_ref().map(|(_, number)| number.as_str()),
            ],
        )
        .context("adding an agent")?;
    Ok(())
}

/// Changes an agent's password.
pub fn set_password(
    connection: &Connection,
    agent: &AgentId,
    realm: &str,
    password: &str,
) -> anyhow::Result<()> {
    let proof = Proof::make(agent, realm, password)?;
    let changed = connection
        .execute(
            "UPDATE agents SET password = ?2, realm = ?3, ha1_md5 = ?4, ha1_sha256 = ?5 WHERE agent = ?1",
            params![agent.as_str(), proof.hash, realm, proof.ha1_md5, proof.ha1_sha256],
        )
        .context("changing a password")?;
    if changed == 0 {
        bail!("there is no agent \"{agent}\"; `tandem agent list` shows all");
    }
    Ok(())
}

/// Takes an agent off the record; tells whether there was one.
pub fn remove(connection: &Connection, agent: &AgentId) -> anyhow::Result<bool> {
    let removed = connection
        .execute("DELETE FROM agents WHERE agent = ?1", [agent.as_str()])
        .context("removing an agent")?;
    Ok(removed > 0)
}

/// What proves an agent without the password being kept.
struct Proof {
    hash: String,
    ha1_md5: String,
    ha1_sha256: String,
}

impl Proof {
    fn make(agent: &AgentId, realm: &str, password: &str) -> anyhow::Result<Self> {
        if password.chars().count() < SHORTEST {
            bail!("the password is too short; at least {SHORTEST} characters");
        }
        let salt: [u8; 16] = crate::auth::random();
        let hash = Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|error| anyhow::anyhow!("hashing the password: {error}"))?;
        let whole = format!("{agent}:{realm}:{password}");
        Ok(Self {
            hash: hash.to_string(),
            ha1_md5: hex(&<md5::Md5 as md5::Digest>::digest(whole.as_bytes())),
            ha1_sha256: hex(&<sha2::Sha256 as sha2::Digest>::digest(whole.as_bytes())),
        })
    }
}

/// Returns bytes as lowercase hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the hash of a password that nobody knows.
pub fn unknowable() -> String {
    let secret: [u8; 32] = crate::auth::random();
    let salt: [u8; 16] = crate::auth::random();
    Argon2::default()
        .hash_password_with_salt(&secret, &salt)
        .map(|hash| hash.to_string())
        .unwrap_or_default()
}
