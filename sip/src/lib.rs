//! Pure SIP: messages, transactions, dialogs, registrar, trunks, and media as bytes. No socket, task, clock or randomness of
//! its own; [`endpoint`] is the one door.
//!
//! | module | speaks |
//! |---|---|
//! | [`message`] | RFC 3261 §7, §18 to §20, §25; RFC 3581 (rport), RFC 7989 (Session-ID), RFC 5621 (a description among parts) |
//! | `transaction`, `dialog` | RFC 3261 §12, §17; RFC 6026; RFC 5923 (whose connection is used); RFC 5927 (which ICMP errors are believed) |
//! | [`endpoint`] | RFC 3261 §8, §11, §13 to §15; RFC 3262 (PRACK), RFC 3311 (UPDATE), RFC 4028 (session timers), RFC 6086 (INFO); RFC 3515, 3420, 3891, 3892, 4488, 5057 (transfer) |
//! | [`registrar`], [`digest`], [`trunk`] | RFC 3261 §10, §22; RFC 3327 (Path), RFC 5626, 6223 (flows); RFC 7616, RFC 8760 |
//! | [`locate`] | RFC 3263, RFC 2782: which servers a host name has, and in which order they are tried |
//! | [`families`] | IPv4 and IPv6: what peers of each are told |
//! | [`stun`] | RFC 8489 bindings on a SIP port (RFC 5626 §4.4.2) |
//! | [`stir`] | RFC 8224, RFC 8225, RFC 8588, RFC 8946: who vouches for a caller's number |
//! | [`siprec`] | RFC 7865, RFC 7866: what a recorder outside is told of a call; what parties are told and would like of recordings is in [`sdp`] |
//! | [`guard`] | bounds for sources that nobody vouches for |
//! | [`sdp`] | RFC 8866, RFC 3264, one audio stream; RFC 8839, RFC 8842, RFC 9143 with peers in browsers |
//! | [`rtp`], [`rtcp`], [`dtmf`], [`g711`], [`tone`] | RFC 3550, RFC 3551, RFC 4733, G.711, sounds made here |
//! | [`quality`] | ITU-T G.107: how well speech was heard |
//! | [`speech`] | whether somebody speaks |
//! | [`media`] | the border to whoever moves the packets |
//!
//! Left out: SRTP.

pub mod codec;
mod dialog;
pub mod digest;
pub mod dtmf;
pub mod endpoint;
pub mod families;
pub mod g711;
pub mod g722;
pub mod guard;
pub mod locate;
pub mod media;
pub mod message;
pub mod quality;
pub mod registrar;
pub mod rooms;
pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod siprec;
pub mod speech;
pub mod stir;
pub mod stun;
mod time;
pub mod tone;
mod transaction;
pub mod trunk;

pub use time::Instant;
