//! Where values come from: the file, with its lines, and environment variables on top.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value, de::DeTable};

use super::{
    fault::{Fault, Place},
    sections::Config,
};

/// Finds the line a key stands on.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    file: Option<(PathBuf, String)>,
}

impl Lines {
    /// Of no file.
    pub fn none() -> Self {
        Self { file: None }
    }

    /// Returns where `key` stands, as exactly as is known.
    pub fn place(&self, key: &[&str]) -> Place {
        let Some((path, text)) = &self.file else {
            return Place::Development;
        };
        match self.offset(text, key) {
            Some(offset) => Place::Line(path.clone(), line_of(text, offset)),
            None => Place::File(path.clone()),
        }
    }

    fn offset(&self, text: &str, key: &[&str]) -> Option<usize> {
        let table = DeTable::parse(text).ok()?;
        let mut table = table.get_ref();
        let mut found = None;
        for name in key {
            let (spelled, value) = table.get_key_value(*name)?;
            found = Some(spelled.span().start);
            match value.get_ref().as_table() {
                Some(inner) => table = inner,
                None => break,
            }
        }
        found
    }

    /// Makes the error that `key` is wrong because of `text`.
    pub fn fault(&self, key: &[&str], text: impl Into<String>) -> Fault {
        Fault {
            place: self.place(key),
            key: key.join("."),
            text: text.into(),
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text
        .as_bytes()
        .iter()
        .take(offset)
        .filter(|byte| **byte == b'\n')
        .count()
}

/// Reads a file.
pub fn read(path: &Path) -> Result<(Config, Lines), Fault> {
    let text = std::fs::read_to_string(path).map_err(|error| Fault {
        place: Place::File(path.to_owned()),
        key: String::new(),
        text: format!("cannot be read: {error}"),
    })?;
    parse(path, text)
}

/// Reads the text of a file.
pub fn parse(path: &Path, text: String) -> Result<(Config, Lines), Fault> {
    let config = toml::from_str::<Config>(&text).map_err(|error| {
        let place = match error.span() {
            Some(span) => Place::Line(path.to_owned(), line_of(&text, span.start)),
            None => Place::File(path.to_owned()),
        };
        Fault {
            place,
            key: String::new(),
            text: words(error.message()),
        }
    })?;
    Ok((
        config,
        Lines {
            file: Some((path.to_owned(), text)),
        },
    ))
}

/// Applies `TANDEM_<SECTION>__<KEY>` variables; other names are not ours to judge.
pub fn override_by(
    mut config: Config,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(Config, Vec<String>), Fault> {
    let mut named: Vec<(String, String, String, String)> = environment
        .into_iter()
        .filter_map(|(name, value)| {
            // `TANDEM_TRUNK__TEST__TARGET` and `TANDEM_TRUNK_TEST__TARGET` mean the same.
            let (section, key) = name.strip_prefix("TANDEM_")?.rsplit_once("__")?;
            let section = section.replacen("__", "_", 1);
            let (section, key) = (section.to_lowercase(), key.to_lowercase());
            Some((name, section, key, value))
        })
        .collect();
    named.sort();
    let mut applied = Vec::new();
    for (name, section, key, value) in named {
        config = apply(&config, &section, &key, &value).map_err(|text| Fault {
            place: Place::Variable(name.clone()),
            key: String::new(),
            text,
        })?;
        applied.push(name);
    }
    Ok((config, applied))
}

// A variable does not say whether it is a text, a number or a list, so what the file would allow unquoted is tried first.
fn apply(config: &Config, section: &str, key: &str, value: &str) -> Result<Config, String> {
    let bare = format!("value = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"));
    let quoted = Value::String(value.to_owned());
    let by_bare = bare.map(|bare| with(config, section, key, bare));
    if let Some(Ok(config)) = by_bare {
        return Ok(config);
    }
    with(config, section, key, quoted).map_err(|error| match by_bare {
        Some(Err(other)) if error.starts_with("invalid type") => other,
        _ => error,
    })
}

fn with(config: &Config, section: &str, key: &str, value: Value) -> Result<Config, String> {
    let mut whole = Table::try_from(config).map_err(|error| error.to_string())?;
    let table = section_of(&mut whole, section)?;
    table.insert(key.to_owned(), value);
    Config::deserialize(Value::Table(whole)).map_err(|error| words(error.message()))
}

// What the library says on one line, with what would be right where it leaves that out.
fn words(message: &str) -> String {
    let remedy = if message.ends_with("invalid socket address syntax") {
        "; write an address and a port, such as \"127.0.0.1:5060\" or \"[::1]:5060\""
    } else if message.ends_with("invalid IP address syntax") {
        "; write an address, such as \"192.0.2.1\""
    } else {
        ""
    };
    message.replace('\n', "; ") + remedy
}

// `trunk_test` is the table `test` in `trunk`; names are compared as an environment variable can spell them.
fn section_of<'a>(whole: &'a mut Table, section: &str) -> Result<&'a mut Table, String> {
    let family = ["queue", "zone", "trunk", "hours", "webhook", "replies"]
        .into_iter()
        .find_map(|family| Some((family, section.strip_prefix(family)?.strip_prefix('_')?)));
    let unknown = || {
        format!(
            "there is no section \"{section}\"; it would be one of {}",
            sections()
        )
    };
    let Some((family, name)) = family else {
        return match whole.get_mut(section) {
            Some(Value::Table(table)) => Ok(table),
            Some(_) | None => Err(unknown()),
        };
    };
    let members = whole
        .entry(family)
        .or_insert_with(|| Value::Table(Table::new()))
        .as_table_mut()
        .ok_or_else(unknown)?;
    let spelled = members
        .keys()
        .find(|known| known.to_lowercase().replace(['-', '.', '@'], "_") == name)
        .cloned()
        .unwrap_or_else(|| name.to_owned());
    members
        .entry(spelled)
        .or_insert_with(|| Value::Table(Table::new()))
        .as_table_mut()
        .ok_or_else(unknown)
}

fn sections() -> String {
    let known = Table::try_from(Config::default()).unwrap_or_default();
    let names: Vec<String> = known
        .keys()
        .map(|name| match name.as_str() {
            "queue" | "zone" | "trunk" | "hours" | "webhook" | "replies" => {
                format!("{}_NAME", name.to_uppercase())
            }
            _ => name.to_uppercase(),
        })
        .collect();
    names.join(", ")
}
