//! What visitors are asked before a chat, and what they answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A zone's form as a visitor filled it in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Filled {
    /// The language it was shown in, such as `de`; what is wrong with it is told in that.
    pub lang: Option<String>,
    /// Whether this is a message for later, because nobody can be there now; should somebody be there after all, it is a chat.
    pub later: bool,
    /// The answers by field: what was typed, the value of what was chosen, `yes` where something was agreed to.
    #[ts(type = "{ [field: string]: string }")]
    pub answers: BTreeMap<String, String>,
}

/// One answer of a customer to a zone's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Answer {
    /// The field.
    pub field: String,
    /// What was asked.
    pub label: String,
    /// What was typed, the value of what was chosen, or `yes`; nothing of it is proved.
    pub value: String,
    /// What was chosen, as it was read; a tick where something was agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub words: Option<String>,
    /// What was asked, on an agent's card, by each language that the form has it in now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<BTreeMap<String, String>>")]
    pub labels: BTreeMap<String, String>,
    /// What was chosen, on an agent's card, by each language that the form has it in now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<BTreeMap<String, String>>")]
    pub wordings: BTreeMap<String, String>,
}
