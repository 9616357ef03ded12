//! Menus: what a caller is asked before anybody is, and where the answer leads.

mod turn;

use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ws::id::{AgentId, MenuId, QueueId};

use crate::hours::Hours;

pub(crate) use turn::Turn;

/// A menu as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuSetup {
    /// Where its callers belong until they choose, and wait if they choose nothing.
    pub queue: QueueId,
    /// What they hear, announcements by name, one after the other.
    pub say: Vec<Arc<str>>,
    /// What they are asked for.
    pub asks: Asks,
    /// What they hear before they are asked again.
    pub say_again: Vec<Arc<str>>,
    /// How long a key is waited for, after the announcement and between two keys.
    pub wait: Duration,
    /// How often they are asked, from 1.
    pub tries: u8,
    /// Where who gave no answer goes.
    pub otherwise: Exit,
    /// When it is open, and where callers go while it is not.
    pub hours: Option<(Arc<Hours>, Exit)>,
}

/// What a menu asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asks {
    /// Nothing: it only says something, and goes on there.
    Nothing(Exit),
    /// One key, each with where it leads: `0`-`9`, `*`, `#`.
    Key(BTreeMap<char, Exit>),
    /// A number of keys.
    Digits {
        /// How many at least, from 1.
        least: u8,
        /// How many at most; the last, or `#`, ends the answer.
        most: u8,
        /// The name that the answer is kept by, as another system's id of the interaction; kept nowhere without one.
        keep: Option<String>,
        /// Whether the record shows stars in its place.
        secret: bool,
        /// Where it goes on.
        then: Exit,
    },
}

/// Where a menu leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The caller waits there.
    Queue(QueueId),
    /// The caller is asked more.
    Menu(MenuId),
    /// The caller waits for this agent first.
    Agent(AgentId),
    /// The caller is called back; where that is not possible, they wait.
    Callback,
    /// The caller leaves a message.
    Voicemail,
    /// The caller hears it again.
    Repeat,
    /// The call ends.
    HangUp,
}

/// Why a text names no way out of a menu.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" leads nowhere; write \"queue:NAME\", \"menu:NAME\", \"agent:NAME\", \"callback\", \"voicemail\", \"repeat\" or \"hang_up\""
)]
pub struct ExitError {
    text: String,
}

impl FromStr for Exit {
    type Err = ExitError;

    fn from_str(text: &str) -> Result<Self, ExitError> {
        let wrong = || ExitError {
            text: text.to_owned(),
        };
        match text.split_once(':') {
            Some(("queue", name)) => name.parse().map(Self::Queue).map_err(|_| wrong()),
            Some(("menu", name)) => name.parse().map(Self::Menu).map_err(|_| wrong()),
            Some(("agent", name)) => name.parse().map(Self::Agent).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
            None => match text {
                "callback" => Ok(Self::Callback),
                "voicemail" => Ok(Self::Voicemail),
                "repeat" => Ok(Self::Repeat),
                "hang_up" => Ok(Self::HangUp),
                _ => Err(wrong()),
            },
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(queue) => write!(f, "queue:{queue}"),
            Self::Menu(menu) => write!(f, "menu:{menu}"),
            Self::Agent(agent) => write!(f, "agent:{agent}"),
            Self::Callback => f.write_str("callback"),
            Self::Voicemail => f.write_str("voicemail"),
            Self::Repeat => f.write_str("repeat"),
            Self::HangUp => f.write_str("hang_up"),
        }
    }
}

impl Serialize for Exit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_out_survive_text_and_a_wrong_one_is_told_what_there_is() {
        for text in [
            "queue:sales",
            "menu:main",
            "agent:anna",
            "callback",
            "voicemail",
            "repeat",
            "hang_up",
        ] {
            assert_eq!(text.parse::<Exit>().unwrap().to_string(), text);
        }
        for text in ["", "queue:", "sales", "menu:two words", "callback:now"] {
            let told = text.parse::<Exit>().unwrap_err().to_string();
            assert!(told.contains("menu:NAME"), "{told}");
        }
    }
}
