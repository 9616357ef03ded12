//! A piece of a received message that can be kept: UTF-8 text sharing the message's buffer.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use bytes::Bytes;

/// Owned UTF-8 text, usually a slice of the datagram it came in; cloning it copies no bytes.
#[derive(Clone, Default)]
pub struct Text(Bytes);

impl Text {
    /// Takes `bytes` if they are UTF-8.
    pub fn from_utf8(bytes: Bytes) -> Option<Self> {
        std::str::from_utf8(&bytes).ok()?;
        Some(Self(bytes))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("checked when the text was made")
    }

    /// Returns a copy with its own small buffer, so that the message it came from can be freed.
    pub fn detached(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }

    /// Shares `part`, a slice of the UTF-8 text in `bytes`.
    pub(super) fn of(bytes: &Bytes, part: &str) -> Self {
        Self(bytes.slice_ref(part.as_bytes()))
    }

    pub(super) fn get(&self, span: Span) -> &str {
        span.text(&self.0)
    }

    pub(super) fn buffer(&self) -> &Bytes {
        &self.0
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A range inside a message or value; both are bounded well below 64 KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u16,
    end: u16,
}

impl Span {
    /// Makes a span of a range that the caller has bounded.
    pub(super) fn new(start: usize, end: usize) -> Self {
        let bound = |at: usize| u16::try_from(at).expect("messages are bounded to 64 KiB");
        Self {
            start: bound(start),
            end: bound(end),
        }
    }

    /// Locates `part`, a slice of `whole`, inside it.
    pub(super) fn of(whole: &str, part: &str) -> Self {
        let start = part.as_ptr() as usize - whole.as_ptr() as usize;
        Self::new(start, start + part.len())
    }

    /// Returns the same part of the text that `place` is of.
    pub(super) fn behind(self, place: Self) -> Self {
        Self {
            start: place.start + self.start,
            end: place.start + self.end,
        }
    }

    pub(super) fn start(self) -> usize {
        usize::from(self.start)
    }

    pub(super) fn end(self) -> usize {
        usize::from(self.end)
    }
}
