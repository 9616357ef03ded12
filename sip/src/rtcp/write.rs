//! Writes our own compound datagrams.

use super::{
    BLOCK_BYTES, CNAME, GOODBYE, RECEIVER_REPORT, ReportBlock, SENDER_REPORT, SOURCE_DESCRIPTION,
    SenderNumbers,
};

/// Appends a report with the source description every compound must carry (RFC 3550 §6.1): a
/// sender report when `numbers` are given, a receiver report otherwise. Of `cname` the first 255
/// bytes are used.
pub fn write_report(
    out: &mut Vec<u8>,
    ssrc: u32,
    numbers: Option<&SenderNumbers>,
    block: Option<&ReportBlock>,
    cname: &str,
) {
    let blocks = usize::from(block.is_some());
    match numbers {
        Some(numbers) => {
            header(
                out,
                u8::from(block.is_some()),
                SENDER_REPORT,
                24 + BLOCK_BYTES * blocks,
            );
            out.extend(ssrc.to_be_bytes());
            out.extend(numbers.ntp.to_be_bytes());
            out.extend(numbers.timestamp.to_be_bytes());
            out.extend(numbers.packets.to_be_bytes());
            out.extend(numbers.bytes.to_be_bytes());
        }
        None => {
            header(
                out,
                u8::from(block.is_some()),
                RECEIVER_REPORT,
                4 + BLOCK_BYTES * blocks,
            );
            out.extend(ssrc.to_be_bytes());
        }
    }
    if let Some(block) = block {
        write_block(out, block);
    }
    write_description(out, ssrc, cname);
}

/// Appends a goodbye (RFC 3550 §6.6). It must follow a report in the same datagram.
pub fn write_bye(out: &mut Vec<u8>, ssrc: u32) {
    header(out, 1, GOODBYE, 4);
    out.extend(ssrc.to_be_bytes());
}

fn header(out: &mut Vec<u8>, count: u8, kind: u8, body: usize) {
    let words = u16::try_from(body / 4).expect("our packets are a few hundred bytes");
    out.extend([0x80 | count, kind]);
    out.extend(words.to_be_bytes());
}

fn write_block(out: &mut Vec<u8>, block: &ReportBlock) {
    out.extend(block.ssrc.to_be_bytes());
    let lost = block.packets_lost.cast_unsigned() & 0x00ff_ffff;
    out.extend((u32::from(block.fraction_lost) << 24 | lost).to_be_bytes());
    out.extend(block.highest_sequence.to_be_bytes());
    out.extend(block.jitter.to_be_bytes());
    out.extend(block.last_report.to_be_bytes());
    out.extend(block.delay.to_be_bytes());
}

fn write_description(out: &mut Vec<u8>, ssrc: u32, cname: &str) {
    let name = &cname.as_bytes()[..cname.len().min(255)];
    // RFC 3550 §6.5: a chunk ends with at least one zero and on a word boundary.
    let chunk = (4 + 2 + name.len() + 1).next_multiple_of(4);
    header(out, 1, SOURCE_DESCRIPTION, chunk);
    let end = out.len() + chunk;
    out.extend(ssrc.to_be_bytes());
    out.extend([CNAME, u8::try_from(name.len()).expect("cut to 255 above")]);
    out.extend(name);
    out.resize(end, 0);
}
