//! Media: RTP and RTCP of every leg, moved by one worker that is driven by commands.
//!
//! The border is [`MediaCommand`] in and [`MediaEvent`] out. A leg is opened on a port the caller
//! chose, told where its peer is once SDP is agreed, and then bridged to another leg or played to.
//! Nothing here knows SIP, interactions or rooms.

#![allow(
    dead_code,
    unused_imports,
    reason = "commanded by the loop once it is there"
)]

pub use sip::media::{
    IgnoredReason, LegKey, LegStats, MediaCommand, MediaEvent, OpenError, Program, PromptId,
};
