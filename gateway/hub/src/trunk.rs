//! The places of trunks that answer their probes no more, and again. What a trunk has is taken to answer when the daemon starts.

use serde::{Deserialize, Serialize};
use ws::id::{Timestamp, TrunkId};

/// A place that answers no more, from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Down {
    /// Of which trunk.
    pub trunk: TrunkId,
    /// Which, as transport and address.
    pub place: String,
    /// What it answered last, 408 or 503; none where nothing came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// A place that answers again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Up {
    /// Of which trunk.
    pub trunk: TrunkId,
    /// Which, as transport and address.
    pub place: String,
    /// Since when it did not answer.
    pub since: Timestamp,
}
