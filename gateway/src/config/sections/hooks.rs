//! Other systems that are asked: `[lookup]`.

use serde::{Deserialize, Serialize};

use crate::config::value::{Maybe, Span};

/// `[lookup]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lookup {
    /// Who is asked what they know of who comes; nobody without.
    pub url: Maybe<String>,
    /// What questions are signed with.
    pub secret: String,
    /// A file that holds it.
    pub secret_file: Maybe<String>,
    /// Whether private addresses and plain HTTP are allowed.
    pub private: bool,
    /// How long an answer is waited for.
    pub deadline: Span,
    /// How long an answer is good for.
    pub remember: Span,
    /// How long it is good for that nothing is known.
    pub remember_nothing: Span,
}

impl Default for Lookup {
    fn default() -> Self {
        Self {
            url: Maybe(None),
            secret: String::new(),
            secret_file: Maybe(None),
            private: false,
            deadline: Span(std::time::Duration::from_millis(300)),
            remember: Span::secs(600),
            remember_nothing: Span::secs(60),
        }
    }
}
