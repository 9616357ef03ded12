//! What a recorder outside is told beside the voices: who is in the call, and whose stream is whose (RFC 7865); and the
//! bodies that carry it with a session description (RFC 7866 §9).

mod body;
mod metadata;
mod xml;

pub use body::{METADATA, RECORDING_SESSION, body, content_type, is_whole, metadata_of};
pub use metadata::{Heard, Metadata, Participant, UniqueId};

/// The option tag that an INVITE to a recorder requires, and that a recorder's requests may.
pub const SIPREC: &str = "siprec";
/// What our Contact says towards a recorder: that we are who sends (RFC 7866 §6.1.1).
pub const SOURCE: &str = "+sip.src";
/// The bodies that we take of a recorder.
pub const ACCEPTED: &str = "application/sdp, application/rs-metadata-request";

/// How a recorder asks to be told everything (RFC 7866 §9.2).
pub const REQUEST: &str = "application/rs-metadata-request";

#[cfg(test)]
mod tests;
