//! Pure SIP.

pub mod dtmf;
pub mod sdp;
