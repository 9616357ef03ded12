//! Pure SIP.

mod dialog;
pub mod digest;
pub mod dtmf;
pub mod endpoint;
pub mod g711;
pub mod media;
pub mod message;
pub mod registrar;
pub mod rtcp;
pub mod rtp;
pub mod sdp;
mod time;
pub mod tone;
mod transaction;
pub mod trunk;

pub use time::Instant;
