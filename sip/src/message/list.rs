//! Values between commas.

use super::lexis::{self, quoted_len, trim};

/// The values of a text between its top-level commas; those in quotes and angle brackets are left alone. Empty values
/// between two commas are left out.
#[derive(Default)]
pub(super) struct Values<'a> {
    rest: Option<&'a str>,
}

/// Splits `value` at its top-level commas.
pub(super) fn split(value: &str) -> Values<'_> {
    Values { rest: Some(value) }
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let text = self.rest?;
            let end = comma(text.as_bytes());
            self.rest = end.map(|at| &text[at + 1..]);
            let found = trim(&text[..end.unwrap_or(text.len())]);
            if !found.is_empty() {
                return Some(found);
            }
        }
    }
}

fn comma(text: &[u8]) -> Option<usize> {
    // A word such as a method or an option tag is shorter than a search takes to begin.
    let mut at = lexis::blank_len(text);
    at += lexis::len_of(&lexis::TOKEN, &text[at..]);
    loop {
        at += match text.get(at)? {
            b',' => return Some(at),
            b'"' => quoted_len(&text[at..])?,
            b'<' => memchr::memchr(b'>', &text[at..])? + 1,
            _ => memchr::memchr3(b',', b'"', b'<', &text[at..])?,
        };
    }
}
