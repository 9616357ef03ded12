//! Media: RTP and RTCP of every leg, moved by one worker that is driven by commands.
//!
//! The border, `MediaCommand` in and `MediaEvent` out, is [`sip::media`]. A leg is opened on a port
//! the caller chose, told where its peer is once SDP is agreed, and then bridged to another leg or
//! played to. Nothing here knows SIP dialogs, interactions or rooms.
//!
//! A browser's leg is one like any other, and so is one whose SIP peer secures it: packets are opened before the switchboard
//! sees them, and sealed after.
//!
//! The switchboard is the pure half: it decides what becomes of a packet and what is due. The
//! worker is the thin half: one thread that owns every socket and sleeps in one poll.

#![allow(
    dead_code,
    unused_imports,
    reason = "commanded by the loop once it is there"
)]

mod browser_port;
mod browsers;
mod flow;
mod hush;
mod keypad;
mod latch;
mod leaving;
mod leg;
mod library;
mod opener;
mod outlet;
mod player;
mod ports;
mod recording;
mod reports;
mod seals;
mod secure;
mod shared;
mod stream;
mod switchboard;
mod tally;
mod tap;
mod voice;
mod wire;
mod witness;
mod worker;

pub use browser_port::BrowserPort;
pub use library::{MUSIC, Sounds, built_in};
pub use recording::Recordings;
pub use secure::Identity;
pub use shared::Settings;
pub use wire::Note;
pub use worker::{Media, MediaGone};

#[cfg(test)]
mod tests;
