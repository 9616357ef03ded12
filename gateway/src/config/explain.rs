//! What `tandem check` says: every value that would be run with, secrets left out.

use std::fmt::Write;

use toml::{Table, Value};

use super::Effective;

impl Effective {
    /// Returns the explanation, lines for people.
    pub fn explain(&self) -> String {
        let mut text = match &self.file {
            Some(file) => format!("# {} is right. Tandem would run with:\n", file.display()),
            None => "# No file was given: development mode. Tandem would run with:\n".to_owned(),
        };
        for name in &self.overrides {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# changed by {name}");
        }
        let mut whole = Table::try_from(&self.config).unwrap_or_default();
        for (name, value) in &mut whole {
            if let Value::Table(section) = value {
                conceal(section);
                for member in section
                    .iter_mut()
                    .filter(|_| matches!(name.as_str(), "zone" | "trunk" | "webhook"))
                {
                    if let (_, Value::Table(member)) = member {
                        conceal(member);
                    }
                }
            }
        }
        text.push_str(&toml::to_string(&whole).unwrap_or_default());
        text
    }
}

fn conceal(section: &mut Table) {
    for key in ["password", "identity_secret", "secret"] {
        if let Some(Value::String(secret)) = section.get_mut(key)
            && !secret.is_empty()
        {
            "(set)".clone_into(secret);
        }
    }
    if let Some(Value::Table(login)) = section.get_mut("login") {
        conceal(login);
    }
}
