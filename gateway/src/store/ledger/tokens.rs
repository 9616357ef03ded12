//! Tokens of programs, as they are kept: made, listed, found by their key, revoked one by one.

use std::{collections::BTreeSet, fmt, num::ParseIntError, str::FromStr, time::Duration};

use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use utoipa::ToSchema;
use ws::id::{AgentId, Timestamp};

use crate::{
    auth::{
        key::{Key, TokenId},
        scope::Scope,
    },
    store::project::sql,
};

/// The longest name of a token, in characters.
pub const NAME: usize = 100;
/// Tells whether a token can be called that: 1 to [`NAME`] characters, not all of them spaces, none a control character.
pub fn is_name(text: &str) -> bool {
    let short = text.chars().take(NAME + 1).count() <= NAME;
    short && !text.trim().is_empty() && !text.chars().any(char::is_control)
}

/// How exactly it is kept when a token was last used; each note is a write.
const USED: Duration = Duration::from_secs(60);

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// Which.
    #[schema(value_type = String)]
    pub token: TokenId,
    /// What it is called in lists and logs.
    pub name: String,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// The agents it may act as; none means any, where it may act as an agent at all.
    #[schema(value_type = Vec<String>)]
    pub agents: Vec<AgentId>,
    /// When it was made.
    #[schema(value_type = u64)]
    pub made_at: Timestamp,
    /// By whom: `command line`, `agent:NAME` or `token:NAME`.
    pub made_by: String,
    /// When it ends by itself.
    #[schema(value_type = Option<u64>)]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<u64>)]
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<u64>)]
    pub revoked_at: Option<Timestamp>,
}

/// What a new token is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// See [`Token::name`].
    pub name: String,
    /// See [`Token::scopes`].
    pub scopes: BTreeSet<Scope>,
    /// See [`Token::agents`].
    pub agents: Vec<AgentId>,
    /// See [`Token::made_by`].
    pub made_by: String,
    /// See [`Token::expires_at`].
    pub expires_at: Option<Timestamp>,
}

/// A place in the list of tokens: they are in the order of this, and one that is gone leaves it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    made_at: i64,
    token: String,
}

impl Place {
    /// Returns where a token stands.
    pub fn of(token: &Token) -> Self {
        Self {
            made_at: sql(token.made_at.0),
            token: token.token.as_str().to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.made_at, self.token)
    }
}

impl FromStr for Place {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (made_at, token) = text.split_once(' ').unwrap_or((text, ""));
        Ok(Self {
            made_at: made_at.parse()?,
            token: token.to_owned(),
        })
    }
}

/// Why a key opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Shut {
    /// There is no such token, or the secret is wrong.
    #[error("the token is not one of ours")]
    Unknown,
    /// Its time is over.
    #[error("the token has expired; make a new one")]
    Expired,
    /// It was taken back.
    #[error("the token was revoked")]
    Revoked,
}

/// Makes a token; the key it returns is kept nowhere.
pub fn make(
    connection: &Connection,
    new: NewToken,
    now: Timestamp,
) -> anyhow::Result<(Key, Token)> {
    let key = Key::make();
    let token = Token {
        token: key.token.clone(),
        name: new.name,
        scopes: new.scopes,
        agents: new.agents,
        made_at: now,
        made_by: new.made_by,
        expires_at: new.expires_at,
        used_at: None,
        revoked_at: None,
    };
    connection
        .execute(
            "INSERT INTO tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL)",
            params![
                token.token.as_str(),
                token.name,
                key.hash(),
                serde_json::to_string(&token.scopes)?,
                serde_json::to_string(&token.agents)?,
                sql(now.0),
                token.made_by,
                token.expires_at.map(|at| sql(at.0)),
            ],
        )
        .context("keeping a token")?;
    Ok((key, token))
}

/// Finds the token that `key` is of, if it opens anything at `now`.
pub fn find(
    connection: &Connection,
    key: &Key,
    now: Timestamp,
) -> anyhow::Result<Result<Token, Shut>> {
    let found = connection
        .prepare_cached("SELECT * FROM tokens WHERE token = ?1")?
        .query_row([key.token.as_str()], |row| {
            Ok((read(row)?, row.get::<_, String>("hash")?))
        })
        .optional()
        .context("reading a token")?;
    let Some((token, hash)) = found else {
        return Ok(Err(Shut::Unknown));
    };
    // Who has not the secret learns nothing of what became of the token.
    Ok(if !key.proves(&hash) {
        Err(Shut::Unknown)
    } else if token.revoked_at.is_some() {
        Err(Shut::Revoked)
    } else if token.expires_at.is_some_and(|at| at <= now) {
        Err(Shut::Expired)
    } else {
        Ok(token)
    })
}

/// Tells whether that a token is used is worth a note.
pub fn is_stale(token: &Token, now: Timestamp) -> bool {
    token.used_at.is_none_or(|at| now.since(at) >= USED)
}

/// Notes that a token was used.
pub fn note_use(connection: &Connection, token: &TokenId, now: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "UPDATE tokens SET used_at = ?2 WHERE token = ?1 AND coalesce(used_at, 0) < ?2",
        )?
        .execute(params![token.as_str(), sql(now.0)])
        .map(drop)
        .context("noting the use of a token")
}

/// Returns all tokens, revoked and expired ones too, the oldest first.
pub fn all(connection: &Connection) -> anyhow::Result<Vec<Token>> {
    let mut statement =
        connection.prepare_cached("SELECT * FROM tokens ORDER BY made_at, token")?;
    let rows = statement.query_map([], read)?;
    rows.collect::<rusqlite::Result<_>>()
        .context("listing tokens")
}

/// Returns at most `limit` of them behind a place, in the same order.
pub fn page(
    connection: &Connection,
    after: Option<&Place>,
    limit: u32,
) -> anyhow::Result<Vec<Token>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM tokens WHERE (made_at, token) > (?1, ?2) ORDER BY made_at, token LIMIT ?3",
    )?;
    let (made_at, token) = after.map_or((-1, ""), |place| (place.made_at, place.token.as_str()));
    let rows = statement.query_map(params![made_at, token, limit], read)?;
    rows.collect::<rusqlite::Result<_>>()
        .context("listing tokens")
}

/// Revokes one; tells whether there is such a token. Doing it again changes nothing.
pub fn revoke(connection: &Connection, token: &TokenId, now: Timestamp) -> anyhow::Result<bool> {
    let changed = connection
        .execute(
            "UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE token = ?1",
            params![token.as_str(), sql(now.0)],
        )
        .context("revoking a token")?;
    Ok(changed > 0)
}

/// Takes one out of the list, as if it had never been made: one that was made for a single request.
pub fn forget(connection: &Connection, token: &TokenId) -> anyhow::Result<()> {
    connection
        .execute("DELETE FROM tokens WHERE token = ?1", [token.as_str()])
        .map(drop)
        .context("forgetting a token")
}

fn read(row: &Row<'_>) -> rusqlite::Result<Token> {
    let at = |name: &str| -> rusqlite::Result<Option<Timestamp>> {
        let at: Option<i64> = row.get(name)?;
        Ok(at.map(|at| Timestamp(at.unsigned_abs())))
    };
    Ok(Token {
        token: row
            .get::<_, String>("token")?
            .parse()
            .map_err(|error| broken(Box::new(error)))?,
        name: row.get("name")?,
        scopes: json(&row.get::<_, String>("scopes")?)?,
        agents: json(&row.get::<_, String>("agents")?)?,
        made_at: at("made_at")?.unwrap_or_default(),
        made_by: row.get("made_by")?,
        expires_at: at("expires_at")?,
        used_at: at("used_at")?,
        revoked_at: at("revoked_at")?,
    })
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| broken(Box::new(error)))
}

fn broken(error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn kept() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(include_str!("../ledger.sql"))
            .unwrap();
        connection
    }

    fn new(name: &str, expires_at: Option<Timestamp>) -> NewToken {
        NewToken {
            name: name.to_owned(),
            scopes: BTreeSet::from([Scope::ReadRecords]),
            agents: vec!["anna".parse().unwrap()],
            made_by: "command line".to_owned(),
            expires_at,
        }
    }

    #[test]
    fn a_token_is_found_by_its_key_until_it_is_revoked_and_the_others_stay() {
        let ledger = kept();
        let (key, token) = make(&ledger, new("crm", None), NOW).unwrap();
        let (other, _) = make(&ledger, new("shop", None), NOW).unwrap();

        assert_eq!(find(&ledger, &key, NOW).unwrap(), Ok(token));
        assert!(revoke(&ledger, &key.token, NOW).unwrap());

        assert_eq!(find(&ledger, &key, NOW).unwrap(), Err(Shut::Revoked));
        assert!(find(&ledger, &other, NOW).unwrap().is_ok());
        assert_eq!(all(&ledger).unwrap().len(), 2);
    }

    #[test]
    fn a_token_ends_when_it_expires() {
        let ledger = kept();
        let (key, _) = make(&ledger, new("crm", Some(Timestamp(NOW.0 + 10))), NOW).unwrap();

        assert!(find(&ledger, &key, NOW).unwrap().is_ok());
        assert_eq!(
            find(&ledger, &key, Timestamp(NOW.0 + 10)).unwrap(),
            Err(Shut::Expired)
        );
    }

    #[test]
    fn neither_a_wrong_secret_nor_an_unknown_token_opens_anything() {
        let ledger = kept();
        let (key, _) = make(&ledger, new("crm", None), NOW).unwrap();
        let secret = Key::make().show();
        let secret = secret.rsplit('_').next().unwrap();
        let wrong = format!("tdm_{}_{secret}", key.token);

        let wrong = Key::read(&wrong).unwrap();

        assert_eq!(find(&ledger, &wrong, NOW).unwrap(), Err(Shut::Unknown));
        assert_eq!(
            find(&ledger, &Key::make(), NOW).unwrap(),
            Err(Shut::Unknown)
        );
        assert!(!revoke(&ledger, &Key::make().token, NOW).unwrap());
    }

    #[test]
    fn a_use_is_noted_to_the_minute_and_never_backwards() {
        let ledger = kept();
        let (key, token) = make(&ledger, new("crm", None), NOW).unwrap();
        assert!(is_stale(&token, NOW));

        note_use(&ledger, &key.token, NOW).unwrap();
        note_use(&ledger, &key.token, Timestamp(NOW.0 - 1)).unwrap();

        let token = find(&ledger, &key, NOW).unwrap().unwrap();
        assert_eq!(token.used_at, Some(NOW));
        assert!(!is_stale(&token, NOW + Duration::from_secs(59)));
        assert!(is_stale(&token, NOW + Duration::from_secs(60)));
    }
}
