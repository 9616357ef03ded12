//! Reads compound RTCP datagrams in place.

use super::{
    BLOCK_BYTES, CNAME, GOODBYE, RECEIVER_REPORT, ReportBlock, RtcpError, SENDER_REPORT,
    SOURCE_DESCRIPTION, SenderNumbers,
};

/// A datagram whose packets all fit into it.
#[derive(Clone, Copy, Debug)]
pub struct Compound<'a> {
    bytes: &'a [u8],
}

impl<'a> Compound<'a> {
    /// Checks the frame of every packet in the datagram. Reduced-size datagrams that do not start
    /// with a report are taken too (RFC 5506).
    ///
    /// # Errors
    /// When any packet has another version or a length that leaves the datagram.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RtcpError> {
        if bytes.is_empty() {
            return Err(RtcpError::Truncated);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let (_, _, _, next) = split(rest)?;
            rest = next;
        }
        Ok(Self { bytes })
    }

    /// The packets in order. Those whose insides are cut short are left out.
    pub const fn packets(&self) -> Packets<'a> {
        Packets { rest: self.bytes }
    }
}

/// One packet of a compound.
#[derive(Clone, Debug)]
pub enum Packet<'a> {
    /// A report of a source that sends.
    SenderReport {
        /// The sender.
        ssrc: u32,
        /// Its own stream.
        numbers: SenderNumbers,
        /// What it hears.
        blocks: ReportBlocks<'a>,
    },
    /// A report of one that only receives.
    ReceiverReport {
        /// The receiver.
        ssrc: u32,
        /// What it hears.
        blocks: ReportBlocks<'a>,
    },
    /// The name of the first source described.
    SourceDescription {
        /// The source.
        ssrc: u32,
        /// Its canonical name, empty when it gave none.
        cname: &'a [u8],
    },
    /// The first source named has left.
    Goodbye {
        /// The source.
        ssrc: u32,
    },
    /// A packet type we have no use for.
    Other(u8),
}

/// Walks the packets of a compound.
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    fn next(&mut self) -> Option<Packet<'a>> {
        while !self.rest.is_empty() {
            let (count, kind, body, rest) = split(self.rest).ok()?;
            self.rest = rest;
            if let Some(packet) = read(count, kind, body) {
                return Some(packet);
            }
        }
        None
    }
}

/// Walks report blocks.
#[derive(Clone, Debug)]
pub struct ReportBlocks<'a> {
    rest: &'a [u8],
}

impl Iterator for ReportBlocks<'_> {
    type Item = ReportBlock;

    fn next(&mut self) -> Option<ReportBlock> {
        let (block, rest) = self.rest.split_first_chunk::<BLOCK_BYTES>()?;
        self.rest = rest;
        let lost = word(block, 4)?;
        Some(ReportBlock {
            ssrc: word(block, 0)?,
            fraction_lost: block[4],
            // Shifted up and down again, so that the sign of the 24 bits spreads.
            packets_lost: (lost << 8).cast_signed() >> 8,
            highest_sequence: word(block, 8)?,
            jitter: word(block, 12)?,
            last_report: word(block, 16)?,
            delay: word(block, 20)?,
        })
    }
}

type Split<'a> = (u8, u8, &'a [u8], &'a [u8]);

fn split(bytes: &[u8]) -> Result<Split<'_>, RtcpError> {
    let (&[first, kind, l0, l1], rest) =
        bytes.split_first_chunk::<4>().ok_or(RtcpError::Truncated)?;
    if first >> 6 != 2 {
        return Err(RtcpError::Version);
    }
    let length = 4 * usize::from(u16::from_be_bytes([l0, l1]));
    let (body, rest) = rest.split_at_checked(length).ok_or(RtcpError::Truncated)?;
    Ok((first & 0x1f, kind, body, rest))
}

fn read(count: u8, kind: u8, body: &[u8]) -> Option<Packet<'_>> {
    let ssrc = || word(body, 0);
    Some(match kind {
        SENDER_REPORT => Packet::SenderReport {
            ssrc: ssrc()?,
            numbers: SenderNumbers {
                ntp: u64::from(word(body, 4)?) << 32 | u64::from(word(body, 8)?),
                timestamp: word(body, 12)?,
                packets: word(body, 16)?,
                bytes: word(body, 20)?,
            },
            blocks: blocks(count, body.get(24..)?)?,
        },
        RECEIVER_REPORT => Packet::ReceiverReport {
            ssrc: ssrc()?,
            blocks: blocks(count, body.get(4..)?)?,
        },
        SOURCE_DESCRIPTION if count > 0 => Packet::SourceDescription {
            ssrc: ssrc()?,
            cname: cname(body.get(4..)?),
        },
        GOODBYE if count > 0 => Packet::Goodbye { ssrc: ssrc()? },
        other => Packet::Other(other),
    })
}

fn blocks(count: u8, bytes: &[u8]) -> Option<ReportBlocks<'_>> {
    let rest = bytes.get(..BLOCK_BYTES * usize::from(count))?;
    Some(ReportBlocks { rest })
}

fn cname(mut items: &[u8]) -> &[u8] {
    while let [kind, length, rest @ ..] = items {
        // RFC 3550 §6.5: a zero ends the items of a chunk.
        if *kind == 0 {
            break;
        }
        let Some((text, next)) = rest.split_at_checked(usize::from(*length)) else {
            break;
        };
        if *kind == CNAME {
            return text;
        }
        items = next;
    }
    &[]
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let chunk = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*chunk))
}
