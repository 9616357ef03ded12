//! Places in lists: the place itself, signed, so that a page begins behind it whatever has become of the thing that stood
//! there. Who has one may see nothing by it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use ws::id::CallbackId;

/// What the key is derived for.
const PURPOSE: &[u8] = b"tandem: places in lists, 1";
/// The bytes of a signature that are kept (RFC 2104 §5).
const TAG: usize = 8;

/// The key that signs places.
#[derive(Clone)]
pub struct CursorKey(hmac::Key);

/// A place in the list of promised calls: they are in the order of this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When the call there was due.
    pub due: i64,
    /// Which it was.
    pub callback: CallbackId,
}

/// Why a text is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no place in this list; `after` is what the Link header of the page before has")]
pub struct NoPlace;

impl CursorKey {
    /// Derives it from the secret that signs credentials.
    pub(super) fn derive(secret: &[u8]) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = hmac::sign(&secret, PURPOSE);
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// Writes a place.
    pub fn sign(&self, place: Place) -> String {
        let mut bytes = place.due.to_be_bytes().to_vec();
        bytes.extend(place.callback.to_string().into_bytes());
        self.write(&[], bytes)
    }

    /// Writes the place of what is called `name` in a list whose order is that of names.
    pub fn sign_name(&self, list: &str, name: &str) -> String {
        self.write(&prefix(list), name.to_owned().into_bytes())
    }

    fn write(&self, before: &[u8], mut bytes: Vec<u8>) -> String {
        let tag = self.tag(before, &bytes);
        bytes.extend(&tag.as_ref()[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn tag(&self, before: &[u8], bytes: &[u8]) -> hmac::Tag {
        let mut whole = hmac::Context::with_key(&self.0);
        whole.update(before);
        whole.update(bytes);
        whole.sign()
    }

    /// Reads a place that was written here.
    pub fn read(&self, text: &str) -> Result<Place, NoPlace> {
        let signed = self.open(&[], text)?;
        let (due, callback) = signed.split_first_chunk().ok_or(NoPlace)?;
        let callback = std::str::from_utf8(callback).map_err(|_| NoPlace)?;
        Ok(Place {
            due: i64::from_be_bytes(*due),
            callback: callback.parse().map_err(|_| NoPlace)?,
        })
    }

    /// Reads a name that was written here for `list`.
    pub fn read_name(&self, list: &str, text: &str) -> Result<String, NoPlace> {
        let signed = self.open(&prefix(list), text)?;
        String::from_utf8(signed).map_err(|_| NoPlace)
    }

    fn open(&self, before: &[u8], text: &str) -> Result<Vec<u8>, NoPlace> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoPlace)?;
        let (signed, tag) = bytes.split_last_chunk::<TAG>().ok_or(NoPlace)?;
        let whole = self.tag(before, signed);
        let same = subtle::ConstantTimeEq::ct_eq(&whole.as_ref()[..TAG], &tag[..]);
        if !bool::from(same) {
            return Err(NoPlace);
        }
        bytes.truncate(bytes.len() - TAG);
        Ok(bytes)
    }
}

// No place of the list of promised calls begins so: its time would be before 1970.
fn prefix(list: &str) -> Vec<u8> {
    [&[0xff_u8][..], list.as_bytes(), &[0]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: u8) -> CursorKey {
        CursorKey::derive(&[secret; 32])
    }

    #[test]
    fn a_place_reads_as_it_was_written_and_nothing_else_is_one() {
        let callback = "0af7651916cd43dd8448eb211c80319c.c12".parse().unwrap();
        let place = Place {
            due: 1_795_784_400_000,
            callback,
        };
        let text = key(7).sign(place);

        assert_eq!(key(7).read(&text), Ok(place));
        assert_eq!(key(8).read(&text), Err(NoPlace));
        for n in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[n] = if changed[n] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(key(7).read(&changed), Err(NoPlace), "{changed}");
        }
        let named = callback.to_string();
        for text in ["", "A", "!", &named, &text[1..], &text[..12]] {
            assert_eq!(key(7).read(text), Err(NoPlace), "{text}");
        }
    }

    #[test]
    fn a_name_reads_as_it_was_written_for_its_list_alone() {
        let text = key(7).sign_name("agents", "anna");

        assert_eq!(key(7).read_name("agents", &text).as_deref(), Ok("anna"));
        assert_eq!(key(8).read_name("agents", &text), Err(NoPlace));
        assert_eq!(key(7).read_name("agent", &text), Err(NoPlace));
        assert_eq!(key(7).read(&text), Err(NoPlace));
        for text in ["", "A", "-1", "anna", &text[1..]] {
            assert_eq!(key(7).read_name("agents", text), Err(NoPlace), "{text}");
        }
    }
}
