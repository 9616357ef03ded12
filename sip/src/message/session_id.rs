//! The Session-ID header, which carries the interaction ID.

use std::fmt;

use super::defect::Defect;
use super::lexis::trim;
use super::params::Params;

/// One UUID of RFC 7989, 32 hex digits on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u128);

/// The value of a Session-ID header: the sender's UUID and what it knows of the other side's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionIds {
    /// The sender's UUID.
    pub local: SessionId,
    /// The receiver's UUID as the sender knows it, [`SessionId::NIL`] while unknown; `None` if the parameter is missing.
    pub remote: Option<SessionId>,
}

impl SessionId {
    /// The UUID that means "not known yet".
    pub const NIL: Self = Self(0);

    /// Whether this is the UUID that means "not known yet".
    pub fn is_nil(self) -> bool {
        self == Self::NIL
    }
}

impl SessionIds {
    /// Makes the value to send.
    pub fn new(local: SessionId, remote: SessionId) -> Self {
        Self {
            local,
            remote: Some(remote),
        }
    }
}

impl std::str::FromStr for SessionId {
    type Err = Defect;

    fn from_str(text: &str) -> Result<Self, Defect> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Defect::Number);
        }
        u128::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| Defect::Number)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl std::str::FromStr for SessionIds {
    type Err = Defect;

    fn from_str(value: &str) -> Result<Self, Defect> {
        let (local, params) = value.split_at(value.find(';').unwrap_or(value.len()));
        Params::check(params)?;
        let remote = Params(params).get("remote");
        Ok(Self {
            local: trim(local).parse()?,
            remote: remote.map(str::parse).transpose()?,
        })
    }
}

impl fmt::Display for SessionIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.remote {
            Some(remote) => write!(f, "{};remote={remote}", self.local),
            None => self.local.fmt(f),
        }
    }
}
