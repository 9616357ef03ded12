//! What a client answers.

use std::fmt;

use super::algorithm::Algorithm;
use super::credentials::Secret;
use super::fields::{AuthError, FieldWriter, Fields};
use crate::message::Method;

/// The value of an Authorization or Proxy-Authorization header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The user name.
    pub username: String,
    /// The realm that was asked for.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// The URI that the digest covers.
    pub uri: String,
    /// The digest, in hex.
    pub response: String,
    /// The algorithm used.
    pub algorithm: Algorithm,
    /// What the server wanted back.
    pub opaque: Option<String>,
    /// The client's nonce.
    pub cnonce: Option<String>,
    /// How often the nonce has been used, this time counted; with it, the digest is of quality `auth`.
    pub nc: Option<u32>,
}

impl Authorization {
    /// Returns the digest that `secret` gives for a request with `method`.
    pub(super) fn expected(&self, secret: &Secret, method: &Method) -> Result<String, AuthError> {
        let algorithm = self.algorithm;
        let mut ha1 = secret.ha1(algorithm, &self.username, &self.realm)?;
        if algorithm.is_session() {
            let cnonce = self.cnonce.as_deref().ok_or(AuthError::Missing("cnonce"))?;
            ha1 = algorithm.hash(&[&ha1, &self.nonce, cnonce]);
        }
        let ha2 = algorithm.hash(&[method.as_str(), &self.uri]);
        match self.nc {
            Some(nc) => {
                let cnonce = self.cnonce.as_deref().ok_or(AuthError::Missing("cnonce"))?;
                Ok(algorithm.hash(&[
                    &ha1,
                    &self.nonce,
                    &format!("{nc:08x}"),
                    cnonce,
                    "auth",
                    &ha2,
                ]))
            }
            None => Ok(algorithm.hash(&[&ha1, &self.nonce, &ha2])),
        }
    }
}

impl std::str::FromStr for Authorization {
    type Err = AuthError;

    fn from_str(value: &str) -> Result<Self, AuthError> {
        let fields = Fields::read(value)?;
        let algorithm = fields.get("algorithm");
        let nc = match fields.get("qop") {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case("auth") => Some(count(&fields.need("nc")?)?),
            Some(_) => return Err(AuthError::Qop),
        };
        Ok(Self {
            username: fields.need("username")?,
            realm: fields.need("realm")?,
            nonce: fields.need("nonce")?,
            uri: fields.need("uri")?,
            response: fields.need("response")?,
            algorithm: algorithm
                .map_or(Some(Algorithm::Md5), |name| Algorithm::read(&name))
                .ok_or(AuthError::Algorithm)?,
            opaque: fields.get("opaque"),
            cnonce: fields.get("cnonce"),
            nc,
        })
    }
}

fn count(digits: &str) -> Result<u32, AuthError> {
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(AuthError::Count);
    }
    u32::from_str_radix(digits, 16).map_err(|_| AuthError::Count)
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = FieldWriter::new()
            .quoted("username", &self.username)
            .quoted("realm", &self.realm)
            .quoted("nonce", &self.nonce)
            .quoted("uri", &self.uri)
            .quoted("response", &self.response)
            .plain("algorithm", self.algorithm.as_str())
            .maybe_quoted("cnonce", self.cnonce.as_deref());
        if let Some(nc) = self.nc {
            fields = fields
                .plain("qop", "auth")
                .plain("nc", &format!("{nc:08x}"));
        }
        let fields = fields.maybe_quoted("opaque", self.opaque.as_deref());
        f.write_str(&fields.finish())
    }
}
