//! G.722 at 64 kbit/s (ITU-T G.722): two bands of adaptive differential codes, 16 kHz linear samples to a byte a pair and back.
//!
//! Written here because the crates that speak it bring a runtime with them. The names of the blocks are the recommendation's.

/// The impulse response of the filters that split and join the bands (table 11), half of it; the rest is its mirror.
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

const Q6: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
    1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
const QM2: [i32; 4] = [-7408, -1616, 7408, 1616];
const QM4: [i32; 16] = [
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
    1200, 0,
];
const QM6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776,
    -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
    11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776,
    2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];
const ILB: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
/// The change of the low band's logarithmic scale, by the upper four bits of its code.
const WL: [i32; 16] = [
    -60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60,
];
/// The same of the high band, by its code.
const WH: [i32; 4] = [798, -214, 798, -214];

/// The adaptive predictor and quantiser of one band.
#[derive(Clone, Debug)]
struct Band {
    /// The prediction, and the part of it that the zeros made.
    s: i32,
    sz: i32,
    /// Reconstructed and partly reconstructed signal, the latest first.
    r: [i32; 2],
    p: [i32; 2],
    /// The coefficients of the poles and of the zeros.
    a: [i32; 2],
    b: [i32; 6],
    /// Quantised differences, the latest first.
    d: [i32; 6],
    /// The logarithm of the scale, and the scale.
    nb: i32,
    det: i32,
}

impl Band {
    const fn new(det: i32) -> Self {
        Self {
            s: 0,
            sz: 0,
            r: [0; 2],
            p: [0; 2],
            a: [0; 2],
            b: [0; 6],
            d: [0; 6],
            nb: 0,
            det,
        }
    }

    const fn low() -> Self {
        Self::new(32)
    }

    const fn high() -> Self {
        Self::new(8)
    }

    // Blocks 3 (LOGSCL, SCALEL and the like): `most` bounds the logarithm, `shift` is 8 below and 10 above.
    fn rescale(&mut self, change: i32, most: i32, shift: i32) {
        self.nb = (((self.nb * 127) >> 7) + change).clamp(0, most);
        let mantissa = ILB[((self.nb >> 6) & 31) as usize];
        let down = shift - (self.nb >> 11);
        self.det = if down < 0 {
            mantissa << -down
        } else {
            mantissa >> down
        } << 2;
    }

    // Block 4: `d` is the quantised difference; what follows is predicted from it.
    fn adapt(&mut self, d: i32) {
        let r = saturate(self.s + d);
        let p = saturate(self.sz + d);
        self.adapt_poles(p);
        let step = if d == 0 { 0 } else { 128 };
        for (b, &before) in self.b.iter_mut().zip(&self.d) {
            let change = if sign(before) == sign(d) { step } else { -step };
            *b = saturate(change + ((*b * 32640) >> 15));
        }
        self.d.rotate_right(1);
        self.d[0] = d;
        self.r = [r, self.r[0]];
        self.p = [p, self.p[0]];
        let poles: i32 = self
            .a
            .iter()
            .zip(&self.r)
            .map(|(a, r)| (a * saturate(2 * r)) >> 15)
            .sum();
        let zeros: i32 = self
            .b
            .iter()
            .zip(&self.d)
            .map(|(b, d)| (b * saturate(2 * d)) >> 15)
            .sum();
        self.sz = saturate(zeros);
        self.s = saturate(saturate(poles) + self.sz);
    }

    // Blocks UPPOL2 and UPPOL1; `self.p` still holds the two before `p`.
    fn adapt_poles(&mut self, p: i32) {
        let leaning = saturate(self.a[0] << 2);
        let leaning = if sign(p) == sign(self.p[0]) {
            (-leaning).min(32767)
        } else {
            leaning
        };
        let step = if sign(p) == sign(self.p[1]) {
            128
        } else {
            -128
        };
        let second = (leaning >> 7) + step + ((self.a[1] * 32512) >> 15);
        let second = second.clamp(-12288, 12288);
        let step = if sign(p) == sign(self.p[0]) {
            192
        } else {
            -192
        };
        let bound = saturate(15360 - second);
        let first = saturate(step + ((self.a[0] * 32640) >> 15));
        self.a = [first.clamp(-bound, bound), second];
    }

    fn take_low(&mut self, code: usize) {
        let d = (self.det * QM4[code]) >> 15;
        self.rescale(WL[code], 18432, 8);
        self.adapt(d);
    }

    fn take_high(&mut self, code: usize) -> i32 {
        let d = (self.det * QM2[code]) >> 15;
        let out = (self.s + d).clamp(-16384, 16383);
        self.rescale(WH[code], 22528, 10);
        self.adapt(d);
        out
    }
}

/// From linear samples to bytes.
#[derive(Clone, Debug)]
pub struct Encoder {
    x: [i32; 24],
    low: Band,
    high: Band,
}

impl Default for Encoder {
    fn default() -> Self {
        Self {
            x: [0; 24],
            low: Band::low(),
            high: Band::high(),
        }
    }
}

impl Encoder {
    /// Appends a byte for every two samples at 16 kHz; a last odd one is left out.
    pub fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        out.extend(samples.chunks_exact(2).map(|pair| {
            self.x.copy_within(2.., 0);
            self.x[22] = i32::from(pair[0]);
            self.x[23] = i32::from(pair[1]);
            let (odd, even) = filter(&self.x);
            self.byte((even + odd) >> 14, (even - odd) >> 14)
        }));
    }

    fn byte(&mut self, low: i32, high: i32) -> u8 {
        let e = saturate(low - self.low.s);
        let size = magnitude(e);
        let level = Q6
            .iter()
            .take_while(|&&q| size >= (q * self.low.det) >> 12)
            .count();
        let low = low_code(level, e < 0);
        self.low.take_low(low >> 2);

        let e = saturate(high - self.high.s);
        let large = magnitude(e) >= (564 * self.high.det) >> 12;
        let high = match (e < 0, large) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        self.high.take_high(high);
        (high << 6 | low) as u8
    }
}

// Tables 5 and 6: the six bits of an interval, counted from the smallest.
const fn low_code(level: usize, negative: bool) -> usize {
    match (negative, level) {
        (true, 0) => 63,
        (true, 1) => 62,
        (true, level) => 33 - level,
        (false, level) => 61 - level,
    }
}

/// From bytes to linear samples.
#[derive(Clone, Debug)]
pub struct Decoder {
    x: [i32; 24],
    low: Band,
    high: Band,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            x: [0; 24],
            low: Band::low(),
            high: Band::high(),
        }
    }
}

impl Decoder {
    /// Appends two samples at 16 kHz for every byte.
    pub fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) {
        for &byte in payload {
            let (low, high) = (usize::from(byte & 0x3f), usize::from(byte >> 6));
            let d = (self.low.det * QM6[low]) >> 15;
            let rlow = (self.low.s + d).clamp(-16384, 16383);
            self.low.take_low(low >> 2);
            let rhigh = self.high.take_high(high);
            self.x.copy_within(2.., 0);
            self.x[22] = rlow + rhigh;
            self.x[23] = rlow - rhigh;
            let (first, second) = filter(&self.x);
            out.extend([second, first].map(|sum| saturate(sum >> 11) as i16));
        }
    }
}

// What the even and the odd places of the filters' memory make, the first with the response as it is.
fn filter(x: &[i32; 24]) -> (i32, i32) {
    x.chunks_exact(2)
        .zip(QMF.iter().zip(QMF.iter().rev()))
        .fold((0, 0), |(even, odd), (pair, (ahead, back))| {
            (even + pair[0] * ahead, odd + pair[1] * back)
        })
}

const fn sign(value: i32) -> bool {
    value < 0
}

// Negative differences count from -1.
const fn magnitude(e: i32) -> i32 {
    if e < 0 { -(e + 1) } else { e }
}

fn saturate(value: i32) -> i32 {
    value.clamp(i16::MIN.into(), i16::MAX.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::{RATE, level};

    fn sine(frequency: f32, amplitude: f32, count: usize) -> Vec<i16> {
        let step = std::f32::consts::TAU * frequency / 16_000.0;
        (0..count)
            .map(|n| (amplitude * (step * n as f32).sin()) as i16)
            .collect()
    }

    fn through(samples: &[i16]) -> Vec<i16> {
        let (mut bytes, mut back) = (Vec::new(), Vec::new());
        Encoder::default().encode(samples, &mut bytes);
        assert_eq!(bytes.len(), samples.len() / 2);
        Decoder::default().decode(&bytes, &mut back);
        back
    }

    // The ear counts 8,000 samples a second, so it hears 16 kHz an octave lower.
    fn heard(samples: &[i16], frequency: u32) -> f32 {
        assert_eq!(RATE, 8000);
        level(samples, frequency / 2)
    }

    #[test]
    fn tones_of_both_bands_come_back_at_their_strength() {
        for frequency in [300, 1000, 3000, 5000, 6600] {
            let back = through(&sine(frequency as f32, 8000.0, 3200));

            let found = heard(&back[800..], frequency);
            assert!((7000.0..9000.0).contains(&found), "{frequency}: {found}");
            assert!(heard(&back[800..], frequency + 600) < 400.0, "{frequency}");
        }
    }

    #[test]
    fn loud_noise_and_silence_stay_what_they_are() {
        let loud = through(&sine(700.0, 32_000.0, 3200));
        let quiet = through(&[0; 3200]);

        assert!(heard(&loud[800..], 700) > 28_000.0);
        assert!(quiet.iter().all(|sample| sample.abs() < 16));
    }

    #[test]
    fn any_bytes_are_decoded() {
        let bytes: Vec<u8> = (0..4096u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let mut out = Vec::new();

        Decoder::default().decode(&bytes, &mut out);

        assert_eq!(out.len(), 8192);
    }
}
