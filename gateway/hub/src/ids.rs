//! Maps by random ids: the id is its own hash. They are never walked where the order could be seen.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A map whose keys are ids made at random by us.
pub(crate) type ByRandomId<K, V> = HashMap<K, V, BuildHasherDefault<Own>>;

/// A map whose keys are names from the configuration. Never walked where the order could be seen either.
pub(crate) type ByName<K, V> = HashMap<K, V, BuildHasherDefault<Own>>;

/// Takes the id's own bits for its hash, and mixes those of a name.
#[derive(Default)]
pub(crate) struct Own(u64);

impl Hasher for Own {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u128(&mut self, id: u128) {
        // Folded, as the version and variant bits are the same in all ids; multiplied, as tests count ids up.
        let folded = (id ^ (id >> 64)) as u64;
        self.0 = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write(&mut self, bytes: &[u8]) {
        for eight in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..eight.len()].copy_from_slice(eight);
            let mixed = (self.0 ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            self.0 = mixed ^ (mixed >> 32);
        }
    }

    // What ends a text.
    fn write_u8(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
