//! Messages that callers leave: `[voicemail]`. When they may is said by the rules of each queue and by menus.

use hub::voicemail::VoicemailSetup;
use serde::{Deserialize, Serialize};

use crate::config::value::Span;

/// `[voicemail]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Voicemail {
    /// What callers hear before the tone, announcements by name; the tone alone when empty.
    pub greeting: Vec<String>,
    /// How long a message is at most.
    pub longest: Span,
    /// After how much silence it is over.
    pub silence: Span,
    /// How much must be heard of the caller, for it to be one.
    pub least: Span,
    /// How long it, or one that was written, waits for somebody; longer where its queue was not open for `work.longest` meanwhile.
    pub waits: Span,
}

impl Default for Voicemail {
    fn default() -> Self {
        let VoicemailSetup {
            longest,
            silence,
            least,
            waits,
            ..
        } = VoicemailSetup::default();
        Self {
            greeting: Vec::new(),
            longest: Span(longest),
            silence: Span(silence),
            least: Span(least),
            waits: Span(waits),
        }
    }
}

impl Voicemail {
    /// Returns what the hub is told.
    pub fn setup(&self) -> VoicemailSetup {
        let names = self.greeting.iter();
        VoicemailSetup {
            greeting: names.map(|name| name.as_str().into()).collect(),
            longest: self.longest.0,
            silence: self.silence.0,
            least: self.least.0,
            waits: self.waits.0,
        }
    }
}
