//! Other systems that are told and asked: `[webhook.NAME]`, `[lookup]`.

use serde::{Deserialize, Serialize};

use crate::config::value::{Maybe, Span};

/// `[webhook.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where events are posted.
    #[serde(default)]
    pub url: String,
    /// What they are signed with: text, or `whsec_` and base64.
    #[serde(default)]
    pub secret: String,
    /// A file that holds it.
    #[serde(default)]
    pub secret_file: Maybe<String>,
    /// Which events: their words, or beginnings of words with a star.
    #[serde(default = "all")]
    pub events: Vec<String>,
    /// Whether private addresses and plain HTTP are allowed.
    #[serde(default)]
    pub private: bool,
    /// How long one delivery may take.
    #[serde(default = "delivery")]
    pub timeout: Span,
    /// How often one event is tried before it is a dead letter.
    #[serde(default = "attempts")]
    pub attempts: u8,
    /// How many deliveries run at a time, each of another interaction.
    #[serde(default = "together")]
    pub concurrency: usize,
}

fn all() -> Vec<String> {
    vec!["*".to_owned()]
}

const fn delivery() -> Span {
    Span::secs(10)
}

const fn attempts() -> u8 {
    12
}

const fn together() -> usize {
    4
}

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
