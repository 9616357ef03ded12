//! RTP (RFC 3550 §5): headers, what a receiver learns from them, and the pace of a sender.

mod header;
mod jitter;
mod playout;
mod reception;

pub use header::{HEADER_BYTES, Header, Packet, RtpError, is_rtcp};
pub use jitter::{Due, JitterBuffer};
pub use playout::{FRAME, FRAME_SAMPLES, Playout};
pub use reception::{Arrival, Reception};
