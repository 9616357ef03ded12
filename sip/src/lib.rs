//! Pure SIP.

pub mod dtmf;
pub mod g711;
pub mod media;
pub mod message;
pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod tone;
