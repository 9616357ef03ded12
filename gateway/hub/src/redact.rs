//! Card numbers in what people write: found by their digits, whatever script and separators, and taken out.

use std::borrow::Cow;

/// The zero of each run of ten decimal digits in Unicode (general category Nd), in order.
const ZEROS: [u32; 71] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450,
    0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50,
    0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC,
    0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950,
];

/// The fewest and the most digits of a card number (ISO/IEC 7812-1; no scheme in use has fewer than 13).
const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// Separators that lists, amounts and dates have too, and their forms in an address.
const COMMAS: [&str; 3] = [",", "%2C", "%2c"];
const SLASHES: [&str; 3] = ["/", "%2F", "%2f"];

/// The most separators between two digits of one number.
const GAP: usize = 3;

/// The groups in which cards have their digits printed.
const PRINTED: [&[usize]; 5] = [
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 4, 5],
    &[4, 4, 4, 4, 3],
];

/// The groups of a day.
const DAYS: [[usize; 3]; 2] = [[2, 2, 4], [4, 2, 2]];

/// One digit of a text.
#[derive(Clone, Copy, Debug)]
struct Digit {
    value: u8,
    from: usize,
    to: usize,
    /// Nothing at all stands between it and the digit before.
    joined: bool,
    /// It can belong to the same number as the digit before.
    linked: bool,
    /// A plus sign stands before it: a telephone number begins.
    dialled: bool,
}

/// Replaces card numbers by their last four digits.
///
/// A card number has 13 to 19 digits of any script, begins and is as long as the schemes in use say, proves right by the
/// Luhn formula, and begins and ends where a group of digits does. Up to three spaces, hyphens, dots, underscores,
/// invisible characters or their forms in an address (`+`, `%20`, `%2D`) may stand between two digits, and slashes and
/// commas between groups as cards and amounts have them.
pub fn redact(text: &str) -> Cow<'_, str> {
    let digits = digits(text);
    if digits.len() < *LENGTHS.start() {
        return Cow::Borrowed(text);
    }
    let mut clean = String::new();
    let mut kept = 0;
    let mut at = 0;
    while at < digits.len() {
        match length(text, &digits[at..], at) {
            Some(length) => {
                let number = &digits[at..at + length];
                clean.push_str(&text[kept..number[0].from]);
                clean.push_str("[card ending ");
                clean.extend(
                    number[length - 4..]
                        .iter()
                        .map(|digit| char::from(b'0' + digit.value)),
                );
                clean.push(']');
                kept = number[length - 1].to;
                at += length;
            }
            None => at += 1,
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[kept..]);
    Cow::Owned(clean)
}

/// Tells whether a text has a card number in it.
pub(crate) fn has_card(text: &str) -> bool {
    matches!(redact(text), Cow::Owned(_))
}

/// Redacts a text in place.
pub(crate) fn clean(text: &mut String) {
    if let Cow::Owned(redacted) = redact(text) {
        *text = redacted;
    }
}

// The length of the longest card number that begins with the first digit, which is the `at`th of the text.
fn length(text: &str, digits: &[Digit], at: usize) -> Option<usize> {
    let first = digits[0];
    if at > 0 && first.joined {
        return None;
    }
    let linked = digits
        .iter()
        .skip(1)
        .take_while(|digit| digit.linked)
        .count()
        + 1;
    let most = linked.min(*LENGTHS.end());
    let least = *LENGTHS.start();
    (least..=most).rev().find(|&length| {
        let number = &digits[..length];
        let ends = digits.get(length).is_none_or(|next| !next.joined);
        // A telephone number has 15 digits at most (ITU-T E.164).
        let dialled = first.dialled && length <= 15;
        ends && !dialled && is_issued(number) && is_right(number) && is_spelled(text, number)
    })
}

// Dates, amounts and lists have slashes and commas too: with these, either all groups are parted in the same way and those after
// the first have three digits or more, or they are a card's as it is printed and not two numbers with a slash each. No blank
// stands beside a comma. Two days are no card, however they are parted.
fn is_spelled(text: &str, number: &[Digit]) -> bool {
    let groups: Vec<_> = number
        .chunk_by(|_, next| next.joined)
        .map(<[Digit]>::len)
        .collect();
    let gaps: Vec<_> = number
        .windows(2)
        .filter(|pair| !pair[1].joined)
        .map(|pair| &text[pair[0].to..pair[1].from])
        .collect();
    let has = |gap: &&str, signs: &[&str]| signs.iter().any(|sign| gap.contains(sign));
    let listed = |gap: &&str| has(gap, &COMMAS) || has(gap, &SLASHES);
    if !gaps.iter().any(listed) {
        return !DAYS.iter().any(|day| groups == [*day; 2].concat());
    }
    let bare = |gap: &&str| !has(gap, &COMMAS) || COMMAS.contains(gap);
    let spelled = match &gaps[..] {
        [gap, rest @ ..] if rest.iter().all(|other| other == gap) => {
            groups[1..].iter().all(|&length| length >= 3)
        }
        [one, between, other] if one == other && listed(one) => {
            is_printed(&groups) && !between.contains(char::is_whitespace)
        }
        _ => is_printed(&groups),
    };
    gaps.iter().all(bare) && spelled
}

fn is_printed(groups: &[usize]) -> bool {
    PRINTED.contains(&groups)
}

// By the Luhn formula (ISO/IEC 7812-1, annex B).
fn is_right(number: &[Digit]) -> bool {
    let doubled = number.iter().rev().enumerate().map(|(place, digit)| {
        let value = u32::from(digit.value);
        match (place % 2, value) {
            (0, _) => value,
            (_, 0..5) => value * 2,
            (_, _) => value * 2 - 9,
        }
    });
    doubled.sum::<u32>() % 10 == 0 && number.iter().any(|digit| digit.value != number[0].value)
}

// Whether a scheme in use gives out numbers that begin so and are so long.
fn is_issued(number: &[Digit]) -> bool {
    let lead = number[..4]
        .iter()
        .fold(0_u32, |lead, digit| lead * 10 + u32::from(digit.value));
    match (lead, number.len()) {
        // Visa.
        (4000..=4999, 13 | 16 | 19) => true,
        // Mastercard.
        (5100..=5599 | 2221..=2720, 16) => true,
        // American Express.
        (3400..=3499 | 3700..=3799, 15) => true,
        // Diners Club.
        (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14..=19) => true,
        // JCB; Mir.
        (3528..=3589 | 2200..=2204, 16..=19) => true,
        // Discover, UnionPay, RuPay.
        (6000..=6299 | 6440..=6599 | 8100..=8299 | 5080..=5089, 16..=19) => true,
        // Maestro.
        (5018 | 5020 | 5038 | 5600..=5899 | 6304 | 6390 | 6700..=6799, 13..=19) => true,
        _ => false,
    }
}

fn digits(text: &str) -> Vec<Digit> {
    // Most of what is written has no digit, or few.
    let rough = text
        .bytes()
        .filter(|byte| byte.is_ascii_digit() || *byte >= 0xC0);
    if rough.count() < *LENGTHS.start() {
        return Vec::new();
    }
    let mut digits: Vec<Digit> = Vec::new();
    let mut gap = Some(0);
    let mut dialled = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let from = text.len() - rest.len();
        if let Some(value) = value(first) {
            let to = from + first.len_utf8();
            let known = !digits.is_empty();
            digits.push(Digit {
                value,
                from,
                to,
                joined: known && gap == Some(0),
                linked: known && gap.is_some_and(|gap| gap <= GAP),
                dialled: dialled && !(known && gap.is_some_and(|gap| gap <= 1)),
            });
            gap = Some(0);
            dialled = false;
            rest = &text[to..];
            continue;
        }
        let length = separator(rest);
        gap = length.and(gap).map(|gap| gap + 1);
        dialled = first == '+';
        rest = &rest[length.unwrap_or(first.len_utf8())..];
    }
    digits
}

/// Returns what a digit of any script is worth.
pub(crate) fn value(digit: char) -> Option<u8> {
    if digit.is_ascii() {
        return digit.to_digit(10).map(|value| value as u8);
    }
    let code = u32::from(digit);
    let run = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    let value = code - ZEROS[run];
    (value < 10).then_some(value as u8)
}

// How many bytes of the text are one thing that people or browsers put between the digits of one number.
fn separator(text: &str) -> Option<usize> {
    let escaped = [
        "%20", "%2D", "%2d", "%2E", "%2e", "%C2%A0", "%c2%a0", "&nbsp;",
    ];
    let mut signs = escaped.iter().chain(&COMMAS).chain(&SLASHES);
    if let Some(found) = signs.find(|found| text.starts_with(**found)) {
        return Some(found.len());
    }
    let first = text.chars().next()?;
    let apart = match first {
        '-' | '.' | '_' | '+' | '\u{AD}' | '\u{B7}' | '\u{2010}'..='\u{2015}' | '\u{2212}' => true,
        '\u{200B}'..='\u{200F}'
        | '\u{2060}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FEFF}'
        | '\u{FF0D}' => true,
        other => other.is_whitespace(),
    };
    apart.then(|| first.len_utf8())
}

/// The fewest digits that may be a telephone number.
const DIALLED: usize = 5;

/// Takes telephone numbers out of words of ours, or of a carrier, about a call: what is left of each is `…`.
pub(crate) fn forget_numbers(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, digits) = dialled(rest);
        match digits >= DIALLED {
            true => left.push('…'),
            false => left.push_str(&rest[..length.max(first.len_utf8())]),
        }
        rest = &rest[length.max(first.len_utf8())..];
    }
    left
}

// How long the number is that a text begins with, and how many digits it has.
fn dialled(text: &str) -> (usize, usize) {
    let (mut length, mut digits) = (0, 0);
    for (at, found) in text.char_indices() {
        match found {
            '0'..='9' => (length, digits) = (at + 1, digits + 1),
            '+' if at == 0 => {}
            ' ' | '-' | '/' | '.' | '(' | ')' if digits > 0 => {}
            _ => break,
        }
    }
    (length, digits)
}

#[cfg(test)]
mod tests;
