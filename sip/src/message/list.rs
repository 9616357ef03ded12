//! Values between commas.

use super::lexis::{quoted_len, trim};

/// Splits `value` at its top-level commas, leaving those in quotes and angle brackets alone. Empty values between two
/// commas are left out.
pub(super) fn split(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        loop {
            let text = rest?;
            let end = comma(text.as_bytes());
            rest = end.map(|at| &text[at + 1..]);
            let found = trim(&text[..end.unwrap_or(text.len())]);
            if !found.is_empty() {
                return Some(found);
            }
        }
    })
}

fn comma(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr3(b',', b'"', b'<', &text[at..])?;
        at += match text[at] {
            b',' => return Some(at),
            b'"' => quoted_len(&text[at..])?,
            _ => memchr::memchr(b'>', &text[at..])? + 1,
        };
    }
}
