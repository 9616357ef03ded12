//! What is wrong with a configuration, and where.

use std::{fmt, path::PathBuf};

/// One mistake of whoever wrote the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// Where it stands.
    pub place: Place,
    /// The key, such as `web.listen`; empty when it is about the whole.
    pub key: String,
    /// What is wrong and what would be right.
    pub text: String,
}

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file, at a line from 1.
    Line(PathBuf, usize),
    /// In a file as a whole, or missing from it.
    File(PathBuf),
    /// In an environment variable.
    Variable(String),
    /// In development mode's own values.
    Development,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Line(path, line) => write!(f, "{}:{line}: ", path.display())?,
            Place::File(path) => write!(f, "{}: ", path.display())?,
            Place::Variable(name) => write!(f, "environment variable {name}: ")?,
            Place::Development => write!(f, "development mode: ")?,
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.text)
    }
}
