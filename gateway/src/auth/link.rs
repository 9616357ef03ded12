//! Links in mails: which mail one is of, and until when it is good, signed. Who has the link needs no other credential, so
//! that its key is none of credentials.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use ws::id::Timestamp;

use super::Rejected;

/// What the key is derived for.
const PURPOSE: &[u8] = b"tandem: links in mails, 1";
/// The bytes of a signature that are kept (RFC 2104 §5).
const TAG: usize = 16;

/// The key that signs links.
#[derive(Clone)]
pub struct LinkKey(hmac::Key);

impl LinkKey {
    /// Derives it from the secret that signs credentials.
    pub(super) fn derive(secret: &[u8]) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = hmac::sign(&secret, PURPOSE);
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// Signs a link of the mail that `row` of the journal is about, good until `until`, to the second.
    pub fn sign(&self, row: i64, until: Timestamp) -> String {
        let seconds = u32::try_from(until.0 / 1_000).unwrap_or(u32::MAX);
        let mut bytes = row.to_be_bytes().to_vec();
        bytes.extend(seconds.to_be_bytes());
        let tag = hmac::sign(&self.0, &bytes);
        bytes.extend(&tag.as_ref()[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Tells which row of the journal a link is about.
    pub fn read(&self, link: &str, now: Timestamp) -> Result<i64, Rejected> {
        let forged = Rejected::Forged;
        let bytes = URL_SAFE_NO_PAD.decode(link).map_err(|_| forged)?;
        let (signed, tag) = bytes.split_last_chunk::<TAG>().ok_or(forged)?;
        let whole = hmac::sign(&self.0, signed);
        let same = subtle::ConstantTimeEq::ct_eq(&whole.as_ref()[..TAG], &tag[..]);
        if !bool::from(same) {
            return Err(forged);
        }
        let (row, seconds) = signed.split_first_chunk().ok_or(forged)?;
        let seconds: [u8; 4] = seconds.try_into().map_err(|_| forged)?;
        if now.0 / 1_000 >= u64::from(u32::from_be_bytes(seconds)) {
            return Err(Rejected::Expired);
        }
        Ok(i64::from_be_bytes(*row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_784_400_000);

    fn key(secret: u8) -> LinkKey {
        LinkKey::derive(&[secret; 32])
    }

    #[test]
    fn a_link_reads_as_it_was_signed_until_it_is_too_old() {
        let link = key(7).sign(4_711, Timestamp(NOW.0 + 1_000));

        assert_eq!(key(7).read(&link, NOW), Ok(4_711));
        assert_eq!(
            key(7).read(&link, Timestamp(NOW.0 + 1_000)),
            Err(Rejected::Expired)
        );
        assert_eq!(link.len(), 38, "it fits into a line of a mail");
    }

    #[test]
    fn a_link_that_was_changed_or_made_by_others_is_forged() {
        let link = key(7).sign(4_711, Timestamp(NOW.0 + 1_000));

        assert_eq!(key(8).read(&link, NOW), Err(Rejected::Forged));
        for n in 0..link.len() {
            let mut changed = link.clone().into_bytes();
            changed[n] = if changed[n] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(
                key(7).read(&changed, NOW),
                Err(Rejected::Forged),
                "{changed}"
            );
        }
        for text in ["", "A", "!", &link[1..], &link[..36]] {
            assert_eq!(key(7).read(text, NOW), Err(Rejected::Forged), "{text}");
        }
    }
}
