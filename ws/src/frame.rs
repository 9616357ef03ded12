//! The envelope every frame has: a request with its `id`, the answer to it, or a push.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::{InteractionId, Seq};

/// A request with the number its answer carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Asked<R> {
    /// Chosen by the client, unique among its open requests on this socket.
    #[ts(type = "number")]
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub request: R,
}

/// What a server sends: an answer or a push.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum Told<D, P> {
    /// The request was carried out.
    Done {
        /// The request's `id`.
        #[ts(type = "number")]
        re: u64,
        /// The result.
        ok: D,
    },
    /// The request was refused; nothing was changed.
    Refused {
        /// The request's `id`.
        #[ts(type = "number")]
        re: u64,
        /// Why.
        error: Refusal,
    },
    /// Unasked.
    Push(P),
}

/// Where a timeline is taken up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// Which interaction.
    pub interaction: InteractionId,
    /// The epoch it was seen in.
    pub epoch: String,
    /// The highest entry that arrived.
    pub seq: Seq,
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Refusal {
    /// For programs.
    pub code: Code,
    /// For people: what was wrong and what would be right.
    pub text: String,
}

/// The kinds of refusal.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The frame is no valid request.
    Malformed,
    /// A field is outside its bounds.
    OutOfRange,
    /// The credential is missing, wrong or expired.
    Unauthorized,
    /// It is not this party's to do or see.
    Forbidden,
    /// There is no such thing, or it is over.
    NotFound,
    /// It cannot be done in the present state.
    Conflict,
    /// Too many requests.
    RateLimited,
    /// A slot, queue or trunk is full.
    Full,
    /// The number must not be contacted.
    Suppressed,
    /// The server is shutting down or failed.
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{agent, visitor};

    #[test]
    fn a_request_with_an_unknown_or_doubled_field_is_refused() {
        for text in [
            r#"{"id":1,"op":"typing","on":true,"off":false}"#,
            r#"{"id":1,"op":"end","now":true}"#,
            r#"{"id":1,"op":"typing","on":true,"on":false}"#,
            r#"{"id":1,"id":2,"op":"end"}"#,
            r#"{"op":"end"}"#,
            r#"{"id":-1,"op":"end"}"#,
            r#"{"id":1,"op":"hello","token":"t","resume":{"interaction":"0af7651916cd43dd8448eb211c80319c","epoch":"e","seq":1,"x":1}}"#,
        ] {
            assert!(
                serde_json::from_str::<Asked<visitor::Request>>(text).is_err(),
                "{text}"
            );
        }
        assert!(
            serde_json::from_str::<Asked<agent::Request>>(
                r#"{"id":1,"op":"presence","presence":{"is":"away","reason":"tea","x":1}}"#
            )
            .is_err()
        );
        assert!(serde_json::from_str::<Asked<visitor::Request>>(r#"{"id":1,"op":"end"}"#).is_ok());
    }
}
