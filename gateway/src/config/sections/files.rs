//! Files in chats: `[files]`.

use serde::{Deserialize, Serialize};

/// `[files]`: what may be shared in chats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// Whether files may be shared at all.
    pub enabled: bool,
    /// The largest, in bytes.
    pub largest: usize,
    /// How many an interaction may have.
    pub most: u32,
    /// How many bytes all that are kept may have together.
    pub room: u64,
    /// Of which media types, as found in their content.
    pub types: Vec<String>,
}

impl Default for Files {
    fn default() -> Self {
        let types = [
            "image/png",
            "image/jpeg",
            "image/gif",
            "image/webp",
            "application/pdf",
            "text/plain",
        ];
        Self {
            enabled: true,
            largest: 10 * 1024 * 1024,
            most: 20,
            room: 20 * 1024 * 1024 * 1024,
            types: types.map(str::to_owned).to_vec(),
        }
    }
}
