//! How the house reads telephone numbers: one number has many spellings, and what is said of one is said of all.

use std::collections::BTreeSet;

use sip::trunk::{NumberForm, NumberPlan};
use ws::{
    frame::{Code, Refusal},
    id::{CustomerId, Number},
};

use crate::{hub::Hub, input::refuse, redact::has_card};

/// The most digits of an extension or a service number, which have no country.
pub(crate) const EXTENSION: usize = 7;

/// What is said of a number of which it cannot be told which it is.
pub(crate) const UNREADABLE: &str = "which number this is cannot be told; write it with + and the country code, such as +49 30 1234567";

/// The house's way of reading numbers. The default knows no country and leaves them as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbering {
    plan: NumberPlan,
}

/// What a short number is where it is dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialled {
    /// Its `+` form.
    pub number: Number,
    /// How many of its signs are a prefix.
    pub written: usize,
    /// How many signs of the `+` form stand for that prefix, or for none.
    pub stands: usize,
}

impl Numbering {
    /// Makes it of a plan; how the plan writes numbers does not matter.
    pub fn new(plan: NumberPlan) -> Self {
        let form = NumberForm::Plus;
        Self {
            plan: NumberPlan { form, ..plan },
        }
    }

    /// Tells whether a country is known, so that `0…` and `00…` can be read.
    pub fn has_country(&self) -> bool {
        !self.plan.country.is_empty()
    }

    /// Returns a number in its `+` form, where it is known to be one; else as it is.
    pub fn read(&self, number: &Number) -> Number {
        let read = self.plan.read(number.as_str());
        let NumberPlan {
            country, national, ..
        } = &self.plan;
        // A national prefix of 0 is no part of the number, though people write it behind the country.
        let doubled = format!("+{country}0");
        let read = match read.strip_prefix(&doubled) {
            Some(rest) if self.has_country() && national == "0" => format!("+{country}{rest}"),
            Some(_) | None => read,
        };
        read.parse().unwrap_or_else(|_| number.clone())
    }

    /// Returns a number that somebody typed in its one form: with `+`, or short enough to be an extension.
    pub fn read_typed(&self, number: &Number) -> Result<Number, Refusal> {
        let read = self.read(number);
        check(&read)?;
        if self.is_plain(&read) {
            return Ok(read);
        }
        refuse(Code::OutOfRange, UNREADABLE)
    }

    /// Tells whether a number that was read has no other spelling: it has a `+`, or is short enough to be an extension.
    pub fn is_plain(&self, read: &Number) -> bool {
        read.as_str().starts_with('+') || read.as_str().len() <= EXTENSION
    }

    /// Returns every spelling of a number that reads as it does, the `+` form first. What was kept before the country was
    /// known may have any of them.
    pub fn spellings(&self, number: &Number) -> Vec<Number> {
        let read = self.read(number);
        let NumberPlan {
            country,
            national,
            international,
            ..
        } = &self.plan;
        let digits = read.as_str().strip_prefix('+').unwrap_or_default();
        let abroad = format!("{international}{digits}");
        let near = digits.strip_prefix(country.as_str());
        let near = near.map(|rest| format!("{national}{rest}"));
        let others = [Some(abroad), near].into_iter().flatten();
        let others = others.filter_map(|text| text.parse().ok());
        let others: Vec<_> = others
            .filter(|other| *other != read && self.read(other) == read)
            .collect();
        std::iter::once(read).chain(others).collect()
    }

    /// Returns the `+` form that a number without one has where it is dialled in the country as it is written.
    pub(crate) fn dialled(&self, number: &Number) -> Option<Dialled> {
        let NumberPlan {
            country,
            national,
            international,
            ..
        } = &self.plan;
        let text = number.as_str();
        if country.is_empty() || text.starts_with('+') {
            return None;
        }
        let behind = |prefix: &str| text.strip_prefix(prefix).filter(|_| !prefix.is_empty());
        let (written, stands, rest) = match (behind(international), behind(national)) {
            (Some(rest), _) => (international.len(), 0, rest),
            (None, Some(rest)) => (national.len(), country.len(), rest),
            (None, None) => (0, country.len(), text),
        };
        let stands_for = &country[..stands];
        Some(Dialled {
            number: format!("+{stands_for}{rest}").parse().ok()?,
            written,
            stands: 1 + stands,
        })
    }

    /// Returns the beginnings of numbers, as they are read, that one as it is written stands for: itself, and those of its
    /// `+` form.
    pub fn beginnings(&self, start: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([start.to_owned()]);
        let NumberPlan {
            country,
            national,
            international,
            ..
        } = &self.plan;
        if country.is_empty() || start.is_empty() || start.starts_with('+') {
            return all;
        }
        if let Some(rest) = start
            .strip_prefix(international.as_str())
            .filter(|_| !international.is_empty())
        {
            all.insert(format!("+{rest}"));
            return all;
        }
        if international.starts_with(start) {
            all.insert("+".to_owned());
        }
        if let Some(rest) = start.strip_prefix(national.as_str()) {
            all.insert(format!("+{country}{rest}"));
        } else if national.starts_with(start) {
            all.insert(format!("+{country}"));
        } else if country == "1" {
            // North American numbers may lack the prefix.
            all.insert(format!("+1{start}"));
        }
        all
    }
}

impl Hub {
    /// Tells whether it is known which number this is, so that the rules of the house can be held against it.
    pub(crate) fn is_readable(&self, number: &Number) -> bool {
        let numbering = &self.setup.numbering;
        numbering.is_plain(&numbering.read(number))
    }

    /// Returns the customer who is known by a number, in whichever spelling.
    pub(crate) fn owner_of(&self, number: &Number) -> Option<CustomerId> {
        let customers = self.state.customers();
        let mut all = self.setup.numbering.spellings(number).into_iter();
        all.find_map(|one| customers.by_number(&one))
    }
}

/// Refuses what is no number in its `+` form: no country's code begins with 0 (ITU-T E.164). Where which number it is cannot be
/// told, it may be that of a card.
pub(crate) fn check(read: &Number) -> Result<(), Refusal> {
    if !read.as_str().starts_with('+') && has_card(read.as_str()) {
        return refuse(
            Code::OutOfRange,
            "a card number is no telephone number here; it is kept nowhere",
        );
    }
    match read.as_str().starts_with("+0") {
        true => refuse(
            Code::OutOfRange,
            "no number begins with +0; write it with + and the country code, such as +49 30 1234567",
        ),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(country: &str, national: &str, international: &str) -> Numbering {
        Numbering::new(NumberPlan {
            country: country.to_owned(),
            national: national.to_owned(),
            international: international.to_owned(),
            form: NumberForm::Digits,
        })
    }

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn the_number_of_a_card_is_refused_and_every_telephone_number_is_taken() {
        let house = house("49", "0", "00");
        let typed = |text: &str| house.read_typed(&number(text));

        let refused = check(&number("3714 496353 98431")).unwrap_err();
        assert!(refused.text.starts_with("a card number"), "{refused:?}");
        assert!(
            typed("371449635398431")
                .unwrap_err()
                .text
                .starts_with("a card")
        );
        // The same digits behind a + may be anybody's.
        assert_eq!(check(&number("+371449635398431")), Ok(()));
        assert!(typed("0037167000000").is_ok());
        assert!(typed("030 1234567").is_ok());
    }

    #[test]
    fn every_spelling_of_a_number_reads_as_one_and_extensions_stay_as_they_are() {
        let german = house("49", "0", "00");
        for text in [
            "+49 30 1234567",
            "+49 (0)30 1234567",
            "0049 30 1234567",
            "0049 (0)30 1234567",
            "+49 030 1234567",
            "030/1234567",
        ] {
            assert_eq!(
                german.read_typed(&number(text)),
                Ok(number("+49301234567")),
                "{text}"
            );
        }
        for text in ["201", "0201", "112", "116117", "5550123"] {
            assert_eq!(german.read_typed(&number(text)), Ok(number(text)));
        }
        assert_eq!(
            german.spellings(&number("0301234567")),
            ["+49301234567", "0049301234567", "0301234567"].map(number)
        );
        assert_eq!(
            german.spellings(&number("00442071838750")),
            ["+442071838750", "00442071838750"].map(number)
        );
        assert_eq!(german.spellings(&number("201")), [number("201")]);
    }

    #[test]
    fn a_short_number_is_one_of_the_country_where_it_is_dialled() {
        let swedish = house("46", "0", "00");
        for (text, plus) in [
            ("0939123", Some("+46939123")),
            ("11833", Some("+4611833")),
            ("0088212", Some("+88212")),
            ("+4630", None),
        ] {
            let found = swedish.dialled(&number(text)).map(|one| one.number);
            assert_eq!(found, plus.map(number), "{text}");
        }
        assert_eq!(Numbering::default().dialled(&number("0939123")), None);
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        let german = house("49", "0", "00");
        let nowhere = Numbering::default();
        for (house, text) in [
            (&german, "49301234567"),
            (&german, "00001234567"),
            (&nowhere, "0049301234567"),
            (&nowhere, "0301234567"),
            (&nowhere, "33112233"),
            (&german, "+00000000000"),
            (&nowhere, "+0301234567"),
        ] {
            let refused = house.read_typed(&number(text)).unwrap_err();
            assert_eq!(refused.code, Code::OutOfRange, "{text}");
        }
        for text in ["+49301234567", "201", "0201", "5550123"] {
            assert_eq!(nowhere.read_typed(&number(text)), Ok(number(text)));
            assert_eq!(nowhere.spellings(&number(text)), [number(text)]);
        }
    }

    #[test]
    fn a_beginning_stands_for_those_of_the_plus_form() {
        let german = house("49", "0", "00");
        let american = house("1", "1", "011");
        let danish = house("45", "", "00");
        for (house, start, all) in [
            (&german, "00882", &["+882", "00882"][..]),
            (&german, "0900", &["+49900", "0900"]),
            (&german, "0", &["+", "+49", "0"]),
            (&german, "00", &["+", "00"]),
            (&german, "+49900", &["+49900"]),
            (&german, "118", &["118"]),
            (&american, "900", &["+1900", "900"]),
            (&american, "1900", &["+1900", "1900"]),
            (&american, "01144", &["+44", "01144"]),
            (&danish, "90", &["+4590", "90"]),
            (&Numbering::default(), "00882", &["00882"]),
        ] {
            let found: Vec<_> = house.beginnings(start).into_iter().collect();
            assert_eq!(found, all, "{start}");
        }
    }
}
