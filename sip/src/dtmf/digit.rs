//! The keys of a telephone.

/// A key of the telephone, RFC 4733 events 0 to 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digit(u8);

impl Digit {
    /// The digit of an event code; [`None`] above 15 (flash and tones are not keys).
    pub fn from_event(event: u8) -> Option<Self> {
        (event < 16).then_some(Self(event))
    }

    /// The RFC 4733 §3.2 event code.
    pub const fn event(self) -> u8 {
        self.0
    }
}

/// The keys in order of their event codes.
const KEYS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D',
];

impl TryFrom<char> for Digit {
    type Error = NotADigit;

    fn try_from(key: char) -> Result<Self, Self::Error> {
        let upper = key.to_ascii_uppercase();
        (0..16)
            .find(|&event| KEYS[usize::from(event)] == upper)
            .map(Self)
            .ok_or(NotADigit(key))
    }
}

impl From<Digit> for char {
    fn from(digit: Digit) -> Self {
        KEYS[usize::from(digit.0)]
    }
}

/// The character is none of `0`-`9`, `*`, `#`, `A`-`D`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a telephone key")]
pub struct NotADigit(pub char);
