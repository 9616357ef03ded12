//! Who asks too much, guesses passwords or scans.

use serde::{Deserialize, Serialize};

use super::super::value::{SourceText, Span};

/// What becomes of strangers' requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StrangersName {
    /// They are answered, and have to prove who they are.
    #[default]
    Challenge,
    /// They are dropped.
    Drop,
}

impl From<StrangersName> for sip::guard::Strangers {
    fn from(name: StrangersName) -> Self {
        match name {
            StrangersName::Challenge => Self::Challenge,
            StrangersName::Drop => Self::Drop,
        }
    }
}

/// `[sip.guard]`: bounds for sources that no trunk names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SipGuard {
    /// What becomes of requests of sources that neither a trunk nor `exempt` names.
    pub strangers: StrangersName,
    /// Requests a second and source; what is beyond is dropped. 0 for no bound.
    pub rate: u32,
    /// Requests of a source that may come at once.
    pub burst: u32,
    /// So many offences and a source is banned: a message that cannot be read is one, wrong credentials are three, a
    /// challenge is a fifth of one. 0 bans nobody.
    pub strikes: u32,
    /// After this one offence is forgiven.
    pub forgive: Span,
    /// How long nothing of a banned source is read.
    pub ban: Span,
    /// Words of a User-Agent that make its source banned at once.
    pub scanners: Vec<String>,
    /// Addresses and networks that are never banned and are no strangers, such as a proxy that many stand behind, or where
    /// phones are.
    pub exempt: Vec<SourceText>,
}

impl Default for SipGuard {
    fn default() -> Self {
        let rules = sip::guard::Rules::default();
        Self {
            strangers: StrangersName::default(),
            rate: rules.rate,
            burst: rules.burst,
            strikes: rules.strikes,
            forgive: Span(rules.forgive),
            ban: Span(rules.ban),
            scanners: rules.scanners,
            exempt: Vec::new(),
        }
    }
}

impl SipGuard {
    /// Returns what the SIP endpoint is told.
    pub fn rules(&self) -> sip::guard::Rules {
        sip::guard::Rules {
            strangers: self.strangers.into(),
            rate: self.rate,
            burst: self.burst,
            strikes: self.strikes,
            forgive: self.forgive.0,
            ban: self.ban.0,
            scanners: self
                .scanners
                .iter()
                .map(|word| word.to_lowercase())
                .collect(),
            exempt: self.exempt.iter().map(SourceText::source).collect(),
        }
    }
}
