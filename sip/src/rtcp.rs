//! RTCP (RFC 3550 §6): sender and receiver reports, source descriptions and goodbyes.
//!
//! Written here rather than taken from a crate: four packet types of fixed layout, read without
//! allocation, while the crates bring the whole feedback family and a marshalling framework.

mod read;
mod write;

pub use read::{Compound, Packet, Packets, ReportBlocks};
pub use write::{write_bye, write_report};

/// Packet types (RFC 3550 §12.1).
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
/// The item of a source description that names an endpoint (RFC 3550 §6.5.1).
const CNAME: u8 = 1;
/// The size of a report block on the wire.
const BLOCK_BYTES: usize = 24;

/// How well a receiver hears one source (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source heard.
    pub ssrc: u32,
    /// The share lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// All packets lost, 24 bits; negative when duplicates came.
    pub packets_lost: i32,
    /// The highest sequence number received, with its wraps.
    pub highest_sequence: u32,
    /// The jitter in timestamp units.
    pub jitter: u32,
    /// The middle 32 bits of the NTP time in the source's last sender report, or 0.
    pub last_report: u32,
    /// The time since that report came, in 1/65536 s.
    pub delay: u32,
}

/// What a sender says of its own stream (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderNumbers {
    /// The wall clock as NTP time: seconds since 1900 in the upper half, fraction in the lower.
    pub ntp: u64,
    /// The same moment on the stream's clock.
    pub timestamp: u32,
    /// Packets sent, wrapping.
    pub packets: u32,
    /// Payload bytes sent, wrapping.
    pub bytes: u32,
}

/// Why a datagram is not RTCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RtcpError {
    /// A packet ends before its length or its count says it does.
    #[error("the RTCP datagram is cut short")]
    Truncated,
    /// A packet's version is not 2.
    #[error("the datagram is not RTCP version 2")]
    Version,
}

#[cfg(test)]
mod tests;
