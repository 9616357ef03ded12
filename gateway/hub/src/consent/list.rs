//! Long lists of numbers that must not be called, such as a country's: eight bytes a number, found by bisection.

use ws::id::Number;

use crate::numbering::{EXTENSION, Numbering};

/// A list of numbers, sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberList {
    numbers: Vec<u64>,
}

/// A line that cannot be read. `text` is what stands there, cut to what can be shown; lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// It is no number.
    #[error(
        "line {line}: \"{text}\" is no number; write one a line, a \"+\" and 2 to 15 digits, and comments after \"#\""
    )]
    NoNumber {
        /// Which.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// It does not have the digits that make a number behind the prefix.
    #[error(
        "line {line}: \"{text}\" behind the prefix {prefix} has not the {NANP} digits of a number of +1; write 10 with the area code, such as 2025550103, or a whole number with its \"+\""
    )]
    Length {
        /// Which.
        line: usize,
        /// What stands there.
        text: String,
        /// What goes before it.
        prefix: String,
    },
}

/// The marks of numbers with and without `+`.
const PLUS: u64 = 1;
const BARE: u64 = 2;
/// How many digits a number of North America has, with the 1 of its country code.
const NANP: usize = 11;
/// How much of a wrong line is shown.
const SHOWN: usize = 40;

impl NumberList {
    /// Reads one number a line; what follows a `#` is a comment. `prefix` (such as `+1`) goes before numbers that have
    /// no `+` and no `00`; without one they are read as the house reads numbers. Where a line behind a prefix other than
    /// `+1` may be read in several ways (`0301234` and `49301234` behind `+49`), all those numbers are taken: the
    /// list may say more than was meant, never less. Adds to what is there; [`Self::seal`] makes it ready.
    pub fn read(
        &mut self,
        text: &str,
        prefix: &str,
        numbering: &Numbering,
    ) -> Result<(), LineFault> {
        for (at, line) in text.lines().enumerate() {
            let said = line.split('#').next().unwrap_or_default().trim();
            if said.is_empty() {
                continue;
            }
            let (line, text) = (at + 1, || said.chars().take(SHOWN).collect());
            let numbers = parse(said, prefix, numbering)
                .ok_or_else(|| LineFault::NoNumber { line, text: text() })?;
            let numbers = numbers.map_err(|Length| LineFault::Length {
                line,
                text: text(),
                prefix: prefix.to_owned(),
            })?;
            self.numbers.extend(numbers.iter().map(key));
        }
        Ok(())
    }

    /// Sorts what was read.
    #[must_use]
    pub fn seal(mut self) -> Self {
        self.numbers.sort_unstable();
        self.numbers.dedup();
        self.numbers.shrink_to_fit();
        self
    }

    /// Tells whether a number stands in it.
    pub fn contains(&self, number: &Number) -> bool {
        !self.numbers.is_empty() && self.numbers.binary_search(&key(number)).is_ok()
    }

    /// Returns how many numbers stand in it.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Returns how many have no `+` and are too long for an extension: they bind no call.
    pub fn unread(&self) -> usize {
        let bare = |key: &&u64| {
            let digits = key.ilog10();
            **key / 10_u64.pow(digits) == BARE && digits as usize > EXTENSION
        };
        self.numbers.iter().filter(bare).count()
    }

    /// Tells whether none does.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}

struct Length;

fn parse(said: &str, prefix: &str, numbering: &Numbering) -> Option<Result<Vec<Number>, Length>> {
    let number: Number = match said.strip_prefix("00") {
        Some(rest) => format!("+{rest}").parse().ok()?,
        None => said.parse().ok()?,
    };
    if number.as_str().starts_with('+') || prefix.is_empty() {
        return Some(Ok(vec![numbering.read(&number)]));
    }
    if prefix.starts_with("+1") {
        let number = north_american(number.as_str(), prefix)?;
        return Some(number.map(|number| vec![number]));
    }
    let readings = readings(number.as_str(), prefix);
    (!readings.is_empty()).then_some(Ok(readings))
}

// A country's own zero may stand before the area code, and the country's code before both.
fn readings(digits: &str, prefix: &str) -> Vec<Number> {
    let behind = |rest: &str| format!("{prefix}{rest}").parse().ok();
    let whole = format!("+{digits}");
    let doubled = whole.strip_prefix(prefix).and_then(behind);
    let zero = digits.strip_prefix('0').and_then(behind);
    [behind(digits), doubled, zero]
        .into_iter()
        .flatten()
        .collect()
}

// No area code begins with 1: eleven digits from a 1 on have their country code already.
fn north_american(digits: &str, prefix: &str) -> Option<Result<Number, Length>> {
    let whole = match digits.len() == NANP && digits.starts_with('1') {
        true => format!("+{digits}"),
        false => format!("{prefix}{digits}"),
    };
    if whole.len() != NANP + 1 {
        return Some(Err(Length));
    }
    whole.parse().ok().map(Ok)
}

// At most 15 digits with a leading mark: one for a number with `+`, another for one without. No two numbers share a key.
fn key(number: &Number) -> u64 {
    let text = number.as_str();
    let (mark, digits) = match text.strip_prefix('+') {
        Some(digits) => (PLUS, digits),
        None => (BARE, text),
    };
    let digits = digits.bytes();
    digits.fold(mark, |key, digit| key * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str, prefix: &str) -> NumberList {
        let mut list = NumberList::default();
        list.read(text, prefix, &Numbering::default()).unwrap();
        list.seal()
    }

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn a_list_has_one_number_a_line_and_comments() {
        let list = list(
            "# national\n+49 30 100\n\n0049-30-101 # a shop\n+4930100\r\n",
            "",
        );

        assert_eq!(list.len(), 2);
        assert!(list.contains(&number("+4930100")));
        assert!(list.contains(&number("+4930101")));
        assert!(!list.contains(&number("+4930102")));
        assert!(!list.contains(&number("4930100")));
    }

    #[test]
    fn national_numbers_get_the_countrys_prefix() {
        let list = list("2125551234\n+4930100", "+1");

        assert!(list.contains(&number("+12125551234")));
        assert!(list.contains(&number("+4930100")));
        assert!(!list.contains(&number("2125551234")));
    }

    #[test]
    fn a_country_code_that_stands_there_already_is_not_put_before_it_again() {
        let fault = |text: &str, prefix: &str| {
            let read = NumberList::default().read(text, prefix, &Numbering::default());
            read.unwrap_err().to_string()
        };

        let list = list("1-202-555-0103\n(202) 555-0104\n", "+1");

        assert!(list.contains(&number("+12025550103")));
        assert!(list.contains(&number("+12025550104")));
        for wrong in ["5550103", "22025550103", "120255501034"] {
            let text = fault(&format!("2025550103\n{wrong}\n"), "+1");
            assert!(text.starts_with("line 2: "), "{text}");
            assert!(
                text.contains(wrong) && text.contains("2025550103"),
                "{text}"
            );
        }
        assert!(fault("4949301234567890\n", "+49").contains("line 1: "));
    }

    #[test]
    fn a_line_that_may_be_read_in_several_ways_is_taken_in_all_of_them() {
        let list = list("030-1234567\n4930 1234568\n30 1234569\n", "+49");

        for listed in ["+49301234567", "+49301234568", "+49301234569"] {
            assert!(list.contains(&number(listed)), "{listed}");
        }
        // Numbers of Leer in East Frisia begin with 491.
        assert!(list.contains(&number("+4949301234568")));
        assert!(!list.contains(&number("+301234569")));
    }

    #[test]
    fn leading_zeros_and_lengths_are_not_lost() {
        let list = list("+0012\n012", "");

        assert!(list.contains(&number("012")));
        assert!(!list.contains(&number("12")));
        assert!(!list.contains(&number("+12")));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let fault = NumberList::default().read("+4930100\ncall me\n", "", &Numbering::default());

        assert_eq!(
            fault,
            Err(LineFault::NoNumber {
                line: 2,
                text: "call me".into()
            })
        );
    }

    #[test]
    fn a_million_numbers_take_eight_bytes_each() {
        let text: String = (0..1_000_000).map(|n| format!("+49{n:09}\n")).collect();

        let list = list(&text, "");

        assert_eq!(
            (list.len(), list.numbers.capacity()),
            (1_000_000, 1_000_000)
        );
        assert!(list.contains(&number("+49000999999")));
        assert!(!list.contains(&number("+49001000000")));
    }
}
