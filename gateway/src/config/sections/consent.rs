//! Who may be contacted: `[consent]`.

use std::{fmt, sync::Arc};

use hub::{consent::NumberList, setup::ConsentSetup};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use ws::consent::ContactChannel;

/// `[consent]`: see [`hub::setup::ConsentSetup`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Consent {
    /// Files of numbers that are never called.
    pub lists: Vec<ListFile>,
    /// Channels on which only those are contacted who allowed it.
    pub required: Vec<ContactChannel>,
    /// Messages that withdraw the consent.
    pub stop_words: Vec<String>,
    /// Messages that give it again.
    pub start_words: Vec<String>,
    /// The channels those words are about.
    pub channels: Vec<ContactChannel>,
    /// The answer to the first.
    pub stopped: String,
    /// The answer to the second.
    pub started: String,
    /// What the files hold; read when the configuration is checked.
    #[serde(skip)]
    pub numbers: Arc<NumberList>,
}

/// A file with one number a line: its path, or a table where numbers need a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListFile {
    /// Where it lies.
    pub path: String,
    /// What goes before numbers without `+` and `00`, such as `+1`.
    pub prefix: String,
}

impl<'de> Deserialize<'de> for ListFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Reads either form of a list.
struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = ListFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path, or { path = \"…\", prefix = \"+1\" }")
    }

    fn visit_str<E: de::Error>(self, path: &str) -> Result<ListFile, E> {
        Ok(ListFile {
            path: path.to_owned(),
            prefix: String::new(),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ListFile, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            path: String,
            #[serde(default)]
            prefix: String,
        }
        let Table { path, prefix } = Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(ListFile { path, prefix })
    }
}

impl Default for Consent {
    fn default() -> Self {
        let setup = ConsentSetup::default();
        Self {
            lists: Vec::new(),
            required: setup.required,
            stop_words: setup.stop_words,
            start_words: setup.start_words,
            channels: setup.channels,
            stopped: setup.stopped,
            started: setup.started,
            numbers: setup.list,
        }
    }
}

impl Consent {
    /// Returns what the hub is told.
    pub fn setup(&self) -> ConsentSetup {
        ConsentSetup {
            list: self.numbers.clone(),
            required: self.required.clone(),
            stop_words: self.stop_words.clone(),
            start_words: self.start_words.clone(),
            channels: self.channels.clone(),
            stopped: self.stopped.clone(),
            started: self.started.clone(),
        }
    }
}
