//! What callers are asked first, and what they hear: `[menu.NAME]`, `[prompt]`.

use std::{collections::BTreeMap, sync::Arc};

use hub::{
    hours::Hours,
    menu::{Asks, Exit, MenuSetup},
};
use serde::{Deserialize, Serialize};
use ws::id::QueueId;

use crate::{
    config::value::{Maybe, Span, Written},
    media::Recordings,
};

/// `[menu.NAME]`: see [`hub::menu::MenuSetup`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// Where its callers belong until they choose, and wait if they choose nothing.
    pub queue: QueueId,
    /// What they hear, announcements by name.
    #[serde(default)]
    pub say: Vec<String>,
    /// Where each key leads.
    #[serde(default)]
    pub keys: BTreeMap<String, Written<Exit>>,
    /// How many keys are asked for, such as `"6"` or `"4-8"`.
    #[serde(default)]
    pub digits: Maybe<DigitCount>,
    /// The name that they are kept by, as another system's id of the interaction.
    #[serde(default)]
    pub keep: String,
    /// Whether they are shown as stars.
    #[serde(default)]
    pub secret: bool,
    /// Where it goes on once they came; or, without keys and digits, once it was said.
    #[serde(default)]
    pub then: Maybe<Exit>,
    /// What is said before they are asked again.
    #[serde(default)]
    pub say_again: Vec<String>,
    /// How long a key is waited for.
    #[serde(default = "wait")]
    pub wait: Span,
    /// How often they are asked.
    #[serde(default = "tries")]
    pub tries: u8,
    /// Where who gave no answer goes; to `queue` when empty.
    #[serde(default)]
    pub otherwise: Maybe<Exit>,
    /// When it is open, one of the sections `[hours.NAME]`; always when empty.
    #[serde(default)]
    pub hours: Maybe<String>,
    /// Where callers go while it is not.
    #[serde(default)]
    pub closed: Maybe<Exit>,
}

impl Menu {
    /// Returns what the hub is told; `hours` are those it names.
    pub fn setup(&self, hours: Option<Hours>) -> MenuSetup {
        let exit = |exit: &Maybe<Exit>| exit.0.clone();
        let own = || Exit::Queue(self.queue.clone());
        let then = exit(&self.then).unwrap_or_else(own);
        let asks = match (&self.digits.0, self.keys.is_empty()) {
            (Some(count), _) => Asks::Digits {
                least: count.least,
                most: count.most,
                keep: (!self.keep.is_empty()).then(|| self.keep.clone()),
                secret: self.secret,
                then,
            },
            (None, true) => Asks::Nothing(then),
            (None, false) => {
                let keys = self.keys.iter();
                let keys = keys.filter_map(|(key, to)| Some((key.chars().next()?, to.0.clone())));
                Asks::Key(keys.collect())
            }
        };
        let named = |names: &[String]| names.iter().map(|name| name.as_str().into()).collect();
        MenuSetup {
            queue: self.queue.clone(),
            say: named(&self.say),
            asks,
            say_again: named(&self.say_again),
            wait: self.wait.0,
            tries: self.tries,
            otherwise: exit(&self.otherwise).unwrap_or_else(own),
            hours: hours.map(Arc::new).zip(exit(&self.closed)),
        }
    }
}

/// How many keys a menu asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitCount {
    /// At least.
    pub least: u8,
    /// At most.
    pub most: u8,
}

/// The most keys one answer has.
const MOST: u8 = 32;

impl std::str::FromStr for DigitCount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" is no number of keys; write one from 1 to {MOST} such as \"6\", or \"4-8\""
            )
        };
        let (least, most) = text.split_once('-').unwrap_or((text, text));
        let (least, most) = (least.trim().parse(), most.trim().parse());
        match (least, most) {
            (Ok(least), Ok(most)) if 0 < least && least <= most && most <= MOST => {
                Ok(Self { least, most })
            }
            _ => Err(wrong()),
        }
    }
}

impl std::fmt::Display for DigitCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.least == self.most {
            true => write!(f, "{}", self.most),
            false => write!(f, "{}-{}", self.least, self.most),
        }
    }
}

/// `[prompt]`: recordings by name, each a WAV or Ogg Opus file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prompts {
    /// Where each lies.
    pub files: BTreeMap<String, String>,
    /// What the files hold; read when the configuration is checked.
    #[serde(skip)]
    pub recordings: Arc<Recordings>,
}

const fn wait() -> Span {
    Span::secs(5)
}

const fn tries() -> u8 {
    3
}
