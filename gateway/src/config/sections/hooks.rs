//! Other systems that are asked and told: `[lookup]`, `[webhook]`.

use serde::{Deserialize, Serialize};

use crate::{
    config::value::{Maybe, Span},
    hooks::message::Wanted,
};

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

/// `[webhook.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where facts are posted to.
    #[serde(default)]
    pub url: String,
    /// What they are signed with.
    #[serde(default)]
    pub secret: String,
    /// A file that holds it.
    #[serde(default)]
    pub secret_file: Maybe<String>,
    /// Which facts.
    #[serde(default = "everything")]
    pub events: Vec<Wanted>,
    /// Whether private addresses and plain HTTP are allowed.
    #[serde(default)]
    pub private: bool,
    /// How long an answer is waited for.
    #[serde(default = "ten_seconds")]
    pub timeout: Span,
    /// How long what fails is tried again.
    #[serde(default = "three_days")]
    pub give_up: Span,
}

fn everything() -> Vec<Wanted> {
    vec!["*".parse().expect("the star stands for everything")]
}

fn ten_seconds() -> Span {
    Span::secs(10)
}

fn three_days() -> Span {
    Span::secs(3 * 86_400)
}
