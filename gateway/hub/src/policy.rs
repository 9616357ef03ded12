//! What is done with those a queue cannot serve, or not in time: a table of rules, each with its alternatives in order.
//! The first rule that holds and its first alternative that can be done decide; both go into the record.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use ws::id::QueueId;

/// What keeps a queue from serving somebody, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// It is outside its hours, or the zone somebody comes by is.
    Closed,
    /// As many wait as may.
    Full,
    /// Nobody who serves it is signed in.
    Unstaffed,
    /// The wait to be expected is too long.
    Slow,
    /// The wait was too long.
    Late,
}

impl Rule {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 5] = [
        Self::Closed,
        Self::Full,
        Self::Unstaffed,
        Self::Slow,
        Self::Late,
    ];

    /// Says it in words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Closed => "it is outside the opening hours",
            Self::Full => "too many people are waiting already",
            Self::Unstaffed => "nobody who serves the queue is signed in",
            Self::Slow => "the wait would be too long",
            Self::Late => "the wait became too long",
        }
    }
}

/// What is done instead of serving somebody at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "instead", rename_all = "snake_case")]
pub enum Instead {
    /// They wait in another queue.
    Queue {
        /// Which.
        queue: QueueId,
    },
    /// They are offered to be called back, and wait on until they take it.
    Callback,
    /// A chat becomes a message that waits for the next open hour; a caller hears an announcement and the call ends.
    Message,
    /// A caller leaves a message after a tone; a chat becomes a written one.
    Voicemail,
    /// They are turned away.
    Busy,
    /// They wait all the same.
    Wait,
}

impl Instead {
    /// Tells whether nothing can stand in its way, so that what is listed after it is never reached.
    pub fn is_last(&self) -> bool {
        match self {
            Self::Message | Self::Voicemail | Self::Busy | Self::Wait => true,
            Self::Queue { .. } | Self::Callback => false,
        }
    }
}

/// Why a text names no alternative.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" is nothing that can be done; write \"queue:NAME\", \"callback\", \"message\", \"voicemail\", \"busy\" or \"wait\""
)]
pub struct InsteadError {
    text: String,
}

impl std::str::FromStr for Instead {
    type Err = InsteadError;

    fn from_str(text: &str) -> Result<Self, InsteadError> {
        let wrong = || InsteadError {
            text: text.to_owned(),
        };
        match text {
            "callback" => Ok(Self::Callback),
            "message" => Ok(Self::Message),
            "voicemail" => Ok(Self::Voicemail),
            "busy" => Ok(Self::Busy),
            "wait" => Ok(Self::Wait),
            other => {
                let name = other.strip_prefix("queue:").ok_or_else(wrong)?;
                let queue = name.parse().map_err(|_| wrong())?;
                Ok(Self::Queue { queue })
            }
        }
    }
}

impl std::fmt::Display for Instead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Queue { queue } => write!(f, "queue:{queue}"),
            Self::Callback => f.write_str("callback"),
            Self::Message => f.write_str("message"),
            Self::Voicemail => f.write_str("voicemail"),
            Self::Busy => f.write_str("busy"),
            Self::Wait => f.write_str("wait"),
        }
    }
}

/// The rules of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// What is done under each rule, the first that can be done.
    pub instead: BTreeMap<Rule, Vec<Instead>>,
    /// How long one may wait; none for as long as it takes.
    pub longest_wait: Option<Duration>,
    /// The longest wait to be expected by one who comes; none for any.
    pub longest_expected: Option<Duration>,
    /// Whether who goes to another queue takes the time waited along.
    pub keep_place: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            instead: [
                (Rule::Closed, vec![Instead::Message]),
                (Rule::Full, vec![Instead::Busy]),
            ]
            .into(),
            longest_wait: None,
            longest_expected: None,
            keep_place: true,
        }
    }
}

impl Policy {
    /// Tells whether anything but waiting is done under a rule.
    pub fn acts(&self, rule: Rule) -> bool {
        self.under(rule)
            .iter()
            .any(|instead| *instead != Instead::Wait)
    }

    /// Returns what may be done under a rule, in order; where nothing can be, one waits.
    pub fn under(&self, rule: Rule) -> &[Instead] {
        self.instead.get(&rule).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_survive_text_and_a_wrong_one_is_told_what_there_is() {
        let right = "queue:backup callback message voicemail busy wait";
        for text in right.split(' ') {
            assert_eq!(text.parse::<Instead>().unwrap().to_string(), text);
        }
        for text in ["", "queue:", "queue:two words", "mailbox"] {
            let told = text.parse::<Instead>().unwrap_err().to_string();
            assert!(told.contains("queue:NAME"), "{told}");
        }
    }
}
