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
        let digits: &[u8; 32] = text.as_bytes().try_into().map_err(|_| Defect::Number)?;
        let (high, low) = digits.split_at(16);
        let half = |digits| hex(digits).ok_or(Defect::Number).map(u128::from);
        Ok(Self((half(high)? << 64) | half(low)?))
    }
}

/// Reads sixteen digits.
fn hex(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |value, &digit| {
        Some((value << 4) | u64::from(char::from(digit).to_digit(16)?))
    })
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl std::str::FromStr for SessionIds {
    type Err = Defect;

    fn from_str(value: &str) -> Result<Self, Defect> {
        let (local, params) =
            value.split_at(memchr::memchr(b';', value.as_bytes()).unwrap_or(value.len()));
        let mut remote = None;
        Params::walk(params, |name, value| {
            if remote.is_none() && name.eq_ignore_ascii_case("remote") {
                remote = Some(value);
            }
        })?;
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
