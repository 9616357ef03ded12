//! The secret of an API token: `tdm_<token>_<secret>`. The first part finds it, the second proves it, and only the
//! second's hash is kept.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::store::agents::hex;

/// How every key begins, so that a leaked one is recognised.
const MARK: &str = "tdm_";

/// The public name of a token: 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenId(String);

/// Why a text is no token's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no token; it has 16 hexadecimal digits, as `tandem token list` shows")]
pub struct NoToken;

impl TokenId {
    /// Returns its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TokenId {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Self, NoToken> {
        let digits = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 16 || !text.bytes().all(digits) {
            return Err(NoToken);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for TokenId {
    type Error = NoToken;

    fn try_from(text: String) -> Result<Self, NoToken> {
        text.parse()
    }
}

impl From<TokenId> for String {
    fn from(id: TokenId) -> Self {
        id.0
    }
}

/// A token as its bearer shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Which.
    pub token: TokenId,
    secret: String,
}

impl Key {
    /// Makes one of 32 random bytes.
    pub fn make() -> Self {
        Self {
            token: TokenId(hex(&super::random::<8>())),
            secret: hex(&super::random::<32>()),
        }
    }

    /// Reads one; none when it has not the shape of one.
    pub fn read(text: &str) -> Option<Self> {
        let (token, secret) = text.strip_prefix(MARK)?.split_once('_')?;
        let plausible = secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Self {
            token: token.parse().ok()?,
            secret: plausible.then(|| secret.to_owned())?,
        })
    }

    /// Tells whether a credential claims to be a token.
    pub fn is_claimed(text: &str) -> bool {
        text.starts_with(MARK)
    }

    /// Returns what is shown once, to whom it is given.
    pub fn show(&self) -> String {
        format!("{MARK}{}_{}", self.token, self.secret)
    }

    /// Returns what is kept. The secret has 256 bits, so that no slow hash is needed against guessing.
    pub fn hash(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, self.secret.as_bytes());
        hex(digest.as_ref())
    }

    /// Tells whether it is the one that `hash` was kept of; in the same time for every wrong one.
    pub fn proves(&self, hash: &str) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.hash().as_bytes(), hash.as_bytes()).into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_as_it_shows_and_only_its_own_hash_proves_it() {
        let key = Key::make();
        let other = Key::make();

        assert_eq!(Key::read(&key.show()), Some(key.clone()));
        assert!(key.proves(&key.hash()));
        assert!(!other.proves(&key.hash()));
        assert!(!key.hash().contains(&key.secret));
        assert!(!format!("{key:?}").contains(&key.secret));
    }

    #[test]
    fn what_has_not_the_shape_of_a_key_is_none() {
        let shown = Key::make().show();
        for text in [
            "",
            "tdm_",
            "tdm_0123456789abcdef_",
            &shown[1..],
            &shown[..shown.len() - 1],
            "tdm_0123456789ABCDEF_00",
        ] {
            assert_eq!(Key::read(text), None, "{text}");
        }
    }
}
