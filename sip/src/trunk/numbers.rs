//! How a trunk writes telephone numbers: to E.164 when they come in, and back when they go out.

use std::borrow::Cow;

/// A trunk's way of writing numbers. The default leaves them as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberPlan {
    /// The country code that national numbers lack, digits only, such as `49`; empty where nothing is translated.
    pub country: String,
    /// What stands before a national number, such as `0`; empty where nothing does.
    pub national: String,
    /// What stands before an international number, such as `00`.
    pub international: String,
    /// How numbers are written that go out.
    pub form: NumberForm,
}

/// How a number in E.164 is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberForm {
    /// `+4930123456`.
    #[default]
    Plus,
    /// `004930123456`: the international prefix and the number.
    International,
    /// `030123456` in the own country, with the international prefix abroad.
    National,
    /// `4930123456`.
    Digits,
}

/// Shorter ones are extensions and service numbers, which no prefix is put before.
const SHORTEST: usize = 7;
/// How many digits a number in E.164 has that was put together.
const LEAST: usize = 9;
const MOST: usize = 15;

impl NumberPlan {
    /// Returns a number that came in, in E.164 where it is one: what cannot be told is left as it is.
    pub fn read(&self, text: &str) -> String {
        // RFC 3966 parameters, which some carriers put behind the user part, are not of the number.
        let (text, params) = text.split_once(';').unwrap_or((text, ""));
        let bare = match text.starts_with('+') || !self.country.is_empty() {
            true => without_separators(text),
            false => Cow::Borrowed(text),
        };
        let text = &*bare;
        if let Some(number) = self.in_context(text, params) {
            return number;
        }
        if self.country.is_empty() || !is_digits(text) {
            return text.to_owned();
        }
        let behind = |prefix: &str| {
            let rest = text.strip_prefix(prefix).filter(|_| !prefix.is_empty());
            rest.filter(|rest| rest.len() >= SHORTEST && !rest.starts_with('0'))
        };
        let country = &self.country;
        if let Some(rest) = behind(&self.international) {
            return format!("+{rest}");
        }
        if self.form == NumberForm::Digits && behind(country).is_some() {
            return format!("+{text}");
        }
        if let Some(rest) = behind(&self.national) {
            return format!("+{country}{rest}");
        }
        // North American numbers have ten digits and never begin with 1, so that the prefix may be left out.
        let bare = self.national.is_empty() || (country == "1" && text.len() == 10);
        if bare && text.len() >= SHORTEST {
            return format!("+{country}{text}");
        }
        let abroad = self.form == NumberForm::Digits && !text.starts_with('0');
        if abroad && text.len() > SHORTEST {
            return format!("+{text}");
        }
        text.to_owned()
    }

    // RFC 3966 §5.1.5: a local number means what it does behind the digits of its context. What is too short to be a number then
    // is a service of that place.
    fn in_context(&self, text: &str, params: &str) -> Option<String> {
        let mut params = params.split(';').filter_map(|one| one.split_once('='));
        let (_, context) = params.find(|(name, _)| name.eq_ignore_ascii_case("phone-context"))?;
        let context = without_separators(context);
        let before = context.strip_prefix('+').filter(|rest| is_digits(rest))?;
        let text = &*without_separators(text);
        let national = text.strip_prefix(self.national.as_str());
        let is_ours = !self.national.is_empty() && before == self.country;
        let local = national.filter(|_| is_ours).unwrap_or(text);
        let length = before.len() + local.len();
        (is_digits(local) && (LEAST..=MOST).contains(&length)).then(|| format!("+{before}{local}"))
    }

    /// Returns a number as the trunk wants it; what is not in E.164, such as an extension, is left as it is.
    pub fn write(&self, number: &str) -> String {
        let Some(digits) = number.strip_prefix('+').filter(|rest| is_digits(rest)) else {
            return number.to_owned();
        };
        let abroad = || format!("{}{digits}", self.international);
        match self.form {
            NumberForm::Plus => number.to_owned(),
            NumberForm::Digits => digits.to_owned(),
            NumberForm::International => abroad(),
            NumberForm::National => digits
                .strip_prefix(&self.country)
                .filter(|_| !self.country.is_empty())
                .map_or_else(abroad, |rest| format!("{}{rest}", self.national)),
        }
    }
}

// RFC 3966 §5.1.1: they mean nothing.
fn without_separators(text: &str) -> Cow<'_, str> {
    let is_separator = |letter: char| matches!(letter, '-' | '.' | '(' | ')');
    let rest = text.strip_prefix('+').unwrap_or(text);
    let is_number = rest.starts_with(|first: char| first.is_ascii_digit() || first == '(')
        && rest
            .chars()
            .all(|one| one.is_ascii_digit() || is_separator(one));
    if !is_number || !text.contains(is_separator) {
        return Cow::Borrowed(text);
    }
    // A national prefix in brackets is left out behind a country.
    let text = match text.starts_with('+') {
        true => text.replace("(0)", ""),
        false => text.to_owned(),
    };
    Cow::Owned(text.replace(is_separator, ""))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(country: &str, national: &str, international: &str, form: NumberForm) -> NumberPlan {
        NumberPlan {
            country: country.to_owned(),
            national: national.to_owned(),
            international: international.to_owned(),
            form,
        }
    }

    #[test]
    fn what_comes_in_is_read_as_e164() {
        let german = plan("49", "0", "00", NumberForm::National);
        let digits = plan("49", "0", "00", NumberForm::Digits);
        let american = plan("1", "1", "011", NumberForm::Digits);
        let danish = plan("45", "", "00", NumberForm::Plus);
        let italian = plan("39", "", "00", NumberForm::Plus);
        for (plan, text, number) in [
            (&german, "+4930123456", "+4930123456"),
            (&german, "+4930123456;npdi", "+4930123456"),
            (&german, "030123456", "+4930123456"),
            (&german, "00442071838750", "+442071838750"),
            (&german, "4930123456", "4930123456"),
            (&german, "201", "201"),
            (&german, "0201", "0201"),
            (&german, "support", "support"),
            (&german, "", ""),
            (&german, "+49-30-1234567", "+49301234567"),
            (&german, "+49.(0)30.123-4567", "+49301234567"),
            (&german, "(030)123-4567", "+49301234567"),
            (&german, "30123456;phone-context=+49", "+4930123456"),
            (&german, "030123456;phone-context=+49", "+4930123456"),
            (&german, "7042;phone-context=+1-914-555", "+19145557042"),
            (&german, "030123456;npdi;Phone-Context=+49", "+4930123456"),
            (&german, "+4930123456;phone-context=+1", "+4930123456"),
            (&german, "110;phone-context=+49", "110"),
            (&german, "201;phone-context=example.com", "201"),
            (&german, "support-1", "support-1"),
            (&digits, "4930123456", "+4930123456"),
            (&digits, "030123456", "+4930123456"),
            (&american, "2125550123", "+12125550123"),
            (&american, "12125550123", "+12125550123"),
            (&american, "01144207183875", "+44207183875"),
            (&danish, "33112233", "+4533112233"),
            (&danish, "112", "112"),
            (&italian, "0612345678", "+390612345678"),
        ] {
            assert_eq!(plan.read(text), number, "{text} of {plan:?}");
        }
    }

    #[test]
    fn what_goes_out_is_written_as_the_trunk_wants_it() {
        for (form, near, far) in [
            (NumberForm::Plus, "+4930123456", "+442071838750"),
            (NumberForm::International, "004930123456", "00442071838750"),
            (NumberForm::National, "030123456", "00442071838750"),
            (NumberForm::Digits, "4930123456", "442071838750"),
        ] {
            let plan = plan("49", "0", "00", form);

            assert_eq!(plan.write("+4930123456"), near, "{form:?}");
            assert_eq!(plan.write("+442071838750"), far, "{form:?}");
            assert_eq!(plan.write("201"), "201", "{form:?}");
            assert_eq!(plan.read(near), "+4930123456", "{form:?}");
            assert_eq!(plan.read(far), "+442071838750", "{form:?}");
        }
    }

    #[test]
    fn a_trunk_without_a_country_is_left_alone() {
        let plan = NumberPlan::default();

        assert_eq!(plan.read("30123456;phone-context=+49"), "+4930123456");
        assert_eq!(plan.read("+49-30-123456"), "+4930123456");
        for text in ["030123456", "+4930123456", "0044207", "201", "20-1"] {
            assert_eq!(plan.read(text), text);
            assert_eq!(plan.write(text), text);
        }
    }
}
