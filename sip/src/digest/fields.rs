//! `Digest name=value, …`: what challenges and answers are made of.

use crate::message::lexis::{quote, unquote};

/// Why a challenge or an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The scheme is not Digest.
    #[error("the scheme is not Digest")]
    Scheme,
    /// It is not `name=value` between commas.
    #[error("it is not a list of name=value")]
    Syntax,
    /// A field that has to be there is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The algorithm is one we do not know.
    #[error("the algorithm is unknown")]
    Algorithm,
    /// Only a quality of protection that we do not offer (`auth-int`) is asked for.
    #[error("the quality of protection is not auth")]
    Qop,
    /// The nonce count is not eight hex digits.
    #[error("the nonce count is not hexadecimal")]
    Count,
    /// Only a hash of the password is known, and it was made for another algorithm or realm.
    #[error("the stored secret is for another algorithm")]
    Secret,
}

/// The fields behind `Digest`, in order.
pub(super) struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fields<'a> {
    pub fn read(value: &'a str) -> Result<Self, AuthError> {
        let (scheme, mut rest) = value
            .trim()
            .split_once([' ', '\t'])
            .ok_or(AuthError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return Err(AuthError::Scheme);
        }
        let mut fields = Vec::with_capacity(12);
        while !rest.trim().is_empty() {
            let end = field_end(rest.as_bytes()).ok_or(AuthError::Syntax)?;
            let field = rest[..end].trim();
            rest = rest.get(end + 1..).unwrap_or("");
            if field.is_empty() {
                continue;
            }
            let (name, value) = field.split_once('=').ok_or(AuthError::Syntax)?;
            fields.push((name.trim_end(), value.trim_start()));
        }
        Ok(Self(fields))
    }

    pub fn get(&self, name: &str) -> Option<String> {
        let field = self
            .0
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name));
        field.map(|(_, value)| unquote(value))
    }

    pub fn need(&self, name: &'static str) -> Result<String, AuthError> {
        self.get(name).ok_or(AuthError::Missing(name))
    }
}

fn field_end(text: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'"' => quoted = !quoted,
            b'\\' if quoted => at += 1,
            b',' if !quoted => return Some(at),
            _ => {}
        }
        at += 1;
    }
    (!quoted).then_some(text.len())
}

/// Writes `Digest name="value", …`.
pub(super) struct FieldWriter(String);

impl FieldWriter {
    pub fn new() -> Self {
        Self(String::from("Digest"))
    }

    pub fn plain(mut self, name: &str, value: &str) -> Self {
        self.0.push_str(if self.0.len() == "Digest".len() {
            " "
        } else {
            ", "
        });
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(value);
        self
    }

    pub fn quoted(self, name: &str, value: &str) -> Self {
        self.plain(name, &quote(value))
    }

    pub fn maybe_quoted(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.quoted(name, value),
            None => self,
        }
    }

    pub fn finish(self) -> String {
        self.0
    }
}
