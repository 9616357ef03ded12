//! The RTP header (RFC 3550 §5.1): read with all its parts, written in its fixed form.

use std::ops::Range;

/// The size of the fixed header, all that we ever write.
pub const HEADER_BYTES: usize = 12;

/// The fields of the fixed header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The marker: the first packet after a silence, or of a telephone event (RFC 3551 §4.1).
    pub marker: bool,
    /// The payload type, below 128.
    pub payload_type: u8,
    /// Counts packets, wrapping.
    pub sequence: u16,
    /// Counts samples, wrapping.
    pub timestamp: u32,
    /// Names the stream.
    pub ssrc: u32,
}

impl Header {
    /// The header as bytes, without contributing sources, extension or padding.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0] = 0x80;
        bytes[1] = u8::from(self.marker) << 7 | (self.payload_type & 0x7f);
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

/// Where the parts of one datagram are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The fixed header.
    pub header: Header,
    /// The contributing sources, four bytes each.
    pub csrc: Range<usize>,
    /// The profile's identifier and data of the header extension (RFC 3550 §5.3.1).
    pub extension: Option<(u16, Range<usize>)>,
    /// The payload, without padding. It starts at [`HEADER_BYTES`] or later.
    pub payload: Range<usize>,
}

impl Packet {
    /// Reads a datagram.
    ///
    /// # Errors
    /// When the datagram is not RTP version 2, or ends before its header or padding says it does.
    pub fn parse(datagram: &[u8]) -> Result<Self, RtpError> {
        let (fixed, _) = datagram
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or(RtpError::Truncated)?;
        if fixed[0] >> 6 != 2 {
            return Err(RtpError::Version);
        }
        let csrc = HEADER_BYTES..HEADER_BYTES + 4 * usize::from(fixed[0] & 0x0f);
        let (extension, start) = if fixed[0] & 0x10 == 0 {
            (None, csrc.end)
        } else {
            let (profile, range) = extension(datagram, csrc.end)?;
            let start = range.end;
            (Some((profile, range)), start)
        };
        let padding = if fixed[0] & 0x20 == 0 {
            0
        } else {
            // RFC 3550 §5.1: the last octet counts the padding, itself included.
            match datagram[datagram.len() - 1] {
                0 => return Err(RtpError::Padding),
                count => usize::from(count),
            }
        };
        if datagram.len() < start {
            return Err(RtpError::Truncated);
        }
        if datagram.len() - start < padding {
            return Err(RtpError::Padding);
        }
        Ok(Self {
            header: read(fixed),
            csrc,
            extension,
            payload: start..datagram.len() - padding,
        })
    }
}

fn read(fixed: &[u8; HEADER_BYTES]) -> Header {
    let [_, second, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3] = *fixed;
    Header {
        marker: second & 0x80 != 0,
        payload_type: second & 0x7f,
        sequence: u16::from_be_bytes([s0, s1]),
        timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
    }
}

fn extension(datagram: &[u8], at: usize) -> Result<(u16, Range<usize>), RtpError> {
    let &[p0, p1, l0, l1] = datagram
        .get(at..)
        .and_then(|rest| rest.first_chunk::<4>())
        .ok_or(RtpError::Truncated)?;
    let start = at + 4;
    let words = usize::from(u16::from_be_bytes([l0, l1]));
    Ok((u16::from_be_bytes([p0, p1]), start..start + 4 * words))
}

/// Whether a datagram on a shared port is RTCP (RFC 5761 §4).
pub fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [first, second, ..] if first >> 6 == 2 && (192..=223).contains(second))
}

/// Why a datagram is not RTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RtpError {
    /// It ends before its header does.
    #[error("the datagram ends inside the RTP header")]
    Truncated,
    /// Its version is not 2.
    #[error("the datagram is not RTP version 2")]
    Version,
    /// Its padding count is zero or larger than what is there.
    #[error("the RTP padding count is wrong")]
    Padding,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_part_of_a_full_header_is_found() {
        let mut datagram = vec![
            0x80 | 0x20 | 0x10 | 1,
            0x80 | 8,
            0,
            7,
            0,
            0,
            1,
            0,
            0,
            0,
            0,
            9,
        ];
        datagram.extend([1, 2, 3, 4]);
        datagram.extend([0xbe, 0xde, 0, 1, 5, 6, 7, 8]);
        datagram.extend([0xaa, 0xbb, 0, 0, 3]);

        let packet = Packet::parse(&datagram).unwrap();

        assert_eq!(packet.header.sequence, 7);
        assert_eq!(packet.header.payload_type, 8);
        assert!(packet.header.marker);
        assert_eq!(packet.csrc, 12..16);
        assert_eq!(packet.extension, Some((0xbede, 20..24)));
        assert_eq!(datagram[packet.payload], [0xaa, 0xbb]);
    }

    #[test]
    fn broken_datagrams_are_refused_by_their_fault() {
        let mut good = Header::default().to_bytes().to_vec();
        assert_eq!(Packet::parse(&good[..11]), Err(RtpError::Truncated));
        good[0] = 0x40;
        assert_eq!(Packet::parse(&good), Err(RtpError::Version));
        good[0] = 0x8f;
        assert_eq!(Packet::parse(&good), Err(RtpError::Truncated));
        good[0] = 0xa0;
        assert_eq!(Packet::parse(&good), Err(RtpError::Padding));
        good[0] = 0x90;
        good.extend([0, 0, 0xff, 0xff]);
        assert_eq!(Packet::parse(&good), Err(RtpError::Truncated));
    }

    #[test]
    fn reports_are_told_from_media_on_a_shared_port() {
        assert!(is_rtcp(&[0x81, 200, 0, 0]));
        assert!(!is_rtcp(&[0x80, 0x80, 0, 0]));
        assert!(!is_rtcp(&[]));
    }

    proptest! {
        #[test]
        fn a_written_header_reads_back(
            marker: bool, payload_type in 0u8..128, sequence: u16, timestamp: u32, ssrc: u32,
        ) {
            let header = Header { marker, payload_type, sequence, timestamp, ssrc };
            let packet = Packet::parse(&header.to_bytes()).unwrap();
            prop_assert_eq!(packet.header, header);
            prop_assert_eq!(packet.payload, 12..12);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(packet) = Packet::parse(&bytes) {
                prop_assert!(packet.payload.start >= HEADER_BYTES);
                prop_assert!(packet.payload.end <= bytes.len());
            }
        }
    }
}
