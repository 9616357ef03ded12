//! The Session-Expires header (RFC 4028 §4).

use std::fmt;

use super::defect::Defect;
use super::lexis::trim;
use super::params::Params;

/// How long a session lasts without a refresh, and who refreshes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// The session's interval in seconds.
    pub seconds: u32,
    /// Who refreshes, where that is said.
    pub refresher: Option<Refresher>,
}

/// Who refreshes a session: a side of the transaction that the header stands in, not of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// Who sent the request.
    Uac,
    /// Who answered it.
    Uas,
}

impl std::str::FromStr for SessionExpires {
    type Err = Defect;

    fn from_str(text: &str) -> Result<Self, Defect> {
        let (digits, params) =
            text.split_at(memchr::memchr(b';', text.as_bytes()).unwrap_or(text.len()));
        let digits = trim(digits);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Defect::Number);
        }
        // More seconds than fit are as good as the most that do.
        let seconds = digits.parse().unwrap_or(u32::MAX);
        let refresher = match Params(params).get("refresher") {
            Some(side) if side.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
            Some(side) if side.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
            Some(_) | None => None,
        };
        Ok(Self { seconds, refresher })
    }
}

impl fmt::Display for SessionExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seconds)?;
        match self.refresher {
            Some(Refresher::Uac) => f.write_str(";refresher=uac"),
            Some(Refresher::Uas) => f.write_str(";refresher=uas"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_and_the_refresher_are_read_in_any_case_and_space() {
        let cases = [
            ("1800", 1800, None),
            ("90;refresher=uac", 90, Some(Refresher::Uac)),
            ("4000 ; Refresher = UAS ;x=1", 4000, Some(Refresher::Uas)),
            ("99999999999;refresher=nobody", u32::MAX, None),
        ];
        for (text, seconds, refresher) in cases {
            assert_eq!(
                text.parse(),
                Ok(SessionExpires { seconds, refresher }),
                "{text}"
            );
        }
        for text in ["", "-1", "soon", ";refresher=uac"] {
            assert_eq!(
                text.parse::<SessionExpires>(),
                Err(Defect::Number),
                "{text}"
            );
        }
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        for text in ["1800", "90;refresher=uac", "90;refresher=uas"] {
            assert_eq!(text.parse::<SessionExpires>().unwrap().to_string(), text);
        }
    }
}
