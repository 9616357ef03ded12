//! Files that are shared in a chat.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::FileId;

/// A file in a chat; what is in it is fetched by HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SharedFile {
    /// Which.
    pub file: FileId,
    /// How its sender called it, at most 100 characters, without path and control characters.
    pub name: String,
    /// Its media type (RFC 6838) as found in its content, not as its sender called it.
    pub kind: String,
    /// How large it is, in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}
