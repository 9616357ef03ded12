//! What a server asks for.

use std::fmt;

use super::algorithm::Algorithm;
use super::authorization::Authorization;
use super::credentials::Credentials;
use super::fields::{AuthError, FieldWriter, Fields};
use crate::message::Method;

/// The value of a WWW-Authenticate or Proxy-Authenticate header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Whose users are asked for.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// What the server wants back unchanged.
    pub opaque: Option<String>,
    /// The algorithm to use.
    pub algorithm: Algorithm,
    /// What the digest is to cover.
    pub qop: Qop,
    /// Whether the last answer was right but for its nonce: no new password is needed.
    pub stale: bool,
}

/// What a digest covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qop {
    /// Nothing is said, as in RFC 2069: no count, no client nonce.
    Unstated,
    /// Method and URI, with a count and a client nonce.
    Auth,
}

impl Qop {
    fn offered(list: Option<String>) -> Result<Self, AuthError> {
        let Some(list) = list else {
            return Ok(Self::Unstated);
        };
        let mut offers = list.split(',');
        if offers.any(|offer| offer.trim().eq_ignore_ascii_case("auth")) {
            Ok(Self::Auth)
        } else {
            Err(AuthError::Qop)
        }
    }
}

impl Challenge {
    /// Returns the strongest challenge, the first one among equals (RFC 8760 §2.3).
    pub fn strongest(challenges: impl IntoIterator<Item = Self>) -> Option<Self> {
        challenges.into_iter().reduce(|best, next| {
            if next.algorithm > best.algorithm {
                next
            } else {
                best
            }
        })
    }

    /// Answers for a request with `method` and Request-URI `uri`. `cnonce` must be unguessable; `nc` counts the requests
    /// sent with this nonce, from 1.
    pub fn answer(
        &self,
        credentials: &Credentials,
        method: &Method,
        uri: &str,
        cnonce: &str,
        nc: u32,
    ) -> Result<Authorization, AuthError> {
        let counted = self.qop == Qop::Auth;
        let mut answer = Authorization {
            username: credentials.username.clone(),
            realm: self.realm.clone(),
            nonce: self.nonce.clone(),
            uri: uri.to_owned(),
            response: String::new(),
            algorithm: self.algorithm,
            opaque: self.opaque.clone(),
            // A `-sess` key needs the client nonce even where the answer is not counted.
            cnonce: (counted || self.algorithm.is_session()).then(|| cnonce.to_owned()),
            nc: counted.then_some(nc),
        };
        answer.response = answer.expected(&credentials.secret, method)?;
        Ok(answer)
    }
}

impl std::str::FromStr for Challenge {
    type Err = AuthError;

    fn from_str(value: &str) -> Result<Self, AuthError> {
        let fields = Fields::read(value)?;
        let algorithm = fields.get("algorithm");
        Ok(Self {
            realm: fields.need("realm")?,
            nonce: fields.need("nonce")?,
            opaque: fields.get("opaque"),
            algorithm: algorithm
                .map_or(Some(Algorithm::Md5), |name| Algorithm::read(&name))
                .ok_or(AuthError::Algorithm)?,
            qop: Qop::offered(fields.get("qop"))?,
            stale: fields
                .get("stale")
                .is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = FieldWriter::new()
            .quoted("realm", &self.realm)
            .quoted("nonce", &self.nonce)
            .maybe_quoted("opaque", self.opaque.as_deref())
            .plain("algorithm", self.algorithm.as_str());
        if self.qop == Qop::Auth {
            fields = fields.quoted("qop", "auth");
        }
        if self.stale {
            fields = fields.plain("stale", "true");
        }
        f.write_str(&fields.finish())
    }
}
