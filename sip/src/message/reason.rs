//! The Reason header: why a request was sent.

use std::fmt;

use super::defect::Defect;
use super::lexis::{self, trim};
use super::params::Params;

/// One Reason value (RFC 3326).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The protocol that the cause belongs to: `SIP`, `Q.850`, …
    pub protocol: String,
    /// The cause, a status code or an ISDN cause.
    pub cause: Option<u16>,
    /// Words for people.
    pub text: Option<String>,
}

impl Reason {
    /// Makes a SIP reason such as `SIP;cause=200;text="Call completed elsewhere"`.
    pub fn sip(cause: u16, text: &str) -> Self {
        Self {
            protocol: "SIP".to_owned(),
            cause: Some(cause),
            text: Some(text.to_owned()),
        }
    }
}

impl std::str::FromStr for Reason {
    type Err = Defect;

    fn from_str(value: &str) -> Result<Self, Defect> {
        let (protocol, params) = value.split_at(value.find(';').unwrap_or(value.len()));
        let protocol = trim(protocol);
        if !lexis::is_token(protocol.as_bytes()) {
            return Err(Defect::Character);
        }
        Params::check(params)?;
        let params = Params(params);
        Ok(Self {
            protocol: protocol.to_owned(),
            cause: params.get("cause").and_then(|cause| cause.parse().ok()),
            text: params.unquoted("text"),
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.protocol)?;
        if let Some(cause) = self.cause {
            write!(f, ";cause={cause}")?;
        }
        match &self.text {
            Some(text) => write!(f, ";text={}", lexis::quote(text)),
            None => Ok(()),
        }
    }
}
