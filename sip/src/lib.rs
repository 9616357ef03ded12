//! Pure SIP.

pub mod dtmf;
pub mod media;
pub mod sdp;
