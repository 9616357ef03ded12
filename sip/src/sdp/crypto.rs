//! Keys of SRTP in a description: `a=crypto` (RFC 4568). A peer's line may have several, each marked (MKI); ours have one, never marked.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sdp_types::{Crypto, CryptoSuite, Media, SrtpKeyParam, SrtpSessionParam};

/// How many keys one line may have.
const MOST_KEYS: usize = 8;

/// RFC 7714 §14.2 pads the key of GCM; not everybody does.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How SRTP packets are encrypted and proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// AES-128 in Galois counter mode with a tag of 128 bits (RFC 7714).
    AeadAes128Gcm,
    /// AES-128 in counter mode, HMAC-SHA1 with a tag of 80 bits (RFC 4568 §6.2.1).
    AesCm128Sha1_80,
    /// The same with a tag of 32 bits on RTP packets (RFC 4568 §6.2.2).
    AesCm128Sha1_32,
}

impl Suite {
    /// Every suite there is, the best first.
    pub const ALL: [Self; 3] = [
        Self::AeadAes128Gcm,
        Self::AesCm128Sha1_80,
        Self::AesCm128Sha1_32,
    ];

    /// Returns its name in `a=crypto`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::AesCm128Sha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128Sha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    /// Returns how many bytes of salt follow the 16 of the key.
    pub const fn salt_len(self) -> usize {
        match self {
            Self::AeadAes128Gcm => 12,
            Self::AesCm128Sha1_80 | Self::AesCm128Sha1_32 => 14,
        }
    }

    fn read(named: &CryptoSuite) -> Option<Self> {
        let name = named.as_str();
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }
}

/// A master key and its salt. Neither is ever shown by its `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterKey([u8; Self::LEN]);

impl MasterKey {
    /// Bytes that are enough for a key and a salt of every suite.
    pub const LEN: usize = 30;
    const KEY: usize = 16;

    /// Makes a key of random bytes.
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the key of 128 bits.
    pub fn key(&self) -> &[u8] {
        &self.0[..Self::KEY]
    }

    /// Returns the salt as long as `suite` wants it.
    pub fn salt(&self, suite: Suite) -> &[u8] {
        &self.0[Self::KEY..Self::KEY + suite.salt_len()]
    }

    /// Returns the part of it that `suite` uses, so that both sides have the same.
    pub(super) fn cut(mut self, suite: Suite) -> Self {
        self.0[Self::KEY + suite.salt_len()..].fill(0);
        self
    }

    fn read(text: &str, suite: Suite) -> Option<Self> {
        let bytes = LENIENT.decode(text).ok()?;
        let mut key = [0; Self::LEN];
        (bytes.len() == Self::KEY + suite.salt_len()).then(|| {
            key[..bytes.len()].copy_from_slice(&bytes);
            Self(key)
        })
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

/// What a peer marks its packets with that are under a key (RFC 3711 §3.1, MKI): a number in so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyMark {
    number: u32,
    /// 1 to 128.
    length: u8,
}

impl KeyMark {
    /// Makes a mark; none where the number does not fit into `length` bytes, or RFC 4568 §6.1 has no such length.
    pub fn new(number: u32, length: u32) -> Option<Self> {
        let room = number.checked_shr(length.saturating_mul(8)).unwrap_or(0) == 0;
        let length = u8::try_from(length).ok()?;
        (room && (1..=128).contains(&length)).then_some(Self { number, length })
    }

    /// Returns the bytes as they stand in a packet.
    pub fn bytes(&self) -> Vec<u8> {
        let number = self.number.to_be_bytes();
        let length = usize::from(self.length);
        let mut bytes = vec![0; length.saturating_sub(number.len())];
        bytes.extend_from_slice(&number[number.len().saturating_sub(length)..]);
        bytes
    }
}

/// A key that a peer sends under, and what it marks the packets with that are under it, if with anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkedKey {
    /// The key.
    pub key: MasterKey,
    /// Its mark; where a peer has several keys, each has one, all of one length.
    pub mark: Option<KeyMark>,
}

impl MarkedKey {
    /// Returns a key that is not marked.
    pub const fn plain(key: MasterKey) -> Self {
        Self { key, mark: None }
    }

    fn read(param: &SrtpKeyParam, suite: Suite) -> Option<Self> {
        let mark = match param.mki_and_length {
            Some((number, length)) => Some(KeyMark::new(number, length)?),
            None => None,
        };
        let key = MasterKey::read(&param.key_and_salt, suite)?;
        Some(Self { key, mark })
    }
}

/// One line of `a=crypto`: what its writer sends under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) tag: u32,
    pub(super) suite: Suite,
    /// One at least.
    pub(super) keys: Vec<MarkedKey>,
}

impl Line {
    /// Reads the lines that we could use, in the peer's order.
    pub(super) fn read_all(media: &Media) -> Vec<Self> {
        let lines = media.attributes_typed::<Crypto>().flatten();
        lines.filter_map(|line| Self::read(&line)).collect()
    }

    fn read(line: &Crypto) -> Option<Self> {
        let suite = Suite::read(&line.crypto_suite)?;
        let usable = line.session_params.iter().all(is_harmless);
        let params = Some(&line.key_params).filter(|all| usable && all.len() <= MOST_KEYS)?;
        let keys: Option<Vec<_>> = params
            .iter()
            .map(|param| MarkedKey::read(param, suite))
            .collect();
        Some(Self {
            tag: line.tag,
            suite,
            keys: keys.filter(|keys| are_told_apart(keys))?,
        })
    }

    /// Returns the attribute's value.
    pub(super) fn write(&self) -> String {
        let length = MasterKey::KEY + self.suite.salt_len();
        let inline = |key: &MarkedKey| format!("inline:{}", STANDARD.encode(&key.key.0[..length]));
        let keys: Vec<_> = self.keys.iter().map(inline).collect();
        format!("{} {} {}", self.tag, self.suite.name(), keys.join(";"))
    }
}

// RFC 4568 §6.1: each of several keys has a mark of its own, and all marks of a line are of one length.
fn are_told_apart(keys: &[MarkedKey]) -> bool {
    match keys {
        [] => false,
        [_] => true,
        [first, ..] => {
            let length = first.mark.map(|mark| mark.length);
            let same = |key: &MarkedKey| key.mark.map(|mark| mark.length) == length;
            let mut numbers: Vec<_> = keys.iter().filter_map(|key| key.mark).collect();
            numbers.sort_unstable_by_key(|mark| mark.number);
            numbers.dedup();
            numbers.len() == keys.len() && keys.iter().all(same)
        }
    }
}

// RFC 4568 §6.3: a parameter that is not understood makes a line unusable, and so does one that weakens it.
fn is_harmless(param: &SrtpSessionParam) -> bool {
    match param {
        SrtpSessionParam::Kdr(rate) => *rate == 0,
        SrtpSessionParam::Wsh(_) => true,
        SrtpSessionParam::Extension(name) => name.starts_with('-'),
        SrtpSessionParam::UnencryptedSrtp
        | SrtpSessionParam::UnencryptedSrtcp
        | SrtpSessionParam::UnauthenticatedSrtp
        | SrtpSessionParam::FecOrder(_)
        | SrtpSessionParam::FecKey(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    fn read(value: &str) -> Option<Line> {
        Line::read(&value.parse().ok()?)
    }

    #[test]
    fn a_line_is_written_as_it_was_read() {
        for value in [
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"),
            format!("7 AES_CM_128_HMAC_SHA1_32 inline:{KEY}"),
            "2 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==".to_owned(),
        ] {
            assert_eq!(read(&value).unwrap().write(), value);
        }
    }

    #[test]
    fn a_line_is_taken_only_when_all_of_it_is_understood() {
        let table = [
            ("AES_CM_128_HMAC_SHA1_80", "", "", true),
            ("AES_CM_128_HMAC_SHA1_80", "|2^20", "", true),
            ("AES_CM_128_HMAC_SHA1_80", "", " WSH=128", true),
            ("AES_CM_128_HMAC_SHA1_80", "", " -later=1", true),
            ("AES_CM_128_HMAC_SHA1_80", "|2^20|1:4", "", true),
            ("AES_CM_128_HMAC_SHA1_80", "|255:1", "", true),
            ("AES_CM_128_HMAC_SHA1_80", "|256:1", "", false),
            ("AES_CM_128_HMAC_SHA1_80", "|1:0", "", false),
            ("AES_CM_128_HMAC_SHA1_80", "|1:129", "", false),
            ("AES_CM_128_HMAC_SHA1_80", "", " UNENCRYPTED_SRTP", false),
            ("AES_CM_128_HMAC_SHA1_80", "", " UNENCRYPTED_SRTCP", false),
            (
                "AES_CM_128_HMAC_SHA1_80",
                "",
                " UNAUTHENTICATED_SRTP",
                false,
            ),
            ("AES_CM_128_HMAC_SHA1_80", "", " later=1", false),
            ("AES_CM_128_HMAC_SHA1_80", ";inline:x", "", false),
            ("AES_CM_128_HMAC_SHA1_80", "|1:4;inline:x|2:4", "", false),
            ("F8_128_HMAC_SHA1_80", "", "", false),
            ("AES_256_CM_HMAC_SHA1_80", "", "", false),
            // 30 bytes are two too many for its salt.
            ("AEAD_AES_128_GCM", "", "", false),
        ];
        for (suite, behind, params, taken) in table {
            let value = format!("1 {suite} inline:{KEY}{behind}{params}");
            assert_eq!(read(&value).is_some(), taken, "{value}");
        }
        assert_eq!(read("1 AES_CM_128_HMAC_SHA1_80 inline:c2hvcnQ="), None);
    }

    #[test]
    fn a_mark_has_as_many_bytes_as_it_says() {
        let mark = |number, length| Some(KeyMark::new(number, length)?.bytes());

        assert_eq!(mark(1, 4), Some(vec![0, 0, 0, 1]));
        assert_eq!(mark(0x0102, 2), Some(vec![1, 2]));
        assert_eq!(mark(7, 6), Some(vec![0, 0, 0, 0, 0, 7]));
        assert_eq!(mark(u32::MAX, 4), Some(vec![255; 4]));
        assert_eq!(mark(0x0102, 1), None);
        assert_eq!(mark(1, 128).map(|bytes| bytes.len()), Some(128));
        let marked = format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1066:4");
        assert_eq!(read(&marked).unwrap().keys[0].mark, KeyMark::new(1066, 4));
    }

    #[test]
    fn several_keys_of_a_line_are_taken_where_their_marks_tell_them_apart() {
        let other = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
        let line = |behind: &[&str]| {
            let key = |(n, behind): (usize, &&str)| match n % 2 {
                0 => format!("inline:{KEY}{behind}"),
                _odd => format!("inline:{other}{behind}"),
            };
            let keys: Vec<_> = behind.iter().enumerate().map(key).collect();
            read(&format!("1 AES_CM_128_HMAC_SHA1_80 {}", keys.join(";")))
        };

        let read = line(&["|2^20|1:4", "|2:4"]).unwrap();
        let marks = [1, 2].map(|number| KeyMark::new(number, 4));
        assert_eq!([read.keys[0].mark, read.keys[1].mark], marks);
        assert_ne!(read.keys[0].key, read.keys[1].key);

        // Unmarked, marked in part, marked the same, marks of two lengths.
        for wrong in [
            ["", ""],
            ["|1:4", ""],
            ["", "|1:4"],
            ["|1:4", "|1:4"],
            ["|1:4", "|2:1"],
        ] {
            assert_eq!(line(&wrong), None, "{wrong:?}");
        }
        let marks: Vec<_> = (0..=MOST_KEYS).map(|n| format!("|{n}:1")).collect();
        let marks: Vec<_> = marks.iter().map(String::as_str).collect();
        assert!(line(&marks[..MOST_KEYS]).is_some());
        assert_eq!(line(&marks), None);
    }

    #[test]
    fn a_key_without_padding_is_read_too() {
        let value = "1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw";

        assert_eq!(
            read(value).unwrap().keys[0]
                .key
                .salt(Suite::AeadAes128Gcm)
                .len(),
            12
        );
    }

    #[test]
    fn a_key_is_not_printed() {
        let line = read(&format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}")).unwrap();

        assert_eq!(format!("{:?}", line.keys[0].key), "MasterKey");
    }
}
