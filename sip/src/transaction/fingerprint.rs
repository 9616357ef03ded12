//! Keyed hashes of what names a transaction, so that tables need not keep the text.

use std::hash::{DefaultHasher, Hasher};

/// 128 bits that stand for some text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fingerprint(pub u128);

/// Makes fingerprints that nobody without the key can foresee or make collide.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    halves: [DefaultHasher; 2],
}

impl Keyed {
    /// Makes it from two secrets.
    pub fn new(secrets: [u64; 2]) -> Self {
        let halves = secrets.map(|secret| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(secret);
            hasher
        });
        Self { halves }
    }

    /// Returns the fingerprint of `parts`; where one ends and the next begins counts too.
    pub fn of(&self, parts: &[&str]) -> Fingerprint {
        let [mut high, mut low] = self.halves.clone();
        for part in parts {
            for half in [&mut high, &mut low] {
                half.write(part.as_bytes());
                half.write_u8(0xff);
            }
        }
        Fingerprint(u128::from(high.finish()) << 64 | u128::from(low.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_text_and_borders_all_count() {
        let keyed = Keyed::new([1, 2]);

        assert_eq!(keyed.of(&["ab", "c"]), Keyed::new([1, 2]).of(&["ab", "c"]));
        assert_ne!(keyed.of(&["ab", "c"]), keyed.of(&["a", "bc"]));
        assert_ne!(keyed.of(&["ab", "c"]), Keyed::new([1, 3]).of(&["ab", "c"]));
    }
}
