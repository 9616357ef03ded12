//! G.711: A-law and µ-law to linear samples and back, and from one law to the other.

/// One of the two laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// µ-law, as in North America and Japan.
    Mu,
    /// A-law, as elsewhere.
    A,
}

static LINEAR_OF_ULAW: [i16; 256] = linear_table(Law::Mu);
static LINEAR_OF_ALAW: [i16; 256] = linear_table(Law::A);
static ALAW_OF_ULAW: [u8; 256] = law_table(Law::Mu, Law::A);
static ULAW_OF_ALAW: [u8; 256] = law_table(Law::A, Law::Mu);

/// The byte that stands for silence.
pub const fn silence(law: Law) -> u8 {
    match law {
        Law::Mu => 0xff,
        Law::A => 0xd5,
    }
}

/// The linear sample of one byte.
pub fn decode(law: Law, byte: u8) -> i16 {
    match law {
        Law::Mu => LINEAR_OF_ULAW[usize::from(byte)],
        Law::A => LINEAR_OF_ALAW[usize::from(byte)],
    }
}

/// The byte nearest to a linear sample.
pub const fn encode(law: Law, sample: i16) -> u8 {
    match law {
        Law::Mu => linear_to_ulaw(sample),
        Law::A => linear_to_alaw(sample),
    }
}

/// Rewrites a payload from one law to the other in place.
pub fn transcode(from: Law, to: Law, payload: &mut [u8]) {
    let table = match (from, to) {
        (Law::Mu, Law::A) => &ALAW_OF_ULAW,
        (Law::A, Law::Mu) => &ULAW_OF_ALAW,
        (Law::Mu, Law::Mu) | (Law::A, Law::A) => return,
    };
    for byte in payload {
        *byte = table[usize::from(*byte)];
    }
}

const fn linear_table(law: Law) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0u8;
    loop {
        table[byte as usize] = to_linear(law, byte);
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

const fn law_table(from: Law, to: Law) -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0u8;
    loop {
        table[byte as usize] = encode(to, to_linear(from, byte));
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

const fn to_linear(law: Law, byte: u8) -> i16 {
    match law {
        Law::Mu => ulaw_to_linear(byte),
        Law::A => alaw_to_linear(byte),
    }
}

/// µ-law adds this to every magnitude, so that each segment starts at a power of two.
const ULAW_BIAS: i16 = 0x84;
/// The largest magnitude µ-law can hold, in 16 bits.
const ULAW_CLIP: u16 = 32_635;

const fn ulaw_to_linear(byte: u8) -> i16 {
    // All bits travel inverted.
    let code = !byte;
    let segment = (code >> 4) & 7;
    let step = (code & 0x0f) as i16;
    let magnitude = (((step << 3) + ULAW_BIAS) << segment) - ULAW_BIAS;
    if code & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

const fn linear_to_ulaw(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let size = sample.unsigned_abs();
    let clipped = if size > ULAW_CLIP { ULAW_CLIP } else { size };
    let biased = clipped + ULAW_BIAS.unsigned_abs();
    // The bias makes bit 7 the lowest leading bit there can be.
    let segment = (8 - biased.leading_zeros()) as u8;
    let step = (biased >> (segment + 3)) as u8 & 0x0f;
    !(sign | segment << 4 | step)
}

const fn alaw_to_linear(byte: u8) -> i16 {
    // Every other bit travels inverted; a set sign bit means positive.
    let code = byte ^ 0x55;
    let segment = (code >> 4) & 7;
    let step = ((code & 0x0f) as i16) << 4;
    let magnitude = match segment {
        0 => step + 8,
        _ => (step + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

const fn linear_to_alaw(sample: i16) -> u8 {
    // Negative samples count from -1, so that both signs have the same intervals.
    let (mask, size) = if sample < 0 {
        (0x55, !sample)
    } else {
        (0xd5, sample)
    };
    let size = size.unsigned_abs();
    let code = if size < 0x100 {
        (size >> 4) as u8
    } else {
        let segment = (8 - size.leading_zeros()) as u8;
        segment << 4 | ((size >> (segment + 3)) as u8 & 0x0f)
    };
    code ^ mask
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [Law; 2] = [Law::Mu, Law::A];

    fn weighted_sum(codec: Law) -> i64 {
        (0..=255u8)
            .map(|byte| (i64::from(byte) + 1) * i64::from(decode(codec, byte)))
            .sum()
    }

    #[test]
    fn the_decoding_tables_are_those_of_the_standard() {
        let ulaw = [
            (0, -32_124),
            (1, -31_100),
            (0x10, -15_996),
            (0x7f, 0),
            (0x80, 32_124),
            (0xff, 0),
        ];
        for (byte, sample) in ulaw {
            assert_eq!(decode(Law::Mu, byte), sample, "µ-law {byte:#x}");
        }
        let alaw = [
            (0, -5_504),
            (0x2a, -32_256),
            (0x55, -8),
            (0x7f, -848),
            (0xaa, 32_256),
            (0xd5, 8),
        ];
        for (byte, sample) in alaw {
            assert_eq!(decode(Law::A, byte), sample, "A-law {byte:#x}");
        }
        // Sums over whole tables, from an independent implementation.
        assert_eq!(weighted_sum(Law::Mu), 98_107_392);
        assert_eq!(weighted_sum(Law::A), 100_139_008);
    }

    #[test]
    fn every_byte_survives_decoding_and_encoding() {
        for codec in LAWS {
            for byte in 0..=255u8 {
                let back = encode(codec, decode(codec, byte));
                // µ-law has a negative zero, which comes back as the positive one.
                let expected = if codec == Law::Mu && byte == 0x7f {
                    0xff
                } else {
                    byte
                };
                assert_eq!(back, expected, "{codec:?} {byte:#x}");
            }
        }
    }

    #[test]
    fn encoding_errs_by_half_an_interval_at_most() {
        for codec in LAWS {
            for sample in i16::MIN..=i16::MAX {
                let error = i32::from(decode(codec, encode(codec, sample))) - i32::from(sample);
                // Both laws have sixteen equal intervals between two powers of two.
                let half = (i32::from(sample).abs() + 132) / 32 + 8;
                assert!(error.abs() <= half, "{codec:?} {sample}: {error}");
            }
        }
    }

    #[test]
    fn there_and_back_between_the_laws_stays_near() {
        for byte in 0..=255u8 {
            let mut payload = [byte];
            transcode(Law::Mu, Law::A, &mut payload);
            transcode(Law::A, Law::Mu, &mut payload);
            let (before, after) = (decode(Law::Mu, byte), decode(Law::Mu, payload[0]));
            let error = (i32::from(before) - i32::from(after)).abs();
            assert!(
                error <= i32::from(before.unsigned_abs()) / 16 + 16,
                "{byte:#x}"
            );
        }
    }

    #[test]
    fn silence_is_quiet() {
        for codec in LAWS {
            assert!(decode(codec, silence(codec)).abs() <= 8);
        }
    }
}
