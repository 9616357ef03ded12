//! What the fuzz targets and the ordinary tests do with bytes from the network: one function for each way in.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test; each target uses its own"
)]

pub mod endpoint;
pub mod framing;
pub mod media;
pub mod message;
pub mod sdp;
