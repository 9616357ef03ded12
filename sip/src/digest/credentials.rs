//! Who one claims to be, and the proof.

use std::fmt;

use super::algorithm::Algorithm;
use super::fields::AuthError;

/// A user name and what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The proof.
    pub secret: Secret,
}

/// A password, or a hash from which digests can be made. It never shows itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// The password.
    Password(String),
    /// The hex hash of `user:realm:password`, good for one algorithm and one realm.
    Ha1 {
        /// The algorithm it was made with.
        algorithm: Algorithm,
        /// Lower-case hex.
        hash: String,
    },
}

impl Credentials {
    /// Makes credentials with a password.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            secret: Secret::Password(password.into()),
        }
    }
}

impl Secret {
    /// Makes the hash to keep instead of `password`.
    pub fn hashed(algorithm: Algorithm, username: &str, realm: &str, password: &str) -> Self {
        Self::Ha1 {
            algorithm: algorithm.base(),
            hash: algorithm.hash(&[username, realm, password]),
        }
    }

    /// Returns HA1 for `algorithm` before any `-sess` step; a hash made for another algorithm cannot give it.
    pub(super) fn ha1(
        &self,
        algorithm: Algorithm,
        username: &str,
        realm: &str,
    ) -> Result<String, AuthError> {
        match self {
            Self::Password(password) => Ok(algorithm.hash(&[username, realm, password])),
            Self::Ha1 {
                algorithm: made_with,
                hash,
            } if *made_with == algorithm.base() => Ok(hash.clone()),
            Self::Ha1 { .. } => Err(AuthError::Secret),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
