//! The hash functions of digest authentication.

use std::fmt::{self, Write};

use md5::Digest;

/// A digest algorithm, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// RFC 2617; what is meant when a challenge names none.
    Md5,
    /// MD5, with a key made for one nonce.
    Md5Sess,
    /// RFC 7616.
    Sha256,
    /// SHA-256, with a key made for one nonce.
    Sha256Sess,
    /// RFC 7616: SHA-512 cut to 256 bits.
    Sha512256,
    /// SHA-512/256, with a key made for one nonce.
    Sha512256Sess,
}

impl Algorithm {
    const ALL: [Self; 6] = [
        Self::Md5,
        Self::Md5Sess,
        Self::Sha256,
        Self::Sha256Sess,
        Self::Sha512256,
        Self::Sha512256Sess,
    ];

    /// Finds the algorithm called `name`, in any case.
    pub fn read(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(name))
    }

    /// Returns the name as it stands in headers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Md5Sess => "MD5-sess",
            Self::Sha256 => "SHA-256",
            Self::Sha256Sess => "SHA-256-sess",
            Self::Sha512256 => "SHA-512-256",
            Self::Sha512256Sess => "SHA-512-256-sess",
        }
    }

    /// Whether the key is made anew for each nonce (§3.4.2).
    pub fn is_session(self) -> bool {
        self != self.base()
    }

    /// Returns the algorithm without `-sess`, whose hash it uses.
    pub fn base(self) -> Self {
        match self {
            Self::Md5 | Self::Md5Sess => Self::Md5,
            Self::Sha256 | Self::Sha256Sess => Self::Sha256,
            Self::Sha512256 | Self::Sha512256Sess => Self::Sha512256,
        }
    }

    /// Hashes `parts` joined by colons, and returns lower-case hex.
    pub(super) fn hash(self, parts: &[&str]) -> String {
        match self.base() {
            Self::Sha256 | Self::Sha256Sess => hex(&digest::<sha2::Sha256>(parts)),
            Self::Sha512256 | Self::Sha512256Sess => hex(&digest::<sha2::Sha512_256>(parts)),
            Self::Md5 | Self::Md5Sess => hex(&digest::<md5::Md5>(parts)),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

fn digest<D: Digest>(parts: &[&str]) -> Vec<u8> {
    let mut digest = D::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            digest.update(b":");
        }
        digest.update(part.as_bytes());
    }
    digest.finalize().to_vec()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("strings take all text");
    }
    text
}
