//! How large a picture is once it is decoded, as its first bytes say: few bytes may stand for gigabytes.

/// The most pixels of a picture that is taken: as many as a large camera makes. Whoever sees one decodes all of them.
pub const MOST: u64 = 40_000_000;

/// Returns width and height of a PNG, GIF, WebP or JPEG that says them; none of these is drawn where it does not.
pub fn of(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => {
            let head = bytes.get(12..16)? == b"IHDR";
            head.then_some((long(bytes, 16)?, long(bytes, 20)?))
        }
        [b'G', b'I', b'F', b'8', ..] => Some((little(bytes, 6)?, little(bytes, 8)?)),
        [b'R', b'I', b'F', b'F', ..] => webp(bytes),
        [0xff, 0xd8, ..] => jpeg(bytes),
        _ => None,
    }
}

// RFC 9649: the canvas of an extended file, or the one frame of a simple one.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((1 + three(bytes, 24)?, 1 + three(bytes, 27)?)),
        b"VP8 " => Some((little(bytes, 26)? & 0x3fff, little(bytes, 28)? & 0x3fff)),
        b"VP8L" => {
            let packed = u32::from_le_bytes(bytes.get(21..25)?.try_into().ok()?);
            Some((1 + (packed & 0x3fff), 1 + ((packed >> 14) & 0x3fff)))
        }
        _ => None,
    }
}

// The frame header comes after segments that say their length: FFC0 to FFCF, but for tables (C4, C8, CC).
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        match short(bytes, at)? {
            0xffff => at += 1,
            0xffc4 | 0xffc8 | 0xffcc => at += 2 + short(bytes, at + 2)? as usize,
            0xffc0..=0xffcf => return Some((short(bytes, at + 7)?, short(bytes, at + 5)?)),
            0xff01..=0xffd9 | 0xffdb..=0xfffe => at += 2 + short(bytes, at + 2)? as usize,
            // The picture itself begins, or it is no JPEG.
            _ => return None,
        }
    }
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn short(bytes: &[u8], at: usize) -> Option<u32> {
    let two: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_be_bytes(two).into())
}

fn little(bytes: &[u8], at: usize) -> Option<u32> {
    let two: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_le_bytes(two).into())
}

fn three(bytes: &[u8], at: usize) -> Option<u32> {
    Some(little(bytes, at)? | u32::from(*bytes.get(at + 2)?) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_says_how_large_it_is() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x61\xa8\0\0\0\x02";
        let gif = b"GIF89a\x10\x27\x20\x03";
        let vp8x = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\x27\0\x1f\x03\0";
        let vp8 = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x10\x27\x20\x03";
        let vp8l = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x0f\xe7\xc7\x00";
        let jpeg =
            b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xff\xc4\0\x03\0\xff\xc2\0\x0b\x08\x03\x20\x27\x10\x01";

        assert_eq!(of(png), Some((25_000, 2)));
        for picture in [&gif[..], vp8x, vp8, vp8l, jpeg] {
            assert_eq!(of(picture), Some((10_000, 800)), "{picture:?}");
        }
    }

    #[test]
    fn what_ends_before_it_has_said_so_or_is_no_picture_says_nothing() {
        let whole = b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc2\0\x0b\x08\x03\x20\x27\x10\x01";

        for end in 0..17 {
            assert_eq!(of(&whole[..end]), None, "{end} bytes");
        }
        assert_eq!(of(b"\xff\xd8\xff\xda\0\x04"), None, "the picture begins");
        assert_eq!(of(b"%PDF-1.7"), None);
        assert_eq!(of(b"RIFF\0\0\0\0WEBPXXXX"), None);
    }
}
