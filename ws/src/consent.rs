//! What a customer allows, as consoles and programs say it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// By what a customer may be contacted by us.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ContactChannel {
    /// Calls.
    Voice,
    /// What programs write into chats; whom an agent answers there is answered whatever was said.
    Chat,
    /// Mail.
    Mail,
}

impl ContactChannel {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Voice, Self::Chat, Self::Mail];

    /// Returns the word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Chat => "chat",
            Self::Mail => "mail",
        }
    }
}
