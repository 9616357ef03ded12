//! Nonces that need not be remembered to be recognised.

use std::collections::BTreeMap;
use std::time::Duration;

use md5::Digest;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::algorithm::hex;
use crate::Instant;

/// How many nonces have their counts remembered; one more forgets the oldest, whose users are challenged anew.
const REMEMBERED: usize = 65_536;

/// Makes and recognises nonces: a serial number and a time, signed. Only the counts of used nonces are kept.
#[derive(Debug)]
pub(super) struct Nonces {
    key: Key,
    lifetime: Duration,
    next: u64,
    used: BTreeMap<u64, Counts>,
    // Nonces before this one are no longer believed, as their counts were forgotten.
    floor: u64,
}

/// Why a nonce does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    /// It is not one of ours: forged, or from before a restart.
    Foreign,
    /// It is too old.
    Expired,
    /// It was used with this count before.
    Replayed,
}

/// A nonce that is ours and young enough.
#[derive(Clone, Copy, Debug)]
pub(super) struct Live(u64);

/// The highest count seen, and which of the 64 below it.
#[derive(Clone, Copy, Debug)]
struct Counts {
    highest: u32,
    below: u64,
}

impl Nonces {
    pub fn new(seed: [u8; 32], lifetime: Duration) -> Self {
        Self {
            key: Key(seed),
            lifetime,
            next: 0,
            used: BTreeMap::new(),
            floor: 0,
        }
    }

    /// Makes a nonce.
    pub fn issue(&mut self, now: Instant) -> String {
        let serial = self.next;
        self.next += 1;
        let made = now.since_start().as_millis();
        let mut body = [0; 16];
        body[..8].copy_from_slice(&serial.to_be_bytes());
        body[8..].copy_from_slice(&u64::try_from(made).unwrap_or(u64::MAX).to_be_bytes());
        let seal = self.key.seal(&body);
        hex(&body) + &hex(&seal[..16])
    }

    /// Recognises a nonce of ours that is not too old.
    pub fn recognise(&self, nonce: &str, now: Instant) -> Result<Live, Spent> {
        let whole = unhex(nonce).ok_or(Spent::Foreign)?;
        let (body, seal) = whole.split_at(16);
        let ours = self.key.seal(body);
        if !bool::from(ours[..16].ct_eq(seal)) {
            return Err(Spent::Foreign);
        }
        let number =
            |half: &[u8]| u64::from_be_bytes(half.try_into().expect("eight bytes are eight bytes"));
        let (serial, made) = (number(&body[..8]), number(&body[8..]));
        let age = now.since(Instant::after_start(Duration::from_millis(made)));
        if age > self.lifetime || serial < self.floor {
            return Err(Spent::Expired);
        }
        Ok(Live(serial))
    }

    /// Notes that a nonce was used. An answer without a count uses it up (RFC 2069 has no defence against replays).
    pub fn spend(&mut self, nonce: Live, nc: Option<u32>) -> Result<(), Spent> {
        let Live(serial) = nonce;
        match (self.used.get_mut(&serial), nc) {
            (Some(_), None) => return Err(Spent::Replayed),
            (Some(counts), Some(nc)) => {
                return counts.note(nc).then_some(()).ok_or(Spent::Replayed);
            }
            (None, nc) => {
                let highest = nc.unwrap_or(u32::MAX);
                self.used.insert(
                    serial,
                    Counts {
                        highest,
                        below: if nc.is_some() { 0 } else { u64::MAX },
                    },
                );
            }
        }
        if self.used.len() > REMEMBERED {
            let (oldest, _) = self.used.pop_first().expect("there are many");
            self.floor = oldest + 1;
        }
        Ok(())
    }
}

impl Counts {
    /// Notes a count; false if it was there before, or is too far back to know.
    fn note(&mut self, nc: u32) -> bool {
        if nc > self.highest {
            let step = nc - self.highest;
            let shifted = self.below.checked_shl(step).unwrap_or(0);
            let last = if step <= 64 { 1 << (step - 1) } else { 0 };
            *self = Self {
                highest: nc,
                below: shifted | last,
            };
            return true;
        }
        let back = self.highest - nc;
        if back == 0 || back > 64 || self.below & (1 << (back - 1)) != 0 {
            return false;
        }
        self.below |= 1 << (back - 1);
        true
    }
}

fn unhex(nonce: &str) -> Option<[u8; 32]> {
    let digits = nonce.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut whole = [0; 32];
    for (byte, pair) in whole.iter_mut().zip(digits.chunks_exact(2)) {
        let value = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(value(pair[0])? << 4 | value(pair[1])?).ok()?;
    }
    Some(whole)
}

struct Key([u8; 32]);

impl Key {
    /// HMAC-SHA-256 (RFC 2104).
    fn seal(&self, body: &[u8]) -> [u8; 32] {
        let pad = |with: u8| {
            let mut block = [with; 64];
            for (byte, key) in block.iter_mut().zip(self.0) {
                *byte ^= key;
            }
            block
        };
        let inner = Sha256::new()
            .chain_update(pad(0x36))
            .chain_update(body)
            .finalize();
        Sha256::new()
            .chain_update(pad(0x5c))
            .chain_update(inner)
            .finalize()
            .into()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seal_is_hmac_sha_256() {
        // RFC 4231 has no 32-byte key; this vector was made with OpenSSL: key of 32 times 0x0b, "Hi There".
        let key = Key([0x0b; 32]);

        let seal = key.seal(b"Hi There");

        assert_eq!(
            hex(&seal),
            "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"
        );
    }

    #[test]
    fn counts_may_come_out_of_order_but_never_twice() {
        let mut counts = Counts {
            highest: 5,
            below: 0,
        };

        assert!(counts.note(3));
        assert!(!counts.note(3));
        assert!(!counts.note(5));
        assert!(counts.note(70));
        assert!(!counts.note(5), "65 back is too far to know");
        assert!(counts.note(6));
        assert!(!counts.note(6));
        assert!(!counts.note(70));
    }

    #[test]
    fn a_step_keeps_what_was_seen_below() {
        let mut counts = Counts {
            highest: 1,
            below: 0,
        };

        assert!(counts.note(2));
        assert!(counts.note(4));

        assert!(!counts.note(1));
        assert!(!counts.note(2));
        assert!(counts.note(3));
    }

    #[test]
    fn memory_is_bounded_and_what_is_forgotten_is_not_believed() {
        let now = Instant::START;
        let mut nonces = Nonces::new([7; 32], Duration::from_secs(60));
        let first = nonces.issue(now);

        for serial in 0..=REMEMBERED as u64 {
            nonces.spend(Live(serial), Some(1)).unwrap();
        }

        assert_eq!(nonces.used.len(), REMEMBERED);
        assert_eq!(nonces.recognise(&first, now).err(), Some(Spent::Expired));
    }
}
