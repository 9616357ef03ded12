//! What in a text tells who somebody is, by all that their records know of them.

use std::collections::BTreeSet;

use ws::id::Number;

use super::{Customer, Identity};
use crate::{numbering::Numbering, redact::value};

/// What stands where somebody was named.
const COVER: char = '…';
/// The fewest letters of a part of a name that is looked for.
const SHORTEST: usize = 2;
/// So many digits at its end tell a number, however it is written before them.
const TAIL: usize = 7;
/// The fewest digits of a number that is found within others.
const WITHIN: usize = 5;

/// By what somebody is found in a text.
#[derive(Debug, Default)]
pub(super) struct Traces {
    /// Parts of names, addresses and ids, in small letters.
    words: BTreeSet<String>,
    /// The ends of telephone numbers, in digits.
    numbers: BTreeSet<String>,
}

impl Traces {
    /// Takes what one record knows of them.
    pub fn follow(&mut self, record: &Customer, numbering: &Numbering) {
        if let Some(name) = &record.name {
            let parts = name.split(|letter: char| !letter.is_alphanumeric());
            let parts = parts.filter(|part| part.chars().count() >= SHORTEST);
            self.words.extend(parts.map(str::to_lowercase));
        }
        if let Some(number) = &record.number {
            self.follow_number(number, numbering);
        }
        let texts = record.mail.iter().chain(&record.verified);
        self.words.extend(texts.map(|text| text.to_lowercase()));
        for identity in record.identities.keys() {
            let text = match identity {
                Identity::Number(number) => {
                    self.follow_number(number, numbering);
                    continue;
                }
                Identity::Mail(text) | Identity::Subject(text) => text.clone(),
                Identity::Visitor(visitor) => visitor.to_string(),
                Identity::External { id, .. } => id.clone(),
            };
            self.words.insert(text.to_lowercase());
        }
    }

    fn follow_number(&mut self, number: &Number, numbering: &Numbering) {
        for one in numbering.spellings(number) {
            let (_, digits) = dialled(one.as_str());
            let digits = digits.trim_start_matches('0');
            let tail = digits.len().saturating_sub(TAIL);
            self.numbers.insert(digits[tail..].to_owned());
        }
    }

    /// Covers what tells who they are.
    pub fn cover(&self, text: &str) -> String {
        let mut left = String::with_capacity(text.len());
        let mut rest = text;
        let mut apart = true;
        while let Some(first) = rest.chars().next() {
            let found = Some(rest).filter(|_| apart).and_then(|it| self.begins(it));
            match found {
                Some(_) => left.push(COVER),
                None => left.push(first),
            }
            apart = found.is_some() || !first.is_alphanumeric();
            rest = &rest[found.unwrap_or(first.len_utf8())..];
        }
        left
    }

    // How many bytes of what a text begins with tell who they are.
    fn begins(&self, text: &str) -> Option<usize> {
        let words = self.words.iter().filter_map(|word| length(text, word));
        words.chain(self.number(text)).max()
    }

    fn number(&self, text: &str) -> Option<usize> {
        let (length, digits) = dialled(text);
        let digits = digits.trim_start_matches('0');
        let is_theirs = |number: &String| match number.len() >= WITHIN {
            true => digits.contains(number.as_str()),
            false => !number.is_empty() && digits == number,
        };
        self.numbers.iter().any(is_theirs).then_some(length)
    }
}

// How long a word is at the beginning of a text, in whatever letters it is written there; an `s` may follow it.
fn length(text: &str, word: &str) -> Option<usize> {
    let mut wanted = word.chars();
    let mut rest = text;
    while !wanted.as_str().is_empty() {
        let found = rest.chars().next()?;
        if found
            .to_lowercase()
            .any(|small| wanted.next() != Some(small))
        {
            return None;
        }
        rest = &rest[found.len_utf8()..];
    }
    let is_over = |rest: &str| !rest.starts_with(char::is_alphanumeric);
    let after = rest.strip_prefix('s').filter(|rest| is_over(rest));
    let rest = after.or(Some(rest).filter(|rest| is_over(rest)))?;
    (!word.is_empty()).then_some(text.len() - rest.len())
}

// How long the number is that a text begins with, and its digits. A zero in brackets is not dialled from abroad.
fn dialled(text: &str) -> (usize, String) {
    let (mut length, mut digits) = (0, String::new());
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("(0)").filter(|_| !digits.is_empty()) {
            rest = after;
            continue;
        }
        rest = &rest[first.len_utf8()..];
        match (value(first), first) {
            (Some(digit), _) => {
                digits.push(char::from(b'0' + digit));
                length = text.len() - rest.len();
            }
            (None, ' ' | '\u{A0}' | '-' | '/' | '.' | '(' | ')') if !digits.is_empty() => {}
            (None, '(') => {}
            (None, _) => break,
        }
    }
    (length, digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces() -> Traces {
        let mut ida = Customer {
            name: Some("Ida van Muster-Öhm".to_owned()),
            number: Some("+49301234567".parse().unwrap()),
            mail: Some("Ida@X.example".to_owned()),
            ..Customer::default()
        };
        for identity in [
            Identity::Subject("shop:4711".to_owned()),
            Identity::External {
                system: "crm".to_owned(),
                id: "42".to_owned(),
            },
            Identity::Number("200".parse().unwrap()),
        ] {
            ida.identities.insert(identity, None);
        }
        let mut traces = Traces::default();
        traces.follow(&ida, &Numbering::default());
        traces
    }

    #[test]
    fn names_addresses_numbers_and_ids_are_covered_however_they_are_written() {
        for (text, left) in [
            ("IDA VAN MUSTER asked", "… … … asked"),
            ("Idas letter, Frau muster-öhm's", "… letter, Frau …-…'s"),
            ("by ida@x.EXAMPLE, today", "by …, today"),
            ("called from 030 123 45 67.", "called from …."),
            ("+49 (0)30/1234567 and 004930-1234567", "… and …"),
            ("tel:(030) 1234567", "tel:…"),
            ("٠٣٠١٢٣٤٥٦٧", "…"),
            ("shop:4711, crm:42", "…, crm:…"),
            ("extension 200 rang", "extension … rang"),
        ] {
            assert_eq!(traces().cover(text), left, "{text}");
        }
    }

    #[test]
    fn what_tells_of_nobody_stays() {
        for text in [
            "",
            "asked for in a letter of 30.11.2026, ticket 123456",
            "Idaho, vanilla, 4200 and 1421",
            "Artikel 17 DSGVO, Az. 2001/42a",
        ] {
            assert_eq!(traces().cover(text), text);
        }
    }
}
