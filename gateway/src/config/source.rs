//! Where values come from: the file, with its lines, and environment variables on top.

use std::{
    collections::{BTreeSet, VecDeque},
    path::{Path, PathBuf},
};

use toml::{Table, Value, de::DeTable};

use super::{
    fault::{Fault, Place},
    number,
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
    let text = crate::files::read_text(path).map_err(|error| Fault {
        place: Place::File(path.to_owned()),
        key: String::new(),
        text: format!("cannot be read: {error}"),
    })?;
    parse(path, text)
}

/// Reads the text of a file.
pub fn parse(path: &Path, text: String) -> Result<(Config, Lines), Fault> {
    let wrong = |key: String, error: &toml::de::Error| {
        let place = match error.span() {
            Some(span) => Place::Line(path.to_owned(), line_of(&text, span.start)),
            None => Place::File(path.to_owned()),
        };
        let written = error.span().and_then(|span| text.get(span));
        let text = words(error.message(), &key, written);
        Fault {
            place,
            key: named(error.message(), key),
            text,
        }
    };
    let read = toml::Deserializer::parse(&text).map_err(|error| wrong(String::new(), &error))?;
    let config: Config = serde_path_to_error::deserialize(read)
        .map_err(|error| wrong(error.path().to_string(), error.inner()))?;
    Ok((
        config,
        Lines {
            file: Some((path.to_owned(), text)),
        },
    ))
}

/// How the parser begins to say that a section lacks something.
const MISSING: &str = "missing field";

/// How it begins to say that a value is of another kind than it could be.
const OTHER_KIND: &str = "invalid type";

// The key is told where the parser does not say it.
fn named(message: &str, key: String) -> String {
    let is_told = message.starts_with(OTHER_KIND) || number::sentence(message, &key).is_some();
    if is_told { key } else { String::new() }
}

/// What is wrong with a variable.
struct Wrong {
    key: String,
    text: String,
    /// The value is of another kind than it could be.
    other_kind: bool,
}

impl Wrong {
    fn of(text: String) -> Self {
        Self {
            key: String::new(),
            text,
            other_kind: false,
        }
    }
}

/// Applies `TANDEM_<SECTION>__<KEY>` variables; other names are not ours to judge.
pub fn override_by(
    mut config: Config,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(Config, Vec<String>), Fault> {
    let mut named: Vec<Variable> = environment
        .into_iter()
        .filter_map(|(name, value)| Variable::of(name, value))
        .collect();
    named.sort_by_key(|variable| {
        let (_, section) = variable.path.split_last().expect("it has two parts");
        (section.to_vec(), variable.name.clone())
    });
    let mut applied = Vec::new();
    // In groups, since each look at all that is configured takes as long as there is much of it.
    let mut groups = vec![named];
    let mut left = VecDeque::new();
    while let Some(mut group) = groups.pop() {
        let together = match &group[..] {
            [one] => apply(&config, one),
            all => with(&config, all),
        };
        match together {
            Ok(other) => {
                config = other;
                applied.extend(group.into_iter().map(|variable| variable.name));
            }
            Err(_) if group.len() == 1 => left.extend(group),
            Err(wrong) => match group.iter_mut().find(|one| one.may_be_text(&wrong)) {
                Some(one) => {
                    one.as_text = true;
                    groups.push(group);
                }
                None => {
                    let second = group.split_off(group.len() / 2);
                    groups.extend([second, group]);
                }
            },
        }
    }
    let mut passed_by = 0;
    while let Some(variable) = left.pop_front() {
        match apply(&config, &variable) {
            Ok(other) => {
                config = other;
                passed_by = 0;
                applied.push(variable.name);
            }
            // What a new section cannot be without goes before the rest of it, and may be named later.
            Err(wrong) if passed_by < left.len() && wrong.text.starts_with(MISSING) => {
                passed_by += 1;
                left.push_back(variable);
            }
            Err(Wrong { key, text, .. }) => {
                return Err(Fault {
                    place: Place::Variable(variable.name),
                    key,
                    text,
                });
            }
        }
    }
    Ok((config, applied))
}

/// A variable that is ours. It does not say whether it is a text, a number or a list, so what the file would allow unquoted is
/// tried first.
#[derive(Clone)]
struct Variable {
    name: String,
    path: Vec<String>,
    text: String,
    /// What it is unquoted.
    bare: Option<Value>,
    /// Whether it is taken as a text all the same.
    as_text: bool,
}

impl Variable {
    fn of(name: String, text: String) -> Option<Self> {
        let path = name.strip_prefix("TANDEM_")?.to_lowercase();
        let path: Vec<String> = path.split("__").map(str::to_owned).collect();
        if path.len() < 2 {
            return None;
        }
        let bare = format!("value = {text}").parse::<Table>();
        Some(Self {
            name,
            path,
            text,
            bare: bare.ok().and_then(|mut table| table.remove("value")),
            as_text: false,
        })
    }

    fn taken(&self, as_text: bool) -> Self {
        Self {
            as_text,
            ..self.clone()
        }
    }

    fn value(&self) -> Value {
        let bare = self.bare.clone().filter(|_| !self.as_text);
        bare.unwrap_or_else(|| Value::String(self.text.clone()))
    }

    // Two ways to write a section are one.
    fn spelling(&self) -> String {
        self.path.join("_")
    }

    // Whether it is what is wrong, for its value is of another kind than could be.
    fn may_be_text(&self, wrong: &Wrong) -> bool {
        let open = self.bare.is_some() && !self.as_text;
        open && wrong.other_kind && spelling(&wrong.key) == self.spelling()
    }

    fn put(&self, whole: &mut Table) -> Result<(), String> {
        let nowhere = || unknown(&self.path.join("__"));
        let Some((key, [section, inner @ ..])) = self.path.split_last() else {
            return Err(nowhere());
        };
        let mut table = section_of(whole, section)?;
        for name in inner {
            table = table_in(table, name).ok_or_else(nowhere)?;
        }
        let key = spelled(table, key);
        table.insert(key, self.value());
        Ok(())
    }
}

fn apply(config: &Config, variable: &Variable) -> Result<Config, Wrong> {
    with(config, &[variable.taken(false)]).or_else(|error| {
        with(config, &[variable.taken(true)]).map_err(|other| match other.other_kind {
            true => error,
            false => other,
        })
    })
}

fn with(config: &Config, variables: &[Variable]) -> Result<Config, Wrong> {
    let mut whole = Table::try_from(config).map_err(|error| Wrong::of(error.to_string()))?;
    let mut set = BTreeSet::new();
    for variable in variables {
        // The first of two would not be looked at.
        if !set.insert(variable.spelling()) {
            return Err(Wrong::of("it is set twice".to_owned()));
        }
        variable.put(&mut whole).map_err(Wrong::of)?;
    }
    serde_path_to_error::deserialize(Value::Table(whole)).map_err(|error| {
        let (key, message) = (error.path().to_string(), error.inner().message());
        Wrong {
            text: words(message, &key, None),
            other_kind: message.starts_with(OTHER_KIND),
            key: named(message, key),
        }
    })
}

// What the library says of the value of `key` on one line, with what would be right where it leaves that out; `written` is how it is
// written.
fn words(message: &str, key: &str, written: Option<&str>) -> String {
    if let Some(sentence) = number::sentence(message, key) {
        return sentence;
    }
    let remedy = if message.ends_with("invalid socket address syntax") {
        "; write an address and a port, such as \"127.0.0.1:5060\" or \"[::1]:5060\""
    } else if message.ends_with("invalid IP address syntax") {
        "; write an address, such as \"192.0.2.1\""
    } else if NO_PORT.iter().any(|end| message.ends_with(end)) {
        "; write a port from 1 to 65535, such as \"587\""
    } else {
        ""
    };
    message.replace('\n', "; ") + remedy + &listed(message, written) + &quoted(message)
}

/// How the library ends to say that a text is no number of a port; other numbers are written without quotes.
const NO_PORT: [&str; 2] = [
    "invalid digit found in string",
    "number too large to fit in target type",
];

// What would be right where a number stands in place of a text.
fn quoted(message: &str) -> String {
    let number = message
        .strip_prefix("invalid type: integer `")
        .and_then(|rest| rest.strip_suffix("`, expected a string"));
    number.map_or_else(String::new, |number| {
        format!("; write it in quotes: \"{number}\"")
    })
}

// What would be right where one value stands in place of a list.
fn listed(message: &str, written: Option<&str>) -> String {
    if !message.starts_with("invalid type") || !message.ends_with("expected a sequence") {
        return String::new();
    }
    match written.filter(|written| !written.contains(['\n', '[', '{'])) {
        Some(written) => format!("; write a list: [{written}]"),
        None => "; write a list in brackets, such as [\"one\", \"two\"]".to_owned(),
    }
}

/// Sections that are tables by name.
const FAMILIES: [&str; 7] = [
    "queue", "zone", "trunk", "hours", "webhook", "replies", "menu",
];

// `trunk_test` is the table `test` in `trunk`, as `trunk__test` is.
fn section_of<'a>(whole: &'a mut Table, section: &str) -> Result<&'a mut Table, String> {
    let family = FAMILIES
        .into_iter()
        .find_map(|family| Some((family, section.strip_prefix(family)?.strip_prefix('_')?)));
    let is_known = whole.contains_key(section) || FAMILIES.contains(&section);
    let found = match family {
        Some((family, name)) => table_in(whole, family).and_then(|members| table_in(members, name)),
        None if is_known => table_in(whole, section),
        None => None,
    };
    found.ok_or_else(|| unknown(section))
}

// A table within another; a new one where there is none. What no section knows is found when all of it is read.
fn table_in<'a>(table: &'a mut Table, name: &str) -> Option<&'a mut Table> {
    let name = spelled(table, name);
    let inner = table
        .entry(name)
        .or_insert_with(|| Value::Table(Table::new()));
    inner.as_table_mut()
}

// How an environment variable can spell a name.
fn spelling(name: &str) -> String {
    name.to_lowercase().replace(['-', '.', '@'], "_")
}

// Names are compared as an environment variable can spell them.
fn spelled(table: &Table, name: &str) -> String {
    let known = table.keys().find(|known| spelling(known) == name);
    known.cloned().unwrap_or_else(|| name.to_owned())
}

fn unknown(section: &str) -> String {
    format!(
        "there is no section \"{section}\"; it would be one of {}",
        sections()
    )
}

fn sections() -> String {
    let known = Table::try_from(Config::default()).unwrap_or_default();
    let names: Vec<String> = known
        .keys()
        .map(|name| match FAMILIES.contains(&name.as_str()) {
            true => format!("{}_NAME", name.to_uppercase()),
            false => name.to_uppercase(),
        })
        .collect();
    names.join(", ")
}
